//! A port that was given, or left at 1433, and what Browser lists there and elsewhere.

use crate::diagnosis::heard::Heard;
use crate::diagnosis::rules::Rule;
use crate::diagnosis::sight::{Listed, Sight};
use crate::diagnosis::weigh::{CERTAIN, FAIR, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};

pub(in crate::diagnosis) const RULES: &[Rule] = &[
    listed_elsewhere,
    listed_here,
    only_others_listed,
    listed_without_tcp,
];

/// Nobody answered with a RST or with nothing: a device that rejects says nothing of ports.
/// And where the name led elsewhere before, it is another machine's Browser that lists.
fn is_about_the_port(sight: &Sight<'_>) -> bool {
    let is_answered =
        sight.heard == Heard::Reset || (sight.heard == Heard::Silence && sight.alive.is_some());
    is_answered && sight.led_elsewhere().is_none()
}

/// The instance is listed on another port than its clients use: it moved, and they were
/// not told. Whether it answers there decides; Browser itself reads the registry.
fn listed_elsewhere(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some((port, heard)), true) = (sight.listed_elsewhere(), is_about_the_port(sight)) else {
        return;
    };
    let points = sight.worth_here(STRONG + FAIR);
    scales.raise(CauseId::WrongPort, points, sight.said_elsewhere(port));
    // A listed port is one that TCP/IP has.
    let is_listed = sight.is_listed_elsewhere();
    let (knows, opens, closed) = if is_listed {
        (
            Said::BrowserAdvertises { port },
            Said::ListedPortOpens { port },
            Said::ListedPortClosed { port },
        )
    } else {
        (
            Said::InstanceAnswersOn { port },
            Said::OldPortOpens { port },
            Said::OldPortClosed { port },
        )
    };
    for cause in [CauseId::ServiceNotRunning, CauseId::TcpDisabled] {
        scales.lower(cause, WEAK, knows);
    }
    match heard {
        Some(Heard::Open) => {
            scales.raise(CauseId::WrongPort, FAIR, opens);
            scales.lower(CauseId::ServiceNotRunning, FAIR, opens);
        }
        Some(Heard::Reset) => {
            scales.lower(CauseId::WrongPort, STRONG, closed);
            scales.raise(CauseId::ServiceNotRunning, STRONG, closed);
        }
        _ if is_listed => {
            scales.raise(CauseId::WrongPort, NO_MORE, Said::BrowserReadsRegistry {});
        }
        _ => {}
    }
}

/// Browser knows the port: it is right, and whoever owns it does not listen.
fn listed_here(sight: &Sight<'_>, scales: &mut Scales) {
    let said = match sight.listed() {
        Some(Listed::Here) => Said::BrowserAdvertises { port: sight.port },
        Some(Listed::SomebodyHere) => Said::SomebodyListedHere { port: sight.port },
        _ => return,
    };
    if is_about_the_port(sight) {
        scales.raise(CauseId::ServiceNotRunning, FAIR, said);
        scales.lower(CauseId::WrongPort, FAIR, said);
    }
}

/// Browser knows instances on other ports and none on this one. A hidden instance is not
/// listed either, so this alone does not decide.
fn only_others_listed(sight: &Sight<'_>, scales: &mut Scales) {
    if let (Some(Listed::OthersOnly(ports)), true) = (sight.listed(), is_about_the_port(sight)) {
        scales.raise(CauseId::WrongPort, FAIR, Said::ListedPorts { ports });
    }
}

/// The instance is known to Browser, and has no TCP port at all.
fn listed_without_tcp(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.listed() == Some(Listed::WithoutTcp) && is_about_the_port(sight) {
        scales.raise(CauseId::TcpDisabled, CERTAIN, Said::InstanceWithoutTcp {});
    }
}
