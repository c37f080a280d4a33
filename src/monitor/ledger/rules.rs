//! How events are read: what the configuration says of it.

use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::config::{Instance, Probe};
use crate::target::Port;

/// How events are read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Line", into = "Line")]
pub struct Rules {
    /// How many probes must agree before an instance goes down.
    pub down_after: u8,
    /// How many must agree before it comes up.
    pub up_after: u8,
    /// Whether witnesses are asked for at all.
    pub witnesses: bool,
    /// Ports that a failure found by hand is looked at besides.
    pub witness_ports: Vec<Port>,
    /// Time between two probes of an instance that has no interval of its own.
    pub interval: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            down_after: 2,
            up_after: 1,
            witnesses: true,
            witness_ports: Vec::new(),
            interval: Probe::INTERVAL,
        }
    }
}

impl From<&Probe> for Rules {
    fn from(probe: &Probe) -> Self {
        Self {
            down_after: probe.down_after.max(1),
            up_after: probe.up_after.max(1),
            witnesses: probe.witnesses,
            witness_ports: probe.witness_ports.clone(),
            interval: probe.interval,
        }
    }
}

impl Rules {
    /// Two probes of an instance are no further apart while all goes as usual: one may be
    /// missed, and a slow one is waited for.
    pub(super) fn usual_gap(&self, instance: &Instance) -> SignedDuration {
        const LEAST: SignedDuration = SignedDuration::from_secs(60);
        let interval = instance.interval.unwrap_or(self.interval);
        SignedDuration::try_from(interval * 2)
            .unwrap_or(SignedDuration::MAX)
            .max(LEAST)
    }
}

/// [`Rules`] as a recording has them: in numbers that cannot overflow.
#[derive(Clone, Serialize, Deserialize)]
struct Line {
    down_after: u8,
    up_after: u8,
    witnesses: bool,
    witness_ports: Vec<Port>,
    interval_ms: u64,
}

impl From<Rules> for Line {
    fn from(rules: Rules) -> Self {
        Self {
            down_after: rules.down_after,
            up_after: rules.up_after,
            witnesses: rules.witnesses,
            witness_ports: rules.witness_ports,
            interval_ms: u64::try_from(rules.interval.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<Line> for Rules {
    /// A recording may have been written by anybody: no count is 0.
    fn from(line: Line) -> Self {
        Self {
            down_after: line.down_after.max(1),
            up_after: line.up_after.max(1),
            witnesses: line.witnesses,
            witness_ports: line.witness_ports,
            interval: Duration::from_millis(line.interval_ms),
        }
    }
}
