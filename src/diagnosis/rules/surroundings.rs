//! What the neighbours and this machine's own network say: one shared cause explains
//! more than many single ones (V13 and V14 of the matrix).

use super::Rule;
use crate::diagnosis::heard::Heard;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::standing;
use crate::diagnosis::weigh::{CERTAIN, FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, OwnNetwork, Said, State};

pub(super) const CUT_OFF: &[Rule] = &[no_network_here, no_dns_here, firewall_here];
pub(super) const SILENCE: &[Rule] = &[subnet_silent, subnet_answers];

/// Before everything: a machine without a network sees every server fail. One that just
/// heard a Browser or a port has a network.
fn no_network_here(sight: &Sight<'_>, scales: &mut Scales) {
    let is_cut_off = sight.case.surroundings.own_network == OwnNetwork::NoRoute;
    let is_heard = sight.browser_spoke() || matches!(sight.heard, Heard::Open | Heard::Reset);
    let is_sent = sight.heard != Heard::PolicyForbids;
    if is_cut_off && is_sent && !sight.is_loopback() && !is_heard {
        let said = standing::no_route(&sight.case.surroundings.vantage, sight.address);
        scales.raise(CauseId::NoRoute, 2 * CERTAIN, said);
    }
}

/// When this machine forbids everything, the rule is not about the one port.
fn firewall_here(sight: &Sight<'_>, scales: &mut Scales) {
    if standing::is_walled_in(sight) {
        scales.raise(
            CauseId::LocalFirewall,
            2 * CERTAIN,
            Said::FirewallStopsAll {},
        );
    }
}

/// When no name resolves, whatever is asked, the name that was wanted is not to blame.
fn no_dns_here(sight: &Sight<'_>, scales: &mut Scales) {
    if sight.case.surroundings.own_network == OwnNetwork::NoDns && sight.state == State::Unresolved
    {
        scales.raise(
            CauseId::DnsServerFailing,
            2 * CERTAIN,
            Said::NoNameResolvesHere {},
        );
    }
}

/// Packets were answered by no one: neither the host nor a device that speaks for it.
pub(in crate::diagnosis) fn unheard(sight: &Sight<'_>) -> bool {
    let quiet = matches!(
        sight.heard,
        Heard::Nothing
            | Heard::Silence
            | Heard::NoNeighbour
            | Heard::HostUnreachable { .. }
            | Heard::NoWay
    );
    // Other hosts say nothing about the host's own ports, once it has answered itself.
    quiet && sight.alive.is_none() && !sight.browser_spoke() && !sight.is_loopback()
}

/// A whole subnet that is silent while others answer is a switch, a router or a site.
/// One silent neighbour may be a coincidence; two are not.
fn subnet_silent(sight: &Sight<'_>, scales: &mut Scales) {
    let subnet = sight.case.surroundings.subnet;
    if !unheard(sight) || subnet.answering > 0 || subnet.silent == 0 {
        return;
    }
    let points = if subnet.silent == 1 {
        STRONG
    } else {
        STRONG + LIKELY
    };
    scales.raise(
        CauseId::SiteUnreachable,
        points,
        Said::SubnetSilent {
            silent: subnet.silent,
        },
    );
    let elsewhere = sight.case.surroundings.elsewhere;
    if elsewhere.answering > 0 {
        let said = Said::ElsewhereAnswers {
            answering: elsewhere.answering,
        };
        scales.raise(CauseId::SiteUnreachable, FAINT, said);
    } else if elsewhere.silent > 0 {
        // Nothing answers anywhere: the fault may be on this machine's own side.
        scales.raise(
            CauseId::NoRoute,
            FAIR,
            Said::ElsewhereSilent {
                silent: elsewhere.silent,
            },
        );
    }
}

/// Neighbours that answer take the blame off the way there.
fn subnet_answers(sight: &Sight<'_>, scales: &mut Scales) {
    let answering = sight.case.surroundings.subnet.answering;
    if answering == 0 || !unheard(sight) {
        return;
    }
    let said = Said::SubnetAnswers { answering };
    scales.lower(CauseId::NoRoute, WEAK, said);
    // Before any look at the host itself a neighbour says nothing about a single port,
    // so it may not split the tie between a host that is down and a port that is hidden.
    let points = if sight.all_silent().is_some() {
        FAINT / 2
    } else {
        NO_MORE
    };
    if sight.heard != Heard::Nothing {
        scales.raise(CauseId::HostDown, points, said);
    }
}
