//! The layer `connect`: one SYN, and what answers it.
//!
//! The order of the steps is the point. `SO_ERROR` is read before the error queue,
//! since reading the queue clears the error: a dead host would then look writable
//! and without error, and be taken for an open port. And only `peer_addr()` proves
//! that a connection exists.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;

use super::descriptors::{self, Place};
use super::errno::{self, Failure, Moment};
use super::icmp;
use crate::evidence::{Attempt, ConnectStatus, Icmp};

/// An attempt, and the connection if it is one.
pub struct Opening {
    /// What was seen.
    pub attempt: Attempt,
    /// The connection. An attempt may be `open` without one: it was reset at once.
    pub stream: Option<TcpStream>,
    /// Its place among the open sockets, to be kept as long as the connection.
    pub place: Option<Place>,
}

/// How a SYN is sent.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// How long its answer is waited for.
    pub deadline: Duration,
    /// Time to live of the packet; the system's own if `None`.
    pub hops: Option<u8>,
}

/// Sends one SYN (the system repeats it) and waits for what comes back.
pub async fn open(endpoint: SocketAddr, way: Way) -> Opening {
    let place = descriptors::place().await;
    let begun = Instant::now();
    let mut local = None;
    let outcome = handshake(endpoint, way, begun, &mut local).await;
    let (status, os_error, icmp, stream) = match outcome {
        Ok(stream) => (ConnectStatus::Open, None, None, Some(stream)),
        Err(End::TimedOut) => (ConnectStatus::TimedOut, None, None, None),
        Err(End::Failed {
            error,
            moment,
            icmp,
        }) => {
            let code = error.raw_os_error();
            let local = local.map(|local: SocketAddr| local.ip());
            (
                Failure {
                    code,
                    moment,
                    icmp,
                    local,
                    endpoint,
                }
                .status(),
                code,
                icmp,
                None,
            )
        }
    };
    let elapsed = begun.elapsed().into();
    Opening {
        attempt: Attempt {
            started: None,
            endpoint,
            local,
            status,
            elapsed,
            os_error,
            icmp,
        },
        place: place.filter(|_| stream.is_some()),
        stream,
    }
}

/// How an attempt ends without a connection.
enum End {
    TimedOut,
    Failed {
        error: io::Error,
        moment: Moment,
        icmp: Option<Icmp>,
    },
}

impl End {
    fn at_once(error: io::Error) -> Self {
        Self::Failed {
            error,
            moment: Moment::AtOnce,
            icmp: None,
        }
    }
}

async fn handshake(
    endpoint: SocketAddr,
    way: Way,
    begun: Instant,
    local: &mut Option<SocketAddr>,
) -> Result<TcpStream, End> {
    let socket = prepare(endpoint, way.hops).map_err(End::at_once)?;
    let sent = socket.connect(&endpoint.into());
    // Asked now: a socket that failed has forgotten it.
    *local = local_of(&socket);
    match sent {
        Err(error) if !errno::in_progress(&error) => {
            return Err(End::Failed {
                error,
                moment: Moment::AtOnce,
                icmp: icmp::take(&socket),
            });
        }
        _ => {}
    }
    let stream = TcpStream::from_std(socket.into()).map_err(End::at_once)?;
    let deadline = begun + way.deadline;
    loop {
        let waited = tokio::time::timeout_at(deadline.into(), stream.writable()).await;
        if let Some(error) = stream.take_error().unwrap_or_else(Some) {
            return Err(End::Failed {
                error,
                moment: Moment::Later,
                icmp: icmp::take(&stream),
            });
        }
        if stream.peer_addr().is_ok() {
            return Ok(stream);
        }
        // The clock is asked as well: a socket that is always ready would outrun the time-out.
        if waited.is_err() || Instant::now() >= deadline {
            return Err(End::TimedOut);
        }
        // Woken without a reason: forget that it seemed ready, and wait again.
        let _ = stream.try_io(Interest::WRITABLE, || {
            io::Result::<()>::Err(io::ErrorKind::WouldBlock.into())
        });
        tokio::task::yield_now().await;
    }
}

fn prepare(endpoint: SocketAddr, hops: Option<u8>) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(endpoint),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_nonblocking(true)?;
    icmp::watch(&socket, endpoint)?;
    match (hops, endpoint) {
        (Some(hops), SocketAddr::V4(_)) => socket.set_ttl_v4(hops.into())?,
        (Some(hops), SocketAddr::V6(_)) => socket.set_unicast_hops_v6(hops.into())?,
        (None, _) => {}
    }
    Ok(socket)
}

/// `None` where the system has not chosen an address: there is no way.
fn local_of(socket: &Socket) -> Option<SocketAddr> {
    let local = socket.local_addr().ok()?.as_socket()?;
    (!local.ip().is_unspecified() && local.port() != 0).then_some(local)
}

#[cfg(test)]
mod tests;
