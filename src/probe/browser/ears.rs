//! The socket that Browser is asked on: it must hear an ICMP refusal, and an answer
//! from another address (a cluster or a machine with several cards sends those).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
#[cfg(not(target_os = "linux"))]
use tokio::io::Interest;
use tokio::net::UdpSocket;

use crate::evidence::Icmp;
use crate::probe::gate::Pass;
use crate::probe::icmp;

/// No datagram is longer.
const LONGEST: usize = 65_535;

/// Linux: one unconnected socket with an error queue hears both.
#[cfg(target_os = "linux")]
pub struct Ears {
    socket: UdpSocket,
}

/// Elsewhere: a connected socket hears refusals, an unconnected one on the same local
/// port hears the others.
#[cfg(not(target_os = "linux"))]
pub struct Ears {
    connected: UdpSocket,
    unconnected: UdpSocket,
}

#[cfg(target_os = "linux")]
impl Ears {
    pub fn open(towards: SocketAddr) -> io::Result<Self> {
        let socket = socket(towards)?;
        icmp::watch(&socket, towards)?;
        socket.bind(&any(towards, 0).into())?;
        Ok(Self {
            socket: UdpSocket::from_std(socket.into())?,
        })
    }

    /// Sends it to where the pass leads.
    pub async fn send(&self, pass: Pass, datagram: &[u8]) -> io::Result<()> {
        self.socket.send_to(datagram, pass.to()).await.map(drop)
    }

    pub async fn hear(&self) -> io::Result<(Vec<u8>, SocketAddr)> {
        let mut buffer = Vec::with_capacity(LONGEST);
        let (_, from) = self.socket.recv_buf_from(&mut buffer).await?;
        Ok((buffer, from))
    }

    /// The ICMP message behind an error.
    pub fn icmp(&self) -> Option<Icmp> {
        icmp::take(&self.socket)
    }
}

#[cfg(not(target_os = "linux"))]
impl Ears {
    pub fn open(towards: SocketAddr) -> io::Result<Self> {
        let unconnected = shared(towards)?;
        unconnected.bind(&any(towards, 0).into())?;
        let port = unconnected
            .local_addr()?
            .as_socket()
            .map_or(0, |local| local.port());
        let connected = shared(towards)?;
        connected.bind(&any(towards, port).into())?;
        connected.connect(&towards.into())?;
        Ok(Self {
            connected: UdpSocket::from_std(connected.into())?,
            unconnected: UdpSocket::from_std(unconnected.into())?,
        })
    }

    /// Sends it to where the pass leads, to which the socket is connected.
    pub async fn send(&self, _pass: Pass, datagram: &[u8]) -> io::Result<()> {
        self.connected.send(datagram).await.map(drop)
    }

    pub async fn hear(&self) -> io::Result<(Vec<u8>, SocketAddr)> {
        let mut here = Vec::with_capacity(LONGEST);
        let mut there = Vec::with_capacity(LONGEST);
        tokio::select! {
            heard = receive(&self.connected, &mut here) => heard.map(|from| (here, from)),
            heard = receive(&self.unconnected, &mut there) => heard.map(|from| (there, from)),
        }
    }

    /// This platform does not tell.
    pub fn icmp(&self) -> Option<Icmp> {
        icmp::take(&self.connected)
    }
}

/// What tokio's own `recv_buf_from` does, but for a socket of which the system says that it is
/// closed while it has nothing to read (Wine does after ICMP, and keeps the error apart):
/// tokio never forgets that, and would ask again for ever without giving way to anything,
/// the deadline included.
#[cfg(not(target_os = "linux"))]
async fn receive(socket: &UdpSocket, buffer: &mut Vec<u8>) -> io::Result<SocketAddr> {
    loop {
        let ready = socket.ready(Interest::READABLE).await?;
        match socket.try_recv_buf_from(buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            heard => return heard.map(|(_, from)| from),
        }
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        if ready.is_read_closed() {
            // Nothing will come from here; the deadline ends it.
            std::future::pending::<()>().await;
        }
    }
}

fn socket(towards: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(towards),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(not(target_os = "linux"))]
fn shared(towards: SocketAddr) -> io::Result<Socket> {
    let socket = socket(towards)?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    Ok(socket)
}

fn any(towards: SocketAddr, port: u16) -> SocketAddr {
    let any = match towards {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    SocketAddr::new(any, port)
}
