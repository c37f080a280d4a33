//! A port that drops every SYN, made without any privilege: Linux only.
//!
//! A listener whose accept queue is full drops new SYNs (it does not reset them, even
//! with `tcp_abort_on_overflow`). With a backlog of 0 the queue holds one connection:
//! the black hole makes that one itself and never accepts it. Other systems answer a
//! full queue with RST or keep a queue of their own size; there it is `Unsupported`.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// More fillers than any backlog of 0 was seen to need (it is 1).
const MAX_FILLERS: usize = 8;
/// A connect on loopback that takes longer than this was dropped: the kernel sends
/// the next SYN only after a second.
const DROPPED_AFTER: Duration = Duration::from_millis(40);

/// A TCP port on which a connect gets no answer for as long as this lives.
#[derive(Debug)]
pub struct BlackHole {
    address: SocketAddr,
    /// Listens and never accepts.
    _listener: Socket,
    /// Our own connections, which keep the accept queue full.
    fillers: Vec<TcpStream>,
}

impl BlackHole {
    /// Whether this system can have one.
    pub const SUPPORTED: bool = cfg!(target_os = "linux");

    /// Opens the port and fills its queue; port 0 takes any free one. Takes about 50 ms,
    /// during which the thread waits: it must be known that the queue is full.
    pub fn start(at: SocketAddr) -> io::Result<Self> {
        if !Self::SUPPORTED {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "only Linux drops SYNs on a full accept queue",
            ));
        }
        let listener = Socket::new(Domain::for_address(at), Type::STREAM, None)?;
        listener.set_reuse_address(true)?;
        listener.bind(&at.into())?;
        listener.listen(0)?;
        let address = listener.local_addr()?.as_socket().unwrap_or(at);
        let fillers = fill(address)?;
        Ok(Self {
            address,
            _listener: listener,
            fillers,
        })
    }

    /// The port that drops.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections of our own keep it full.
    pub fn fillers(&self) -> usize {
        self.fillers.len()
    }
}

/// Connects until one is dropped. The last connect is given up, so nothing of it stays.
fn fill(address: SocketAddr) -> io::Result<Vec<TcpStream>> {
    let mut fillers = Vec::new();
    while fillers.len() < MAX_FILLERS {
        // The queue takes the first one for sure: a busy machine gets time for it.
        let patience = if fillers.is_empty() {
            Duration::from_secs(2)
        } else {
            DROPPED_AFTER
        };
        match TcpStream::connect_timeout(&address, patience) {
            Ok(filler) => fillers.push(filler),
            Err(error) if error.kind() == io::ErrorKind::TimedOut && !fillers.is_empty() => {
                return Ok(fillers);
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "this system does not drop SYNs on a full accept queue",
    ))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn every_connect_times_out_and_one_filler_is_enough() {
        for at in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(hole) = BlackHole::start(at.parse().unwrap()) else {
                assert!(at.starts_with('['), "no black hole on {at}");
                continue;
            };
            assert_eq!(hole.fillers(), 1);
            // Longer than the first retransmission after 1 s, and several at once.
            let tries: Vec<_> = (0..4)
                .map(|_| {
                    let address = hole.address();
                    std::thread::spawn(move || {
                        TcpStream::connect_timeout(&address, Duration::from_millis(1300))
                    })
                })
                .collect();
            for connect in tries {
                assert_eq!(
                    connect.join().unwrap().unwrap_err().kind(),
                    io::ErrorKind::TimedOut
                );
            }
        }
    }

    #[test]
    fn a_dropped_hole_refuses() {
        let hole = BlackHole::start("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = hole.address();
        drop(hole);
        let error = TcpStream::connect(address).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
