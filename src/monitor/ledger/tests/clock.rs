//! A wall clock that is set back.

use super::super::entry::Entry;
use super::super::looks::{Looks, Wish};
use super::*;
use crate::diagnosis::Good;
use crate::monitor::Transition;

const ID: InstanceId = InstanceId(0);

impl Told {
    /// The clock goes to this second.
    fn set_clock(&mut self, second: i64) {
        self.event(second, Event::Paused { paused: false });
    }

    fn entry(&mut self) -> &mut Entry {
        self.ledger.entries.get_mut(&ID).unwrap()
    }
}

#[test]
fn flapping_still_passes() {
    let mut told = Told::new(&["db1"]);
    for (second, state) in (3600..).zip([Answering, Refused, Answering, Refused, Answering]) {
        told.saw(second, state);
    }
    assert!(told.row(0).past.flapping);
    told.saw(0, Answering);
    told.saw(302, Answering);
    assert!(!told.row(0).past.flapping);
}

#[test]
fn the_disk_still_hears_of_the_address() {
    let mut told = Told::new(&["db1"]);
    told.saw(3600, Answering);
    told.saw(0, Answering);
    assert!(told.saw(300, Answering).contains(&Change::Remember(ID)));
}

#[test]
fn a_failure_that_turns_may_still_be_looked_at_again() {
    let mut told = Told::new(&["db1"]);
    told.entry().grant_looks(at(3600));
    told.set_clock(3600);
    told.set_clock(0);
    let turn = Transition {
        from: TimedOut,
        to: Refused,
        last_seen: None,
        first_seen: at(301),
    };
    assert!(told.entry().is_due_for_looks(at(301), turn));
}

#[test]
fn looks_are_still_not_taken_minutes_later() {
    let mut told = Told::new(&["db1"]);
    told.set_clock(3600);
    let mut looks = Looks::default();
    looks.grant(at(3600), Wish::Change);
    told.entry().looks = looks.into();
    told.set_clock(0);
    let looks = &told.entry().looks;
    assert!(looks.takes_more(at(30)));
    assert!(!looks.takes_more(at(31)));
}

#[test]
fn a_host_that_comes_up_again_is_noticed() {
    let mut told = Told::new(&["db1"]);
    for begin in [3600, 10] {
        told.saw(begin, Answering);
        for second in [1, 2, 102] {
            told.saw(begin + second, TimedOut);
        }
        told.saw(begin + 103, Answering);
        assert_eq!(told.row(0).past.host_came_up, Some(at(begin + 103)));
    }
}

#[rstest]
#[case::of_the_wrong_clock(3590, 90)]
#[case::of_an_earlier_run(50, 50)]
#[case::of_a_file_from_the_future(9999, 100)]
fn nothing_known_lies_in_the_future(#[case] then: i64, #[case] now: i64) {
    let past = |second| Past {
        last_good: Some(Good {
            at: at(second),
            addresses: Vec::new(),
            address: "10.0.4.12".parse().unwrap(),
            port: Port::DEFAULT,
            version: None,
        }),
        changed: Some(at(second)),
        moved_from: Some((at(second), Vec::new()).into()),
        port_before: Some((at(second), Port::DEFAULT)),
        host_came_up: Some(at(second)),
        ..Past::default()
    };
    let mut told = Told::new(&["db1"]);
    told.set_clock(3600);
    told.entry().row.past = Arc::new(past(then));
    told.set_clock(100);
    assert_eq!(*told.row(0).past, past(now));
}
