//! All that a diagnosis may look at.

use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CauseId, Expectation, Recent};
use crate::evidence::{Browser, Evidence, Look, Vantage, Version, Witness};
use crate::target::{Declared, InstanceName, Port, Target};

/// Target, evidence, witnesses, past and surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What the user wants to reach.
    pub target: &'a Target,
    /// What the user declared about it.
    pub declared: &'a Declared,
    /// What the probe saw.
    pub evidence: &'a Evidence,
    /// The extra looks taken since the failure began.
    pub witnesses: &'a [Witness],
    /// What is known from before.
    pub past: &'a Past,
    /// What else is seen right now.
    pub surroundings: &'a Surroundings,
}

impl<'a> Case<'a> {
    /// Every answer of Browser: the probe's own first, then the newest look.
    pub fn browsers(&self) -> impl Iterator<Item = &'a Browser> + use<'a> {
        let looks = self.witnesses.iter().rev();
        let looks = looks.filter_map(|witness| match &witness.look {
            Look::BrowserList(browser) | Look::BrowserName(browser) => Some(browser),
            _ => None,
        });
        let own: &Browser = &self.evidence.layers.browser;
        std::iter::once(own).chain(looks)
    }
}

/// What is known from before. Kept on disk, so it is there when the program is
/// opened after the failure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// The last time that the engine answered, and how it was reached.
    pub last_good: Option<Good>,
    /// When the state last changed to or from failing.
    pub changed: Option<Timestamp>,
    /// The addresses before the last change of addresses, and when that was seen.
    pub moved_from: Option<Box<(Timestamp, Vec<IpAddr>)>>,
    /// Typical milliseconds of the engine's answer while it was well.
    pub usual_engine_ms: Option<f64>,
    /// The engine's answers in milliseconds shortly before the failure, oldest first (at most 8).
    pub recent_engine_ms: Recent,
    /// Typical milliseconds of a connect while the engine was well.
    #[serde(default)]
    pub usual_connect_ms: Option<f64>,
    /// The connects of the probes in `recent_engine_ms`, in the same order.
    #[serde(default)]
    pub recent_connect_ms: Recent,
    /// The port before the last change of port, and when it last answered there.
    #[serde(default)]
    pub port_before: Option<(Timestamp, Port)>,
    /// The instance that owned the port where this target last answered: Browser listed it
    /// there, or it answered there by its name.
    #[serde(default)]
    pub instance_there: Option<InstanceName>,
    /// The other port where that instance answered to its name since.
    #[serde(default)]
    pub instance_on: Option<Port>,
    /// When the host last answered again after it was silent.
    #[serde(default)]
    pub host_came_up: Option<Timestamp>,
    /// The fixes that were tried in vain since it began to fail, newest last (at most 8).
    #[serde(default)]
    pub tried: Vec<Tried>,
    /// Outcomes flapped between open and refused within the last minutes.
    pub flapping: bool,
}

/// A fix that was carried out, and did not bring about what was expected of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// The cause that it addressed.
    pub cause: CauseId,
    /// When it was given up.
    pub at: Timestamp,
    /// The first of its expectations that stayed false.
    pub first: Expectation,
}

/// A time when the engine answered, and how it was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Good {
    /// When.
    pub at: Timestamp,
    /// All addresses of the name then.
    pub addresses: Vec<IpAddr>,
    /// The address that answered.
    pub address: IpAddr,
    /// The port that answered.
    pub port: Port,
    /// The build.
    pub version: Option<Version>,
}

/// What the other configured instances and this machine's own network say right now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Surroundings {
    /// This machine.
    pub vantage: Vantage,
    /// Whether this machine itself is cut off.
    pub own_network: OwnNetwork,
    /// The other instances of the same host.
    pub host: Neighbours,
    /// The other hosts of the same subnet (/24, /64).
    pub subnet: Neighbours,
    /// All other hosts.
    pub elsewhere: Neighbours,
}

/// What a group of other instances says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbours {
    /// Something there answered: an engine, a RST, a Browser.
    pub answering: u32,
    /// Nothing there answered in any way.
    pub silent: u32,
}

/// Whether this machine itself is cut off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnNetwork {
    /// Nothing speaks against it.
    #[default]
    Fine,
    /// It has no address or no route.
    NoRoute,
    /// No name resolves, whatever is asked.
    NoDns,
    /// Its own firewall forbids every connection.
    Firewall,
}
