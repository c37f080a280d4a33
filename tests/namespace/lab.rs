//! The network of the lab, and what a test can do in it.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use sqlreach::evidence::{Attempt, Evidence, Look, Resolve, Test, Witness};

use crate::capture::Capture;
use crate::etc::{Etc, OVER};
pub use crate::network::Running;
use crate::network::{Network, must_run};

/// The variable that tells the program inside a namespace what to do.
pub const TASK: &str = "SQLREACH_LAB_TASK";
/// The variable that names its hosts file.
pub const HOSTS: &str = "SQLREACH_LAB_HOSTS";
/// What the program under test prints its result behind.
pub const MARK: &str = "SAW ";
/// How it is started.
const INSIDE: [&str; 4] = [
    "--exact",
    "inside_a_namespace",
    "--nocapture",
    "--test-threads=1",
];

/// The network, and what the tests do in it.
pub struct Lab(Network);

impl Lab {
    /// `None`, and a word about it, where there is no privilege or no tool.
    pub fn new() -> Option<Self> {
        match Network::build(&["nft", "tcpdump", "setpriv"]) {
            Ok(network) => Some(Self(network)),
            Err(why) if must_run() => panic!("no network namespaces: {why}"),
            Err(why) => {
                eprintln!("skipped: {why}");
                None
            }
        }
    }

    /// `ip` for the client's part.
    pub fn ip(&self, arguments: &[&str]) {
        self.0.ip_in("c", arguments);
    }

    /// Replaces all rules of one part of the network by this one.
    pub fn rule(&self, part: &str, hook: &str, rule: &str) {
        self.nft(part, "flush ruleset");
        self.nft(part, "add table inet lab");
        self.nft(
            part,
            &format!("add chain inet lab {hook} {{ type filter hook {hook} priority 0 ; }}"),
        );
        self.add(part, hook, rule);
    }

    pub fn add(&self, part: &str, hook: &str, rule: &str) {
        self.nft(part, &format!("add rule inet lab {hook} {rule}"));
    }

    pub fn nft(&self, part: &str, command: &str) {
        self.0.nft(part, command);
    }

    /// This very program inside one part of the network, told by its environment what to do.
    fn inside(&self, part: &str, task: &str) -> Command {
        let mut command = self.0.within(part);
        command
            .arg(std::env::current_exe().unwrap())
            .args(INSIDE)
            .env(TASK, task);
        command
    }

    /// What the real program prints at the client.
    pub fn sqlreach(&self, home: &Path, arguments: &[&str]) -> String {
        let mut command = self.0.within("c");
        Network::sqlreach(&mut command, home, arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// The same on a machine with this policy.
    pub fn sqlreach_under(&self, etc: &Etc, home: &Path, arguments: &[&str]) -> String {
        let mut command = self.0.within("c");
        command.args(["sh", "-c", OVER, "sh"]).arg(etc.path());
        Network::sqlreach(&mut command, home, arguments);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// What a task says that runs at the client.
    pub fn saw(&self, task: &str, hosts: Option<&str>) -> String {
        let mut command = self.inside("c", task);
        if let Some(hosts) = hosts {
            command.env(HOSTS, hosts);
        }
        Self::saw_by(command)
    }

    /// Through the system's own resolver, whose configuration is replaced in a mount
    /// namespace that ends with the command.
    pub fn resolve(&self, name: &str) -> Resolve {
        let mut conf = tempfile::NamedTempFile::new().unwrap();
        writeln!(
            conf,
            "nameserver 10.77.2.2\nsearch corp.test\noptions timeout:1 attempts:1"
        )
        .unwrap();
        let mut command = self.0.within("c");
        command
            .args(["sh", "-c"])
            .arg("mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\"")
            .args(["sh", conf.path().to_str().unwrap()])
            .arg(std::env::current_exe().unwrap())
            .args(INSIDE)
            .env(TASK, format!("system {name}"));
        let evidence: Evidence = serde_json::from_str(&Self::saw_by(command)).unwrap();
        evidence.layers.resolve
    }

    fn saw_by(mut command: Command) -> String {
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let saw = text.lines().find_map(|line| line.split_once(MARK));
        saw.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
            .1
            .to_owned()
    }

    pub fn probe(&self, target: &str) -> Evidence {
        self.probe_with(target, None)
    }

    pub fn probe_with(&self, target: &str, hosts: Option<&str>) -> Evidence {
        serde_json::from_str(&self.saw(&format!("probe {target}"), hosts)).unwrap()
    }

    /// A task in the client's part, its names asked at the DNS server of the lab, and what
    /// it says line by line.
    pub fn talk(&self, task: &str) -> Talking {
        let mut command = self.with_dns();
        command
            .arg(std::env::current_exe().unwrap())
            .args(INSIDE)
            .env(TASK, task)
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Talking {
            lines,
            _running: Running(child),
        }
    }

    /// What the program itself prints in the client's part.
    pub fn sqlreach_with_dns(&self, arguments: &[&str]) -> String {
        let home = tempfile::tempdir().unwrap();
        let mut command = self.with_dns();
        command
            .arg(env!("CARGO_BIN_EXE_sqlreach"))
            .args(arguments)
            .env("HOME", home.path());
        for folder in ["XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env(folder, home.path());
        }
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// The program in the client's part, at home in `home`, with a hosts file and a
    /// configuration of the resolver of its own.
    pub fn program(&self, home: &Path, hosts: &str, resolver: &str) -> Command {
        let script = "mount -t tmpfs lab /mnt && \
            printf '%s\\n' \"$1\" >/mnt/hosts && mount --bind /mnt/hosts /etc/hosts && \
            printf '%s\\n' \"$2\" >/mnt/resolver && mount --bind /mnt/resolver /etc/resolv.conf && \
            shift 2 && exec \"$@\"";
        let mut command = self.0.within("c");
        command.args(["sh", "-c", script, "sh", hosts, resolver]);
        for folder in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env(folder, home);
        }
        command
    }

    /// Writes into the client's `/proc/sys/net`.
    pub fn switch(&self, name: &str, value: &str) {
        let script = format!("echo '{value}' >/proc/sys/net/{name}");
        let mut command = self.0.within("c");
        let ended = command.args(["sh", "-c", &script]).status().unwrap();
        assert!(ended.success());
    }

    /// The start of a command in the client's part, where the system's own resolver asks
    /// the lab's DNS server.
    fn with_dns(&self) -> Command {
        let script = "printf '%s\\n' 'nameserver 10.77.2.2' 'search corp.test' \
            'options timeout:1 attempts:1' > /run/resolv.lab.conf; \
            mount --bind /run/resolv.lab.conf /etc/resolv.conf && exec \"$@\"";
        let mut command = self.0.within("c");
        command.args(["sh", "-c", script, "sh"]);
        command
    }

    /// Takes the rules of one part away.
    pub fn no_rules(&self, part: &str) {
        self.nft(part, "flush ruleset");
    }

    pub fn attempt(&self, target: &str) -> Attempt {
        self.probe(target).layers.connect.attempts.remove(0)
    }

    pub fn look(&self, test: &Test) -> Look {
        let test = serde_json::to_string(test).unwrap();
        serde_json::from_str::<Witness>(&self.saw(&format!("look {test}"), None))
            .unwrap()
            .look
    }

    /// A SQL Server at `endpoint`, until it is dropped.
    pub fn server(&self, endpoint: &str) -> Running {
        self.run("s", &format!("serve {endpoint}"))
    }

    pub fn run(&self, part: &str, task: &str) -> Running {
        let mut child = self
            .inside(part, task)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("READY")));
        Running(child)
    }

    /// Everything that passes the client's only card.
    pub fn capture(&self) -> Capture {
        // Neighbour and router discovery belong to the system, not to the probe.
        let filter = "tcp or udp or icmp";
        let mut child = self
            .0
            .within("c")
            .args([
                "tcpdump",
                // Short slots, so that a burst finds room.
                "-s2048",
                "-B8192",
                "-Un",
                "-w",
                "-",
                "--immediate-mode",
                "-i",
                "c0",
                filter,
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        assert!(said.any(|line| line.unwrap().contains("listening on")));
        Capture::of(child)
    }
}

/// A task that tells what it sees.
pub struct Talking {
    lines: Lines<BufReader<ChildStdout>>,
    _running: Running,
}

impl Talking {
    /// The next thing that it saw.
    pub fn next(&mut self) -> String {
        let saw = self.lines.find_map(|line| {
            let line = line.unwrap();
            Some(line.split_once(MARK)?.1.to_owned())
        });
        saw.expect("the task ended")
    }
}
