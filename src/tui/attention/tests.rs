//! Which changes are called for, when, and in which words.

use std::sync::Arc;

use rstest::rstest;

use super::Ears::{Open, Shut};
use super::*;
use crate::monitor::{Acknowledged, Event, Ledger, Marks};
use crate::tui::sample;

/// One instance that is looked at every few seconds.
struct Told {
    attention: Attention,
    row: Row,
    now: Timestamp,
}

impl Told {
    fn new(state: State) -> Self {
        let mut row = Row::clone(&sample::rows()[3]);
        assert_eq!(row.state, State::Answering);
        row.state = state;
        let mut told = Self {
            attention: Attention::default(),
            row,
            now: sample::later(),
        };
        told.see(state);
        told
    }

    /// The next look is out of reach of the one before.
    fn see(&mut self, state: State) -> Vec<Turn> {
        self.row.state = state;
        self.attention.see(&self.row, self.now, Open);
        self.wait(10)
    }

    fn wait(&mut self, seconds: i64) -> Vec<Turn> {
        self.now += SignedDuration::from_secs(seconds);
        let turns = self.attention.call(self.now);
        turns.into_iter().map(|(_, turn)| turn).collect()
    }
}

fn acknowledged() -> Marks {
    Marks {
        acknowledged: Some(Box::new(Acknowledged {
            reason: "disk".into(),
            until: None,
        })),
        ..Marks::default()
    }
}

fn stale() -> Marks {
    Marks {
        stale: true,
        ..Marks::default()
    }
}

fn paused() -> Marks {
    Marks {
        paused: true,
        ..Marks::default()
    }
}

#[rstest]
#[case::falls(State::Answering, State::Refused, Some(Turn::Fell))]
#[case::rises(State::Refused, State::Answering, Some(Turn::Rose))]
#[case::rises_in_part(State::Refused, State::Degraded, Some(Turn::Rose))]
#[case::fails_otherwise(State::Refused, State::TimedOut, None)]
#[case::slower(State::Answering, State::Degraded, None)]
#[case::the_first_result(State::Pending, State::Refused, None)]
#[case::the_same(State::Refused, State::Refused, None)]
fn a_change_to_or_from_failing_is_called(
    #[case] from: State,
    #[case] to: State,
    #[case] wanted: Option<Turn>,
) {
    let mut told = Told::new(from);
    assert_eq!(told.see(to), Vec::from_iter(wanted));
    assert_eq!(told.see(to), [], "once");
}

#[rstest]
#[case(acknowledged())]
#[case(paused())]
fn what_is_acknowledged_or_paused_is_quiet_and_no_news_afterwards(#[case] marks: Marks) {
    let mut told = Told::new(State::Answering);
    told.row.marks = marks;
    assert_eq!(told.see(State::Refused), []);
    told.row.marks = Marks::default();
    assert_eq!(told.see(State::Refused), []);
    assert_eq!(told.see(State::Answering), [Turn::Rose]);
}

#[test]
fn nobody_listens_to_a_recording() {
    let mut told = Told::new(State::Answering);
    told.row.state = State::Refused;
    told.attention.see(&told.row, told.now, Shut);
    assert_eq!(told.wait(60), []);
    assert_eq!(told.see(State::Refused), []);
}

#[test]
fn what_happens_while_nobody_knows_is_called_when_it_is_known() {
    let mut told = Told::new(State::Answering);
    told.row.marks = stale();
    assert_eq!(
        told.see(State::TimedOut),
        [],
        "this machine may be at fault"
    );
    told.row.marks = Marks::default();
    told.row.surroundings = Arc::new(crate::diagnosis::Surroundings {
        own_network: OwnNetwork::NoRoute,
        ..Default::default()
    });
    assert_eq!(told.see(State::TimedOut), []);
    told.row.surroundings = Arc::default();
    assert_eq!(told.see(State::TimedOut), [Turn::Fell]);
}

#[test]
fn changes_are_gathered_and_calls_keep_a_distance() {
    let mut attention = Attention::default();
    let begin = sample::later();
    let mut rows: Vec<Row> = sample::rows().iter().map(|row| Row::clone(row)).collect();
    rows.truncate(6);
    let see = |attention: &mut Attention, row: &Row, after: i64| {
        attention.see(row, begin + SignedDuration::from_millis(after), Open);
    };
    let call = |attention: &mut Attention, after: i64| {
        attention
            .call(begin + SignedDuration::from_millis(after))
            .len()
    };
    for row in &mut rows {
        row.state = State::Answering;
        see(&mut attention, row, 0);
    }
    for (row, after) in rows.iter_mut().zip([0, 200, 400, 2_000, 3_000, 9_000]) {
        row.state = State::Refused;
        see(&mut attention, row, after);
        match after {
            400 => {
                assert_eq!(call(&mut attention, 900), 0, "more may come");
                assert_eq!(call(&mut attention, 1_000), 3);
            }
            3_000 => {
                assert_eq!(call(&mut attention, 5_900), 0, "the last was just now");
                assert_eq!(call(&mut attention, 6_000), 2, "summed up");
            }
            _ => {}
        }
    }
    assert_eq!(call(&mut attention, 11_000), 1);
    assert_eq!(call(&mut attention, 99_000), 0);
}

#[test]
fn one_that_flaps_is_called_once_and_again_when_it_stays() {
    let scenes = |state| match state {
        State::Refused => crate::diagnosis::scene::Scene::new("crm01").refused(),
        _ => crate::diagnosis::scene::Scene::new("crm01").answers(),
    };
    let mut ledger = Ledger::default();
    let instance = Arc::new(crate::config::Instance::from_text("crm01"));
    ledger.replace(sample::later(), &[instance]);
    let id = ledger.order()[0];
    let mut attention = Attention::default();
    let mut heard = Vec::new();
    let mut probe = |second: i64, state: State| {
        let at = sample::later() + SignedDuration::from_secs(second);
        let evidence = Box::new(crate::evidence::Evidence {
            at,
            ..scenes(state).evidence
        });
        ledger.apply(at, Event::Probed { id, evidence });
        attention.see(&ledger.row(id).unwrap(), at, Open);
        let called = attention.call(at + SignedDuration::from_secs(10));
        heard.extend(called.into_iter().map(|(_, turn)| (second, turn)));
    };
    // Up and down every 20 seconds for two minutes, then it stays down.
    for round in 0..6 {
        let state = if round % 2 == 0 {
            State::Answering
        } else {
            State::Refused
        };
        for second in [0, 10] {
            probe(round * 20 + second, state);
        }
    }
    for minute in 2..10 {
        probe(minute * 60, State::Refused);
    }
    let flapped = [(30, Turn::Fell), (40, Turn::Rose), (60, Turn::Flaps)];
    assert_eq!(heard[..3], flapped);
    assert!(heard.len() <= 4, "{heard:?}");
}

#[test]
fn names_are_called_and_the_rest_is_counted() {
    let rows = sample::rows();
    let said = |turns: &[(usize, Turn)]| {
        let turns: Vec<_> = turns
            .iter()
            .map(|(row, turn)| (rows[*row].clone(), *turn))
            .collect();
        sentence(
            &turns,
            &std::collections::BTreeMap::new(),
            &jiff::tz::TimeZone::UTC,
        )
    };
    assert_eq!(said(&[(1, Turn::Fell)]), "hr02,1433 is timed-out");
    assert_eq!(
        said(&[(3, Turn::Rose), (0, Turn::Flaps)]),
        "crm is answering again · sales01\\PROD is flapping"
    );
    let all: Vec<_> = (0..6).map(|row| (row, Turn::Fell)).collect();
    assert!(said(&all).ends_with(" · 3 more down"), "{}", said(&all));
}

#[test]
fn an_incident_is_one_sentence() {
    let app = sample::mass_failure(1_000, 120, 40);
    let turns: Vec<_> = (app.fleet.all())
        .filter(|row| row.state.is_failing())
        .map(|row| (row.clone(), Turn::Fell))
        .collect();
    assert_eq!(turns.len(), 1_000);
    let said = sentence(&turns, &app.incidents, &jiff::tz::TimeZone::UTC);
    insta::assert_snapshot!(said);
}

#[test]
fn who_still_fails_after_maintenance_is_called_then() {
    let maintained = Marks {
        maintenance: Some(Box::new(crate::monitor::Maintained {
            name: "patch night".into(),
            until: sample::later(),
        })),
        ..Marks::default()
    };
    for before in [State::Answering, State::Refused] {
        let mut told = Told::new(before);
        told.row.marks = maintained.clone();
        assert_eq!(told.see(State::Refused), []);
        told.row.marks = Marks::default();
        assert_eq!(told.see(State::Refused), [Turn::Fell]);
        assert_eq!(told.see(State::Refused), [], "once");
    }
    let mut told = Told::new(State::Answering);
    told.row.marks = maintained;
    assert_eq!(told.see(State::Refused), []);
    assert_eq!(told.see(State::Answering), []);
    told.row.marks = Marks::default();
    assert_eq!(told.see(State::Answering), [], "it is as it was");
}
