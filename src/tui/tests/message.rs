//! The pane that explains a client's message.

use super::{draw, press, screen};
use crate::monitor::Command;
use crate::tui::action::Effect;
use crate::tui::app::App;
use crate::tui::keymap::Mode;
use crate::tui::sample;

const NAMED: &str =
    "Failed to connect to crm.corp.test:1433\n - connect ECONNREFUSED 10.0.4.12:1433";

fn open(text: &str) -> App {
    let mut app = sample::app(100, 48);
    press(&mut app, "g e");
    app.paste(text);
    app
}

fn ctrl(app: &mut App, letter: char) -> Option<Effect> {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    app.key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
}

#[test]
fn a_message_and_what_it_comes_to() {
    let mut app = open("Failed to connect to db9:1444 - connect ECONNREFUSED 10.0.4.12:1444");
    insta::assert_snapshot!(screen(&mut app, 100, 48));
}

#[test]
fn an_empty_message_says_what_belongs_there() {
    let mut app = open("");
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

#[test]
fn nothing_is_sent_while_a_message_is_typed_or_pasted() {
    let mut app = open("");
    for letter in "connect ECONNREFUSED db9:1433".chars() {
        let key = if letter == ' ' {
            "space".to_owned()
        } else {
            letter.to_string()
        };
        assert_eq!(press(&mut app, &key), None);
    }
    assert_eq!(press(&mut app, "enter"), None);
    assert!(screen(&mut app, 100, 48).contains("refused at"));
}

#[test]
fn the_key_probes_the_instance_that_is_watched_under_that_name() {
    let mut app = sample::app(100, 48);
    let (name, server) = {
        let row = app
            .fleet
            .all()
            .find(|row| row.instance.name == "crm")
            .unwrap();
        let target = row.instance.target.as_ref().unwrap();
        (row.id, target.host.to_string())
    };
    press(&mut app, "/ t y p o enter");
    app.paste(&format!(
        "Failed to connect to {server}:1433 - connect ECONNREFUSED 10.0.4.12:1433"
    ));
    assert_eq!(app.mode(), Mode::Message);
    assert_eq!(
        ctrl(&mut app, 'p'),
        Some(Effect::Send(Command::Probe(vec![name])))
    );
    assert_eq!(app.fleet.selected().unwrap().id, name);
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn a_server_that_is_not_watched_gives_the_command_and_is_not_added() {
    let mut app = open("Failed to connect to db9:1444 - connect ECONNREFUSED 10.0.4.12:1444");
    let before = app.fleet.len();
    let Some(Effect::Copy { text, .. }) = ctrl(&mut app, 'p') else {
        panic!("nothing to copy")
    };
    assert_eq!(text, "sqlreach check db9,1444");
    assert_eq!(app.fleet.len(), before);
}

#[test]
fn a_message_without_a_server_probes_nothing() {
    let mut app = open("Login timeout expired");
    assert_eq!(ctrl(&mut app, 'p'), None);
    assert!(screen(&mut app, 100, 48).contains("names no server"));
}

#[test]
fn what_is_pasted_is_bounded_and_harmless() {
    let text = format!("{NAMED} \u{1b}[2J\u{202e} {}", "x\n".repeat(200_000));
    let mut app = open(&text);
    assert!(app.explaining().unwrap().text().len() <= 16 * 1024 + 2);
    let buffer = draw(&mut app, 100, 48);
    let steers = |symbol: &str| symbol.chars().any(|c| c.is_control() || c == '\u{202e}');
    assert!(!buffer.content.iter().any(|cell| steers(cell.symbol())));
}

#[test]
fn only_a_message_of_a_client_opens_from_the_table() {
    let mut app = sample::app(100, 48);
    app.paste("the quick brown fox");
    assert_eq!(app.mode(), Mode::Table);
    app.paste(NAMED);
    assert_eq!(app.mode(), Mode::Message);
}

#[test]
fn a_password_is_neither_kept_nor_shown() {
    let mut app = open("Server=db9;Password=hunter2-Geheim;connect ECONNREFUSED");
    assert!(!app.explaining().unwrap().text().contains("hunter2"));
    assert!(!screen(&mut app, 100, 48).contains("hunter2"));
}
