//! What the system's error numbers mean for an attempt to connect.

use std::io;
use std::net::{IpAddr, SocketAddr};

use crate::evidence::{ConnectStatus, Icmp};

/// When the error came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// From inside `connect()`: nothing was sent; the routing table or a policy spoke.
    AtOnce,
    /// After a packet was sent.
    Later,
}

/// An attempt that failed with an error number.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The system's error number.
    pub code: Option<i32>,
    /// When it came.
    pub moment: Moment,
    /// The ICMP message that came with it.
    pub icmp: Option<Icmp>,
    /// This machine's address on the way there.
    pub local: Option<IpAddr>,
    /// Where to.
    pub endpoint: SocketAddr,
}

/// What an error number says, before it is asked who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Refused,
    TimedOut,
    Unreachable,
    /// `EACCES`: a prohibiting route of our own, or ICMPv6 from a router.
    #[cfg_attr(windows, expect(dead_code, reason = "Winsock has no number for it"))]
    Denied,
    /// `EPERM`, or Winsock's 10013: only this machine says so.
    NotPermitted,
    /// `EINVAL`: a blackhole route, or a link-local address without its interface.
    #[cfg_attr(windows, expect(dead_code, reason = "Winsock has no number for it"))]
    Invalid,
    Exhausted,
    /// `EADDRNOTAVAIL`: no local port left, or no local address of this family.
    NoLocalAddress,
    /// The handshake had completed when it came.
    Reset,
    Other,
}

impl Failure {
    /// The outcome that the error stands for. `Open` where the handshake completed
    /// and the connection was reset before it could be used.
    pub fn status(&self) -> ConnectStatus {
        self.status_of(kind(self.code))
    }

    fn status_of(&self, kind: Kind) -> ConnectStatus {
        match kind {
            Kind::Reset => ConnectStatus::Open,
            Kind::TimedOut => ConnectStatus::TimedOut,
            Kind::Exhausted => ConnectStatus::Exhausted,
            Kind::NotPermitted => ConnectStatus::Blocked,
            Kind::NoLocalAddress if self.has_local_address() => ConnectStatus::Exhausted,
            Kind::NoLocalAddress => ConnectStatus::Unreachable,
            Kind::Denied if self.icmp.is_none() && self.moment == Moment::AtOnce => {
                ConnectStatus::Blocked
            }
            Kind::Invalid if self.moment == Moment::AtOnce && !needs_scope(self.endpoint) => {
                ConnectStatus::Blocked
            }
            Kind::Refused | Kind::Unreachable | Kind::Denied | Kind::Other
                if self.rejected_here() =>
            {
                ConnectStatus::Blocked
            }
            Kind::Refused => ConnectStatus::Refused,
            // Winsock has one number for all ICMP; elsewhere this one is a refusal.
            Kind::Unreachable if self.icmp.is_some_and(is_port_unreachable) => {
                ConnectStatus::Refused
            }
            Kind::Unreachable | Kind::Denied | Kind::Invalid | Kind::Other => {
                ConnectStatus::Unreachable
            }
        }
    }

    /// To ask the routing table takes a port as well, where the ports may be what is missing.
    fn has_local_address(&self) -> bool {
        let address = self.endpoint.ip();
        address.is_loopback()
            || super::vantage::has_way(address)
            || super::vantage::has_family(address)
    }

    /// A reject by this machine's own firewall comes from our own address. So does
    /// "host unreachable" after ARP or neighbour discovery failed, which is no policy.
    fn rejected_here(&self) -> bool {
        let Some(icmp) = self.icmp else { return false };
        let ours = Some(icmp.from) == self.local && icmp.from != self.endpoint.ip();
        let policy = match icmp.from {
            // port, net and host prohibited, admin prohibited
            IpAddr::V4(_) => icmp.kind == 3 && matches!(icmp.code, 3 | 9 | 10 | 13),
            // admin prohibited, port, policy, reject route
            IpAddr::V6(_) => icmp.kind == 1 && matches!(icmp.code, 1 | 4 | 5 | 6),
        };
        ours && policy
    }
}

/// RFC 792; RFC 4443 3.1
pub fn is_port_unreachable(icmp: Icmp) -> bool {
    match icmp.from {
        IpAddr::V4(_) => (icmp.kind, icmp.code) == (3, 3),
        IpAddr::V6(_) => (icmp.kind, icmp.code) == (1, 4),
    }
}

/// `connect()` has begun and goes on.
pub fn in_progress(error: &io::Error) -> bool {
    #[cfg(unix)]
    let begun = error.raw_os_error() == Some(nix::errno::Errno::EINPROGRESS as i32);
    #[cfg(not(unix))]
    let begun = false;
    begun || error.kind() == io::ErrorKind::WouldBlock
}

/// A link-local address is no destination without its interface.
fn needs_scope(endpoint: SocketAddr) -> bool {
    matches!(endpoint, SocketAddr::V6(v6) if v6.ip().is_unicast_link_local() && v6.scope_id() == 0)
}

#[cfg(unix)]
fn kind(code: Option<i32>) -> Kind {
    use nix::errno::Errno;
    let Some(code) = code else { return Kind::Other };
    match Errno::from_raw(code) {
        Errno::ECONNREFUSED => Kind::Refused,
        Errno::ETIMEDOUT => Kind::TimedOut,
        // ENOPROTOOPT and EPROTO: ICMP protocol-unreachable and its kin.
        Errno::EHOSTUNREACH
        | Errno::ENETUNREACH
        | Errno::EHOSTDOWN
        | Errno::ENETDOWN
        | Errno::ENOPROTOOPT
        | Errno::EPROTO
        | Errno::EAFNOSUPPORT => Kind::Unreachable,
        Errno::EACCES => Kind::Denied,
        Errno::EPERM => Kind::NotPermitted,
        Errno::EINVAL => Kind::Invalid,
        Errno::EMFILE
        | Errno::ENFILE
        | Errno::ENOBUFS
        | Errno::ENOMEM
        | Errno::EAGAIN
        | Errno::EADDRINUSE => Kind::Exhausted,
        Errno::EADDRNOTAVAIL => Kind::NoLocalAddress,
        Errno::ECONNRESET | Errno::EPIPE => Kind::Reset,
        _ => Kind::Other,
    }
}

#[cfg(windows)]
fn kind(code: Option<i32>) -> Kind {
    winsock(code)
}

/// Winsock's numbers. There is no blackhole route on Windows, and so no `Invalid`; and what
/// ICMP forbids is `WSAEHOSTUNREACH`, so that `WSAEACCES` is only this machine's own word.
#[cfg(any(windows, test))]
fn winsock(code: Option<i32>) -> Kind {
    match code {
        // WSAECONNREFUSED
        Some(10061) => Kind::Refused,
        // WSAETIMEDOUT
        Some(10060) => Kind::TimedOut,
        // WSAEAFNOSUPPORT, WSAENETDOWN, WSAENETUNREACH, WSAENETRESET (a time to live was
        // over), WSAEHOSTDOWN, WSAEHOSTUNREACH
        Some(10047 | 10050 | 10051 | 10052 | 10064 | 10065) => Kind::Unreachable,
        // WSAEACCES: a rule of the Windows Filtering Platform
        Some(10013) => Kind::NotPermitted,
        // WSA_NOT_ENOUGH_MEMORY, WSAEMFILE, WSAEADDRINUSE, WSAENOBUFS, WSAEPROCLIM
        Some(8 | 10024 | 10048 | 10055 | 10067) => Kind::Exhausted,
        // WSAEADDRNOTAVAIL
        Some(10049) => Kind::NoLocalAddress,
        // WSAECONNABORTED, WSAECONNRESET
        Some(10053 | 10054) => Kind::Reset,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod winsock_tests {
    use super::*;
    use rstest::rstest;

    const OURS: &str = "10.1.0.2";
    const ROUTER: &str = "10.1.0.1";
    const SERVER: &str = "10.2.0.9";

    fn status(code: i32, moment: Moment, icmp: Option<(&str, u8, u8)>) -> ConnectStatus {
        let icmp = icmp.map(|(from, kind, code)| Icmp {
            kind,
            code,
            from: from.parse().unwrap(),
        });
        let failure = Failure {
            code: Some(code),
            moment,
            icmp,
            local: Some(OURS.parse().unwrap()),
            endpoint: SocketAddr::new(SERVER.parse().unwrap(), 1433),
        };
        failure.status_of(winsock(failure.code))
    }

    #[rstest]
    #[case::connection_refused(10061, ConnectStatus::Refused)]
    #[case::the_system_gave_up(10060, ConnectStatus::TimedOut)]
    #[case::host_unreachable(10065, ConnectStatus::Unreachable)]
    #[case::host_down(10064, ConnectStatus::Unreachable)]
    #[case::network_unreachable(10051, ConnectStatus::Unreachable)]
    #[case::network_down(10050, ConnectStatus::Unreachable)]
    #[case::network_reset(10052, ConnectStatus::Unreachable)]
    #[case::no_such_family(10047, ConnectStatus::Unreachable)]
    #[case::firewall_of_this_machine(10013, ConnectStatus::Blocked)]
    #[case::ports_in_use(10048, ConnectStatus::Exhausted)]
    #[case::no_buffers(10055, ConnectStatus::Exhausted)]
    #[case::too_many_sockets(10024, ConnectStatus::Exhausted)]
    #[case::too_many_processes(10067, ConnectStatus::Exhausted)]
    #[case::no_memory(8, ConnectStatus::Exhausted)]
    #[case::reset_after_the_handshake(10054, ConnectStatus::Open)]
    #[case::aborted_after_the_handshake(10053, ConnectStatus::Open)]
    #[case::a_number_of_its_own(10022, ConnectStatus::Unreachable)]
    fn a_number_of_winsock_is_read(
        #[case] code: i32,
        #[case] expected: ConnectStatus,
        #[values(Moment::AtOnce, Moment::Later)] moment: Moment,
    ) {
        assert_eq!(status(code, moment, None), expected);
    }

    #[rstest]
    #[case::the_server_rejects((SERVER, 3, 3), ConnectStatus::Refused)]
    #[case::a_router_rejects_the_port((ROUTER, 3, 3), ConnectStatus::Refused)]
    #[case::a_router_prohibits((ROUTER, 3, 13), ConnectStatus::Unreachable)]
    #[case::a_router_knows_no_way((ROUTER, 3, 1), ConnectStatus::Unreachable)]
    #[case::a_step_of_the_walk((ROUTER, 11, 0), ConnectStatus::Unreachable)]
    #[case::we_prohibit((OURS, 3, 13), ConnectStatus::Blocked)]
    #[case::we_reject((OURS, 3, 3), ConnectStatus::Blocked)]
    #[case::our_neighbour_is_dead((OURS, 3, 1), ConnectStatus::Unreachable)]
    #[case::the_port_over_ipv6(("fd00::9", 1, 4), ConnectStatus::Refused)]
    #[case::prohibited_over_ipv6(("fd00::1", 1, 1), ConnectStatus::Unreachable)]
    fn winsocks_one_number_for_icmp_is_read_by_the_message(
        #[case] message: (&str, u8, u8),
        #[case] expected: ConnectStatus,
    ) {
        assert_eq!(status(10065, Moment::Later, Some(message)), expected);
    }

    /// Loopback always has a way, so that only the ports can have run out.
    #[test]
    fn no_local_address_towards_a_host_that_has_a_way_is_exhaustion() {
        let failure = Failure {
            code: Some(10049),
            moment: Moment::AtOnce,
            icmp: None,
            local: None,
            endpoint: "127.0.0.1:1433".parse().unwrap(),
        };
        assert_eq!(
            failure.status_of(winsock(failure.code)),
            ConnectStatus::Exhausted
        );
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use nix::errno::Errno;
    use rstest::rstest;

    const OURS: &str = "10.1.0.2";
    const ROUTER: &str = "10.1.0.1";

    /// Whether an ICMP message came, from where, and its type and code.
    type Message = Option<(&'static str, u8, u8)>;

    fn icmp(message: Message) -> Option<Icmp> {
        let (from, kind, code) = message?;
        let from = from.parse().ok()?;
        Some(Icmp { kind, code, from })
    }

    #[rstest]
    #[case::rst(Errno::ECONNREFUSED, Moment::Later, None, ConnectStatus::Refused)]
    #[case::port_unreachable_from_the_router(
        Errno::ECONNREFUSED,
        Moment::Later,
        Some((ROUTER, 3, 3)),
        ConnectStatus::Refused
    )]
    #[case::local_reject(
        Errno::ECONNREFUSED,
        Moment::Later,
        Some((OURS, 3, 3)),
        ConnectStatus::Blocked
    )]
    #[case::router_prohibits(
        Errno::EHOSTUNREACH,
        Moment::Later,
        Some((ROUTER, 3, 13)),
        ConnectStatus::Unreachable
    )]
    #[case::we_prohibit(
        Errno::EHOSTUNREACH,
        Moment::Later,
        Some((OURS, 3, 13)),
        ConnectStatus::Blocked
    )]
    #[case::arp_failed(
        Errno::EHOSTUNREACH,
        Moment::Later,
        Some((OURS, 3, 1)),
        ConnectStatus::Unreachable
    )]
    #[case::no_route(Errno::ENETUNREACH, Moment::AtOnce, None, ConnectStatus::Unreachable)]
    #[case::prohibit_route(Errno::EACCES, Moment::AtOnce, None, ConnectStatus::Blocked)]
    #[case::blackhole_route(Errno::EINVAL, Moment::AtOnce, None, ConnectStatus::Blocked)]
    #[case::ipv6_admin_from_a_router(
        Errno::EACCES,
        Moment::Later,
        Some(("fd00::1", 1, 1)),
        ConnectStatus::Unreachable
    )]
    #[case::policy(Errno::EPERM, Moment::AtOnce, None, ConnectStatus::Blocked)]
    #[case::protocol_unreachable(
        Errno::ENOPROTOOPT,
        Moment::Later,
        Some((ROUTER, 3, 2)),
        ConnectStatus::Unreachable
    )]
    #[case::descriptors(Errno::EMFILE, Moment::AtOnce, None, ConnectStatus::Exhausted)]
    #[case::buffers(Errno::ENOBUFS, Moment::AtOnce, None, ConnectStatus::Exhausted)]
    #[case::system_gave_up(Errno::ETIMEDOUT, Moment::Later, None, ConnectStatus::TimedOut)]
    #[case::reset_after_the_handshake(Errno::ECONNRESET, Moment::Later, None, ConnectStatus::Open)]
    fn an_error_is_read_by_its_number_its_moment_and_its_sender(
        #[case] errno: Errno,
        #[case] moment: Moment,
        #[case] message: Message,
        #[case] expected: ConnectStatus,
    ) {
        let failure = Failure {
            code: Some(errno as i32),
            moment,
            icmp: icmp(message),
            local: Some(OURS.parse().unwrap()),
            endpoint: "10.2.0.9:1433".parse().unwrap(),
        };
        assert_eq!(failure.status(), expected);
    }

    #[test]
    fn a_rejecting_loopback_service_is_no_local_policy() {
        let endpoint: SocketAddr = "127.0.0.1:1433".parse().unwrap();
        let failure = Failure {
            code: Some(Errno::ECONNREFUSED as i32),
            moment: Moment::Later,
            icmp: icmp(Some(("127.0.0.1", 3, 3))),
            local: Some(endpoint.ip()),
            endpoint,
        };
        assert_eq!(failure.status(), ConnectStatus::Refused);
    }

    #[test]
    fn a_link_local_address_without_its_interface_is_unreachable() {
        let failure = Failure {
            code: Some(Errno::EINVAL as i32),
            moment: Moment::AtOnce,
            icmp: None,
            local: None,
            endpoint: "[fe80::1]:1433".parse().unwrap(),
        };
        assert_eq!(failure.status(), ConnectStatus::Unreachable);
    }
}
