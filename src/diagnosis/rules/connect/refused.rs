//! The port refuses: something that holds the address said no (V8, V10 and V11).

use crate::diagnosis::heard::Heard;
use crate::diagnosis::rules::{Rule, moved};
use crate::diagnosis::sight::{PortFrom, Sight};
use crate::diagnosis::weigh::{CERTAIN, EVEN, FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};

pub(in crate::diagnosis) const RULES: &[Rule] = &[
    nothing_listens,
    answered_here_before,
    host_shows_its_ports,
    wrong_port,
    stale_browser_port,
    tcp_is_off,
    not_published,
    cloud_gateway,
    rejected_with_icmp,
    rejected_on_purpose,
    everything_refuses,
    queue_is_full,
];

/// RST: the kernel of the host found nobody listening. Usually the engine is stopped.
fn nothing_listens(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.heard != Heard::Reset {
        return;
    }
    scales.raise(CauseId::ServiceNotRunning, LIKELY, Said::NobodyListens {});
    if let Some(alive) = sight.alive {
        scales.raise(CauseId::ServiceNotRunning, FAINT, alive);
        closed_all_the_same(sight, FAINT, alive, scales);
    }
}

/// Where it answered on this very port before, the port is right and something stopped,
/// unless it is known to have moved since.
fn answered_here_before(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(good), Heard::Reset, None) =
        (sight.good_here(), sight.heard, sight.listed_elsewhere())
    else {
        return;
    };
    let said = Said::AnsweredHere { when: good.at };
    let points = sight.worth(good, WEAK);
    scales.raise(CauseId::ServiceNotRunning, points, said);
    for cause in [
        CauseId::WrongPort,
        CauseId::StaleBrowserPort,
        CauseId::PortNotPublished,
    ] {
        scales.lower(cause, points, said);
    }
    scales.lower(CauseId::TcpDisabled, points / 2, said);
}

/// A host that answers RST for a closed port as well hides nothing: here RST means closed.
fn host_shows_its_ports(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some((port, Heard::Reset)), Some(address)) = (sight.closed, sight.address) else {
        return;
    };
    let said = Said::ClosedPortResets { address, port };
    scales.raise(CauseId::ServiceNotRunning, FAINT, said);
    closed_all_the_same(sight, FAINT, said, scales);
    scales.lower(CauseId::RejectRule, FAINT, said);
}

/// That the port is really closed fits a stale record in Browser as well as a stopped
/// engine; only what was known before tells them apart.
fn closed_all_the_same(sight: &Sight<'_>, points: i16, said: Said, scales: &mut Scales) {
    if sight.port_from == PortFrom::Browser {
        scales.raise(CauseId::StaleBrowserPort, points, said);
    }
}

/// A port that a person wrote down may be wrong, and one that nobody gave is 1433,
/// which a moved default instance no longer has: clients never look it up.
fn wrong_port(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.heard != Heard::Reset {
        return;
    }
    match sight.port_from {
        PortFrom::Browser => return,
        PortFrom::Target => scales.raise(
            CauseId::WrongPort,
            FAIR,
            Said::PortWasGiven { port: sight.port },
        ),
        PortFrom::Default => scales.raise(CauseId::WrongPort, FAIR, Said::DefaultPortAssumed {}),
    }
    answered_on_other_port(sight, CauseId::WrongPort, scales);
}

/// Browser reads the registry: the last port of a stopped instance stays there, and a
/// port that was changed without a restart is there before anyone listens on it.
fn stale_browser_port(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.port_from != PortFrom::Browser || sight.heard != Heard::Reset {
        return;
    }
    let advertises = Said::BrowserAdvertises { port: sight.port };
    scales.raise(CauseId::StaleBrowserPort, FAIR + FAINT, advertises);
    scales.raise(
        CauseId::StaleBrowserPort,
        NO_MORE,
        Said::BrowserReadsRegistry {},
    );
    scales.raise(CauseId::ServiceNotRunning, NO_MORE, advertises);
    answered_on_other_port(sight, CauseId::StaleBrowserPort, scales);
}

/// The port changed since it last answered. Whether the old one still opens decides.
fn answered_on_other_port(sight: &Sight<'_>, cause: CauseId, scales: &mut Scales) {
    let Some(good) = sight.good_on_other_port() else {
        return;
    };
    scales.raise(
        cause,
        sight.worth(good, STRONG),
        Said::AnsweredOnPort {
            port: good.port,
            when: good.at,
        },
    );
    match sight.other_ports().find(|(port, _)| *port == good.port) {
        Some((port, Heard::Open)) => {
            let opens = Said::OldPortOpens { port };
            scales.raise(cause, FAIR, opens);
            scales.lower(CauseId::ServiceNotRunning, FAIR, opens);
        }
        Some((port, Heard::Reset)) => {
            let closed = Said::OldPortClosed { port };
            scales.lower(cause, FAIR, closed);
            scales.raise(CauseId::ServiceNotRunning, FAIR, closed);
        }
        _ => {}
    }
}

/// With TCP/IP off the engine runs and listens on no port. Browser listing a port speaks
/// against it, and so does an answer over TCP before.
fn tcp_is_off(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.heard == Heard::Reset && sight.port_from != PortFrom::Browser {
        scales.raise(CauseId::TcpDisabled, WEAK, Said::TcpOffMeansNoPort {});
    }
}

/// A container listens inside, and the port of its host is published elsewhere or not at
/// all. Browser is part of SQL Server for Windows, so where it answers there is none.
fn not_published(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.heard != Heard::Reset || sight.browser_answered() {
        return;
    }
    if sight.is_container() {
        scales.raise(
            CauseId::PortNotPublished,
            STRONG,
            Said::ServerIsContainer {},
        );
    } else if sight.is_loopback() && sight.case.declared.platform.is_none() {
        scales.raise(
            CauseId::PortNotPublished,
            FAIR,
            Said::LoopbackMayBeContainer {},
        );
    }
}

/// Azure's gateway listens whether or not the database runs, so a RST is hardly the
/// engine's: a rule on the way rejects, or the port is not the gateway's. RDS has no such
/// gateway: there the instance's own machine refuses.
fn cloud_gateway(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.is_azure() && sight.heard == Heard::Reset {
        let said = Said::GatewayListensThere {};
        scales.raise(CauseId::RejectRule, FAIR + FAINT, said);
        scales.lower(CauseId::ServiceNotRunning, STRONG, said);
        scales.lower(CauseId::TcpDisabled, WEAK, said);
    }
}

/// ICMP instead of RST: a rule rejected, at the host or at the device that is named.
/// Nobody asked the port itself.
fn rejected_with_icmp(sight: &Sight<'_>, scales: &mut Scales) {
    let Heard::Rejected { by, .. } = sight.heard else {
        return;
    };
    scales.raise(CauseId::RejectRule, CERTAIN, Said::RefusalIsIcmp { by });
    if sight.is_container() && !sight.browser_answered() {
        // Kubernetes rejects for a service that has no endpoint behind it.
        scales.raise(CauseId::PortNotPublished, FAIR, Said::ServerIsContainer {});
    }
}

/// A host that hides closed ports would have hidden this one too, so the RST was sent on
/// purpose or by a device. Or a device in between hides TCP 1 and lets the SQL port through.
fn rejected_on_purpose(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some((port, Heard::Silence)), Some(address), Heard::Reset) =
        (sight.closed, sight.address, sight.heard)
    else {
        return;
    };
    let hidden = Said::ClosedPortSilent { address, port };
    let refused = Said::HidesOthersRefusesThis { port: sight.port };
    scales.raise(CauseId::RejectRule, STRONG + FAINT / 2, refused);
    scales.raise(CauseId::RejectRule, NO_MORE, hidden);
    let filter = Said::FilterMayHideClosedPort {};
    scales.raise(CauseId::ServiceNotRunning, NO_MORE, filter);
    if sight.alive.is_some() {
        // That the host answers elsewhere does not make this RST its own.
        scales.lower(CauseId::ServiceNotRunning, FAINT, hidden);
    }
    // A running engine answers RST for a full queue, with stealth on as well.
    scales.raise(CauseId::BacklogFull, FAINT, Said::FullQueueRefuses {});
}

/// A host that refuses the usual ports too is hardly a Windows server: another machine
/// has the address, or a device refuses for it.
fn everything_refuses(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(address), Heard::Reset, None) =
        (sight.address, sight.heard, sight.every_port_opens())
    else {
        return;
    };
    let mut others = sight
        .other_ports()
        .filter(|(port, _)| matches!(port.get(), 445 | 135 | 3389 | 5985));
    let Some((port, Heard::Reset)) = others.next() else {
        return;
    };
    let said = Said::OtherPortRefuses { address, port };
    scales.raise(CauseId::RejectRule, FAINT, said);
    if moved::is_name(sight) {
        scales.raise(CauseId::StaleName, WEAK, said);
    }
}

/// Windows answers RST for a full accept queue: then open and refused take turns, and
/// the engine was slow before.
fn queue_is_full(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.heard != Heard::Reset {
        return;
    }
    if sight.case.past.flapping {
        scales.raise(
            CauseId::BacklogFull,
            STRONG + WEAK,
            Said::OpenAndRefusedTakeTurns {},
        );
        scales.lower(
            CauseId::ServiceNotRunning,
            WEAK,
            Said::OpenAndRefusedTakeTurns {},
        );
    }
    if let Some(climbed) = sight.engine_climbed() {
        scales.raise(CauseId::BacklogFull, EVEN, climbed);
        scales.raise(CauseId::BacklogFull, NO_MORE, Said::FullQueueRefuses {});
    }
}
