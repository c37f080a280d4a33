//! The engine answers, and clients will trip over something all the same (V3 and others).

use super::Rule;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{CERTAIN, EVEN, FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales};
use crate::diagnosis::{CauseId, Said};
use crate::evidence::ResponseCode;

pub(super) const RULES: &[Rule] = &[
    no_port_left,
    addresses_dead,
    addresses_surplus,
    only_dns_has_address,
    browser_late,
    browser_from_elsewhere,
    engine_slow,
    name_ignored,
];

/// The server is well; what runs on this machine cannot reach it all the same.
fn no_port_left(sight: &Sight<'_>, scales: &mut Scales) {
    if let Some(said) = sight.no_port_left() {
        scales.raise(CauseId::LocalPortsExhausted, CERTAIN, said);
    }
}

/// A client without MultiSubnetFailover tries one address after the other and waits for
/// each dead one. A healthy listener is like that, so it must be declared to be known.
fn addresses_dead(sight: &Sight<'_>, scales: &mut Scales) {
    let Some((live, total)) = sight.dead_addresses() else {
        return;
    };
    scales.raise(
        CauseId::SomeAddressesDead,
        STRONG + FAIR,
        Said::SomeAddressesSilent { live, total },
    );
    scales.raise(
        CauseId::SomeAddressesDead,
        NO_MORE,
        Said::SerialClientsWait {},
    );
    if sight.case.declared.kind.is_none() {
        scales.lower(CauseId::SomeAddressesDead, FAINT, Said::DeclareListener {});
    }
}

/// A cluster has an address online on one node at a time. A second one that answers is
/// another server that was given an old address, or a second node that thinks it is primary.
fn addresses_surplus(sight: &Sight<'_>, scales: &mut Scales) {
    let Some((live, expected)) = sight.surplus_addresses() else {
        return;
    };
    scales.raise(
        CauseId::MoreAddressesLive,
        STRONG + FAIR,
        Said::MoreAddressesAnswer { live, expected },
    );
    scales.raise(
        CauseId::MoreAddressesLive,
        NO_MORE,
        Said::ClientsLandAnywhere {},
    );
}

/// The probe goes on with what DNS says; a client of this machine has the system's word alone.
fn only_dns_has_address(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(said) = sight.only_dns_has_address() else {
        return;
    };
    let mut asked = sight.case.evidence.layers.resolve.asked.iter();
    let cause = match asked.find(|asked| asked.addresses.is_empty()) {
        Some(asked) if asked.code == ResponseCode::TimedOut => CauseId::DnsTimeout,
        _ => CauseId::DnsServerFailing,
    };
    scales.raise(cause, STRONG, said);
}

/// Drivers ask once and wait a second, some of them less.
fn browser_late(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(late) = sight.browser_late() else {
        return;
    };
    scales.raise(CauseId::BrowserAnswersLate, STRONG, late);
    scales.raise(
        CauseId::BrowserAnswersLate,
        NO_MORE,
        Said::DriversWaitOneSecond {},
    );
}

/// A server with several addresses answers from the one its routing likes. Stateful
/// firewalls and connected sockets take that for a stranger's datagram and drop it.
fn browser_from_elsewhere(sight: &Sight<'_>, scales: &mut Scales) {
    let Some(from) = sight.browser_from_elsewhere() else {
        return;
    };
    scales.raise(CauseId::BrowserFiltered, EVEN, from);
    scales.raise(
        CauseId::BrowserFiltered,
        NO_MORE,
        Said::ClientsDropForeignAnswer {},
    );
}

/// Slow is the first half of silent.
fn engine_slow(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(took), Some(endpoint)) = (sight.engine_slow(), sight.endpoint()) else {
        return;
    };
    scales.raise(
        CauseId::EngineHung,
        LIKELY,
        Said::EngineSlow { endpoint, took },
    );
    if let Some(flat) = sight.connect_is_flat() {
        scales.raise(CauseId::EngineHung, NO_MORE, flat);
    }
    if let Some(climbs) = sight.engine_climbs(took) {
        scales.raise(CauseId::EngineHung, FAINT, climbs);
    }
}

/// `host\INST,port`: drivers connect to the port, and another instance owns it.
fn name_ignored(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.other_instance() {
        scales.raise(
            CauseId::WrongInstanceOnPort,
            STRONG + FAINT,
            Said::EngineDeniesInstance {},
        );
        let said = Said::PortWinsOverName { port: sight.port };
        scales.raise(CauseId::WrongInstanceOnPort, NO_MORE, said);
    }
}
