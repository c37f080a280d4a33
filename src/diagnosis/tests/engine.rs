//! The engine apart from the way to it, and the administrator connection as the way in.

use std::time::Duration;

use crate::diagnosis::scene::{SERVER, Scene};
use crate::diagnosis::{CauseId, Confidence, Said, State};
use crate::evidence::{
    Attempt, Browser, BrowserStatus, ConnectStatus, Dac, Elapsed, Look, PreloginStatus, Test,
};
use crate::target::Platform;

use CauseId::EngineHung;
use ConnectStatus::{Open, Refused};

fn db1() -> Scene {
    Scene::new("db1.corp.test,1433")
}

fn ms(ms: u64) -> Elapsed {
    Duration::from_millis(ms).into()
}

impl Scene {
    /// Connect and engine usually take so many milliseconds.
    fn usually(self, connect: f64, engine: f64) -> Self {
        self.with(|scene| {
            scene.past.usual_connect_ms = Some(connect);
            scene.past.usual_engine_ms = Some(engine);
        })
    }

    /// It answers, and connect and engine took so many milliseconds.
    fn answers_in(self, connect: u64, engine: u64) -> Self {
        self.answers().took(connect).with(|scene| {
            scene.evidence.layers.prelogin.elapsed = Some(ms(engine));
        })
    }

    fn before_the_failure(self, connect: &[f64], engine: &[f64]) -> Self {
        self.with(|scene| {
            scene.past.recent_connect_ms = connect.to_vec().into();
            scene.past.recent_engine_ms = engine.to_vec().into();
        })
    }

    fn dac(self, status: Option<ConnectStatus>) -> Self {
        let endpoint = format!("{SERVER}:1434").parse().unwrap();
        let attempt = status.map(|status| Attempt {
            started: None,
            endpoint,
            local: None,
            status,
            elapsed: ms(1),
            os_error: None,
            icmp: None,
            instead_of: None,
        });
        let browser = Some(Box::new(Browser::default()));
        self.look(Look::Dac(Dac { browser, attempt }))
    }
}

/// Cases for what is asked of all.
pub(super) fn scenes() -> Vec<(&'static str, Scene)> {
    let silent = || db1().usually(1.0, 2.0).answer(PreloginStatus::Silent);
    vec![
        (
            "the engine climbs alone",
            db1().usually(1.0, 2.0).answers_in(1, 400),
        ),
        (
            "silent, and connecting is as fast as ever",
            silent().took(1),
        ),
        ("silent, and the way became slow", silent().took(1200)),
        (
            "silent, and its administrator port opens",
            silent().dac(Some(Open)),
        ),
    ]
}

#[test]
fn an_engine_that_climbs_while_connect_is_flat_is_the_engine_and_not_the_network() {
    let diagnosis = db1().usually(1.0, 2.0).answers_in(1, 400).diagnose();
    assert_eq!(diagnosis.state, State::Degraded);
    assert_eq!(diagnosis.causes[0].id, EngineHung);
    let because = &diagnosis.causes[0].because;
    let (usual, took) = (ms(1), ms(1));
    assert!(
        because.contains(&Said::ConnectStaysFlat { usual, took }),
        "{because:?}"
    );
    let (from, to) = (ms(2), ms(400));
    assert!(
        because.contains(&Said::EngineClimbs { from, to }),
        "{because:?}"
    );
}

#[test]
fn a_way_that_climbed_as_much_as_the_engine_is_a_slow_way() {
    for (connect, engine) in [(400, 700), (1000, 1900), (3000, 3000)] {
        let diagnosis = db1()
            .usually(1.0, 2.0)
            .answers_in(connect, engine)
            .diagnose();
        assert_eq!(diagnosis.state, State::Answering, "{connect} {engine}");
        assert!(diagnosis.causes.is_empty());
        let (from, to) = (ms(1), ms(connect));
        assert!(diagnosis.findings.contains(&Said::WayIsSlow { from, to }));
    }
    let mostly_engine = db1().usually(1.0, 2.0).answers_in(400, 2500).diagnose();
    assert_eq!(mostly_engine.causes[0].id, EngineHung);
}

#[test]
fn a_way_that_is_always_long_is_not_slow() {
    let diagnosis = db1().usually(180.0, 190.0).answers_in(190, 200).diagnose();
    assert_eq!(
        (diagnosis.state, diagnosis.findings.len()),
        (State::Answering, 0)
    );
}

#[test]
fn a_silent_engine_is_told_with_what_connecting_took_and_takes() {
    let silent = || db1().answer(PreloginStatus::Silent);
    let flat = silent().usually(1.0, 2.0).took(1).diagnose();
    let (usual, took) = (ms(1), ms(1));
    assert!(
        flat.causes[0]
            .because
            .contains(&Said::ConnectStaysFlat { usual, took })
    );
    assert_eq!(flat.causes[0].id, EngineHung);

    let slow = silent().usually(1.0, 2.0).took(1200).diagnose();
    let (from, to) = (ms(1), ms(1200));
    let hung = slow
        .causes
        .iter()
        .find(|cause| cause.id == EngineHung)
        .unwrap();
    assert!(hung.against.contains(&Said::WayClimbed { from, to }));
    assert!(slow.findings.contains(&Said::WayIsSlow { from, to }));
    assert!(hung.confidence < flat.causes[0].confidence);

    let never_timed = silent().took(1200).diagnose();
    let claims = |said: &Said| matches!(said, Said::ConnectIsFlat { .. });
    assert!(!never_timed.causes[0].because.iter().any(claims));
}

#[test]
fn a_climb_before_the_failure_is_the_engines_only_if_connecting_did_not_climb() {
    let engine = [2.0, 40.0, 900.0];
    let climbed = |connect: &[f64]| {
        let scene = db1().usually(1.0, 2.0).before_the_failure(connect, &engine);
        let diagnosis = scene.answer(PreloginStatus::Silent).diagnose();
        let climbs = |said: &Said| matches!(said, Said::EngineClimbed { .. });
        diagnosis.causes[0].because.iter().any(climbs)
    };
    assert!(climbed(&[1.0, 1.0, 1.0]));
    assert!(climbed(&[]), "an older memory timed no connects");
    assert!(!climbed(&[1.0, 30.0, 700.0]));
}

#[test]
fn the_administrator_connection_is_asked_for_where_the_engine_hangs() {
    let silent = |target: &str| Scene::new(target).answer(PreloginStatus::Silent);
    #[rustfmt::skip]
    let table = [
        ("silent", silent("db1"), true),
        ("a named instance", silent(r"db1\PROD"), true),
        ("nobody knows which instance", silent("db1,50123"), false),
        ("a cloud", silent("db1").platform(Platform::Azure), false),
        ("looked at", silent("db1").dac(Some(Refused)), false),
        ("slow", db1().usually(1.0, 2.0).answers_in(1, 400), true),
        ("a slow way", db1().usually(1.0, 2.0).answers_in(400, 700), false),
        ("answering", db1().answers(), false),
        ("refused", db1().refused(), false),
        ("hung up", db1().answer(PreloginStatus::Closed), false),
        ("degraded for another reason", db1().answers().also("10.0.5.12", ConnectStatus::TimedOut), false),
    ];
    for (what, scene, wanted) in table {
        let tests = scene.diagnose().next_tests;
        let asked = tests.iter().any(|test| matches!(test, Test::Dac { .. }));
        assert_eq!(asked, wanted, "{what}: {tests:?}");
    }
}

#[test]
fn what_the_administrator_connection_did_is_told_and_never_a_fault() {
    let endpoint = format!("{SERVER}:1434").parse().unwrap();
    let silent = || db1().answer(PreloginStatus::Silent);
    let table = [
        (silent().dac(Some(Open)), Some(Said::DacOpens { endpoint })),
        (
            silent().dac(Some(Refused)),
            Some(Said::DacClosed { endpoint }),
        ),
        (silent().dac(None), Some(Said::DacNotNamed {})),
        (silent().dac(Some(Open)).closed(Open), None),
        (silent(), None),
    ];
    let without = silent().diagnose().causes;
    for (scene, said) in table {
        let diagnosis = scene.diagnose();
        let found = diagnosis
            .findings
            .iter()
            .find(|said| said.key().starts_with("dac"));
        assert_eq!(found.copied(), said);
        if scene.witnesses.len() == 1 {
            assert_eq!(diagnosis.causes, without);
        }
    }
    assert_eq!(
        silent()
            .list(BrowserStatus::Silent, vec![])
            .diagnose()
            .causes,
        without
    );
}

#[test]
fn a_silent_engine_is_never_sure_before_a_closed_port_was_looked_at() {
    let silent = || db1().good(SERVER, 1433).answer(PreloginStatus::Silent);
    let confidence = |scene: Scene| {
        let leader = scene.diagnose().causes.swap_remove(0);
        (leader.id, leader.confidence)
    };
    for unseen in [silent(), silent().climbed()] {
        assert_eq!(confidence(unseen), (EngineHung, Confidence::Medium));
    }
    let seen = silent().closed(Refused);
    assert_eq!(confidence(seen), (EngineHung, Confidence::High));
}

#[test]
fn where_every_port_opens_no_reason_says_that_one_opens_or_that_the_network_is_fine() {
    let proxied = |scene: Scene| scene.usually(1.0, 2.0).took(1).port(445, Open).closed(Open);
    let silent = db1().good(SERVER, 1433).answer(PreloginStatus::Silent);
    let moved = db1().good(SERVER, 445).refused();
    for scene in [silent, moved] {
        let diagnosis = proxied(scene).diagnose();
        assert_eq!(diagnosis.causes[0].id, CauseId::PathProxy);
        let claims = |said: &Said| {
            matches!(
                said,
                Said::EngineSilent { .. }
                    | Said::ConnectIsFlat { .. }
                    | Said::ConnectStaysFlat { .. }
                    | Said::KernelCompletesHandshake {}
                    | Said::OtherPortOpens { .. }
                    | Said::OldPortOpens { .. }
            )
        };
        for cause in &diagnosis.causes {
            assert!(!cause.because.iter().any(claims), "{cause:?}");
        }
    }
}
