//! The flash, the frozen view, times, what flaps.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{draw, press, screen};
use crate::diagnosis::State;
use crate::monitor::{News, Row, Transition};
use crate::tui::app::App;
use crate::tui::sample;

/// The row called `crm` in another state.
fn crm(state: State) -> Arc<Row> {
    let mut row = Row::clone(&sample::rows()[3]);
    row.state = state;
    row.raw = state;
    Arc::new(row)
}

fn take(app: &mut App, row: Arc<Row>) {
    app.take(News {
        rows: vec![row],
        order: None,
    });
}

fn pass(app: &mut App, seconds: i64) -> bool {
    app.tick(sample::later() + SignedDuration::from_secs(seconds))
}

#[test]
fn the_header_flashes_for_a_second_where_that_is_wanted() {
    for wanted in [true, false] {
        let mut about = sample::about();
        about.screen.flash = wanted;
        let mut app = sample::configured(about, 120, 40);
        take(&mut app, crm(State::Refused));
        pass(&mut app, 2);
        assert_eq!(app.call().as_deref(), Some("crm is refused"));
        assert_eq!(app.is_flashing(), wanted);
        let reversed = draw(&mut app, 120, 40)[(1, 0)].modifier;
        assert_eq!(
            reversed.contains(ratatui::style::Modifier::REVERSED),
            wanted
        );
        assert_eq!(app.call(), None);
        pass(&mut app, 3);
        assert!(!app.is_flashing());
    }
}

#[test]
fn nothing_is_called_while_probing_is_paused() {
    let mut app = sample::app(120, 40);
    press(&mut app, "p");
    take(&mut app, crm(State::Refused));
    pass(&mut app, 9);
    assert_eq!(app.call(), None);
}

#[test]
fn a_frozen_view_counts_what_waits_and_shows_it_when_let_go() {
    let mut app = sample::app(120, 40);
    press(&mut app, "F");
    let before = screen(&mut app, 120, 40);
    take(&mut app, crm(State::Answering));
    take(&mut app, crm(State::Refused));
    assert!(pass(&mut app, 42), "its age is shown");
    let after = screen(&mut app, 120, 40);
    let rest = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rest(&before), rest(&after));
    assert_eq!(
        before.lines().next(),
        after.lines().next(),
        "counts and clock"
    );
    insta::assert_snapshot!(after.lines().take(2).collect::<Vec<_>>().join("\n"));
    assert_eq!(
        app.call().as_deref(),
        Some("crm is refused"),
        "it is called all the same"
    );
    press(&mut app, "esc");
    assert!(app.frozen().is_none());
    assert_eq!(app.fleet.counts().down, 5);
    assert_eq!(app.now, sample::later() + SignedDuration::from_secs(42));
}

#[test]
fn instances_that_leave_a_frozen_view_are_gone_when_it_is_let_go() {
    let mut app = sample::app(120, 40);
    press(&mut app, "F");
    take(&mut app, crm(State::Refused));
    let first = sample::rows()[0].id;
    app.take(News {
        rows: vec![],
        order: Some([first].into()),
    });
    assert_eq!(app.fleet.len(), 8);
    press(&mut app, "F");
    assert_eq!(app.fleet.len(), 1);
}

#[test]
fn times_are_shown_as_they_are_wanted() {
    let mut app = sample::app(120, 40);
    assert!(screen(&mut app, 120, 40).contains("unresolved for ≥3m27s"));
    press(&mut app, "T");
    let of_day = screen(&mut app, 120, 40);
    assert!(of_day.contains("unresolved since ≤08:00 UTC"), "{of_day}");
    assert!(of_day.contains("   ≤08:00 "), "{of_day}");
    press(&mut app, "U");
    let local = screen(&mut app, 120, 40);
    assert!(local.contains("unresolved since ≤09:00 CET"), "{local}");
    assert!(
        local.lines().next().unwrap().ends_with("09:03:27 CET"),
        "{local}"
    );
    press(&mut app, "U T");
    assert!(screen(&mut app, 120, 40).contains("08:03:27 UTC"));
}

#[test]
fn what_flaps_is_marked_and_says_how_often() {
    let mut row = Row::clone(&crm(State::Answering));
    let change = |from, to| Transition {
        from,
        to,
        last_seen: None,
        first_seen: row.evidence.as_ref().unwrap().at,
    };
    let down = change(State::Answering, State::Refused);
    let up = change(State::Refused, State::Answering);
    row.transitions = [down, up, down, up].into();
    let mut app = sample::empty(120, 40);
    take(&mut app, Arc::new(row.clone()));
    let shown = screen(&mut app, 120, 40);
    assert!(shown.contains("answering ⇅"), "{shown}");
    assert!(shown.contains("● 1 answering  ⇅ 1 flapping"), "{shown}");
    assert!(shown.contains("flapping: 4 changes in 5 min"), "{shown}");
    row.transitions = [down, up].into();
    take(&mut app, Arc::new(row));
    assert!(
        !screen(&mut app, 120, 40).contains('⇅'),
        "that is a restart"
    );
}

#[test]
fn a_frozen_view_hides_no_banner() {
    for (width, height) in [(120, 40), (80, 24), (60, 20)] {
        let mut app = sample::cut_off(width, height);
        press(&mut app, "F");
        let shown = screen(&mut app, width, height);
        let mut lines = shown.lines();
        assert!(lines.next().unwrap().contains("FROZEN"), "{shown}");
        assert!(lines.next().unwrap().contains("THIS MACHINE"), "{shown}");
    }
    let mut app = sample::cut_off(120, 40);
    press(&mut app, "F");
    pass(&mut app, 42);
    insta::assert_snapshot!(
        screen(&mut app, 120, 40)
            .lines()
            .take(2)
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn what_breaks_while_the_view_is_frozen_shows() {
    let mut app = sample::app(120, 40);
    press(&mut app, "F");
    app.broken("f.toml:3:1: unknown key 'rat'".to_owned());
    let shown = screen(&mut app, 120, 40);
    assert!(
        shown.contains("CONFIGURATION NOT TAKEN: f.toml:3:1"),
        "{shown}"
    );
    assert!(shown.contains("FROZEN (−0s)"), "{shown}");

    let lost = sample::cut_off(120, 40).standing;
    assert!(app.stand(lost), "it shows");
    assert!(!app.stand(lost), "it is not new");
    let shown = screen(&mut app, 120, 40);
    assert!(shown.contains("THIS MACHINE"), "{shown}");
}
