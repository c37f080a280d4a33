//! Is it this machine? Until the others have been asked again, a probe that was stopped
//! here turns no row.
//!
//! The newest results of the others are from before it happened. So a few of their hosts
//! are asked at once: one that gets through closes the doubt, and if none does, it was
//! this machine. What was asked is kept, so that the next row does not ask the same again.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::neighbours::HostKey;
use super::signs::Signs;
use crate::diagnosis::OwnNetwork;

/// So long a row waits for what the others say.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);
/// Hosts that one doubt asks before their time, and how many for each row that raises it.
const MOST_ASKED: usize = 16;
const ASKED_EACH: usize = 4;
/// So many hosts that got through before and are stopped now, and none that gets through:
/// then the older results of the rest count no more.
const ENOUGH: u32 = 8;

/// The doubts about the network and about names.
#[derive(Clone, Debug, Default)]
pub(super) struct Doubts {
    network: Option<Doubt>,
    names: Option<Doubt>,
}

/// One doubt.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    kind: OwnNetwork,
    since: Timestamp,
    asked: HashSet<HostKey>,
    turned: u32,
    /// One got through, and nobody was asked since.
    closed: bool,
}

impl Doubts {
    /// What gets through closes a doubt.
    pub(super) fn hear(&mut self, signs: Signs) {
        for doubt in [&mut self.network, &mut self.names].into_iter().flatten() {
            if signs.disproves(doubt.kind) {
                doubt.closed = true;
                doubt.turned = 0;
            }
        }
    }

    /// A row that was not stopped is stopped so now. Returns its doubt.
    pub(super) fn raise(&mut self, at: Timestamp, kind: OwnNetwork) -> &mut Doubt {
        let slot = self.of(kind);
        slot.take_if(|doubt| doubt.kind != kind || !doubt.is_open(at));
        let doubt = slot.get_or_insert_with(|| Doubt {
            kind,
            since: at,
            asked: HashSet::new(),
            turned: 0,
            closed: false,
        });
        doubt.turned += 1;
        doubt
    }

    /// Whether a row that is stopped so waits for the others.
    pub(super) fn holds(&mut self, at: Timestamp, kind: OwnNetwork) -> bool {
        let doubt = self.of(kind).as_ref();
        doubt.is_some_and(|doubt| doubt.kind == kind && !doubt.closed && doubt.is_open(at))
    }

    /// Whether it is still asked if it is this machine.
    pub(super) fn is_open(&self, at: Timestamp) -> bool {
        let doubts = [&self.network, &self.names].into_iter().flatten();
        doubts
            .into_iter()
            .any(|doubt| !doubt.closed && doubt.is_open(at))
    }

    /// The wall clock was set back by so much.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        for doubt in [&mut self.network, &mut self.names].into_iter().flatten() {
            doubt.since = doubt.since.saturating_sub(by).unwrap_or(doubt.since);
        }
    }

    fn of(&mut self, kind: OwnNetwork) -> &mut Option<Doubt> {
        match kind {
            OwnNetwork::NoDns => &mut self.names,
            _ => &mut self.network,
        }
    }
}

impl Doubt {
    /// How many more hosts may be asked now.
    pub(super) fn room(&self) -> usize {
        MOST_ASKED.saturating_sub(self.asked.len()).min(ASKED_EACH)
    }

    /// Whether this host is asked; each is asked once. Somebody new to ask opens a doubt
    /// again: what closed it may have been under way since before.
    pub(super) fn asks(&mut self, host: &HostKey) -> bool {
        let is_new = self.asked.insert(host.clone());
        self.closed &= !is_new;
        is_new
    }

    /// Whether one got through, and a row need not wait.
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether so many turned that the rest need not be waited for.
    pub(super) fn is_founded(&self) -> bool {
        !self.closed && self.turned >= ENOUGH
    }

    fn is_open(&self, at: Timestamp) -> bool {
        at.duration_since(self.since) <= PATIENCE
    }
}
