//! When the screen calls for attention: an instance changed to or from failing.
//!
//! Each instance is compared with what was last told of it, not with its row before: what
//! happens behind a mark (stale, paused, acknowledged) is no news when the mark goes, unless
//! it is another state than the one that was told. Who still fails when its maintenance is
//! over is called as one that has just fallen. Changes are gathered for a moment, so that
//! an incident is one call, and calls keep a distance: the rest is summed up in the next.

use foldhash::{HashMap, HashSet};
use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::{OwnNetwork, State};
use crate::monitor::{InstanceId, Row};

mod call;
mod words;

pub use call::{Passes, write};
pub use words::sentence;

/// Changes that come within this time of the first are told together.
const GATHER: SignedDuration = SignedDuration::from_secs(1);
/// Two calls are at least this far apart.
const DISTANCE: SignedDuration = SignedDuration::from_secs(5);

/// What was told, and what is about to be.
#[derive(Clone, Debug, Default)]
pub struct Attention {
    told: HashMap<InstanceId, Told>,
    /// In the order in which they came; each instance once.
    turns: Vec<(InstanceId, Turn)>,
    /// When the first of them came.
    since: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// How an instance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It fails now.
    Fell,
    /// It fails no longer.
    Rose,
    /// It goes up and down; the next call about it is when it has stayed for some minutes.
    Flaps,
}

/// Whether anybody wants to hear of changes right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ears {
    /// Yes.
    Open,
    /// No: probing is paused, or it is a recording.
    Shut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    failing: bool,
    flapping: bool,
}

impl Attention {
    /// Takes the newest row of an instance. Its first result is no change.
    pub fn see(&mut self, row: &Row, now: Timestamp, ears: Ears) {
        if nobody_knows(row) {
            return;
        }
        let seen = Told {
            failing: row.state.is_failing(),
            flapping: row.flapping().is_some(),
        };
        let told = self.told.entry(row.id).or_insert(seen);
        let is_maintained = row.marks.maintenance.is_some();
        if ears == Ears::Shut || row.marks.paused || row.marks.is_quiet() {
            *told = seen;
            // What fails in a window and still does when it is over is to be called then.
            told.failing &= !is_maintained || row.marks.acknowledged.is_some();
            self.turns.retain(|(id, _)| *id != row.id);
            return;
        }
        let turn = match (told.flapping, seen.flapping) {
            (false, true) => Some(Turn::Flaps),
            // What was told when it began to flap stays told until it is over.
            (true, true) => return,
            (_, false) if told.failing == seen.failing => None,
            (_, false) if seen.failing => Some(Turn::Fell),
            (_, false) => Some(Turn::Rose),
        };
        *told = seen;
        if let Some(turn) = turn {
            self.turns.retain(|(id, _)| *id != row.id);
            if self.turns.is_empty() {
                self.since = Some(now);
            }
            self.turns.push((row.id, turn));
        }
    }

    /// Forgets instances that are not among those that are watched.
    pub fn keep(&mut self, watched: &[InstanceId]) {
        if self.told.is_empty() && self.turns.is_empty() {
            return;
        }
        let watched: HashSet<InstanceId> = watched.iter().copied().collect();
        self.told.retain(|id, _| watched.contains(id));
        self.turns.retain(|(id, _)| watched.contains(id));
    }

    /// The changes to call for now; empty while there are none, or it is too early.
    pub fn call(&mut self, now: Timestamp) -> Vec<(InstanceId, Turn)> {
        // A clock that was set back holds nothing up.
        let is_past = |then: Option<Timestamp>, distance| {
            then.is_none_or(|then| then > now || now.duration_since(then) >= distance)
        };
        if self.turns.is_empty() || !is_past(self.since, GATHER) || !is_past(self.last, DISTANCE) {
            return Vec::new();
        }
        self.last = Some(now);
        self.since = None;
        std::mem::take(&mut self.turns)
    }
}

/// Whether the row says nothing about the instance as it is now.
pub(super) fn nobody_knows(row: &Row) -> bool {
    matches!(row.state, State::Pending | State::Invalid)
        || row.marks.stale
        || row.surroundings.own_network != OwnNetwork::Fine
}

#[cfg(test)]
mod tests;
