//! Being told and being left alone, and what stays behind.

use std::collections::HashSet;
use std::net::SocketAddr;

use nix::sys::signal::Signal;
use sqlreach::simulate::closed_port::ClosedPort;
use sqlreach::simulate::engine::{Engine, Profile};
use tokio::runtime::Runtime;

use crate::program::Program;
use crate::terminal::{ENTER, ESC, Terminal};
use crate::view::View;

const CALLED: &str = "\x1b]777;notify;sqlreach;Sales is answering again\x1b\\";
const CALLS: &str = "bell = true\nnotify = \"osc777\"\nflash = true";

/// One instance that is looked at only when a key says so.
fn watch(address: SocketAddr, screen: &str) -> Terminal {
    let mut program = Program::sqlreach(&[]).size(120, 40);
    program.configure(&format!(
        "[probe]\ninterval = \"1h\"\nwitness_ports = []\n[screen]\n{screen}\n\
         [[instance]]\nserver = '127.0.0.1,{}'\nname = 'Sales'\n",
        address.port()
    ));
    program.start()
}

fn refusing(screen: &str) -> (ClosedPort, Terminal) {
    let closed = ClosedPort::start(([127, 0, 0, 1], 0).into()).unwrap();
    let terminal = watch(closed.address(), screen);
    terminal.wait_for("✖ 1 down");
    (closed, terminal)
}

/// Somebody starts the service that did not run.
fn start(closed: ClosedPort, runtime: &Runtime) -> Engine {
    let address = closed.address();
    drop(closed);
    runtime
        .block_on(Engine::start(address, Profile::default()))
        .unwrap()
}

fn is(state: &str) -> impl FnMut(&View) -> bool {
    move |view| view.state("Sales").as_deref() == Some(state)
}

/// Waits until the clock of the screen has shown so many other seconds.
fn seconds_pass(terminal: &Terminal, count: usize) {
    let mut seen = HashSet::new();
    terminal.wait("the clock goes", |view| {
        seen.insert(view.header());
        seen.len() > count
    });
}

fn bells(view: &View) -> usize {
    view.sent().split(|byte| *byte == 0x07).count() - 1
}

#[test]
fn a_change_rings_notifies_and_flashes_once() {
    let runtime = Runtime::new().unwrap();
    let (closed, mut terminal) = refusing(CALLS);
    let engine = start(closed, &runtime);
    terminal.keys("r");
    terminal.wait("the flash", |view| view.reversed(0).contains("sqlreach"));
    terminal.wait("its end", |view| view.reversed(0).is_empty());
    assert!(terminal.look(|view| view.has_sent(CALLED)));
    seconds_pass(&terminal, 3);
    assert_eq!(terminal.look(bells), 1, "none for the first result");
    drop(engine);
}

#[test]
fn nothing_is_called_where_it_is_off() {
    let runtime = Runtime::new().unwrap();
    let (closed, mut terminal) = refusing("flash = false");
    let engine = start(closed, &runtime);
    terminal.press("r", "it answers", is("answering"));
    let mut flashed = false;
    let mut seen = HashSet::new();
    terminal.wait("the clock goes", |view| {
        flashed |= !view.reversed(0).is_empty();
        seen.insert(view.header());
        seen.len() > 4
    });
    assert!(!flashed && !terminal.look(|view| view.has_sent("\x1b]777")));
    assert_eq!(terminal.look(bells), 0);
    drop(engine);
}

#[test]
fn what_is_acknowledged_falls_quietly() {
    let runtime = Runtime::new().unwrap();
    let (closed, mut terminal) = refusing(CALLS);
    let engine = start(closed, &runtime);
    terminal.press("r", "it answers", is("answering"));
    terminal.wait("the call", |view| view.has_sent(CALLED));
    terminal.press("m", "the field", |view| {
        view.has("\n why?") && view.has("until 14:00 disk is replaced")
    });
    terminal.press("30", "so far a reason", |view| {
        view.has("until it is well again: 30")
    });
    terminal.press("m", "an end without a reason", |view| {
        view.has("acknowledging needs a reason")
    });
    terminal.press(" disk is replaced", "the end and the reason", |view| {
        view.has(" left: disk is replaced")
    });
    terminal.press(ENTER, "it is marked", |view| {
        view.has("Acknowledged") && view.has("answering ✓")
    });
    drop(engine);
    runtime.shutdown_background();
    terminal.press("r", "it falls", |view| {
        view.has("refused ✓") && view.header().contains("✓ 1 acknowledged")
    });
    seconds_pass(&terminal, 3);
    assert_eq!(terminal.look(bells), 1, "only the one before");
}

#[test]
fn a_frozen_view_holds_while_probing_goes_on() {
    let runtime = Runtime::new().unwrap();
    let (closed, mut terminal) = refusing("");
    terminal.press("F", "frozen", |view| {
        view.header().contains(" FROZEN ") && view.line(1).contains("nothing changed since")
    });
    let engine = start(closed, &runtime);
    terminal.press("r", "a change that waits", |view| {
        view.line(1).contains("1 change waiting")
    });
    assert!(terminal.look(|view| is("refused")(view) && view.header().contains("✖ 1 down")));
    terminal.press(ESC, "let go", |view| {
        is("answering")(view) && !view.has("FROZEN") && view.header().contains("1 answering")
    });
    drop(engine);
}

#[test]
fn who_quits_finds_what_is_wrong_on_the_normal_screen() {
    let mut terminal = Program::watching(7).start();
    terminal.wait_for("✖ 7 down");
    terminal.keys("q");
    terminal.ends_well();
    let left: Vec<String> = terminal.look(View::lines);
    let left: Vec<_> = left.iter().filter(|line| !line.is_empty()).collect();
    assert!(left[0].starts_with("sqlreach ") && left[0].ends_with(": 7 instances, 7 down"));
    assert!(left[1].starts_with("  ✖ ") && left.len() <= 5, "{left:#?}");
}

#[test]
fn a_signal_leaves_nothing_behind() {
    let terminal = Program::watching(1).start();
    terminal.wait_for("✖ 1 down");
    terminal.signal(Signal::SIGTERM);
    terminal.ends_well();
    assert_eq!(terminal.look(View::text).trim(), "");
}
