//! Which sentence is said about an incident: the strongest that its evidence carries.

use serde::{Deserialize, Serialize};

use super::{Code, DeviceSays, Facts, Life, Member, Ourselves, Outcome, Shared};
use crate::diagnosis::State;

macro_rules! verdicts {
    ($($(#[$doc:meta])* $name:ident = $key:literal,)*) => {
        /// The sentence about an incident, by the key of its words in
        /// `assets/messages/incidents.toml`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Verdict {
            $($(#[$doc])* #[serde(rename = $key)] $name,)*
        }

        impl Verdict {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The key of its words.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }
        }
    };
}

verdicts! {
    /// This machine has no network.
    CutOff = "cut-off",
    /// No name resolves here.
    NoDns = "no-dns",
    /// This machine's policy forbids the connections.
    ForbiddenHere = "forbidden-here",
    /// This machine has nothing left to connect with.
    ExhaustedHere = "exhausted-here",
    /// This machine has no route there.
    NoRouteHere = "no-route-here",
    /// No host that is watched answers this machine.
    HearsNothing = "hears-nothing",
    /// A DNS server does not answer.
    DnsSilent = "dns-silent",
    /// No DNS server answers; which were asked is not known.
    DnsSilentUnnamed = "dns-silent-unnamed",
    /// A DNS server answers with failures.
    DnsFailing = "dns-failing",
    /// DNS fails; which server is not known.
    DnsFailingUnnamed = "dns-failing-unnamed",
    /// A DNS server knows none of the names.
    NoSuchNames = "no-such-names",
    /// A DNS server has no address for the names.
    NoAddresses = "no-addresses",
    /// A device rejects.
    DeviceRejects = "device-rejects",
    /// A router has no route.
    DeviceHasNoRoute = "device-has-no-route",
    /// The walks end at one device.
    BehindHop = "behind-hop",
    /// Silent on every port, while other networks answer.
    SubnetSilent = "subnet-silent",
    /// Silent on every port, and nothing else answers that would clear the way.
    SubnetOrWaySilent = "subnet-or-way-silent",
    /// Nothing came back, and no other port was tried.
    SubnetQuiet = "subnet-quiet",
    /// One port is silent on hosts of which one answers for closed ports: a rule.
    PortRule = "port-rule",
    /// One port is silent on hosts that are there.
    PortSilent = "port-silent",
    /// One port is refused by hosts that are there.
    PortRefused = "port-refused",
    /// Browser gives no port on hosts that are there.
    BrowserGone = "browser-gone",
    /// Refused by a host that shows life.
    HostRefuses = "host-refuses",
    /// Refused, and nothing else is known of the host.
    AddressRefuses = "address-refuses",
    /// Silent, though the host answers for closed ports: a rule.
    HostRule = "host-rule",
    /// No port leads to an engine, though the host shows life.
    HostHides = "host-hides",
    /// The host is silent on every port, and its neighbours answer.
    HostSilentAlone = "host-silent-alone",
    /// The host is silent on every port.
    HostSilent = "host-silent",
    /// Nothing came back from the host, and no other port was tried.
    HostQuiet = "host-quiet",
    /// A device on the way resets in the host's place.
    HostResetOnTheWay = "host-reset-on-the-way",
    /// Something on the way completes every handshake.
    HostProxied = "host-proxied",
    /// The ports open and the engines do not answer.
    EnginesSilent = "engines-silent",
    /// The ports open and hang up.
    EnginesHangUp = "engines-hang-up",
    /// They share the host and the moment, and nothing more is known.
    HostTogether = "host-together",
}

pub(super) fn verdict(shared: &Shared, crowd: &[&Member<'_>], facts: &Facts) -> Verdict {
    match shared {
        Shared::ThisMachine(what) => ourselves(*what),
        Shared::DnsServer { server, code } => match (code, server) {
            (Code::Silent, Some(_)) => Verdict::DnsSilent,
            (Code::Silent, None) => Verdict::DnsSilentUnnamed,
            (Code::Failing, Some(_)) => Verdict::DnsFailing,
            (Code::Failing, None) => Verdict::DnsFailingUnnamed,
            (Code::NoSuchName, _) => Verdict::NoSuchNames,
            (Code::NoAddress, _) => Verdict::NoAddresses,
        },
        Shared::Device { says, .. } => match says {
            DeviceSays::Rejects => Verdict::DeviceRejects,
            DeviceSays::NoRoute => Verdict::DeviceHasNoRoute,
        },
        Shared::Hop(_) => Verdict::BehindHop,
        Shared::Subnet(_) => subnet(facts),
        Shared::Port(_) => port(facts),
        Shared::Browser => Verdict::BrowserGone,
        Shared::Host(_) => host(crowd, facts),
    }
}

fn ourselves(what: Ourselves) -> Verdict {
    match what {
        Ourselves::CutOff => Verdict::CutOff,
        Ourselves::NoDns => Verdict::NoDns,
        Ourselves::Forbids => Verdict::ForbiddenHere,
        Ourselves::Exhausted => Verdict::ExhaustedHere,
        Ourselves::NoRoute => Verdict::NoRouteHere,
        Ourselves::HearsNothing => Verdict::HearsNothing,
    }
}

/// Two silent hosts may be a coincidence, and one port is not every port.
fn subnet(facts: &Facts) -> Verdict {
    match (facts.every_port, facts.elsewhere.answering) {
        (0, _) => Verdict::SubnetQuiet,
        (_, 1..) if facts.hosts > 2 => Verdict::SubnetSilent,
        _ => Verdict::SubnetOrWaySilent,
    }
}

fn port(facts: &Facts) -> Verdict {
    if is_all(facts, State::Refused) {
        Verdict::PortRefused
    } else if facts.life.contains_key(&Life::ClosedPort) {
        Verdict::PortRule
    } else {
        Verdict::PortSilent
    }
}

fn host(crowd: &[&Member<'_>], facts: &Facts) -> Verdict {
    let Some(first) = crowd.first() else {
        return Verdict::HostTogether;
    };
    let closed_answers = facts.life.contains_key(&Life::ClosedPort);
    match first.outcome {
        Outcome::Nothing { .. } if facts.every_port == 0 => Verdict::HostQuiet,
        Outcome::Nothing { .. } if facts.subnet.answering > 0 => Verdict::HostSilentAlone,
        Outcome::Nothing { .. } => Verdict::HostSilent,
        Outcome::NoPort(_) if is_all(facts, State::Refused) && facts.life.is_empty() => {
            Verdict::AddressRefuses
        }
        Outcome::NoPort(_) if is_all(facts, State::Refused) => Verdict::HostRefuses,
        Outcome::NoPort(_) if is_all(facts, State::TimedOut) && closed_answers => Verdict::HostRule,
        Outcome::NoPort(_) if !facts.life.is_empty() => Verdict::HostHides,
        Outcome::ResetOnTheWay => Verdict::HostResetOnTheWay,
        Outcome::Proxied => Verdict::HostProxied,
        Outcome::Answer if is_all(facts, State::Silent) => Verdict::EnginesSilent,
        Outcome::Answer if is_all(facts, State::HungUp) => Verdict::EnginesHangUp,
        _ => Verdict::HostTogether,
    }
}

fn is_all(facts: &Facts, state: State) -> bool {
    matches!(facts.states[..], [(only, _)] if only == state)
}
