//! A time without service as a client saw it: when it began and ended, and what moved.

mod words;

use std::net::SocketAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::evidence::{ConnectStatus, PreloginStatus};

/// One time without service, or a move of the answering address without one.
///
/// Probes are samples: nothing is known to the second. Service ended between `last_good`
/// and `first_bad`, and came back between `last_bad` and `first_good`. A probe takes time
/// itself, so what is known good is counted from the outside of the probes, and what is known
/// bad from their inside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outage {
    /// The last probe that got through, its beginning. `None`: nobody knows of one.
    pub last_good: Option<Timestamp>,
    /// The first probe that did not, its end. `None`: none failed, only the address moved.
    pub first_bad: Option<Timestamp>,
    /// The last probe that did not, its beginning: before `first_bad` if there was but one.
    pub last_bad: Option<Timestamp>,
    /// The first probe that got through again, its end. `None`: it is still down.
    pub first_good: Option<Timestamp>,
    /// Where it answered before.
    pub from: Option<SocketAddr>,
    /// Where it answers now.
    pub to: Option<SocketAddr>,
    /// What each address did meanwhile, oldest first (bounded).
    pub steps: Vec<Step>,
    /// Steps that found no more room.
    #[serde(default)]
    pub left_out: u32,
}

/// What one probe saw differently than the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub endpoint: SocketAddr,
    /// What.
    pub what: Turn,
}

/// What an endpoint did anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It took the connection like this.
    Connect(ConnectStatus),
    /// Its engine took PRELOGIN like this.
    Engine(PreloginStatus),
    /// The name no longer leads to its address.
    Gone,
    /// Its address is asked at this port instead.
    Port(u16),
}

impl Outage {
    /// Steps kept of one outage.
    const STEPS: usize = 32;

    /// How long a client was without service: at least, and at most (`None` while it is
    /// down, and where nobody knows when it last answered).
    pub fn bounds(&self) -> (Duration, Option<Duration>) {
        let least = self.first_bad.zip(self.last_bad);
        let most = self.last_good.zip(self.first_good);
        let span = |(from, to): (Timestamp, Timestamp)| positive(to.duration_since(from));
        (least.map_or(Duration::ZERO, span), most.map(span))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.first_good.is_some()
    }

    /// Whether another address answered afterwards than before.
    pub fn is_failover(&self) -> bool {
        matches!((self.from, self.to), (Some(from), Some(to)) if from.ip() != to.ip())
    }

    /// When it was first noticed.
    pub fn noticed(&self) -> Option<Timestamp> {
        self.first_bad.or(self.first_good)
    }

    /// Adds what was seen. The beginning tells most: what finds no room at the end is counted.
    pub(super) fn add(&mut self, steps: Vec<Step>) {
        if self.steps.is_empty() && steps.len() <= Self::STEPS {
            self.steps = steps;
            return;
        }
        for step in steps {
            if self.steps.len() < Self::STEPS {
                self.steps.push(step);
            } else {
                self.left_out = self.left_out.saturating_add(1);
            }
        }
    }

    /// Moves every time by what the wall clock was set back.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        let ends = [
            &mut self.last_good,
            &mut self.first_bad,
            &mut self.last_bad,
            &mut self.first_good,
        ];
        let steps = self.steps.iter_mut().map(|step| &mut step.at);
        for time in ends.into_iter().flatten().chain(steps) {
            *time = time.saturating_sub(by).unwrap_or(*time);
        }
    }
}

fn positive(span: SignedDuration) -> Duration {
    Duration::try_from(span).unwrap_or_default()
}
