//! The layer `connect`: refusals, silence, and the ways that there are none.

pub(super) mod listed;
pub(super) mod refused;
pub(super) mod reset;
pub(super) mod silence;
pub(super) mod unreachable;

use super::Rule;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{CERTAIN, FAIR, Scales};
use crate::diagnosis::{CauseId, Said};

pub(super) const BLOCKED: &[Rule] = &[forbidden_here, forbidden_by_route, used_up, policy_forbids];
pub(super) const PROXY: &[Rule] = &[every_port_opens];

/// EACCES or EPERM at once, or a rejection from our own address: the packet never left.
fn forbidden_here(sight: &Sight<'_>, scales: &mut Scales) {
    if let (Heard::ForbiddenHere, Some(endpoint)) = (sight.heard, sight.endpoint()) {
        scales.raise(
            CauseId::LocalFirewall,
            CERTAIN,
            Said::ForbiddenHere { endpoint },
        );
    }
}

/// `ip route add prohibit` gives EACCES and `blackhole` gives EINVAL, both at once.
fn forbidden_by_route(sight: &Sight<'_>, scales: &mut Scales) {
    let error = sight
        .attempt
        .filter(|attempt| attempt.icmp.is_none())
        .and_then(|attempt| attempt.os_error);
    match (sight.heard, error) {
        (Heard::ForbiddenHere, Some(22)) => {
            scales.raise(CauseId::NoRoute, CERTAIN + FAIR, Said::OwnRouteMayForbid {});
        }
        (Heard::ForbiddenHere, Some(13)) => {
            scales.raise(CauseId::NoRoute, FAIR, Said::OwnRouteMayForbid {});
        }
        _ => {}
    }
}

/// No local port, descriptor or buffer: every connection from here fails alike.
fn used_up(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.heard == Heard::Exhausted {
        scales.raise(
            CauseId::LocalPortsExhausted,
            CERTAIN,
            Said::LocalPortsUsedUp {},
        );
    }
}

/// The gate of this very program: no system and no server was asked.
fn policy_forbids(sight: &Sight<'_>, scales: &mut Scales) {
    if let (Heard::PolicyForbids, Some(address)) = (sight.heard, sight.address) {
        scales.raise(
            CauseId::PolicyForbids,
            CERTAIN,
            Said::PolicyForbids { address },
        );
    }
}

/// A port that surely nobody uses opens: a transparent proxy or a zero-trust agent
/// completes every handshake, and what `connect` says is about the proxy.
fn every_port_opens(sight: &Sight<'_>, scales: &mut Scales) {
    if let (Some(port), Some(address)) = (sight.every_port_opens(), sight.address) {
        scales.raise(
            CauseId::PathProxy,
            2 * CERTAIN,
            Said::EveryPortOpens { address, port },
        );
    }
}
