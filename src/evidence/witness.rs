//! An extra look, taken only after a failure, that tells two causes apart.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attempt, Browser, Elapsed};
use crate::target::Port;

/// An extra look and when it was taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// When it was taken.
    pub at: Timestamp,
    /// What was looked at, and what came back.
    #[serde(flatten)]
    pub look: Look,
}

/// What was looked at, and what came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Look {
    /// Another port of the host (445, 22, a configured one): is the host there at all?
    Port(Attempt),
    /// A port that is surely closed (TCP 1): does the host hide its closed ports?
    ClosedPort(Attempt),
    /// Browser asked for all instances.
    BrowserList(Browser),
    /// Browser asked for the wanted instance alone, as a driver asks.
    BrowserName(Browser),
    /// The port of the dedicated administrator connection: does it open from here?
    Dac(Dac),
    /// The walk towards the port.
    Path {
        /// The port that was walked to.
        endpoint: SocketAddr,
        /// Whether this system can walk at all; where it cannot, no hop is no evidence.
        #[serde(default = "yes")]
        available: bool,
        /// The hops, nearest first.
        hops: Vec<Hop>,
    },
}

fn yes() -> bool {
    true
}

/// The port of the dedicated administrator connection, looked at on demand: a connect and
/// an orderly close, never a login. In JSON `{ "kind": "dac", "browser": { … }, "attempt":
/// { … } }`, either of which may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dac {
    /// Browser's answer to the question for its port (\[MC-SQLR\] 2.2.4), with the `port`
    /// where it names one. `None` for a default instance, whose port is TCP 1434.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<Box<Browser>>,
    /// Whether the port opens. `None` where Browser names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
}

/// One step of the walk towards a port.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hop {
    /// The time to live the SYN was sent with.
    pub ttl: u8,
    /// Who answered.
    pub from: Option<IpAddr>,
    /// What came back.
    pub status: HopStatus,
    /// Time until it came, or of the wait.
    #[serde(rename = "elapsed_ms")]
    pub elapsed: Elapsed,
}

/// What came back from one step of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HopStatus {
    /// A router said that the time to live ran out there.
    TtlExceeded,
    /// The port opened.
    Open,
    /// The port was refused.
    Refused,
    /// A device said that there is no way.
    Unreachable,
    /// Nothing came.
    Silent,
}

/// A look that a diagnosis asks for, to tell its leading causes apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "test", rename_all = "kebab-case")]
pub enum Test {
    /// A port that is surely closed.
    ClosedPort {
        /// The host.
        address: IpAddr,
    },
    /// Another port of the host.
    Port {
        /// The host.
        address: IpAddr,
        /// The port.
        port: Port,
    },
    /// Browser, asked for all instances.
    BrowserList {
        /// The host.
        address: IpAddr,
    },
    /// Browser, asked for the wanted instance.
    BrowserName {
        /// The host.
        address: IpAddr,
    },
    /// The dedicated administrator connection of the wanted instance: by hand only.
    Dac {
        /// The host.
        address: IpAddr,
    },
    /// The walk towards the port.
    Path {
        /// The endpoint that did not answer.
        endpoint: SocketAddr,
    },
}

impl Look {
    /// The attempt, where the look was one.
    pub fn attempt(&self) -> Option<&Attempt> {
        match self {
            Self::Port(attempt) | Self::ClosedPort(attempt) => Some(attempt),
            Self::Dac(dac) => dac.attempt.as_ref(),
            _ => None,
        }
    }

    /// Whether this is what a test asked for.
    pub fn answers(&self, test: &Test) -> bool {
        match (self, *test) {
            (Self::ClosedPort(attempt), Test::ClosedPort { address }) => {
                attempt.endpoint.ip() == address
            }
            (Self::Port(attempt), Test::Port { address, port }) => {
                attempt.endpoint == SocketAddr::new(address, port.get())
            }
            (Self::Path { endpoint, .. }, Test::Path { endpoint: wanted }) => *endpoint == wanted,
            (Self::Dac(_), Test::Dac { .. }) => true,
            (Self::BrowserList(browser), Test::BrowserList { address })
            | (Self::BrowserName(browser), Test::BrowserName { address }) => {
                browser.asked.is_none_or(|asked| asked.ip() == address)
            }
            _ => false,
        }
    }
}
