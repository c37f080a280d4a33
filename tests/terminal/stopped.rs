//! A terminal that takes nothing: ctrl-s, or a connection that stands still.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlreach::simulate::engine::Profile;
use sqlreach::wire::tds::ClientPrelogin;

use crate::program::Program;
use crate::terminal::Terminal;

/// How long the terminal takes nothing; a minute with `SQLREACH_STOPPED_SECONDS=60`.
fn seconds() -> u64 {
    let given = std::env::var("SQLREACH_STOPPED_SECONDS").ok();
    given.map_or(5, |seconds| seconds.parse().unwrap())
}

/// An engine that tells of everyone who comes, as long as the program of the test runs.
fn telling_engine() -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let answer = Profile::default()
            .answer(&ClientPrelogin::default())
            .encode();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // A test that does not listen is no reason to stop.
            let _ = tell.send(());
            if stream.read(&mut [0; 512]).is_ok_and(|read| read > 0) {
                let _ = stream.write_all(&answer);
                let _ = stream.read(&mut [0; 512]);
            }
        }
    });
    (port, told)
}

fn watching_a_telling_engine() -> (Terminal, Receiver<()>) {
    let (port, told) = telling_engine();
    let mut program = Program::sqlreach(&[]);
    program.configure(&format!(
        "[probe]\ninterval = '1s'\n[[instance]]\nserver = '127.0.0.1,{port}'\nname = 'counted'\n"
    ));
    let terminal = program.start();
    terminal.wait_for("answering");
    (terminal, told)
}

/// Nothing more is taken, and the program is in the middle of telling something.
fn stop(terminal: &mut Terminal) {
    terminal.stop_output();
    for _ in 0..50 {
        terminal.keys("?");
        terminal.keys("\x1b");
    }
}

#[cfg(target_os = "linux")]
fn resident(terminal: &Terminal) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", terminal.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let word = line.and_then(|line| line.split_whitespace().next());
    word.unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn probing_goes_on_and_nothing_piles_up_while_the_terminal_takes_nothing() {
    let (mut terminal, told) = watching_a_telling_engine();
    stop(&mut terminal);
    let (begun, memory) = (Instant::now(), resident(&terminal));
    while begun.elapsed() < Duration::from_secs(seconds()) {
        told.recv_timeout(Duration::from_secs(20))
            .expect("the probes have stopped, too");
    }
    let grown = resident(&terminal).saturating_sub(memory);
    println!("{:?}: {grown} KiB more", begun.elapsed());
    assert!(grown < 2048, "{grown} KiB more");
    terminal.go_on();
    terminal.press("?", "the help", |view| view.has("Keys in the table"));
    terminal.press("\x1b", "the table", |view| view.titles().is_some());
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn a_signal_ends_it_though_the_terminal_takes_nothing() {
    let (mut terminal, _) = watching_a_telling_engine();
    stop(&mut terminal);
    let at = Instant::now();
    terminal.signal(Signal::SIGTERM);
    let end = terminal.ends_well();
    let took = end.at - at;
    assert!(took < Duration::from_secs(1), "{took:?}");
}
