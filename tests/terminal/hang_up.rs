//! The terminal goes away: a window is closed, a connection breaks.

use std::time::Duration;

use crate::program::Program;
use crate::terminal::cpu_time;

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

fn goes_with_its_terminal(program: Program) {
    let mut terminal = program.start();
    terminal.wait("the table", |view| {
        view.is_taken() && view.titles().is_some()
    });
    let before = cpu_time(terminal.pid());
    let at = terminal.hang_up();
    let end = terminal.end();
    assert_eq!(end.status.exit_code(), 0);
    let took = end.at - at;
    assert!(took < Duration::from_secs(1), "{took:?}");
    if let (Some(before), Some(cpu)) = (before, end.cpu) {
        let cpu = cpu.saturating_sub(before);
        assert!(cpu < Duration::from_millis(300), "{cpu:?}");
    }
}
