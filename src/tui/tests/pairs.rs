//! Every two keys in every mode: `esc` leads back to the table, and `q` out.

use std::collections::HashSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use rstest::rstest;

use super::{draw, press};
use crate::config::{Config, Kept, Overrides};
use crate::monitor::replay::Playback;
use crate::tui::action::Effect;
use crate::tui::app::{About, App};
use crate::tui::keymap::{BINDINGS, Key, Mode};
use crate::tui::sample;

/// An explanation of what was typed so far is worked out with each letter.
const FEW: [KeyCode; 12] = [
    KeyCode::Char('a'),
    KeyCode::Char('q'),
    KeyCode::Char('?'),
    KeyCode::Char('/'),
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Tab,
    KeyCode::Backspace,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::PageDown,
    KeyCode::F(1),
];

#[rstest]
#[case::table(Mode::Table, "")]
#[case::drill(Mode::Drill, "g enter")]
#[case::field(Mode::Field, "/")]
#[case::message(Mode::Message, "e")]
#[case::columns(Mode::Columns, "C")]
#[case::form(Mode::Form, "a")]
#[case::ask(Mode::Ask, "x")]
#[case::help(Mode::Help, "?")]
#[case::replay(Mode::Replay, "")]
fn two_keys_are_no_dead_end(#[case] mode: Mode, #[case] into: &str) {
    let mut app = app();
    if mode == Mode::Replay {
        app.follow(Some(playback()));
    }
    let keys = keys(mode);
    for first in &keys {
        for (number, second) in keys.iter().enumerate() {
            if !into.is_empty() {
                press(&mut app, into);
            }
            send(&mut app, *first);
            send(&mut app, *second);
            if number == 0 {
                draw(&mut app, 100, 30);
            }
            let what = || format!("{first:?} {second:?} in {mode:?}");
            let mut left = 5;
            while left > 0 && app.mode() != Mode::Table {
                press(&mut app, "esc");
                left -= 1;
            }
            assert_eq!(app.mode(), Mode::Table, "{}", what());
            // What is left of a chord or a filter goes with one more.
            press(&mut app, "esc");
            assert_eq!(press(&mut app, "q"), Some(Effect::Quit), "{}", what());
        }
    }
}

/// Those that mean something anywhere, and some that mean nothing: all others are as these.
fn keys(mode: Mode) -> Vec<KeyEvent> {
    if mode == Mode::Message {
        return few();
    }
    let bound: HashSet<Key> = BINDINGS
        .iter()
        .flat_map(|binding| binding.keys)
        .copied()
        .collect();
    let others = [
        KeyEvent::new(KeyCode::F(9), KeyModifiers::NONE),
        KeyEvent::new(KeyCode::Char('|'), KeyModifiers::NONE),
        KeyEvent::new(KeyCode::Char('x'), KeyModifiers::ALT),
        KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE),
    ];
    bound.into_iter().map(Key::event).chain(others).collect()
}

fn few() -> Vec<KeyEvent> {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let controls = ('a'..='z').map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    FEW.into_iter().map(plain).chain(controls).collect()
}

fn send(app: &mut App, event: KeyEvent) {
    for key in app.strokes(event).collect::<Vec<_>>() {
        app.key(key);
    }
}

/// Whose instances can be changed.
fn app() -> App {
    let kept = Kept::new(None, Config::default(), Overrides::default());
    let about = About {
        kept: Some(kept),
        ..sample::about()
    };
    sample::configured(about, 100, 30)
}

fn playback() -> Playback {
    Playback {
        now: sample::later(),
        ended: sample::later(),
        vantage: "jump01".into(),
        playing: false,
        speed: 1,
        seeking: None,
        gaps: 0,
        skipped: 0,
        torn: false,
    }
}
