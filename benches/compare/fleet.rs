//! The servers: three ports, each on every address of 127.0.0.0/8. One has a healthy engine,
//! one drops every SYN, and nobody listens on the third.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _, stdin, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use socket2::{Domain, Protocol, Socket, Type};
use sqlreach::simulate::engine::Profile;
use sqlreach::wire::tds::ClientPrelogin;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Connections that may wait to be accepted by the healthy engine.
const BACKLOG: i32 = 65_535;

/// The ports.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Ports {
    /// An engine answers.
    pub healthy: u16,
    /// Every SYN is dropped, for the accept queue is full.
    pub drops: u16,
    /// Nobody listens.
    pub refused: u16,
}

/// The fleet in a process of its own, whose time is nobody's. It ends with its owner.
pub struct Fleet {
    /// Where it is.
    pub ports: Ports,
    child: Child,
    _hold: ChildStdin,
}

impl Fleet {
    /// Starts it.
    pub fn start() -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("fleet")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let hold = child.stdin.take().context("no standard input")?;
        let mut told = String::new();
        BufReader::new(child.stdout.take().context("no standard output")?).read_line(&mut told)?;
        Ok(Self {
            ports: serde_json::from_str(&told).context("the fleet does not start")?,
            child,
            _hold: hold,
        })
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The part `fleet`: serves until nobody holds its standard input any more.
pub fn run() -> anyhow::Result<()> {
    // Where this namespace lets us: else bursts wait for a second SYN.
    let _ = fs::write("/proc/sys/net/core/somaxconn", BACKLOG.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let healthy = listen(BACKLOG)?;
        let full = listen(0)?;
        let drops = full.local_addr()?;
        // One waits to be accepted, for ever; there is room for no other.
        let _waits = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, drops.port()))?;
        let closed = listen(1)?.local_addr()?.port();
        let listener = TcpListener::from_std(healthy)?;
        let ports = Ports {
            healthy: listener.local_addr()?.port(),
            drops: drops.port(),
            refused: closed,
        };
        println!("{}", serde_json::to_string(&ports)?);
        stdout().flush()?;
        tokio::spawn(serve(listener));
        tokio::task::spawn_blocking(|| stdin().read_line(&mut String::new())).await??;
        Ok(())
    })
}

fn listen(backlog: i32) -> anyhow::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)).into())?;
    socket.listen(backlog)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

async fn serve(listener: TcpListener) {
    let answer = Profile::default()
        .answer(&ClientPrelogin::default())
        .encode();
    let answer: &'static [u8] = answer.leak();
    loop {
        let Ok((mut stream, _)) = listener.accept().await else {
            continue;
        };
        tokio::spawn(async move {
            let mut piece = [0; 256];
            let _ = stream.set_nodelay(true);
            while stream.read(&mut piece).await.is_ok_and(|read| read > 0) {
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        });
    }
}
