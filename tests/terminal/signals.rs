//! Signals that end or stop the program leave the terminal as it was.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rstest::rstest;

use crate::program::{Program, SQLREACH};
use crate::terminal::{CTRL_Z, Terminal};

#[rstest]
#[case(Signal::SIGTERM)]
#[case(Signal::SIGHUP)]
#[case(Signal::SIGINT)]
#[case(Signal::SIGQUIT)]
fn a_signal_ends_it_within_a_second_and_restores_the_terminal(#[case] signal: Signal) {
    let terminal = shown(Program::watching(1));
    assert!(!terminal.is_cooked());
    let at = Instant::now();
    terminal.signal(signal);
    let end = terminal.ends_well();
    assert!(end.at - at < Duration::from_secs(1), "{:?}", end.at - at);
}

#[test]
fn the_demo_ends_within_a_second_too() {
    let terminal = shown(Program::demo());
    let at = Instant::now();
    terminal.signal(Signal::SIGTERM);
    let end = terminal.ends_well();
    assert!(end.at - at < Duration::from_secs(1), "{:?}", end.at - at);
}

/// The program leads its session here, as it does under `ssh -t host sqlreach`.
#[rstest]
#[case::the_key(None)]
#[case::the_signal(Some(Signal::SIGTSTP))]
fn where_no_shell_could_resume_it_nothing_is_stopped(#[case] signal: Option<Signal>) {
    let mut terminal = shown(Program::watching(1));
    match signal {
        None => terminal.keys(CTRL_Z),
        Some(signal) => terminal.signal(signal),
    }
    terminal.wait_for("there is no shell to go back to");
    terminal.press("?", "the help", |view| view.has("Keys in the table"));
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn a_size_that_changed_meanwhile_counts_when_it_goes_on() {
    let mut terminal = in_a_shell();
    terminal.press(CTRL_Z, "the shell", |view| view.has("Stopped"));
    terminal.resize(70, 20);
    terminal.press("fg\n", "the smaller dashboard", |view| {
        view.is_taken() && view.line(1) == "─".repeat(70) && view.footer().contains("q quit")
    });
}

/// What people do: ctrl-z, look at something in the shell, `fg`.
#[test]
fn a_shell_gets_the_terminal_and_gives_it_back() {
    let mut terminal = in_a_shell();
    // The shell sets up the terminal for itself, so only the screen can be compared.
    terminal.press(CTRL_Z, "the shell", |view| {
        !view.is_taken() && view.has("Stopped")
    });
    terminal.press("echo $((6*7))\n", "a command's output", |view| {
        view.lines().iter().any(|line| line == "42")
    });
    terminal.press("fg\n", "the dashboard", |view| {
        view.is_taken() && view.titles().is_some()
    });
    terminal.press("q", "the shell", |view| !view.is_taken());
    terminal.press("exit $?\n", "the end", |view| view.ended);
    assert_eq!(terminal.end().status.exit_code(), 0);
}

fn shown(program: Program) -> Terminal {
    let terminal = program.start();
    terminal.wait("the table", |view| {
        view.is_taken() && view.titles().is_some()
    });
    terminal
}

/// The dashboard, started from a shell with job control.
fn in_a_shell() -> Terminal {
    let mut program = Program::any(&["/bin/bash", "--norc", "--noprofile", "-i"]);
    program.refusing(1);
    let mut terminal = program.env("PS1", "shell> ").start();
    terminal.wait_for("shell>");
    terminal.keys(&format!("{SQLREACH}\n"));
    terminal.wait("the table", |view| view.titles().is_some());
    terminal
}
