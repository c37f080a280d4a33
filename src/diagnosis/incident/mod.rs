//! Instances that fail together are one incident, with one explanation that claims no more
//! than is known.
//!
//! Pure, as a diagnosis is: failing instances in, incidents out. Two instances fail together
//! when they fell close to each other and share a reason: their host, a silent subnet, the
//! last device that answers, a DNS server, a device that rejects, a port, or this machine.
//! What shares nothing but the moment stays single.

mod facts;
mod grouping;
mod member;
mod ports;
mod quiet;
#[cfg(test)]
mod tests;
mod together;
mod verdict;

use std::net::{IpAddr, SocketAddr};

use foldhash::HashMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use facts::Facts;
pub use grouping::group;
pub use member::{DeviceSays, Failure, Fell, Life, Member, Ourselves, Outcome};
pub use verdict::Verdict;

use super::{CauseId, Neighbours, Subnet};
use crate::evidence::ResponseCode;
use crate::target::{Host, Port};

/// Several instances that fell together for one shared reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// The callers' numbers of its instances, ascending: at least two.
    pub members: Vec<u32>,
    /// What they share.
    pub shared: Shared,
    /// When they fell, all of them.
    pub began: Began,
    /// The causes that explain most of them, equally likely. Empty where they have no cause
    /// in common.
    pub causes: Vec<CauseId>,
    /// Which sentence is said about it.
    pub verdict: Verdict,
    /// What was seen and what was not.
    pub facts: Facts,
}

/// What the instances of an incident share.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shared {
    /// This machine, which is itself in the way.
    ThisMachine(Ourselves),
    /// The DNS server that was asked for their names.
    DnsServer {
        /// `None`: nobody said which one.
        server: Option<SocketAddr>,
        /// What it answered.
        code: Code,
    },
    /// The device that answers in their place.
    Device {
        /// The sender of its messages.
        by: IpAddr,
        /// What it says.
        says: DeviceSays,
    },
    /// The last device that answers on the way to their subnets.
    Hop(IpAddr),
    /// A subnet of which nothing answers.
    Subnet(Subnet),
    /// Their host.
    Host(Host),
    /// Their port, on hosts that are there.
    Port(Port),
    /// SQL Server Browser, which gives no port on hosts that are there.
    Browser,
}

/// The answer of a DNS server, as far as it makes an incident of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// It did not answer.
    Silent,
    /// It says that there is no such name.
    NoSuchName,
    /// It knows the name, without an address.
    NoAddress,
    /// It answers with a failure: SERVFAIL, REFUSED or nonsense.
    Failing,
}

/// When the instances of an incident fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Began {
    /// No earlier than this. `None`: for one of them nobody looked shortly before.
    pub after: Option<Timestamp>,
    /// By then all of them were down.
    pub by: Timestamp,
}

/// What the hosts that are watched say right now, failing or not: counted as in
/// [`Surroundings`](super::Surroundings), so that an incident and a diagnosis agree.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The hosts of each subnet.
    pub subnets: &'a HashMap<Subnet, Neighbours>,
    /// All hosts.
    pub all: Neighbours,
}

impl Around<'_> {
    fn of(&self, subnet: Subnet) -> Neighbours {
        self.subnets.get(&subnet).copied().unwrap_or_default()
    }
}

impl Code {
    fn of(code: ResponseCode) -> Option<Self> {
        match code {
            ResponseCode::TimedOut => Some(Self::Silent),
            ResponseCode::NxDomain => Some(Self::NoSuchName),
            ResponseCode::Empty => Some(Self::NoAddress),
            ResponseCode::ServFail
            | ResponseCode::Refused
            | ResponseCode::Cut
            | ResponseCode::Other => Some(Self::Failing),
            ResponseCode::Ok => None,
        }
    }
}
