//! What one attempt means: who answered, and with what.
//!
//! The evidence keeps errors and ICMP messages as they came. Here the pair of the two
//! becomes a word that rules can match on.

use std::net::IpAddr;
use std::time::Duration;

use crate::diagnosis::Said;
use crate::evidence::{Attempt, ConnectStatus, Icmp, Os, Vantage};

/// What came back from one attempt, and from whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Heard {
    /// The attempt was not made.
    #[default]
    Nothing,
    /// The handshake completed.
    Open,
    /// RST, or a refusal whose sender the platform does not tell.
    Reset,
    /// ICMP port-unreachable or prohibited: a rule of this device (or the host's own).
    Rejected { by: IpAddr, refused: bool },
    /// This machine's own policy.
    ForbiddenHere,
    /// ARP or neighbour discovery failed: nobody on this network has the address.
    NoNeighbour,
    /// A router says that the host does not answer it.
    HostUnreachable { by: IpAddr },
    /// No route: on this machine (`None`), or at this router.
    NoRoute { by: Option<IpAddr> },
    /// There is no way, and the platform does not tell who says so.
    NoWay,
    /// Nothing came back.
    Silence,
    /// This machine has nothing left to connect with.
    Exhausted,
    /// Nothing was sent: the policy of this machine forbids it.
    PolicyForbids,
}

/// An ICMP message in one word, for both families.
enum Message {
    HostUnreachable,
    NoRoute,
    Rejected { refused: bool },
    Other,
}

impl Heard {
    /// Reads one attempt.
    pub(super) fn of(attempt: &Attempt, vantage: &Vantage) -> Self {
        match (attempt.status, &attempt.icmp) {
            (ConnectStatus::Skipped, _) => Self::Nothing,
            (ConnectStatus::Open, _) => Self::Open,
            (ConnectStatus::Exhausted, _) => Self::Exhausted,
            (_, Some(icmp)) => Self::of_icmp(icmp, attempt, vantage),
            (ConnectStatus::Refused, None) => Self::Reset,
            (ConnectStatus::TimedOut, None) => Self::Silence,
            (ConnectStatus::Blocked, None) => Self::ForbiddenHere,
            (ConnectStatus::Unreachable, None) => Self::of_error(attempt, vantage),
        }
    }

    /// Our own address as the sender: ARP failed, or the local firewall rejected.
    /// Where the server is this very machine, its own address proves nothing local.
    fn of_icmp(icmp: &Icmp, attempt: &Attempt, vantage: &Vantage) -> Self {
        let local = attempt.local.map(|local| local.ip());
        let ours = (vantage.addresses.contains(&icmp.from) || local == Some(icmp.from))
            && icmp.from != attempt.endpoint.ip();
        match Message::of(icmp) {
            // Without an address of its own for this family Linux asks from loopback: nobody
            // was asked, so nobody is dead.
            Message::HostUnreachable
                if ours && icmp.from.is_loopback() && !attempt.endpoint.ip().is_loopback() =>
            {
                Self::NoRoute { by: None }
            }
            Message::HostUnreachable if ours => Self::NoNeighbour,
            Message::HostUnreachable => Self::HostUnreachable { by: icmp.from },
            Message::NoRoute if ours => Self::NoRoute { by: None },
            Message::NoRoute => Self::NoRoute {
                by: Some(icmp.from),
            },
            Message::Rejected { .. } if ours => Self::ForbiddenHere,
            Message::Rejected { refused } => Self::Rejected {
                by: icmp.from,
                refused,
            },
            Message::Other => Self::NoWay,
        }
    }

    /// The numbers of Linux, macOS and Windows do not collide for the errors of connect().
    /// An unreachable route of this machine answers at once; a failed ARP takes 3 s, and on
    /// Linux it brings an ICMP message, so that its absence tells the two apart.
    fn of_error(attempt: &Attempt, vantage: &Vantage) -> Self {
        let at_once = attempt.elapsed.duration() < Duration::from_millis(100);
        match attempt.os_error {
            Some(1 | 13 | 10013) => Self::ForbiddenHere,
            Some(22 | 51 | 101 | 10051) => Self::NoRoute { by: None },
            Some(113) if at_once && vantage.os == Os::Linux => Self::NoRoute { by: None },
            _ => Self::NoWay,
        }
    }

    /// The status that this reading gives: an ICMP message may correct the one of the system.
    pub(super) fn status(self) -> ConnectStatus {
        match self {
            Self::Nothing => ConnectStatus::Skipped,
            Self::Open => ConnectStatus::Open,
            Self::Reset | Self::Rejected { refused: true, .. } => ConnectStatus::Refused,
            Self::ForbiddenHere | Self::PolicyForbids => ConnectStatus::Blocked,
            Self::Exhausted => ConnectStatus::Exhausted,
            Self::Silence => ConnectStatus::TimedOut,
            Self::Rejected { refused: false, .. }
            | Self::NoNeighbour
            | Self::HostUnreachable { .. }
            | Self::NoRoute { .. }
            | Self::NoWay => ConnectStatus::Unreachable,
        }
    }
}

impl Message {
    /// RFC 792 and RFC 1812 5.2.7.1 for IPv4, RFC 4443 3.1 for IPv6.
    fn of(icmp: &Icmp) -> Self {
        match (icmp.from.is_ipv4(), icmp.kind, icmp.code) {
            (true, 3, 1 | 7) | (false, 1, 3) => Self::HostUnreachable,
            (true, 3, 0 | 6 | 11 | 12) | (false, 1, 0 | 2) => Self::NoRoute,
            _ if goes_round(icmp) => Self::NoRoute,
            (true, 3, 3) | (false, 1, 4) => Self::Rejected { refused: true },
            (true, 3, 2 | 9 | 10 | 13) | (false, 1, 1 | 5 | 6) => Self::Rejected { refused: false },
            _ => Self::Other,
        }
    }
}

/// Time exceeded in transit: the packet passed more routers than any way has.
fn goes_round(icmp: &Icmp) -> bool {
    let kind = if icmp.from.is_ipv4() { 11 } else { 3 };
    (icmp.kind, icmp.code) == (kind, 0)
}

/// What a router says that has no way to go on, by the message that it sent.
pub(super) fn no_way_at(by: IpAddr, address: IpAddr, icmp: Option<&Icmp>) -> Said {
    if icmp.is_some_and(goes_round) {
        Said::GoesRound { by, address }
    } else {
        Said::RouterHasNoRoute { by, address }
    }
}

/// What it means that this machine itself would not send a datagram.
pub(super) fn of_sending(os_error: Option<i32>) -> Option<Heard> {
    Some(match os_error? {
        // EPERM, EACCES, WSAEACCES
        1 | 13 | 10013 => Heard::ForbiddenHere,
        // No memory, file, port or buffer: the numbers of Linux, macOS and Windows.
        11 | 12 | 23 | 24 | 35 | 48 | 49 | 55 | 98 | 99 | 105 | 10024 | 10048 | 10049 | 10055 => {
            Heard::Exhausted
        }
        _ => return None,
    })
}

/// What an ICMP message in place of Browser's answer means.
pub(super) fn of_datagram(icmp: &Icmp, asked: Option<IpAddr>, vantage: &Vantage) -> Heard {
    let ours = vantage.addresses.contains(&icmp.from) && asked != Some(icmp.from);
    match Message::of(icmp) {
        Message::HostUnreachable if ours => Heard::NoNeighbour,
        Message::HostUnreachable => Heard::HostUnreachable { by: icmp.from },
        Message::NoRoute if ours => Heard::NoRoute { by: None },
        Message::NoRoute => Heard::NoRoute {
            by: Some(icmp.from),
        },
        Message::Rejected { .. } if ours => Heard::ForbiddenHere,
        // From the host itself a port-unreachable is what a closed UDP port answers.
        Message::Rejected { refused: true } if asked.is_none_or(|asked| asked == icmp.from) => {
            Heard::Reset
        }
        Message::Rejected { refused } => Heard::Rejected {
            by: icmp.from,
            refused,
        },
        Message::Other => Heard::NoWay,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Heard, of_datagram};
    use crate::evidence::{Attempt, ConnectStatus, Icmp, Vantage};

    const ME: &str = "10.0.9.7";
    const HOST: &str = "10.0.4.12";
    const ROUTER: &str = "10.0.9.1";

    fn vantage() -> Vantage {
        Vantage {
            addresses: vec![ME.parse().unwrap(), "::1".parse().unwrap()],
            ipv4: true,
            ..Vantage::default()
        }
    }

    fn attempt(
        status: ConnectStatus,
        icmp: Option<(u8, u8, &str)>,
        os_error: Option<i32>,
    ) -> Attempt {
        Attempt {
            started: None,
            endpoint: "10.0.4.12:1433".parse().unwrap(),
            local: None,
            status,
            elapsed: std::time::Duration::from_millis(1).into(),
            os_error,
            icmp: icmp.map(|(kind, code, from)| Icmp {
                kind,
                code,
                from: from.parse().unwrap(),
            }),
            instead_of: None,
        }
    }

    fn by(text: &str) -> std::net::IpAddr {
        text.parse().unwrap()
    }

    #[rstest]
    #[case::rst(ConnectStatus::Refused, None, Some(111), Heard::Reset)]
    #[case::port_unreachable(ConnectStatus::Refused, Some((3, 3, ROUTER)), Some(111),
        Heard::Rejected { by: by(ROUTER), refused: true })]
    #[case::rejected_by_host(ConnectStatus::Unreachable, Some((3, 13, HOST)), Some(113),
        Heard::Rejected { by: by(HOST), refused: false })]
    #[case::local_firewall(ConnectStatus::Unreachable, Some((3, 13, ME)), Some(113), Heard::ForbiddenHere)]
    #[case::local_reject(ConnectStatus::Refused, Some((3, 3, ME)), Some(111), Heard::ForbiddenHere)]
    #[case::arp_failed(ConnectStatus::Unreachable, Some((3, 1, ME)), Some(113), Heard::NoNeighbour)]
    #[case::router_finds_no_host(ConnectStatus::Unreachable, Some((3, 1, ROUTER)), Some(113),
        Heard::HostUnreachable { by: by(ROUTER) })]
    #[case::router_has_no_route(ConnectStatus::Unreachable, Some((3, 0, ROUTER)), Some(101),
        Heard::NoRoute { by: Some(by(ROUTER)) })]
    #[case::no_route_here(ConnectStatus::Unreachable, None, Some(101), Heard::NoRoute { by: None })]
    #[case::eperm(ConnectStatus::Blocked, None, Some(1), Heard::ForbiddenHere)]
    #[case::wsaeacces(ConnectStatus::Unreachable, None, Some(10013), Heard::ForbiddenHere)]
    #[case::who_knows(ConnectStatus::Unreachable, None, Some(10065), Heard::NoWay)]
    #[case::routing_loop(ConnectStatus::Unreachable, Some((11, 0, ROUTER)), Some(113),
        Heard::NoRoute { by: Some(by(ROUTER)) })]
    #[case::no_source_address(ConnectStatus::Unreachable, Some((1, 3, "::1")), Some(113),
        Heard::NoRoute { by: None })]
    // ICMPv6 administratively prohibited reaches the program as EACCES, which alone
    // would read as local policy.
    #[case::v6_admin(ConnectStatus::Blocked, Some((1, 1, "fd00::1")), Some(13),
        Heard::Rejected { by: by("fd00::1"), refused: false })]
    #[case::v6_address(ConnectStatus::Unreachable, Some((1, 3, "fd00::1")), Some(113),
        Heard::HostUnreachable { by: by("fd00::1") })]
    #[case::v6_port(ConnectStatus::Refused, Some((1, 4, "fd00::1")), Some(111),
        Heard::Rejected { by: by("fd00::1"), refused: true })]
    #[case::v6_no_route(ConnectStatus::Unreachable, Some((1, 0, "fd00::1")), Some(101),
        Heard::NoRoute { by: Some(by("fd00::1")) })]
    fn an_attempt_is_read_with_its_icmp_message(
        #[case] status: ConnectStatus,
        #[case] icmp: Option<(u8, u8, &str)>,
        #[case] os_error: Option<i32>,
        #[case] heard: Heard,
    ) {
        assert_eq!(
            Heard::of(&attempt(status, icmp, os_error), &vantage()),
            heard
        );
    }

    #[rstest]
    #[case::closed_port((3, 3, HOST), Heard::Reset)]
    #[case::device((3, 3, ROUTER), Heard::Rejected { by: by(ROUTER), refused: true })]
    #[case::arp_failed((3, 1, ME), Heard::NoNeighbour)]
    fn a_datagram_is_refused_by_the_host_or_rejected_on_the_way(
        #[case] (kind, code, from): (u8, u8, &str),
        #[case] heard: Heard,
    ) {
        let icmp = Icmp {
            kind,
            code,
            from: by(from),
        };
        assert_eq!(of_datagram(&icmp, Some(by(HOST)), &vantage()), heard);
    }
}
