//! How far away an answer comes from: walks to the port and to another one of the same
//! address, side by side.
//!
//! A router counts its hop before its rules are asked, or after. So what a device at hop n
//! sends in place of the host comes back from hop n or from hop n + 1, and the RST of the
//! last device before the host may come from as far away as the host's own.

use std::net::{IpAddr, SocketAddr};

use super::heard::Heard;
use super::sight::Sight;
use super::{Said, State};
use crate::evidence::{Hop, HopStatus, Look, Test};
use crate::target::Port;

/// Who sent the RST, as far as two walks can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ResetSource {
    /// A device on the way: the host itself answers from farther away.
    OnTheWay {
        /// The first hop that the RST comes back from.
        hop: u8,
        /// The hop of the host.
        host: u8,
        /// The router at that hop.
        device: Option<IpAddr>,
        /// The router before it.
        before: Option<IpAddr>,
    },
    /// As far away as the host, which opens another port: the host, or what stands right
    /// before it.
    AsFarAsHost { hop: u8, before: Option<IpAddr> },
    /// The walks do not tell: nothing answers that is surely the host's own, a step was
    /// lost, or the RST comes from farther away, as over an asymmetric way.
    NotTold,
}

/// Who sent the RST. `None` where it was no RST, or before both walks are taken.
pub(super) fn reset_source(sight: &Sight<'_>) -> Option<ResetSource> {
    if sight.state != State::Refused || sight.heard != Heard::Reset {
        return None;
    }
    let refused = sight.walk()?;
    if references(sight).next().is_none() {
        // Without the other looks nobody knows whether there is something to compare.
        return sight.closed.map(|_| ResetSource::NotTold);
    }
    let host = walk_to_reference(sight)?;
    Some(compare(refused, host, sight.address?).unwrap_or(ResetSource::NotTold))
}

/// The walk to compare with, once the one to the port itself came to a RST.
pub(super) fn reference_walk(sight: &Sight<'_>) -> Option<Test> {
    let address = sight.address?;
    arrival(sight.walk()?, address).filter(|hop| hop.status == HopStatus::Refused)?;
    if walk_to_reference(sight).is_some() {
        return None;
    }
    let (port, _) = references(sight).min_by_key(worth)?;
    let endpoint = SocketAddr::new(address, port.get());
    Some(Test::Path { endpoint })
}

/// The walk that was taken to compare with. A better port that opened since is not walked to.
fn walk_to_reference<'a>(sight: &Sight<'a>) -> Option<&'a [Hop]> {
    let address = sight.address?;
    references(sight)
        .filter_map(|port| Some((port, sight.walk_to(SocketAddr::new(address, port.0.get()))?)))
        .min_by_key(|(port, _)| worth(port))
        .map(|(_, walk)| walk)
}

/// The ports of the same address that answer.
fn references(sight: &Sight<'_>) -> impl Iterator<Item = (Port, Heard)> {
    sight
        .other_ports()
        .chain(sight.closed)
        .filter(|_| sight.every_port_opens().is_none())
        .filter(|(_, heard)| matches!(heard, Heard::Open | Heard::Reset))
}

/// Best is one that opens, since only the host itself opens a port. A closed one may be
/// refused by the same device.
fn worth((port, heard): &(Port, Heard)) -> (bool, u16) {
    (*heard != Heard::Open, port.get())
}

/// Every step has one SYN, which may be lost: then an answer seems to come from farther
/// away. So a router must have said that a packet ended there which went as far.
fn compare(refused: &[Hop], host: &[Hop], address: IpAddr) -> Option<ResetSource> {
    let reset = arrival(refused, address).filter(|hop| hop.status == HopStatus::Refused)?;
    let own = arrival(host, address)?;
    let before = |walk| router_at(walk, reset.ttl.checked_sub(1)?);
    let ends_later = |hop: &Hop| hop.status == HopStatus::TtlExceeded && hop.ttl >= reset.ttl;
    if host.iter().any(ends_later) {
        return Some(ResetSource::OnTheWay {
            hop: reset.ttl,
            host: own.ttl,
            device: router_at(host, reset.ttl),
            before: before(refused).or_else(|| before(host)),
        });
    }
    let is_first = reset.ttl == 1 || before(refused).is_some();
    let is_own = own.status == HopStatus::Open && own.ttl == reset.ttl;
    (is_first && is_own).then(|| ResetSource::AsFarAsHost {
        hop: reset.ttl,
        before: before(refused),
    })
}

/// The step at which the address itself answered, or something in its name.
fn arrival(walk: &[Hop], address: IpAddr) -> Option<&Hop> {
    walk.last().filter(|hop| {
        matches!(hop.status, HopStatus::Open | HopStatus::Refused) && hop.from == Some(address)
    })
}

fn router_at(walk: &[Hop], ttl: u8) -> Option<IpAddr> {
    walk.iter()
        .find(|hop| hop.ttl == ttl && hop.status == HopStatus::TtlExceeded)?
        .from
}

/// What the walks are worth a line for.
pub(super) fn findings(sight: &Sight<'_>) -> Option<Said> {
    if is_unavailable(sight) {
        return Some(Said::WalkNotAvailable {});
    }
    match sight.state {
        State::TimedOut | State::Unreachable => Some(end_of(sight.walk()?)),
        State::Refused => {
            (reset_source(sight)? == ResetSource::NotTold).then_some(Said::ResetNotToldApart {})
        }
        _ => None,
    }
}

fn is_unavailable(sight: &Sight<'_>) -> bool {
    let unavailable = |look: &Look| match look {
        Look::Path {
            endpoint,
            available: false,
            ..
        } => (Some(*endpoint) == sight.endpoint()).then_some(()),
        _ => None,
    };
    sight.state.is_failing() && sight.newest(unavailable).is_some()
}

/// The last hop that answered, and the first that did not.
fn end_of(walk: &[Hop]) -> Said {
    let answered = walk.iter().rev().find_map(|hop| Some((hop, hop.from?)));
    let Some((last, hop)) = answered else {
        return Said::WalkSilent {};
    };
    // One that counts its hop before it rejects answers two steps; the first is its place.
    let place = walk.iter().find(|step| step.from == Some(hop));
    let ttl = u32::from(place.unwrap_or(last).ttl);
    match last.status {
        HopStatus::Open | HopStatus::Refused => Said::WalkArrives { hop, ttl },
        HopStatus::Unreachable => Said::WalkEndedBy { hop, ttl },
        // Nobody was silent: the walk was as long as walks get.
        HopStatus::TtlExceeded if walk.last() == Some(last) => Said::WalkGoesRound {
            ttl: u32::from(last.ttl),
        },
        HopStatus::TtlExceeded | HopStatus::Silent => Said::WalkEndsAfter {
            hop,
            ttl,
            silent: u32::from(last.ttl) + 1,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Duration;

    use rstest::rstest;

    use super::{ResetSource, compare, end_of};
    use crate::diagnosis::Said;
    use crate::evidence::{Hop, HopStatus};

    const HOST: &str = "10.0.4.12";
    const ONE: &str = "10.0.9.1";
    const TWO: &str = "10.0.7.1";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// A walk in short: an address is a router, `-` silence, `rst` and `open` the end.
    fn walk(steps: &[&str]) -> Vec<Hop> {
        let hop = |(place, step): (usize, &&str)| {
            let (status, from) = match *step {
                "-" => (HopStatus::Silent, None),
                "rst" => (HopStatus::Refused, Some(ip(HOST))),
                "open" => (HopStatus::Open, Some(ip(HOST))),
                router => (HopStatus::TtlExceeded, Some(ip(router))),
            };
            Hop {
                ttl: u8::try_from(place + 1).unwrap(),
                from,
                status,
                elapsed: Duration::from_millis(1).into(),
            }
        };
        steps.iter().enumerate().map(hop).collect()
    }

    fn on_the_way(hop: u8, device: Option<&str>, before: Option<&str>) -> ResetSource {
        ResetSource::OnTheWay {
            hop,
            host: 3,
            device: device.map(ip),
            before: before.map(ip),
        }
    }

    #[rstest]
    #[case::nearer(&[ONE, "rst"], &[ONE, TWO, "open"], Some(on_the_way(2, Some(TWO), Some(ONE))))]
    #[case::at_the_first_hop(&["rst"], &[ONE, TWO, "open"], Some(on_the_way(1, Some(ONE), None)))]
    #[case::nearer_than_a_closed_port(&[ONE, "rst"], &[ONE, TWO, "rst"], Some(on_the_way(2, Some(TWO), Some(ONE))))]
    #[case::nearer_past_a_quiet_router(&["rst"], &["-", TWO, "open"], Some(on_the_way(1, None, None)))]
    #[case::as_far(&[ONE, TWO, "rst"], &[ONE, TWO, "open"],
        Some(ResetSource::AsFarAsHost { hop: 3, before: Some(ip(TWO)) }))]
    #[case::on_this_very_network(&["rst"], &["open"], Some(ResetSource::AsFarAsHost { hop: 1, before: None }))]
    #[case::as_far_as_another_reset(&[ONE, TWO, "rst"], &[ONE, TWO, "rst"], None)]
    #[case::a_lost_answer_of_the_host(&[ONE, "rst"], &[ONE, "-", "open"], None)]
    #[case::a_lost_reset(&[ONE, "-", "rst"], &[ONE, TWO, "open"], None)]
    #[case::farther_away(&[ONE, TWO, "rst"], &[ONE, "open"], None)]
    #[case::the_reset_did_not_come_again(&[ONE, "-"], &[ONE, TWO, "open"], None)]
    #[case::the_host_did_not_answer_again(&[ONE, "rst"], &[ONE, "-"], None)]
    fn a_reset_is_placed_only_where_a_router_vouches_for_it(
        #[case] refused: &[&str],
        #[case] host: &[&str],
        #[case] source: Option<ResetSource>,
    ) {
        assert_eq!(compare(&walk(refused), &walk(host), ip(HOST)), source);
    }

    #[test]
    fn a_router_that_counts_its_hop_before_it_rejects_stands_at_the_first_of_the_two() {
        let mut steps = walk(&[ONE, ONE]);
        steps[1].status = HopStatus::Unreachable;
        let said = Said::WalkEndedBy {
            hop: ip(ONE),
            ttl: 1,
        };
        assert_eq!(end_of(&steps), said);
    }
}
