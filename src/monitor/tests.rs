//! What the tests of this room share, and the room as a whole against real servers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::{InstanceId, Row};
use crate::config::{Config, Instance, Probe};
use crate::diagnosis::State::{self, Answering, Refused, Silent, TimedOut};
use crate::evidence::{
    Attempt, Audit, Browser, Connect, ConnectStatus, Elapsed, Evidence, Layers, Listing, Prelogin,
    PreloginStatus, Resolve, ResolveStatus, Vantage,
};

/// Seconds of the tests' own time.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_096_800 + second).unwrap()
}

pub(super) fn elapsed(ms: u64) -> Elapsed {
    Duration::from_millis(ms).into()
}

pub(super) fn attempt(endpoint: &str, status: ConnectStatus) -> Attempt {
    Attempt {
        started: None,
        endpoint: endpoint.parse().unwrap(),
        local: None,
        status,
        elapsed: elapsed(1),
        os_error: None,
        icmp: None,
        instead_of: None,
    }
}

/// What a probe of the default instance at `address` sees.
pub(super) fn saw(address: &str, state: State) -> Evidence {
    let address: IpAddr = address.parse().unwrap();
    let endpoint = SocketAddr::new(address, 1433);
    let mut layers = Layers {
        resolve: Resolve {
            status: ResolveStatus::Ok,
            addresses: vec![address],
            ..Resolve::default()
        },
        ..Layers::default()
    };
    let status = match state {
        Answering | Silent => ConnectStatus::Open,
        Refused => ConnectStatus::Refused,
        TimedOut => ConnectStatus::TimedOut,
        other => panic!("no evidence for {other}"),
    };
    let attempts = vec![attempt(&endpoint.to_string(), status)];
    layers.connect = Connect {
        status,
        attempts,
        ..Connect::default()
    };
    if state == Silent {
        layers.prelogin.status = PreloginStatus::Silent;
        layers.prelogin.endpoint = Some(endpoint);
    }
    if state == Answering {
        layers.prelogin = Prelogin {
            status: PreloginStatus::Ok,
            endpoint: Some(endpoint),
            elapsed: Some(elapsed(2)),
            version: Some("16.0.4105.2".parse().unwrap()),
            ..Prelogin::default()
        };
    }
    Evidence {
        at: at(0),
        elapsed: elapsed(3),
        layers,
    }
}

/// What a host says of itself whose Browser lists nothing.
pub(super) fn audit(second: i64) -> Audit {
    let address: IpAddr = "10.0.4.12".parse().unwrap();
    Audit {
        at: at(second),
        resolve: Resolve {
            status: ResolveStatus::Ok,
            addresses: vec![address],
            ..Resolve::default()
        },
        listings: vec![Listing {
            address,
            browser: Browser::default(),
            doors: Vec::new(),
        }],
    }
}

/// This machine with its network or without.
pub(super) fn vantage(ipv4: bool) -> Vantage {
    let addresses = ipv4
        .then(|| "10.0.9.7".parse().unwrap())
        .into_iter()
        .collect();
    Vantage {
        host: "jump01".into(),
        addresses,
        ipv4,
        ..Vantage::default()
    }
}

/// An instance as a file would configure it.
pub(super) fn instance(text: &str) -> Arc<Instance> {
    Arc::new(Instance::from_text(text))
}

/// A row without a result.
pub(super) fn row(id: u32, text: &str) -> Row {
    super::row::pending(InstanceId(id), instance(text))
}

/// The default settings, without the ports of a probe by hand.
pub(super) fn config(targets: &[&str]) -> Config {
    Config {
        probe: Probe {
            witness_ports: Vec::new(),
            ..Probe::default()
        },
        instances: targets.iter().map(|text| instance(text)).collect(),
        ..Config::default()
    }
}
