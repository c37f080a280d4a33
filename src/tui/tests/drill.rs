//! One instance filling the screen: its tabs, its history, the way to its neighbours.

use std::sync::Arc;

use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::{press, screen};
use crate::config::Instance;
use crate::diagnosis::scene::{Scene, now};
use crate::diagnosis::{CauseId, Expectation, State};
use crate::evidence::{ConnectStatus, Evidence};
use crate::monitor::{
    Acknowledged, Attempt, Event, History, InstanceId, Ledger, News, Row, Rules, Sample,
};
use crate::tui::app::{App, Tab};
use crate::tui::marker::Marker;
use crate::tui::{sample, view};

const SIZES: [(u16, u16); 3] = [(120, 40), (80, 24), (60, 20)];

/// A day of probes every 15 seconds: an outage of half an hour, an hour and a half without
/// any probe, a blip, and an engine that became slow.
fn day() -> History {
    let mut history = History::default();
    let begin = sample::later() - SignedDuration::from_hours(24);
    for number in 0..24 * 240_u32 {
        let minute = number / 4;
        if (700..790).contains(&minute) {
            continue;
        }
        let is_down = (400..430).contains(&minute) || (1436..1438).contains(&minute);
        let wave = number * 37 % 200;
        let engine = if minute < 1380 { 1_800 } else { 45_000 };
        history.push(Sample {
            at: begin + SignedDuration::from_secs(i64::from(number) * 15),
            state: if is_down {
                State::TimedOut
            } else {
                State::Answering
            },
            connect_us: (!is_down).then_some(400 + wave),
            engine_us: (!is_down).then_some(engine + wave * 10),
        });
    }
    history
}

/// The instance `crm`, drilled into, with something of its row changed.
pub(super) fn drilled(width: u16, height: u16, change: impl FnOnce(&mut Row)) -> App {
    let mut app = sample::app(width, height);
    press(&mut app, "/ c r m enter enter");
    let mut row = Row::clone(app.drilled().unwrap());
    change(&mut row);
    app.take(News {
        rows: vec![Arc::new(row)],
        order: None,
    });
    app
}

fn with_a_day(width: u16, height: u16) -> App {
    let mut app = drilled(width, height, |row| row.history = Arc::new(day()));
    while app.tab() != Tab::History {
        press(&mut app, "]");
    }
    app
}

#[test]
fn the_history_in_three_windows_and_sizes() {
    for (width, height) in SIZES {
        let mut app = with_a_day(width, height);
        for window in ["5min", "1h", "24h"] {
            insta::assert_snapshot!(
                format!("history_{window}_{width}x{height}"),
                screen(&mut app, width, height)
            );
            press(&mut app, "i");
        }
    }
}

#[test]
fn a_history_without_a_probe_says_so() {
    let mut app = sample::app(80, 24);
    press(&mut app, "/ n e w 0 1 enter enter");
    while app.tab() != Tab::History {
        press(&mut app, "]");
    }
    insta::assert_snapshot!(screen(&mut app, 80, 24));
}

#[test]
fn a_terminal_without_braille_gets_charts_of_ascii() {
    let mut app = with_a_day(80, 24);
    app.marker = Marker::Ascii;
    press(&mut app, "i i");
    let shown = screen(&mut app, 80, 24);
    insta::assert_snapshot!(&shown);
    let charts: Vec<&str> = shown.lines().skip(6).take(16).collect();
    assert!(charts.iter().all(|line| line.is_ascii()), "{shown}");
}

#[test]
fn the_window_belongs_to_the_history() {
    let mut app = sample::app(80, 24);
    press(&mut app, "g enter i");
    assert!(screen(&mut app, 80, 24).contains("the window belongs to the tab history"));
}

#[test]
fn each_tab_knows_where_it_is() {
    for width in [40, 60, 120] {
        let mut app = sample::app(width, 20);
        press(&mut app, "g enter");
        let mut terminal = Terminal::new(TestBackend::new(width, 20)).unwrap();
        let mut hits = view::HitMap::default();
        terminal
            .draw(|frame| hits = view::draw(&app, frame))
            .unwrap();
        let tabs: Vec<Tab> = hits.tabs.iter().map(|(_, tab)| *tab).collect();
        assert_eq!(tabs, Tab::ALL);
        let buffer = terminal.backend().buffer();
        for (place, tab) in hits.tabs {
            let cells = (place.left()..place.right()).map(|x| buffer[(x, place.y)].symbol());
            let text: String = cells.collect();
            assert_eq!(text, format!(" {} ", tab.title()), "at {width} columns");
        }
    }
}

#[test]
fn instances_are_paged_through_without_the_table() {
    let mut app = sample::app(100, 30);
    press(&mut app, "o g j enter ]");
    let name = |app: &App| app.drilled().unwrap().instance.name.clone();
    let mut seen = vec![name(&app)];
    for _ in 0..20 {
        press(&mut app, "J");
        if seen.last() != Some(&name(&app)) {
            seen.push(name(&app));
        }
    }
    assert_eq!(seen.len(), app.fleet.len(), "groups are passed over");
    assert_eq!(app.tab(), Tab::Path, "the tab stays");
    assert!(screen(&mut app, 100, 30).contains("this is the last instance"));
    for before in seen.iter().rev().skip(1) {
        press(&mut app, "K");
        assert_eq!(name(&app), *before);
    }
    press(&mut app, "K");
    assert!(screen(&mut app, 100, 30).contains("this is the first instance"));
    assert_eq!(&name(&app), &seen[0]);
}

/// A failure that somebody looked into: the ledger is told what a morning brings.
fn eventful(width: u16, height: u16) -> App {
    let at = |second| now() + SignedDuration::from_secs(second);
    let id = InstanceId(0);
    let mut ledger = Ledger::new(Rules::default());
    ledger.replace(now(), &[Arc::new(Instance::from_text("crm01"))]);
    let probed = |second, scene: Scene| {
        let at = at(second);
        let evidence = Box::new(Evidence {
            at,
            ..scene.evidence
        });
        (second, Event::Probed { id, evidence })
    };
    let witness = Scene::new("crm01")
        .closed(ConnectStatus::Refused)
        .witnesses
        .remove(0);
    let reason = "patching until nine, see the change calendar of the week".to_owned();
    let acknowledged = Some(Acknowledged {
        reason,
        until: None,
    });
    let attempt = Some(Attempt {
        cause: CauseId::ServiceNotRunning,
        fix: "Start the service".into(),
        expects: vec![Expectation::PortOpen],
    });
    for (second, event) in [
        probed(0, Scene::new("crm01").answers()),
        probed(15, Scene::new("crm01").refused()),
        probed(16, Scene::new("crm01").refused()),
        (17, Event::Witnessed { id, witness }),
        (30, Event::Acknowledged { id, acknowledged }),
        (35, Event::Asked { id }),
        probed(36, Scene::new("crm01").refused()),
        (40, Event::Verified { id, attempt }),
        probed(60, Scene::new("crm01").answers()),
    ] {
        ledger.apply(at(second), event);
    }
    let mut app = sample::empty(width, height);
    app.take(News {
        rows: ledger.row(id).into_iter().collect(),
        order: None,
    });
    press(&mut app, "g enter [");
    app
}

#[test]
fn the_log_tells_what_happened_newest_first() {
    for (width, height) in SIZES {
        let mut app = eventful(width, height);
        insta::assert_snapshot!(
            format!("log_{width}x{height}"),
            screen(&mut app, width, height)
        );
    }
}

#[test]
fn a_log_without_an_event_says_so() {
    let mut app = sample::app(80, 24);
    press(&mut app, "/ n e w 0 1 enter enter [");
    assert!(screen(&mut app, 80, 24).contains("nothing has happened since this program watches"));
}

#[test]
fn the_history_says_how_long_ago_or_which_time_in_which_zone() {
    let first_seen = sample::later() - SignedDuration::from_secs(65);
    let change = crate::monitor::Transition {
        from: State::Answering,
        to: State::Refused,
        last_seen: None,
        first_seen,
    };
    let mut app = drilled(120, 40, |row| row.transitions = [change].into());
    press(&mut app, "] ] ]");
    let since = screen(&mut app, 120, 40);
    assert!(since.contains("08:02:22, 1m05s ago"), "{since}");
    press(&mut app, "T");
    let of_day = screen(&mut app, 120, 40);
    assert!(!of_day.contains(" ago"), "{of_day}");
    assert!(of_day.contains("08:02:22 UTC"), "{of_day}");
    press(&mut app, "U");
    let local = screen(&mut app, 120, 40);
    assert!(local.contains("09:02:22 CET"), "{local}");
}
