//! What the tabs show of a name with several addresses that failed over.

use std::sync::Arc;

use jiff::SignedDuration;

use super::app::App;
use super::sample;
use super::tests::{press, screen};
use crate::config::Instance;
use crate::diagnosis::scene::{Scene, now};
use crate::evidence::ConnectStatus::{self, Open, Refused, TimedOut};
use crate::evidence::{Elapsed, Evidence};
use crate::monitor::{Event, InstanceId, Ledger, News, Rules};
use crate::target::Kind;

const NEW: &str = "10.0.5.12";

/// A probe that ended this many seconds after the first.
fn probe(second: i64, old: ConnectStatus, new: ConnectStatus) -> (i64, Evidence) {
    let scene = Scene::new("aglist01,1433");
    let mut scene = match (old, new) {
        (Open, _) | (_, Open) => scene.answers().took(12).also(NEW, new).took(12),
        _ => scene.connect(old).also(NEW, new),
    };
    let layers = &mut scene.evidence.layers;
    layers.connect.attempts[0].status = old;
    layers.connect.status = ConnectStatus::best([old, new]);
    if new == Open {
        layers.prelogin.endpoint = Some(layers.connect.attempts[1].endpoint);
    }
    scene.evidence.elapsed = Elapsed::default();
    (second, scene.evidence)
}

/// A dashboard with one listener that saw these probes.
fn app(width: u16, height: u16, probes: Vec<(i64, Evidence)>) -> App {
    let mut instance = Instance::from_text("aglist01,1433");
    instance.declared.kind = Some(Kind::AgListener);
    let mut ledger = Ledger::new(Rules::default());
    ledger.replace(now(), &[Arc::new(instance)]);
    let id = InstanceId(0);
    for (second, evidence) in probes {
        let at = now() + SignedDuration::from_secs(second);
        let evidence = Box::new(Evidence { at, ..evidence });
        ledger.apply(at, Event::Probed { id, evidence });
    }
    let mut app = sample::empty(width, height);
    app.take(News {
        rows: ledger.row(id).into_iter().collect(),
        order: None,
    });
    app
}

fn failover() -> Vec<(i64, Evidence)> {
    vec![
        probe(0, Open, TimedOut),
        probe(15, Open, TimedOut),
        probe(30, Refused, TimedOut),
        probe(31, Refused, TimedOut),
        probe(46, TimedOut, Refused),
        probe(61, TimedOut, Open),
    ]
}

#[test]
fn the_path_shows_what_clients_would_experience() {
    for width in [80, 120] {
        let mut app = app(width, 30, failover());
        press(&mut app, "g enter ]");
        insta::assert_snapshot!(
            format!("listener_path_{width}"),
            screen(&mut app, width, 30)
        );
    }
}

#[test]
fn the_history_shows_a_failover_as_a_timeline_with_its_bounds() {
    for width in [80, 120] {
        let mut app = app(width, 50, failover());
        press(&mut app, "g enter ] ] ]");
        insta::assert_snapshot!(
            format!("failover_history_{width}"),
            screen(&mut app, width, 50)
        );
    }
}

#[test]
fn an_outage_that_is_not_over_has_no_upper_bound() {
    let mut probes = failover();
    probes.truncate(5);
    let mut app = app(100, 50, probes);
    press(&mut app, "g enter ] ] ]");
    let screen = screen(&mut app, 100, 50);
    assert!(
        screen.contains("client-visible outage of 16s so far, at least"),
        "{screen}"
    );
    assert!(screen.contains("still down"), "{screen}");
}
