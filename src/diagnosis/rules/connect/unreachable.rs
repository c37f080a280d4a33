//! Something says that there is no way: ARP, a router, a rule, or this machine (V15).

use std::time::Duration;

use crate::diagnosis::heard::{self, Heard};
use crate::diagnosis::rules::{Rule, moved};
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{CERTAIN, EVEN, FAINT, FAIR, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};

pub(in crate::diagnosis) const RULES: &[Rule] = &[
    nobody_has_the_address,
    router_finds_no_host,
    rejected,
    no_route,
    who_knows,
];

/// Our own address as the sender: ARP got no answer on this very network. Whether the
/// machine is off or the address is nobody's, no firewall can hide from ARP.
fn nobody_has_the_address(sight: &Sight<'_>, scales: &mut Scales) {
    let (Heard::NoNeighbour, Some(address)) = (sight.heard, sight.address) else {
        return;
    };
    let said = Said::NobodyHasAddress { address };
    scales.raise(CauseId::HostDown, STRONG + FAIR, said);
    scales.raise(CauseId::HostDown, NO_MORE, Said::NoFirewallStopsArp {});
    if moved::is_name(sight) {
        scales.raise(CauseId::StaleName, WEAK, Said::RecordMayBeStale {});
    }
}

/// The last router asked its own network for the host and got no answer.
fn router_finds_no_host(sight: &Sight<'_>, scales: &mut Scales) {
    let (Heard::HostUnreachable { by }, Some(address)) = (sight.heard, sight.address) else {
        return;
    };
    let said = Said::RouterFindsNoHost { by, address };
    if let Some(alive) = sight.alive {
        scales.raise(CauseId::RejectRule, STRONG, said);
        scales.raise(CauseId::RejectRule, FAINT, alive);
        return;
    }
    scales.raise(CauseId::HostDown, STRONG + FAINT, said);
    // Firewalls that reject with host-unreachable exist, and they look the same.
    scales.raise(CauseId::RejectRule, WEAK, said);
    if moved::is_name(sight) {
        scales.raise(CauseId::StaleName, WEAK, Said::RecordMayBeStale {});
    }
}

/// Prohibited: a device says no on purpose, and says who it is.
fn rejected(sight: &Sight<'_>, scales: &mut Scales) {
    if let (Heard::Rejected { by, .. }, Some(endpoint)) = (sight.heard, sight.endpoint()) {
        scales.raise(
            CauseId::RejectRule,
            CERTAIN,
            Said::RejectedBy { by, endpoint },
        );
    }
}

/// No entry in the routing table, here or at the router that says so.
fn no_route(sight: &Sight<'_>, scales: &mut Scales) {
    let (Heard::NoRoute { by }, Some(address)) = (sight.heard, sight.address) else {
        return;
    };
    let said = match by {
        Some(by) => heard::no_way_at(by, address, sight.attempt.and_then(|it| it.icmp.as_ref())),
        None => Said::NoRouteFromHere { address },
    };
    scales.raise(CauseId::NoRoute, CERTAIN, said);
}

/// The platform does not tell who said so. A failed ARP takes three seconds; a router or
/// a rule answers sooner. To a host that answers elsewhere there is a way.
fn who_knows(sight: &Sight<'_>, scales: &mut Scales) {
    let (Heard::NoWay, Some(address)) = (sight.heard, sight.address) else {
        return;
    };
    let said = Said::NoWayTo { address };
    if let Some(alive) = sight.alive {
        scales.raise(CauseId::RejectRule, STRONG, said);
        scales.raise(CauseId::RejectRule, FAINT, alive);
        return;
    }
    let waited = sight
        .attempt
        .map_or(Duration::ZERO, |attempt| attempt.elapsed.duration());
    let late = waited > Duration::from_secs(2);
    for (cause, if_late, if_soon) in [
        (CauseId::HostDown, EVEN, FAIR),
        (CauseId::NoRoute, FAIR, EVEN),
        (CauseId::RejectRule, WEAK, EVEN),
    ] {
        scales.raise(cause, if late { if_late } else { if_soon }, said);
    }
}
