//! Quitting takes no time, whatever the program is in the middle of.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlreach::simulate::black_hole::BlackHole;

use crate::program::Program;
use crate::terminal::Terminal;
use crate::view::View;

/// What is promised is 200 ms; a machine that does other things at the same time may take
/// longer to notice.
const AT_ONCE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 800 } else { 200 });

/// Ends it by the key, or by a signal, and says how long that took.
fn quits_at_once(mut terminal: Terminal, what: &str, signal: Option<Signal>) {
    let at = Instant::now();
    match signal {
        Some(signal) => terminal.signal(signal),
        None => terminal.keys("q"),
    }
    let took = terminal.ends_well().at - at;
    println!("{what}, {signal:?}: {took:?}");
    assert!(took < AT_ONCE, "{what}: {took:?}");
}

const WAYS: [Option<Signal>; 2] = [None, Some(Signal::SIGTERM)];

#[test]
fn before_anything_was_probed() {
    for way in WAYS {
        let terminal = Program::watching(3).start();
        terminal.wait("the screen", View::is_taken);
        quits_at_once(terminal, "at the start", way);
    }
}

#[test]
fn while_servers_are_silent_and_an_audit_waits_for_them() {
    // It accepts nobody, and the system completes the handshake all the same.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for way in WAYS {
        let mut program = Program::sqlreach(&[]);
        program.configure(&format!(
            "[[instance]]\nserver = '127.0.0.1,{port}'\nname = 'silent'\n"
        ));
        let mut terminal = program.start();
        terminal.wait("the table", |view| view.titles().is_some());
        terminal.keys("d");
        terminal.keys("v");
        terminal.keys("r");
        quits_at_once(terminal, "silence", way);
    }
}

#[test]
fn while_connections_are_neither_taken_nor_refused() {
    if !BlackHole::SUPPORTED {
        return;
    }
    let hole = BlackHole::start(([127, 0, 0, 1], 0).into()).unwrap();
    for way in WAYS {
        let mut program = Program::sqlreach(&[]);
        let address = hole.address();
        program.configure(&format!(
            "[[instance]]\nserver = '127.0.0.1,{}'\n",
            address.port()
        ));
        let terminal = program.start();
        terminal.wait("the table", |view| view.titles().is_some());
        quits_at_once(terminal, "dropped", way);
    }
}

#[test]
fn in_the_middle_of_a_large_fleet() {
    for way in WAYS {
        let mut config = "[probe]\nrate = 'max'\ninterval = '1s'\n".to_owned();
        for number in 0..2_000 {
            let (third, fourth) = (number / 250, number % 250 + 1);
            // Nothing listens there.
            writeln!(config, "[[instance]]\nserver = '127.83.{third}.{fourth},1'").unwrap();
        }
        let mut program = Program::sqlreach(&[]);
        program.configure(&config);
        let terminal = program.start();
        terminal.wait_for("refused");
        quits_at_once(terminal, "2,000 instances", way);
    }
}

#[test]
fn a_clipboard_program_that_hangs_is_not_left_behind() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wl-copy");
    let noted = folder.path().join("pid");
    let script = format!("#!/bin/sh\necho $$ > {}\nexec sleep 600\n", noted.display());
    std::fs::write(&file, script).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let program = Program::watching(1).env("PATH", &path);
    let mut terminal = program.env("WAYLAND_DISPLAY", "wayland-0").start();
    terminal.wait_for("✖ 1 down");
    terminal.keys("y");
    let until = Instant::now() + Duration::from_secs(20);
    let pid = loop {
        let text = std::fs::read_to_string(&noted).unwrap_or_default();
        if let Ok(pid) = text.trim().parse::<i32>() {
            break nix::unistd::Pid::from_raw(pid);
        }
        assert!(Instant::now() < until, "it was never started");
        std::thread::yield_now();
    };
    quits_at_once(terminal, "a clipboard that hangs", None);
    let is_there = nix::sys::signal::kill(pid, None);
    assert_eq!(is_there, Err(nix::errno::Errno::ESRCH));
}
