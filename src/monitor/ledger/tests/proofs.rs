//! Fixes that are put to the proof.

use jiff::SignedDuration;
use rstest::rstest;

use super::own::{ENETUNREACH, stopped};
use super::*;
use crate::diagnosis::State::{Degraded, Silent, WrongInstance};
use crate::diagnosis::{CauseId, Expectation, Said};
use crate::evidence::{BrowserStatus, PreloginStatus};
use crate::monitor::{Attempt, Ended, Expected, Met, Proof};

use Expectation as E;

const ID: InstanceId = InstanceId(0);

fn attempt_of(cause: CauseId, expects: &[Expectation]) -> Attempt {
    Attempt {
        cause,
        fix: "Start the service".to_owned(),
        expects: expects.to_vec(),
    }
}

fn start_service() -> Attempt {
    let expects = [E::PortOpen, E::EngineAnswers];
    attempt_of(CauseId::ServiceNotRunning, &expects)
}

/// An address beside 10.0.4.12 that opens, or not.
fn with_another(mut evidence: Evidence, status: ConnectStatus) -> Evidence {
    let layers = &mut evidence.layers;
    let other = "10.0.5.12".parse().unwrap();
    layers.resolve.addresses.push(other);
    let mut attempt = layers.connect.attempts[0].clone();
    attempt.endpoint.set_ip(other);
    attempt.status = status;
    layers.connect.attempts.push(attempt);
    evidence
}

/// Where Browser gave the port.
fn located(mut evidence: Evidence) -> Evidence {
    evidence.layers.browser.status = BrowserStatus::Ok;
    evidence.layers.browser.port = Some(Port::DEFAULT);
    evidence
}

fn another_instance() -> Evidence {
    let mut evidence = located(saw("10.0.4.12", Answering));
    evidence.layers.prelogin.status = PreloginStatus::InstanceMismatch;
    evidence
}

fn met(after: Option<i64>, by: i64) -> Met {
    let (after, by) = (after.map(at), at(by));
    Met { after, by }
}

fn fixed(after: i64, by: i64) -> Ended {
    let [after, by] = [after, by].map(SignedDuration::from_secs);
    Ended::Fixed { after, by }
}

fn not_fixed(first: Expectation, second: i64) -> Ended {
    let at = at(second);
    Ended::NotFixed { first, at }
}

fn untold(second: i64) -> Ended {
    Ended::Untold { at: at(second) }
}

impl Told {
    /// A failing instance.
    fn failing() -> Self {
        let mut told = Self::new(&["db1"]);
        for second in 0..2 {
            told.seen(second, saw("10.0.4.12", Refused));
        }
        told
    }

    /// A failing instance whose fix has been put to the proof at second 10.
    fn proving(attempt: Attempt) -> Self {
        let mut told = Self::failing();
        told.verify(10, Some(attempt));
        told
    }

    fn verify(&mut self, second: i64, attempt: Option<Attempt>) -> Vec<Change> {
        self.event(second, Event::Verified { id: ID, attempt })
    }

    /// A probe that began then and ended a second later.
    fn seen(&mut self, second: i64, evidence: Evidence) -> Vec<Change> {
        let begun = Evidence {
            at: at(second),
            ..evidence
        };
        self.probed(second + 1, 0, begun)
    }

    fn see(&mut self, second: i64, state: State) -> Vec<Change> {
        self.seen(second, saw("10.0.4.12", state))
    }

    /// The same to the end of the proof's time, and what that brings.
    fn see_to_the_end(&mut self, state: State) -> Vec<Change> {
        for second in (10..310).step_by(4) {
            self.see(second, state);
        }
        self.see(310, state)
    }

    fn proof(&self) -> Proof {
        self.row(0).proofs.last().unwrap().clone()
    }

    fn ended(&self) -> Option<Ended> {
        self.proof().ended
    }

    fn met(&self) -> Vec<(Expectation, Option<Met>)> {
        let expected = self.proof().expected;
        expected.iter().map(|one| (one.what, one.met)).collect()
    }

    fn causes(&self) -> Vec<CauseId> {
        let causes = &self.row(0).diagnosis.as_ref().unwrap().causes.clone();
        causes.iter().map(|cause| cause.id).collect()
    }
}

#[test]
fn each_is_ticked_as_it_turns_true_and_the_whole_lies_between_two_probes() {
    let mut told = Told::proving(start_service());
    assert_eq!(told.ledger.proving(ID), Some(at(10)));
    assert_eq!(told.proof().until, at(310));
    told.see(10, Refused);
    assert_eq!(told.met(), [(E::PortOpen, None), (E::EngineAnswers, None)]);
    told.see(12, Silent);
    assert_eq!(told.met()[0].1, Some(met(Some(10), 13)));
    assert_eq!((told.proof().seen, told.proof().probes), (Silent, 2));
    told.see(48, Silent);
    told.see(50, Answering);
    assert_eq!(
        told.met()[0].1,
        Some(met(Some(10), 13)),
        "since when it holds"
    );
    assert_eq!(told.met()[1].1, Some(met(Some(48), 51)));
    assert_eq!(told.ended(), Some(fixed(38, 41)));
    assert_eq!(told.ledger.proving(ID), None);
    let proof = told.proof();
    told.see(60, Refused);
    assert_eq!(told.proof(), proof, "what ended stays as it is");
}

#[test]
fn a_tick_is_withdrawn_when_it_holds_no_more() {
    let mut told = Told::proving(start_service());
    told.see(10, Silent);
    assert_eq!(
        told.met()[0].1,
        Some(met(None, 11)),
        "from the first probe on"
    );
    told.see(12, Refused);
    assert_eq!(told.met()[0].1, None);
    told.see(14, Answering);
    assert_eq!(told.met()[0].1, Some(met(Some(12), 15)));
    assert_eq!(told.ended(), Some(fixed(2, 5)));
}

#[rstest]
#[case::at_the_first_probe(&[(10, Answering)], Some(fixed(0, 1)))]
#[case::at_the_second(&[(10, Refused), (12, Answering)], Some(fixed(0, 3)))]
#[case::one_was_on_its_way_before(&[(9, Answering)], None)]
#[case::and_the_next_one_tells(&[(9, Answering), (12, Answering)], Some(fixed(0, 3)))]
#[case::it_may_fail_before_it_is_well(&[(20, Silent), (30, Refused), (52, Answering)], Some(fixed(20, 43)))]
#[case::in_the_last_second(&[(10, Refused), (309, Answering)], Some(fixed(0, 300)))]
fn a_fix_took_between_the_last_bad_probe_and_the_first_good_one(
    #[case] probes: &[(i64, State)],
    #[case] expected: Option<Ended>,
) {
    let mut told = Told::proving(start_service());
    for (second, state) in probes {
        told.see(*second, *state);
    }
    assert_eq!(told.ended(), expected);
}

#[test]
fn what_holds_already_is_ticked_from_the_start() {
    let expects = [E::EngineAnswers, E::PortOpen, E::NameResolves, E::PortOpen];
    let told = Told::proving(attempt_of(CauseId::ServiceNotRunning, &expects));
    let proof = told.proof();
    let by = at(1) + elapsed(3).duration();
    let given = Some(Met { after: None, by });
    let expected = [
        (E::NameResolves, given),
        (E::PortOpen, None),
        (E::EngineAnswers, None),
    ]
    .map(|(what, met)| Expected { what, met });
    assert_eq!(
        proof.expected, expected,
        "once each, in the order of the layers"
    );
    assert_eq!(proof.probes, 0);
}

#[test]
fn what_no_probe_of_the_target_can_tell_is_not_waited_for() {
    let expects = [E::BrowserAnswers, E::InstanceListed, E::InstanceMatches];
    let mut told = Told::proving(attempt_of(CauseId::BrowserStopped, &expects));
    assert_eq!(told.met(), [(E::EngineAnswers, None)]);
    told.see(10, Answering);
    assert_eq!(told.ended(), Some(fixed(0, 1)));
}

#[test]
fn what_stays_false_ends_it_and_the_next_cause_moves_up() {
    let mut told = Told::proving(start_service());
    let before = told.causes();
    assert_eq!(before[0], CauseId::ServiceNotRunning);
    let changes = told.see_to_the_end(Refused);
    assert_eq!(told.ended(), Some(not_fixed(E::PortOpen, 310)));
    assert!(changes.contains(&Change::Row(ID)) && changes.contains(&Change::Remember(ID)));
    let causes = told.causes();
    assert_eq!(causes[0], before[1]);
    assert_eq!(causes.last(), Some(&CauseId::ServiceNotRunning));
    let row = told.row(0);
    let against = &row
        .diagnosis
        .as_ref()
        .unwrap()
        .causes
        .last()
        .unwrap()
        .against;
    assert!(
        against.contains(&Said::TriedPortClosed { when: at(310) }),
        "{against:?}"
    );

    told.see(330, Answering);
    assert!(told.row(0).past.tried.is_empty());
    for second in [340, 341] {
        told.see(second, Refused);
    }
    assert_eq!(
        told.causes()[0],
        CauseId::ServiceNotRunning,
        "another failure"
    );
}

#[test]
fn what_was_tried_in_vain_outlives_the_program_and_not_the_failure() {
    let mut before = Told::proving(start_service());
    before.see_to_the_end(Refused);
    let past = before.ledger.past(ID).unwrap();
    let past: Past = serde_json::from_str(&serde_json::to_string(past).unwrap()).unwrap();

    let mut told = Told::new(&[]);
    let recalled = |_: &_| Some(past.clone());
    told.ledger
        .replace_recalling(at(400), &[instance("db1")], recalled);
    told.see(401, Refused);
    assert_eq!(told.causes(), before.causes());
    told.see(402, Answering);
    assert!(told.row(0).past.tried.is_empty());
}

#[test]
fn a_cause_that_was_mended_is_not_tried_in_vain_when_another_layer_fails() {
    let of_the_name = attempt_of(CauseId::StaleName, &[E::NameResolves]);
    let mut told = Told::proving(of_the_name);
    told.see_to_the_end(Refused);
    assert_eq!(told.ended(), Some(not_fixed(E::EngineAnswers, 310)));
    assert!(told.row(0).past.tried.is_empty());
    assert_eq!(told.causes()[0], CauseId::ServiceNotRunning);
}

#[test]
fn any_event_ends_it_when_its_time_is_over() {
    let mut told = Told::proving(start_service());
    told.see(300, Refused);
    told.event(309, Event::Overdue { id: ID });
    assert_eq!(told.ended(), None);
    let changes = told.event(312, Event::Overdue { id: ID });
    assert!(changes.contains(&Change::Row(ID)));
    assert_eq!(told.ended(), Some(not_fixed(E::PortOpen, 310)));

    let mut told = Told::proving(start_service());
    assert_eq!(told.ledger.end_proofs(at(300)), []);
    assert!(told.ledger.end_proofs(at(310)).contains(&Change::Row(ID)));
    assert_eq!(told.ended(), Some(untold(310)), "no probe told anything");
    assert_eq!(told.ledger.end_proofs(at(320)), []);
}

#[test]
fn it_is_called_off_by_hand_and_by_a_pause() {
    let mut told = Told::proving(start_service());
    assert_eq!(told.verify(12, None), [Change::Row(ID)]);
    assert_eq!(
        (told.ended(), told.ledger.proving(ID)),
        (Some(untold(12)), None)
    );
    assert_eq!(told.verify(13, None), [], "there is nothing to call off");

    let mut told = Told::proving(start_service());
    told.event(12, Event::Paused { paused: true });
    assert_eq!(told.ended(), Some(untold(12)));
    told.verify(14, Some(start_service()));
    told.event(15, Event::Paused { paused: false });
    assert_eq!(told.ended(), None, "asked for by hand while paused");
    told.see(16, Answering);
    assert_eq!(told.ended(), Some(fixed(0, 3)));
}

#[test]
fn another_one_takes_its_place_and_the_row_keeps_eight() {
    let mut told = Told::proving(start_service());
    told.verify(20, Some(attempt_of(CauseId::WrongPort, &[E::PortOpen])));
    let proofs = told.row(0).proofs.clone();
    assert_eq!(proofs[0].ended, Some(untold(20)));
    assert_eq!(proofs[1].attempt.cause, CauseId::WrongPort);
    assert!(proofs[1].is_running());
    for second in 21..31 {
        told.verify(second, Some(start_service()));
    }
    let proofs = told.row(0).proofs.clone();
    assert_eq!((proofs.len(), proofs[7].began), (8, at(30)));
    assert_eq!(proofs.iter().filter(|proof| proof.is_running()).count(), 1);
    assert_eq!(told.ledger.proving(ID), Some(at(30)));
}

#[test]
fn what_is_well_has_nothing_to_prove() {
    let mut told = Told::new(&["db1"]);
    assert_eq!(told.verify(0, Some(start_service())), []);
    told.see(1, Answering);
    assert_eq!(told.verify(2, Some(start_service())), []);
    assert!(told.row(0).proofs.is_empty());
}

#[test]
fn what_this_machine_hides_ticks_and_tells_nothing() {
    let mut told = Told::proving(start_service());
    told.see(10, Silent);
    let before = told.proof();
    let vantage = vantage(false);
    told.event(12, Event::Vantage { vantage });
    for second in (13..310).step_by(10) {
        told.seen(second, stopped("10.0.4.12", ENETUNREACH));
    }
    assert!(told.row(0).marks.stale);
    assert_eq!(told.proof(), before);
    told.seen(310, stopped("10.0.4.12", ENETUNREACH));
    assert_eq!(told.ended(), Some(untold(310)));
    assert!(told.row(0).past.tried.is_empty());
}

#[test]
fn a_clock_that_is_set_back_takes_the_proof_along() {
    let mut told = Told::new(&["db1"]);
    for second in 3600..3602 {
        told.see(second, Refused);
    }
    told.verify(3610, Some(start_service()));
    told.see(3610, Refused);
    told.see(3619, Silent);
    // The last event was at 3620.
    told.event(20, Event::Overdue { id: ID });
    assert_eq!((told.proof().began, told.proof().until), (at(10), at(310)));
    assert_eq!(told.met()[0].1, Some(met(Some(10), 20)));
    told.see(22, Answering);
    assert_eq!(told.ended(), Some(fixed(9, 13)));
    told.verify(23, None);
    assert_eq!(told.ended(), Some(fixed(9, 13)));
}

#[test]
fn a_miss_that_does_not_count_yet_counts_for_the_proof() {
    let dead = || with_another(saw("10.0.4.12", Answering), ConnectStatus::TimedOut);
    let mut told = Told::new(&["db1"]);
    for second in 0..2 {
        told.seen(second, dead());
    }
    assert_eq!(told.state(), Degraded);
    let all_open = attempt_of(CauseId::SomeAddressesDead, &[E::AllAddressesOpen]);
    told.verify(10, Some(all_open));
    told.seen(10, dead());
    let by = at(1) + elapsed(3).duration();
    let given = Some(Met { after: None, by });
    assert_eq!(told.met()[1], (E::EngineAnswers, given));
    assert_eq!(
        told.ended(),
        None,
        "it answers, and the finding is still there"
    );
    told.seen(
        12,
        with_another(saw("10.0.4.12", TimedOut), ConnectStatus::TimedOut),
    );
    assert_eq!((told.state(), told.proof().seen), (Degraded, TimedOut));
    assert_eq!(told.met()[1], (E::EngineAnswers, None));
    told.seen(
        14,
        with_another(saw("10.0.4.12", Answering), ConnectStatus::Open),
    );
    assert_eq!(told.met()[1].1, Some(met(Some(12), 15)));
    assert_eq!(told.ended(), Some(fixed(2, 5)));
}

#[test]
fn an_instance_that_is_another_one_is_no_fix() {
    let wrong_from = |second| {
        let mut told = Told::new(&[r"db1\PROD"]);
        for second in 0..2 {
            told.seen(second, located(saw("10.0.4.12", Refused)));
        }
        told.verify(10, Some(start_service()));
        for second in (second..310).step_by(4) {
            told.seen(second, another_instance());
        }
        assert_eq!(told.proof().seen, WrongInstance);
        let what: Vec<_> = told.met().iter().map(|(what, _)| *what).collect();
        assert_eq!(what, [E::PortOpen, E::EngineAnswers, E::InstanceMatches]);
        told
    };
    let mut told = wrong_from(10);
    told.event(311, Event::Overdue { id: ID });
    assert_eq!(told.ended(), Some(not_fixed(E::InstanceMatches, 310)));
    assert!(told.row(0).past.tried.is_empty(), "nobody promised it");

    let mut told = wrong_from(306);
    told.seen(309, located(saw("10.0.4.12", Answering)));
    assert_eq!(told.met()[2].1, Some(met(Some(306), 310)));
    assert_eq!(told.ended(), Some(fixed(296, 300)));
}

#[test]
fn it_survives_a_new_configuration() {
    let mut told = Told::proving(start_service());
    let instances = ["other", "db1"].map(instance);
    told.ledger.replace(at(12), &instances);
    assert_eq!(told.ledger.proving(ID), Some(at(10)));
    told.see(12, Answering);
    assert_eq!(told.ended(), Some(fixed(0, 3)));
}
