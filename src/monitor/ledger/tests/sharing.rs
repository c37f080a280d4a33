//! Looks at one host serve all its instances that fail.

use std::net::IpAddr;

use super::{Told, closed_port, looks};
use crate::diagnosis::State::{self, Answering, TimedOut};
use crate::evidence::{Browser, BrowserStatus, ConnectStatus, Evidence, Look, Test, Witness};
use crate::monitor::InstanceId;
use crate::monitor::ledger::shared::for_sibling;
use crate::monitor::ledger::{Change, Event, Ledger, Rules};
use crate::monitor::tests::{at, attempt, instance, saw};
use crate::target::{Port, Untrusted};
use crate::wire::ssrp::Flaw;

const HERE: &str = "10.0.4.12";
const THERE: &str = "10.0.5.12";
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

fn silent_browser(address: &str) -> Witness {
    let look = Look::BrowserList(Browser {
        status: BrowserStatus::Silent,
        asked: Some((address.parse::<IpAddr>().unwrap(), 1434).into()),
        ..Browser::default()
    });
    Witness { at: at(0), look }
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
        told.witnessed(3, A, silent_browser(HERE));
        told.probed(4, 1, saw(HERE, Answering));
        assert_eq!(told.witnesses(1), 0);
        told.probed(second, 1, saw(HERE, TimedOut));
        let changes = told.probed(second + 1, 1, saw(HERE, TimedOut));
        assert_eq!(attempts(&changes).len(), own, "{changes:?}");
        assert_eq!(told.witnesses(1), 3 - 3 * own);
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
    for (flaw, status) in [
        (Flaw::Truncated, BrowserStatus::Malformed),
        (Flaw::BadPort, BrowserStatus::NotListed),
        (Flaw::TrailingBytes, BrowserStatus::NotListed),
    ] {
        flawed.flaws = vec![flaw.to_string()];
        assert_eq!(read(&flawed, r"db1\TEST"), (status, None), "{flaw}");
    }
    // What was cut off for the one that asked may be there for another.
    flawed.status = BrowserStatus::Malformed;
    assert_eq!(read(&flawed, r"db1\PROD"), (BrowserStatus::Ok, port));
    let mut without_tcp = browser;
    without_tcp.instances[0].tcp = None;
    without_tcp.instances[0].instance = Untrusted::from_bytes(b"TEST");
    assert_eq!(
        read(&without_tcp, r"db1\TEST"),
        (BrowserStatus::NoTcp, None)
    );
}

/// A name of two addresses, of which the first is silent and the second refuses.
fn mixed() -> Evidence {
    let mut evidence = saw(HERE, TimedOut);
    let layers = &mut evidence.layers;
    layers.resolve.addresses.push(THERE.parse().unwrap());
    let refused = attempt("10.0.5.12:1433", ConnectStatus::Refused);
    layers.connect.attempts.push(refused);
    layers.connect.status = ConnectStatus::Refused;
    evidence
}

#[test]
fn a_look_at_the_address_that_decided_is_for_all_that_wait_for_it() {
    let mut told = Told::new(&["ag,2000", "ag,2001"]);
    let address = THERE.parse().unwrap();
    let changes = told.probed(1, 0, mixed());
    assert!(attempts(&changes).contains(&Test::BrowserList { address }));
    told.probed(1, 1, mixed());
    told.witnessed(2, A, silent_browser(THERE));
    assert_eq!((told.witnesses(0), told.witnesses(1)), (1, 1));
}

#[test]
fn all_looks_by_hand_go_to_the_address_that_decided() {
    let rules = Rules {
        witness_ports: vec![Port::literal(3389)],
        ..Rules::default()
    };
    let mut told = Told::with(rules, &["ag,2000"]);
    told.event(0, Event::Asked { id: A });
    let (address, port) = (THERE.parse().unwrap(), Port::literal(3389));
    let looks = attempts(&told.probed(1, 0, mixed()));
    assert!(looks.contains(&Test::Port { address, port }), "{looks:?}");
}

/// Two instances of one host that both wait for the closed port, asked by hand.
fn waiting() -> Told {
    let (mut told, _) = fallen(2);
    for id in [A, B] {
        told.event(60, Event::Asked { id });
        told.probed(61, id.0, saw(HERE, TimedOut));
    }
    told
}

#[test]
fn a_look_whose_owner_is_gone_is_for_those_that_wait_for_it() {
    let mut told = waiting();
    told.ledger.replace(at(61), &[instance("db1,2001")]);
    let changes = told.witnessed(62, A, closed_port(ConnectStatus::TimedOut));
    assert!(changes.contains(&Change::Row(B)));
    assert_eq!(told.witnesses(1), 1);
}

#[test]
fn a_look_that_never_came_back_is_taken_by_the_next_who_asks() {
    let address = HERE.parse().unwrap();
    for (second, own) in [(65, 0), (67, 1)] {
        let mut told = waiting();
        told.event(second, Event::Asked { id: B });
        let tests = attempts(&told.probed(second, 1, saw(HERE, TimedOut)));
        let closed = tests
            .iter()
            .filter(|test| **test == Test::ClosedPort { address });
        assert_eq!(closed.count(), own, "{second}: {tests:?}");
    }
}

#[test]
fn on_a_crowded_host_some_are_served_at_once_and_the_others_when_they_are_probed() {
    const ALL: u32 = 40;
    let (mut told, _) = fallen(ALL);
    let changes = told.witnessed(2, A, closed_port(ConnectStatus::TimedOut));
    let rows = changes
        .iter()
        .filter(|change| matches!(change, Change::Row(_)));
    assert_eq!(rows.count(), 1 + Ledger::PEERS);
    let last = ALL - 1;
    assert_eq!(told.witnesses(last), 0);
    told.probed(17, last, saw(HERE, TimedOut));
    assert_eq!(told.witnesses(last), 1);
}
