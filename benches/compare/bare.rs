//! The least that can be done: connect, wait, ask how it went, close. One thread, one epoll,
//! no runtime, no deadlines, no evidence. What it costs is nearly all the kernel's.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::AsRawFd as _;

use anyhow::{Context as _, bail, ensure};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::{Domain, Protocol, Socket, Type};
use sqlreach::wire::tds::PreloginRequest;

/// So many at once, as the programs that it is compared with.
const AT_ONCE: usize = 1024;

/// The n-th address of the fleet.
pub fn address(n: u32) -> Ipv4Addr {
    // No address ends in 0 or 255, and 127.0.x.x is left to others.
    let (high, low) = (n / 250, n % 250 + 1);
    Ipv4Addr::from((127 << 24) + (1 << 16) + (high << 8) + low)
}

/// The part `bare`: `refused COUNT PORT` or `healthy COUNT PORT`.
pub fn run(words: &[OsString]) -> anyhow::Result<()> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let [kind, count, port] = words[..] else {
        bail!("bare refused|healthy COUNT PORT");
    };
    let (count, port) = (count.parse()?, port.parse()?);
    let asks = kind == "healthy";
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    let mut waiting: HashMap<u64, Visit> = HashMap::new();
    let mut events = [EpollEvent::empty(); AT_ONCE];
    let (mut next, mut answered) = (0, 0);
    loop {
        while waiting.len() < AT_ONCE && next < count {
            let visit = Visit::begin(SocketAddr::from((address(next), port)))?;
            next += 1;
            let token = u64::try_from(visit.stream.as_raw_fd())?;
            let flags = EpollFlags::EPOLLOUT | EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
            epoll.add(&visit.stream, EpollEvent::new(flags, token))?;
            waiting.insert(token, visit);
        }
        if waiting.is_empty() {
            break;
        }
        let ready = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in &events[..ready] {
            let visit = waiting
                .get_mut(&event.data())
                .context("an event of nobody")?;
            if let Some(was_open) = visit.goes_on(event.events(), asks)? {
                answered += u32::from(was_open);
                waiting.remove(&event.data());
            }
        }
    }
    let expected = if asks { count } else { 0 };
    ensure!(
        answered == expected,
        "{answered} answered, and not {expected}"
    );
    Ok(())
}

/// One connection.
struct Visit {
    stream: TcpStream,
    asked: bool,
}

impl Visit {
    fn begin(to: SocketAddr) -> anyhow::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        // Whether it is refused at once or later, epoll tells.
        let _ = socket.connect(&to.into());
        Ok(Self {
            stream: socket.into(),
            asked: false,
        })
    }

    /// Whether it was open, once that is known.
    fn goes_on(&mut self, events: EpollFlags, asks: bool) -> anyhow::Result<Option<bool>> {
        if self.stream.take_error()?.is_some() {
            return Ok(Some(false));
        }
        if !asks {
            return Ok(events.contains(EpollFlags::EPOLLOUT).then_some(true));
        }
        if !self.asked && events.contains(EpollFlags::EPOLLOUT) {
            let request = PreloginRequest {
                instance: "",
                trace: [0; 8],
            };
            self.stream.write_all(&request.encode())?;
            self.asked = true;
        }
        if self.asked && events.contains(EpollFlags::EPOLLIN) {
            let mut answer = [0; 1024];
            return Ok(Some(self.stream.read(&mut answer)? > 0));
        }
        Ok(None)
    }
}
