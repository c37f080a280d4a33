//! What Winsock is asked for directly, since no crate wraps it: not to repeat a SYN, to fail
//! on ICMP, and who sent it. The only file with unsafe code: three calls, each with what
//! makes it sound. Where a Windows does not know an option, nothing is changed.

#![cfg_attr(windows, allow(unsafe_code))]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::evidence::Icmp;

#[cfg(windows)]
pub use self::calls::{fail_on_icmp, icmp_error, send_one_syn};

/// `sizeof(ICMP_ERROR_INFO)`: `SOCKADDR_INET` of 28 bytes, the protocol, type and code.
const INFO: usize = 36;

/// Reads an `ICMP_ERROR_INFO` (ws2ipdef.h). `None` for what is no ICMP message, or has no sender.
fn decode(info: &[u8; INFO]) -> Option<Icmp> {
    const AF_INET: u16 = 2;
    const AF_INET6: u16 = 23;
    const ICMP: i32 = 1;
    const ICMPV6: i32 = 58;

    let (family, rest) = info.split_first_chunk::<2>()?;
    let protocol = i32::from_ne_bytes(info[28..32].try_into().ok()?);
    let from = match (u16::from_ne_bytes(*family), protocol) {
        // family, port, address
        (AF_INET, ICMP) => IpAddr::V4(Ipv4Addr::from(*rest[2..].first_chunk::<4>()?)),
        // family, port, flow, address, scope
        (AF_INET6, ICMPV6) => IpAddr::V6(Ipv6Addr::from(*rest[6..].first_chunk::<16>()?)),
        _ => return None,
    };
    (!from.is_unspecified()).then_some(Icmp {
        kind: info[32],
        code: info[33],
        from,
    })
}

#[cfg(windows)]
mod calls {
    use std::mem::{offset_of, size_of};
    use std::os::windows::io::{AsRawSocket, RawSocket};
    use std::ptr::{from_mut, from_ref, null_mut};

    use windows_sys::Win32::Networking::WinSock::{
        ICMP_ERROR_INFO, IPPROTO_TCP, SIO_TCP_INITIAL_RTO, SOCKET, TCP_FAIL_CONNECT_ON_ICMP_ERROR,
        TCP_ICMP_ERROR_INFO, TCP_INITIAL_RTO_PARAMETERS, WSAIoctl, getsockopt, setsockopt,
    };

    use super::{INFO, Icmp, decode};

    /// `TCP_INITIAL_RTO_UNSPECIFIED_RTT`, `((USHORT)-1)` in mstcpip.h: the machine's own.
    const OWN_RTT: u16 = 0xFFFF;
    /// `TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS`, `((UCHAR)-2)`; windows-sys has it in the
    /// width of the other field.
    const NO_SYN_RETRANSMISSIONS: u8 = 0xFE;

    const _: () = assert!(
        size_of::<ICMP_ERROR_INFO>() == INFO
            && offset_of!(ICMP_ERROR_INFO, protocol) == 28
            && offset_of!(ICMP_ERROR_INFO, r#type) == 32
            && offset_of!(ICMP_ERROR_INFO, code) == 33
    );

    /// Has one SYN sent, and none repeated: neither after silence nor after a reset. To be
    /// called before `connect()`. `false` where Windows does not know it (before 10 1709):
    /// then the system repeats it.
    pub fn send_one_syn(socket: &impl AsRawSocket) -> bool {
        let parameters = TCP_INITIAL_RTO_PARAMETERS {
            Rtt: OWN_RTT,
            MaxSynRetransmissions: NO_SYN_RETRANSMISSIONS,
        };
        let mut returned = 0;
        // SAFETY: the input points at a whole TCP_INITIAL_RTO_PARAMETERS that outlives the
        // call, and its size is given; there is no output; without OVERLAPPED the call is
        // over when it returns. A socket that is none is an error, not undefined.
        let result = unsafe {
            WSAIoctl(
                handle(socket.as_raw_socket()),
                SIO_TCP_INITIAL_RTO,
                from_ref(&parameters).cast(),
                length::<TCP_INITIAL_RTO_PARAMETERS>().unsigned_abs(),
                null_mut(),
                0,
                &raw mut returned,
                null_mut(),
                None,
            )
        };
        result == 0
    }

    /// Has `connect()` fail when ICMP answers the SYN, as it does on Linux with an error
    /// queue; without, ICMP is silence. `false` where Windows does not know it (before 10 2004).
    pub fn fail_on_icmp(socket: &impl AsRawSocket) -> bool {
        let enabled = 1_u32;
        // SAFETY: the value points at a u32 (DWORD) that outlives the call, and its size is given.
        let result = unsafe {
            setsockopt(
                handle(socket.as_raw_socket()),
                IPPROTO_TCP,
                TCP_FAIL_CONNECT_ON_ICMP_ERROR,
                from_ref(&enabled).cast(),
                length::<u32>(),
            )
        };
        result == 0
    }

    /// The ICMP message that answered the last `connect()`. `None` where there was none, and
    /// where Windows does not tell.
    pub fn icmp_error(socket: &impl AsRawSocket) -> Option<Icmp> {
        let mut info = [0_u8; INFO];
        let mut written = length::<ICMP_ERROR_INFO>();
        // SAFETY: the value points at INFO writable bytes, which is what `written` says; the
        // system writes no more than that. Bytes need no alignment, and each pattern is valid.
        let result = unsafe {
            getsockopt(
                handle(socket.as_raw_socket()),
                IPPROTO_TCP,
                TCP_ICMP_ERROR_INFO,
                from_mut(&mut info).cast(),
                &raw mut written,
            )
        };
        let is_whole = result == 0 && written == length::<ICMP_ERROR_INFO>();
        is_whole.then(|| decode(&info)).flatten()
    }

    /// std says u64, Winsock a number as wide as a pointer.
    fn handle(socket: RawSocket) -> SOCKET {
        SOCKET::try_from(socket).unwrap_or(SOCKET::MAX)
    }

    /// The sizes here are below 40.
    const fn length<T>() -> i32 {
        assert!(size_of::<T>() < 64);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_possible_wrap,
            reason = "it is below 64"
        )]
        let length = size_of::<T>() as i32;
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    /// `ICMP_ERROR_INFO` as Windows lays it out.
    fn info(from: &str, protocol: i32, kind: u8, code: u8) -> [u8; INFO] {
        let mut bytes = [0; INFO];
        match from.parse().unwrap() {
            IpAddr::V4(v4) => {
                bytes[..2].copy_from_slice(&2_u16.to_ne_bytes());
                bytes[4..8].copy_from_slice(&v4.octets());
            }
            IpAddr::V6(v6) => {
                bytes[..2].copy_from_slice(&23_u16.to_ne_bytes());
                bytes[8..24].copy_from_slice(&v6.octets());
            }
        }
        bytes[28..32].copy_from_slice(&protocol.to_ne_bytes());
        (bytes[32], bytes[33]) = (kind, code);
        bytes
    }

    #[rstest]
    #[case::port_unreachable("10.0.0.9", 1, 3, 3)]
    #[case::hop_limit_in_transit("10.0.0.1", 1, 11, 0)]
    #[case::prohibited_over_ipv6("fd00::1", 58, 1, 1)]
    fn a_message_has_its_type_its_code_and_its_sender(
        #[case] from: &str,
        #[case] protocol: i32,
        #[case] kind: u8,
        #[case] code: u8,
    ) {
        let expected = Icmp {
            kind,
            code,
            from: from.parse().unwrap(),
        };
        assert_eq!(decode(&info(from, protocol, kind, code)), Some(expected));
    }

    #[rstest]
    #[case::nothing("0.0.0.0", 1)]
    #[case::another_protocol("10.0.0.9", 6)]
    #[case::families_that_do_not_match("fd00::1", 1)]
    fn what_names_no_sender_is_no_message(#[case] from: &str, #[case] protocol: i32) {
        assert_eq!(decode(&info(from, protocol, 3, 3)), None);
        assert_eq!(decode(&[0; INFO]), None);
    }

    #[cfg(windows)]
    #[test]
    fn a_socket_without_an_icmp_error_has_none() {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        assert_eq!(icmp_error(&socket.unwrap()), None);
    }
}
