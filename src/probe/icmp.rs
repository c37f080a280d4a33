//! The ICMP message that answered a packet, and the device that sent it, without privilege:
//! on Linux the error queue of a socket (`IP_RECVERR`), on Windows 10 2004 and later an
//! option of a TCP socket. Elsewhere nothing is asked for and nothing is found.

use std::io;
use std::net::SocketAddr;

use socket2::Socket;

use crate::evidence::{Icmp, Senders};

/// Asks the system to queue the ICMP messages that answer this socket's packets.
/// To be called before the first packet is sent.
#[cfg(target_os = "linux")]
pub fn watch(socket: &Socket, towards: SocketAddr) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    match towards {
        SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true)?,
        SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true)?,
    }
    Ok(())
}

/// Has the system fail on ICMP. One that cannot do it goes on as it always did.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub fn watch(socket: &Socket, _towards: SocketAddr) -> io::Result<()> {
    super::winsock::fail_on_icmp(socket);
    Ok(())
}

/// This platform does not tell.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn watch(_socket: &Socket, _towards: SocketAddr) -> io::Result<()> {
    Ok(())
}

/// Takes the first ICMP message off the socket's error queue. Only to be called after
/// `SO_ERROR` was read: reading the queue clears the error.
#[cfg(target_os = "linux")]
pub fn take(socket: &impl std::os::fd::AsRawFd) -> Option<Icmp> {
    use std::io::IoSliceMut;

    use nix::libc::{sock_extended_err, sockaddr_in6};
    use nix::sys::socket::{MsgFlags, recvmsg};

    let mut payload = [0; 64];
    let mut parts = [IoSliceMut::new(&mut payload)];
    let mut control = nix::cmsg_space!(sock_extended_err, sockaddr_in6);
    let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
    // A queue holds a message for each packet that was answered; local errors are passed over.
    for _ in 0..8 {
        let message =
            recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags).ok()?;
        if let Some(icmp) = message.cmsgs().ok()?.find_map(|message| decode(&message)) {
            return Some(icmp);
        }
    }
    None
}

/// The message that a connection failed on.
#[cfg(windows)]
pub fn take(socket: &impl std::os::windows::io::AsRawSocket) -> Option<Icmp> {
    super::winsock::icmp_error(socket)
}

/// This platform does not tell.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn take<T>(_socket: &T) -> Option<Icmp> {
    None
}

/// Whether the system names the device that answered: see [`Senders`].
#[cfg(windows)]
pub fn senders() -> Senders {
    use socket2::{Domain, Protocol, Type};

    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP));
    match socket {
        Ok(socket) if super::winsock::fail_on_icmp(&socket) => Senders::Named,
        _ => Senders::Unnamed,
    }
}

/// Whether the system names the device that answered: see [`Senders`].
#[cfg(not(windows))]
pub fn senders() -> Senders {
    if cfg!(target_os = "linux") {
        Senders::Named
    } else {
        Senders::Unnamed
    }
}

#[cfg(target_os = "linux")]
fn decode(message: &nix::sys::socket::ControlMessageOwned) -> Option<Icmp> {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use nix::libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6};
    use nix::sys::socket::ControlMessageOwned::{Ipv4RecvErr, Ipv6RecvErr};

    let (error, from) = match message {
        Ipv4RecvErr(error, Some(from)) if error.ee_origin == SO_EE_ORIGIN_ICMP => (
            error,
            IpAddr::V4(Ipv4Addr::from_bits(u32::from_be(from.sin_addr.s_addr))),
        ),
        Ipv6RecvErr(error, Some(from)) if error.ee_origin == SO_EE_ORIGIN_ICMP6 => {
            (error, IpAddr::V6(Ipv6Addr::from(from.sin6_addr.s6_addr)))
        }
        _ => return None,
    };
    Some(Icmp {
        kind: error.ee_type,
        code: error.ee_code,
        from,
    })
}
