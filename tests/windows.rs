//! The Windows program from outside: what Winsock, Windows paths and its files make of it.
//! `.ci/windows` runs this under Wine; it runs the same on Windows.

#![cfg(windows)]
#![allow(clippy::unwrap_used)]

#[path = "binary/mod.rs"]
mod binary;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::process::Stdio;
use std::time::Duration;

use binary::{Home, run};
use rstest::rstest;
use serde_json::Value;
use sqlreach::simulate::browser::{Behaviour, Browser, Listing};
use sqlreach::simulate::closed_port::ClosedPort;
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::fault::Fault;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn engine(fault: Option<Fault>) -> Engine {
    let profile = Profile {
        fault,
        ..Profile::default()
    };
    Engine::start(loopback(), profile).await.unwrap()
}

fn target(at: SocketAddr) -> String {
    format!("{},{}", at.ip(), at.port())
}

async fn row(arguments: &[&str]) -> Value {
    let home = Home::new();
    let ended = home
        .sqlreach(&[&["check", "--format=json"], arguments].concat())
        .await;
    ended.document()["instances"][0].clone()
}

#[tokio::test]
async fn a_closed_port_is_refused_with_winsocks_number_and_at_once() {
    let closed = ClosedPort::start(loopback()).unwrap();
    let row = row(&["--no-witness", &target(closed.address())]).await;
    let attempt = &row["layers"]["connect"]["attempts"][0];
    assert_eq!(
        (&row["state"], &attempt["os_error"]),
        (&"refused".into(), &10061.into()),
        "{row:#}"
    );
    assert_eq!(attempt["icmp"], Value::Null);
    // A SYN that is repeated after the reset takes half a second at least.
    let elapsed = attempt["elapsed_ms"].as_f64().unwrap();
    assert!(elapsed < 450.0, "{elapsed} ms");
}

#[tokio::test]
async fn a_report_quotes_what_windows_clients_see() {
    let closed = ClosedPort::start(loopback()).unwrap();
    let target = target(closed.address());
    let ended = Home::new()
        .sqlreach(&["check", "--no-witness", "--format=markdown", &target])
        .await;
    for words in ["10061", "the target machine actively refused it"] {
        assert!(ended.out.contains(words), "{words}: {}", ended.out);
    }
}

/// A command for the client comes in the shell that this machine has.
#[tokio::test]
async fn commands_for_this_machine_are_for_powershell() {
    let closed = ClosedPort::start(loopback()).unwrap();
    let row = row(&["--platform=windows", &target(closed.address())]).await;
    let causes = row["diagnosis"]["causes"].as_array().unwrap();
    let fixes = causes
        .iter()
        .flat_map(|cause| cause["fixes"].as_array().unwrap());
    let here: Vec<&Value> = fixes
        .filter(|fix| fix["where"] == "client")
        .map(|fix| &fix["commands"][0]["shell"])
        .collect();
    assert!(!here.is_empty(), "{row:#}");
    // `text` is no command: something to look at by hand.
    let is_ours = |shell: &Value| shell == "powershell" || shell == "text";
    assert!(here.iter().all(|shell| is_ours(shell)), "{here:?}");
}

#[rstest]
#[case::healthy(None, "answering")]
#[case::silent(Some(Fault::Silent), "silent")]
#[case::closes(Some(Fault::Closes), "hung-up")]
#[case::resets(Some(Fault::Resets), "hung-up")]
#[case::http(Some(Fault::Http), "not-sql")]
#[tokio::test]
async fn an_open_port_is_told_by_what_answers(#[case] fault: Option<Fault>, #[case] state: &str) {
    let engine = engine(fault).await;
    let row = row(&["--no-witness", "--timeout=3s", &target(engine.address())]).await;
    assert_eq!(row["state"], state, "{row:#}");
    assert_eq!(row["layers"]["connect"]["status"], "open");
}

#[tokio::test]
async fn ipv6_is_spoken() {
    let Ok(engine) = Engine::start("[::1]:0".parse().unwrap(), Profile::default()).await else {
        return;
    };
    let row = row(&[
        "--no-witness",
        &format!("[::1],{}", engine.address().port()),
    ])
    .await;
    assert_eq!(row["state"], "answering", "{row:#}");
}

/// `localhost` is a literal here, so the name is that of this machine.
#[tokio::test]
async fn a_name_goes_to_the_systems_resolver() {
    let name = hostname::get().unwrap().into_string().unwrap();
    let row = row(&["--no-witness", &format!("tcp:{name},1")]).await;
    let resolve = &row["layers"]["resolve"];
    assert_eq!(resolve["status"], "ok", "{row:#}");
    assert_ne!(resolve["addresses"], serde_json::json!([]), "{row:#}");
}

#[tokio::test]
async fn a_named_instance_is_found_where_browser_says() {
    let profile = Profile {
        instance: "PROD".to_owned(),
        ..Profile::default()
    };
    let engine = Engine::start(loopback(), profile).await.unwrap();
    let listing = Listing::new("sales01", "PROD", Some(engine.address().port()));
    let browser = Browser::start(loopback(), vec![listing], Behaviour::default())
        .await
        .unwrap();
    let option = format!("--browser-port={}", browser.address().port());
    let row = row(&[&option, r"127.0.0.1\PROD"]).await;
    assert_eq!(row["layers"]["browser"]["status"], "ok", "{row:#}");
    assert_eq!(row["state"], "answering");
}

/// Winsock calls an unreachable UDP port a reset.
#[tokio::test]
async fn a_browser_that_is_not_there_is_refused_or_silent_and_the_instance_not_located() {
    let free = UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let option = format!("--browser-port={free}");
    let row = row(&[&option, "--no-witness", "--timeout=2s", r"127.0.0.1\PROD"]).await;
    assert_eq!(row["state"], "not-located", "{row:#}");
    let status = row["layers"]["browser"]["status"].as_str().unwrap();
    assert!(["refused", "silent"].contains(&status), "{row:#}");
}

#[tokio::test]
async fn the_file_is_in_appdata_is_written_over_and_read_again() {
    let home = Home::new();
    let servers = home.path("servers.txt");
    fs::write(&servers, "db1\r\ndb2,1444\r\n").unwrap();
    let file = home.path(r"sqlreach\sqlreach.toml");
    let begun = home.sqlreach(&["config", "init"]).await;
    assert_eq!(begun.status, Some(0), "{begun:?}");
    assert!(file.is_file(), "{begun:?}");
    let path = home.sqlreach(&["config", "path"]).await;
    assert!(path.out.contains(&*file.to_string_lossy()), "{path:?}");
    let list = servers.to_string_lossy().into_owned();
    for says in ["added 2", "2 there already"] {
        let imported = home.sqlreach(&["config", "import", &list]).await;
        assert!(imported.out.contains(says), "{imported:?}");
    }
    let checked = home.sqlreach(&["config", "check"]).await;
    assert!(checked.out.contains("ok: 2 instances"), "{checked:?}");
    let left = fs::read_dir(file.parent().unwrap()).unwrap().count();
    assert_eq!(left, 1, "no temporary file stays");
}

/// `%LOCALAPPDATA%`, which does not roam.
#[tokio::test]
async fn what_was_learned_is_kept_on_this_machine_and_written_over() {
    let home = Home::new();
    let local = home.path("local");
    let engine = engine(None).await;
    for _ in 0..2 {
        let mut command = home.command(&["check", &target(engine.address())]);
        command.env("LOCALAPPDATA", &local);
        let ended = run(command, String::new()).await;
        assert_eq!(ended.status, Some(0), "{ended:?}");
        assert_eq!(ended.err, "");
        let memory = fs::read_to_string(local.join(r"sqlreach\memory.json")).unwrap();
        assert!(memory.contains("127.0.0.1"), "{memory}");
    }
    assert!(!home.path(r"sqlreach\memory.json").exists());
}

#[tokio::test]
async fn a_message_of_a_windows_client_is_explained() {
    let message =
        "TCP Provider: No connection could be made because the target machine actively refused it.";
    let ended = Home::new().sqlreach(&["explain", message]).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(
        ended.out.starts_with("refused at the TCP connection"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn the_demo_is_checked_where_there_is_no_console() {
    let ended = Home::new().sqlreach(&["demo"]).await;
    assert_eq!(ended.err, "");
    for state in [
        "refused",
        "silent",
        "hung-up",
        "not-sql",
        "wrong-instance",
        "unresolved",
    ] {
        assert!(
            ended.out.contains(&format!(" {state} ")),
            "{state}: {}",
            ended.out
        );
    }
}

#[tokio::test]
async fn plain_prints_what_changes() {
    let closed = ClosedPort::start(loopback()).unwrap();
    let home = Home::new();
    let mut command = home.command(&["--plain", "--no-witness", &target(closed.address())]);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let told = spawn_blocking(|| {
        let mut lines = out.lines().map_while(Result::ok);
        lines.find(|line| line.ends_with("1 down"))
    });
    let told = timeout(Duration::from_secs(30), told).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(matches!(told, Ok(Ok(Some(_)))), "{told:?}");
}
