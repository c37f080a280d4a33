//! What is pasted into the dashboard, as a terminal with bracketed paste sends it.

use crate::program::Program;
use crate::terminal::{ESC, Terminal};
use crate::view::View;

fn paste(terminal: &mut Terminal, text: &str, what: &str, is_so: impl FnMut(&View) -> bool) {
    let sent = format!("\x1b[200~{text}\x1b[201~");
    terminal.press(&sent, what, is_so);
}

#[test]
fn a_message_that_is_pasted_into_the_table_is_explained() {
    let mut terminal = Program::watching(2).size(100, 40).start();
    terminal.wait_for("✖ 2 down");
    let text = "Failed to connect to db9:1444\r - connect ECONNREFUSED 10.0.4.12:1444\rq";
    paste(&mut terminal, text, "a message", |view| {
        view.has("refused at the TCP connection") && view.has("sqlreach check db9,1444")
    });
    terminal.press(ESC, "back to the table", |view| view.titles().is_some());
}

#[test]
fn what_is_no_message_leaves_the_table_alone() {
    let mut terminal = Program::watching(2).size(100, 40).start();
    terminal.wait_for("✖ 2 down");
    paste(&mut terminal, "quiet please\rq", "no message", |view| {
        view.footer().contains("no message of a client")
    });
    terminal.look(|view| assert!(view.titles().is_some()));
}

#[test]
fn a_password_in_a_pasted_message_is_never_drawn() {
    let mut terminal = Program::watching(2).size(100, 40).start();
    terminal.wait_for("✖ 2 down");
    let text = "connect ECONNREFUSED 10.0.4.12:1433 Server=db9;Password=hunter2-Geheim;";
    paste(&mut terminal, text, "a message", |view| {
        view.has("Password=***") && view.has("refused at")
    });
    let sent = terminal.look(|view| String::from_utf8_lossy(view.sent()).into_owned());
    assert!(!sent.contains("hunter2"), "the password was drawn");
}

/// Without bracketed paste the keys of a text arrive as if they were typed, all at once.
#[test]
fn a_burst_of_keys_is_a_paste_and_no_command() {
    let mut terminal = Program::watching(2).size(100, 40).start();
    terminal.wait_for("✖ 2 down");
    // Its letters would pause, sort, copy and quit.
    terminal.keys("quit, please: stop probing 127.0.0.1\rq");
    terminal.wait("no message", |view| {
        view.footer().contains("no message of a client")
    });
    terminal.look(|view| {
        assert!(view.titles().is_some() && !view.has("PAUSED"));
        assert!(view.titles().unwrap_or_default().contains("STATE▾"));
        assert!(!view.has_sent("\x1b]52;"), "something was copied");
    });

    let text = "Failed to connect to db9:1444\r - connect ECONNREFUSED 10.0.4.12:1444\rq";
    terminal.press(text, "a message", |view| {
        view.has("refused at the TCP connection") && view.has("sqlreach check db9,1444")
    });
    terminal.press(ESC, "back to the table", |view| view.titles().is_some());
}

/// Longer than one read of the terminal, so that it arrives in pieces.
#[test]
fn a_burst_in_pieces_is_one_paste() {
    let mut terminal = Program::watching(2).size(100, 40).start();
    terminal.wait_for("✖ 2 down");
    let stack = "   at Some.Method(String quietly) in quit.cs\r".repeat(60);
    let text =
        format!("{stack}Failed to connect to db9:1444 - connect ECONNREFUSED 10.0.4.12:1444");
    terminal.press(&text, "a message", |view| {
        view.has("refused at the TCP connection")
    });
    terminal.press(ESC, "back to the table", |view| view.titles().is_some());
}

#[test]
fn a_burst_into_a_field_does_not_leave_it() {
    let mut terminal = Program::watching(2).size(100, 40).start();
    terminal.wait_for("✖ 2 down");
    terminal.press("/", "the field", |view| view.filter_field().is_some());
    terminal.press("state:refused\rqqq", "all of it in the field", |view| {
        view.filter_field()
            .is_some_and(|field| field.contains("state:refusedqqq"))
    });
    terminal.press(ESC, "back to the table", |view| {
        view.titles().is_some() && view.filter_field().is_none()
    });
}

/// A key that is held down, or pressed again and again, while the screen was busy.
#[test]
fn a_key_that_repeats_is_no_paste() {
    let mut terminal = Program::watching(30).size(100, 40).start();
    terminal.wait_for("✖ 30 down");
    terminal.press("g", "the first", |view| view.selected_has("n01"));
    let held = "j".repeat(20);
    terminal.press(&held, "twenty down", |view| view.selected_has("n21"));
    terminal.press("kkkkkkkkjjjj", "eight up, four down", |view| {
        view.selected_has("n17")
    });
}
