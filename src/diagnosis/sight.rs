//! A case at a glance: what several rules ask about, worked out once.

mod browser;
mod engine;
mod listed;
mod looks;
mod past;
mod place;

pub(super) use listed::Listed;

use std::cell::OnceCell;
use std::net::{IpAddr, SocketAddr};

use super::heard::Heard;
use super::{Case, Said, State};
use crate::evidence::{Attempt, Connect, ConnectStatus, PreloginStatus, ResolveStatus, Source};
use crate::target::{Kind, Port};

/// Where the port that was tried comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PortFrom {
    /// The target gave it.
    Target,
    /// Nobody gave one: 1433.
    Default,
    /// Browser advertises it.
    Browser,
}

/// A case at a glance.
pub(super) struct Sight<'a> {
    pub(super) case: &'a Case<'a>,
    pub(super) state: State,
    /// The attempt that the state speaks of, and what it heard.
    pub(super) attempt: Option<&'a Attempt>,
    pub(super) heard: Heard,
    /// The address that the state speaks of.
    pub(super) address: Option<IpAddr>,
    /// The port that was tried, or would be.
    pub(super) port: Port,
    pub(super) port_from: PortFrom,
    /// What the closed port of that address did, and which it was.
    pub(super) closed: Option<(Port, Heard)>,
    /// What shows that the host is there, other than the port itself.
    pub(super) alive: Option<Said>,
    /// See [`Sight::listed`], which many rules ask.
    listed: OnceCell<Option<Listed>>,
}

impl<'a> Sight<'a> {
    pub(super) fn of(case: &'a Case<'a>) -> Self {
        let attempt = spoken_of(case);
        let forbidden = forbidden_by_policy(case);
        let heard = match (attempt, forbidden) {
            (Some(attempt), _) => Heard::of(attempt, &case.surroundings.vantage),
            (None, Some(_)) => Heard::PolicyForbids,
            (None, None) => Heard::Nothing,
        };
        let address = address_of(case, attempt).or(forbidden);
        let (port, port_from) = port_of(case, attempt);
        let mut sight = Self {
            case,
            state: State::Pending,
            attempt,
            heard,
            address,
            port,
            port_from,
            closed: None,
            alive: None,
            listed: OnceCell::new(),
        };
        sight.state = sight.read_state();
        if sight.state.is_failing() {
            sight.closed = sight.closed_port();
            sight.alive = sight.sign_of_life();
        }
        sight
    }

    fn read_state(&self) -> State {
        let layers = &self.case.evidence.layers;
        match layers.resolve.status {
            ResolveStatus::Ok if layers.resolve.addresses.is_empty() => return State::Unresolved,
            ResolveStatus::Skipped | ResolveStatus::Ok | ResolveStatus::Literal => {}
            _ => return State::Unresolved,
        }
        if self.browser_gave_no_port() {
            return State::NotLocated;
        }
        let connect = if self.attempt.is_some() {
            self.heard.status()
        } else {
            layers.connect.status
        };
        match connect {
            ConnectStatus::Skipped => State::Pending,
            ConnectStatus::Refused => State::Refused,
            ConnectStatus::TimedOut => State::TimedOut,
            ConnectStatus::Unreachable => State::Unreachable,
            ConnectStatus::Blocked | ConnectStatus::Exhausted => State::Blocked,
            ConnectStatus::Open => self.read_answer(),
        }
    }

    fn read_answer(&self) -> State {
        match self.case.evidence.layers.prelogin.status {
            PreloginStatus::Skipped => State::Open,
            PreloginStatus::Silent => State::Silent,
            PreloginStatus::Closed | PreloginStatus::Reset => State::HungUp,
            // It speaks TDS and serves nobody.
            PreloginStatus::Malformed if self.server_error().is_some() => State::HungUp,
            PreloginStatus::NotTds | PreloginStatus::Malformed => State::NotSql,
            // With a port in the target the drivers ignore the name and get through.
            PreloginStatus::InstanceMismatch if self.case.target.port.is_none() => {
                State::WrongInstance
            }
            PreloginStatus::Ok if self.other_instance() && self.case.target.port.is_none() => {
                State::WrongInstance
            }
            _ if self.trips_a_client() => State::Degraded,
            _ => State::Answering,
        }
    }

    fn trips_a_client(&self) -> bool {
        self.no_port_left().is_some()
            || self.other_instance()
            || self.dead_addresses().is_some()
            || self.surplus_addresses().is_some()
            || self.only_dns_has_address().is_some()
            || self.browser_late().is_some()
            || self.browser_from_elsewhere().is_some()
            || self.engine_slow().is_some()
    }

    /// Other programs of this machine send from the address that has no local port left, and fail.
    pub(super) fn no_port_left(&self) -> Option<Said> {
        let attempts = &self.case.evidence.layers.connect.attempts;
        attempts.iter().find_map(|attempt| {
            let own = **attempt.instead_of.as_ref()?;
            let endpoint = attempt.endpoint;
            Some(Said::NoPortLeftAt { own, endpoint })
        })
    }

    /// The system's own resolver says that there is no address, and a DNS server has one. That
    /// it said nothing in time is no such word: its threads may hang with other names.
    pub(super) fn only_dns_has_address(&self) -> Option<Said> {
        let resolve = &self.case.evidence.layers.resolve;
        let error = resolve.system_error.as_deref()?;
        match resolve.source {
            Some(Source::Dns(server)) if !error.starts_with("timed out") => {
                Some(Said::OnlyDnsHasAddress { server })
            }
            _ => None,
        }
    }

    /// How many addresses answer, and of how many, where fewer answer than should.
    pub(super) fn dead_addresses(&self) -> Option<(u32, u32)> {
        let connect = &self.case.evidence.layers.connect;
        let counted = || {
            connect
                .attempts
                .iter()
                .filter(|attempt| !without_way(self.case, attempt))
        };
        let total = counted().count();
        let live = counted()
            .filter(|attempt| attempt.status == ConnectStatus::Open)
            .count();
        let expected = match (self.case.declared.expected_live, self.case.declared.kind) {
            (Some(expected), _) => usize::from(expected).min(total),
            (None, Some(Kind::AgListener)) => 1,
            (None, _) => total,
        };
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        (live < expected).then(|| (narrow(live), narrow(total)))
    }

    /// How many addresses answer and how many should, where more answer. One machine may
    /// answer over both families, and without a declaration on several network cards.
    pub(super) fn surplus_addresses(&self) -> Option<(u32, u32)> {
        let expected = match (self.case.declared.expected_live, self.case.declared.kind) {
            (Some(expected), _) => u32::from(expected),
            (None, Some(Kind::AgListener)) => 1,
            (None, _) => return None,
        };
        let live = |is_of: fn(&Attempt) -> bool| {
            let open = self.case.evidence.layers.connect.ended(ConnectStatus::Open);
            u32::try_from(open.filter(|attempt| is_of(attempt)).count()).unwrap_or(u32::MAX)
        };
        let ipv4 = live(|attempt| attempt.endpoint.is_ipv4());
        let ipv6 = live(|attempt| attempt.endpoint.is_ipv6());
        let one_machine = ipv4 <= 1 && ipv6 <= 1;
        (!one_machine && ipv4 + ipv6 > expected).then_some((ipv4 + ipv6, expected))
    }

    /// The endpoint that the state speaks of.
    pub(super) fn endpoint(&self) -> Option<SocketAddr> {
        let prelogin = self.case.evidence.layers.prelogin.endpoint;
        self.attempt
            .map(|attempt| attempt.endpoint)
            .or(prelogin)
            .or_else(|| Some(SocketAddr::new(self.address?, self.port.get())))
    }

    /// The port that was really tried: none where no layer came that far.
    fn tried(&self) -> Option<Port> {
        self.attempt
            .and_then(|attempt| Port::new(attempt.endpoint.port()))
    }
}

/// The attempt that speaks for the name: the best that was heard, families without a way out last.
pub(super) fn spoken_of<'a>(case: &Case<'a>) -> Option<&'a Attempt> {
    let evidence: &'a crate::evidence::Evidence = case.evidence;
    let Connect { attempts, .. } = &evidence.layers.connect;
    let asked = evidence.layers.prelogin.endpoint;
    let vantage = &case.surroundings.vantage;
    attempts.iter().min_by_key(|attempt| {
        let status = Heard::of(attempt, vantage).status();
        (
            without_way(case, attempt),
            status.precedence(),
            Some(attempt.endpoint) != asked,
        )
    })
}

/// The first address, where the policy of this machine forbids all of them.
fn forbidden_by_policy(case: &Case<'_>) -> Option<IpAddr> {
    let connect = &case.evidence.layers.connect;
    let is_sent = connect.status != ConnectStatus::Blocked || !connect.attempts.is_empty();
    connect.forbidden.first().copied().filter(|_| !is_sent)
}

/// The address that the state speaks of.
pub(super) fn address_of(case: &Case<'_>, attempt: Option<&Attempt>) -> Option<IpAddr> {
    let layers = &case.evidence.layers;
    attempt
        .map(|attempt| attempt.endpoint)
        .or(layers.browser.asked)
        .map(|endpoint| endpoint.ip())
        .or_else(|| layers.resolve.addresses.first().copied())
}

/// This machine has no way out over the attempt's address family, so its address is not dead.
pub(super) fn without_way(case: &Case<'_>, attempt: &Attempt) -> bool {
    let address = attempt.endpoint.ip();
    let vantage = &case.surroundings.vantage;
    let (this, other) = if address.is_ipv4() {
        (vantage.ipv4, vantage.ipv6)
    } else {
        (vantage.ipv6, vantage.ipv4)
    };
    let heard_no_route =
        |attempt: &Attempt| Heard::of(attempt, vantage) == (Heard::NoRoute { by: None });
    let other_family_went_out = || {
        let attempts = &case.evidence.layers.connect.attempts;
        attempts
            .iter()
            .any(|other| other.endpoint.is_ipv4() != address.is_ipv4() && !heard_no_route(other))
    };
    if address.is_loopback() || attempt.status == ConnectStatus::Open {
        return false;
    }
    (!this && other) || (heard_no_route(attempt) && other_family_went_out())
}

fn port_of(case: &Case<'_>, attempt: Option<&Attempt>) -> (Port, PortFrom) {
    let from = if case.target.port.is_some() {
        PortFrom::Target
    } else if case.target.instance.is_some() && case.target.needs_browser() {
        PortFrom::Browser
    } else {
        PortFrom::Default
    };
    let tried = attempt.and_then(|attempt| Port::new(attempt.endpoint.port()));
    let advertised = case.evidence.layers.browser.port;
    (
        tried
            .or(case.target.port)
            .or(advertised)
            .unwrap_or(Port::DEFAULT),
        from,
    )
}
