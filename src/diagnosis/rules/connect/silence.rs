//! Nothing comes back: the Windows trap (V9, V12 and V13).
//!
//! With its firewall on Windows sends nothing for a port that nobody listens on, so a
//! stopped service and a dropping rule look the same. A port that is surely closed tells
//! which world this is, and another port tells whether the host is there at all.

use crate::diagnosis::heard::Heard;
use crate::diagnosis::rules::{Rule, moved};
use crate::diagnosis::sight::{PortFrom, Sight};
use crate::diagnosis::weigh::{EVEN, FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};
use crate::evidence::HopStatus;

pub(in crate::diagnosis) const RULES: &[Rule] = &[
    only_this_port_is_dropped,
    hidden_or_dropped,
    nothing_known_yet,
    whole_host_is_silent,
    loopback_is_silent,
    dynamic_port,
    answered_here_before,
    answered_on_other_port,
    moved_behind_a_firewall,
    cloud_gateway,
    full_queue,
    path_walk,
    no_first_hop,
];

/// The cause for a port that is not the instance's: Browser's fault, or a person's.
fn not_the_port(sight: &Sight<'_>) -> (CauseId, Said) {
    match sight.port_from {
        PortFrom::Browser => (
            CauseId::StaleBrowserPort,
            Said::BrowserAdvertises { port: sight.port },
        ),
        PortFrom::Target => (CauseId::WrongPort, Said::PortWasGiven { port: sight.port }),
        PortFrom::Default => (CauseId::WrongPort, Said::DefaultPortAssumed {}),
    }
}

/// The host answers RST for a closed port and nothing for this one: were nobody listening,
/// it would have said so. Something drops this port.
fn only_this_port_is_dropped(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some((port, Heard::Reset)), Some(address)) = (sight.closed, sight.address) else {
        return;
    };
    let said = Said::ClosedPortResets { address, port };
    scales.raise(CauseId::FirewallDrops, STRONG + WEAK, said);
    scales.raise(CauseId::BacklogFull, FAINT, Said::FullQueueIsSilent {});
}

/// The host is there and does not say what is closed: stopped, another port, or a rule
/// that drops it. Equally likely until somebody looks.
fn hidden_or_dropped(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(alive) = sight.alive else { return };
    if matches!(sight.closed, Some((_, Heard::Reset))) || sight.is_loopback() {
        return;
    }
    let (not_the_port, why) = not_the_port(sight);
    scales.raise(CauseId::FirewallDrops, EVEN, alive);
    if sight.hides_no_port() {
        // Linux would answer RST for a port that nobody listens on.
        scales.raise(CauseId::ServiceNotRunning, FAINT, alive);
        scales.lower(
            CauseId::ServiceNotRunning,
            FAINT / 2,
            Said::LinuxHidesNoPort {},
        );
        return;
    }
    scales.raise(CauseId::ServiceNotRunning, EVEN, alive);
    scales.raise(CauseId::ServiceNotRunning, NO_MORE, hides(sight));
    scales.raise(not_the_port, EVEN, why);
    scales.raise(not_the_port, NO_MORE, hides(sight));
}

fn hides(sight: &Sight<'_>) -> Said {
    match (sight.closed, sight.address) {
        (Some((port, Heard::Silence)), Some(address)) => Said::ClosedPortSilent { address, port },
        _ => Said::WindowsHidesClosedPorts {},
    }
}

/// No other look was taken, or none that tells: a silence alone proves nothing.
fn nothing_known_yet(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.alive.is_some() || sight.all_silent().is_some() || sight.is_loopback() {
        return;
    }
    scales.raise(CauseId::FirewallDrops, FAIR, Said::DroppingIsSilent {});
    scales.raise(CauseId::HostDown, FAIR, Said::DeadHostIsSilent {});
    if sight.hides_no_port() {
        scales.raise(CauseId::FirewallDrops, FAINT, Said::LinuxHidesNoPort {});
        return;
    }
    scales.raise(CauseId::ServiceNotRunning, FAIR, hides(sight));
    let (not_the_port, why) = not_the_port(sight);
    scales.raise(not_the_port, WEAK, why);
}

/// Closed port, SQL port and a port that should be open, all silent: nobody is there, or
/// not at this address. A firewall in the wrong profile after a reboot looks like this too.
fn whole_host_is_silent(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(port), Some(address)) = (sight.all_silent(), sight.address) else {
        return;
    };
    let said = Said::OtherPortSilent { address, port };
    scales.raise(CauseId::HostDown, STRONG, said);
    // A network that lets this machine reach none of its ports is not rare either.
    scales.raise(CauseId::FirewallDrops, LIKELY, said);
    if let Some(good) = sight.good_here() {
        let said = Said::AnsweredHere { when: good.at };
        scales.raise(CauseId::HostDown, FAINT, said);
    }
    if moved::is_name(sight) {
        scales.raise(CauseId::StaleName, FAIR, Said::RecordMayBeStale {});
    }
}

/// Loopback has no stealth and no way on which to be lost: a rule, or a full queue.
fn loopback_is_silent(sight: &Sight<'_>, scales: &mut Scales) {
    if !sight.is_loopback() {
        return;
    }
    scales.raise(CauseId::FirewallDrops, EVEN, Said::LoopbackHidesNothing {});
    scales.raise(CauseId::BacklogFull, WEAK, Said::FullQueueIsSilent {});
}

/// Browser's answer came through, and the port that it names does not open: firewalls are
/// opened for 1433 and 1434, and a dynamic port is none of these.
fn dynamic_port(sight: &Sight<'_>, scales: &mut Scales) {
    let fixed = sight.port.get() == 1433 || sight.good_here().is_some();
    if sight.port_from == PortFrom::Browser && !fixed && !sight.is_loopback() {
        let said = Said::DynamicPortUnknownToFirewalls { port: sight.port };
        scales.raise(CauseId::FirewallDrops, FAINT, said);
    }
}

/// Where it answered on this very port before, the port is right.
fn answered_here_before(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(good), None) = (sight.good_here(), sight.listed_elsewhere()) else {
        return;
    };
    let points = sight.worth(good, FAIR);
    for cause in [CauseId::WrongPort, CauseId::StaleBrowserPort] {
        scales.lower(cause, points, Said::AnsweredHere { when: good.at });
    }
}

/// It answered on another port: nobody may listen on this one any more.
fn answered_on_other_port(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(good) = sight.good_on_other_port() else {
        return;
    };
    // A host that shows its closed ports would have refused.
    if matches!(sight.closed, Some((_, Heard::Reset)))
        || sight.is_loopback()
        || sight.hides_no_port()
    {
        return;
    }
    let (not_the_port, _) = not_the_port(sight);
    scales.raise(
        not_the_port,
        sight.worth(good, FAIR),
        Said::AnsweredOnPort {
            port: good.port,
            when: good.at,
        },
    );
    if sight
        .other_ports()
        .any(|(port, heard)| port == good.port && heard == Heard::Open)
    {
        scales.raise(not_the_port, STRONG, Said::OldPortOpens { port: good.port });
        scales.lower(
            CauseId::ServiceNotRunning,
            FAIR,
            Said::OldPortOpens { port: good.port },
        );
    }
}

/// The old port is closed and the new one silent: the engine left the old one, and the
/// firewall was opened for that alone. A dynamic port moves with a restart.
fn moved_behind_a_firewall(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(good), PortFrom::Browser) = (sight.good_on_other_port(), sight.port_from) else {
        return;
    };
    if sight
        .other_ports()
        .any(|(port, heard)| port == good.port && heard == Heard::Reset)
    {
        let closed = Said::OldPortClosed { port: good.port };
        scales.raise(CauseId::FirewallDrops, FAIR, closed);
        scales.lower(CauseId::StaleBrowserPort, FAIR, closed);
    }
}

/// In a cloud the gateway and its network rules stand before the engine, and the service
/// is not the customer's to start.
fn cloud_gateway(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.is_cloud() {
        scales.raise(CauseId::FirewallDrops, FAIR, Said::CloudGatewayFilters {});
        for cause in [CauseId::ServiceNotRunning, CauseId::HostDown] {
            scales.lower(cause, WEAK, Said::CloudGatewayFilters {});
        }
    }
}

/// Linux drops the SYN when the accept queue is full, and so may Windows behind its
/// firewall: an engine that was slow before, or a port that comes and goes, points there.
fn full_queue(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.alive.is_none() && !sight.hides_no_port() {
        return;
    }
    let drops_only_this = matches!(sight.closed, Some((_, Heard::Reset)));
    if let Some(climbed) = sight.engine_climbed() {
        let points = if drops_only_this {
            STRONG + FAIR
        } else {
            STRONG
        };
        scales.raise(CauseId::BacklogFull, points, climbed);
        scales.raise(CauseId::BacklogFull, NO_MORE, Said::FullQueueIsSilent {});
    }
    if sight.case.past.flapping {
        scales.raise(CauseId::BacklogFull, FAIR, Said::OpenAndRefusedTakeTurns {});
    }
}

/// A walk that reaches the port shortly after: nothing drops all of it, and the host is up.
/// What drops a part of it may be a rule on one of several ways, a queue that is full now
/// and then, or a line that loses packets: none of them is sure.
fn path_walk(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(endpoint), Some(hops)) = (sight.endpoint(), sight.walk()) else {
        return;
    };
    let reached = |status| matches!(status, HopStatus::Open | HopStatus::Refused);
    if hops.iter().any(|hop| reached(hop.status)) {
        let said = Said::PathReachesPort { endpoint };
        scales.lower(CauseId::FirewallDrops, FAIR, said);
        scales.lower(CauseId::HostDown, STRONG, said);
        if hops.iter().any(|hop| hop.status == HopStatus::Open) {
            let (not_the_port, _) = not_the_port(sight);
            scales.raise(CauseId::BacklogFull, FAINT, said);
            scales.lower(CauseId::ServiceNotRunning, STRONG, said);
            scales.lower(not_the_port, STRONG, said);
        }
    }
}

/// Not even the nearest router answered. Many are silent on purpose, and a local rule
/// that drops looks the same: worth a look, not more.
fn no_first_hop(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(hops) = sight.walk() else { return };
    if !hops.is_empty()
        && hops.iter().all(|hop| hop.status == HopStatus::Silent)
        && sight.alive.is_none()
    {
        scales.raise(CauseId::LocalFirewall, FAINT, Said::PathSilentFromStart {});
    }
}
