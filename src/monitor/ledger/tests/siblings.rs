//! How far does it go? Whom a first miss asks before their time, and whom it leaves alone.

use rstest::rstest;

use super::{Told, unresolved};
use crate::diagnosis::State::{self, Answering, Refused, Silent, TimedOut};
use crate::evidence::ResolveStatus;
use crate::monitor::ledger::{Change, Event};
use crate::monitor::tests::{saw, vantage};

/// Two instances of one host, three other hosts of its subnet, two elsewhere.
const FLEET: [(&str, &str); 7] = [
    ("a,1433", "10.0.4.1"),
    ("a,1444", "10.0.4.1"),
    ("b", "10.0.4.2"),
    ("c,1433", "10.0.4.3"),
    ("c,1444", "10.0.4.3"),
    ("d", "10.0.4.4"),
    ("e", "10.0.5.1"),
];

const NOBODY: [u32; 0] = [];

/// The fleet answers, each a second after the one before.
fn well() -> Told {
    let mut told = Told::new(&FLEET.map(|(target, _)| target));
    for (id, (_, address)) in (0..).zip(FLEET) {
        told.probed(i64::from(id), id, saw(address, Answering));
    }
    told
}

/// Who is asked before their time.
fn hastened(changes: &[Change]) -> Vec<u32> {
    let asked = changes.iter().filter_map(|change| match change {
        Change::Hasten(ids) => Some(ids),
        _ => None,
    });
    asked.flatten().map(|id| id.0).collect()
}

impl Told {
    fn misses(&mut self, second: i64, id: u32, state: State) -> Vec<u32> {
        hastened(&self.probed(second, id, saw(FLEET[id as usize].1, state)))
    }
}

#[rstest]
#[case::silence(TimedOut, vec![1, 2, 3, 5])]
#[case::refusal(Refused, vec![1, 2, 3, 5])]
#[case::an_engine_says_nothing_of_other_hosts(Silent, vec![1])]
fn the_first_miss_asks_its_host_then_one_instance_of_each_other_host(
    #[case] state: State,
    #[case] asked: Vec<u32>,
) {
    assert_eq!(well().misses(15, 0, state), asked);
}

#[test]
fn of_a_subnet_those_heard_of_longest_ago_are_asked_first() {
    let mut told = well();
    told.probed(10, 2, saw("10.0.4.2", Answering));
    assert_eq!(told.misses(15, 0, TimedOut), [1, 3, 5, 2]);
}

#[test]
fn nobody_is_asked_twice_in_half_a_minute() {
    let mut told = well();
    told.misses(15, 0, TimedOut);
    assert_eq!(told.misses(16, 0, TimedOut), NOBODY, "the confirmation");
    assert_eq!(
        told.misses(17, 2, TimedOut),
        NOBODY,
        "another one of the subnet"
    );
    told.misses(60, 0, Answering);
    assert_eq!(told.misses(61, 0, TimedOut), [1, 3, 5]);
}

#[test]
fn one_that_fails_or_was_heard_of_since_is_left_alone() {
    let mut told = well();
    told.misses(14, 2, TimedOut);
    told.misses(15, 3, Answering);
    assert_eq!(told.misses(50, 0, TimedOut), [1, 4, 5], "2 fails");
    let mut told = well();
    told.misses(15, 1, Answering);
    assert_eq!(
        told.misses(15, 0, TimedOut),
        [2, 3, 5],
        "1 was heard of now"
    );
}

#[test]
fn a_failure_that_was_there_at_the_start_asks_nobody() {
    let mut told = Told::new(&["a,1433", "a,1444"]);
    told.probed(0, 1, saw("10.0.4.1", Answering));
    let changes = told.probed(1, 0, saw("10.0.4.1", TimedOut));
    assert_eq!(hastened(&changes), NOBODY);
}

#[test]
fn one_that_flaps_asks_nobody() {
    let mut told = well();
    for second in [15, 16, 46, 47] {
        let state = if second % 2 == 1 { Refused } else { Answering };
        told.misses(second, 0, state);
    }
    told.misses(80, 0, Answering);
    assert_eq!(told.misses(81, 0, Refused), NOBODY);
    assert!(told.row(0).past.flapping);
}

#[test]
fn while_paused_or_while_this_machine_is_in_doubt_nobody_is_asked() {
    let mut told = well();
    told.event(14, Event::Paused { paused: true });
    assert_eq!(told.misses(15, 0, TimedOut), NOBODY);
    let mut told = well();
    told.event(
        1,
        Event::Vantage {
            vantage: vantage(true),
        },
    );
    let mut stopped = saw("10.0.5.1", TimedOut);
    stopped.layers.connect.attempts[0].os_error = Some(101);
    stopped.layers.connect.attempts[0].status = crate::evidence::ConnectStatus::Unreachable;
    let changes = told.probed(15, 6, stopped);
    assert!(
        changes
            .iter()
            .any(|change| matches!(change, Change::Ask(_)))
    );
    assert_eq!(told.misses(15, 0, TimedOut), NOBODY);
}

#[test]
fn a_name_that_is_gone_asks_other_names_of_its_zone_afresh() {
    let targets = [
        "a.corp.example",
        "b.CORP.example",
        "c.other.example",
        "10.0.4.9",
    ];
    let mut told = Told::new(&targets);
    for (id, address) in (0..).zip(["10.0.4.1", "10.0.4.2", "10.0.4.3", "10.0.4.9"]) {
        told.probed(0, id, saw(address, Answering));
    }
    let changes = told.probed(15, 0, unresolved(ResolveStatus::NotFound));
    let asked = changes.iter().find_map(|change| match change {
        Change::Ask(ids) => Some(ids.iter().map(|id| id.0).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(asked, Some(vec![1]));
    assert_eq!(hastened(&changes), NOBODY);
}

#[test]
fn a_crowded_host_and_a_crowded_subnet_ask_sixteen_each() {
    let of_host = (0..40).map(|n| (format!("a,{}", 2000 + n), "10.0.4.1".to_owned()));
    let of_subnet = (2..60).map(|n| (format!("h{n}"), format!("10.0.4.{n}")));
    let (targets, addresses): (Vec<_>, Vec<_>) = of_host.chain(of_subnet).unzip();
    let mut told = Told::new(&targets.iter().map(String::as_str).collect::<Vec<_>>());
    for (id, address) in (0..).zip(&addresses) {
        told.probed(0, id, saw(address, Answering));
    }
    let asked = hastened(&told.probed(15, 0, saw("10.0.4.1", TimedOut)));
    let expected: Vec<u32> = (1..17).chain(40..56).collect();
    assert_eq!(asked, expected);
}

/// However they fall, and whatever they share.
#[rstest]
#[case::each_host_in_a_subnet_of_its_own_or_many_in_one(1)]
#[case::four_to_a_host(4)]
fn a_thousand_that_fall_ask_sixty_four_in_half_a_minute(#[case] to_a_host: u32) {
    let targets: Vec<_> = (0..1000).map(|n| format!("h{n}")).collect();
    let mut told = Told::new(&targets.iter().map(String::as_str).collect::<Vec<_>>());
    let address = |id: u32| {
        let host = id / to_a_host;
        format!("10.{}.{}.{}", host % 3, host % 7, host / 7 + 1)
    };
    for id in 0..1000 {
        told.probed(0, id, saw(&address(id), Answering));
    }
    let mut asked = Vec::new();
    for id in 0..1000 {
        let second = 100 + i64::from(id) / 34;
        asked.extend(hastened(&told.probed(
            second,
            id,
            saw(&address(id), TimedOut),
        )));
    }
    assert_eq!(asked.len(), 64);
}
