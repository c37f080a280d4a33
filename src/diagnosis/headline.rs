//! What happened, in one sentence; what that proves; and what it rules out.
//!
//! Never more than is known: what a cause still needs is not ruled out, and behind
//! something that completes every handshake an open port proves nothing.

use std::net::{IpAddr, SocketAddr};

use super::distance::{ResetSource, reset_source};
use super::heard::{self, Heard};
use super::sight::{PortFrom, Sight, without_way};
use super::{Cause, CauseId, OwnNetwork, RuledOut, Said, State, standing};
use crate::evidence::{BrowserStatus, PreloginStatus, ResolveStatus, ResponseCode, Service};
use crate::target::Port;

/// The sentence that a tired person reads first.
pub(super) fn headline(sight: &Sight<'_>) -> Option<Said> {
    if let Some(said) = cut_off(sight) {
        return Some(said);
    }
    // It is about what `connect` said: neither Browser's datagrams nor an engine's own
    // answer pass through a handshake.
    let about_connect = !matches!(sight.state, State::NotLocated | State::WrongInstance);
    if let (true, Some(port), Some(address)) = (
        sight.state.is_failing() && about_connect,
        sight.every_port_opens(),
        sight.address,
    ) {
        return Some(Said::EveryPortOpens { address, port });
    }
    match sight.state {
        State::Unresolved => Some(unresolved(sight)),
        State::NotLocated => Some(not_located(sight)),
        State::Unreachable | State::Blocked => no_way(sight),
        State::TimedOut => timed_out(sight),
        State::Refused => refused(sight),
        State::Silent | State::HungUp | State::NotSql | State::WrongInstance => wrong_answer(sight),
        State::Degraded => degraded(sight).first().copied(),
        State::Answering => engine_answers(sight),
        State::Open => Some(Said::PortOpens {
            endpoint: sight.endpoint()?,
        }),
        State::TlsFailed | State::LoginFailed | State::Ready | State::Pending | State::Invalid => {
            None
        }
    }
}

/// This machine's own trouble comes before everything that it made fail.
pub(super) fn cut_off(sight: &Sight<'_>) -> Option<Said> {
    if sight.heard == Heard::PolicyForbids {
        return None;
    }
    let unheard = matches!(
        sight.state,
        State::Unresolved
            | State::NotLocated
            | State::Unreachable
            | State::Blocked
            | State::TimedOut
    );
    match sight.case.surroundings.own_network {
        OwnNetwork::NoRoute if unheard && !sight.is_loopback() => {
            let vantage = &sight.case.surroundings.vantage;
            Some(standing::no_route(vantage, sight.address))
        }
        OwnNetwork::Firewall if unheard && standing::is_walled_in(sight) => {
            Some(Said::FirewallStopsAll {})
        }
        OwnNetwork::NoDns if sight.state == State::Unresolved => Some(Said::NoNameResolvesHere {}),
        _ => None,
    }
}

fn unresolved(sight: &Sight<'_>) -> Said {
    let resolve = &sight.case.evidence.layers.resolve;
    let asked = |code| resolve.asked.iter().find(|asked| asked.code == code);
    let failing = || {
        let servers = resolve.asked.iter();
        let mut failing = servers.filter(|asked| {
            matches!(
                asked.code,
                ResponseCode::ServFail
                    | ResponseCode::Refused
                    | ResponseCode::Cut
                    | ResponseCode::Other
            )
        });
        failing.next()
    };
    match resolve.status {
        ResolveStatus::NotFound if resolve.canonical.is_some() => Said::AliasLeadsNowhere {},
        ResolveStatus::NotFound if asked(ResponseCode::NxDomain).is_some() => {
            Said::NameDoesNotExist {}
        }
        ResolveStatus::NotFound => Said::NameNotFoundHere {},
        ResolveStatus::ServerFailure | ResolveStatus::Refused => {
            failing().map_or(Said::DnsFails {}, |asked| Said::DnsServerFails {
                server: asked.server,
                code: asked.code,
            })
        }
        ResolveStatus::TimedOut => {
            asked(ResponseCode::TimedOut).map_or(Said::DnsSilent {}, |asked| {
                Said::DnsServerSilent {
                    server: asked.server,
                }
            })
        }
        _ => Said::NameHasNoAddress {},
    }
}

fn not_located(sight: &Sight<'_>) -> Said {
    let browser = &sight.case.evidence.layers.browser;
    let listed = u32::try_from(browser.instances.len()).unwrap_or(u32::MAX);
    if let Some(said) = stopped_at_home(sight) {
        return said;
    }
    match (browser.status, browser.asked, browser.icmp) {
        // Silent for the one name, and in a look it spoke of the others.
        (BrowserStatus::Silent, _, _) if let Some(said) = listed_without(sight) => said,
        (BrowserStatus::NotListed, _, _) => Said::InstanceNotInList { listed },
        (BrowserStatus::NoTcp, _, _) => Said::InstanceWithoutTcp {},
        (BrowserStatus::Malformed, _, _) if sight.advertised().is_some() => {
            Said::AdvertisedPortUnreadable {}
        }
        (BrowserStatus::Malformed, _, _) => Said::BrowserReplyUnreadable {},
        (_, Some(asked), Some(icmp)) if icmp.from != asked.ip() => Said::BrowserRejectedBy {
            by: icmp.from,
            browser: asked,
        },
        (BrowserStatus::Refused, Some(browser), _) => Said::BrowserPortClosed { browser },
        (_, Some(browser), _) => match answering_port(sight) {
            Some(port) => Said::BrowserSilentPortAnswers { browser, port },
            None => Said::BrowserSilent { browser },
        },
        (_, None, _) => Said::BrowserUnheard {},
    }
}

fn listed_without(sight: &Sight<'_>) -> Option<Said> {
    sight.browsers().find_map(|browser| match browser.status {
        BrowserStatus::NotListed => Some(Said::InstanceNotInList {
            listed: u32::try_from(browser.instances.len()).unwrap_or(u32::MAX),
        }),
        BrowserStatus::NoTcp => Some(Said::InstanceWithoutTcp {}),
        _ => None,
    })
}

/// The question to Browser did not leave this machine's own network: an ICMP message from
/// one of our own addresses rejects nothing in the server's name.
fn stopped_at_home(sight: &Sight<'_>) -> Option<Said> {
    let asked = &sight.case.evidence.layers.browser;
    let unheard = matches!(asked.status, BrowserStatus::Silent | BrowserStatus::Refused);
    let browser = asked.asked.filter(|_| unheard)?;
    let address = browser.ip();
    let vantage = &sight.case.surroundings.vantage;
    let heard = match asked.icmp {
        Some(icmp) => heard::of_datagram(&icmp, Some(address), vantage),
        None => heard::of_sending(asked.os_error)?,
    };
    match heard {
        Heard::Exhausted => Some(Said::LocalPortsUsedUp {}),
        Heard::ForbiddenHere => Some(Said::BrowserForbiddenHere { browser }),
        Heard::NoNeighbour if sight.alive.is_none() => Some(Said::NobodyHasAddress { address }),
        Heard::NoRoute { by: None } if sight.alive.is_none() => {
            Some(Said::NoRouteFromHere { address })
        }
        _ => None,
    }
}

/// Without Browser the probe goes on to the port where the instance answered last.
fn answering_port(sight: &Sight<'_>) -> Option<Port> {
    let answers = sight.case.evidence.layers.prelogin.status == PreloginStatus::Ok;
    let tried = sight
        .attempt
        .filter(|_| answers && !sight.other_instance())?;
    Port::new(tried.endpoint.port())
}

fn no_way(sight: &Sight<'_>) -> Option<Said> {
    let (address, endpoint) = (sight.address?, sight.endpoint()?);
    Some(match sight.heard {
        Heard::Exhausted => Said::LocalPortsUsedUp {},
        Heard::ForbiddenHere => Said::ForbiddenHere { endpoint },
        Heard::PolicyForbids => Said::PolicyForbids { address },
        Heard::NoNeighbour => Said::NobodyHasAddress { address },
        Heard::HostUnreachable { by } => Said::RouterFindsNoHost { by, address },
        Heard::NoRoute { by: Some(by) } => {
            heard::no_way_at(by, address, sight.attempt.and_then(|it| it.icmp.as_ref()))
        }
        Heard::NoRoute { by: None } => Said::NoRouteFromHere { address },
        Heard::Rejected { by, .. } => Said::RejectedBy { by, endpoint },
        _ => Said::NoWayTo { address },
    })
}

fn timed_out(sight: &Sight<'_>) -> Option<Said> {
    let (address, endpoint, port) = (sight.address?, sight.endpoint()?, sight.port);
    let waited = sight
        .attempt
        .map(|attempt| attempt.elapsed)
        .unwrap_or_default();
    Some(match sight.port_from {
        PortFrom::Browser => Said::AdvertisedPortSilent { address, port },
        _ => Said::NothingCameBack { endpoint, waited },
    })
}

fn refused(sight: &Sight<'_>) -> Option<Said> {
    let (address, port) = (sight.address?, sight.port);
    if let Some(ResetSource::OnTheWay { hop, host, .. }) = reset_source(sight) {
        return Some(Said::RefusedOnTheWay {
            address,
            port,
            hop: hop.into(),
            host: host.into(),
        });
    }
    Some(match (sight.heard, sight.port_from) {
        (Heard::Rejected { by, .. }, _) => Said::RejectedBy {
            by,
            endpoint: sight.endpoint()?,
        },
        (_, PortFrom::Browser) => Said::AdvertisedPortRefused { address, port },
        _ => Said::PortRefused { address, port },
    })
}

fn wrong_answer(sight: &Sight<'_>) -> Option<Said> {
    let endpoint = sight.endpoint()?;
    let prelogin = &sight.case.evidence.layers.prelogin;
    if let Some(number) = sight.server_error() {
        return Some(Said::ErrorInsteadOfAnswer { endpoint, number });
    }
    let began = sight.answer_began();
    Some(match (sight.state, prelogin.status, prelogin.service) {
        (State::WrongInstance, _, _) => Said::OtherInstanceAnswers { endpoint },
        (_, PreloginStatus::Silent, _) if began => Said::AnswerStopped { endpoint },
        (_, PreloginStatus::Closed, _) if began => Said::AnswerClosed { endpoint },
        (_, PreloginStatus::Reset, _) if began => Said::AnswerReset { endpoint },
        (_, PreloginStatus::Silent, _) => Said::EngineSilent { endpoint },
        (_, PreloginStatus::Closed, _) => Said::ClosedInsteadOfAnswer { endpoint },
        (_, PreloginStatus::Reset, _) => Said::ResetInsteadOfAnswer { endpoint },
        (_, PreloginStatus::Malformed, _) => Said::AnswerMakesNoSense { endpoint },
        (_, _, Some(service)) if service != Service::Unknown => {
            Said::OtherServiceAnswers { endpoint, service }
        }
        _ => Said::AnswerIsNotSql { endpoint },
    })
}

fn engine_answers(sight: &Sight<'_>) -> Option<Said> {
    let prelogin = &sight.case.evidence.layers.prelogin;
    let endpoint = prelogin.endpoint.or(sight.endpoint())?;
    Some(match prelogin.version {
        Some(version) => Said::EngineAnswers { endpoint, version },
        None => Said::EngineAnswersUnnamed { endpoint },
    })
}

/// What a client will trip over though the engine answers, the heaviest first.
pub(super) fn degraded(sight: &Sight<'_>) -> Vec<Said> {
    let other = sight.endpoint().filter(|_| sight.other_instance());
    let slow = sight.engine_slow().zip(sight.endpoint());
    [
        sight.no_port_left(),
        sight
            .dead_addresses()
            .map(|(live, total)| Said::SomeAddressesSilent { live, total }),
        sight
            .surplus_addresses()
            .map(|(live, expected)| Said::MoreAddressesAnswer { live, expected }),
        other.map(|endpoint| Said::OtherInstanceAnswers { endpoint }),
        sight.only_dns_has_address(),
        sight.browser_late(),
        slow.map(|(took, endpoint)| Said::EngineSlow { endpoint, took }),
        sight.browser_from_elsewhere(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What the evidence proves.
pub(super) fn proves(sight: &Sight<'_>) -> Vec<Said> {
    if sight.state == State::Pending {
        return Vec::new();
    }
    let layers = &sight.case.evidence.layers;
    let mut proves = Vec::new();
    let addresses = &layers.resolve.addresses;
    // Of several the one that is spoken of.
    let spoken_of = sight.address.filter(|address| addresses.contains(address));
    if let (ResolveStatus::Ok, Some(address)) = (
        layers.resolve.status,
        spoken_of.or_else(|| addresses.first().copied()),
    ) {
        let total = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        proves.push(Said::NameResolves { address, total });
    }
    let browser_spoke = sight.browser_spoke() && layers.browser.status != BrowserStatus::Refused;
    if let (true, Some(browser)) = (
        browser_spoke,
        layers.browser.answered_from.or(layers.browser.asked),
    ) {
        proves.push(Said::BrowserRuns { browser });
    }
    proves.extend(proved_by_state(sight));
    if let (State::TimedOut | State::NotLocated, Some(alive)) = (sight.state, sight.alive) {
        proves.push(alive);
    }
    proves
}

fn proved_by_state(sight: &Sight<'_>) -> Option<Said> {
    let layers = &sight.case.evidence.layers;
    let local = matches!(
        sight.heard,
        Heard::NoRoute { by: None }
            | Heard::ForbiddenHere
            | Heard::Exhausted
            | Heard::PolicyForbids
    );
    let stopped_here = matches!(sight.state, State::Unreachable | State::Blocked) && local;
    if sight.state == State::Unresolved || stopped_here {
        return Some(Said::NothingReachedServer {});
    }
    if sight.every_port_opens().is_some() {
        return None;
    }
    match (sight.state, sight.heard) {
        (State::Answering | State::Degraded, _) if layers.prelogin.version.is_some() => layers
            .prelogin
            .version
            .map(|version| Said::EngineRuns { version }),
        (_, Heard::Open) => {
            let attempt = sight.attempt?;
            Some(Said::HandshakeCompletes {
                endpoint: attempt.endpoint,
                took: attempt.elapsed,
            })
        }
        // The RST was not the host's; what shows the host is the port it was compared with.
        (_, Heard::Reset) if matches!(reset_source(sight), Some(ResetSource::OnTheWay { .. })) => {
            sight.alive
        }
        (_, Heard::Reset) => Some(Said::AddressAnswers {
            address: sight.address?,
        }),
        (_, Heard::Rejected { by, .. }) if Some(by) == sight.address => {
            Some(Said::AddressAnswers { address: by })
        }
        (
            _,
            Heard::Rejected { by, .. }
            | Heard::HostUnreachable { by }
            | Heard::NoRoute { by: Some(by) },
        ) => Some(Said::DeviceAnswered { by }),
        _ => None,
    }
}

/// The address is surely the server's. That a name resolves is not enough: its record may
/// lead to another machine, which then refuses or is silent in the server's place.
fn leads_there(sight: &Sight<'_>) -> bool {
    let literal = sight.case.evidence.layers.resolve.status == ResolveStatus::Literal;
    let good = sight.case.past.last_good.as_ref().map(|good| good.address);
    literal || sight.engine_answered() || (good.is_some() && good == sight.address)
}

/// What each address that was tried did. One over whose family this machine has no way out
/// was not tried.
pub(super) fn heard_each(sight: &Sight<'_>) -> impl Iterator<Item = (SocketAddr, Heard)> {
    let vantage = &sight.case.surroundings.vantage;
    let attempts = &sight.case.evidence.layers.connect.attempts;
    attempts
        .iter()
        .filter(|attempt| !without_way(sight.case, attempt))
        .map(|attempt| (attempt.endpoint, Heard::of(attempt, vantage)))
}

/// Whether it holds for every address that was tried: what one address shows says nothing
/// about the next one, and where this machine has no way to any of them nothing holds.
fn everywhere(sight: &Sight<'_>, fits: impl Fn(IpAddr, Heard) -> bool) -> bool {
    let mut each = heard_each(sight).peekable();
    sight.attempt.is_some()
        && each.peek().is_some()
        && each.all(|(endpoint, heard)| fits(endpoint.ip(), heard))
}

/// Something showed the host to be there, at every address that was tried.
fn host_is_up(sight: &Sight<'_>) -> bool {
    let through = sight.every_port_opens().is_none();
    match sight.attempt {
        None => sight.alive.is_some(),
        Some(_) => everywhere(sight, |address, heard| {
            let alive = sight.alive.is_some() && Some(address) == sight.address;
            alive || through && matches!(heard, Heard::Open | Heard::Reset)
        }),
    }
}

/// What the evidence rules out: nothing that one of the causes still needs.
pub(super) fn rules_out(sight: &Sight<'_>, causes: &[Cause]) -> RuledOut {
    let blamed = |ids: &[CauseId]| causes.iter().any(|cause| ids.contains(&cause.id));
    let resolved = matches!(
        sight.case.evidence.layers.resolve.status,
        ResolveStatus::Ok | ResolveStatus::Literal
    ) && !matches!(sight.state, State::Unresolved | State::Pending);
    let through = sight.every_port_opens().is_none();
    let opened = through && everywhere(sight, |_, heard| heard == Heard::Open);
    let arrives = everywhere(sight, |_, heard| match heard {
        Heard::Open | Heard::Reset => through,
        heard => heard == Heard::NoNeighbour,
    });
    let engine = matches!(sight.state, State::Answering | State::Degraded)
        && sight.dead_addresses().is_none();
    let shows_closed = matches!(sight.closed, Some((_, Heard::Reset)))
        && sight.state == State::TimedOut
        && everywhere(sight, |address, _| Some(address) == sight.address);

    let checks = [
        (
            Said::OutDns {},
            resolved && leads_there(sight) && sight.only_dns_has_address().is_none(),
            &[
                CauseId::StaleName,
                CauseId::ClientAlias,
                CauseId::DnsServerFailing,
            ] as &[CauseId],
        ),
        (
            Said::OutBrowser {},
            sight.port_from == PortFrom::Browser
                && sight.case.evidence.layers.browser.port.is_some(),
            &[
                CauseId::StaleBrowserPort,
                CauseId::BrowserAnswersLate,
                CauseId::BrowserFiltered,
            ],
        ),
        (
            Said::OutRouting {},
            arrives,
            &[
                CauseId::NoRoute,
                CauseId::SiteUnreachable,
                CauseId::StaleArp,
            ],
        ),
        (
            Said::OutDroppingFirewall {},
            arrives,
            &[CauseId::FirewallDrops, CauseId::BrowserFiltered],
        ),
        (
            Said::OutHostDown {},
            host_is_up(sight) && resolved,
            // Behind a proxy, or a device that rejects, the host itself was not heard.
            &[
                CauseId::HostDown,
                CauseId::SiteUnreachable,
                CauseId::ProxyWithoutBackend,
                CauseId::RejectRule,
            ],
        ),
        (
            Said::OutClosedPort {},
            opened && sight.state.is_failing() && sight.state != State::NotLocated,
            &[],
        ),
        (
            Said::OutStopped {},
            engine || shows_closed,
            &[
                CauseId::ServiceNotRunning,
                CauseId::EngineHung,
                CauseId::FirewallDrops,
            ],
        ),
    ];
    checks
        .into_iter()
        .filter(|(_, holds, needs)| *holds && !blamed(needs))
        .map(|(said, _, _)| said)
        .collect()
}
