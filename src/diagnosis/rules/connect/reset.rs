//! Who sent the RST: the host itself, or a device on the way. Two walks tell.

use crate::diagnosis::distance::{ResetSource, reset_source};
use crate::diagnosis::rules::Rule;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{EVEN, FAINT, FAIR, NO_MORE, STRONG, Scales};
use crate::diagnosis::{CauseId, Said};

pub(in crate::diagnosis) const RULES: &[Rule] = &[sent_on_the_way, sent_from_the_hosts_distance];

/// The host answers on another port from farther away than this RST comes from, so a
/// device on the way sent it, and nobody asked the host whether anything listens.
fn sent_on_the_way(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(ResetSource::OnTheWay {
        hop,
        host,
        device,
        before,
    }) = reset_source(sight)
    else {
        return;
    };
    let nearer = Said::ResetComesNearer {
        hop: hop.into(),
        host: host.into(),
    };
    scales.raise(CauseId::RejectRule, STRONG + FAIR, nearer);
    for said in [
        device.map(|device| Said::ResetDevice { device }),
        before.map(|device| Said::ResetDeviceBefore { device }),
    ]
    .into_iter()
    .flatten()
    {
        scales.raise(CauseId::RejectRule, NO_MORE, said);
    }
    if hop == 1 {
        scales.raise(CauseId::LocalFirewall, EVEN, Said::ResetMayBeLocal {});
    }
    for cause in [
        CauseId::ServiceNotRunning,
        CauseId::WrongPort,
        CauseId::StaleBrowserPort,
        CauseId::TcpDisabled,
        CauseId::PortNotPublished,
        CauseId::BacklogFull,
    ] {
        scales.lower(cause, STRONG, nearer);
    }
}

/// From as far away as the host: no device sent it but the last one, or a rule of the
/// host's own.
fn sent_from_the_hosts_distance(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(ResetSource::AsFarAsHost { hop, before }) = reset_source(sight) else {
        return;
    };
    let said = Said::ResetFromHostDistance { hop: hop.into() };
    scales.raise(CauseId::ServiceNotRunning, NO_MORE, said);
    scales.lower(CauseId::RejectRule, FAINT, said);
    if let Some(device) = before {
        scales.raise(
            CauseId::RejectRule,
            NO_MORE,
            Said::ResetMayBeRouters { device },
        );
    }
}
