//! `--plain`: lines in place of the dashboard, in a pipe, in a terminal, of a recording.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rstest::rstest;

use crate::program::{Program, SQLREACH};
use crate::replaying::recorded;
use crate::view::View;

/// The program with a pipe for its output, at home in the program's folder.
fn piped(home: &Path, arguments: &[&str]) -> Child {
    Command::new(SQLREACH)
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_DATA_HOME", home.join("data"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    kill(pid, signal).unwrap();
}

#[rstest]
#[case(Signal::SIGTERM)]
#[case(Signal::SIGHUP)]
#[case(Signal::SIGINT)]
fn in_a_pipe_lines_come_one_by_one_and_a_signal_ends_them(#[case] by: Signal) {
    let program = Program::watching(2);
    let mut child = piped(program.home.path(), &["--plain"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    let opening = next();
    assert!(
        opening.contains("sqlreach: 2 instances, every 1h00m"),
        "{opening}"
    );
    assert!(next().contains("2 instances, 2 down"));
    assert!(
        next().contains("incident 1: 2 instances on"),
        "they are on one host"
    );
    signal(&child, Signal::SIGUSR1);
    let asked: Vec<String> = std::iter::from_fn(|| Some(next()))
        .skip_while(|line| !line.contains("2 instances, 2 down"))
        .take(2)
        .collect();
    assert!(asked[1].contains("2 instances on"), "{asked:?}");
    signal(&child, by);
    let last: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(
        last.iter().any(|line| line.contains("2 instances, 2 down")),
        "{last:?}"
    );
    assert_eq!(child.wait().unwrap().code(), Some(1), "something fails");
    let mut err = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!(err, "");
}

#[test]
fn who_stops_reading_ends_it() {
    let program = Program::watching(1);
    let mut child = piped(program.home.path(), &["--plain"]);
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    drop(out);
    // Nothing more is written for an hour: it is noticed all the same.
    assert!(child.wait().unwrap().code().is_some());
}

#[test]
fn in_a_terminal_nothing_is_drawn_and_enter_asks() {
    let mut terminal = Program::watching_with(1, &["--plain"]).start();
    terminal.wait_for("n01 refused for");
    assert!(terminal.is_cooked());
    assert!(!terminal.look(View::is_taken));
    terminal.press("\r", "what is wrong now", |view| {
        let lines = view.lines();
        lines
            .iter()
            .filter(|line| line.contains("1 instance, 1 down"))
            .count()
            == 2
    });
    terminal.keys("\x03");
    assert_eq!(terminal.end().status.exit_code(), 1);
}

#[test]
fn who_always_wants_lines_says_so_in_the_configuration() {
    let mut program = Program::sqlreach(&[]);
    program.configure("[screen]\nplain = true\n");
    let mut terminal = program.start();
    terminal.wait_for("0 instances");
    assert!(!terminal.look(View::is_taken));
    terminal.keys("\x03");
    assert_eq!(terminal.end().status.exit_code(), 0);
}

#[test]
fn a_recording_in_lines_is_the_same_each_time() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("r.jsonl"), recorded()).unwrap();
    let told = || {
        let child = piped(home.path(), &["replay", "r.jsonl", "--plain"]);
        child.wait_with_output().unwrap()
    };
    let once = told();
    assert_eq!(once.status.code(), Some(1));
    let out = String::from_utf8(once.stdout.clone()).unwrap();
    assert!(out.contains("sqlreach replay: 2 instances"), "{out}");
    assert!(out.contains("2 instances, 2 down"), "{out}");
    assert_eq!(told().stdout, once.stdout);
}

#[test]
fn other_commands_are_not_plain() {
    let home = tempfile::tempdir().unwrap();
    let output = piped(home.path(), &["--plain", "check", "db1"])
        .wait_with_output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--plain is for the dashboard"), "{said}");
}
