//! One question to one DNS server, and what it answered: the explanation of a name.
//!
//! Every code is kept as it came, which no resolver library gives: those retry, walk
//! the search list and answer with the last failure. The messages are hickory's.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode as Code};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::time::timeout_at;

use crate::evidence::{Asked, ResponseCode};
use crate::probe::descriptors;
use crate::probe::rate::Rate;
use crate::target::Untrusted;

/// Questions to one server that are open at the same time.
const TOGETHER: usize = 16;
/// A datagram may be lost: after this long it is sent once more.
const REPEAT_AFTER: Duration = Duration::from_secs(1);
/// What we take in a datagram (the DNS flag day's size); longer answers come by TCP.
const DATAGRAM: u16 = 1232;
/// A chain of aliases is followed so far.
const LONGEST_CHAIN: usize = 16;

/// The servers that are being asked.
#[derive(Default)]
pub struct Dns {
    places: Mutex<HashMap<SocketAddr, Arc<Semaphore>>>,
}

/// An answer and what it says of the name.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The question and its code.
    pub asked: Asked,
    /// The aliases from the name to the canonical one; the last is the canonical one.
    pub chain: Vec<Untrusted>,
    /// When the question was sent.
    pub begun: Instant,
    /// The smallest time to live, in seconds.
    pub ttl: Option<u32>,
}

impl Dns {
    /// Asks `server` for the A or AAAA records of `name`, at most until `deadline`. `None`
    /// where its turn did not come until then: the server was not asked, so it was not silent.
    pub async fn ask(
        &self,
        server: SocketAddr,
        name: &Name,
        record: RecordType,
        deadline: Instant,
        rate: &Rate,
    ) -> Option<Answer> {
        let turn = async {
            // The semaphore is never closed; without a place the question goes all the same.
            let place = self.places(server).acquire_owned().await.ok();
            let socket = descriptors::place().await;
            rate.take().await;
            (place, socket)
        };
        let _held = timeout_at(deadline.into(), turn).await.ok()?;
        let begun = Instant::now();
        if begun >= deadline {
            return None;
        }
        let mut cut = false;
        let exchange = exchange(server, name, record, &mut cut);
        let reply = match timeout_at(deadline.into(), exchange).await {
            Ok(Ok(message)) => Some(message),
            Ok(Err(_)) | Err(_) => None,
        };
        let found = reply
            .as_ref()
            .map(|reply| read(reply, name, record))
            .unwrap_or_default();
        let code = match reply {
            Some(reply) => code(reply.metadata.response_code, &found),
            // It did answer: what is missing is TCP.
            None if cut => ResponseCode::Cut,
            None => ResponseCode::TimedOut,
        };
        let asked = Asked {
            started: None,
            name: Untrusted::from_bytes(name.to_ascii().as_bytes()),
            record: record.to_string(),
            server,
            code,
            addresses: found.addresses,
            elapsed: begun.elapsed().into(),
        };
        Some(Answer {
            asked,
            begun,
            chain: found.chain,
            ttl: found.ttl,
        })
    }

    fn places(&self, server: SocketAddr) -> Arc<Semaphore> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            places
                .entry(server)
                .or_insert_with(|| Arc::new(Semaphore::new(TOGETHER))),
        )
    }
}

fn code(code: Code, found: &Found) -> ResponseCode {
    match code {
        Code::NoError if found.nonsense => ResponseCode::Other,
        Code::NoError if found.addresses.is_empty() => ResponseCode::Empty,
        Code::NoError => ResponseCode::Ok,
        Code::NXDomain => ResponseCode::NxDomain,
        Code::ServFail => ResponseCode::ServFail,
        Code::Refused => ResponseCode::Refused,
        _ => ResponseCode::Other,
    }
}

/// What an answer says of a name.
#[derive(Debug, Default)]
struct Found {
    addresses: Vec<IpAddr>,
    chain: Vec<Untrusted>,
    ttl: Option<u32>,
    /// A chain of aliases that goes in a circle.
    nonsense: bool,
}

/// What the datagram `reply` says in answer to the datagram `query`: code, addresses, aliases.
/// `None` where it is no answer to it.
pub fn read_datagram(
    query: &[u8],
    reply: &[u8],
) -> Option<(ResponseCode, Vec<IpAddr>, Vec<Untrusted>)> {
    let query = Message::from_vec(query).ok()?;
    let reply = reply_to(&query, reply)?;
    let question = query.queries.first()?;
    let found = read(&reply, &question.name, question.query_type);
    let code = code(reply.metadata.response_code, &found);
    Some((code, found.addresses, found.chain))
}

/// Follows the aliases from the name that was asked, and takes the addresses at the end.
fn read(reply: &Message, name: &Name, record: RecordType) -> Found {
    let mut found = Found::default();
    let mut owner = name.clone();
    let mut ttl =
        |seconds: u32| found.ttl = Some(found.ttl.map_or(seconds, |least| least.min(seconds)));
    loop {
        let alias = reply.answers.iter().find_map(|answer| match &answer.data {
            RData::CNAME(to) if answer.name == owner => Some((to.0.clone(), answer.ttl)),
            _ => None,
        });
        let Some((to, seconds)) = alias else { break };
        if found.chain.len() == LONGEST_CHAIN {
            found.nonsense = true;
            return found;
        }
        ttl(seconds);
        found
            .chain
            .push(Untrusted::from_bytes(to.to_ascii().as_bytes()));
        owner = to;
    }
    for answer in reply
        .answers
        .iter()
        .filter(|answer| answer.name == owner && answer.record_type() == record)
    {
        if let Some(address) = answer.data.ip_addr() {
            ttl(answer.ttl);
            found.addresses.push(address);
        }
    }
    found
}

/// Puts the question by UDP, and again by TCP where the answer was cut, which `cut` tells.
async fn exchange(
    server: SocketAddr,
    name: &Name,
    record: RecordType,
    cut: &mut bool,
) -> io::Result<Message> {
    let mut query = Message::query();
    query.metadata.id = fastrand::u16(..);
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(name.clone(), record));
    let mut edns = Edns::new();
    edns.set_max_payload(DATAGRAM);
    query.set_edns(edns);
    let mut reply = by_udp(server, &query).await?;
    // RFC 6891 7: a server that does not know EDNS answers FORMERR; ask as of old.
    if reply.metadata.response_code == Code::FormErr {
        query.edns = None;
        reply = by_udp(server, &query).await?;
    }
    if reply.metadata.truncation {
        *cut = true;
        by_tcp(server, &query).await
    } else {
        Ok(reply)
    }
}

async fn by_udp(server: SocketAddr, query: &Message) -> io::Result<Message> {
    let any = match server {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    socket.connect(server).await?;
    let datagram = query.to_vec().map_err(io::Error::other)?;
    loop {
        socket.send(&datagram).await?;
        let answer = async {
            loop {
                let mut buffer = Vec::with_capacity(usize::from(u16::MAX));
                socket.recv_buf(&mut buffer).await?;
                if let Some(reply) = reply_to(query, &buffer) {
                    return io::Result::Ok(reply);
                }
            }
        };
        if let Ok(reply) = tokio::time::timeout(REPEAT_AFTER, answer).await {
            return reply;
        }
    }
}

/// RFC 7766: two bytes of length before the message.
async fn by_tcp(server: SocketAddr, query: &Message) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    let message = query.to_vec().map_err(io::Error::other)?;
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    stream
        .write_all(&[&length.to_be_bytes(), &message[..]].concat())
        .await?;
    let mut reply = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut reply).await?;
    reply_to(query, &reply).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Only an answer to this very question counts. One whose records cannot be read keeps its code.
fn reply_to(query: &Message, bytes: &[u8]) -> Option<Message> {
    let reply = Message::from_vec(bytes)
        .ok()
        .or_else(|| header_alone(bytes))?;
    let is_ours = reply.metadata.id == query.metadata.id
        && reply.metadata.message_type == MessageType::Response;
    // A refusal may leave the question out.
    let same_question = reply.queries.is_empty() || reply.queries == query.queries;
    (is_ours && same_question).then_some(reply)
}

/// The header of a message that is damaged behind it, as a failure to answer.
fn header_alone(bytes: &[u8]) -> Option<Message> {
    let header: &[u8; 12] = bytes.first_chunk()?;
    let is_response = header[2] & 0x80 != 0;
    let id = u16::from_be_bytes([header[0], header[1]]);
    is_response.then(|| Message::error_msg(id, hickory_proto::op::OpCode::Query, Code::FormErr))
}

#[cfg(test)]
pub(super) mod tests;
