//! A port that refuses: bound, so that nobody else can listen there, and never listening.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

/// A TCP port that answers every SYN with RST for as long as this lives.
#[derive(Debug)]
pub struct ClosedPort {
    address: SocketAddr,
    /// Held, not used: the binding keeps other programs away.
    _bound: Socket,
}

impl ClosedPort {
    /// Takes the port; port 0 takes any free one. Fails where it can't be had.
    pub fn start(at: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
        socket.bind(&at.into())?;
        let address = socket.local_addr()?.as_socket().unwrap_or(at);
        Ok(Self {
            address,
            _bound: socket,
        })
    }

    /// The port that refuses.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_refuses_and_cannot_be_taken() {
        let closed = ClosedPort::start("127.0.0.1:0".parse().unwrap()).unwrap();
        let error = std::net::TcpStream::connect(closed.address()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let taken = std::net::TcpListener::bind(closed.address()).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }
}
