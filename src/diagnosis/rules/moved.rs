//! Names that lead somewhere else than they did, or than DNS says (V2 of the matrix).

use super::Rule;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};
use crate::evidence::{BrowserStatus, HopStatus, ResolveStatus, Source};
use crate::target::Host;

pub(super) const CONNECT: &[Rule] = &[
    address_changed,
    old_place_decides,
    dns_differs,
    overridden_here,
    stale_neighbour,
];
pub(super) const BROWSER: &[Rule] = &[address_changed_under_browser, overridden_here];

/// It worked at one address and fails at another: the record is the first suspect. What
/// is alive there is another machine, where the name led elsewhere while all was well; else
/// it may be the server.
fn address_changed(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(said) = sight.moved() else { return };
    scales.raise(CauseId::StaleName, sight.worth_of_move(&said, STRONG), said);
    if sight.led_elsewhere().is_some() {
        let Some(answers) = sight.alive else { return };
        scales.raise(CauseId::StaleName, WEAK, answers);
        if let (Heard::Silence, Some((port, Heard::Reset)), Some(address)) =
            (sight.heard, sight.closed, sight.address)
        {
            let said = Said::ClosedPortResets { address, port };
            scales.raise(CauseId::StaleName, FAINT, said);
        }
    } else if let Some(answers) = sight.alive
        && !matches!(sight.heard, Heard::Reset)
    {
        scales.lower(CauseId::StaleName, FAINT, answers);
    }
}

/// Whether it still answers where the name led before tells a stale record from a server
/// that moved on purpose.
fn old_place_decides(sight: &Sight<'_>, scales: &mut Scales) {
    match sight.old_place() {
        Some((endpoint, Heard::Open)) => {
            let opens = Said::OldPlaceOpens { endpoint };
            scales.raise(CauseId::StaleName, STRONG, opens);
        }
        Some((endpoint, Heard::Reset | Heard::Silence)) => {
            let gone = Said::OldPlaceGone { endpoint };
            scales.lower(CauseId::StaleName, FAIR, gone);
        }
        _ => {}
    }
}

/// A Browser that does not know the instance, at a new address, is another machine's.
fn address_changed_under_browser(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(said) = sight.moved() else { return };
    let browser = sight.case.evidence.layers.browser.status;
    let points = if browser == BrowserStatus::NotListed {
        LIKELY
    } else {
        FAIR
    };
    scales.raise(CauseId::StaleName, sight.worth_of_move(&said, points), said);
}

/// The system uses another address than DNS gives: a cache, a second zone, a stale record.
fn dns_differs(sight: &Sight<'_>, scales: &mut Scales) {
    let resolve = &sight.case.evidence.layers.resolve;
    let Some(address) = resolve.dns_differs.first().copied() else {
        return;
    };
    let said = Said::DnsSaysOther { address };
    match resolve.source {
        Some(Source::HostsFile | Source::ClientAlias) => {
            scales.raise(CauseId::ClientAlias, STRONG, said);
        }
        _ => scales.raise(CauseId::StaleName, LIKELY + FAINT, said),
    }
}

/// An entry on this machine answers in place of DNS, for this machine alone. It is the
/// first suspect only where it is known to differ.
fn overridden_here(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.is_loopback() {
        return;
    }
    match sight.case.evidence.layers.resolve.source {
        Some(Source::HostsFile) => scales.raise(CauseId::ClientAlias, WEAK, Said::FromHostsFile {}),
        Some(Source::ClientAlias) => {
            scales.raise(CauseId::ClientAlias, FAIR, Said::FromClientAlias {});
        }
        _ => {}
    }
}

/// After a failover the address lives on another machine, and a router that keeps the
/// old neighbour sends into the void: dead from afar, alive in its own subnet.
fn stale_neighbour(sight: &Sight<'_>, scales: &mut Scales) {
    let from_afar = matches!(sight.heard, Heard::Silence | Heard::HostUnreachable { .. });
    let answering = sight.case.surroundings.subnet.answering;
    let good = sight
        .case
        .past
        .last_good
        .as_ref()
        .filter(|good| Some(good.address) == sight.address);
    let (Some(good), true) = (good, from_afar && answering > 0 && sight.alive.is_none()) else {
        return;
    };
    scales.raise(CauseId::StaleArp, WEAK, Said::SubnetAnswers { answering });
    scales.raise(
        CauseId::StaleArp,
        NO_MORE,
        Said::AnsweredHere { when: good.at },
    );
    if !super::cluster::moves_addresses(sight) {
        return;
    }
    scales.raise(
        CauseId::StaleArp,
        WEAK + FAINT / 2,
        Said::ClusterMovesAddress {},
    );
    if sight.all_silent().is_some()
        && let Some(said) = forwarded_into_silence(sight)
    {
        scales.raise(CauseId::StaleArp, FAIR + FAINT, said);
    }
}

/// A router that has no neighbour for an address says so; one that passes the packet on
/// without a word believes that it has one.
fn forwarded_into_silence(sight: &Sight<'_>) -> Option<Said> {
    let (last, before) = sight.walk()?.split_last()?;
    let router = before
        .iter()
        .rev()
        .find(|hop| hop.status == HopStatus::TtlExceeded)?;
    let silent = last.status == HopStatus::Silent;
    silent.then_some(Said::PathEndsAfter {
        hop: router.from?,
        ttl: u32::from(router.ttl),
    })
}

/// Whether the name could lead to the wrong machine at all.
pub(super) fn is_name(sight: &Sight<'_>) -> bool {
    matches!(sight.case.target.host, Host::Name(_))
        && sight.case.evidence.layers.resolve.status != ResolveStatus::Literal
}
