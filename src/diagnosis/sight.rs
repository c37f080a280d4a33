//! A case at a glance: what several rules ask about, worked out once.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::heard::Heard;
use super::{Case, Good, Said, State};
use crate::evidence::{
    Advertised, Attempt, Browser, BrowserStatus, Connect, ConnectStatus, Elapsed, Hop, Look,
    PreloginStatus, ResolveStatus,
};
use crate::target::{Host, Kind, Platform, Port};

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
}

impl<'a> Sight<'a> {
    pub(super) fn of(case: &'a Case<'a>) -> Self {
        let layers = &case.evidence.layers;
        let attempt = spoken_of(case);
        let heard = attempt.map_or(Heard::Nothing, |attempt| {
            Heard::of(attempt, &case.surroundings.vantage)
        });
        let asked = layers.browser.asked.map(|asked| asked.ip());
        let address = attempt
            .map(|attempt| attempt.endpoint.ip())
            .or(asked)
            .or_else(|| layers.resolve.addresses.first().copied());
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

    fn browser_gave_no_port(&self) -> bool {
        let browser = &self.case.evidence.layers.browser;
        self.case.target.needs_browser()
            && browser.port.is_none()
            && !matches!(browser.status, BrowserStatus::Skipped | BrowserStatus::Ok)
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
        self.other_instance()
            || self.dead_addresses().is_some()
            || self.surplus_addresses().is_some()
            || self.browser_late().is_some()
            || self.browser_from_elsewhere().is_some()
            || self.engine_slow().is_some()
    }

    /// The engine that answers says that it is not the wanted instance.
    pub(super) fn other_instance(&self) -> bool {
        let prelogin = &self.case.evidence.layers.prelogin;
        let denied = prelogin.status == PreloginStatus::InstanceMismatch
            || (prelogin.status == PreloginStatus::Ok && prelogin.instance_matches == Some(false));
        denied && self.case.target.instance.is_some()
    }

    /// The number of the error that a TDS server answered with in place of PRELOGIN.
    pub(super) fn server_error(&self) -> Option<u32> {
        let prelogin = &self.case.evidence.layers.prelogin;
        prelogin.error.as_ref().map(|error| error.number)
    }

    /// An answer to PRELOGIN began, and its rest never came.
    pub(super) fn answer_began(&self) -> bool {
        let prelogin = &self.case.evidence.layers.prelogin;
        let unfinished = matches!(
            prelogin.status,
            PreloginStatus::Silent | PreloginStatus::Closed | PreloginStatus::Reset
        );
        unfinished && prelogin.first_bytes.is_some()
    }

    /// The engine answered, and is not known to be another instance: the name leads to it.
    pub(super) fn engine_answered(&self) -> bool {
        let status = self.case.evidence.layers.prelogin.status;
        status == PreloginStatus::Ok && !self.other_instance()
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

    /// Drivers send one datagram and wait a second for its answer.
    pub(super) fn browser_late(&self) -> Option<Said> {
        let browser = self.used_browser()?;
        let tries = u32::from(browser.tries.unwrap_or(1));
        match browser.elapsed {
            Some(took) if took.duration() > Duration::from_secs(1) => {
                Some(Said::BrowserLate { took })
            }
            _ if tries > 1 => Some(Said::BrowserAnsweredTry { tries }),
            _ => None,
        }
    }

    /// Browser answered from another address or port than was asked.
    pub(super) fn browser_from_elsewhere(&self) -> Option<Said> {
        let browser = self.used_browser()?;
        let (asked, from) = (browser.asked?, browser.answered_from?);
        (asked != from).then_some(Said::BrowserFromElsewhere { from })
    }

    fn used_browser(&self) -> Option<&'a Browser> {
        let browser = &self.case.evidence.layers.browser;
        (self.case.target.needs_browser() && browser.status == BrowserStatus::Ok).then_some(browser)
    }

    /// The engine's own time: the answer's time without the way there and back.
    pub(super) fn engine_slow(&self) -> Option<Elapsed> {
        let took = self.case.evidence.layers.prelogin.elapsed?;
        let way = self
            .attempt
            .map_or(Duration::ZERO, |attempt| attempt.elapsed.duration());
        let own = took.duration().saturating_sub(way);
        let unusual =
            self.case.past.usual_engine_ms.is_some_and(|usual| {
                took.as_ms() > 10.0 * usual && own > Duration::from_millis(250)
            });
        (own > Duration::from_secs(1) || unusual).then_some(took)
    }

    /// The endpoint that the state speaks of.
    pub(super) fn endpoint(&self) -> Option<SocketAddr> {
        let prelogin = self.case.evidence.layers.prelogin.endpoint;
        self.attempt
            .map(|attempt| attempt.endpoint)
            .or(prelogin)
            .or_else(|| Some(SocketAddr::new(self.address?, self.port.get())))
    }

    /// The address that the state speaks of is on this machine's loopback.
    pub(super) fn is_loopback(&self) -> bool {
        self.address.is_some_and(|address| address.is_loopback())
    }

    /// Declared a container, or in the network that docker0 has by default.
    pub(super) fn is_container(&self) -> bool {
        match self.case.declared.platform {
            Some(platform) => platform == Platform::Container,
            None => matches!(self.address, Some(IpAddr::V4(v4)) if v4.octets()[..2] == [172, 17]),
        }
    }

    /// A server without Windows' stealth: declared Linux or a container, or on loopback.
    pub(super) fn hides_no_port(&self) -> bool {
        self.is_loopback()
            || self.is_container()
            || self.case.declared.platform == Some(Platform::Linux)
    }

    /// A cloud service, whose network rules stand before the engine.
    pub(super) fn is_cloud(&self) -> bool {
        match self.case.declared.platform {
            Some(platform) => matches!(platform, Platform::Azure | Platform::Rds),
            None => self.is_azure() || self.name_ends_with(".rds.amazonaws.com"),
        }
    }

    /// Azure, where a gateway answers on the port in place of the engine.
    pub(super) fn is_azure(&self) -> bool {
        match self.case.declared.platform {
            Some(platform) => platform == Platform::Azure,
            None => self.name_ends_with(".database.windows.net"),
        }
    }

    fn name_ends_with(&self, suffix: &str) -> bool {
        let name = match &self.case.target.host {
            Host::Name(name) => name.as_str().trim_end_matches('.'),
            Host::Address(_) | Host::Local => "",
        };
        name.len() > suffix.len()
            && name.is_char_boundary(name.len() - suffix.len())
            && name[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
    }

    /// What says that the instance is a failover cluster's.
    pub(super) fn clustered(&self) -> Option<Said> {
        if let Some(kind) = self.case.declared.kind {
            return (kind == Kind::Fci).then_some(Said::DeclaredCluster {});
        }
        self.advertised()
            .is_some_and(|entry| entry.clustered)
            .then_some(Said::BrowserSaysClustered {})
    }

    /// Browser, or something in its place, answered, from whatever address.
    pub(super) fn browser_spoke(&self) -> bool {
        let browser = &self.case.evidence.layers.browser;
        !matches!(
            browser.status,
            BrowserStatus::Skipped | BrowserStatus::Silent
        )
    }

    /// Browser itself answered, in a form that can be read: SQL Server for Windows is there.
    pub(super) fn browser_answered(&self) -> bool {
        self.browsers().any(|browser| {
            matches!(
                browser.status,
                BrowserStatus::Ok | BrowserStatus::NotListed | BrowserStatus::NoTcp
            )
        })
    }

    /// Browser's entry for the wanted instance.
    pub(super) fn advertised(&self) -> Option<&'a Advertised> {
        let wanted = self.case.target.instance.as_ref()?;
        self.browsers()
            .flat_map(|browser| &browser.instances)
            .find(|entry| wanted.matches(entry.instance.raw()))
    }

    /// All that was heard of Browser: the layer, then the witnesses.
    pub(super) fn browsers(&self) -> impl Iterator<Item = &'a Browser> {
        let witnesses =
            self.case
                .witnesses
                .iter()
                .rev()
                .filter_map(|witness| match &witness.look {
                    Look::BrowserList(browser) | Look::BrowserName(browser) => Some(browser),
                    _ => None,
                });
        std::iter::once(&self.case.evidence.layers.browser).chain(witnesses)
    }

    /// The newest witness of a kind.
    pub(super) fn newest<T>(&self, pick: impl Fn(&'a Look) -> Option<T>) -> Option<T> {
        self.case
            .witnesses
            .iter()
            .rev()
            .find_map(|witness| pick(&witness.look))
    }

    fn closed_port(&self) -> Option<(Port, Heard)> {
        self.newest(|look| match look {
            Look::ClosedPort(attempt) => self.heard_at(attempt),
            _ => None,
        })
    }

    /// What other ports of the host did.
    pub(super) fn other_ports(&self) -> impl Iterator<Item = (Port, Heard)> {
        self.case
            .witnesses
            .iter()
            .filter_map(|witness| match &witness.look {
                Look::Port(attempt) => self
                    .heard_at(attempt)
                    .filter(|(port, _)| self.tried() != Some(*port)),
                _ => None,
            })
    }

    /// The port that was really tried: none where no layer came that far.
    fn tried(&self) -> Option<Port> {
        self.attempt
            .and_then(|attempt| Port::new(attempt.endpoint.port()))
    }

    fn heard_at(&self, attempt: &Attempt) -> Option<(Port, Heard)> {
        let port = Port::new(attempt.endpoint.port())?;
        let here = Some(attempt.endpoint.ip()) == self.address;
        here.then(|| (port, Heard::of(attempt, &self.case.surroundings.vantage)))
    }

    /// Something on the way completes every handshake.
    pub(super) fn every_port_opens(&self) -> Option<Port> {
        self.closed
            .filter(|(_, heard)| *heard == Heard::Open)
            .map(|(port, _)| port)
    }

    /// Closed port and other port are silent, and nothing else shows life.
    pub(super) fn all_silent(&self) -> Option<Port> {
        let closed_silent = self
            .closed
            .is_some_and(|(_, heard)| heard == Heard::Silence);
        // The port of an engine that moved away is silent on a host that hides closed ports.
        let was_sql = self
            .good_on_other_port()
            .filter(|_| self.state == State::TimedOut);
        let telling = |port: Port| was_sql.is_none_or(|good| good.port != port);
        let other = self
            .other_ports()
            .find(|(port, heard)| *heard == Heard::Silence && telling(*port))?;
        (closed_silent && self.alive.is_none()).then_some(other.0)
    }

    /// What shows that the host is there. Where every port opens, an open port does not.
    fn sign_of_life(&self) -> Option<Said> {
        let address = self.address?;
        if self.every_port_opens().is_none() {
            let port = self.other_ports().find_map(|(port, heard)| match heard {
                Heard::Open => Some(Said::OtherPortOpens { address, port }),
                Heard::Reset => Some(Said::OtherPortRefuses { address, port }),
                _ => None,
            });
            let closed = self.closed.filter(|(_, heard)| *heard == Heard::Reset);
            let closed = closed.map(|(port, _)| Said::ClosedPortResets { address, port });
            // Without Browser the probe goes on to the port where it answered last.
            let port = port.or(match (self.state, self.heard) {
                (State::NotLocated, Heard::Open) => Some(Said::OtherPortOpens {
                    address,
                    port: self.port,
                }),
                (State::NotLocated, Heard::Reset) => Some(Said::OtherPortRefuses {
                    address,
                    port: self.port,
                }),
                _ => None,
            });
            if let Some(said) = port.or(closed) {
                return Some(said);
            }
        }
        if let Some(said) = self
            .browsers()
            .find_map(|browser| Self::browser_shows_life(browser, address))
        {
            return Some(said);
        }
        match self.case.surroundings.host.answering {
            0 => None,
            answering => Some(Said::HostAnswersOthers { answering }),
        }
    }

    fn browser_shows_life(browser: &Browser, address: IpAddr) -> Option<Said> {
        if browser.asked?.ip() != address {
            return None;
        }
        match browser.status {
            BrowserStatus::Skipped | BrowserStatus::Silent => None,
            BrowserStatus::Refused => browser
                .icmp
                .is_none_or(|icmp| icmp.from == address)
                .then_some(Said::BrowserPortAnswers { address }),
            _ => browser
                .answered_from
                .is_none_or(|from| from.ip() == address)
                .then_some(Said::BrowserAnswersThere { address }),
        }
    }

    /// The walk towards the port that the state speaks of.
    pub(super) fn walk(&self) -> Option<&'a [Hop]> {
        let wanted = self.endpoint()?;
        self.newest(|look| match look {
            Look::Path {
                endpoint,
                available: true,
                hops,
            } if *endpoint == wanted => Some(hops.as_slice()),
            _ => None,
        })
    }

    /// It answered at this very address and port.
    pub(super) fn good_here(&self) -> Option<&'a Good> {
        let good = self.case.past.last_good.as_ref()?;
        (Some(good.address) == self.address && good.port == self.port).then_some(good)
    }

    /// It answered on another port than the one that was tried.
    pub(super) fn good_on_other_port(&self) -> Option<&'a Good> {
        self.case
            .past
            .last_good
            .as_ref()
            .filter(|good| good.port != self.port)
    }

    /// The name leads elsewhere than when it last answered. A change that it survived
    /// is none: only one after the last good answer counts.
    pub(super) fn moved(&self) -> Option<Said> {
        if matches!(self.case.target.host, Host::Address(_)) {
            return None;
        }
        let past = self.case.past;
        let good = past.last_good.as_ref();
        if let Some((when, from)) = &past.moved_from
            && good.is_none_or(|good| good.at <= *when)
            && let Some(from) = from.first().copied()
        {
            return Some(Said::AddressesChanged { from, when: *when });
        }
        let good = good?;
        let addresses = &self.case.evidence.layers.resolve.addresses;
        (!addresses.is_empty() && !addresses.contains(&good.address)).then_some(
            Said::AnsweredAtAddress {
                address: good.address,
                when: good.at,
            },
        )
    }

    /// The engine took longer and longer shortly before: three times its usual, or its own first.
    pub(super) fn engine_climbed(&self) -> Option<Said> {
        let recent = &self.case.past.recent_engine_ms;
        let (first, last) = (*recent.first()?, *recent.last()?);
        let before = self
            .case
            .past
            .usual_engine_ms
            .map_or(first, |usual| usual.min(first));
        let elapsed = |ms: f64| {
            Duration::try_from_secs_f64(ms / 1e3)
                .ok()
                .map(Elapsed::from)
        };
        (recent.len() >= 2 && last >= 3.0 * before && last >= 20.0).then_some(Said::EngineClimbed {
            from: elapsed(before)?,
            to: elapsed(last)?,
        })
    }
}

/// The attempt that speaks for the name: the best that was heard, families without a way out last.
fn spoken_of<'a>(case: &Case<'a>) -> Option<&'a Attempt> {
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
