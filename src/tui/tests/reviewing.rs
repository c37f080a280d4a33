//! Many servers at once: a list that is pasted, a file that was read, what a host has.

use std::path::Path;

use super::adding::{about, app};
use super::audit::{audited, everything_differs, tab};
use super::{press, screen};
use crate::config::Config;
use crate::config::edit::Change;
use crate::config::import::of_bytes;
use crate::tui::action::Effect;
use crate::tui::app::App;
use crate::tui::keymap::Mode;
use crate::tui::sample;

const LIST: &str = "# from the wiki\n\
    db1\n\
    db2,1433  # ask Ann\n\
    crm01\n\
    Server=db3;User ID=app;Password=hunter2\n\
    tcp:DB1\n\
    db 9\n\
    sales02\\PROD\tSales two\tprod emea\n\
    db/4\n";

fn kept(effect: Option<Effect>) -> Vec<String> {
    match effect {
        Some(Effect::Keep(Change::Add(entries))) => {
            entries.into_iter().map(|entry| entry.server).collect()
        }
        other => panic!("nothing to add: {other:?}"),
    }
}

#[test]
fn a_pasted_list_is_looked_through_in_two_sizes() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut app = app(width, height);
        app.paste(LIST);
        assert_eq!(app.mode(), Mode::Review);
        let shown = screen(&mut app, width, height);
        assert!(!shown.contains("hunter2"));
        insta::assert_snapshot!(format!("review_{width}x{height}"), shown);
    }
}

#[test]
fn why_the_selected_one_is_no_server_is_said_in_full() {
    let mut app = app(80, 24);
    app.paste(LIST);
    press(&mut app, "G");
    assert!(screen(&mut app, 80, 24).contains("a backslash separates"));
}

#[test]
fn what_is_ticked_is_added_in_one_change() {
    let mut app = app(100, 30);
    app.paste(LIST);
    assert_eq!(press(&mut app, "j space"), None, "db2 is left out");
    assert!(screen(&mut app, 100, 30).contains("3 ticked"));
    let servers = kept(press(&mut app, "enter"));
    assert_eq!(servers, ["db1", "db3", r"sales02\PROD"]);
    assert_eq!(press(&mut app, "enter"), None, "once is enough");
    app.not_changed("the disk is full".to_owned());
    assert!(screen(&mut app, 100, 30).contains("the disk is full"));
    assert_eq!(kept(press(&mut app, "y")).len(), 3);
    app.changed(&Config::default());
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn esc_leaves_everything_as_it_was() {
    let mut app = app(100, 30);
    app.paste(LIST);
    assert_eq!(press(&mut app, "esc"), None);
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn only_what_is_new_can_be_ticked_and_nothing_ticked_adds_nothing() {
    let mut app = app(100, 30);
    app.paste("crm01\ndb7\n");
    assert_eq!(press(&mut app, "k space"), None);
    assert!(screen(&mut app, 100, 30).contains("only what is new"));
    assert_eq!(press(&mut app, "j space enter"), None);
    assert!(screen(&mut app, 100, 30).contains("nothing is ticked"));
}

#[test]
fn one_server_still_opens_the_form_and_an_error_the_message() {
    let mut app = app(100, 30);
    app.paste("db1,1433\n");
    assert_eq!(app.mode(), Mode::Form);
    press(&mut app, "esc");
    app.paste("Failed to connect to db9:1444\n - connect ECONNREFUSED 10.0.4.12:1444\n");
    assert_eq!(app.mode(), Mode::Message);
    press(&mut app, "esc");
    app.paste("Server=db1;\nUser ID=app;\nPassword=hunter2-Geheim;\n");
    assert_eq!(app.mode(), Mode::Form);
    assert!(!screen(&mut app, 100, 30).contains("hunter2"));
    press(&mut app, "esc");
    app.paste("db1 # timeout expired\ndb2 # connection refused 10061\n");
    assert_eq!(app.mode(), Mode::Review, "comments make no message");
}

#[test]
fn too_many_are_said_and_the_selection_scrolls() {
    let mut app = app(100, 24);
    let list: Vec<String> = (0..1_234).map(|n| format!("db{n}.corp.test")).collect();
    app.paste(&list.join("\n"));
    let shown = screen(&mut app, 100, 24);
    assert!(
        shown.contains("1000 new") && shown.contains("234 more were too many"),
        "{shown}"
    );
    press(&mut app, "G");
    assert!(screen(&mut app, 100, 24).contains("db999.corp.test"));
    assert_eq!(kept(press(&mut app, "enter")).len(), 1_000);
}

#[test]
fn without_real_instances_nothing_opens() {
    let mut app = sample::app(100, 30);
    app.paste(LIST);
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn a_file_that_was_read_is_looked_through_or_says_what_is_wrong() {
    let mut app = app(100, 30);
    app.imported(
        Path::new("servers.txt"),
        Err("servers.txt: no file".to_owned()),
    );
    assert!(screen(&mut app, 100, 30).contains("servers.txt: no file"));
    let import = of_bytes(LIST.as_bytes(), Path::new("servers.txt")).unwrap();
    app.imported(Path::new("servers.txt"), Ok(import));
    assert!(screen(&mut app, 100, 30).contains(" servers.txt "));
    assert_eq!(app.mode(), Mode::Review);
}

fn on_the_browser_tab(width: u16, height: u16) -> App {
    let mut app = tab(width, height);
    app.about.kept = about().kept;
    app
}

#[test]
fn what_an_audit_found_can_be_added_in_two_sizes() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut app = on_the_browser_tab(width, height);
        audited(&mut app, everything_differs());
        press(&mut app, "a");
        assert_eq!(app.mode(), Mode::Review);
        let shown = screen(&mut app, width, height);
        insta::assert_snapshot!(format!("found_{width}x{height}"), shown);
    }
}

#[test]
fn without_an_audit_the_key_opens_the_form() {
    let mut app = on_the_browser_tab(100, 30);
    press(&mut app, "a");
    assert_eq!(app.mode(), Mode::Form);
}
