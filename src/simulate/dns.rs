//! A DNS server on UDP and TCP: a zone of names, and the ways a name can fail.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, Metadata, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Owned;

/// Requests that are worked on at once; further ones are dropped.
const MAX_WAITING: usize = 256;
/// A TCP client that is idle for longer is closed.
const IDLE: Duration = Duration::from_secs(10);
/// Longest chain of CNAMEs that is followed: a loop ends here.
const MAX_CHAIN: usize = 8;
/// What a client without EDNS takes over UDP (RFC 1035 4.2.1).
const PLAIN_UDP: usize = 512;
/// How long a resolver may remember that a name does not exist.
const NEGATIVE_TTL: u32 = 1;

/// A DNS server. Dropping it closes both sockets.
#[derive(Debug)]
pub struct Dns {
    address: SocketAddr,
    _task: Owned,
}

/// The names it knows, compared without regard to case or a final dot.
/// A name it does not know does not exist (NXDOMAIN).
#[derive(Clone, Debug, Default)]
pub struct Zone {
    names: HashMap<String, Entry>,
    /// What is said to one kind of question instead.
    only: HashMap<(String, Only), Entry>,
}

/// A question for the addresses of one family alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Only {
    /// IPv4
    A,
    /// IPv6
    Aaaa,
}

/// What the server does with one name.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The answer
    pub answer: Answer,
    /// Seconds that a resolver may keep it
    pub ttl: u32,
    /// How long the server takes
    pub delay: Duration,
}

/// An answer to a question for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// These addresses; none of them is an empty answer (NODATA).
    Addresses(Vec<IpAddr>),
    /// The name is another name for this one.
    Alias(String),
    /// NXDOMAIN
    NotFound,
    /// SERVFAIL
    ServerFailure,
    /// REFUSED
    Refused,
    /// Nothing at all.
    Silence,
    /// Over UDP an empty answer marked as cut; over TCP these addresses.
    OverTcp(Vec<IpAddr>),
}

impl From<Answer> for Entry {
    /// Kept for half a minute, answered at once.
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            ttl: 30,
            delay: Duration::ZERO,
        }
    }
}

impl Zone {
    /// Adds a name, or replaces it.
    #[must_use]
    pub fn with(mut self, name: &str, entry: impl Into<Entry>) -> Self {
        self.names.insert(key(name), entry.into());
        self
    }

    /// The same for one kind of question; the others are answered by the name's own entry,
    /// and where it has none the name has no addresses of their kind.
    #[must_use]
    pub fn with_only(mut self, name: &str, only: Only, entry: impl Into<Entry>) -> Self {
        let empty = Entry::from(Answer::Addresses(Vec::new()));
        self.names.entry(key(name)).or_insert(empty);
        self.only.insert((key(name), only), entry.into());
        self
    }

    /// The names in it, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    fn entry(&self, name: &Name, asked: RecordType) -> Option<&Entry> {
        let key = key(&name.to_ascii());
        let only = match asked {
            RecordType::A => Some(Only::A),
            RecordType::AAAA => Some(Only::Aaaa),
            _ => None,
        };
        let own = self.names.get(&key);
        let special = only.and_then(|only| self.only.get(&(key, only)));
        special.or(own)
    }
}

/// A port that is bound for UDP and TCP and does not answer yet.
#[derive(Debug)]
pub struct Claim {
    address: SocketAddr,
    udp: UdpSocket,
    tcp: TcpListener,
}

impl Dns {
    /// Answers on UDP and TCP of one port; port 0 takes one that is free for both.
    /// Fails where a port can't be had.
    pub async fn start(at: SocketAddr, zone: Zone) -> io::Result<Self> {
        Ok(Self::claim(at).await?.answer(zone))
    }

    /// Takes the port before the zone is known.
    pub async fn claim(at: SocketAddr) -> io::Result<Claim> {
        // A free TCP port may be taken for UDP: then the next free one is tried.
        let mut tries = if at.port() == 0 { 16 } else { 1 };
        loop {
            let tcp = TcpListener::bind(at).await?;
            let address = tcp.local_addr()?;
            match UdpSocket::bind(address).await {
                Ok(udp) => return Ok(Claim { address, udp, tcp }),
                Err(error) if tries == 1 => return Err(error),
                Err(_) => tries -= 1,
            }
        }
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Claim {
    /// Begins to answer from this zone.
    pub fn answer(self, zone: Zone) -> Dns {
        let zone = Arc::new(zone);
        let task = Owned::spawn(async move {
            tokio::join!(
                serve_udp(self.udp, Arc::clone(&zone)),
                serve_tcp(self.tcp, zone)
            );
        });
        Dns {
            address: self.address,
            _task: task,
        }
    }
}

/// The way that a question came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transport {
    Udp,
    Tcp,
}

async fn serve_udp(socket: UdpSocket, zone: Arc<Zone>) {
    let socket = Arc::new(socket);
    let mut waiting = JoinSet::new();
    let mut datagram = [0; 4096];
    loop {
        while waiting.try_join_next().is_some() {}
        let Ok((length, client)) = socket.recv_from(&mut datagram).await else {
            // On Windows a client that left is told to the next receive.
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        let Ok(question) = Message::from_vec(&datagram[..length]) else {
            continue;
        };
        if waiting.len() < MAX_WAITING {
            let (socket, zone) = (Arc::clone(&socket), Arc::clone(&zone));
            waiting.spawn(async move {
                if let Some(answer) = respond(&zone, &question, Transport::Udp).await {
                    let _ = socket.send_to(&answer, client).await;
                }
            });
        }
    }
}

async fn serve_tcp(socket: TcpListener, zone: Arc<Zone>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= MAX_WAITING {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, _)) => {
                    let zone = Arc::clone(&zone);
                    connections.spawn(async move {
                        let _ = converse(stream, &zone).await;
                    });
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Questions and answers on one connection, each behind its length (RFC 1035 4.2.2).
async fn converse(mut stream: TcpStream, zone: &Zone) -> io::Result<()> {
    loop {
        let length = timeout(IDLE, stream.read_u16()).await??;
        let mut bytes = vec![0; usize::from(length)];
        timeout(IDLE, stream.read_exact(&mut bytes)).await??;
        let question = Message::from_vec(&bytes).map_err(io::Error::other)?;
        if let Some(answer) = respond(zone, &question, Transport::Tcp).await {
            let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
            let framed = [&length.to_be_bytes()[..], &answer].concat();
            timeout(IDLE, stream.write_all(&framed)).await??;
        }
    }
}

/// The bytes that go back; `None` is silence.
async fn respond(zone: &Zone, question: &Message, transport: Transport) -> Option<Vec<u8>> {
    let query = question.queries.first()?;
    if let Some(entry) = zone.entry(query.name(), query.query_type()) {
        tokio::time::sleep(entry.delay).await;
    }
    let answer = answer(zone, question, transport)?;
    let bytes = answer.to_vec().ok()?;
    let room = question.edns.as_ref().map_or(PLAIN_UDP, |edns| {
        usize::from(edns.max_payload()).max(PLAIN_UDP)
    });
    if transport == Transport::Udp && bytes.len() > room {
        return answer.truncate().to_vec().ok();
    }
    Some(bytes)
}

/// Follows the name through its aliases and collects what the question asks for.
fn answer(zone: &Zone, question: &Message, transport: Transport) -> Option<Message> {
    let query = question.queries.first()?;
    let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
    reply.metadata = Metadata::response_from_request(&question.metadata);
    reply.metadata.authoritative = true;
    reply.metadata.recursion_available = true;
    reply.add_query(query.clone());

    let mut name = query.name().clone();
    let mut code = ResponseCode::NoError;
    for _ in 0..MAX_CHAIN {
        let Some(entry) = zone.entry(&name, query.query_type()) else {
            code = ResponseCode::NXDomain;
            break;
        };
        let alias = match &entry.answer {
            Answer::Alias(target) => Name::from_str_relaxed(target).ok(),
            _ => None,
        };
        match &entry.answer {
            Answer::Silence => return None,
            Answer::OverTcp(_) if transport == Transport::Udp => reply.metadata.truncation = true,
            Answer::Addresses(addresses) | Answer::OverTcp(addresses) => {
                let wanted = addresses
                    .iter()
                    .filter(|address| query.query_type() == record_type(**address));
                reply
                    .add_answers(wanted.map(|address| {
                        Record::from_rdata(name.clone(), entry.ttl, data(*address))
                    }));
            }
            Answer::Alias(_) => {}
            Answer::NotFound => code = ResponseCode::NXDomain,
            Answer::ServerFailure => code = ResponseCode::ServFail,
            Answer::Refused => code = ResponseCode::Refused,
        }
        let Some(mut target) = alias else { break };
        target.set_fqdn(true);
        reply.add_answer(Record::from_rdata(
            name.clone(),
            entry.ttl,
            RData::CNAME(CNAME(target.clone())),
        ));
        if query.query_type() == RecordType::CNAME {
            break;
        }
        name = target;
    }
    reply.metadata.response_code = code;
    let negative =
        reply.answers.is_empty() && matches!(code, ResponseCode::NoError | ResponseCode::NXDomain);
    if negative && !reply.metadata.truncation {
        reply.add_authority(start_of_authority(&name));
    }
    Some(reply)
}

/// Tells a resolver how long it may remember a "no" (RFC 2308).
fn start_of_authority(name: &Name) -> Record {
    let zone = name.base_name();
    let soa = SOA::new(zone.clone(), zone.clone(), 1, 60, 60, 60, NEGATIVE_TTL);
    Record::from_rdata(zone, NEGATIVE_TTL, RData::SOA(soa))
}

fn record_type(address: IpAddr) -> RecordType {
    match address {
        IpAddr::V4(_) => RecordType::A,
        IpAddr::V6(_) => RecordType::AAAA,
    }
}

fn data(address: IpAddr) -> RData {
    match address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    }
}

fn key(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

#[cfg(test)]
mod tests;
