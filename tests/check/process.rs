//! The running program itself: what its memory keeps, where it listens, and what it needs.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use sqlreach::simulate::engine::Profile;
use tokio::task::spawn_blocking;

use crate::binary::{Home, run};
use crate::servers::{engine, target};

/// A program that runs until the test is over.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

impl Running {
    /// Starts it, and waits until it has printed a line that holds `word`.
    async fn until(mut command: Command, word: &'static str) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = Self(command.spawn().unwrap());
        let out = running.0.stdout.take().unwrap();
        let (told, seen) = tokio::sync::oneshot::channel();
        // The pipe is read to its end, or the program would end with it.
        spawn_blocking(move || {
            let mut told = Some(told);
            for line in BufReader::new(out).lines() {
                let Ok(line) = line else { return };
                if line.contains(word) {
                    told.take().map(|told| told.send(()));
                }
            }
        });
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), seen).await;
        assert!(matches!(waited, Ok(Ok(()))), "no line says {word}");
        running
    }

    fn proc(&self, name: &str) -> std::path::PathBuf {
        Path::new("/proc").join(self.0.id().to_string()).join(name)
    }

    /// How often each of the needles lies in what the program has mapped, and where.
    fn find(&self, needles: &[Vec<u8>]) -> Vec<String> {
        let maps = fs::read_to_string(self.proc("maps")).unwrap();
        let mut memory = fs::File::open(self.proc("mem")).unwrap();
        let mut found = Vec::new();
        let search = aho_corasick::AhoCorasick::new(needles).unwrap();
        for map in maps.lines() {
            let mut words = map.split_whitespace();
            let (range, rights) = (words.next().unwrap(), words.next().unwrap());
            // The kernel's own pages cannot be read.
            if !rights.starts_with('r') || map.contains("[vvar") || map.contains("[vsyscall") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let at = |text| u64::from_str_radix(text, 16).unwrap();
            let (from, to) = (at(from), at(to));
            let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
            if memory.seek(SeekFrom::Start(from)).is_err() || memory.read_exact(&mut bytes).is_err()
            {
                continue;
            }
            let here = search.find_overlapping_iter(&bytes);
            let hits: HashSet<usize> = here.map(|hit| hit.pattern().as_usize()).collect();
            found.extend(
                hits.into_iter()
                    .map(|hit| format!("{map}: {}", String::from_utf8_lossy(&needles[hit]))),
            );
        }
        found
    }

    /// What its sockets are: the lines of `/proc/PID/net/NAME` whose inode it holds.
    fn sockets(&self, name: &str) -> Vec<(String, String)> {
        let held: HashSet<String> = fs::read_dir(self.proc("fd"))
            .unwrap()
            .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok())
            .filter_map(|link| {
                let link = link.to_str()?.strip_prefix("socket:[")?;
                Some(link.strip_suffix(']')?.to_owned())
            })
            .collect();
        let table = fs::read_to_string(self.proc(&format!("net/{name}"))).unwrap_or_default();
        let lines = table.lines().skip(1);
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>())
            .filter(|words| held.contains(words[9]))
            .map(|words| (words[1].to_owned(), words[3].to_owned()))
            .collect()
    }

    /// The local addresses that anybody can reach it at: listening TCP sockets, and UDP
    /// sockets that are connected to nobody.
    fn listens(&self) -> Vec<String> {
        const LISTEN: &str = "0A";
        const UNCONNECTED: &str = "07";
        let of = |name: &'static str, wanted: &'static str| {
            let sockets = self.sockets(name).into_iter();
            sockets.filter(move |(_, state)| state == wanted)
        };
        of("tcp", LISTEN)
            .chain(of("tcp6", LISTEN))
            .chain(of("udp", UNCONNECTED))
            .chain(of("udp6", UNCONNECTED))
            .map(|(local, _)| local)
            .collect()
    }
}

/// Every spelling of a password that a list may hold, each with a word that nothing else has.
fn passwords() -> Vec<(String, String)> {
    let word = |number: usize| format!("Zq{number}kw{}vX7", 91_377 * (number + 3));
    let spellings: [fn(&str) -> String; 7] = [
        |word| format!("Server=127.0.0.1,1;User Id=sa;Password={word};Encrypt=true"),
        |word| format!("Driver={{ODBC Driver 18}};Server=127.0.0.2,1;UID=sa;PWD={{{word};}}"),
        |word| format!("jdbc:sqlserver://127.0.0.3:1;user=sa;password={word}"),
        |word| format!("mssql://sa:{word}@127.0.0.4:1/master"),
        |word| format!("sqlcmd -S 127.0.0.5,1 -U sa -P {word}"),
        |word| format!("Server=127.0.0.6,1;AccessToken={word}"),
        |word| format!("Server=127.0.0.7/PROD;Password={word}"),
    ];
    let numbered = spellings.iter().enumerate();
    numbered
        .map(|(number, spell)| (spell(&word(number)), word(number)))
        .collect()
}

#[tokio::test]
async fn the_memory_of_the_running_program_keeps_no_password() {
    let home = Home::new();
    let mut text = String::from("[probe]\nwitnesses = false\n");
    for (server, _) in passwords() {
        writeln!(text, "[[instance]]\nserver = '{server}'").unwrap();
    }
    // One that TOML has to unescape, and so copies.
    text += "[[instance]]\nserver = \"Server=127.0.0.8,1;Password=\\u005aq8kwEscapedvX7\"\n";
    let config = home.path("sqlreach.toml");
    fs::write(&config, text).unwrap();
    let command = home.command(&["--plain", "--config", config.to_str().unwrap()]);
    let running = Running::until(command, "refused").await;
    let mut needles: Vec<Vec<u8>> = Vec::new();
    for word in passwords()
        .into_iter()
        .map(|(_, word)| word)
        .chain(["Zq8kwEscapedvX7".to_owned()])
    {
        needles.push(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
        needles.push(word.into_bytes());
    }
    let found = running.find(&needles);
    assert!(found.is_empty(), "{}", found.join("\n"));
    // What is looked for can be found at all.
    assert!(!running.find(&[b"127.0.0.1,1".to_vec()]).is_empty());
}

#[tokio::test]
async fn neither_the_dashboard_nor_a_check_listens_anywhere() {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let command = home.command(&["--plain", &target(&engine), "127.0.0.1,1"]);
    let running = Running::until(command, "refused").await;
    assert_eq!(running.sockets("tcp6"), []);
    let listens = running.listens();
    assert!(listens.is_empty(), "{listens:?}");
}

#[tokio::test]
async fn a_check_that_waits_listens_nowhere() {
    // A server that accepts and never answers: the check is caught in the middle.
    let home = Home::new();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = silent.local_addr().unwrap().to_string().replace(':', ",");
    let mut command = home.command(&["check", "--no-witness", &target]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let running = Running(command.spawn().unwrap());
    let (_connection, _) = silent.accept().await.unwrap();
    assert!(
        !running.sockets("tcp").is_empty(),
        "it is connected right now"
    );
    let listens = running.listens();
    assert!(listens.is_empty(), "{listens:?}");
}

#[tokio::test]
async fn the_demo_listens_on_loopback_alone() {
    let home = Home::new();
    let running = Running::until(home.command(&["demo", "--plain"]), "answering").await;
    let listens = running.listens();
    assert!(listens.len() > 3, "the demo has servers: {listens:?}");
    // As the kernel writes addresses: 127.x.y.z little-endian, and ::1.
    let is_loopback = |local: &String| {
        let address = local.split(':').next().unwrap_or_default();
        (address.len() == 8 && address.ends_with("7F"))
            || address == "00000000000000000000000001000000"
    };
    let strangers: Vec<_> = listens.iter().filter(|local| !is_loopback(local)).collect();
    assert!(strangers.is_empty(), "{strangers:?}");
}

/// As `nobody`, without a capability and without a way to get one.
#[tokio::test]
async fn no_privilege_is_needed() {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let as_nobody = |command: &Command| {
        let mut nobody = Command::new("setpriv");
        nobody.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--no-new-privs",
        ]);
        nobody.args(["--bounding-set=-all", "--inh-caps=-all"]);
        nobody.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => nobody.env(name, value),
                None => nobody.env_remove(name),
            };
        }
        nobody
    };
    let tried = as_nobody(&Command::new("true")).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "setpriv does not work");
        eprintln!("skipped: setpriv does not work");
        return;
    }
    // A copy that nobody may run, in a home that is nobody's.
    let program = home.path("sqlreach-copy");
    fs::copy(env!("CARGO_BIN_EXE_sqlreach"), &program).unwrap();
    std::os::unix::fs::chown(home.path(""), Some(65534), Some(65534)).unwrap();
    let target = target(&engine);
    let mut command = Command::new(&program);
    command.args(["check", "--path", "--format=json", &target, "127.0.0.1,1"]);
    for (name, value) in home.command(&[]).get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    let ended = run(as_nobody(&command), String::new()).await;
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert_eq!(ended.err, "", "{ended:?}");
    let document = ended.document();
    let states = crate::servers::states(&document);
    assert_eq!(states, ["answering", "refused"]);
    assert!(
        home.path("sqlreach/memory.json").is_file(),
        "what was learned is kept"
    );
}
