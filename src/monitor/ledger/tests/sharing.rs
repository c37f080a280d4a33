//! Looks at one host serve all its instances that fail.

use super::{Told, closed_port, looks};
use crate::diagnosis::State::{self, Answering, TimedOut};
use crate::evidence::{Browser, BrowserStatus, ConnectStatus, Look, Test, Witness};
use crate::monitor::InstanceId;
use crate::monitor::ledger::shared::for_sibling;
use crate::monitor::ledger::{Change, Event};
use crate::monitor::tests::{at, attempt, saw};
use crate::target::{Port, Untrusted};

const HERE: &str = "10.0.4.12";
const A: InstanceId = InstanceId(0);
const B: InstanceId = InstanceId(1);

/// Instances of one host that fail alike.
fn fallen(count: u32) -> (Told, Vec<Change>) {
    let names: Vec<_> = (0..count).map(|n| format!("db1,{}", 2000 + n)).collect();
    let mut told = Told::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut changes = Vec::new();
    for id in 0..count {
        changes.extend(told.probed(1, id, saw(HERE, TimedOut)));
    }
    (told, changes)
}

fn telling(status: ConnectStatus) -> Witness {
    Witness {
        at: at(0),
        look: Look::Port(attempt("10.0.4.12:445", status)),
    }
}

fn attempts(changes: &[Change]) -> Vec<Test> {
    let mut tests = looks(changes);
    tests.retain(|test| !matches!(test, Test::Path { .. }));
    tests
}

impl Told {
    fn witnessed(&mut self, second: i64, id: InstanceId, witness: Witness) -> Vec<Change> {
        self.event(second, Event::Witnessed { id, witness })
    }

    fn witnesses(&self, id: u32) -> usize {
        self.row(id).witnesses.len()
    }
}

#[test]
fn ten_cost_one_closed_port_one_telling_port_and_one_list() {
    let (mut told, changes) = fallen(10);
    let address = HERE.parse().unwrap();
    assert_eq!(attempts(&changes), [Test::ClosedPort { address }]);
    let changes = told.witnessed(2, A, closed_port(ConnectStatus::TimedOut));
    let port = Port::literal(445);
    let round = [Test::Port { address, port }, Test::BrowserList { address }];
    assert_eq!(attempts(&changes), round);
    let changes = told.witnessed(3, A, telling(ConnectStatus::Open));
    assert_eq!(attempts(&changes), []);
    for id in 0..10 {
        assert_eq!(told.witnesses(id), 2);
    }
}

#[test]
fn one_that_falls_soon_after_is_served_and_one_that_falls_later_looks_itself() {
    for (second, own) in [(20, 0), (40, 1)] {
        let (mut told, _) = fallen(2);
        told.witnessed(2, A, closed_port(ConnectStatus::TimedOut));
        told.witnessed(3, A, telling(ConnectStatus::Open));
        told.probed(4, 1, saw(HERE, Answering));
        assert_eq!(told.witnesses(1), 0);
        told.probed(second, 1, saw(HERE, TimedOut));
        let changes = told.probed(second + 1, 1, saw(HERE, TimedOut));
        assert_eq!(attempts(&changes).len(), own, "{changes:?}");
        assert_eq!(told.witnesses(1), 2 - 2 * own);
    }
}

#[test]
fn the_budget_is_two_rounds_for_each() {
    let (mut told, _) = fallen(2);
    told.witnessed(2, A, closed_port(ConnectStatus::TimedOut));
    told.witnessed(3, A, telling(ConnectStatus::TimedOut));
    for second in 4..30 {
        for id in [0, 1] {
            let changes = told.probed(second, id, saw(HERE, TimedOut));
            assert_eq!(attempts(&changes), []);
        }
    }
}

#[test]
fn what_a_probe_by_hand_looks_at_is_on_the_sibling_rows_too() {
    let (mut told, _) = fallen(2);
    told.witnessed(2, A, closed_port(ConnectStatus::TimedOut));
    told.witnessed(3, A, telling(ConnectStatus::TimedOut));
    told.event(60, Event::Asked { id: A });
    told.probed(61, 0, saw(HERE, TimedOut));
    let remote_desktop = Witness {
        at: at(0),
        look: Look::Port(attempt("10.0.4.12:3389", ConnectStatus::Open)),
    };
    let changes = told.witnessed(62, A, remote_desktop);
    assert!(changes.contains(&Change::Row(B)));
    assert_eq!((told.witnesses(0), told.witnesses(1)), (3, 3));
}

#[test]
fn a_late_witness_of_one_that_is_well_again_serves_only_those_that_fail() {
    let (mut told, _) = fallen(2);
    told.probed(2, 0, saw(HERE, Answering));
    told.witnessed(3, A, closed_port(ConnectStatus::TimedOut));
    assert_eq!((told.witnesses(0), told.witnesses(1)), (0, 1));
    told.probed(4, 1, saw(HERE, Answering));
    assert_eq!(told.witnessed(5, A, telling(ConnectStatus::Open)), []);
    assert_eq!((told.witnesses(0), told.witnesses(1)), (0, 0));
}

#[test]
fn another_host_looks_for_itself() {
    let mut told = Told::new(&["db1", "db2"]);
    let first = told.probed(1, 0, saw(HERE, TimedOut));
    let second = told.probed(1, 1, saw("10.0.4.13", TimedOut));
    assert_eq!((attempts(&first).len(), attempts(&second).len()), (1, 1));
    told.witnessed(2, A, closed_port(ConnectStatus::TimedOut));
    assert_eq!(told.witnesses(1), 0);
    assert_eq!(told.row(1).state, State::TimedOut);
}

#[test]
fn a_list_of_browser_is_read_for_the_instance_that_it_serves() {
    let scene = crate::diagnosis::Scene::new(r"db1\PROD");
    let browser = Browser {
        status: BrowserStatus::Ok,
        port: Some(Port::literal(50123)),
        asked: Some("10.0.4.12:1434".parse().unwrap()),
        instances: vec![scene.entry(Some(50123))],
        ..Browser::default()
    };
    let list = |browser: &Browser| Witness {
        at: at(0),
        look: Look::BrowserList(browser.clone()),
    };
    let read = |browser: &Browser, target: &str| {
        let witness = for_sibling(&list(browser), &target.parse().unwrap()).unwrap();
        let Look::BrowserList(browser) = witness.look else {
            panic!("another look")
        };
        (browser.status, browser.port)
    };
    let port = Some(Port::literal(50123));
    assert_eq!(read(&browser, r"db1\prod"), (BrowserStatus::Ok, port));
    assert_eq!(
        read(&browser, r"db1\TEST"),
        (BrowserStatus::NotListed, None)
    );
    let mut flawed = browser.clone();
    flawed.flaws = vec!["truncated".into()];
    assert_eq!(read(&flawed, r"db1\TEST"), (BrowserStatus::Malformed, None));
    let mut without_tcp = browser;
    without_tcp.instances[0].tcp = None;
    without_tcp.instances[0].instance = Untrusted::from_bytes(b"TEST");
    assert_eq!(
        read(&without_tcp, r"db1\TEST"),
        (BrowserStatus::NoTcp, None)
    );
}
