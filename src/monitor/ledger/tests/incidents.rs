//! Who fails together, over events: which incidents there are, and whose they stay.

use std::sync::Arc;

use rstest::rstest;

use super::Told;
use crate::diagnosis::Neighbours;
use crate::diagnosis::State::{self, Answering, Refused, TimedOut};
use crate::diagnosis::incident::Shared;
use crate::evidence::{ConnectStatus, Evidence, Look, Witness};
use crate::monitor::ledger::{Change, Event};
use crate::monitor::tests::{at, attempt, instance, saw, vantage};
use crate::monitor::{Acknowledged, Happening, IncidentId, InstanceId};

/// Three hosts of one subnet, one host with two instances, one elsewhere.
const TARGETS: [&str; 6] = ["a", "b", "c", "d,1433", "d,1444", "e"];
const PLACES: [(&str, u16); 6] = [
    ("10.0.4.1", 1433),
    ("10.0.4.2", 1433),
    ("10.0.4.3", 1433),
    ("10.0.5.1", 1433),
    ("10.0.5.1", 1444),
    ("10.0.6.1", 1433),
];

fn saw_on(address: &str, port: u16, state: State) -> Evidence {
    let mut evidence = saw(address, state);
    let endpoint = format!("{address}:{port}");
    for one in &mut evidence.layers.connect.attempts {
        *one = attempt(&endpoint, one.status);
    }
    if let Some(own) = &mut evidence.layers.prelogin.endpoint {
        own.set_port(port);
    }
    evidence
}

/// A fleet that answers at second 0.
fn well() -> Told {
    let mut told = Told::new(&TARGETS);
    for id in 0..6 {
        told.sees(0, id, Answering);
    }
    told
}

impl Told {
    fn sees(&mut self, second: i64, id: u32, state: State) -> Vec<Change> {
        let (address, port) = PLACES[id as usize];
        self.probed(second, id, saw_on(address, port, state))
    }

    /// Two probes: a failure that counts.
    fn falls(&mut self, second: i64, id: u32, state: State) -> Vec<Change> {
        self.sees(second, id, state);
        self.sees(second, id, state)
    }

    fn incident(&self, id: u32) -> Option<IncidentId> {
        self.row(id).incident
    }

    fn members(&self) -> Vec<Vec<u32>> {
        let incidents = self.ledger.incidents();
        incidents.values().map(|one| one.members.clone()).collect()
    }
}

fn says(changes: &[Change]) -> bool {
    changes.contains(&Change::Incidents)
}

#[test]
fn two_causes_at_once_are_two_incidents() {
    let mut told = well();
    for (id, state) in [
        (0, TimedOut),
        (3, Refused),
        (1, TimedOut),
        (4, Refused),
        (2, TimedOut),
    ] {
        told.falls(15, id, state);
    }
    assert_eq!(told.members(), [vec![3, 4], vec![0, 1, 2]]);
    let incidents = told.ledger.incidents();
    let shared: Vec<_> = incidents.values().map(|one| &one.shared).collect();
    assert!(matches!(shared[..], [Shared::Host(_), Shared::Subnet(_)]));
    assert_eq!(told.incident(0), told.incident(2));
    assert_ne!(told.incident(0), told.incident(3));
    assert_eq!(told.incident(5), None);
}

#[test]
fn who_joins_and_leaves_has_it_in_the_diary() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(16, 4, Refused);
    let id = told.incident(3).unwrap();
    for member in [3, 4] {
        told.sees(30, member, Answering);
    }
    let row = told.row(3);
    let notes: Vec<_> = row
        .diary
        .notes()
        .map(|note| (note.at, &note.what))
        .collect();
    assert_eq!(
        notes,
        [
            (at(16), &Happening::Joined(id)),
            (at(30), &Happening::Left(id)),
        ]
    );
}

#[test]
fn a_first_note_is_kept_once_for_all_that_joined() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(16, 4, Refused);
    let [one, other] = [3, 4].map(|member| told.row(member));
    assert!(Arc::ptr_eq(&one.diary, &other.diary));
    told.event(20, Event::Asked { id: InstanceId(3) });
    let notes = [3, 4].map(|member| told.row(member).diary.notes().len());
    assert_eq!(notes, [2, 1], "each goes on by itself");
}

#[test]
fn one_that_fails_alone_is_in_none() {
    let mut told = well();
    let changes = told.falls(15, 5, Refused);
    assert!(!says(&changes));
    assert_eq!(told.incident(5), None);
    assert!(told.members().is_empty());
}

#[test]
fn a_straggler_joins_the_incident_that_is_there() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(16, 4, Refused);
    let id = told.incident(3);
    assert!(id.is_some());
    // The others of its subnet: a second incident, then a straggler of it.
    told.falls(17, 0, TimedOut);
    told.falls(18, 1, TimedOut);
    let subnet = told.incident(0);
    told.sees(19, 2, Answering);
    assert_eq!(told.incident(0), None, "a host of the subnet answers");
    let changes = told.falls(34, 2, TimedOut);
    assert!(says(&changes));
    assert!(changes.contains(&Change::Row(InstanceId(2))));
    assert_eq!(told.members(), [vec![3, 4], vec![0, 1, 2]]);
    assert!(subnet.is_none() && told.incident(2).is_some());
    assert_eq!(told.incident(3), id, "the other one is as it was");
}

#[test]
fn one_that_falls_minutes_later_is_another_failure() {
    let mut told = well();
    told.falls(15, 3, Refused);
    for second in [100, 200, 300] {
        told.sees(second, 3, Refused);
        told.sees(second, 4, Answering);
    }
    told.falls(400, 4, Refused);
    assert_eq!((told.incident(3), told.incident(4)), (None, None));
}

#[test]
fn one_that_flaps_is_in_none() {
    let mut told = well();
    told.falls(15, 4, Refused);
    told.sees(30, 4, Answering);
    told.falls(45, 4, Refused);
    told.falls(46, 3, Refused);
    assert!(told.row(4).past.flapping);
    assert_eq!((told.incident(3), told.incident(4)), (None, None));
}

#[test]
fn an_incident_ends_when_one_is_left_and_its_number_is_not_given_again() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    let first = told.incident(3);
    let changes = told.sees(300, 4, Answering);
    assert!(says(&changes));
    for id in [3, 4] {
        assert!(changes.contains(&Change::Row(InstanceId(id))), "{id}");
        assert_eq!(told.incident(id), None);
    }
    assert!(told.members().is_empty());
    told.sees(300, 3, Answering);
    told.falls(900, 3, Refused);
    told.falls(900, 4, Refused);
    assert!(told.incident(3).is_some());
    assert_ne!(told.incident(3), first);
}

#[test]
fn an_incident_keeps_its_number_while_instances_come_and_go() {
    let mut told = Told::new(&["d,1433", "d,1444", "d,1455"]);
    let ports = [1433, 1444, 1455];
    let mut see = |second, id: u32, state| {
        let evidence = saw_on("10.0.5.1", ports[id as usize], state);
        told.probed(second, id, evidence);
        told.probed(second, id, saw_on("10.0.5.1", ports[id as usize], state));
        let rows = [0, 1, 2].map(|id| told.row(id).incident);
        (told.members(), rows)
    };
    for id in 0..3 {
        see(0, id, Answering);
    }
    see(15, 0, Refused);
    let (_, [number, ..]) = see(16, 1, Refused);
    assert!(number.is_some());
    assert_eq!(see(17, 2, Refused), (vec![vec![0, 1, 2]], [number; 3]));
    let (members, rows) = see(40, 0, Answering);
    assert_eq!((members, rows), (vec![vec![1, 2]], [None, number, number]));
}

#[test]
fn a_failure_that_turns_into_another_keeps_the_moment_of_its_fall() {
    let mut told = well();
    told.falls(15, 3, TimedOut);
    told.falls(15, 4, Refused);
    told.falls(600, 3, Refused);
    let incidents = told.ledger.incidents();
    let began = incidents.values().next().unwrap().began;
    assert_eq!((began.after, began.by), (Some(at(0)), at(15)));
}

#[test]
fn where_nobody_looked_shortly_before_the_last_good_look_says_nothing() {
    let mut told = well();
    told.falls(3600, 3, Refused);
    told.falls(3600, 4, Refused);
    let incidents = told.ledger.incidents();
    let began = incidents.values().next().unwrap().began;
    assert_eq!((began.after, began.by), (None, at(3600)));
}

#[test]
fn what_this_machine_itself_hides_is_in_none() {
    let mut told = well();
    told.event(
        1,
        Event::Vantage {
            vantage: vantage(true),
        },
    );
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    assert_eq!(told.members().len(), 1);
    let changes = told.event(
        20,
        Event::Vantage {
            vantage: vantage(false),
        },
    );
    let mut lost = saw_on("10.0.5.1", 1433, TimedOut);
    lost.layers.connect.status = ConnectStatus::Unreachable;
    lost.layers.connect.attempts[0].status = ConnectStatus::Unreachable;
    lost.layers.connect.attempts[0].os_error = Some(101);
    let after = told.probed(30, 3, lost);
    assert!(told.row(3).marks.stale);
    assert!(says(&changes) || says(&after));
    assert!(told.members().is_empty());
}

#[test]
fn an_instance_that_is_removed_leaves_its_incident() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    let rest: Vec<_> = TARGETS[..4].iter().map(|text| instance(text)).collect();
    let changes = told.ledger.replace(at(20), &rest);
    assert!(says(&changes));
    assert_eq!(told.incident(3), None);
    assert!(told.members().is_empty());
}

#[test]
fn an_incident_survives_that_the_file_is_read_again() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    let (before, id) = (told.ledger.incidents(), told.incident(3));
    let all: Vec<_> = TARGETS.iter().rev().map(|text| instance(text)).collect();
    told.ledger.replace(at(20), &all);
    assert_eq!((told.incident(3), told.incident(4)), (id, id));
    assert_eq!(told.ledger.incidents(), before);
}

#[test]
fn one_that_is_acknowledged_stays_in_its_incident() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    let before = told.ledger.incidents();
    let acknowledged = Some(Acknowledged {
        reason: "maintenance".into(),
        until: None,
    });
    let id = InstanceId(3);
    told.event(20, Event::Acknowledged { id, acknowledged });
    assert!(told.incident(3).is_some());
    assert_eq!(told.ledger.incidents(), before);
}

#[test]
fn one_whose_news_is_old_is_in_none_until_it_is_heard_of_again() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    told.event(90, Event::Overdue { id: InstanceId(3) });
    assert_eq!((told.incident(3), told.incident(4)), (None, None));
    told.sees(95, 3, Refused);
    assert!(told.incident(3).is_some());
    assert_eq!(told.members(), [vec![3, 4]]);
}

#[test]
fn a_probe_that_shows_nothing_new_groups_nothing_anew() {
    let mut told = well();
    told.falls(15, 3, Refused);
    told.falls(15, 4, Refused);
    let before = told.ledger.incidents();
    assert!(!says(&told.sees(30, 3, Refused)));
    assert!(std::sync::Arc::ptr_eq(&before, &told.ledger.incidents()));
}

/// A look at 445 of the first host.
fn telling(told: &mut Told, second: i64, status: ConnectStatus) -> Vec<Change> {
    let look = Look::Port(attempt("10.0.4.1:445", status));
    let (id, at) = (InstanceId(0), at(second));
    let witness = Witness { at, look };
    told.event(second, Event::Witnessed { id, witness })
}

#[test]
fn a_host_that_answers_a_look_is_no_silent_host_of_its_subnet() {
    let mut told = well();
    for id in 0..3 {
        told.falls(15, id, TimedOut);
    }
    let said = |told: &Told| {
        let incidents = told.ledger.incidents();
        let only = incidents.values().next().map(|one| one.members.len());
        (only, told.row(2).surroundings.subnet)
    };
    assert_eq!(said(&told).0, Some(3));
    assert!(says(&telling(&mut told, 17, ConnectStatus::Open)));
    told.sees(30, 2, TimedOut);
    let neighbours = |answering, silent| Neighbours { answering, silent };
    assert_eq!(said(&told), (None, neighbours(1, 1)));
    // The same look in vain: now it is silent too.
    telling(&mut told, 40, ConnectStatus::TimedOut);
    told.sees(45, 2, TimedOut);
    assert_eq!(said(&told), (Some(3), neighbours(0, 2)));
}

#[test]
fn the_note_of_a_silent_host_knows_of_its_neighbour_that_answers_a_look() {
    let targets = ["a", "d,1433", "d,1444"];
    let mut told = Told::new(&targets);
    let places = [("10.0.4.1", 1433), ("10.0.4.2", 1433), ("10.0.4.2", 1444)];
    for (second, state) in [(0, Answering), (15, TimedOut), (16, TimedOut)] {
        for (id, (address, port)) in (0..).zip(places) {
            told.probed(second, id, saw_on(address, port, state));
        }
    }
    telling(&mut told, 17, ConnectStatus::Open);
    let incidents = told.ledger.incidents();
    let of_the_host = incidents.values().next().unwrap();
    assert_eq!(of_the_host.members, [1, 2]);
    assert_eq!(of_the_host.facts.subnet.answering, 1);
}

#[test]
fn a_well_fleet_that_is_probed_again_changes_no_incident() {
    let mut told = well();
    told.ledger.regroup();
    for id in 0..6 {
        told.sees(15, id, Answering);
        assert!(!told.ledger.tally.take_turned(), "{id}");
    }
}

/// Every change of a flood marks, and one grouping follows.
#[rstest]
#[case::a_subnet(TimedOut)]
fn a_flood_is_grouped_when_it_is_asked_for(#[case] state: State) {
    let targets: Vec<String> = (0..200).map(|n| format!("10.0.4.{n}")).collect();
    let texts: Vec<&str> = targets.iter().map(String::as_str).collect();
    let mut told = Told::new(&texts);
    for second in [0, 15, 16] {
        for (id, address) in (0..).zip(&texts) {
            let state = if second == 0 { Answering } else { state };
            told.probed(second, id, saw(address, state));
        }
    }
    assert!(told.ledger.is_to_regroup());
    let changes = told.ledger.regroup();
    assert_eq!(
        changes[0],
        Change::Incidents,
        "before the rows that speak of it"
    );
    assert_eq!(told.members().iter().map(Vec::len).sum::<usize>(), 200);
    assert!(told.row(199).incident.is_some());
    assert!(!told.ledger.is_to_regroup());
    assert_eq!(told.ledger.regroup(), []);
}
