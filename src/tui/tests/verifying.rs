//! Putting a fix to the proof: which one `v` takes, what is shown while it is watched and
//! when it ended, and the line that tests a login afterwards.

use std::sync::Arc;

use jiff::SignedDuration;
use ratatui::layout::Rect;

use super::{press, screen};
use crate::diagnosis::scene::Scene;
use crate::diagnosis::{CauseId, Expectation, State};
use crate::monitor::{
    Attempt, Command, Ended, Expected, InstanceId, Met, News, Proof, Row, Transition,
};
use crate::output::fixture;
use crate::tui::action::Effect;
use crate::tui::app::App;
use crate::tui::sample;

const SALES: &str = "/ s a l e s enter";
const CRM: &str = "/ c r m enter";

/// A proof that somebody asked for 41 seconds before the screen is looked at.
fn proof() -> Proof {
    let began = sample::later() - SignedDuration::from_secs(41);
    let expected = [Expectation::PortOpen, Expectation::EngineAnswers];
    Proof {
        attempt: Attempt {
            cause: CauseId::ServiceNotRunning,
            fix: "Start the service".to_owned(),
            expects: vec![Expectation::PortOpen],
        },
        began,
        until: began + SignedDuration::from_mins(5),
        expected: expected.map(|what| Expected { what, met: None }).to_vec(),
        seen: State::Refused,
        probes: 12,
        ended: None,
    }
}

fn met(proof: &Proof, after: i64, by: i64) -> Met {
    let second = |second| proof.began + SignedDuration::from_secs(second);
    Met {
        after: Some(second(after)),
        by: second(by),
    }
}

fn half_way() -> Proof {
    let mut proof = proof();
    proof.expected[0].met = Some(met(&proof, 33, 35));
    proof.seen = State::Silent;
    proof
}

fn fixed() -> Proof {
    let mut proof = half_way();
    proof.expected[1].met = Some(met(&proof, 38, 41));
    proof.ended = Some(Ended::Fixed {
        after: SignedDuration::from_millis(38_200),
        by: SignedDuration::from_millis(40_700),
    });
    proof
}

fn not_fixed() -> Proof {
    let mut proof = proof();
    proof.began -= SignedDuration::from_mins(5);
    proof.until -= SignedDuration::from_mins(5);
    proof.ended = Some(Ended::NotFixed {
        first: Expectation::PortOpen,
        at: proof.until,
    });
    proof
}

fn called_off() -> Proof {
    let mut proof = proof();
    let at = proof.began + SignedDuration::from_secs(20);
    proof.ended = Some(Ended::Untold { at });
    proof
}

/// News that the selected row has this proof.
fn proves(app: &mut App, proof: Proof) {
    changes(app, |row| row.proofs = [proof].into());
}

fn changes(app: &mut App, change: impl FnOnce(&mut Row)) {
    let mut row = Row::clone(app.fleet.selected().unwrap());
    change(&mut row);
    app.take(News {
        rows: vec![Arc::new(row)],
        order: None,
    });
}

fn verified(app: &mut App) -> (InstanceId, Option<Attempt>) {
    let selected = app.fleet.selected().unwrap().id;
    match press(app, "v") {
        Some(Effect::Send(Command::Verify(id, attempt))) if id == selected => (id, attempt),
        other => panic!("{other:?}: {:?}", app.toast()),
    }
}

fn begun(app: &mut App) -> Attempt {
    verified(app).1.expect("a proof that begins")
}

#[test]
fn the_pane_and_the_tab_tell_the_proof_as_it_goes() {
    for (what, row, proof) in [
        ("verifying", SALES, half_way()),
        ("fixed", CRM, fixed()),
        ("not_fixed", SALES, not_fixed()),
    ] {
        for (width, height) in [(120, 40), (80, 24)] {
            let mut app = sample::app(width, height);
            press(&mut app, row);
            proves(&mut app, proof.clone());
            insta::assert_snapshot!(format!("{what}_{width}"), screen(&mut app, width, height));
        }
        let mut app = sample::app(100, 30);
        press(&mut app, row);
        proves(&mut app, proof);
        press(&mut app, "enter");
        insta::assert_snapshot!(format!("{what}_tab"), screen(&mut app, 100, 30));
    }
}

#[test]
fn the_first_fix_that_acts_is_proved_where_none_was_copied() {
    let mut app = sample::app(120, 40);
    press(&mut app, SALES);
    let attempt = begun(&mut app);
    let toast = app.toast().unwrap_or_default().to_owned();
    let said = format!("verifying: {}, at most 5 minutes, v stops", attempt.fix);
    assert_eq!(toast, said);
    let commands = app.reading().unwrap().commands();
    let first = commands.iter().find(|one| one.fix.title == attempt.fix);
    assert_ne!(first.unwrap().fix.risk, crate::advice::Risk::ReadOnly);
    assert!(attempt.expects.contains(&Expectation::PortOpen));
}

/// The fix of the command that was copied last, by the number of its key.
fn copied(app: &mut App, at_least: usize) -> (String, CauseId) {
    let reading = app.reading().unwrap();
    let commands = reading.commands();
    let mut acting = commands
        .iter()
        .filter(|one| one.fix.risk != crate::advice::Risk::ReadOnly);
    let one = acting.find(|one| one.number >= at_least).unwrap();
    let found = (one.fix.title.to_owned(), one.cause.unwrap().id);
    let number = one.number.to_string();
    assert!(press(app, &number).is_some());
    found
}

#[test]
fn the_fix_whose_command_was_copied_last_is_proved_until_it_was() {
    let mut app = sample::app(120, 40);
    press(&mut app, SALES);
    let first = begun(&mut app);
    let (fix, cause) = copied(&mut app, 6);
    assert_ne!(fix, first.fix, "another than the first");
    // A look copied afterwards is no fix.
    press(&mut app, "1");
    let chosen = begun(&mut app);
    assert_eq!((&chosen.fix, chosen.cause), (&fix, cause));

    let running = Proof {
        attempt: chosen,
        ..proof()
    };
    proves(&mut app, running.clone());
    let at = running.until;
    let ended = Some(Ended::NotFixed {
        first: Expectation::PortOpen,
        at,
    });
    proves(&mut app, Proof { ended, ..running });
    assert_eq!(
        begun(&mut app).fix,
        first.fix,
        "the copied one was tried in vain"
    );
}

#[test]
fn what_was_copied_for_a_cause_that_is_gone_is_not_proved() {
    let mut app = sample::app(120, 40);
    press(&mut app, SALES);
    let (fix, cause) = copied(&mut app, 6);
    changes(&mut app, |row| {
        let mut diagnosis = crate::diagnosis::Diagnosis::clone(row.diagnosis.as_ref().unwrap());
        diagnosis.causes.retain(|one| one.id != cause);
        row.diagnosis = Some(Arc::new(diagnosis));
    });
    let chosen = begun(&mut app);
    assert!(chosen.fix != fix && chosen.cause != cause, "{chosen:?}");
}

/// Which service it is cannot be told from a port alone, so nothing starts it by name; a
/// less likely cause with a command is still not what is proved.
#[test]
fn a_leading_cause_without_a_command_is_proved_before_a_less_likely_one() {
    let scene = Scene::new("db1.corp.test,14399").refused();
    let mut app = sample::empty(120, 40);
    app.take(News {
        rows: vec![fixture::row(1, "Odd port", scene).into()],
        order: None,
    });
    let leading = app.reading().unwrap().advice().causes[0].id;
    let attempt = begun(&mut app);
    assert_eq!(attempt.cause, leading);
    assert_eq!(attempt.expects.first(), Some(&Expectation::PortOpen));
}

#[test]
fn a_proof_that_runs_is_called_off() {
    let mut app = sample::app(120, 40);
    press(&mut app, SALES);
    proves(&mut app, proof());
    assert_eq!(verified(&mut app).1, None);
    proves(&mut app, called_off());
    let said = app.toast().unwrap_or_default();
    assert_eq!(said, r"no longer verifying sales01\PROD");
    let shown = screen(&mut app, 120, 40);
    assert!(shown.contains("stopped after 0:20"), "{shown}");
    assert!(verified(&mut app).1.is_some());
}

#[test]
fn where_nothing_fails_it_says_why_there_is_nothing_to_verify() {
    let mut app = sample::app(120, 40);
    for (row, why) in [
        (CRM, "crm is answering, the engine answers"),
        ("/ n e w enter", "new01 is pending, there is no result yet"),
        ("/ d b 1 enter", "db1/PROD is invalid, it is not probed"),
    ] {
        press(&mut app, "esc");
        press(&mut app, row);
        assert_eq!(press(&mut app, "v"), None);
        assert_eq!(app.toast(), Some(&*format!("nothing to verify: {why}")));
    }
    press(&mut app, "esc");
    press(&mut app, "/ r e p o r t s enter");
    assert_eq!(app.fleet.selected().unwrap().state, State::Degraded);
    begun(&mut app);
}

#[test]
fn nothing_is_verified_while_probing_is_paused() {
    let mut app = sample::app(120, 40);
    press(&mut app, SALES);
    press(&mut app, "p");
    assert_eq!(press(&mut app, "v"), None);
    assert!(app.toast().unwrap_or_default().contains("p goes on"));
}

#[test]
fn after_a_fix_a_digit_copies_the_line_that_tests_a_login() {
    let mut app = sample::app(120, 40);
    press(&mut app, CRM);
    assert_eq!(
        press(&mut app, "1"),
        None,
        "nothing to mend, nothing to copy"
    );
    proves(&mut app, fixed());
    let shown = screen(&mut app, 120, 40);
    assert!(
        shown.contains("fixed after 38 to 41 s · 1 copies the line that tests a login"),
        "{shown}"
    );
    let Some(Effect::Copy { text, .. }) = press(&mut app, "1") else {
        panic!("nothing copied")
    };
    assert!(text.starts_with("sqlcmd -S tcp:crm01,1433 "), "{text}");
    press(&mut app, "t t t");
    let Some(Effect::Copy { text, .. }) = press(&mut app, "1") else {
        panic!("nothing copied")
    };
    assert!(text.contains("<DATABASE>"), "of another platform: {text}");
}

#[test]
fn the_end_of_any_proof_is_said_once() {
    for (ended, said) in [
        (fixed(), "crm: fixed after 38 to 41 s"),
        (not_fixed(), "crm: not fixed, the port does not open"),
    ] {
        let mut app = sample::app(120, 40);
        press(&mut app, CRM);
        let began = ended.began;
        proves(&mut app, Proof { began, ..proof() });
        assert_eq!(app.toast(), None);
        let mut row = Row::clone(app.fleet.selected().unwrap());
        press(&mut app, "esc");
        press(&mut app, SALES);
        row.proofs = [ended].into();
        for expected in [Some(said), None] {
            app.take(News {
                rows: vec![Arc::new(row.clone())],
                order: None,
            });
            assert_eq!(app.toast(), expected);
            app.tick(app.now + SignedDuration::from_secs(7));
        }
    }
}

#[test]
fn a_proof_that_had_ended_before_the_screen_is_not_said() {
    let mut app = sample::empty(120, 40);
    let mut row = Row::clone(&sample::rows()[3]);
    row.proofs = [fixed()].into();
    app.take(News {
        rows: vec![Arc::new(row)],
        order: None,
    });
    assert_eq!(app.toast(), None);
}

#[test]
fn a_proof_is_shown_until_the_state_changes_otherwise() {
    let mut app = sample::app(120, 40);
    press(&mut app, CRM);
    proves(&mut app, fixed());
    let to = |from, to, second| Transition {
        from,
        to,
        last_seen: None,
        first_seen: fixed().began + SignedDuration::from_secs(second),
    };
    let shown = |app: &mut App| screen(app, 120, 40).contains("copies the line");
    // The change that the proof itself saw, told a moment later.
    let up = to(State::Refused, State::Answering, 41);
    changes(&mut app, |row| row.transitions = [up].into());
    assert!(shown(&mut app));
    let down = to(State::Answering, State::Refused, 60);
    let again = to(State::Refused, State::Answering, 90);
    changes(&mut app, |row| row.transitions = [up, down, again].into());
    assert!(!shown(&mut app));
    assert_eq!(press(&mut app, "1"), None);

    let mut app = sample::app(120, 40);
    press(&mut app, SALES);
    proves(&mut app, called_off());
    assert!(screen(&mut app, 120, 40).contains("stopped after"));
    let other = to(State::Refused, State::Silent, 30);
    changes(&mut app, |row| row.transitions = [other].into());
    assert!(!screen(&mut app, 120, 40).contains("stopped after"));
}

#[test]
fn the_footer_offers_what_can_be_done_with_the_selected_row() {
    let footer = |app: &mut App| {
        let shown = screen(app, 160, 40);
        shown.lines().last().unwrap_or_default().to_owned()
    };
    let mut app = sample::app(160, 40);
    press(&mut app, SALES);
    assert!(footer(&mut app).contains(" v verify fix "));
    assert!(!footer(&mut app).contains(" Y copy note "));
    press(&mut app, "esc");
    press(&mut app, CRM);
    assert!(!footer(&mut app).contains(" v verify fix "));
    let mut app = sample::mass_failure(3, 160, 40);
    app.resize(Rect::new(0, 0, 160, 40));
    assert!(footer(&mut app).contains(" Y copy note "));
}
