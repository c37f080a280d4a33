//! The layer `browser`: what SQL Server Browser said, byte for byte and in words.

use std::net::SocketAddr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Absent, Elapsed, Icmp};
use crate::target::{DEFAULT_INSTANCE, Port, Untrusted};
use crate::wire::ssrp::Flaw;

/// What SQL Server Browser said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Browser {
    /// The outcome for the wanted instance.
    pub status: BrowserStatus,
    /// When the first datagram began, counted from the beginning of the probe. `None` where it is not
    /// known: it was seen by another probe, or the recording is older than this field.
    #[serde(
        rename = "started_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub started: Option<Elapsed>,
    /// When each further datagram was sent, counted the same.
    #[serde(rename = "again_ms", default, skip_serializing_if = "Vec::is_empty")]
    pub again: Vec<Elapsed>,
    /// Time from the datagram that was answered to its answer; of the wait if none came.
    #[serde(
        rename = "elapsed_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub elapsed: Option<Elapsed>,
    /// The form of the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<BrowserForm>,
    /// Where the datagram went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<SocketAddr>,
    /// Where the answer came from, if not from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_from: Option<SocketAddr>,
    /// The datagram that was answered (1 is the first), or how many were sent in vain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<u8>,
    /// The port for the wanted instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<Port>,
    /// All instances in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<Advertised>,
    /// The first bytes of the answer in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_hex: Option<String>,
    /// What is wrong with an answer that could still be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flaws: Vec<String>,
    /// The ICMP message that came instead of an answer, and its sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icmp: Option<Icmp>,
    /// The error of the operating system, where sending failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_error: Option<i32>,
}

impl Absent for Browser {
    fn absent() -> &'static Self {
        static NOBODY_ASKED: LazyLock<Browser> = LazyLock::new(Browser::default);
        &NOBODY_ASKED
    }
}

impl Browser {
    /// The outcome of this answer for one instance. What holds no list stays as it is.
    #[must_use]
    pub fn read_for(self, instance: Option<&str>) -> Self {
        if self.instances.is_empty() {
            return self;
        }
        // Also for the short form: what is listed under another name is another instance.
        let name = instance.unwrap_or(DEFAULT_INSTANCE).to_lowercase();
        let mut listed = self.instances.iter();
        let entry = listed.find(|entry| entry.instance.raw().to_lowercase() == name);
        let port = entry.and_then(|entry| entry.tcp);
        let status = match (entry, port) {
            (Some(_), Some(_)) => BrowserStatus::Ok,
            (entry, None) if self.may_have_lost(entry) => BrowserStatus::Malformed,
            (None, _) => BrowserStatus::NotListed,
            (Some(_), None) => BrowserStatus::NoTcp,
        };
        Self {
            status,
            port,
            ..self
        }
    }

    /// Whether a flaw of the answer may be all that keeps the port from us: then its
    /// absence says nothing of the instance.
    fn may_have_lost(&self, entry: Option<&Advertised>) -> bool {
        let has = |flaw: Flaw| self.flaws.contains(&flaw.to_string());
        match entry {
            Some(entry) => {
                has(Flaw::BadPort) || (has(Flaw::Truncated) && self.instances.last() == Some(entry))
            }
            None => has(Flaw::Truncated) || has(Flaw::TooManyEntries),
        }
    }
}

/// The form of a question to Browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrowserForm {
    /// `03`: all instances.
    List,
    /// `04 NAME`: one instance, as a driver asks.
    Name,
}

/// The outcome of the layer `browser`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrowserStatus {
    /// A client would not ask (a port was given, or no instance), or the layer was not reached.
    #[default]
    Skipped,
    /// The wanted instance has a TCP port.
    Ok,
    /// No answer.
    Silent,
    /// ICMP: nothing listens on the Browser port.
    Refused,
    /// An answer that cannot be read.
    Malformed,
    /// An answer without the wanted instance.
    NotListed,
    /// The wanted instance is listed without a TCP port.
    NoTcp,
}

/// One instance as Browser lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Advertised {
    /// The server's own name.
    pub server: Untrusted,
    /// The instance.
    pub instance: Untrusted,
    /// `IsClustered;Yes`: a failover cluster instance.
    pub clustered: bool,
    /// Base or service pack level, not the build.
    pub version: Untrusted,
    /// TCP port, where one is listed.
    pub tcp: Option<Port>,
    /// Named pipe, where one is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pipe: Option<Untrusted>,
}
