//! Cases for the tests of this room, built from what a probe would have seen.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

use crate::diagnosis::{
    Case, Cause, CauseId, Confidence, Diagnosis, Good, Past, State, Surroundings,
};
use crate::evidence::{
    Advertised, Attempt, BrowserForm, BrowserStatus, ConnectStatus, Elapsed, Evidence, Icmp,
    Layers, Look, ResolveStatus, Witness,
};
use crate::target::{Declared, InstanceName, Kind, Platform, Port, Target, Untrusted};

/// All that a [`Case`] borrows.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) target: Target,
    pub(super) declared: Declared,
    pub(super) evidence: Evidence,
    pub(super) witnesses: Vec<Witness>,
    pub(super) past: Past,
    pub(super) surroundings: Surroundings,
}

impl Scene {
    /// A target of which nothing is known yet.
    pub(super) fn new(target: &str) -> Self {
        let evidence = Evidence {
            at: Timestamp::UNIX_EPOCH,
            elapsed: Elapsed::default(),
            layers: Layers::default(),
        };
        let mut surroundings = Surroundings::default();
        surroundings.vantage.host = "jump01".into();
        Self {
            target: target.parse().unwrap(),
            declared: Declared::default(),
            evidence,
            witnesses: Vec::new(),
            past: Past::default(),
            surroundings,
        }
    }

    /// 10.0.4.12 refused port 50123.
    pub(super) fn refused(target: &str) -> Self {
        Self::new(target).tried("10.0.4.12:50123", ConnectStatus::Refused)
    }

    pub(super) fn case(&self) -> Case<'_> {
        Case {
            target: &self.target,
            declared: &self.declared,
            evidence: &self.evidence,
            witnesses: &self.witnesses,
            past: &self.past,
            surroundings: &self.surroundings,
        }
    }

    pub(super) fn tried(mut self, endpoint: &str, status: ConnectStatus) -> Self {
        let endpoint: SocketAddr = endpoint.parse().unwrap();
        let resolve = &mut self.evidence.layers.resolve;
        resolve.status = ResolveStatus::Ok;
        resolve.addresses.push(endpoint.ip());
        let connect = &mut self.evidence.layers.connect;
        connect.attempts.push(attempt(endpoint, status));
        connect.status = ConnectStatus::best(connect.attempts.iter().map(|attempt| attempt.status));
        self
    }

    pub(super) fn icmp_from(mut self, from: &str) -> Self {
        let from = from.parse().unwrap();
        let attempts = &mut self.evidence.layers.connect.attempts;
        attempts.last_mut().unwrap().icmp = Some(Icmp {
            kind: 3,
            code: 13,
            from,
        });
        self
    }

    /// Browser lists the instance, on a port or without one.
    pub(super) fn listed(mut self, instance: &str, tcp: Option<u16>, clustered: bool) -> Self {
        let tcp = tcp.and_then(Port::new);
        let own = self
            .target
            .instance
            .as_ref()
            .is_some_and(|own| own.matches(instance));
        let browser = &mut self.evidence.layers.browser;
        browser.form = Some(BrowserForm::List);
        browser.instances.push(Advertised {
            server: Untrusted::from_bytes(b"SALES01"),
            instance: Untrusted::from_bytes(instance.as_bytes()),
            clustered,
            version: Untrusted::from_bytes(b"16.0.1000.6"),
            tcp,
            pipe: None,
        });
        browser.status = match (own, tcp) {
            (true, Some(_)) => BrowserStatus::Ok,
            (true, None) => BrowserStatus::NoTcp,
            (false, _) => BrowserStatus::NotListed,
        };
        if own {
            browser.port = tcp;
        }
        self
    }

    pub(super) fn browser(mut self, status: BrowserStatus) -> Self {
        self.evidence.layers.browser.status = status;
        self
    }

    pub(super) fn declared(mut self, platform: Option<Platform>, kind: Option<Kind>) -> Self {
        self.declared = Declared {
            platform,
            kind,
            ..Declared::default()
        };
        self
    }

    pub(super) fn witness(mut self, look: Look) -> Self {
        self.witnesses.push(Witness {
            at: Timestamp::UNIX_EPOCH,
            look,
        });
        self
    }

    pub(super) fn canonical(mut self, name: &str) -> Self {
        self.evidence.layers.resolve.canonical = Some(Untrusted::from_bytes(name.as_bytes()));
        self
    }

    /// It answered there yesterday.
    pub(super) fn last_good(mut self, endpoint: &str) -> Self {
        let endpoint: SocketAddr = endpoint.parse().unwrap();
        self.past.last_good = Some(Good {
            at: Timestamp::UNIX_EPOCH,
            addresses: vec![endpoint.ip()],
            address: endpoint.ip(),
            port: Port::new(endpoint.port()).unwrap(),
            version: None,
        });
        self
    }
}

impl Scene {
    /// It answered on its port as this instance.
    pub(super) fn owned_by(mut self, instance: &str) -> Self {
        self.past.instance_there = Some(InstanceName::new(instance).unwrap());
        self
    }
}

/// A diagnosis of these causes, as if the rules had found them.
pub(super) fn found(causes: &[CauseId]) -> Diagnosis {
    let cause = |id: &CauseId| Cause {
        id: *id,
        confidence: Confidence::Medium,
        because: Vec::new(),
        against: Vec::new(),
    };
    Diagnosis {
        state: State::Refused,
        causes: causes.iter().map(cause).collect(),
        ..Diagnosis::default()
    }
}

/// An attempt from 10.0.9.7 or 2001:db8:9::7.
pub(super) fn attempt(endpoint: SocketAddr, status: ConnectStatus) -> Attempt {
    let local: IpAddr = match endpoint {
        SocketAddr::V4(endpoint) if endpoint.ip().is_loopback() => [127, 0, 0, 1].into(),
        SocketAddr::V4(_) => [10, 0, 9, 7].into(),
        SocketAddr::V6(_) => [0x2001, 0xdb8, 9, 0, 0, 0, 0, 7].into(),
    };
    Attempt {
        started: None,
        endpoint,
        local: Some(SocketAddr::new(local, 50112)),
        status,
        elapsed: Duration::from_micros(400).into(),
        os_error: None,
        icmp: None,
        instead_of: None,
    }
}
