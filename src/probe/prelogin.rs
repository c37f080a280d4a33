//! The layer `prelogin`: one PRELOGIN on an open connection, and who answers it.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::evidence::{EncryptionOffer, Prelogin, PreloginStatus, ServerError, Version};
use crate::target::Untrusted;
use crate::wire::greeting;
use crate::wire::tds::{self, Decoded, PreloginReply, PreloginRequest};

/// How much of an answer that is none is kept.
const FIRST_BYTES: usize = 32;
/// How much of a greeting is read to recognise the service.
const GREETING: usize = 512;
/// How long the rest of a greeting is waited for, once it began.
const GREETING_PATIENCE: Duration = Duration::from_millis(300);

/// Asks once. `deadline` is for the whole answer: a server that sends a byte now and
/// then gains nothing. At most [`tds::MAX_PACKET`] bytes are read.
pub async fn ask(
    stream: &mut TcpStream,
    endpoint: SocketAddr,
    instance: &str,
    deadline: Duration,
) -> Prelogin {
    let begun = Instant::now();
    let mut answer = Answer {
        bytes: Vec::with_capacity(256),
        end: End::Deadline,
    };
    let whole = converse(stream, instance, &mut answer);
    if let Ok(end) = tokio::time::timeout(deadline, whole).await {
        answer.end = end;
    }
    let elapsed = Some(begun.elapsed().into());
    let mut seen = read(&answer, instance);
    if seen.status == PreloginStatus::NotTds {
        let rest = deadline
            .saturating_sub(begun.elapsed())
            .min(GREETING_PATIENCE);
        // Only to name the service: how it ends is known already.
        let _ = tokio::time::timeout(rest, read_greeting(stream, &mut answer.bytes)).await;
        seen = read(&answer, instance);
    }
    Prelogin {
        endpoint: Some(endpoint),
        elapsed,
        ..seen
    }
}

/// The evidence for a connection that was reset before it could be asked.
pub fn reset(endpoint: SocketAddr, os_error: Option<i32>) -> Prelogin {
    Prelogin {
        status: PreloginStatus::Reset,
        endpoint: Some(endpoint),
        os_error,
        ..Prelogin::default()
    }
}

/// What came back, and why reading ended.
struct Answer {
    bytes: Vec<u8>,
    end: End,
}

enum End {
    /// There is enough to judge.
    Judged,
    Deadline,
    /// FIN
    Closed,
    Failed(io::Error),
}

async fn converse(stream: &mut TcpStream, instance: &str, answer: &mut Answer) -> End {
    let trace = fastrand::u64(..).to_be_bytes();
    let request = PreloginRequest { instance, trace }.encode();
    let sent = stream.write_all(&request).await;
    // Also where sending failed: a banner may lie in the buffer.
    let end = read_reply(stream, &mut answer.bytes).await;
    match (sent, end) {
        (Err(error), End::Closed) if error.kind() != io::ErrorKind::BrokenPipe => {
            End::Failed(error)
        }
        (_, end) => end,
    }
}

async fn read_reply(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> End {
    let mut piece = [0; 1024];
    loop {
        let room = (tds::MAX_PACKET - bytes.len()).min(piece.len());
        match stream.read(&mut piece[..room]).await {
            Ok(0) => return End::Closed,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
            Err(error) => return End::Failed(error),
        }
        if PreloginReply::decode(bytes) != Decoded::Incomplete || bytes.len() >= tds::MAX_PACKET {
            return End::Judged;
        }
    }
}

async fn read_greeting(stream: &mut TcpStream, bytes: &mut Vec<u8>) {
    let mut piece = [0; GREETING];
    while bytes.len() < GREETING
        && !bytes.contains(&b'\n')
        && greeting::recognise(bytes) == greeting::Service::Unknown
    {
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => bytes.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
}

/// Reads the evidence out of what came back. Pure.
fn read(answer: &Answer, instance: &str) -> Prelogin {
    let bytes = &answer.bytes;
    let first_bytes = || {
        (!bytes.is_empty()).then(|| hex(&bytes[..bytes.len().min(FIRST_BYTES)]).into_boxed_str())
    };
    match PreloginReply::decode(bytes) {
        Decoded::Reply(reply) => from_reply(&reply, instance),
        Decoded::NotTds => Prelogin {
            status: PreloginStatus::NotTds,
            service: Some(greeting::recognise(bytes)),
            first_bytes: first_bytes(),
            ..Prelogin::default()
        },
        Decoded::Malformed(_) => Prelogin {
            status: PreloginStatus::Malformed,
            first_bytes: first_bytes(),
            ..Prelogin::default()
        },
        Decoded::ErrorToken { number, message } => Prelogin {
            status: PreloginStatus::Malformed,
            first_bytes: first_bytes(),
            error: Some(Box::new(ServerError {
                number,
                message: Untrusted::from(message),
            })),
            ..Prelogin::default()
        },
        Decoded::Incomplete => {
            let (status, os_error) = match &answer.end {
                // More than the longest packet, and still no end.
                End::Judged => (PreloginStatus::Malformed, None),
                End::Deadline => (PreloginStatus::Silent, None),
                End::Closed => (PreloginStatus::Closed, None),
                // Linux: EPIPE is a reset that came after a FIN, so the FIN was the answer.
                End::Failed(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    (PreloginStatus::Closed, error.raw_os_error())
                }
                End::Failed(error) => (PreloginStatus::Reset, error.raw_os_error()),
            };
            Prelogin {
                status,
                first_bytes: first_bytes(),
                os_error,
                ..Prelogin::default()
            }
        }
    }
}

fn from_reply(reply: &PreloginReply, instance: &str) -> Prelogin {
    // Without an instance in the question the answer to it says nothing.
    let mismatch = !instance.is_empty() && reply.instance_matches == Some(false);
    Prelogin {
        status: if mismatch {
            PreloginStatus::InstanceMismatch
        } else {
            PreloginStatus::Ok
        },
        version: reply.version.map(|version| Version {
            major: version.major,
            minor: version.minor,
            build: version.build,
            sub_build: version.sub_build,
        }),
        encryption: reply.encryption.map(encryption),
        instance_matches: reply.instance_matches,
        mars: reply.mars,
        federated_authentication: reply.federated_authentication,
        ..Prelogin::default()
    }
}

fn encryption(offer: tds::Encryption) -> EncryptionOffer {
    match offer {
        tds::Encryption::Off => EncryptionOffer::Off,
        tds::Encryption::On => EncryptionOffer::On,
        tds::Encryption::NotSupported => EncryptionOffer::NotSupported,
        tds::Encryption::Required => EncryptionOffer::Required,
        tds::Encryption::Other(byte) => EncryptionOffer::Other(byte),
    }
}

/// Two lower-case digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests;
