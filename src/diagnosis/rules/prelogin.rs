//! The layer `prelogin`: the port opens, and not the wanted engine answers (V16 to V19).

use super::Rule;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::sight::{PortFrom, Sight};
use crate::diagnosis::weigh::{CERTAIN, EVEN, FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};
use crate::evidence::{PreloginStatus, Service};

pub(super) const SILENT: &[Rule] = &[
    answer_began,
    engine_hangs,
    way_is_slow,
    engine_climbed,
    proxy_swallows,
    quiet_service,
    behind_docker,
];
pub(super) const HUNG_UP: &[Rule] = &[
    answer_began,
    gateway_says_no,
    proxy_closes,
    strict_only,
    queue_overflows,
    busy_engine,
    behind_docker,
];
pub(super) const NOT_SQL: &[Rule] = &[another_service, port_was_the_engines, wants_tls_first];
pub(super) const WRONG_INSTANCE: &[Rule] = &[another_instance];

fn status(sight: &Sight<'_>) -> PreloginStatus {
    sight.case.evidence.layers.prelogin.status
}

/// Half an answer: something that speaks TDS is there, and got stuck, or was cut off on
/// the way. A proxy without a server would not have said a byte, and neither would a
/// service that waits, nor an engine that hangs up on a client it does not like.
fn answer_began(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.answer_began() {
        scales.raise(CauseId::EngineHung, EVEN, Said::StuckEngineStopsHalfway {});
        scales.lower(
            CauseId::EngineHung,
            FAINT / 2,
            Said::InspectionCutsAnswers {},
        );
    }
}

/// An ERROR token in place of options: something speaks TDS, and there is no database
/// that it could serve. Azure's gateway answers so, and SQL Server before 7.0.
fn gateway_says_no(sight: &Sight<'_>, scales: &mut Scales) {
    if let Some(number) = sight.server_error() {
        scales.raise(
            CauseId::ProxyWithoutBackend,
            LIKELY,
            Said::GatewayAnswersWithError { number },
        );
    }
}

/// The kernel completes the handshake, PRELOGIN needs the engine: out of workers, waiting
/// for its disk, or paused with its machine. Unless something on the way completes every
/// handshake: then neither that it opens nor how quickly says anything of the host.
fn engine_hangs(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(endpoint), false) = (sight.endpoint(), sight.answer_began()) else {
        return;
    };
    if let Some(good) = sight.good_here() {
        let said = Said::AnsweredHere { when: good.at };
        let points = sight.worth(good, WEAK);
        scales.raise(CauseId::EngineHung, if_closed_is_seen(sight, points), said);
    }
    if sight.every_port_opens().is_some() {
        return;
    }
    scales.raise(CauseId::EngineHung, LIKELY, Said::EngineSilent { endpoint });
    if let Some(flat) = sight.connect_is_flat() {
        scales.raise(CauseId::EngineHung, NO_MORE, flat);
    }
    if matches!(sight.closed, Some((_, Heard::Reset))) {
        scales.raise(
            CauseId::EngineHung,
            FAINT,
            Said::KernelCompletesHandshake {},
        );
    }
}

/// Whether the host itself completes the handshake only a closed port shows. Before that
/// was looked at, a memory says why and makes nothing sure.
fn if_closed_is_seen(sight: &Sight<'_>, points: i16) -> i16 {
    sight.closed.map_or(NO_MORE, |_| points)
}

/// A way that became slow loses packets, and the answer may be among them.
fn way_is_slow(sight: &Sight<'_>, scales: &mut Scales) {
    if let Some((from, to)) = sight.way_climbed() {
        scales.lower(CauseId::EngineHung, FAIR, Said::WayClimbed { from, to });
    }
}

/// The slide from slow to silent: first PRELOGIN climbs, then it stops, then the queue fills.
fn engine_climbed(sight: &Sight<'_>, scales: &mut Scales) {
    if let Some(climbed) = sight.engine_climbed() {
        let points = if_closed_is_seen(sight, FAIR);
        scales.raise(CauseId::EngineHung, points, climbed);
    }
}

/// A load balancer or tunnel accepts first and then waits for a server that is not there.
fn proxy_swallows(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.answer_began() {
        return;
    }
    scales.raise(
        CauseId::ProxyWithoutBackend,
        WEAK,
        Said::ProxyCompletesHandshake {},
    );
}

/// Some services say nothing until they hear what they know. Not where it answered before.
fn quiet_service(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.good_here().is_none() && !sight.answer_began() {
        scales.raise(CauseId::NotSqlServer, WEAK, Said::QuietServiceWaits {});
    }
}

/// docker-proxy listens on the published port whether or not the container does.
fn behind_docker(sight: &Sight<'_>, scales: &mut Scales) {
    if said_something(sight) {
        return;
    }
    if sight.is_container() || (sight.is_loopback() && sight.case.declared.platform.is_none()) {
        scales.raise(
            CauseId::ProxyWithoutBackend,
            WEAK,
            Said::DockerProxyAccepts {},
        );
    }
}

/// TDS came back, whole or in part.
fn said_something(sight: &Sight<'_>) -> bool {
    sight.answer_began() || sight.server_error().is_some()
}

/// FIN or RST before a byte: something took the connection and had nowhere to pass it on.
fn proxy_closes(sight: &Sight<'_>, scales: &mut Scales) {
    if said_something(sight) {
        return;
    }
    let points = if status(sight) == PreloginStatus::Closed {
        LIKELY
    } else {
        FAIR
    };
    scales.raise(
        CauseId::ProxyWithoutBackend,
        points,
        Said::ProxyCompletesHandshake {},
    );
}

/// A server that only takes TDS 8.0 wants TLS as the first byte. Before 2022 there is none.
fn strict_only(sight: &Sight<'_>, scales: &mut Scales) {
    if said_something(sight) {
        return;
    }
    let points = if status(sight) == PreloginStatus::Reset {
        FAIR + FAINT
    } else {
        FAIR
    };
    let version = sight
        .case
        .past
        .last_good
        .as_ref()
        .and_then(|good| good.version);
    match version {
        Some(version) if version.major < 16 => {
            scales.lower(
                CauseId::StrictOnly,
                STRONG,
                Said::StrictNeeds2022 { version },
            );
        }
        _ => scales.raise(CauseId::StrictOnly, points, Said::StrictHangsUp {}),
    }
}

/// Windows resets what it has accepted for an engine whose queue runs over.
fn queue_overflows(sight: &Sight<'_>, scales: &mut Scales) {
    if status(sight) != PreloginStatus::Reset || sight.answer_began() {
        return;
    }
    scales.raise(CauseId::BacklogFull, FAINT, Said::FullQueueRefuses {});
    if sight.case.past.flapping {
        scales.raise(
            CauseId::BacklogFull,
            STRONG,
            Said::OpenAndRefusedTakeTurns {},
        );
    }
}

/// An engine without a free worker, or at its limit of connections, hangs up.
fn busy_engine(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.server_error().is_some() {
        return;
    }
    if !sight.answer_began() {
        scales.raise(CauseId::EngineHung, WEAK, Said::BusyEngineHangsUp {});
    }
    if let Some(climbed) = sight.engine_climbed() {
        scales.raise(CauseId::EngineHung, LIKELY, climbed);
    }
}

/// The bytes are not TDS: another program owns the port. A TDS packet that makes no sense
/// is a weaker sign: other products speak TDS, and something on the way may have changed it.
fn another_service(sight: &Sight<'_>, scales: &mut Scales) {
    let service = sight.case.evidence.layers.prelogin.service;
    let (points, said) = match service {
        _ if status(sight) == PreloginStatus::Malformed => (LIKELY, Said::TdsWithoutPrelogin {}),
        Some(Service::Unknown) | None => (STRONG, Said::NotTds {}),
        Some(service) => (STRONG + FAINT, Said::RecognisedService { service }),
    };
    scales.raise(CauseId::NotSqlServer, points, said);
    if sight.port_from == PortFrom::Target && sight.good_here().is_none() {
        scales.raise(
            CauseId::WrongPort,
            FAIR,
            Said::PortWasGiven { port: sight.port },
        );
    }
}

/// The port is the engine's by its own record: it answered here, or the registry that
/// Browser reads says so. An engine whose port is taken aborts its start (26023).
fn port_was_the_engines(sight: &Sight<'_>, scales: &mut Scales) {
    let why = match (sight.good_here(), sight.port_from) {
        (Some(good), _) => Said::AnsweredHere { when: good.at },
        (None, PortFrom::Browser) => Said::BrowserAdvertises { port: sight.port },
        _ => return,
    };
    let points = if status(sight) == PreloginStatus::Malformed {
        LIKELY
    } else {
        CERTAIN
    };
    scales.raise(CauseId::PortTaken, sight.worth_here(points), why);
    scales.raise(
        CauseId::PortTaken,
        NO_MORE,
        Said::EngineStopsWhenPortTaken {},
    );
    // It is the same fact, told from the other side.
    scales.lower(CauseId::NotSqlServer, FAIR, why);
}

/// An alert in answer to PRELOGIN: a TLS service, or SQL Server that is strict.
fn wants_tls_first(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.case.evidence.layers.prelogin.service == Some(Service::TlsFirst) {
        scales.raise(CauseId::StrictOnly, FAIR + FAINT, Said::StrictHangsUp {});
    }
}

/// INSTOPT says no: an engine answers, and it is another one.
fn another_instance(sight: &Sight<'_>, scales: &mut Scales) {
    scales.raise(
        CauseId::WrongInstanceOnPort,
        CERTAIN,
        Said::EngineDeniesInstance {},
    );
    if sight.port_from == PortFrom::Browser {
        let why = Said::BrowserAdvertises { port: sight.port };
        scales.raise(CauseId::WrongInstanceOnPort, NO_MORE, why);
        scales.raise(
            CauseId::StaleBrowserPort,
            FAIR,
            Said::BrowserReadsRegistry {},
        );
        scales.raise(CauseId::PortTaken, WEAK, Said::EngineStopsWhenPortTaken {});
    }
}
