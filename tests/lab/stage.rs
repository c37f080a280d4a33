//! Builds what a scenario tells, and runs the program in it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::inside::Task;
use crate::network::{Network, Running};
use crate::places;
use crate::scenario::{Client, Dnsmasq, Does, Expect, Families, Rule, Scenario, Server};

/// The variable that tells the program inside a part what to do.
pub const TASK: &str = "SQLREACH_LAB_PART";
/// Where the engine of the control listens: no fault speaks of this port.
const CONTROL: u16 = 14330;

/// What the program said.
pub struct Outcome {
    /// Its own document.
    pub document: Value,
    /// From start to end, as seen from outside.
    pub took: Duration,
    /// What each row was asked for; the last one is the control.
    pub asked: Vec<Asked>,
}

/// One target on the command line.
pub struct Asked {
    pub target: String,
    pub family: usize,
    /// The number of what is expected; none for the control.
    pub expect: Option<usize>,
}

/// Sets up, runs, and takes all of it away again.
pub fn play(scenario: &mut Scenario) -> Outcome {
    let network = Network::build(&["nft", "setpriv"]).unwrap();
    for ip in &scenario.ip {
        for family in 0..if places::is_of_both(&ip.run) { 2 } else { 1 } {
            let run = places::fill(&ip.run, family);
            let words: Vec<&str> = run.split_whitespace().collect();
            network.ip_in(&ip.part, &words);
        }
    }
    for rule in &scenario.rules {
        add(&network, rule);
    }
    let mut running = link(&network, scenario);
    running.extend(serve(&network, scenario));
    running.extend(scenario.dnsmasq.iter().map(|dns| dnsmasq(&network, dns)));
    let asked = asked(scenario);
    let home = tempfile::tempdir().unwrap();
    let mut command = network.within("c");
    let files = settings(&scenario.client, home.path());
    let mounts = "mount --bind \"$1\" /etc/resolv.conf && mount --bind \"$2\" /etc/hosts \
        && shift 2 && exec \"$@\"";
    command.args(["sh", "-c", mounts, "sh"]).args(files);
    let mut arguments = vec!["check", "--format", "json"];
    arguments.extend(scenario.run.path.then_some("--path"));
    arguments.extend(scenario.run.arguments.iter().map(String::as_str));
    arguments.extend(asked.iter().map(|asked| asked.target.as_str()));
    Network::sqlreach(&mut command, home.path(), &arguments);
    let begun = Instant::now();
    let output = command.output().unwrap();
    let took = begun.elapsed();
    let document = serde_json::from_slice(&output.stdout);
    let document = document.unwrap_or_else(|error| panic!("no document ({error}): {output:?}"));
    Outcome {
        document,
        took,
        asked,
    }
}

fn add(network: &Network, rule: &Rule) {
    let Rule { hook, part, .. } = rule;
    let (kind, priority) = if rule.nat {
        ("nat", "-100")
    } else {
        ("filter", "0")
    };
    let chain = format!("{kind}_{hook}");
    let families = if places::is_of_both(&rule.text) { 2 } else { 1 };
    for family in 0..families {
        let rule = places::fill(&rule.text, family);
        let rule = match (families, family) {
            (1, _) => rule,
            (_, 0) => format!("ip {rule}"),
            _ => format!("ip6 {rule}"),
        };
        network.nft(
            part,
            &format!(
                "add table inet lab; add chain inet lab {chain} \
                {{ type {kind} hook {hook} priority {priority} ; }}; \
                add rule inet lab {chain} {rule}"
            ),
        );
    }
}

/// The faults of the way behind the client's router.
fn link(network: &Network, scenario: &Scenario) -> Vec<Running> {
    let link = &scenario.link;
    let mut faults = Vec::new();
    if link.loss > 0 {
        faults.push(format!("numgen random mod 100 < {} drop", link.loss));
    }
    if let Some(largest) = link.largest {
        faults.push(format!("meta length > {largest} drop"));
    }
    for text in faults {
        let rule = Rule {
            part: "r".to_owned(),
            hook: "forward".to_owned(),
            text,
            nat: false,
        };
        add(network, &rule);
    }
    if link.delay_ms == 0 {
        return Vec::new();
    }
    let mut relay = network.within("r");
    relay.args(["python3", "-c", include_str!("delay.py")]);
    relay.arg(link.delay_ms.to_string());
    vec![until_ready(relay)]
}

/// One process for each part that has something to serve.
fn serve(network: &Network, scenario: &mut Scenario) -> Vec<Running> {
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    let control = Server::engine(&scenario.run.control, CONTROL);
    for server in scenario.servers.drain(..).chain([control]) {
        let task = tasks.entry(server.part.clone()).or_default();
        task.servers.push(server);
    }
    for dns in scenario.dns.drain(..) {
        tasks.entry(dns.part.clone()).or_default().dns.push(dns);
    }
    for browser in scenario.browsers.drain(..) {
        let task = tasks.entry(browser.part.clone()).or_default();
        task.browsers.push(browser);
    }
    let start = |(part, task): (&String, &Task)| {
        let mut command = network.within(part);
        command.arg(std::env::current_exe().unwrap());
        command.env(TASK, serde_json::to_string(task).unwrap());
        until_ready(command)
    };
    tasks.iter().map(start).collect()
}

/// It says `started` when its sockets are open.
fn dnsmasq(network: &Network, dns: &Dnsmasq) -> Running {
    let mut command = network.within(&dns.part);
    command.args(["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null"]);
    command.args([
        "--no-resolv",
        "--no-hosts",
        "--pid-file=",
        "--log-facility=-",
    ]);
    let options = dns.options.iter();
    let options = options.flat_map(|text| places::fill_both(text));
    command.args(options.map(|option| format!("--{option}")));
    let mut running = Running(command.stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line.contains("started")));
    assert!(ready, "it ended: {command:?}");
    running
}

fn until_ready(mut command: Command) -> Running {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running(piped.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line == "READY"));
    assert!(ready, "it ended: {command:?}");
    running
}

/// resolv.conf and hosts.
fn settings(client: &Client, home: &Path) -> [PathBuf; 2] {
    let servers = client.nameservers.iter();
    let servers = servers.flat_map(|text| places::fill_both(text));
    let mut resolv: Vec<String> = servers
        .map(|server| format!("nameserver {server}"))
        .collect();
    if !client.search.is_empty() {
        resolv.push(format!("search {}", client.search.join(" ")));
    }
    if !client.options.is_empty() {
        resolv.push(format!("options {}", client.options));
    }
    let mut hosts = vec!["127.0.0.1 localhost".to_owned()];
    let lines = client.hosts.iter();
    hosts.extend(lines.flat_map(|text| places::fill_both(text)));
    [("resolv.conf", resolv), ("hosts", hosts)].map(|(name, lines)| {
        let path = home.join(name);
        let mut file = std::fs::File::create(&path).unwrap();
        writeln!(file, "{}", lines.join("\n")).unwrap();
        path
    })
}

fn asked(scenario: &Scenario) -> Vec<Asked> {
    let mut asked = Vec::new();
    for (number, expect) in scenario.expects.iter().enumerate() {
        asked.extend(families(expect).map(|family| Asked {
            target: places::fill(&expect.target, family),
            family,
            expect: Some(number),
        }));
    }
    asked.push(Asked {
        target: format!("{},{CONTROL}", places::of_part(&scenario.run.control)),
        family: 0,
        expect: None,
    });
    asked
}

fn families(expect: &Expect) -> std::ops::Range<usize> {
    match expect.families {
        Families::Both if places::is_of_both(&expect.target) => 0..2,
        Families::Both | Families::V4 => 0..1,
        Families::V6 => 1..2,
    }
}

impl Server {
    /// A healthy one.
    fn engine(at: &str, port: u16) -> Self {
        Self {
            part: at.to_owned(),
            listen: format!("[::]:{port}"),
            does: Does::Engine,
            hex: String::new(),
            every_ms: 0,
            delay_ms: 0,
            instance: "MSSQLSERVER".to_owned(),
        }
    }
}
