//! A probe ended: what it tells of the server, or of this machine alone.

use std::sync::Arc;

use jiff::Timestamp;

use super::entry::Entry;
use super::looks::Wish;
use super::settle::{Confirm, Outcome};
use super::{Change, Ledger};
use crate::diagnosis::{OwnNetwork, State};
use crate::evidence::Evidence;
use crate::monitor::{InstanceId, Transition};

/// Different surroundings that are looked through for the same ones.
const ALIKE: usize = 8;

impl Ledger {
    /// A probe ended.
    pub(super) fn probed(
        &mut self,
        at: Timestamp,
        id: InstanceId,
        evidence: Evidence,
    ) -> Vec<Change> {
        let Some(mut entry) = self.entries.remove(&id) else {
            return Vec::new();
        };
        let before = entry.place.clone();
        entry.stand(before.seen(&evidence, self.vantage()));
        self.tally.recount(id, &before, &entry.place);
        entry.expire(at);

        let mut changes = vec![Change::Row(id)];
        let waits = self.doubts(at, &entry, before.signs.stopped, &mut changes);
        let own = self.own_trouble(&entry);
        // What this machine's own network ate says nothing about the server.
        if own != OwnNetwork::Fine || waits {
            self.tally.disregard(&entry.place.host);
            self.hide(at, &mut entry, evidence, own, &mut changes);
        } else {
            self.tally.notice(at, &entry.place.host);
            self.count(at, &mut entry, evidence, &mut changes);
        }
        if !self.reads_one {
            self.share_surroundings(&mut entry);
        }
        self.entries.insert(id, entry);
        changes.extend(self.restand(at));
        changes
    }

    /// Rows that are surrounded alike share what says so.
    fn share_surroundings(&mut self, entry: &mut Entry) {
        let own = &entry.row.surroundings;
        if self.alike.iter().any(|known| Arc::ptr_eq(known, own)) {
            return;
        }
        if let Some(same) = self.alike.iter().find(|known| *known == own) {
            entry.row.surroundings = Arc::clone(same);
        } else {
            self.alike.truncate(ALIKE - 1);
            self.alike.push_front(Arc::clone(own));
        }
    }

    /// A probe that says nothing about the server. Only a row that has no result yet shows
    /// it, as the verdict on this machine.
    fn hide(
        &mut self,
        at: Timestamp,
        entry: &mut Entry,
        evidence: Evidence,
        own: OwnNetwork,
        changes: &mut Vec<Change>,
    ) {
        let diagnosis = entry.diagnose_new(&evidence, &self.world());
        let is_first = entry.row.state == State::Pending;
        entry.row.raw = diagnosis.state;
        entry.asked &= own == OwnNetwork::Fine;
        entry.row.marks.stale = true;
        self.shade(entry, own);
        let outcome = is_first.then(|| entry.settling.observe(at, diagnosis.state, &self.rules));
        if let Some(Outcome::Settled(transition, _)) = outcome {
            entry.accept(evidence, diagnosis);
            entry.turn(at, transition, &self.rules);
            changes.push(Change::State(entry.row.id, transition));
        }
        entry.refine();
    }

    /// A probe that tells of the server.
    fn count(
        &mut self,
        at: Timestamp,
        entry: &mut Entry,
        evidence: Evidence,
        changes: &mut Vec<Change>,
    ) {
        let id = entry.row.id;
        self.shade(entry, OwnNetwork::Fine);
        let was_stale = std::mem::take(&mut entry.row.marks.stale);
        let moved = entry.notice(at, &evidence);
        let came_up = entry.row.past.host_came_up;
        let diagnosis = entry.diagnose_new(&evidence, &self.world());
        let falls = entry.row.state.is_up() && diagnosis.state.is_failing();
        let took = evidence.elapsed;
        let came_up_now = entry.row.past.host_came_up != came_up;
        entry.row.raw = diagnosis.state;
        entry.observe_proof(at, &evidence);
        if !self.reads_one {
            entry.record(at, &evidence);
        }
        entry.follow(at, &evidence);
        let learned = entry.learn(at, &evidence);
        let pairs = entry.pairs(&evidence);
        let mut remember = moved | learned | came_up_now | entry.learn_pairs(&pairs);
        changes.extend(self.teach(&entry.place.host, &pairs));
        match entry.settling.observe(at, entry.row.raw, &self.rules) {
            Outcome::Same => entry.accept(evidence, diagnosis),
            Outcome::Blip(confirm) => {
                if was_stale {
                    // What was said of this machine meanwhile is over.
                    entry.refine();
                }
                changes.extend(confirmation(id, confirm));
            }
            Outcome::Settled(transition, confirm) => {
                entry.accept(evidence, diagnosis);
                entry.turn(at, transition, &self.rules);
                changes.push(Change::State(id, transition));
                changes.extend(confirmation(id, confirm));
                remember |= self.consequences(at, entry, transition, changes);
            }
        }
        if falls {
            changes.extend(self.ask_siblings(at, entry, took));
        }
        entry.settle_outage();
        if std::mem::take(&mut entry.asked) {
            entry.looks.grant(at, Wish::Hand);
        }
        changes.extend(self.looks(at, entry));
        if entry.is_worth_remembering(at, remember) {
            changes.push(Change::Remember(id));
        }
    }

    /// What of this machine itself hides the newest probe of an instance.
    fn own_trouble(&self, entry: &Entry) -> OwnNetwork {
        if entry.place.is_answering() {
            OwnNetwork::Fine
        } else {
            self.tally.own_network(&entry.place, self.vantage())
        }
    }

    /// What a settled change means for the budget of looks and for the neighbours.
    /// Returns whether it is worth remembering.
    fn consequences(
        &mut self,
        at: Timestamp,
        entry: &mut Entry,
        transition: Transition,
        changes: &mut Vec<Change>,
    ) -> bool {
        if transition.to.is_failing()
            && entry.is_due_for_looks(at, transition)
            && (self.reads_one || self.incident.admits(at, entry.fall(), &entry.place.host))
        {
            entry.grant_looks(at);
        }
        let peers = self.tally.members(&entry.place.host);
        let peers = if self.reads_one || peers.len() > Self::PEERS {
            Vec::new()
        } else {
            peers.to_vec()
        };
        for peer in peers {
            if self.diagnose_again(peer) {
                changes.push(Change::Row(peer));
            }
        }
        transition.from.is_failing() != transition.to.is_failing()
    }
}

fn confirmation(id: InstanceId, confirm: Confirm) -> Option<Change> {
    (confirm == Confirm::Yes).then_some(Change::Confirm(id))
}
