//! A panic in the program: of the thread that draws, and of another one.
//!
//! This test program itself is the one in the terminal: it runs the dashboard with a report
//! that panics.

use std::time::Duration;

use jiff::tz::TimeZone;
use sqlreach::config::{Config, Instance, Screen};
use sqlreach::monitor::{Monitor, Setup};
use sqlreach::tui::keymap::KeyMap;
use sqlreach::tui::{self, About, Device};

use crate::program::Program;
use crate::terminal::Terminal;
use crate::view::View;

/// Which thread panics; unset where the tests are run.
const WHO: &str = "SQLREACH_TEST_PANICS";

#[test]
fn a_panic_while_drawing_gives_the_terminal_back_before_it_is_told() {
    let mut terminal = dashboard_whose_reports_panic("screen");
    terminal.press("y", "the end", |view| view.ended);
    assert_ne!(terminal.end().status.exit_code(), 0);
    assert!(
        terminal.look(View::is_given_back),
        "the screen is not restored"
    );
    assert!(terminal.is_cooked(), "the terminal is still raw");
    assert!(
        terminal.look(|view| view.has("a report that was told to panic")),
        "{}",
        terminal.look(View::text)
    );
}

#[test]
fn a_panic_of_another_thread_ends_nothing_and_is_told_in_the_end() {
    let mut terminal = dashboard_whose_reports_panic("other");
    terminal.keys("y");
    terminal.press("?", "the help", |view| view.has("Keys in the table"));
    assert!(!terminal.look(|view| view.has("told to panic")));
    terminal.press("\x1b", "the table", |view| view.titles().is_some());
    terminal.press("q", "the end", |view| view.ended);
    assert!(
        terminal.look(View::is_given_back),
        "the screen is not restored"
    );
    assert!(terminal.is_cooked(), "the terminal is still raw");
    assert!(
        terminal.look(|view| view.has("another thread that was told to panic")),
        "{}",
        terminal.look(View::text)
    );
}

fn dashboard_whose_reports_panic(who: &str) -> Terminal {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let program = Program::any(&[this, "--exact", "panics::inside", "--nocapture"]);
    let terminal = program.env(WHO, who).env("RUST_BACKTRACE", "0").start();
    terminal.wait("the table", |view| {
        view.is_taken() && view.titles().is_some()
    });
    terminal
}

#[test]
fn inside() {
    let Ok(who) = std::env::var(WHO) else { return };
    let mut config = Config::default();
    config.probe.interval = Duration::from_secs(3600);
    // Nothing answers there, and nothing is sent further than this machine.
    config.instances = vec![Instance::from_text("127.0.0.1,1").into()];
    let setup = Setup {
        config,
        memory: None,
    };
    let monitor = Monitor::start(setup).unwrap();
    let about = About {
        vantage: "here".into(),
        interval: Duration::from_secs(3600),
        rate: None,
        label: String::new(),
        zone: TimeZone::UTC,
        local: TimeZone::UTC,
        keys: KeyMap::default(),
        screen: Screen::default(),
        kept: None,
        state: None,
        config_hint: String::new(),
        policy: None,
        report: match who.as_str() {
            "screen" => |_, _, _, _| panic!("a report that was told to panic"),
            _ => |_, _, _, _| {
                let thread = std::thread::spawn(|| panic!("another thread that was told to panic"));
                assert!(thread.join().is_err());
                "a report".to_owned()
            },
        },
        note: |_, _| String::new(),
    };
    tui::run(&monitor, about, Device::of_this_process(true)).unwrap();
}
