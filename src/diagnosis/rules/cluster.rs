//! Failover clusters and availability groups: their addresses go offline with them.

use super::Rule;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{FAINT, FAIR, LIKELY, STRONG, Scales};
use crate::diagnosis::{CauseId, Said};
use crate::target::Kind;

pub(super) const REFUSED: &[Rule] = &[listener_refused, cluster_refused];
pub(super) const SILENCE: &[Rule] = &[listener_silent, cluster_silent];

fn is_listener(sight: &Sight<'_>) -> bool {
    sight.case.declared.kind == Some(Kind::AgListener)
}

/// Declared as something whose address moves between machines.
pub(super) fn moves_addresses(sight: &Sight<'_>) -> bool {
    matches!(sight.case.declared.kind, Some(Kind::AgListener | Kind::Fci))
        || sight.clustered().is_some()
}

/// The address of a listener is up somewhere, and nothing listens there: the group is
/// offline on the node that holds it.
fn listener_refused(sight: &Sight<'_>, scales: &mut Scales) {
    if is_listener(sight) && sight.heard == Heard::Reset {
        scales.raise(CauseId::ListenerOffline, STRONG, Said::DeclaredListener {});
    }
}

/// The cluster starts and stops the service of its instance, and its address stays up
/// longer than the engine: never a service to be started by hand.
fn cluster_refused(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(said) = sight.clustered() else {
        return;
    };
    if sight.heard == Heard::Reset {
        scales.raise(CauseId::ClusterGroupOffline, STRONG + FAINT, said);
        scales.lower(
            CauseId::ServiceNotRunning,
            FAIR,
            Said::ClusterRunsService {},
        );
    }
}

/// How much a silent address speaks for a group that is offline: much where nobody has
/// the address, nothing where the host answers on another port.
fn offline(sight: &Sight<'_>) -> Option<i16> {
    match sight.heard {
        _ if sight.alive.is_some() || sight.browser_spoke() => None,
        // Above a failed ARP, which is exactly what an address looks like that nobody took.
        Heard::NoNeighbour | Heard::HostUnreachable { .. } => Some(STRONG + LIKELY),
        Heard::Silence if sight.all_silent().is_some() => Some(STRONG + FAINT),
        Heard::Silence => Some(LIKELY),
        Heard::Nothing => Some(FAIR),
        _ => None,
    }
}

fn listener_silent(sight: &Sight<'_>, scales: &mut Scales) {
    if let (true, Some(points)) = (is_listener(sight), offline(sight)) {
        scales.raise(CauseId::ListenerOffline, points, Said::DeclaredListener {});
    }
}

fn cluster_silent(sight: &Sight<'_>, scales: &mut Scales) {
    if let (Some(said), Some(points)) = (sight.clustered(), offline(sight)) {
        scales.raise(CauseId::ClusterGroupOffline, points, said);
        scales.lower(
            CauseId::ServiceNotRunning,
            FAIR,
            Said::ClusterRunsService {},
        );
    }
}
