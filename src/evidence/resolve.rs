//! The layer `resolve`: how a name became addresses, and who said so.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::Elapsed;
use crate::target::Untrusted;

/// How a name became addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resolve {
    /// The outcome.
    pub status: ResolveStatus,
    /// When the layer began, counted from the beginning of the probe. `None` where it is not
    /// known: it was seen by another probe, or the recording is older than this field.
    #[serde(
        rename = "started_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub started: Option<Elapsed>,
    /// Time until the addresses to probe were known.
    #[serde(rename = "elapsed_ms")]
    pub elapsed: Elapsed,
    /// The addresses that are probed, in the order the system gave them.
    pub addresses: Vec<IpAddr>,
    /// The name at the end of the CNAME chain, where it differs from the one asked.
    pub canonical: Option<Untrusted>,
    /// The CNAME chain from the name asked to the canonical one, both left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chain: Vec<Untrusted>,
    /// Smallest remaining time to live of the records, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Who gave the addresses that are probed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Every question put to a DNS server for the explanation, with its answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    /// What DNS itself answered, where that differs from the system's addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns_differs: Vec<IpAddr>,
    /// The system resolver's own error, where it failed (`EAI_NONAME` 11001 …), as it names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system_error: Option<Box<str>>,
    /// The answer came from this program's cache and is still within its time to live.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cached: bool,
}

/// The outcome of the layer `resolve`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolveStatus {
    /// The layer was not reached.
    #[default]
    Skipped,
    /// Addresses were found.
    Ok,
    /// The target gave an address; nothing was asked.
    Literal,
    /// No such name (NXDOMAIN for every candidate).
    NotFound,
    /// The name exists and has no address.
    NoAddress,
    /// A DNS server answered SERVFAIL, or nonsense.
    ServerFailure,
    /// A DNS server refused to answer.
    Refused,
    /// No DNS server answered in time.
    TimedOut,
}

/// Who gave an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The target gave it.
    Literal,
    /// The hosts file of this machine.
    HostsFile,
    /// A SQL Server client alias of this machine (Windows registry).
    ClientAlias,
    /// The system's resolver (whatever it asked).
    System,
    /// A DNS server that was asked directly.
    Dns(SocketAddr),
}

/// One question to one DNS server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// The fully qualified name that was asked.
    pub name: Untrusted,
    /// `A` or `AAAA`.
    pub record: String,
    /// The server.
    pub server: SocketAddr,
    /// Its answer.
    pub code: ResponseCode,
    /// The addresses in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
    /// When the question began, counted from the beginning of the probe. `None` where it is not
    /// known: it was seen by another probe, or the recording is older than this field.
    #[serde(
        rename = "started_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub started: Option<Elapsed>,
    /// How long it took.
    #[serde(rename = "elapsed_ms")]
    pub elapsed: Elapsed,
}

/// What a DNS server answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseCode {
    /// NOERROR with at least one address.
    Ok,
    /// NOERROR and no address of this family.
    Empty,
    /// NXDOMAIN.
    NxDomain,
    /// SERVFAIL.
    ServFail,
    /// REFUSED.
    Refused,
    /// Nothing came in time.
    TimedOut,
    /// The answer was cut, and the whole of it could not be had by TCP.
    Cut,
    /// Any other code, or an answer that makes no sense.
    Other,
}
