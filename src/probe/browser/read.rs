//! What was heard, read for one instance. Pure.

use super::Wanted;
use super::ask::{Heard, Sound};
use crate::evidence::{Advertised, Browser, BrowserStatus};
use crate::probe::prelogin::hex;
use crate::target::{Port, Untrusted};
use crate::wire::ssrp::{Entry, Reply, decode_dac};

/// So many bytes of a reply are kept: more than one instance needs.
const REPLY_BYTES: usize = 512;

/// The evidence for one instance.
pub fn browser(heard: &Heard, wanted: Wanted<'_>) -> Browser {
    let seen = Browser {
        form: Some(wanted.form),
        ..unanswered(heard)
    };
    read(heard, seen, |bytes, seen| answered(bytes, wanted, seen))
}

/// The evidence for the administrator connection of one instance: six bytes, or nothing.
pub fn dac(heard: &Heard) -> Browser {
    read(heard, unanswered(heard), |bytes, seen| {
        let port = decode_dac(bytes).and_then(Port::new);
        let status = match port {
            Some(_) => BrowserStatus::Ok,
            None => BrowserStatus::Malformed,
        };
        Browser {
            status,
            port,
            ..seen
        }
    })
}

fn unanswered(heard: &Heard) -> Browser {
    Browser {
        status: BrowserStatus::Silent,
        elapsed: Some(heard.elapsed.into()),
        asked: Some(heard.asked),
        tries: Some(heard.tries),
        ..Browser::default()
    }
}

fn read(heard: &Heard, seen: Browser, answered: impl Fn(&[u8], Browser) -> Browser) -> Browser {
    match &heard.sound {
        Sound::Silence => seen,
        Sound::Rejected {
            icmp,
            os_error,
            refused,
        } => Browser {
            status: if *refused {
                BrowserStatus::Refused
            } else {
                BrowserStatus::Silent
            },
            icmp: *icmp,
            os_error: *os_error,
            ..seen
        },
        Sound::Answer { from, bytes } => Browser {
            answered_from: (*from != heard.asked).then_some(*from),
            reply_hex: Some(hex(&bytes[..bytes.len().min(REPLY_BYTES)])),
            ..answered(bytes, seen)
        },
    }
}

fn answered(bytes: &[u8], wanted: Wanted<'_>, seen: Browser) -> Browser {
    let reply = match Reply::decode(bytes) {
        Ok(reply) => reply,
        Err(error) => {
            return Browser {
                status: BrowserStatus::Malformed,
                flaws: vec![error.to_string()],
                ..seen
            };
        }
    };
    let listed = Browser {
        instances: reply.entries.iter().map(advertised).collect(),
        flaws: reply.flaws.iter().map(ToString::to_string).collect(),
        ..seen
    };
    listed.read_for(wanted.instance)
}

fn advertised(entry: &Entry) -> Advertised {
    Advertised {
        server: Untrusted::from_bytes(&entry.server),
        instance: Untrusted::from_bytes(&entry.instance),
        clustered: entry.clustered,
        version: Untrusted::from_bytes(&entry.version),
        tcp: entry.tcp.and_then(Port::new),
        pipe: entry.pipe.as_deref().map(Untrusted::from_bytes),
    }
}
