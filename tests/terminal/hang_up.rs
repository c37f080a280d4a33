//! The terminal goes away: a window is closed, a connection breaks.

use std::time::Duration;

use crate::program::Program;
use crate::terminal::{End, Terminal, cpu_time};
use crate::view::View;

#[test]
fn the_program_ends_within_a_second_of_its_terminal() {
    goes_with_its_terminal(Program::watching(1));
}

#[test]
fn it_ends_though_it_was_started_with_the_hang_up_signal_ignored() {
    goes_with_its_terminal(Program::script(r#"trap '' HUP; exec "$0" "$@""#, 1));
}

/// Where the terminal does not control the session (`setsid`, some containers) no signal
/// comes, and reading is no help either: a terminal that is gone can be read for ever.
#[test]
fn it_ends_without_a_hang_up_signal() {
    let mut program = Program::watching(1);
    program.command.set_controlling_tty(false);
    goes_with_its_terminal(program);
}

#[test]
fn the_demo_ends_with_its_terminal() {
    goes_with_its_terminal(Program::demo());
}

#[test]
fn it_ends_though_the_terminal_goes_before_anything_is_shown() {
    let mut terminal = Program::watching(1).start();
    terminal.wait("the screen", View::is_taken);
    ends_when_hung_up(&mut terminal);
}

/// Keys are still being read: whoever reads a terminal that is gone may never come back.
#[test]
fn it_ends_though_the_terminal_goes_in_the_middle_of_the_keys() {
    for _ in 0..8 {
        let mut terminal = Program::watching(2).start();
        terminal.wait("the table", |view| view.titles().is_some());
        terminal.keys(&"jk".repeat(150));
        ends_when_hung_up(&mut terminal);
    }
}

#[test]
fn it_ends_though_the_terminal_goes_in_the_middle_of_a_paste() {
    let mut terminal = Program::watching(1).start();
    terminal.wait("the table", |view| view.titles().is_some());
    // The plain keys of a terminal without bracketed paste; what is pasted is shown when it is
    // over.
    terminal.keys("Login failed for user 'sa' on db01");
    ends_when_hung_up(&mut terminal);
}

fn goes_with_its_terminal(program: Program) {
    let mut terminal = program.start();
    terminal.wait("the table", |view| {
        view.is_taken() && view.titles().is_some()
    });
    let before = cpu_time(terminal.pid());
    let end = ends_when_hung_up(&mut terminal);
    if let (Some(before), Some(cpu)) = (before, end.cpu) {
        let cpu = cpu.saturating_sub(before);
        assert!(cpu < Duration::from_millis(300), "{cpu:?}");
    }
}

fn ends_when_hung_up(terminal: &mut Terminal) -> End {
    let at = terminal.hang_up();
    let end = terminal.end();
    assert_eq!(end.status.exit_code(), 0);
    let took = end.at - at;
    assert!(took < Duration::from_secs(1), "{took:?}");
    end
}
