//! This machine's own trouble in the ledger: which rows it hides, and since when.
//!
//! What counts as trouble is decided in `diagnosis`; here it is only counted and applied.

use std::sync::Arc;

use jiff::Timestamp;

use super::entry::Entry;
use super::{Change, Ledger};
use crate::diagnosis::{Families, OwnNetwork, Standing, State, Surroundings};
use crate::evidence::Vantage;
use crate::monitor::InstanceId;

impl Ledger {
    /// How this machine's own network stands.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Weighs what a probe says about this machine, against what the one before said.
    /// Returns whether the row waits for what the others say.
    pub(super) fn doubts(
        &mut self,
        at: Timestamp,
        entry: &Entry,
        stopped_before: OwnNetwork,
        changes: &mut Vec<Change>,
    ) -> bool {
        let signs = entry.place.signs;
        self.doubts.hear(signs);
        self.tally.polled.hear(signs);
        let kind = signs.stopped;
        let grounds = self.tally.grounds(self.vantage());
        // While paused nobody is asked, so there is nothing to wait for.
        if self.paused || kind == OwnNetwork::Fine || grounds.hosts.against(kind) == 0 {
            return false;
        }
        if stopped_before != kind && entry.row.state != State::Pending {
            let doubt = self.doubts.raise(at, kind);
            if doubt.is_founded() {
                self.tally.polled.overrule(kind);
                return false;
            }
            let mut room = doubt.room();
            let mut asked = Vec::new();
            for other in self.order.iter().filter_map(|id| self.entries.get(id)) {
                if room == 0 {
                    break;
                }
                if other.place.signs.is_worth_asking(kind) && doubt.asks(&other.place.host) {
                    asked.push(other.row.id);
                    room -= 1;
                }
            }
            if doubt.is_closed() {
                return false;
            }
            if !asked.is_empty() {
                changes.push(Change::Ask(asked));
            }
            changes.push(Change::Confirm(entry.row.id));
        }
        entry.row.state != State::Pending && self.doubts.holds(at, kind)
    }

    /// Hides a row behind this machine's own trouble, or shows it again.
    pub(super) fn shade(&mut self, entry: &mut Entry, own: OwnNetwork) {
        self.felt.take(entry.shade);
        self.felt.add(own);
        entry.shade = own;
    }

    /// This machine has other addresses, or ways out.
    pub(super) fn vantage_changed(&mut self, at: Timestamp, vantage: Vantage) -> Vec<Change> {
        if self.vantage() == Some(&vantage) {
            return Vec::new();
        }
        self.stand_here(Arc::new(Surroundings {
            vantage,
            ..Surroundings::default()
        }));
        let mut changes = self.cast_shades();
        changes.extend(self.stand(at));
        changes
    }

    /// From now on the probes are sent from here.
    pub(super) fn stand_here(&mut self, here: Arc<Surroundings>) {
        let had = &mut self.tally.polled.had;
        *had = had.or(Families::out_of(&here.vantage));
        self.here = Some(here);
    }

    /// This machine, if it is known.
    pub(super) fn vantage(&self) -> Option<&Vantage> {
        self.here.as_deref().map(|here| &here.vantage)
    }

    /// What follows from a change of what a row feels: for the others, and for the whole.
    pub(super) fn restand(&mut self, at: Timestamp) -> Vec<Change> {
        let grounds = self.tally.grounds(self.vantage());
        let holding = [OwnNetwork::Firewall, OwnNetwork::NoRoute, OwnNetwork::NoDns]
            .map(|own| grounds.holds(own));
        let mut changes = Vec::new();
        if holding != self.holding {
            self.holding = holding;
            changes = self.cast_shades();
        }
        changes.extend(self.stand(at));
        changes
    }

    fn stand(&mut self, at: Timestamp) -> Option<Change> {
        let grounds = self.tally.grounds(self.vantage());
        let standing = Standing::decide(&grounds, self.felt, &self.standing, at);
        let is_new = standing != self.standing;
        self.standing = standing;
        is_new.then_some(Change::Standing(standing))
    }

    fn cast_shades(&mut self) -> Vec<Change> {
        let ids = self.order.clone();
        ids.into_iter()
            .filter(|id| self.cast_shade(*id))
            .map(Change::Row)
            .collect()
    }

    /// Reads one row anew in what surrounds it. Returns whether it is another one then.
    fn cast_shade(&mut self, id: InstanceId) -> bool {
        let Some(mut entry) = self.entries.remove(&id) else {
            return false;
        };
        let before = entry.row.surroundings.own_network;
        let around = entry.look_around(&self.world());
        let own = entry.row.surroundings.own_network;
        let turns = own != before && entry.has_result();
        if turns {
            self.shade(&mut entry, own);
            // A row comes out of the dark by its next probe, not by the route alone.
            entry.row.marks.stale |= own != OwnNetwork::Fine;
        }
        let again = turns || (around && entry.row.state.is_failing());
        if again {
            entry.refine();
        }
        self.entries.insert(id, entry);
        again
    }
}
