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
