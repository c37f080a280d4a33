mod clock;
mod past;
mod walks;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rstest::rstest;

use super::{Change, Event, Ledger, Rules};
use crate::diagnosis::State::{Answering, Invalid, Pending, Refused, TimedOut};
use crate::diagnosis::{Neighbours, OwnNetwork, Past, State};
use crate::evidence::{
    ConnectStatus, Evidence, Layers, Look, Resolve, ResolveStatus, Test, Witness,
};
use crate::monitor::tests::{at, attempt, audit, elapsed, instance, saw, vantage};
use crate::monitor::{Acknowledged, InstanceId, Row};
use crate::target::Port;

mod diary;
mod incidents;
mod own;
mod proofs;
mod sharing;
mod siblings;

fn unresolved(status: ResolveStatus) -> Evidence {
    let resolve = Resolve {
        status,
        ..Resolve::default()
    };
    Evidence {
        at: at(0),
        elapsed: elapsed(3),
        layers: Layers {
            resolve,
            ..Layers::default()
        },
    }
}

/// A ledger that watches `targets`, its events told in short.
struct Told {
    ledger: Ledger,
}

impl Told {
    fn new(targets: &[&str]) -> Self {
        Self::with(Rules::default(), targets)
    }

    fn with(rules: Rules, targets: &[&str]) -> Self {
        let mut ledger = Ledger::new(rules);
        let instances: Vec<_> = targets.iter().map(|text| instance(text)).collect();
        ledger.replace(at(0), &instances);
        Self { ledger }
    }

    fn event(&mut self, second: i64, event: Event) -> Vec<Change> {
        self.ledger.apply(at(second), event)
    }

    fn probed(&mut self, second: i64, id: u32, evidence: Evidence) -> Vec<Change> {
        let evidence = Box::new(evidence);
        self.event(
            second,
            Event::Probed {
                id: InstanceId(id),
                evidence,
            },
        )
    }

    /// A probe of instance 0 at 10.0.4.12.
    fn saw(&mut self, second: i64, state: State) -> Vec<Change> {
        self.probed(second, 0, saw("10.0.4.12", state))
    }

    fn row(&self, id: u32) -> Arc<Row> {
        self.ledger.row(InstanceId(id)).unwrap()
    }

    fn state(&self) -> State {
        self.row(0).state
    }
}

fn confirms(changes: &[Change]) -> usize {
    changes
        .iter()
        .filter(|change| matches!(change, Change::Confirm(_)))
        .count()
}

fn looks(changes: &[Change]) -> Vec<Test> {
    let tests = changes.iter().filter_map(|change| match change {
        Change::Look(_, tests) => Some(tests.clone()),
        _ => None,
    });
    tests.flatten().collect()
}

fn closed_port(status: ConnectStatus) -> Witness {
    Witness {
        at: at(0),
        look: Look::ClosedPort(attempt("10.0.4.12:1", status)),
    }
}

#[test]
fn a_blip_is_in_the_history_and_nowhere_else() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    assert_eq!(confirms(&told.saw(15, TimedOut)), 1);
    let row = told.row(0);
    assert_eq!((row.state, row.raw), (Answering, TimedOut));
    assert_eq!(
        row.evidence.as_ref().unwrap().layers.connect.status,
        ConnectStatus::Open
    );
    told.saw(16, Answering);
    let row = told.row(0);
    assert_eq!((row.state, row.raw), (Answering, Answering));
    assert_eq!(row.since.first_seen, Some(at(0)));
    assert_eq!(row.transitions.len(), 1, "pending to answering");
    let states: Vec<_> = row.history.raw().map(|sample| sample.state).collect();
    assert_eq!(states, [Answering, TimedOut, Answering]);
}

#[test]
fn down_by_two_up_by_one() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    told.saw(15, Refused);
    let changes = told.saw(16, Refused);
    assert!(
        changes
            .iter()
            .any(|change| matches!(change, Change::State(_, turn) if turn.to == Refused))
    );
    assert!(changes.contains(&Change::Remember(InstanceId(0))));
    let row = told.row(0);
    assert_eq!(
        (row.since.first_seen, row.since.last_other),
        (Some(at(15)), Some(at(0)))
    );
    assert_eq!(
        row.since.duration(at(75)),
        Some((Duration::from_secs(60), false))
    );
    assert_eq!(row.past.changed, Some(at(16)));

    told.saw(31, Answering);
    let row = told.row(0);
    assert_eq!(row.state, Answering);
    assert_eq!(
        (row.since.first_seen, row.since.last_other),
        (Some(at(31)), Some(at(16)))
    );
    let last = row.transitions.last().unwrap();
    assert_eq!((last.from, last.to), (Refused, Answering));
}

#[test]
fn a_confirmation_is_asked_once() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    let asked: Vec<_> = (15..20)
        .map(|second| confirms(&told.saw(second, Refused)))
        .collect();
    assert_eq!(asked, [1, 0, 0, 0, 0]);
}

#[test]
fn started_into_a_failure_counts_at_once_and_is_confirmed() {
    let mut told = Told::new(&["db1"]);
    assert_eq!(told.state(), Pending);
    assert_eq!(confirms(&told.saw(12, Refused)), 1);
    let row = told.row(0);
    assert_eq!(row.state, Refused);
    assert_eq!(row.since.last_other, None);
    assert_eq!(
        row.since.duration(at(24)),
        Some((Duration::from_secs(12), true))
    );
}

#[test]
fn the_memory_knows_when_it_was_well() {
    let mut before = Told::new(&["db1"]);
    before.saw(0, Answering);
    let past = before.ledger.past(InstanceId(0)).unwrap().clone();

    let mut ledger = Ledger::new(Rules::default());
    ledger.replace_recalling(at(100), &[instance("db1")], |_| Some(past.clone()));
    let evidence = Box::new(saw("10.0.4.12", Refused));
    ledger.apply(
        at(112),
        Event::Probed {
            id: InstanceId(0),
            evidence,
        },
    );
    let row = ledger.row(InstanceId(0)).unwrap();
    assert_eq!(
        (row.since.first_seen, row.since.last_other),
        (Some(at(112)), Some(at(0)))
    );
    assert_eq!(
        row.since.duration(at(116)),
        Some((Duration::from_secs(4), true)),
        "it may have begun long before the program did"
    );
}

#[rstest]
#[case::usual(15, None, false)]
#[case::one_was_missed(60, None, false)]
#[case::after_a_pause_or_a_sleep(61, None, true)]
#[case::slow_on_purpose(600, Some(300), false)]
#[case::slow_and_not_looked_at(601, Some(300), true)]
fn since_is_a_lower_bound_where_nobody_looked(
    #[case] gap: i64,
    #[case] interval: Option<u64>,
    #[case] at_least: bool,
) {
    let mut ledger = Ledger::new(Rules::default());
    let mut watched = Arc::unwrap_or_clone(instance("db1"));
    watched.interval = interval.map(Duration::from_secs);
    ledger.replace(at(0), &[Arc::new(watched)]);
    let mut told = Told { ledger };
    told.saw(0, Answering);
    told.saw(gap, Refused);
    told.saw(gap + 1, Refused);
    let row = told.row(0);
    assert_eq!(
        row.since.duration(at(gap + 1)),
        Some((Duration::from_secs(1), at_least))
    );
    assert_eq!(row.transitions.last().unwrap().last_seen, Some(at(0)));
}

#[test]
fn a_stale_spell_makes_since_a_lower_bound() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    for (second, ipv4) in [(5, false), (200, true)] {
        let vantage = vantage(ipv4);
        told.event(second, Event::Vantage { vantage });
        told.saw(second + 1, TimedOut);
    }
    told.saw(202, TimedOut);
    assert_eq!(told.state(), TimedOut);
    assert!(told.row(0).since.at_least);
}

#[test]
fn last_good_tells_how_it_was_reached() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    told.saw(15, Answering);
    told.saw(30, Refused);
    let row = told.row(0);
    let good = row.past.last_good.as_ref().unwrap();
    assert_eq!(good.at, at(15));
    assert_eq!(
        (good.address, good.port),
        ("10.0.4.12".parse().unwrap(), Port::DEFAULT)
    );
    assert_eq!(good.version, Some("16.0.4105.2".parse().unwrap()));
    assert_eq!(row.past.recent_engine_ms, [2.0, 2.0]);
    assert_eq!(row.past.usual_engine_ms, Some(2.0));
}

#[test]
fn engine_times_from_before_the_failure_are_few_and_stay() {
    let mut told = Told::new(&["db1"]);
    for second in 0..20 {
        told.saw(second, Answering);
    }
    told.saw(20, Refused);
    told.saw(21, Refused);
    assert_eq!(told.row(0).past.recent_engine_ms.len(), 8);
    told.saw(36, Answering);
    assert_eq!(told.row(0).past.recent_engine_ms.len(), 1);
}

#[test]
fn a_new_address_is_noticed_and_a_rotated_answer_is_not() {
    let addresses = |list: [&str; 2]| {
        let mut evidence = saw(list[0], Answering);
        evidence.layers.resolve.addresses = list
            .iter()
            .map(|address| address.parse().unwrap())
            .collect();
        evidence
    };
    let mut told = Told::new(&["db1"]);
    told.probed(0, 0, addresses(["10.0.4.12", "10.0.4.13"]));
    told.probed(15, 0, addresses(["10.0.4.13", "10.0.4.12"]));
    assert_eq!(told.row(0).past.moved_from, None);
    told.probed(30, 0, addresses(["10.0.4.13", "10.0.4.99"]));
    let before = ["10.0.4.12".parse().unwrap(), "10.0.4.13".parse().unwrap()].to_vec();
    assert_eq!(told.row(0).past.moved_from, Some((at(30), before).into()));
}

#[test]
fn flapping_is_more_than_a_restart_and_passes() {
    let mut told = Told::new(&["db1"]);
    let mut flapping = Vec::new();
    for (step, state) in [Answering, Refused, Answering, Refused]
        .into_iter()
        .enumerate()
    {
        told.saw(15 * i64::try_from(step).unwrap(), state);
        flapping.push(told.row(0).past.flapping);
    }
    assert_eq!(flapping, [false, false, false, true]);
    told.saw(400, Refused);
    assert!(!told.row(0).past.flapping);
}

#[test]
fn paused_is_a_mark_on_every_row_and_on_new_ones() {
    let mut told = Told::new(&["db1", "db2"]);
    told.saw(0, Refused);
    let changes = told.event(1, Event::Paused { paused: true });
    assert_eq!(
        changes,
        [Change::Row(InstanceId(0)), Change::Row(InstanceId(1))]
    );
    let row = told.row(0);
    assert!(row.marks.paused && row.state == Refused);
    told.ledger
        .replace(at(2), &[instance("db1"), instance("db3")]);
    assert!(told.row(2).marks.paused);
    told.event(3, Event::Paused { paused: false });
    assert!(!told.row(0).marks.paused);
}

#[test]
fn overdue_dims_the_row_until_the_next_result() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    let id = InstanceId(0);
    assert_eq!(told.event(60, Event::Overdue { id }), [Change::Row(id)]);
    assert_eq!(told.event(61, Event::Overdue { id }), []);
    assert!(told.row(0).marks.stale && told.state() == Answering);
    told.saw(62, Answering);
    assert!(!told.row(0).marks.stale);
}

#[test]
fn without_a_network_the_last_state_stays() {
    let mut told = Told::new(&["db1", "localhost"]);
    told.event(
        0,
        Event::Vantage {
            vantage: vantage(true),
        },
    );
    told.saw(1, Answering);
    told.probed(1, 1, saw("127.0.0.1", Answering));
    let changes = told.event(
        10,
        Event::Vantage {
            vantage: vantage(false),
        },
    );
    assert_eq!(
        changes[0],
        Change::Row(InstanceId(0)),
        "this machine itself is not far"
    );
    assert!(matches!(changes[1..], [Change::Standing(_)]));
    for second in [15, 16, 31] {
        assert_eq!(confirms(&told.saw(second, TimedOut)), 0);
    }
    told.probed(16, 1, saw("127.0.0.1", Refused));
    told.probed(17, 1, saw("127.0.0.1", Refused));
    let row = told.row(0);
    assert!(row.marks.stale);
    assert_eq!((row.state, row.raw), (Answering, TimedOut));
    assert_eq!(
        row.history.raw().count(),
        1,
        "a probe that never left says nothing"
    );
    assert_eq!(told.row(1).state, Refused);

    told.event(
        40,
        Event::Vantage {
            vantage: vantage(true),
        },
    );
    assert!(told.row(0).marks.stale, "until it is probed again");
    told.saw(41, Answering);
    assert!(!told.row(0).marks.stale);
}

#[test]
fn an_isolated_machine_still_tells_what_it_found_first() {
    let mut told = Told::new(&["db1"]);
    told.event(
        0,
        Event::Vantage {
            vantage: vantage(false),
        },
    );
    told.saw(4, TimedOut);
    let row = told.row(0);
    assert_eq!(row.state, TimedOut);
    assert!(row.marks.stale);
    assert_eq!(row.surroundings.own_network, OwnNetwork::NoRoute);
}

fn taken(until: Option<Timestamp>) -> Event {
    let acknowledged = Some(Acknowledged {
        reason: "patching".into(),
        until,
    });
    Event::Acknowledged {
        id: InstanceId(0),
        acknowledged,
    }
}

#[test]
fn an_acknowledgement_ends_when_it_said_or_when_all_is_well() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Refused);
    told.event(1, taken(Some(at(60))));
    told.saw(59, Refused);
    assert!(told.row(0).marks.acknowledged.is_some());
    told.saw(60, Refused);
    assert_eq!(told.row(0).marks.acknowledged, None);

    told.event(61, taken(None));
    told.saw(75, Refused);
    assert!(told.row(0).marks.acknowledged.is_some());
    told.saw(90, Answering);
    assert_eq!(told.row(0).marks.acknowledged, None);
}

#[test]
fn an_acknowledgement_ends_in_time_where_nobody_probes() {
    let mut told = Told::new(&["db1", "db2"]);
    told.saw(0, Refused);
    told.event(1, taken(Some(at(60))));
    assert_eq!(told.ledger.lapse(at(59)), []);
    let row = Change::Row(InstanceId(0));
    assert_eq!(told.ledger.lapse(at(60)), [row]);
    assert_eq!(told.row(0).marks.acknowledged, None);
    assert_eq!(told.ledger.lapse(at(61)), []);
}

#[test]
fn maintenance_is_a_mark_that_stays_until_it_is_over_and_changes_are_kept() {
    let mut told = Told::new(&["db1"]);
    let maintained = |window| Event::Maintained {
        id: InstanceId(0),
        window,
    };
    let window = Some(crate::monitor::Maintained {
        name: "patch night".into(),
        until: at(60),
    });
    told.saw(0, Answering);
    let row = Change::Row(InstanceId(0));
    assert_eq!(
        told.event(1, maintained(window.clone())),
        std::slice::from_ref(&row)
    );
    assert_eq!(told.event(2, maintained(window.clone())), []);
    told.saw(15, Refused);
    told.saw(16, Refused);
    told.saw(30, Answering);
    assert_eq!(told.row(0).marks.maintenance, window.map(Box::new));
    assert!(told.row(0).marks.is_quiet());
    assert_eq!(told.row(0).transitions.len(), 3);
    assert_eq!(told.event(60, maintained(None)), [row]);
    assert!(!told.row(0).marks.is_quiet());
    let said: Vec<String> = told
        .row(0)
        .diary
        .notes()
        .map(|note| note.what.to_string())
        .collect();
    assert_eq!(
        said,
        ["maintenance began: patch night", "maintenance is over"]
    );
}

#[test]
fn an_acknowledgement_is_taken_back() {
    let mut told = Told::new(&["db1"]);
    told.event(0, taken(None));
    let back = Event::Acknowledged {
        id: InstanceId(0),
        acknowledged: None,
    };
    assert_eq!(told.event(1, back.clone()), [Change::Row(InstanceId(0))]);
    assert_eq!(told.event(2, back), []);
}

#[test]
fn instances_that_stay_keep_id_and_history() {
    let mut told = Told::new(&["db1", "db2", "db2"]);
    told.saw(0, Refused);
    told.probed(1, 2, saw("10.0.4.13", Answering));
    let list: Vec<_> = ["db3", "db2", "db2", "tcp:DB1,1433"]
        .iter()
        .map(|text| instance(text))
        .collect();
    told.ledger.replace(at(2), &list);
    let ids: Vec<_> = told.ledger.order().iter().map(|id| id.0).collect();
    assert_eq!(ids, [3, 1, 2, 0]);
    assert_eq!(told.row(0).state, Refused);
    assert_eq!(told.row(0).instance.text(), "tcp:DB1,1433");
    assert_eq!(told.row(2).history.raw().count(), 1);
    assert_eq!(told.row(3).state, Pending);

    told.ledger.replace(at(3), &[]);
    assert!(told.ledger.row(InstanceId(0)).is_none());
    assert_eq!(
        told.saw(4, Refused),
        [],
        "a late result of one that is gone"
    );
    told.ledger.replace(at(5), &[instance("db1")]);
    assert_eq!(
        told.ledger.order(),
        [InstanceId(4)],
        "ids are never used again"
    );
}

#[test]
fn a_target_that_cannot_be_probed_is_invalid_from_the_start() {
    let told = Told::new(&["db1/PROD", "(localdb)\\MSSQLLocalDB"]);
    for id in [0, 1] {
        let row = told.row(id);
        assert_eq!((row.state, row.raw), (Invalid, Invalid));
        assert_eq!(row.diagnosis.as_ref().unwrap().causes.len(), 1);
    }
}

#[test]
fn a_target_that_is_mended_waits_for_its_first_result() {
    let mut told = Told::new(&["np:db1"]);
    assert_eq!(told.state(), Invalid);
    told.ledger.replace(at(1), &[instance("tcp:db1")]);
    assert_eq!(told.state(), Pending);
    told.saw(2, Refused);
    assert_eq!(told.state(), Refused);
    told.ledger.replace(at(3), &[instance("np:db1")]);
    assert_eq!(told.state(), Invalid);
}

#[test]
fn looks_are_asked_for_after_the_change_and_two_rounds_at_most() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, Answering);
    assert_eq!(looks(&told.saw(15, TimedOut)), [], "not for a blip");
    let first = looks(&told.saw(16, TimedOut));
    let closed = Test::ClosedPort {
        address: "10.0.4.12".parse().unwrap(),
    };
    assert!(first.contains(&closed), "{first:?}");
    let id = InstanceId(0);
    let mut later = Vec::new();
    for second in 17..40 {
        let witness = closed_port(ConnectStatus::TimedOut);
        let changes = told.event(second, Event::Witnessed { id, witness });
        later.extend(
            changes
                .into_iter()
                .filter(|change| matches!(change, Change::Look(..))),
        );
        later.extend(
            told.saw(second, TimedOut)
                .into_iter()
                .filter(|change| matches!(change, Change::Look(..))),
        );
    }
    assert!(later.len() <= 1, "{later:?}");
    assert_eq!(told.row(0).witnesses.len(), 1, "the newest of each look");
}

#[test]
fn witnesses_are_history_when_all_is_well() {
    let mut told = Told::new(&["db1"]);
    told.saw(0, TimedOut);
    let id = InstanceId(0);
    let witness = closed_port(ConnectStatus::Refused);
    assert_eq!(
        told.event(
            1,
            Event::Witnessed {
                id,
                witness: witness.clone()
            }
        )[0],
        Change::Row(id)
    );
    assert_eq!(told.row(0).witnesses.len(), 1);
    told.saw(15, Answering);
    assert_eq!(told.row(0).witnesses.len(), 0);
    assert_eq!(
        told.event(16, Event::Witnessed { id, witness }),
        [],
        "it came too late"
    );
    assert_eq!(told.row(0).witnesses.len(), 0);
}

#[test]
fn by_hand_the_configured_ports_too() {
    let smb = Port::literal(445);
    let rules = Rules {
        witness_ports: vec![smb, Port::literal(5985)],
        ..Rules::default()
    };
    let mut told = Told::with(rules, &["db1"]);
    told.saw(0, Refused);
    told.event(60, Event::Asked { id: InstanceId(0) });
    let tests = looks(&told.saw(61, Refused));
    let address = "10.0.4.12".parse().unwrap();
    assert!(
        tests.contains(&Test::Port { address, port: smb }),
        "{tests:?}"
    );
    assert!(
        tests.contains(&Test::Port {
            address,
            port: Port::literal(5985)
        }),
        "{tests:?}"
    );
    assert_eq!(looks(&told.saw(76, Refused)), []);
}

#[test]
fn witnesses_switched_off_are_not_asked_for() {
    let rules = Rules {
        witnesses: false,
        witness_ports: vec![Port::literal(445)],
        ..Rules::default()
    };
    let mut told = Told::with(rules, &["db1"]);
    assert_eq!(looks(&told.saw(0, TimedOut)), []);
    told.event(60, Event::Asked { id: InstanceId(0) });
    assert_eq!(looks(&told.saw(61, TimedOut)), []);
}

#[test]
fn three_hosts_of_one_incident_are_looked_at() {
    let names = ["db0", "db1", "db2", "db3", "db4"];
    let mut told = Told::new(&names);
    let mut looked = 0;
    for id in 0..5 {
        let address = format!("10.0.4.{}", 20 + id);
        looked += usize::from(!looks(&told.probed(1, id, saw(&address, TimedOut))).is_empty());
    }
    assert_eq!(looked, 3);
}

#[test]
fn thousands_that_fall_over_minutes_are_three_looks() {
    let names: Vec<_> = (0..2000).map(|n| format!("db{n}")).collect();
    let mut told = Told::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut looked = 0;
    for id in 0..2000 {
        let address = format!("10.1.{}.{}", id / 200, id % 200);
        let second = i64::from(id) / 10;
        looked += usize::from(!looks(&told.probed(second, id, saw(&address, TimedOut))).is_empty());
    }
    assert_eq!(looked, 3);
}

#[test]
fn surroundings_count_hosts_and_what_they_say() {
    let mut told = Told::new(&["a", "a\\X", "a,5000", "b", "c", "far", "farther"]);
    for (id, address, state) in [
        (0, "10.0.4.12", TimedOut),
        (1, "10.0.4.12", Refused),
        (2, "10.0.4.12", TimedOut),
        (3, "10.0.4.13", TimedOut),
        (4, "10.0.4.14", Answering),
        (5, "10.0.5.1", Answering),
        (6, "10.0.6.1", TimedOut),
        (0, "10.0.4.12", TimedOut),
    ] {
        told.probed(1, id, saw(address, state));
    }
    let seen = &told.row(0).surroundings;
    assert_eq!(
        seen.host,
        Neighbours {
            answering: 1,
            silent: 1
        }
    );
    assert_eq!(
        seen.subnet,
        Neighbours {
            answering: 1,
            silent: 1
        }
    );
    assert_eq!(
        seen.elsewhere,
        Neighbours {
            answering: 1,
            silent: 1
        }
    );

    told.ledger
        .replace(at(2), &[instance("a"), instance("far")]);
    told.probed(3, 0, saw("10.0.4.12", TimedOut));
    let seen = &told.row(0).surroundings;
    assert_eq!(
        (seen.host, seen.subnet),
        (Neighbours::default(), Neighbours::default())
    );
    assert_eq!(
        seen.elsewhere,
        Neighbours {
            answering: 1,
            silent: 0
        }
    );
}

#[test]
fn a_neighbour_that_changes_is_heard_at_once() {
    let mut told = Told::new(&["a", "a,5000"]);
    told.probed(0, 0, saw("10.0.4.12", TimedOut));
    let changes = told.probed(1, 1, saw("10.0.4.12", Answering));
    assert!(changes.contains(&Change::Row(InstanceId(0))));
    assert_eq!(
        told.row(0).surroundings.host,
        Neighbours {
            answering: 1,
            silent: 0
        }
    );
}

fn audited(id: u32, second: i64) -> Event {
    Event::Audited {
        id: InstanceId(id),
        audit: Box::new(audit(second)),
    }
}

/// When the audit on a row was taken.
fn audited_at(told: &Told, id: u32) -> Option<Timestamp> {
    told.row(id).audit.as_ref().map(|audit| audit.at)
}

#[test]
fn an_audit_is_on_every_row_of_its_host_and_on_no_other() {
    let mut told = Told::new(&["a", "other-name-of-a", "b"]);
    told.probed(0, 0, saw("10.0.4.12", Answering));
    told.probed(1, 1, saw("10.0.4.12", Answering));
    told.probed(2, 2, saw("10.0.4.13", Answering));
    let changes = told.event(5, audited(1, 5));
    assert_eq!(changes, [1, 0].map(|id| Change::Row(InstanceId(id))));
    assert_eq!([0, 1].map(|id| audited_at(&told, id)), [Some(at(5)); 2]);
    assert_eq!(audited_at(&told, 2), None);

    told.event(9, audited(0, 9));
    assert_eq!([0, 1].map(|id| audited_at(&told, id)), [Some(at(9)); 2]);
}

#[test]
fn an_audit_of_a_crowded_host_is_on_as_many_rows_as_a_host_may_have() {
    let names: Vec<_> = (0..100)
        .map(|n| format!("10.0.4.12,{}", 2000 + n))
        .collect();
    let mut told = Told::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(told.event(5, audited(99, 5)).len(), 64);
    assert_eq!(audited_at(&told, 99), Some(at(5)));
}

#[test]
fn an_audit_stays_with_its_instance_and_one_for_nobody_changes_nothing() {
    let mut told = Told::new(&["a", "b"]);
    told.event(5, audited(1, 5));
    told.ledger.replace(at(6), &[instance("c"), instance("b")]);
    assert_eq!(audited_at(&told, 1), Some(at(5)));
    assert_eq!(audited_at(&told, 2), None);
    assert_eq!(told.event(7, audited(0, 7)), []);
}

#[test]
fn no_name_resolves_only_if_several_do_not_and_none_does() {
    let mut told = Told::new(&["a", "b", "c"]);
    told.probed(0, 0, unresolved(ResolveStatus::TimedOut));
    assert_eq!(told.row(0).surroundings.own_network, OwnNetwork::Fine);
    told.probed(1, 1, unresolved(ResolveStatus::TimedOut));
    assert_eq!(told.row(1).surroundings.own_network, OwnNetwork::NoDns);
    told.probed(2, 2, unresolved(ResolveStatus::NotFound));
    told.probed(3, 1, unresolved(ResolveStatus::TimedOut));
    assert_eq!(told.row(1).surroundings.own_network, OwnNetwork::Fine);
}

#[test]
fn a_clock_that_is_set_back_takes_durations_along() {
    let mut told = Told::new(&["db1"]);
    told.saw(3600, Refused);
    told.saw(3660, Refused);
    told.saw(60, Refused);
    let (duration, _) = told.row(0).since.duration(at(60)).unwrap();
    assert_eq!(duration, Duration::from_secs(60));
}

#[test]
fn the_address_on_disk_is_refreshed_now_and_then() {
    let mut told = Told::new(&["db1"]);
    let remember = Change::Remember(InstanceId(0));
    assert!(told.saw(0, Answering).contains(&remember));
    assert!(!told.saw(15, Answering).contains(&remember));
    assert!(told.saw(300, Answering).contains(&remember));
}

#[test]
fn ten_thousand_instances_fail_at_once_in_no_time() {
    let names: Vec<_> = (0..10_000).map(|n| format!("db{n}")).collect();
    let mut told = Told::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for second in [0, 15, 16] {
        for id in 0..10_000 {
            // One subnet, and forty instances on each host.
            let address = format!("10.0.4.{}", 1 + id % 250);
            let state = if second == 0 { Answering } else { TimedOut };
            told.probed(second, id, saw(&address, state));
        }
    }
    assert_eq!(
        told.row(9_999).surroundings.host,
        Neighbours {
            answering: 0,
            silent: 39
        }
    );
    assert_eq!(
        told.row(9_999).surroundings.subnet,
        Neighbours {
            answering: 0,
            silent: 249
        }
    );
}

#[test]
fn events_survive_a_recording() {
    let events = [
        Event::Probed {
            id: InstanceId(1),
            evidence: Box::new(saw("10.0.4.12", Answering)),
        },
        Event::Witnessed {
            id: InstanceId(1),
            witness: closed_port(ConnectStatus::Refused),
        },
        Event::Asked { id: InstanceId(1) },
        Event::Vantage {
            vantage: vantage(true),
        },
        taken(Some(at(5))),
        audited(1, 5),
    ];
    for event in events {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
    }
}

#[test]
fn what_a_file_says_of_flapping_is_of_another_day() {
    let mut ledger = Ledger::new(Rules::default());
    let past = Past {
        flapping: true,
        ..Past::default()
    };
    ledger.replace_recalling(at(0), &[instance("db1")], |_| Some(past.clone()));
    assert!(!ledger.row(InstanceId(0)).unwrap().past.flapping);
}
