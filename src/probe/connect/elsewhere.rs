//! Another address of this machine, where the one that the system chose has no local port left
//! for the endpoint: what used them up is this machine's own trouble, and whether the server is
//! there can still be seen. The addresses of the same interface are taken, so that the packet
//! goes the same way.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use socket2::Socket;

use super::{Outcome, Sent, prepare};
use crate::evidence::ConnectStatus;
use crate::probe::vantage;

/// So many others are tried, at most.
const MOST: usize = 4;

/// What the endpoint answered to another address, and the address that has no port left for it.
/// `None` where nothing was answered: a device on the way may know the usual address alone, so
/// that silence and ICMP towards another one tell nothing.
pub async fn ask(endpoint: SocketAddr, deadline: Instant) -> Option<(IpAddr, Outcome)> {
    let own = vantage::way_to(endpoint.ip())?;
    let others = vantage::beside(own).into_iter().take(MOST);
    let sent = others
        .filter_map(|other| send(other, endpoint).ok())
        .find_map(|socket| Sent::towards(endpoint, socket).ok())?;
    let outcome = sent.answered(deadline).await;
    let is_answer = matches!(
        outcome.status(endpoint),
        ConnectStatus::Open | ConnectStatus::Refused
    );
    is_answer.then_some((own, outcome))
}

/// A socket that sends from `local`.
fn send(local: IpAddr, endpoint: SocketAddr) -> io::Result<Socket> {
    let socket = prepare(endpoint, None)?;
    leave_port_open(&socket);
    socket.bind(&SocketAddr::new(local, 0).into())?;
    Ok(socket)
}

/// The port is chosen by `connect`, which gives one port to connections to many endpoints;
/// `bind` would take one for itself. A system that cannot do that goes on as it always did.
#[cfg(target_os = "linux")]
fn leave_port_open(socket: &Socket) {
    use nix::sys::socket::{setsockopt, sockopt};

    let _ = setsockopt(socket, sockopt::IpBindAddressNoPort, &true);
}

#[cfg(not(target_os = "linux"))]
fn leave_port_open(_: &Socket) {}
