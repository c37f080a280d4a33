//! What Browser on a host lists, what is open there, and what answers: the three truths
//! of a host, side by side.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Attempt, Browser, Prelogin, Resolve};
use crate::target::{Port, Untrusted};

/// One look at everything that a host says about its instances. Taken on demand only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// When it began.
    pub at: Timestamp,
    /// How the host's name became addresses.
    pub resolve: Resolve,
    /// One for each address of the host.
    pub listings: Vec<Listing>,
}

/// One address of the host: what its Browser lists, and what its ports answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listing {
    /// The address.
    pub address: IpAddr,
    /// Browser's answer to the question for all instances.
    pub browser: Browser,
    /// The ports that were looked at: those that are listed, and those known otherwise.
    pub doors: Vec<Door>,
}

/// One port that was tried, in the name of one instance. Two instances that are listed
/// on one port are two doors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Door {
    /// The instance that PRELOGIN asked for; `None` where any would do.
    pub instance: Option<Untrusted>,
    /// The port.
    pub port: Port,
    /// Why it was tried.
    pub known_by: KnownBy,
    /// Whether it opens.
    pub attempt: Attempt,
    /// What answers there.
    pub prelogin: Prelogin,
}

/// Why a port was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KnownBy {
    /// Browser lists it.
    Browser,
    /// It is configured, or an instance answered there before.
    Known,
    /// Nobody named it: 1433, where clients look for the default instance.
    Default,
}
