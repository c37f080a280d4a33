//! Cases for tests, built so that they read as what happened.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Case, Diagnosis, Good, Past, Surroundings, diagnose};
use crate::evidence::{
    Advertised, Asked, Attempt, Browser, BrowserForm, BrowserStatus, ConnectStatus, Evidence, Hop,
    HopStatus, Icmp, Layers, Look, Prelogin, PreloginStatus, Resolve, ResolveStatus, ResponseCode,
    Source, Vantage, Version, Witness,
};
use crate::target::{Declared, Host, Kind, Platform, Port, Target, Untrusted};

/// The server, this machine, and a router between them.
pub(crate) const SERVER: &str = "10.0.4.12";
pub(crate) const ME: &str = "10.0.9.7";
pub(crate) const ROUTER: &str = "10.0.9.1";

/// What owns a [`Case`].
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) target: Target,
    pub(crate) declared: Declared,
    pub(crate) evidence: Evidence,
    pub(crate) witnesses: Vec<Witness>,
    pub(crate) past: Past,
    pub(crate) surroundings: Surroundings,
}

pub(crate) fn now() -> Timestamp {
    "2026-11-22T08:00:00Z".parse().unwrap()
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn port(number: u16) -> Port {
    Port::new(number).unwrap()
}

impl Scene {
    /// A target whose name resolves to [`SERVER`], or that is an address, and nothing else yet.
    pub(crate) fn new(target: &str) -> Self {
        let target: Target = target.parse().unwrap();
        let (status, source, address) = match &target.host {
            Host::Name(_) => (ResolveStatus::Ok, Source::System, ip(SERVER)),
            Host::Address(address) => (ResolveStatus::Literal, Source::Literal, *address),
            Host::Local => (ResolveStatus::Literal, Source::Literal, ip("127.0.0.1")),
        };
        let resolve = Resolve {
            status,
            source: Some(source),
            addresses: vec![address],
            ..Resolve::default()
        };
        let vantage = Vantage {
            host: "jump01".into(),
            addresses: vec![ip(ME)],
            ipv4: true,
            ipv6: true,
            ..Vantage::default()
        };
        Self {
            target,
            declared: Declared::default(),
            evidence: Evidence {
                at: now(),
                elapsed: Duration::from_millis(5).into(),
                layers: Layers {
                    resolve,
                    ..Layers::default()
                },
            },
            witnesses: Vec::new(),
            past: Past::default(),
            surroundings: Surroundings {
                vantage,
                ..Surroundings::default()
            },
        }
    }

    pub(crate) fn case(&self) -> Case<'_> {
        Case {
            target: &self.target,
            declared: &self.declared,
            evidence: &self.evidence,
            witnesses: &self.witnesses,
            past: &self.past,
            surroundings: &self.surroundings,
        }
    }

    pub(crate) fn diagnose(&self) -> Diagnosis {
        diagnose(&self.case())
    }

    /// Whatever has no word of its own.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    // What is declared.

    pub(crate) fn kind(self, kind: Kind) -> Self {
        self.with(|scene| scene.declared.kind = Some(kind))
    }

    pub(crate) fn platform(self, platform: Platform) -> Self {
        self.with(|scene| scene.declared.platform = Some(platform))
    }

    // The layer `resolve`.

    pub(crate) fn unresolved(self, status: ResolveStatus) -> Self {
        self.with(|scene| {
            scene.evidence.layers.resolve = Resolve {
                status,
                ..Resolve::default()
            };
        })
    }

    pub(crate) fn asked(self, code: ResponseCode) -> Self {
        self.with(|scene| {
            scene.evidence.layers.resolve.asked.push(Asked {
                started: None,
                name: Untrusted::from_bytes(b"db1.corp.test."),
                record: "A".into(),
                server: "10.0.9.53:53".parse().unwrap(),
                code,
                addresses: Vec::new(),
                elapsed: Duration::from_millis(1).into(),
            });
        })
    }

    pub(crate) fn source(self, source: Source) -> Self {
        self.with(|scene| scene.evidence.layers.resolve.source = Some(source))
    }

    pub(crate) fn dns_says(self, address: &str) -> Self {
        self.with(|scene| scene.evidence.layers.resolve.dns_differs = vec![ip(address)])
    }

    // The layer `browser`.

    pub(crate) fn browser(self, status: BrowserStatus) -> Self {
        let address = self.evidence.layers.resolve.addresses[0];
        self.with(|scene| {
            *scene.evidence.layers.browser = Browser {
                status,
                form: Some(BrowserForm::Name),
                asked: Some(SocketAddr::new(address, 1434)),
                tries: Some(1),
                elapsed: Some(Duration::from_millis(1).into()),
                ..Browser::default()
            };
        })
    }

    pub(crate) fn advertises(self, number: u16) -> Self {
        self.browser(BrowserStatus::Ok).with(|scene| {
            scene.evidence.layers.browser.port = Some(port(number));
            let entry = scene.entry(Some(number));
            scene.evidence.layers.browser.instances = vec![entry];
        })
    }

    pub(crate) fn clustered(self) -> Self {
        self.with(|scene| {
            scene
                .evidence
                .layers
                .browser
                .instances
                .iter_mut()
                .for_each(|entry| entry.clustered = true);
        })
    }

    /// Browser's entry for the wanted instance.
    pub(crate) fn entry(&self, tcp: Option<u16>) -> Advertised {
        let instance = self
            .target
            .instance
            .as_ref()
            .map_or("MSSQLSERVER", |instance| instance.as_str());
        Advertised {
            server: Untrusted::from_bytes(b"SALES01"),
            instance: Untrusted::from_bytes(instance.as_bytes()),
            clustered: false,
            version: Untrusted::from_bytes(b"16.0.1000.6"),
            tcp: tcp.map(port),
            pipe: None,
        }
    }

    // The layer `connect`.

    /// The port that a client would try.
    fn endpoint(&self) -> SocketAddr {
        let tried = self
            .target
            .port
            .or(self.evidence.layers.browser.port)
            .unwrap_or(Port::DEFAULT);
        SocketAddr::new(self.evidence.layers.resolve.addresses[0], tried.get())
    }

    pub(crate) fn refused(self) -> Self {
        self.connect(ConnectStatus::Refused)
    }

    pub(crate) fn timed_out(self) -> Self {
        self.connect(ConnectStatus::TimedOut)
    }

    pub(crate) fn open(self) -> Self {
        self.connect(ConnectStatus::Open)
    }

    pub(crate) fn connect(self, status: ConnectStatus) -> Self {
        let endpoint = self.endpoint();
        self.attempt(endpoint, status)
    }

    /// The policy of this machine forbids all its addresses.
    pub(crate) fn forbidden(self, addresses: &[&str]) -> Self {
        self.with(|scene| {
            scene.evidence.layers.resolve.addresses = addresses.iter().map(|a| ip(a)).collect();
            scene.evidence.layers.browser = crate::evidence::Seldom::default();
            scene.evidence.layers.connect = crate::evidence::Connect {
                status: ConnectStatus::Blocked,
                attempts: Vec::new(),
                forbidden: addresses.iter().map(|a| ip(a)).collect(),
            };
        })
    }

    pub(crate) fn attempt(self, endpoint: SocketAddr, status: ConnectStatus) -> Self {
        self.with(|scene| {
            let connect = &mut scene.evidence.layers.connect;
            connect.attempts.push(attempt(endpoint, status));
            connect.status =
                ConnectStatus::best(connect.attempts.iter().map(|attempt| attempt.status));
        })
    }

    /// An attempt at another address of the name.
    pub(crate) fn also(self, address: &str, status: ConnectStatus) -> Self {
        let endpoint = SocketAddr::new(ip(address), self.endpoint().port());
        self.with(|scene| scene.evidence.layers.resolve.addresses.push(ip(address)))
            .attempt(endpoint, status)
    }

    /// The ICMP message that answered the last attempt.
    pub(crate) fn icmp(self, kind: u8, code: u8, from: &str) -> Self {
        self.with(|scene| {
            scene.last_attempt().icmp = Some(Icmp {
                kind,
                code,
                from: ip(from),
            });
        })
    }

    /// Another address of this machine asked: this one has no local port left.
    pub(crate) fn instead_of(self, own: &str) -> Self {
        self.with(|scene| scene.last_attempt().instead_of = Some(ip(own).into()))
    }

    pub(crate) fn os_error(self, error: i32) -> Self {
        self.with(|scene| scene.last_attempt().os_error = Some(error))
    }

    pub(crate) fn took(self, milliseconds: u64) -> Self {
        self.with(|scene| scene.last_attempt().elapsed = Duration::from_millis(milliseconds).into())
    }

    fn last_attempt(&mut self) -> &mut Attempt {
        self.evidence.layers.connect.attempts.last_mut().unwrap()
    }

    // The layer `prelogin`.

    /// The port opens, and this came back.
    pub(crate) fn answer(self, status: PreloginStatus) -> Self {
        let endpoint = self.endpoint();
        self.open().with(|scene| {
            scene.evidence.layers.prelogin = Prelogin {
                status,
                endpoint: Some(endpoint),
                elapsed: Some(Duration::from_millis(2).into()),
                ..Prelogin::default()
            };
        })
    }

    /// The engine answers.
    pub(crate) fn answers(self) -> Self {
        self.answer(PreloginStatus::Ok).with(|scene| {
            let prelogin = &mut scene.evidence.layers.prelogin;
            prelogin.version = Some("16.0.4105.2".parse().unwrap());
            prelogin.instance_matches = Some(true);
        })
    }

    // The witnesses.

    pub(crate) fn look(self, look: Look) -> Self {
        self.with(|scene| scene.witnesses.push(Witness { at: now(), look }))
    }

    /// A port that is surely closed.
    pub(crate) fn closed(self, status: ConnectStatus) -> Self {
        let endpoint = SocketAddr::new(self.evidence.layers.resolve.addresses[0], 1);
        self.look(Look::ClosedPort(attempt(endpoint, status)))
    }

    /// Another port of the host.
    pub(crate) fn port(self, number: u16, status: ConnectStatus) -> Self {
        let endpoint = SocketAddr::new(self.evidence.layers.resolve.addresses[0], number);
        self.look(Look::Port(attempt(endpoint, status)))
    }

    /// Browser, asked again for all instances.
    pub(crate) fn list(self, status: BrowserStatus, instances: Vec<Advertised>) -> Self {
        let asked = self.evidence.layers.browser.asked;
        let form = Some(BrowserForm::List);
        self.look(Look::BrowserList(Browser {
            status,
            form,
            asked,
            instances,
            ..Browser::default()
        }))
    }

    /// Browser, asked again for the one instance.
    pub(crate) fn name(self, status: BrowserStatus, instances: Vec<Advertised>) -> Self {
        let asked = self.evidence.layers.browser.asked;
        let form = Some(BrowserForm::Name);
        self.look(Look::BrowserName(Browser {
            status,
            form,
            asked,
            instances,
            ..Browser::default()
        }))
    }

    /// A walk whose hops answered, up to the last that did.
    pub(crate) fn path(self, answered: &[&str]) -> Self {
        let endpoint = self.endpoint();
        self.walk(endpoint, answered, HopStatus::Silent)
    }

    /// A walk to the port, or to another one of the address, that came to an answer.
    pub(crate) fn walked(self, port: u16, routers: &[&str], end: HopStatus) -> Self {
        let endpoint = SocketAddr::new(self.endpoint().ip(), port);
        self.walk(endpoint, routers, end)
    }

    /// A walk of which every step was answered on the way.
    pub(crate) fn circled(self, routers: &[&str]) -> Self {
        let mut scene = self.path(routers);
        for witness in &mut scene.witnesses {
            if let Look::Path { hops, .. } = &mut witness.look {
                hops.truncate(routers.len());
            }
        }
        scene
    }

    fn walk(self, endpoint: SocketAddr, routers: &[&str], end: HopStatus) -> Self {
        let hop = |place: usize, from, status| Hop {
            ttl: u8::try_from(place + 1).unwrap(),
            from,
            status,
            elapsed: Duration::from_millis(1).into(),
        };
        let mut hops: Vec<Hop> = routers
            .iter()
            .enumerate()
            .map(|(place, from)| hop(place, Some(ip(from)), HopStatus::TtlExceeded))
            .collect();
        let last = (end != HopStatus::Silent).then_some(endpoint.ip());
        hops.push(hop(routers.len(), last, end));
        self.look(Look::Path {
            endpoint,
            available: true,
            hops,
        })
    }

    // The past and the surroundings.

    /// It answered three minutes ago.
    pub(crate) fn good(self, address: &str, number: u16) -> Self {
        self.with(|scene| {
            scene.past.last_good = Some(Good {
                at: now() - SignedDuration::from_mins(3),
                addresses: vec![ip(address)],
                address: ip(address),
                port: port(number),
                version: Some("16.0.4105.2".parse().unwrap()),
            });
        })
    }

    pub(crate) fn build(self, version: &str) -> Self {
        let version: Version = version.parse().unwrap();
        self.with(|scene| scene.past.last_good.as_mut().unwrap().version = Some(version))
    }

    /// The name led to another address until so many minutes ago.
    pub(crate) fn moved_from(self, address: &str, minutes: i64) -> Self {
        self.with(|scene| {
            let when = now() - SignedDuration::from_mins(minutes);
            scene.past.moved_from = Some((when, vec![ip(address)]).into());
        })
    }

    pub(crate) fn climbed(self) -> Self {
        self.with(|scene| {
            scene.past.usual_engine_ms = Some(2.0);
            scene.past.recent_engine_ms = vec![2.0, 40.0, 900.0].into();
        })
    }

    /// How many of the other hosts of the subnet answer and are silent, then of those elsewhere.
    pub(crate) fn neighbours(self, subnet: (u32, u32), elsewhere: (u32, u32)) -> Self {
        self.with(|scene| {
            let neighbours = |(answering, silent)| super::Neighbours { answering, silent };
            scene.surroundings.subnet = neighbours(subnet);
            scene.surroundings.elsewhere = neighbours(elsewhere);
        })
    }
}

fn attempt(endpoint: SocketAddr, status: ConnectStatus) -> Attempt {
    let elapsed = match status {
        ConnectStatus::TimedOut => Duration::from_secs(4),
        _ => Duration::from_micros(400),
    };
    Attempt {
        started: None,
        endpoint,
        local: None,
        status,
        elapsed: elapsed.into(),
        os_error: None,
        icmp: None,
        instead_of: None,
    }
}
