//! What is worth a line and is no cause: what a client would trip over, what changed,
//! and the way around.

use std::net::SocketAddr;

use super::heard::Heard;
use super::sight::{Sight, without_way};
use super::{Said, State};
use super::{distance, headline};
use crate::evidence::{EncryptionOffer, PreloginStatus, Source};
use crate::target::{Port, Remark};

/// All findings of a case, those about the server first.
pub(super) fn findings(sight: &Sight<'_>) -> Vec<Said> {
    if matches!(sight.state, State::Pending | State::Invalid) {
        return Vec::new();
    }
    let mut said = about_browser(sight);
    if sight.state.is_up() {
        said.extend(about_engine(sight));
    }
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

/// A client that gives the port asks no Browser.
fn way_around(sight: &Sight<'_>) -> Option<Said> {
    let good = sight.case.past.last_good.as_ref()?;
    let lost = sight.state == State::NotLocated
        || (sight.state == State::Refused && good.port != sight.port);
    if !lost || sight.every_port_opens().is_some() {
        return None;
    }
    let endpoint = SocketAddr::new(sight.address.unwrap_or(good.address), good.port.get());
    // Without Browser the probe goes on to the port where it answered last.
    if let (State::NotLocated, Some(tried)) = (sight.state, sight.attempt) {
        let answers = sight.case.evidence.layers.prelogin.status == PreloginStatus::Ok;
        return answers.then_some(Said::WayAroundAnswers {
            endpoint: tried.endpoint,
        });
    }
    match sight
        .other_ports()
        .find(|(port, _): &(Port, Heard)| *port == good.port)
    {
        Some((_, Heard::Open)) => Some(Said::WayAroundOpen {
            endpoint,
            when: good.at,
        }),
        None if sight.state == State::NotLocated => Some(Said::WayAroundKnown {
            endpoint,
            when: good.at,
        }),
        _ => None,
    }
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
