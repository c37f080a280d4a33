//! The form, the question before a removal, and a configuration that is read again.

use std::path::PathBuf;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use super::{press, screen};
use crate::config::edit::{Change, Entry};
use crate::config::{Config, Kept, Overrides};
use crate::tui::Theme;
use crate::tui::action::Effect;
use crate::tui::app::{About, App};
use crate::tui::keymap::Mode;
use crate::tui::sample;

pub(super) fn about() -> About {
    let file = PathBuf::from("/home/ann/.config/sqlreach/sqlreach.toml");
    let kept = Kept::new(Some(file), Config::default(), Overrides::default());
    About {
        kept: Some(kept),
        ..sample::about()
    }
}

pub(super) fn app(width: u16, height: u16) -> App {
    sample::configured(about(), width, height)
}

fn tab(app: &mut App) {
    app.key(KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE));
}

#[test]
fn the_first_use_says_how_to_add_and_where_it_is_kept() {
    let size = Rect::new(0, 0, 80, 24);
    let mut app = App::new(about(), Theme::new(true), sample::later(), size);
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

/// In a demo or a replay a list is known as one, and said to be of no use there.
#[test]
fn servers_that_are_pasted_where_nothing_is_kept_are_not_called_nonsense() {
    for text in ["db1\ndb2,1433\n", "Server=db1;Database=x"] {
        let mut app = sample::app(120, 40);
        app.paste(text);
        assert_eq!(app.mode(), Mode::Table);
        let said = app.toast().unwrap();
        assert!(said.starts_with("nothing can be added"), "{said}");
    }
}

#[test]
fn a_server_that_is_typed_is_read_at_once() {
    let mut app = app(80, 24);
    press(&mut app, r"a s a l e s 0 9 \ P R O D");
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

#[test]
fn a_mistake_is_shown_where_it_is_and_not_handed_over() {
    let mut app = app(80, 24);
    press(&mut app, "a d b 1 / P R O D");
    assert_eq!(press(&mut app, "enter"), None);
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

#[test]
fn what_was_typed_is_handed_over_and_stays_until_it_is_kept() {
    let mut app = app(80, 24);
    press(&mut app, "a d b 9");
    tab(&mut app);
    tab(&mut app);
    press(&mut app, "p r o d , e u");
    let wanted = Change::Add(vec![Entry {
        server: "db9".to_owned(),
        tags: vec!["prod".to_owned(), "eu".to_owned()],
        ..Entry::default()
    }]);
    assert_eq!(press(&mut app, "enter"), Some(Effect::Keep(wanted)));
    assert_eq!(press(&mut app, "enter"), None, "once is enough");
    app.not_changed("the disk is full".to_owned());
    let shown = screen(&mut app, 80, 24);
    assert!(
        shown.contains("the disk is full") && shown.contains("db9"),
        "{shown}"
    );
    assert!(press(&mut app, "enter").is_some());
    app.changed(&Config::default());
    assert_eq!(app.mode(), Mode::Table);
    assert!(screen(&mut app, 80, 24).contains("written to"));
}

#[test]
fn a_server_that_is_watched_already_is_named() {
    let mut app = app(80, 24);
    press(&mut app, "a c r m 0 1");
    assert!(screen(&mut app, 80, 24).contains("watched already, as crm"));
}

#[test]
fn the_form_of_an_instance_begins_with_what_it_is() {
    let mut app = app(80, 24);
    press(&mut app, "/ c r m enter E");
    let shown = screen(&mut app, 80, 24);
    assert!(
        shown.contains("change an instance") && shown.contains("crm01"),
        "{shown}"
    );
    assert!(!shown.contains("watched already"), "{shown}");
    press(&mut app, "x");
    let Some(Effect::Keep(Change::Edit(was, entry))) = press(&mut app, "enter") else {
        panic!("nothing to keep")
    };
    assert_eq!(
        (was.name.as_str(), entry.server.as_str()),
        ("crm", "crm01x")
    );
}

#[test]
fn a_removal_is_asked_for_and_says_from_where() {
    let mut app = app(100, 24);
    press(&mut app, "/ c r m enter");
    assert_eq!(press(&mut app, "x"), None);
    let shown = screen(&mut app, 100, 24);
    assert!(shown.contains("remove crm from /home/ann/"), "{shown}");
    assert_eq!(press(&mut app, "n"), None);
    assert_eq!(press(&mut app, "y").map(|_| app.mode()), Some(Mode::Table));
    press(&mut app, "x");
    let Some(Effect::Keep(Change::Remove(was))) = press(&mut app, "y") else {
        panic!("nothing to keep")
    };
    assert_eq!(was.name, "crm");
}

#[test]
fn a_password_in_the_form_is_not_drawn() {
    let mut app = app(80, 24);
    press(&mut app, "a");
    for letter in "Server=db9;Password=hunter2".chars() {
        app.key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
    }
    assert!(!screen(&mut app, 80, 24).contains("hunter2"));
    let Some(Effect::Keep(change)) = press(&mut app, "enter") else {
        panic!("nothing to keep")
    };
    assert!(!format!("{change:?}").contains("hunter2"));
    press(&mut app, "esc");
    app.paste("Server=db9;Password=hunter2-Geheim");
    let shown = screen(&mut app, 80, 24);
    assert!(
        !shown.contains("hunter2") && shown.contains("left out"),
        "{shown}"
    );
}

#[test]
fn a_configuration_that_is_not_taken_is_shown_until_it_is_mended() {
    let mut app = app(80, 24);
    app.broken("f.toml:3:1: unknown key 'rat' in [probe]".to_owned());
    app.tick(sample::later() + jiff::SignedDuration::from_secs(60));
    assert!(screen(&mut app, 80, 24).contains("NOT TAKEN: f.toml:3:1:"));
    app.mended();
    assert!(!screen(&mut app, 80, 24).contains("NOT TAKEN"));
}

#[test]
fn where_there_is_nothing_to_keep_nothing_opens() {
    let mut app = sample::app(80, 24);
    for key in ["a", "E", "x"] {
        assert_eq!(press(&mut app, key), None);
        assert_eq!(app.mode(), Mode::Table, "{key}");
    }
}
