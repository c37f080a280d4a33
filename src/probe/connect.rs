//! The layer `connect`: one SYN, and what answers it.
//!
//! The order of the steps is the point. `SO_ERROR` is read before the error queue,
//! since reading the queue clears the error: a dead host would then look writable
//! and without error, and be taken for an open port. And only `peer_addr()` proves
//! that a connection exists.

mod again;
mod elsewhere;
mod spare;

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;

use self::spare::Ended;
use super::descriptors::{self, Place};
use super::errno::{self, Failure, Moment};
use super::gate::Pass;
use super::icmp;
use crate::evidence::{Attempt, ConnectStatus, Icmp};

/// An attempt, and the connection if it is one.
pub struct Opening {
    /// When the SYN was to leave.
    pub begun: Instant,
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

/// Sends one SYN (silence repeats it) and waits for what comes back.
pub async fn open(pass: Pass, way: Way) -> Opening {
    let endpoint = pass.to();
    let place = descriptors::place().await;
    let begun = Instant::now();
    let mut outcome = handshake(endpoint, way, begun).await;
    let mut instead_of = None;
    if outcome.has_no_port() && way.hops.is_none() {
        let elsewhere = Box::pin(elsewhere::ask(endpoint, begun + way.deadline)).await;
        if let Some((own, answered)) = elsewhere {
            instead_of = Some(Box::new(own));
            outcome = answered;
        }
    }
    let status = outcome.status(endpoint);
    let Outcome { local, end } = outcome;
    let (os_error, icmp, stream) = match end {
        Ok(stream) => (None, None, Some(stream)),
        Err(End::TimedOut) => (None, None, None),
        Err(End::Failed { error, icmp, .. }) => (error.raw_os_error(), icmp, None),
    };
    let elapsed = begun.elapsed().into();
    Opening {
        begun,
        attempt: Attempt {
            started: None,
            endpoint,
            local,
            status,
            elapsed,
            os_error,
            icmp,
            instead_of,
        },
        place: place.filter(|_| stream.is_some()),
        stream,
    }
}

/// What came of a SYN.
struct Outcome {
    /// Our own side of it.
    local: Option<SocketAddr>,
    end: Result<TcpStream, End>,
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

impl Outcome {
    fn at_once(error: io::Error) -> Self {
        Self {
            local: None,
            end: Err(End::at_once(error)),
        }
    }

    fn status(&self, endpoint: SocketAddr) -> ConnectStatus {
        match &self.end {
            Ok(_) => ConnectStatus::Open,
            Err(End::TimedOut) => ConnectStatus::TimedOut,
            Err(End::Failed {
                error,
                moment,
                icmp,
            }) => Failure {
                code: error.raw_os_error(),
                moment: *moment,
                icmp: *icmp,
                local: self.local.map(|local| local.ip()),
                endpoint,
            }
            .status(),
        }
    }

    /// Nothing was sent: the address that the system chose has no port left for the endpoint, or
    /// there is none.
    fn has_no_port(&self) -> bool {
        matches!(&self.end, Err(End::Failed { error, .. })
            if error.kind() == io::ErrorKind::AddrNotAvailable)
    }

    /// Nobody has answered, in our time or in the system's.
    fn is_silent(&self) -> bool {
        match &self.end {
            Ok(_) => false,
            Err(End::TimedOut) => true,
            Err(End::Failed { error, .. }) => error.kind() == io::ErrorKind::TimedOut,
        }
    }
}

async fn handshake(endpoint: SocketAddr, way: Way, begun: Instant) -> Outcome {
    let deadline = begun + way.deadline;
    let (first, is_alone) = match Sent::first(endpoint, way.hops) {
        Ok((sent, is_alone)) => (sent.answered(deadline), is_alone),
        Err(outcome) => return outcome,
    };
    if !is_alone || way.hops.is_some() {
        return first.await;
    }
    let second = || {
        if Instant::now() >= deadline {
            return None;
        }
        let sent = Sent::towards(endpoint, prepare(endpoint, None).ok()?).ok()?;
        Some(sent.answered(deadline))
    };
    Box::pin(again::unless_answered(first, second, Outcome::is_silent)).await
}

/// A SYN on its way.
struct Sent {
    socket: Socket,
    local: Option<SocketAddr>,
    endpoint: SocketAddr,
    /// Nothing was asked of the socket that another attempt would not want.
    is_plain: bool,
}

impl Sent {
    /// The first of an attempt, and whether repeating it is left to us.
    fn first(endpoint: SocketAddr, hops: Option<u8>) -> Result<(Self, bool), Outcome> {
        if let (None, Some(socket)) = (hops, spare::send(endpoint)) {
            let sent = Self {
                local: local_of(&socket),
                socket,
                endpoint,
                is_plain: true,
            };
            return Ok((sent, false));
        }
        let socket = prepare(endpoint, hops).map_err(Outcome::at_once)?;
        let is_alone = sends_one_syn(&socket);
        let sent = Self::towards(endpoint, socket)?;
        let is_plain = hops.is_none();
        Ok((Self { is_plain, ..sent }, is_alone))
    }

    fn towards(endpoint: SocketAddr, socket: Socket) -> Result<Self, Outcome> {
        let sent = socket.connect(&endpoint.into());
        // Asked now: a socket that failed has forgotten it.
        let local = local_of(&socket);
        match sent {
            Err(error) if !errno::in_progress(&error) => Err(Outcome {
                local,
                end: Err(End::Failed {
                    error,
                    moment: Moment::AtOnce,
                    icmp: icmp::take(&socket),
                }),
            }),
            _ => Ok(Self {
                socket,
                local,
                endpoint,
                is_plain: false,
            }),
        }
    }

    async fn answered(self, deadline: Instant) -> Outcome {
        let local = self.local;
        let end = match self.ended_already() {
            Ok(end) => Err(end),
            Err(socket) => match TcpStream::from_std(socket.into()) {
                Ok(stream) => answer(stream, deadline).await,
                Err(error) => Err(End::at_once(error)),
            },
        };
        Outcome { local, end }
    }

    /// A port of this machine has answered before `connect` returns: there is nothing to wait
    /// for, so the socket is not handed to the runtime.
    fn ended_already(self) -> Result<End, Socket> {
        let Self {
            socket,
            local,
            endpoint,
            is_plain,
        } = self;
        let is_own = |local: SocketAddr| local.ip() == endpoint.ip();
        let is_here = endpoint.ip().is_loopback() || local.is_some_and(is_own);
        if !is_here || !is_plain {
            return Err(socket);
        }
        let Ended { error, icmp } = spare::ended(socket, endpoint)?;
        Ok(End::Failed {
            error,
            moment: Moment::Later,
            icmp,
        })
    }
}

async fn answer(stream: TcpStream, deadline: Instant) -> Result<TcpStream, End> {
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
    let socket = nonblocking(Domain::for_address(endpoint))?;
    icmp::watch(&socket, endpoint)?;
    match (hops, endpoint) {
        (Some(hops), SocketAddr::V4(_)) => socket.set_ttl_v4(hops.into())?,
        (Some(hops), SocketAddr::V6(_)) => socket.set_unicast_hops_v6(hops.into())?,
        (None, _) => {}
    }
    Ok(socket)
}

/// A socket that never blocks, in one call where the system has one.
fn nonblocking(family: Domain) -> io::Result<Socket> {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    return Socket::new(family, Type::STREAM.nonblocking(), Some(Protocol::TCP));
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    {
        let socket = Socket::new(family, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    }
}

/// Whether the system leaves repeating a SYN to us from now on.
#[cfg(windows)]
fn sends_one_syn(socket: &Socket) -> bool {
    super::winsock::send_one_syn(socket)
}

/// A system that tells of a refusal at once may repeat a SYN by itself.
#[cfg(not(windows))]
fn sends_one_syn(_: &Socket) -> bool {
    false
}

/// `None` where the system has not chosen an address: there is no way.
fn local_of(socket: &Socket) -> Option<SocketAddr> {
    let local = socket.local_addr().ok()?.as_socket()?;
    (!local.ip().is_unspecified() && local.port() != 0).then_some(local)
}

#[cfg(test)]
mod tests;
