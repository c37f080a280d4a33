//! When the way to a port is walked, and how often.

use std::net::IpAddr;

use super::{Told, closed_port, looks};
use crate::diagnosis::State::{Refused, TimedOut};
use crate::evidence::{
    Browser, BrowserStatus, ConnectStatus, Elapsed, Hop, HopStatus, Look, Test, Witness,
};
use crate::monitor::tests::{at, attempt};
use crate::monitor::{Change, Event, InstanceId};

fn witness(told: &mut Told, second: i64, witness: Witness) -> Vec<Change> {
    let id = InstanceId(0);
    told.event(second, Event::Witnessed { id, witness })
}

/// Nothing listens where a list of Browser was asked for.
fn no_browser() -> Witness {
    let browser = Browser {
        status: BrowserStatus::Refused,
        asked: Some("10.0.4.12:1434".parse().unwrap()),
        ..Browser::default()
    };
    let look = Look::BrowserList(browser);
    Witness { at: at(0), look }
}

/// A walk to the SQL port that a router and the host answered.
fn walk(port: u16, end: HopStatus) -> Witness {
    let host: IpAddr = "10.0.4.12".parse().unwrap();
    let hop = |ttl, from, status| Hop {
        ttl,
        from: Some(from),
        status,
        elapsed: Elapsed::default(),
    };
    let router = "10.0.9.1".parse().unwrap();
    let look = Look::Path {
        endpoint: (host, port).into(),
        available: true,
        hops: vec![hop(1, router, HopStatus::TtlExceeded), hop(2, host, end)],
    };
    Witness { at: at(0), look }
}

fn walks(tests: &[Test]) -> Vec<u16> {
    let walks = tests.iter().filter_map(|test| match test {
        Test::Path { endpoint } => Some(endpoint.port()),
        _ => None,
    });
    walks.collect()
}

#[test]
fn who_sent_a_reset_is_walked_for_by_hand_only() {
    let mut told = Told::new(&["db1"]);
    let unasked = looks(&told.saw(0, Refused));
    assert!(!unasked.is_empty());
    assert_eq!(walks(&unasked), [0; 0]);
    told.event(60, Event::Asked { id: InstanceId(0) });
    assert_eq!(walks(&looks(&told.saw(61, Refused))), [1433]);
    witness(&mut told, 61, closed_port(ConnectStatus::Refused));
    let smb = Look::Port(attempt("10.0.4.12:445", ConnectStatus::Open));
    let smb = Witness {
        at: at(0),
        look: smb,
    };
    witness(&mut told, 61, smb);
    let no_browser = looks(&witness(&mut told, 61, no_browser()));
    assert_eq!(no_browser, [], "one walk at a time");
    let then = looks(&witness(&mut told, 62, walk(1433, HopStatus::Refused)));
    assert_eq!(walks(&then), [445]);
    let end = looks(&witness(&mut told, 63, walk(445, HopStatus::Open)));
    assert_eq!(end, []);
}

#[test]
fn each_probe_by_hand_walks_again_and_the_newest_walk_is_kept() {
    let mut told = Told::new(&["db1"]);
    assert_eq!(walks(&looks(&told.saw(0, TimedOut))), [1433]);
    witness(&mut told, 1, walk(1433, HopStatus::Open));
    assert_eq!(walks(&looks(&told.saw(15, TimedOut))), [0; 0]);
    for second in [30, 60] {
        told.event(second, Event::Asked { id: InstanceId(0) });
        let tests = looks(&told.saw(second + 1, TimedOut));
        assert_eq!(walks(&tests), [1433], "at {second}");
        witness(&mut told, second + 2, walk(1433, HopStatus::Silent));
    }
    let row = told.row(0);
    let kept: Vec<_> = row
        .witnesses
        .iter()
        .filter_map(|witness| match &witness.look {
            Look::Path { hops, .. } => Some(hops[1].status),
            _ => None,
        })
        .collect();
    assert_eq!(kept, [HopStatus::Silent]);
}

#[test]
fn a_walk_that_this_system_cannot_take_is_asked_for_once() {
    let mut told = Told::new(&["db1"]);
    assert_eq!(walks(&looks(&told.saw(0, TimedOut))), [1433]);
    let mut none = walk(1433, HopStatus::Silent);
    none.look = Look::Path {
        endpoint: "10.0.4.12:1433".parse().unwrap(),
        available: false,
        hops: Vec::new(),
    };
    witness(&mut told, 1, none);
    told.event(60, Event::Asked { id: InstanceId(0) });
    let tests = looks(&told.saw(61, TimedOut));
    assert!(!tests.is_empty());
    assert_eq!(walks(&tests), [0; 0]);
}
