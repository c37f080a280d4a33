//! How it opens: with nothing to watch, with a broken configuration, without a terminal.

use std::process::{Command, Stdio};

use crate::program::{Program, SQLREACH};
use crate::view::View;

#[test]
fn an_empty_configuration_opens_with_what_to_do_next() {
    let mut terminal = Program::sqlreach(&[]).start();
    terminal.wait_for("Nothing to watch yet.");
    for text in [
        "sqlreach config init",
        "sqlreach demo",
        "config/sqlreach/sqlreach.toml",
    ] {
        terminal.wait_for(text);
    }
    // No key expects a row to be there. More of them together would be a paste.
    terminal.press("jkgGrRvf", "problems only", |view| {
        view.header().contains("problems only")
    });
    terminal.press("sStmp", "paused", |view| view.has("PAUSED"));
    terminal.press("p123\r", "going on", |view| !view.has("PAUSED"));
    terminal.press("?", "the help", |view| view.has("Keys in the table"));
    terminal.press("\x1b", "the same again", |view| {
        view.has("Nothing to watch yet.")
    });
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn a_file_without_instances_is_named() {
    let mut program = Program::sqlreach(&[]);
    program.configure("[probe]\ninterval = \"15s\"\n");
    let terminal = program.start();
    terminal.wait_for("lists no instance yet");
}

#[test]
fn a_broken_configuration_is_one_line_that_says_where() {
    let mut program = Program::sqlreach(&[]).size(300, 30);
    let file = program.configure("[probe]\ninterval = \"15s\"\nintervall = \"1s\"\n");
    let terminal = program.start();
    let end = terminal.end();
    assert_eq!(end.status.exit_code(), 2);
    terminal.wait("the output", |view| view.ended);
    let lines = terminal.look(View::lines);
    let place = format!("{}:3:1", file.display());
    assert!(lines[0].contains(&place), "{lines:#?}");
    let more: Vec<&String> = lines[1..].iter().filter(|line| !line.is_empty()).collect();
    assert!(more.is_empty(), "{lines:#?}");
    assert!(terminal.look(|view| !view.has_sent("\x1b[?1049h")));
    assert!(terminal.is_cooked());
}

#[test]
fn a_target_that_cannot_be_parsed_is_a_row_beside_the_others() {
    let terminal = Program::sqlreach(&["sales01/PROD", "127.0.0.1,1"]).start();
    terminal.wait("both rows", |view| {
        view.state("sales01/PROD").as_deref() == Some("invalid")
            && view.state("127.0.0.1,1").as_deref() == Some("refused")
    });
}

#[test]
fn without_a_terminal_it_checks_and_sends_no_control_character() {
    let program = Program::watching(2);
    let output = Command::new(SQLREACH)
        .env("HOME", program.home.path())
        .env("XDG_CONFIG_HOME", program.home.path().join("config"))
        .env("XDG_STATE_HOME", program.home.path().join("state"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("n01") && text.contains("refused"), "{text}");
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
}
