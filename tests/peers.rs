//! Programs that nobody here wrote: servers that the real program probes, and a client that
//! takes the simulated engine for SQL Server.
//!
//! `.ci/run` installs them. Where one is missing its test says so and passes; where `CI` is
//! `true` it fails, unless the installation was tried and left `target/peers/NAME.missing`.

#![allow(clippy::unwrap_used)]

mod binary;

use std::io::{BufRead as _, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sqlreach::simulate::browser::{Behaviour, Browser, Listing};
use sqlreach::simulate::engine::{Engine, Profile};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use binary::Home;

/// A peer that says nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(30);

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers")
}

/// Where the peer is: installed for these tests, or on the path. `None` after a word about it.
fn peer(name: &str, installed: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join(name));
    let found = std::iter::once(peers().join(installed))
        .chain(on_path)
        .find(|file| file.is_file());
    if found.is_none() {
        let excused = peers().join(format!("{name}.missing")).exists();
        let strict = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            excused || !strict,
            "{name} is not installed; .ci/run installs it"
        );
        eprintln!("not tested: {name} is not installed");
    }
    found
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Starts it, and waits until it has printed a line with `ready` in it, which is returned.
    async fn start(mut command: Command, ready: &'static str) -> (Self, String) {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let server = Self(child);
        let (send, mut said) = tokio::sync::mpsc::channel(1);
        for pipe in [Box::new(out) as Box<dyn Read + Send>, Box::new(err)] {
            let send = send.clone();
            // Read to its end: a full pipe would stop the server.
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if line.contains(ready) {
                        let _ = send.try_send(line);
                    }
                }
            });
        }
        drop(send);
        let line = timeout(PATIENCE, said.recv())
            .await
            .expect("it does not start");
        (server, line.expect("it ended at once"))
    }
}

/// The exit status and the one row of a check, which says nothing else.
async fn check(arguments: &[&str]) -> (Option<i32>, Value) {
    let ended = Home::new()
        .sqlreach(&[&["check", "--format=json"], arguments].concat())
        .await;
    assert_eq!(ended.err, "");
    (ended.status, ended.document()["instances"][0].take())
}

/// Microsoft's own mock server (crate `mssql-mock-tds`), with which its drivers are tested.
#[tokio::test]
async fn the_mock_server_of_microsoft_answers_with_its_version() {
    let Some(mock) = peer("mssql-mock-tds", "bin/mssql-mock-tds") else {
        return;
    };
    let mut command = Command::new(mock);
    command.args(["--host", "127.0.0.1", "--port", "0"]);
    let (_server, line) = Server::start(command, "Server listening on").await;
    let (_, at) = line.split_once("listening on ").unwrap();
    let at: SocketAddr = at.split(' ').next().unwrap().parse().unwrap();

    let (status, row) = check(&[&format!("127.0.0.1,{}", at.port())]).await;
    assert_eq!(
        (status, &row["state"]),
        (Some(0), &json!("answering")),
        "{row}"
    );
    let prelogin = &row["layers"]["prelogin"];
    assert_eq!(
        (&prelogin["version"], &prelogin["encryption"]),
        (&json!("16.0.0.0"), &json!("not-supported"))
    );
}

/// FreeTDS' connection pool, which says of every name that it is not its own; and its port.
async fn pool(home: &Home, tdspool: &Path) -> (Server, u16) {
    let free = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    // Without a member it opens no connection to the server behind it.
    let pool = format!(
        "[global]\nmin pool conn = 0\nmax pool conn = 1\n\
        [sales]\nuser = sa\npassword = x\ndatabase = master\nserver = 127.0.0.1\nport = {free}\n"
    );
    let file = home.path("pool.conf");
    std::fs::write(&file, pool).unwrap();
    let mut command = Command::new(tdspool);
    command
        .arg("-c")
        .arg(&file)
        .arg("sales")
        .env("FREETDSCONF", "/dev/null");
    let (server, _) = Server::start(command, "Listening on port").await;
    // It says so a moment before it does.
    let open = async {
        while tokio::net::TcpStream::connect(("127.0.0.1", free))
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), open)
        .await
        .expect("the pool never listens");
    (server, free)
}

#[tokio::test]
async fn the_pool_of_freetds_is_the_wrong_instance_where_browser_leads_to_it() {
    let Some(tdspool) = peer("tdspool", "bin/tdspool") else {
        return;
    };
    let home = Home::new();
    let (_server, port) = pool(&home, &tdspool).await;
    let listing = Listing::new("sales01", "PROD", Some(port));
    let at = "127.0.0.1:0".parse().unwrap();
    let browser = Browser::start(at, vec![listing], Behaviour::Answers)
        .await
        .unwrap();

    let option = format!("--browser-port={}", browser.address().port());
    let (status, row) = check(&[&option, r"127.0.0.1\PROD"]).await;
    assert_eq!(
        (status, &row["state"]),
        (Some(1), &json!("wrong-instance")),
        "{row}"
    );
    let prelogin = &row["layers"]["prelogin"];
    assert_eq!(
        (&prelogin["status"], &prelogin["instance_matches"]),
        (&json!("instance-mismatch"), &json!(false))
    );
    assert_eq!(
        row["diagnosis"]["causes"][0]["id"],
        "wrong-instance-on-port"
    );
}

/// Drivers that are given a port ignore the name and get through: a finding, no failure.
#[tokio::test]
async fn the_pool_of_freetds_is_a_finding_where_the_port_is_given() {
    let Some(tdspool) = peer("tdspool", "bin/tdspool") else {
        return;
    };
    let home = Home::new();
    let (_server, port) = pool(&home, &tdspool).await;
    let (status, row) = check(&[&format!(r"127.0.0.1\PROD,{port}")]).await;
    assert_eq!(
        (status, &row["state"]),
        (Some(0), &json!("degraded")),
        "{row}"
    );
    assert_eq!(row["layers"]["prelogin"]["status"], "instance-mismatch");
    assert_eq!(
        row["diagnosis"]["causes"][0]["id"],
        "wrong-instance-on-port"
    );
}

/// The number of the error that ends the login: 18456 is sent only to who got past PRELOGIN.
const LOGIN: &str = "
import sys, pytds
try:
    pytds.connect('127.0.0.1', port=int(sys.argv[1]), user='sa', password='x', login_timeout=10)
except pytds.Error as error:
    print(error.number, error)
";

#[tokio::test]
async fn python_tds_gets_past_prelogin_and_reads_the_rejection() {
    let Some(python) = peer("python-tds", "python/bin/python") else {
        return;
    };
    let engine = Engine::start("127.0.0.1:0".parse().unwrap(), Profile::default())
        .await
        .unwrap();
    let mut client = Command::new(python);
    client.args(["-c", LOGIN, &engine.address().port().to_string()]);
    let said = spawn_blocking(move || client.output())
        .await
        .unwrap()
        .unwrap();
    let out = String::from_utf8_lossy(&said.stdout);
    assert!(out.starts_with("18456 "), "{said:?}");
}
