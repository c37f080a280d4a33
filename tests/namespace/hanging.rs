//! `getaddrinfo` that does not return: a resolver's configuration with a server that is never
//! heard and minutes of patience. No other row and no farewell waits for it.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::lab::{Lab, Running};

/// 150 seconds for each name.
const PATIENT: &str = "nameserver 10.77.9.2\noptions timeout:30 attempts:5";
/// More names than threads that ask for them.
const HANGING: usize = 20;
const HOSTS: &str = "10.77.2.2 listed.corp.test";
/// The deadline of `resolve`, and a tenth of it.
const DEADLINE: f64 = 3000.0 * 1.1;

fn black_hole() -> Option<(Lab, Running)> {
    let lab = Lab::new()?;
    lab.rule("q", "input", "udp dport 53 drop");
    let engine = lab.server("10.77.2.2:1433");
    Some((lab, engine))
}

fn sqlreach(lab: &Lab, home: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = lab.program(home, HOSTS, PATIENT);
    command
        .arg(env!("CARGO_BIN_EXE_sqlreach"))
        .args(arguments)
        .args((0..HANGING).map(|n| format!("hangs{n}.corp.test")))
        .args(["listed.corp.test", "10.77.2.2"]);
    command
}

#[test]
fn a_check_ends_in_time_and_the_others_keep_their_pace() {
    let Some((lab, _engine)) = black_hole() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let output = sqlreach(&lab, home.path(), &["check", "--format", "json"])
        .output()
        .unwrap();
    let took = begun.elapsed();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let instances = document["instances"].as_array().unwrap();
    let (hanging, others) = instances.split_at(HANGING);
    for instance in hanging {
        let resolve = &instance["layers"]["resolve"];
        assert_eq!(instance["state"], "unresolved", "{instance:#}");
        assert_eq!(resolve["status"], "timed-out", "{resolve:#}");
        assert!(
            resolve["elapsed_ms"].as_f64().unwrap() < DEADLINE,
            "{resolve:#}"
        );
        // No name at all that DNS was asked for: a matter of DNS here, not of each name.
        assert_eq!(
            instance["diagnosis"]["causes"][0]["id"],
            "dns-server-failing"
        );
    }
    let [listed, literal] = others else { panic!() };
    assert_eq!(literal["state"], "answering");
    // The threads that could read the hosts file hang; the file is read all the same.
    assert_eq!(listed["state"], "answering", "{listed:#}");
    assert_eq!(listed["layers"]["resolve"]["source"], "hosts-file");
    // The deadline, a tenth, and a machine that is busy.
    assert!(took < Duration::from_millis(4500), "{took:?}");
}

#[test]
fn the_dashboard_leaves_at_once() {
    let Some((lab, _engine)) = black_hole() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let mut child = sqlreach(&lab, home.path(), &["--plain", "--interval", "1s"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Then the others have their first results, and all that hang are being asked.
    let shown = lines.any(|line| line.unwrap().contains("22 instances, "));
    assert!(shown);
    let begun = Instant::now();
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    kill(pid, Signal::SIGTERM).unwrap();
    child.wait().unwrap();
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(200), "{took:?}");
}
