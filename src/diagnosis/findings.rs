//! What is worth a line and is no cause: what a client would trip over, what changed,
//! and the way around.

use super::heard::Heard;
use super::sight::{Sight, without_way};
use super::{Said, State};
use super::{distance, headline};
use crate::evidence::{
    Asked, ConnectStatus, EncryptionOffer, PreloginStatus, ResolveStatus, ResponseCode, Source,
};
use crate::target::{Kind, Port, Remark};

/// All findings of a case, those about the server first.
pub(super) fn findings(sight: &Sight<'_>) -> Vec<Said> {
    if matches!(sight.state, State::Pending | State::Invalid) {
        return Vec::new();
    }
    let mut said = about_browser(sight);
    // Where the engine answers it is one of what clients trip over.
    if sight.state != State::Degraded {
        said.extend(sight.no_port_left());
    }
    if sight.state.is_up() {
        said.extend(about_engine(sight));
    }
    said.extend(silent_dns(sight));
    said.extend(about_addresses(sight));
    said.extend(about_forbidden(sight));
    said.extend(about_the_way(sight));
    said.extend(way_around(sight));
    said.extend(distance::findings(sight));
    let without_way = |attempt: &&crate::evidence::Attempt| without_way(sight.case, attempt);
    if let Some(attempt) = sight
        .case
        .evidence
        .layers
        .connect
        .attempts
        .iter()
        .find(without_way)
    {
        said.push(Said::FamilyWithoutWay {
            address: attempt.endpoint.ip(),
        });
    }
    said.extend(sight.case.target.remarks.iter().filter_map(remark));
    said
}

fn about_browser(sight: &Sight<'_>) -> Vec<Said> {
    let browser = &sight.case.evidence.layers.browser;
    let mut said = if sight.state == State::Degraded {
        headline::degraded(sight)
    } else {
        sight
            .browser_late()
            .into_iter()
            .chain(sight.browser_from_elsewhere())
            .collect()
    };
    if browser.port.is_some() && !browser.flaws.is_empty() {
        said.push(Said::BrowserReplyFlawed {});
    }
    if sight.state == State::NotLocated && sight.attempt.is_none() {
        said.push(Said::EngineNotTested {});
    }
    said
}

/// Which addresses of a name nobody looked at, since the policy of this machine forbids it.
fn about_forbidden(sight: &Sight<'_>) -> Vec<Said> {
    const NAMED: usize = 4;
    let forbidden = &sight.case.evidence.layers.connect.forbidden;
    // Where it is all of them, the headline says so.
    let skipped = usize::from(sight.heard == Heard::PolicyForbids);
    let mut rest = forbidden.iter().skip(skipped);
    let named = rest.by_ref().take(NAMED);
    let mut said: Vec<_> = named
        .map(|address| Said::AddressForbidden { address: *address })
        .collect();
    let count = u32::try_from(rest.count()).unwrap_or(u32::MAX);
    said.extend((count > 0).then_some(Said::MoreAddressesForbidden { count }));
    said
}

/// DNS servers that said nothing while the name was found all the same: a client that asks
/// them first waits.
fn silent_dns<'a>(sight: &Sight<'a>) -> impl Iterator<Item = Said> + use<'a> {
    let resolve = &sight.case.evidence.layers.resolve;
    let asked = resolve.asked.as_slice();
    let is_silent = |asked: &Asked| asked.code == ResponseCode::TimedOut;
    let found = resolve.status == ResolveStatus::Ok;
    let mut servers: Vec<_> = asked
        .iter()
        .filter(|asked| found && is_silent(asked))
        .collect();
    servers.dedup_by_key(|asked| asked.server);
    servers.into_iter().map(|asked| Said::DnsServerSilent {
        server: asked.server,
    })
}

/// Which addresses of a name do not open, where more of them should: the headline speaks of
/// one only. So many are named, and the others counted.
fn about_addresses(sight: &Sight<'_>) -> Vec<Said> {
    const NAMED: usize = 4;
    if sight.case.evidence.layers.connect.attempts.len() < 2 {
        return Vec::new();
    }
    let heard: Vec<_> = headline::heard_each(sight).collect();
    if heard.len() < 2 || !(sight.state.is_failing() || sight.dead_addresses().is_some()) {
        return Vec::new();
    }
    let mut said: Vec<_> = none_opens(sight).into_iter().collect();
    let mut dead = heard.into_iter().filter_map(|(endpoint, heard)| {
        Some(match heard.status() {
            ConnectStatus::Open | ConnectStatus::Skipped => return None,
            ConnectStatus::TimedOut => Said::AddressTimedOut { endpoint },
            ConnectStatus::Refused => Said::AddressRefused { endpoint },
            ConnectStatus::Unreachable => Said::AddressUnreachable { endpoint },
            ConnectStatus::Blocked | ConnectStatus::Exhausted => Said::AddressNotAsked { endpoint },
        })
    });
    said.extend(dead.by_ref().take(NAMED));
    let count = u32::try_from(dead.count()).unwrap_or(u32::MAX);
    said.extend((count > 0).then_some(Said::MoreAddressesDead { count }));
    said
}

/// A cluster's name has addresses that are down by design, so that none of them opens must
/// be said: it is what a healthy one never shows.
fn none_opens(sight: &Sight<'_>) -> Option<Said> {
    let declared = sight.case.declared;
    let clustered = matches!(declared.kind, Some(Kind::AgListener | Kind::Fci));
    let expected = match declared.expected_live {
        Some(expected) => u32::from(expected),
        None if clustered => 1,
        None => return None,
    };
    match sight.dead_addresses()? {
        (0, total) => Some(Said::NoAddressOpens { total, expected }),
        _ => None,
    }
}

fn about_engine(sight: &Sight<'_>) -> impl Iterator<Item = Said> {
    let layers = &sight.case.evidence.layers;
    let encryption = (layers.prelogin.encryption == Some(EncryptionOffer::NotSupported))
        .then_some(Said::NoEncryptionOffered {});
    let before = sight
        .case
        .past
        .last_good
        .as_ref()
        .and_then(|good| good.version);
    let build = before
        .zip(layers.prelogin.version)
        .filter(|(from, to)| from != to)
        .map(|(from, to)| Said::BuildChanged { from, to });
    let source = match layers.resolve.source {
        _ if sight.is_loopback() => None,
        Some(Source::HostsFile) => Some(Said::FromHostsFile {}),
        Some(Source::ClientAlias) => Some(Said::FromClientAlias {}),
        _ => None,
    };
    let differs = layers
        .resolve
        .dns_differs
        .first()
        .map(|address| Said::DnsSaysOther { address: *address });
    [encryption, build, version_differs(sight), source, differs]
        .into_iter()
        .flatten()
}

/// Browser's version is the base level, so only another product is a difference: a record
/// that stayed behind, or another instance on the port.
fn version_differs(sight: &Sight<'_>) -> Option<Said> {
    let version = sight.case.evidence.layers.prelogin.version?;
    let listed: u8 = sight
        .advertised()?
        .version
        .raw()
        .split('.')
        .next()?
        .trim()
        .parse()
        .ok()?;
    (listed != version.major).then_some(Said::BrowserVersionDiffers { version })
}

/// A client that gives the port asks no Browser, and one that gives the right one gets through.
fn way_around(sight: &Sight<'_>) -> Option<Said> {
    if !sight.state.is_failing() || sight.every_port_opens().is_some() {
        return None;
    }
    listed_way_around(sight).or_else(|| remembered_way_around(sight))
}

/// Where Browser lists it now, or it answered since, unless that port was looked at and is none.
fn listed_way_around(sight: &Sight<'_>) -> Option<Said> {
    match sight.listed_elsewhere()? {
        (port, None | Some(Heard::Open)) if !sight.is_listed_elsewhere() => {
            Some(Said::WayAroundAnswers { port })
        }
        (port, Some(Heard::Open)) => Some(Said::WayAroundListedOpen { port }),
        (port, None) => Some(Said::WayAroundListed { port }),
        _ => None,
    }
}

/// Where it answered before, if it is not what failed now.
fn remembered_way_around(sight: &Sight<'_>) -> Option<Said> {
    let good = sight.case.past.last_good.as_ref()?;
    let lost = match sight.state {
        State::NotLocated => true,
        State::Refused | State::TimedOut => good.port != sight.port,
        _ => false,
    };
    if !lost {
        return None;
    }
    let (port, when) = (good.port, good.at);
    // Without Browser the probe goes on to the port where it answered last.
    if let (State::NotLocated, Some(tried)) = (sight.state, sight.attempt) {
        let answers = sight.case.evidence.layers.prelogin.status == PreloginStatus::Ok;
        let port = Port::new(tried.endpoint.port()).filter(|_| answers)?;
        return Some(Said::WayAroundAnswers { port });
    }
    match sight
        .other_ports()
        .find(|(port, _): &(Port, Heard)| *port == good.port)
    {
        Some((_, Heard::Open)) => Some(Said::WayAroundOpen { port, when }),
        None if sight.state == State::NotLocated => Some(Said::WayAroundKnown { port, when }),
        _ => None,
    }
}

/// The way there, the port and the way in: about an engine that is reached.
fn about_the_way(sight: &Sight<'_>) -> impl Iterator<Item = Said> {
    let slow = sight
        .way_climbed()
        .map(|(from, to)| Said::WayIsSlow { from, to });
    let changed = sight.port_changed().filter(|_| sight.state.is_up());
    [slow, changed, sight.dac()].into_iter().flatten()
}

fn remark(remark: &Remark) -> Option<Said> {
    Some(match remark {
        Remark::PortWins { port, .. } => Said::RemarkPortWins { port: *port },
        Remark::DefaultInstanceNamed => Said::RemarkDefaultNamed {},
        Remark::UpperCasePrefix => Said::RemarkUpperCasePrefix {},
        Remark::ColonPort => Said::RemarkColonPort {},
        Remark::BlankAfterEquals => Said::RemarkBlankAfterEquals {},
        Remark::DacPort => Said::RemarkDacPort {},
        // Only a name that is not found makes this one likely.
        Remark::MaybeLostBackslash => return None,
    })
}
