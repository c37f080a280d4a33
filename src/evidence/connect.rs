//! The layer `connect`: one attempt for each address, and what came back.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::Elapsed;

/// All attempts to open the port, one for each address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Connect {
    /// The best of the attempts: open, refused, blocked, unreachable, timed-out. `blocked`
    /// without any attempt: all addresses are `forbidden`.
    pub status: ConnectStatus,
    /// One for each address, in the order of the addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// Addresses of the name that the policy of this machine forbids: nothing was sent there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden: Vec<IpAddr>,
}

/// One attempt to open one endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Where to.
    pub endpoint: SocketAddr,
    /// This machine's side of the connection, where the system chose one.
    pub local: Option<SocketAddr>,
    /// The outcome.
    pub status: ConnectStatus,
    /// When it began, counted from the beginning of the probe. `None` where it is not
    /// known: it was seen by another probe, or the recording is older than this field.
    #[serde(
        rename = "started_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub started: Option<Elapsed>,
    /// Time from the SYN to the outcome.
    #[serde(rename = "elapsed_ms")]
    pub elapsed: Elapsed,
    /// The error of the operating system.
    pub os_error: Option<i32>,
    /// The ICMP message that answered, and its sender. `None` is no proof that none was sent.
    pub icmp: Option<Icmp>,
    /// This machine's own address that would have asked, and had no local port left for the
    /// endpoint: another one of them did, `local`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Box<IpAddr>>,
}

/// The outcome of an attempt, and of the layer `connect`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectStatus {
    /// The layer was not reached.
    #[default]
    Skipped,
    /// The handshake completed.
    Open,
    /// RST, or ICMP port-unreachable.
    Refused,
    /// Nothing came back in time.
    TimedOut,
    /// ICMP, ARP or the routing table says that there is no way.
    Unreachable,
    /// This machine's own policy forbids it.
    Blocked,
    /// This machine has no descriptor, port or buffer left.
    Exhausted,
}

/// An ICMP message that answered a packet of ours, and the device that sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Icmp {
    /// ICMP type (ICMPv6 if `from` is an IPv6 address).
    #[serde(rename = "type")]
    pub kind: u8,
    /// ICMP code.
    pub code: u8,
    /// The device that sent it. Our own address: ARP failed, or the local firewall rejected.
    pub from: IpAddr,
}

impl Connect {
    /// The attempts that ended in `status`.
    pub fn ended(&self, status: ConnectStatus) -> impl Iterator<Item = &Attempt> {
        self.attempts
            .iter()
            .filter(move |attempt| attempt.status == status)
    }
}

impl ConnectStatus {
    /// The best outcome of several attempts at one name: an address that answers
    /// in any way says more than one that does not.
    pub fn best(outcomes: impl IntoIterator<Item = Self>) -> Self {
        outcomes
            .into_iter()
            .min_by_key(|status| status.precedence())
            .unwrap_or_default()
    }

    /// 0 is the best.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::Refused => 1,
            Self::Blocked => 2,
            Self::Exhausted => 3,
            Self::Unreachable => 4,
            Self::TimedOut => 5,
            Self::Skipped => 6,
        }
    }
}
