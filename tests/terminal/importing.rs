//! Many servers at once, and the first steps from an empty screen.

use std::fs;
use std::path::{Path, PathBuf};

use sqlreach::simulate::closed_port::ClosedPort;

use crate::program::Program;
use crate::terminal::{ESC, Terminal};
use crate::view::View;

fn file_of(program: &Program) -> PathBuf {
    program.home.path().join("config/sqlreach/sqlreach.toml")
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn is_review(view: &View) -> bool {
    view.has("Nothing is sent before enter") && view.has(" new")
}

/// A typist who is not taken for a paste.
fn type_slowly(terminal: &mut Terminal, text: &str) {
    let mut typed = String::new();
    for letter in text.chars() {
        typed.push(letter);
        let wanted = typed.trim_end().to_owned();
        terminal.press(&letter.to_string(), &typed, |view| view.has(&wanted));
    }
}

#[test]
fn a_pasted_list_is_looked_through_ticked_and_kept() {
    let program = Program::watching(1).size(110, 40);
    let file = file_of(&program);
    let before = text_of(&file);
    let port = program.closed[0].address().port();
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    let list = format!(
        "\x1b[200~# ours\r127.0.0.1,9 # the first\r127.0.0.1,{port}\r127.0.0.1,10\r\
         Server=127.0.0.1,11;Password=hunter2-Geheim\rdb/9\r\x1b[201~"
    );
    terminal.press(&list, "the list", |view| {
        view.has("3 new, 1 watched already, 1 no server") && view.has("A password was left out")
    });
    terminal.look(|view| assert!(view.has("watched already, as n01")));
    assert_eq!(text_of(&file), before, "nothing is written before enter");
    terminal.press(ESC, "the table", |view| !is_review(view));
    assert_eq!(text_of(&file), before);

    terminal.press(&list, "the list", is_review);
    terminal.press("jj", "127.0.0.1,10", |view| view.has("[x] line 4"));
    terminal.press(" ", "one ticked off", |view| view.has("[ ] line 4"));
    terminal.press("\r", "the rows", |view| {
        view.header().contains("3 instances") && !is_review(view)
    });
    let added = "\n[[instance]]\nserver = \"127.0.0.1,9\"\nnote = \"the first\"\n\
                 \n[[instance]]\nserver = \"127.0.0.1,11\"\n";
    assert_eq!(text_of(&file), format!("{before}{added}"));
    let sent = terminal.look(|view| String::from_utf8_lossy(view.sent()).into_owned());
    assert!(!sent.contains("hunter2"), "the password was drawn");
}

#[test]
fn from_an_empty_screen_a_file_is_imported() {
    let program = Program::sqlreach(&[]).size(110, 40);
    let file = file_of(&program);
    let closed = ClosedPort::start(([127, 0, 0, 1], 0).into()).unwrap();
    let port = closed.address().port();
    let list = program.home.path().join("list");
    fs::write(&list, format!("127.0.0.1,{port}\n127.0.0.1,9\n")).unwrap();
    let mut terminal = program.start();
    terminal.wait_for("Nothing to watch yet.");
    terminal.press("i", "a field", |view| view.has(" file?"));
    type_slowly(&mut terminal, "~/no");
    terminal.press("\r", "why not", |view| {
        view.footer().contains("cannot be read")
    });
    terminal.press("i", "a field", |view| view.has(" file?"));
    type_slowly(&mut terminal, "~/list");
    terminal.press("\r", "the list", |view| {
        is_review(view) && view.has("2 new")
    });
    assert!(!file.exists(), "nothing is written before the key");
    terminal.press("y", "two rows", |view| {
        view.header().contains("2 instances") && view.has("refused")
    });
    assert_eq!(text_of(&file).matches("[[instance]]").count(), 2);
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn from_an_empty_screen_a_host_is_asked_and_nothing_is_written() {
    let program = Program::sqlreach(&["--browser-port", "9"]).size(110, 40);
    let file = file_of(&program);
    let mut terminal = program.start();
    terminal.wait_for("Nothing to watch yet.");
    terminal.press("d", "a field", |view| view.has(" host?"));
    type_slowly(&mut terminal, "127.0.0.1");
    terminal.press("\r", "the tab browser", |view| {
        view.has("nothing listens on Browser's port")
    });
    assert!(!file.exists());
    terminal.press("a", "nothing to add", |view| {
        view.footer().contains("nothing was found")
    });
    terminal.press(ESC, "the table", |view| view.titles().is_some());
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn from_an_empty_screen_the_demo_begins_in_the_same_terminal() {
    let mut terminal = Program::sqlreach(&[]).size(110, 40).start();
    terminal.wait_for("Nothing to watch yet.");
    terminal.press("D", "the demo", |view| {
        view.header().contains("sqlreach demo") && view.titles().is_some()
    });
    terminal.press("?", "keys work there", |view| {
        view.line(2).starts_with(" Keys ")
    });
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn targets_of_the_command_line_are_written_on_request() {
    let program = Program::sqlreach(&["127.0.0.1,1", "127.0.0.1,9"]).size(120, 40);
    let file = file_of(&program);
    let mut terminal = program.start();
    terminal.wait("both rows", |view| view.header().contains("2 instances"));
    terminal.press("W", "a question", |view| {
        view.footer().contains("write 2 instances to ")
    });
    terminal.press("n", "the table", |view| !view.footer().contains("write 2"));
    assert!(!file.exists());
    terminal.press("W", "a question", |view| {
        view.footer().contains("write 2 instances to ")
    });
    terminal.press("y", "done", |view| {
        view.footer().contains("instances written to")
    });
    let wanted =
        "[[instance]]\nserver = \"127.0.0.1,1\"\n\n[[instance]]\nserver = \"127.0.0.1,9\"\n";
    assert_eq!(text_of(&file), wanted);
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn the_clock_follows_the_file_at_once() {
    let program = Program::watching(1).env("TZ", "CET-1").size(140, 30);
    let file = file_of(&program);
    let mut terminal = program.start();
    terminal.wait("the time here", |view| view.header().contains(" CET"));
    let text = format!("[screen]\nclock = 'utc'\n{}", text_of(&file));
    fs::write(&file, text).unwrap();
    terminal.wait("UTC", |view| view.header().contains(" UTC"));
    terminal.keys("q");
    terminal.ends_well();
}
