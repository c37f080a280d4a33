//! A replay on the screen: its bar and footer, what it refuses, and what works as ever.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{press, screen};
use crate::config::{Config, Kept, Overrides};
use crate::monitor::replay::{Control, Playback};
use crate::tui::action::{Action, Effect};
use crate::tui::app::{About, App, Tab};
use crate::tui::keymap::{BINDINGS, Mode};
use crate::tui::sample;

const REFUSED: &str = "a recording cannot be probed: nothing is sent in a replay";

fn playback() -> Playback {
    Playback {
        now: sample::later(),
        ended: sample::later() + SignedDuration::from_mins(20),
        vantage: "jump01".into(),
        playing: true,
        speed: 1,
        seeking: None,
        gaps: 0,
        skipped: 0,
        torn: false,
    }
}

/// A replay of instances that could be changed, were it none.
fn replay(width: u16, height: u16) -> App {
    let kept = Kept::new(None, Config::default(), Overrides::default());
    let about = About {
        kept: Some(kept),
        ..sample::about()
    };
    let mut app = sample::configured(about, width, height);
    app.follow(Some(playback()));
    app
}

/// The bar and the footer, in each size.
fn bars(playback: &Playback) -> String {
    let bars = [120, 60].map(|width| {
        let mut app = replay(width, 20);
        app.follow(Some(playback.clone()));
        let screen = screen(&mut app, width, 20);
        let lines: Vec<&str> = screen.lines().collect();
        format!("{width}:\n{}\n{}\n", lines[1], lines[19])
    });
    bars.concat()
}

#[test]
fn the_bar_and_the_footer_of_a_replay() {
    let end = playback().ended;
    for (name, playback) in [
        ("playing", playback()),
        (
            "paused",
            Playback {
                playing: false,
                speed: 60,
                ..playback()
            },
        ),
        (
            "end",
            Playback {
                playing: false,
                now: end,
                ..playback()
            },
        ),
        (
            "seeking",
            Playback {
                seeking: Some(42),
                ..playback()
            },
        ),
        (
            "torn",
            Playback {
                torn: true,
                ..playback()
            },
        ),
        (
            "gap",
            Playback {
                gaps: 1,
                ..playback()
            },
        ),
        (
            "all_of_it",
            Playback {
                gaps: 2,
                skipped: 3,
                torn: true,
                ..playback()
            },
        ),
    ] {
        insta::assert_snapshot!(format!("replay_{name}"), bars(&playback));
    }
}

/// All that a key can mean, in whatever mode.
fn actions() -> BTreeSet<String> {
    let needing = BINDINGS.iter().filter(|row| row.action.needs_a_monitor());
    needing.map(|row| format!("{:?}", row.action)).collect()
}

#[test]
fn what_needs_a_monitor_is_refused_with_a_word_in_every_view() {
    assert!(actions().len() >= 10, "{:?}", actions());
    for into in ["", "enter", "c", "e", "?"] {
        for binding in BINDINGS.iter().filter(|row| row.action.needs_a_monitor()) {
            let mut app = replay(120, 40);
            if !into.is_empty() {
                press(&mut app, into);
            }
            let mode = app.mode();
            let effect = app.act(binding.action);
            assert_eq!(effect, None, "{:?} after {into:?}", binding.action);
            assert_eq!(app.toast(), Some(REFUSED), "{:?}", binding.action);
            assert_eq!(app.mode(), mode, "{:?} opens nothing", binding.action);
        }
    }
}

#[test]
fn no_key_in_no_view_of_a_replay_asks_the_monitor_for_anything() {
    for into in ["", "enter", "c", "e", "?"] {
        for binding in BINDINGS {
            let mut app = replay(120, 40);
            if !into.is_empty() {
                press(&mut app, into);
            }
            let effect = app.act(binding.action);
            let is_asked = matches!(
                effect,
                Some(
                    Effect::Send(_)
                        | Effect::Keep(_)
                        | Effect::Reload
                        | Effect::Import(_)
                        | Effect::Watch(_)
                        | Effect::Save
                        | Effect::Demo
                )
            );
            assert!(!is_asked, "{:?} after {into:?}: {effect:?}", binding.action);
        }
    }
}

#[test]
fn a_server_that_a_message_names_is_found_and_not_probed() {
    let mut app = replay(120, 40);
    press(&mut app, "e");
    let name = app.fleet.selected().unwrap().instance.text().to_owned();
    app.paste(&format!("Cannot connect to {name}."));
    let effect = app.act(Action::ProbeNamed);
    assert_eq!(effect, None);
    assert_eq!(app.toast(), Some(REFUSED));
}

#[test]
fn selecting_drilling_filtering_sorting_and_copying_work_as_ever() {
    let mut app = replay(120, 40);
    press(&mut app, "/ s a l e s enter");
    let selected = app.fleet.selected().unwrap().instance.name.clone();
    assert!(selected.contains("sales"), "{selected}");
    let Some(Effect::Copy { text, .. }) = press(&mut app, "c i") else {
        panic!("nothing copied")
    };
    assert_eq!(text, selected);
    assert!(matches!(
        app.act(Action::CopyReport),
        Some(Effect::Copy { .. })
    ));
    assert!(matches!(app.act(Action::Write), Some(Effect::Write { .. })));
    press(&mut app, "enter");
    assert_eq!(app.mode(), Mode::Drill);
    let mut seen = Vec::new();
    for _ in Tab::ALL {
        seen.push(app.tab());
        app.act(Action::NextTab);
    }
    assert_eq!(seen.len(), Tab::ALL.len());
    assert!(seen.iter().skip(1).all(|tab| *tab != seen[0]), "{seen:?}");
    press(&mut app, "esc");
    assert_eq!(app.mode(), Mode::Table);
    let order = |app: &mut App| screen(app, 120, 40);
    press(&mut app, "/ esc");
    let before = order(&mut app);
    app.act(Action::Sort);
    assert_ne!(order(&mut app), before, "by another column");
}

#[test]
fn the_keys_of_a_replay_win_over_those_of_the_table_and_of_an_instance() {
    for into in ["", "enter"] {
        let mut app = replay(120, 40);
        if !into.is_empty() {
            press(&mut app, into);
        }
        for (key, control) in [
            ("space", Control::Toggle),
            ("n", Control::NextChange),
            ("N", Control::PreviousChange),
            ("+", Control::Faster),
            ("0", Control::Start),
            ("$", Control::End),
        ] {
            assert_eq!(press(&mut app, key), Some(Effect::Play(control)), "{key}");
        }
    }
}
