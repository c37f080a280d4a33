//! Servers on loopback that do what a test tells them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;

use crate::wire::ssrp::{Entry, Reply};
use crate::wire::tds::{Encryption, PreloginReply, Version};

/// A server that ends with the test.
pub struct Scripted {
    pub endpoint: SocketAddr,
    _tasks: JoinSet<()>,
}

/// Accepts for ever and hands each connection to `script`.
pub async fn serve<F>(address: &str, script: impl Fn(TcpStream) -> F + Send + 'static) -> Scripted
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(address).await.unwrap();
    let endpoint = listener.local_addr().unwrap();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            connections.spawn(script(stream));
        }
    });
    Scripted {
        endpoint,
        _tasks: tasks,
    }
}

/// Waits for the peer's FIN, so that the server's close is no reset.
pub async fn until_closed(mut stream: TcpStream) {
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

/// What a SQL Server 2022 answers.
pub fn answer() -> PreloginReply {
    PreloginReply {
        version: Some(Version {
            major: 16,
            minor: 0,
            build: 4105,
            sub_build: 2,
        }),
        encryption: Some(Encryption::Off),
        instance_matches: Some(true),
        mars: Some(false),
        ..PreloginReply::default()
    }
}

/// A Browser that ends with the test, and what it was asked.
pub struct Responder {
    pub endpoint: SocketAddr,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
    _tasks: JoinSet<()>,
}

impl Responder {
    /// The datagrams that came so far.
    pub fn asked(&self) -> Vec<Vec<u8>> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers the n-th datagram (the first is 1) with what `reply` says, if anything.
pub async fn respond(
    address: &str,
    reply: impl Fn(usize, &[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Responder {
    respond_from(address, None, reply).await
}

/// The same, with answers from another address.
pub async fn respond_from(
    address: &str,
    from: Option<&str>,
    reply: impl Fn(usize, &[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Responder {
    let socket = UdpSocket::bind(address).await.unwrap();
    let endpoint = socket.local_addr().unwrap();
    let mouth = match from {
        Some(from) => Some(UdpSocket::bind(from).await.unwrap()),
        None => None,
    };
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&asked);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((count, client)) = socket.recv_from(&mut buffer).await {
            heard.lock().unwrap().push(buffer[..count].to_vec());
            let number = heard.lock().unwrap().len();
            if let Some(bytes) = reply(number, &buffer[..count]) {
                mouth
                    .as_ref()
                    .unwrap_or(&socket)
                    .send_to(&bytes, client)
                    .await
                    .unwrap();
            }
        }
    });
    Responder {
        endpoint,
        asked,
        _tasks: tasks,
    }
}

/// A Browser reply that lists these instances with these ports.
pub fn listing(instances: &[(&str, Option<u16>)]) -> Vec<u8> {
    let entries = instances
        .iter()
        .map(|(instance, tcp)| Entry {
            server: b"DB1".to_vec(),
            instance: instance.as_bytes().to_vec(),
            version: b"16.0.1000.6".to_vec(),
            tcp: *tcp,
            ..Entry::default()
        })
        .collect();
    Reply {
        entries,
        flaws: Vec::new(),
    }
    .encode()
}
