//! What one failing instance brings to an incident: where it stands, when it fell, and what
//! came back from whom.
//!
//! It is read through the same [`Sight`] as the instance's own diagnosis, so that the two
//! cannot contradict each other.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::diagnosis::distance::{ResetSource, reset_source};
use crate::diagnosis::headline::cut_off;
use crate::diagnosis::heard::{Heard, of_datagram, of_sending};
use crate::diagnosis::rules::unheard;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::{Case, CauseId, Said, State};
use crate::evidence::{BrowserStatus, HopStatus, ResolveStatus, ResponseCode};
use crate::target::{Host, Port};

/// What is known of one failing instance.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The caller's own number for it.
    pub id: u32,
    /// The host as the user wrote it.
    pub host: &'a Host,
    /// The smallest of its addresses, so that two names of one machine meet.
    pub machine: Option<IpAddr>,
    /// The port that was tried; `None` where nobody knows which it is.
    pub port: Option<Port>,
    /// Its state.
    pub state: State,
    /// When it fell.
    pub fell: Fell,
    /// Up and down within the last minutes: the moment of its last fall says nothing.
    pub flapping: bool,
    /// What came back, and from whom.
    pub outcome: Outcome,
    /// The causes that share the first place in its own diagnosis.
    pub leading: &'a [CauseId],
}

/// When an instance fell: never to the second, always between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fell {
    /// The last look that saw it well. `None`: nobody looked shortly before, so it may have
    /// begun long ago.
    pub last_good: Option<Timestamp>,
    /// The first look that saw it failing.
    pub first_bad: Timestamp,
}

/// What came back, and from whom: the part of a failure that several instances can share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This machine itself is in the way.
    Ourselves(Ourselves),
    /// The name led nowhere.
    Unnamed {
        /// Who was asked, where that is known.
        server: Option<SocketAddr>,
        /// What it answered.
        code: ResponseCode,
    },
    /// A device that is not the host answered in its place.
    Device {
        /// The sender of the ICMP message.
        by: IpAddr,
        /// What it says.
        says: DeviceSays,
    },
    /// A device on the way sent the RST; which one is not known for sure.
    ResetOnTheWay,
    /// Something on the way completes every handshake, so that nothing is known of the host.
    Proxied,
    /// Nothing came back, and nothing else shows that the host is there.
    Nothing {
        /// A surely closed port and a telling one were tried too, and were silent.
        every_port: bool,
        /// The last device that answered: the end of the walk, or the router that reported.
        last_hop: Option<IpAddr>,
    },
    /// The address answers, or shows life, and no port leads to an engine.
    NoPort(Option<Life>),
    /// The port opens, and what answers is not what was wanted.
    Answer,
}

/// What it is about this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ourselves {
    /// It has no address or no route at all.
    CutOff,
    /// No name resolves on it.
    NoDns,
    /// Its own policy forbids the connections.
    Forbids,
    /// It has no local port, descriptor or buffer left.
    Exhausted,
    /// It has no route there.
    NoRoute,
    /// No host that is watched answers it.
    HearsNothing,
}

/// What a device says in place of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceSays {
    /// It rejects.
    Rejects,
    /// It has no route.
    NoRoute,
}

/// What shows that the host is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Life {
    /// A surely closed port answers with RST: the host hides nothing, so silence is a rule.
    ClosedPort,
    /// Another port opens or refuses.
    OtherPort,
    /// Browser's port answers.
    Browser,
    /// Another instance of the host answers, or is refused.
    OtherInstance,
}

/// The failure of one instance, as far as others can share it. Plain data, so that whoever
/// watches reads each row once and groups often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// As in [`Member::machine`].
    pub machine: Option<IpAddr>,
    /// As in [`Member::port`].
    pub port: Option<Port>,
    /// As in [`Member::state`].
    pub state: State,
    /// As in [`Member::flapping`].
    pub flapping: bool,
    /// As in [`Member::outcome`].
    pub outcome: Outcome,
}

impl Failure {
    /// Reads a failing instance. `None`: it does not fail, or nothing in its failure can be
    /// shared.
    pub fn of(case: &Case<'_>) -> Option<Self> {
        let sight = Sight::of(case);
        let outcome = outcome(&sight)?;
        let known = &case.evidence.layers.resolve.addresses;
        let literal = match &case.target.host {
            Host::Address(address) => Some(*address),
            Host::Name(_) | Host::Local => None,
        };
        let found = !matches!(sight.state, State::Unresolved | State::NotLocated);
        Some(Self {
            machine: known.iter().min().copied().or(literal),
            port: found.then_some(sight.port),
            state: sight.state,
            flapping: case.past.flapping,
            outcome,
        })
    }
}

impl<'a> Member<'a> {
    /// What an instance that fails so brings to an incident.
    pub fn new(
        id: u32,
        host: &'a Host,
        failure: Failure,
        leading: &'a [CauseId],
        fell: Fell,
    ) -> Self {
        Self {
            id,
            host,
            machine: failure.machine,
            port: failure.port,
            state: failure.state,
            fell,
            flapping: failure.flapping,
            outcome: failure.outcome,
            leading,
        }
    }

    /// Reads a failing instance. `None`: it does not fail, or nothing in its failure can be
    /// shared.
    pub fn of(id: u32, case: &Case<'a>, leading: &'a [CauseId], fell: Fell) -> Option<Self> {
        let failure = Failure::of(case)?;
        Some(Self::new(id, &case.target.host, failure, leading, fell))
    }
}

impl Fell {
    /// From when on it may have been failing. Where nobody looked before, only the first
    /// bad look counts: an interval without a beginning would touch every other one.
    pub(super) fn earliest(self) -> Timestamp {
        self.last_good
            .map_or(self.first_bad, |good| good.min(self.first_bad))
    }
}

fn outcome(sight: &Sight<'_>) -> Option<Outcome> {
    // What a policy forbids did not break, and shares nothing with what did.
    if !sight.state.is_failing() || sight.heard == Heard::PolicyForbids {
        return None;
    }
    match cut_off(sight) {
        Some(Said::NoNameResolvesHere {}) => return Some(Outcome::Ourselves(Ourselves::NoDns)),
        Some(_) => return Some(Outcome::Ourselves(Ourselves::CutOff)),
        None => {}
    }
    Some(match sight.state {
        State::Unresolved => unnamed(sight)?,
        State::NotLocated => not_located(sight),
        _ if sight.every_port_opens().is_some() => Outcome::Proxied,
        State::Blocked if sight.heard == Heard::Exhausted => {
            Outcome::Ourselves(Ourselves::Exhausted)
        }
        State::Blocked => Outcome::Ourselves(Ourselves::Forbids),
        State::Unreachable | State::TimedOut | State::Refused => no_connection(sight),
        _ => Outcome::Answer,
    })
}

/// The server that the headline names, and what it answered.
fn unnamed(sight: &Sight<'_>) -> Option<Outcome> {
    let resolve = &sight.case.evidence.layers.resolve;
    let says = |wanted: &[ResponseCode]| {
        let mut asked = resolve.asked.iter();
        asked.find(|asked| wanted.contains(&asked.code))
    };
    let (wanted, otherwise): (&[ResponseCode], _) = match resolve.status {
        ResolveStatus::NotFound => (&[ResponseCode::NxDomain], None),
        ResolveStatus::NoAddress => (&[ResponseCode::Empty], None),
        ResolveStatus::ServerFailure => (&FAILURES, Some(ResponseCode::ServFail)),
        ResolveStatus::Refused => (&FAILURES, Some(ResponseCode::Refused)),
        ResolveStatus::TimedOut => (&[ResponseCode::TimedOut], Some(ResponseCode::TimedOut)),
        ResolveStatus::Skipped | ResolveStatus::Ok | ResolveStatus::Literal => return None,
    };
    let asked = says(wanted);
    let code = asked.map(|asked| asked.code).or(otherwise)?;
    Some(Outcome::Unnamed {
        server: asked.map(|asked| asked.server),
        code,
    })
}

/// The answers of a DNS server in trouble.
const FAILURES: [ResponseCode; 4] = [
    ResponseCode::ServFail,
    ResponseCode::Refused,
    ResponseCode::Cut,
    ResponseCode::Other,
];

fn not_located(sight: &Sight<'_>) -> Outcome {
    let browser = &sight.case.evidence.layers.browser;
    let asked = browser.asked.map(|asked| asked.ip());
    let vantage = &sight.case.surroundings.vantage;
    let told = match browser.icmp {
        Some(icmp) => Some(of_datagram(&icmp, asked, vantage)),
        None => of_sending(browser.os_error),
    };
    match told {
        Some(Heard::Exhausted) => Outcome::Ourselves(Ourselves::Exhausted),
        Some(Heard::Rejected { by, .. }) if Some(by) != asked => Outcome::Device {
            by,
            says: DeviceSays::Rejects,
        },
        Some(Heard::NoRoute { by: Some(by) }) => Outcome::Device {
            by,
            says: DeviceSays::NoRoute,
        },
        Some(Heard::ForbiddenHere) => Outcome::Ourselves(Ourselves::Forbids),
        Some(Heard::NoRoute { by: None }) => Outcome::Ourselves(Ourselves::NoRoute),
        // What a Browser that answers says is about one instance, not about its neighbours.
        _ if browser.status != BrowserStatus::Silent
            && browser.status != BrowserStatus::Refused =>
        {
            Outcome::Answer
        }
        _ => heard_or_not(sight),
    }
}

fn no_connection(sight: &Sight<'_>) -> Outcome {
    match sight.heard {
        Heard::NoRoute { by: None } => Outcome::Ourselves(Ourselves::NoRoute),
        Heard::NoRoute { by: Some(by) } => Outcome::Device {
            by,
            says: DeviceSays::NoRoute,
        },
        Heard::Rejected { by, .. } if Some(by) != sight.address => Outcome::Device {
            by,
            says: DeviceSays::Rejects,
        },
        Heard::Reset if matches!(reset_source(sight), Some(ResetSource::OnTheWay { .. })) => {
            Outcome::ResetOnTheWay
        }
        _ => heard_or_not(sight),
    }
}

fn heard_or_not(sight: &Sight<'_>) -> Outcome {
    if unheard(sight) {
        Outcome::Nothing {
            every_port: sight.all_silent().is_some(),
            last_hop: last_hop(sight),
        }
    } else {
        Outcome::NoPort(life(sight))
    }
}

/// The last router that answered the walk, or the one that reported the host missing.
fn last_hop(sight: &Sight<'_>) -> Option<IpAddr> {
    if let Heard::HostUnreachable { by } = sight.heard {
        return Some(by);
    }
    let router = |status| matches!(status, HopStatus::TtlExceeded | HopStatus::Unreachable);
    let walk = sight.walk()?;
    let last = walk.iter().rev().find(|hop| router(hop.status))?;
    last.from.filter(|from| Some(*from) != sight.address)
}

/// The strongest sign: a closed port that answers says that the host hides none.
fn life(sight: &Sight<'_>) -> Option<Life> {
    if matches!(sight.closed, Some((_, Heard::Reset))) {
        return Some(Life::ClosedPort);
    }
    match sight.alive? {
        Said::OtherPortOpens { .. } | Said::OtherPortRefuses { .. } => Some(Life::OtherPort),
        Said::BrowserPortAnswers { .. } | Said::BrowserAnswersThere { .. } => Some(Life::Browser),
        Said::HostAnswersOthers { .. } => Some(Life::OtherInstance),
        _ => None,
    }
}
