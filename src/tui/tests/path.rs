//! The waterfall of the tab `path`.

use std::time::Duration;

use super::drill::drilled;
use super::{press, screen};
use crate::diagnosis::scene::Scene;
use crate::evidence::{ConnectStatus, Elapsed, Evidence, PreloginStatus, ResolveStatus};
use crate::tui::marker::Marker;

fn micros(micros: u64) -> Elapsed {
    Duration::from_micros(micros).into()
}

/// The evidence with starts as a probe would record them: resolve took 0.3 ms.
fn timed(scene: Scene) -> Evidence {
    let mut evidence = scene.evidence;
    let layers = &mut evidence.layers;
    layers.resolve.started = Some(micros(0));
    layers.resolve.elapsed = micros(300);
    layers.browser.started = layers.browser.elapsed.map(|_| micros(350));
    let elapsed = layers.browser.elapsed.unwrap_or_default().duration();
    let begun = Duration::from_micros(400) + elapsed;
    for attempt in &mut layers.connect.attempts {
        attempt.started = Some(begun.into());
    }
    if layers.prelogin.endpoint.is_some() {
        layers.prelogin.started = Some((begun + Duration::from_micros(450)).into());
    }
    evidence
}

fn path(evidence: Evidence, (width, height): (u16, u16), marker: Marker) -> String {
    let mut app = drilled(width, height, |row| {
        row.evidence = Some(std::sync::Arc::new(evidence));
        row.witnesses = std::sync::Arc::default();
    });
    app.marker = marker;
    press(&mut app, "]");
    screen(&mut app, width, height)
}

fn three_dead() -> Scene {
    Scene::new("crm01")
        .timed_out()
        .also("10.0.4.32", ConnectStatus::TimedOut)
        .also("10.0.4.33", ConnectStatus::TimedOut)
}

#[test]
fn a_waterfall_of_each_outcome() {
    let silent = |scene: Scene| {
        let mut scene = scene.answer(PreloginStatus::Silent);
        scene.evidence.layers.prelogin.elapsed = Some(micros(5_000_000));
        scene
    };
    let scenes = [
        ("healthy", Scene::new("crm01").answers()),
        ("refused", Scene::new("crm01").refused()),
        ("timed_out", three_dead()),
        ("silent", silent(Scene::new("crm01"))),
        (
            "unresolved",
            Scene::new("crm01").unresolved(ResolveStatus::NotFound),
        ),
    ];
    for (name, scene) in scenes {
        let shown = path(timed(scene), (100, 24), Marker::Drawn);
        insta::assert_snapshot!(format!("waterfall_{name}"), shown);
    }
}

#[test]
fn a_waterfall_fits_every_width_and_font() {
    for width in [60, 200] {
        let shown = path(timed(three_dead()), (width, 24), Marker::Drawn);
        insta::assert_snapshot!(format!("waterfall_{width}"), shown);
    }
    let shown = path(timed(three_dead()), (80, 24), Marker::Ascii);
    insta::assert_snapshot!("waterfall_ascii", shown);
}

#[test]
fn starts_that_were_not_recorded_are_inferred_and_the_screen_says_so() {
    let old = path(
        Scene::new("crm01").answers().evidence,
        (100, 24),
        Marker::Drawn,
    );
    assert!(old.contains("inferred from the order"), "{old}");
    let new = path(
        timed(Scene::new("crm01").answers()),
        (100, 24),
        Marker::Drawn,
    );
    assert!(!new.contains("inferred"), "{new}");
}

/// The second datagram is answered: each has its line below the layer.
#[test]
fn datagrams_that_were_repeated_have_their_lines() {
    let mut evidence = timed(Scene::new("crm01").answers());
    let browser = &mut evidence.layers.browser;
    browser.status = crate::evidence::BrowserStatus::Ok;
    browser.started = Some(micros(350));
    browser.again = vec![micros(1_000_350)];
    browser.tries = Some(2);
    browser.elapsed = Some(micros(900));
    evidence.layers.connect.attempts[0].started = Some(micros(1_001_300));
    evidence.layers.prelogin.started = Some(micros(1_001_800));
    insta::assert_snapshot!(
        "waterfall_browser",
        path(evidence, (100, 24), Marker::Drawn)
    );
}
