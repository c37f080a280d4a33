//! The first steps on an empty screen, keeping the session, and a screen that changes live.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::adding::{about, app};
use super::{press, screen};
use crate::config::{Clock, Config, Instance, Kept, Notify, Overrides};
use crate::monitor::{Command, Ledger, News, Rules};
use crate::tui::Theme;
use crate::tui::action::Effect;
use crate::tui::app::{About, App};
use crate::tui::keymap::Mode;
use crate::tui::sample;

fn empty(width: u16, height: u16) -> App {
    let size = Rect::new(0, 0, width, height);
    App::new(about(), Theme::new(true), sample::later(), size)
}

fn letters(app: &mut App, text: &str) {
    let keys: Vec<String> = text.chars().map(String::from).collect();
    press(app, &keys.join(" "));
}

#[test]
fn the_first_screen_offers_every_way_in_two_sizes() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut app = empty(width, height);
        let shown = screen(&mut app, width, height);
        insta::assert_snapshot!(format!("first_{width}x{height}"), shown);
    }
}

#[test]
fn a_file_is_asked_for_and_handed_over() {
    let mut app = empty(80, 24);
    press(&mut app, "i");
    insta::assert_snapshot!("import_field", screen(&mut app, 80, 24));
    assert_eq!(press(&mut app, "enter"), None, "no path, no file");
    assert_eq!(app.mode(), Mode::Field);
    letters(&mut app, "~/servers.txt");
    let wanted = Effect::Import("~/servers.txt".to_owned());
    assert_eq!(press(&mut app, "enter"), Some(wanted));
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn a_host_is_watched_for_the_session_and_asked_as_soon_as_it_is() {
    let mut app = empty(80, 24);
    press(&mut app, "d");
    letters(&mut app, "db/1");
    assert_eq!(press(&mut app, "enter"), None, "that is no host");
    for _ in 0..4 {
        let key = crossterm::event::KeyCode::Backspace;
        app.key(crossterm::event::KeyEvent::new(
            key,
            crossterm::event::KeyModifiers::NONE,
        ));
    }
    letters(&mut app, "db1");
    let Some(Effect::Watch(instances)) = press(&mut app, "enter") else {
        panic!("nothing to watch")
    };
    assert_eq!(app.follow_up(), None, "it is not watched yet");
    let mut ledger = Ledger::new(Rules::default());
    ledger.replace(sample::later(), &instances);
    let ids = ledger.order().to_vec();
    app.take(News {
        rows: ids.iter().filter_map(|id| ledger.row(*id)).collect(),
        order: Some(ids.clone().into()),
    });
    assert_eq!(
        app.follow_up(),
        Some(Effect::Send(Command::Discover(ids[0])))
    );
    assert_eq!(app.follow_up(), None, "once is enough");
    assert_eq!(app.mode(), Mode::Drill);
}

#[test]
fn the_demo_is_for_an_empty_screen() {
    assert_eq!(press(&mut empty(80, 24), "D"), Some(Effect::Demo));
    let mut app = app(80, 24);
    assert_eq!(press(&mut app, "D"), None);
    assert!(screen(&mut app, 80, 24).contains("sqlreach demo"));
}

#[test]
fn what_the_command_line_named_is_written_after_a_question() {
    let file = Some(PathBuf::from("/home/ann/.config/sqlreach/sqlreach.toml"));
    let kept = Kept::new(None, Config::default(), Overrides::default()).could_be_in(file);
    let about = About {
        kept: Some(kept),
        ..sample::about()
    };
    let mut app = sample::configured(about, 120, 24);
    assert_eq!(press(&mut app, "W"), None);
    let shown = screen(&mut app, 120, 24);
    assert!(shown.contains("write 8 instances to /home/ann/"), "{shown}");
    assert_eq!(press(&mut app, "n"), None);
    press(&mut app, "W");
    assert_eq!(press(&mut app, "y"), Some(Effect::Save));
    app.saved(8);
    assert!(screen(&mut app, 120, 24).contains("8 instances written to /home/ann/"));
}

#[test]
fn what_is_kept_already_needs_no_writing() {
    let mut app = app(120, 24);
    assert_eq!(press(&mut app, "W"), None);
    assert!(screen(&mut app, 120, 24).contains("already"));
    assert_eq!(app.mode(), Mode::Table);
}

#[test]
fn a_clock_and_calls_that_change_in_the_file_work_at_once() {
    let mut app = app(140, 24);
    app.about.local = TimeZone::posix("CET-1").unwrap();
    app.about.zone = app.about.local.clone();
    let mut config = Config::default();
    config.screen.clock = Clock::Utc;
    config.screen.bell = true;
    config.screen.flash = false;
    config.screen.notify = Notify::Osc9;
    app.reloaded(&config);
    assert!(screen(&mut app, 140, 24).contains(" UTC"));
    let screen_now = &app.about.screen;
    assert!(screen_now.bell && !screen_now.flash && screen_now.notify == Notify::Osc9);
    app.reloaded(&Config::default());
    assert!(screen(&mut app, 140, 24).contains(" CET"));
}

#[test]
fn a_zone_that_a_key_chose_stays_where_the_file_says_nothing_new() {
    let mut app = app(140, 24);
    app.about.zone = TimeZone::UTC;
    app.reloaded(&Config::default());
    assert!(screen(&mut app, 140, 24).contains(" UTC"));
}

#[test]
fn a_filter_of_the_file_that_cannot_be_is_said() {
    let mut app = app(100, 24);
    let mut config = Config::default();
    config.screen.filter = "state:refusd".to_owned();
    app.reloaded(&config);
    assert!(screen(&mut app, 100, 24).contains("refusd"));
}

#[test]
fn saving_adds_what_the_file_does_not_list_and_keeps_its_comments() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sqlreach.toml");
    std::fs::write(&file, "# ours\n[[instance]]\nserver = 'DB1' # here\n").unwrap();
    let mut config = Config::default();
    for text in [
        "db1",
        "db2",
        "tcp:db2",
        "db 9",
        "Server=db3;Password=hunter2",
    ] {
        config.instances.push(Arc::new(Instance::from_text(text)));
    }
    let kept = Kept::new(None, config, Overrides::default()).could_be_in(Some(file.clone()));
    assert_eq!(kept.save().unwrap(), 2);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(
        written,
        "# ours\n[[instance]]\nserver = 'DB1' # here\n\n\
         [[instance]]\nserver = \"db2\"\n\n[[instance]]\nserver = \"db3\"\n"
    );
    assert_eq!(kept.save().unwrap(), 0);
}
