//! A socket that was refused serves the next attempt of its thread.
//!
//! To call `connect` once more tells how the attempt ended, as `SO_ERROR` does, and on Linux it
//! dissolves the attempt as well: the call after that begins a new one, from another port. Making
//! and closing a socket is a third of what a refusal by this machine costs the kernel. POSIX leaves
//! the state of such a socket open, so elsewhere each attempt has a socket of its own.

use std::cell::Cell;
use std::io;
use std::net::SocketAddr;

use socket2::Socket;

use crate::evidence::Icmp;
use crate::probe::{errno, icmp};

thread_local! {
    static V4: Cell<Option<Socket>> = const { Cell::new(None) };
    static V6: Cell<Option<Socket>> = const { Cell::new(None) };
}

/// How an attempt ended without a connection.
pub struct Ended {
    /// The system's error.
    pub error: io::Error,
    /// The message that it came with.
    pub icmp: Option<Icmp>,
}

/// Sends a SYN from the spare socket. `None` where there is none, or it will not: what a used
/// socket says at once is no verdict on the endpoint.
pub fn send(endpoint: SocketAddr) -> Option<Socket> {
    let socket = with(endpoint, Cell::take)?;
    let sent = socket.connect(&endpoint.into());
    sent.is_err_and(|error| errno::in_progress(&error))
        .then_some(socket)
}

/// How an attempt ended, or its socket if it has not. One that was refused is kept.
#[cfg(target_os = "linux")]
pub fn ended(socket: Socket, endpoint: SocketAddr) -> Result<Ended, Socket> {
    use nix::errno::Errno;

    let Err(error) = socket.connect(&endpoint.into()) else {
        return Err(socket);
    };
    if error.raw_os_error() == Some(Errno::EALREADY as i32) {
        return Err(socket);
    }
    let icmp = icmp::take(&socket);
    if error.kind() == io::ErrorKind::ConnectionRefused && icmp.is_none() && !has_scope(endpoint) {
        with(endpoint, |spare| spare.set(Some(socket)));
    }
    Ok(Ended { error, icmp })
}

/// How an attempt ended, or its socket if it has not.
#[cfg(not(target_os = "linux"))]
pub fn ended(socket: Socket, _endpoint: SocketAddr) -> Result<Ended, Socket> {
    match socket.take_error() {
        Ok(Some(error)) => Ok(Ended {
            error,
            icmp: icmp::take(&socket),
        }),
        _ => Err(socket),
    }
}

/// The spare socket of the endpoint's family.
fn with<T>(endpoint: SocketAddr, use_it: impl FnOnce(&Cell<Option<Socket>>) -> T) -> T {
    match endpoint {
        SocketAddr::V4(_) => V4.with(use_it),
        SocketAddr::V6(_) => V6.with(use_it),
    }
}

/// A socket stays tied to the interface that it was given.
#[cfg(target_os = "linux")]
fn has_scope(endpoint: SocketAddr) -> bool {
    matches!(endpoint, SocketAddr::V6(v6) if v6.scope_id() != 0)
}

/// Whether a socket of IPv4 is kept.
#[cfg(test)]
pub fn is_kept() -> bool {
    let spare = V4.take();
    let is_kept = spare.is_some();
    V4.set(spare);
    is_kept
}
