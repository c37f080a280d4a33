//! Looks: which are taken next, and who learns of those that are back.

use jiff::Timestamp;

use super::entry::Entry;
use super::looks::Wish;
use super::neighbours::HostKey;
use super::shared::{self, Found};
use super::{Change, Ledger, looks, pairs};
use crate::diagnosis::State;
use crate::evidence::{Look, Witness};
use crate::monitor::{Glance, Happening, InstanceId};

impl Ledger {
    /// A look is back: for the instance that asked, and for the others of its host that
    /// fail at the same address. The instance that asked may be gone.
    pub(super) fn witnessed(
        &mut self,
        at: Timestamp,
        id: InstanceId,
        witness: &Witness,
    ) -> Vec<Change> {
        let mut hosts = self.shared.took(at, witness);
        if let Some(own) = self.host(id).filter(|own| !hosts.contains(own)) {
            hosts.push(own.clone());
        }
        if let Some(entry) = self.entries.get(&id)
            && let Some(evidence) = &entry.row.evidence
        {
            let own = &evidence.layers.resolve.addresses;
            self.tally.witnessed(&entry.place.host, own, witness);
        }
        let siblings = self.served(id, &hosts, witness);
        let mut changes = self.folds(at, id, witness.clone());
        for (sibling, witness) in siblings {
            changes.extend(self.folds(at, sibling, witness));
        }
        changes
    }

    /// The other instances of these hosts that a look is good for. The many of a crowded
    /// host find it when they are probed next.
    fn served(
        &self,
        id: InstanceId,
        hosts: &[HostKey],
        witness: &Witness,
    ) -> Vec<(InstanceId, Witness)> {
        let Some(test) = shared::test_of(&witness.look) else {
            return Vec::new();
        };
        let members = hosts.iter().flat_map(|host| self.tally.members(host));
        let siblings = members.filter(|sibling| **sibling != id);
        let served = siblings.filter_map(|sibling| {
            let entry = self.entries.get(sibling)?;
            let target = entry.row.instance.target.as_ref().ok()?;
            let is_good = entry.fails_at(test) || entry.looks.awaits(&test);
            let witness = shared::for_sibling(witness, target).filter(|_| is_good)?;
            Some((*sibling, witness))
        });
        served.take(Self::PEERS).collect()
    }

    /// Folds a look into one row.
    fn folds(&mut self, at: Timestamp, id: InstanceId, witness: Witness) -> Vec<Change> {
        let Some(mut entry) = self.entries.remove(&id) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        if let Look::BrowserList(browser) | Look::BrowserName(browser) = &witness.look {
            let pairs = pairs::of_browser(browser);
            if entry.learn_pairs(&pairs) {
                changes.push(Change::Remember(id));
            }
            changes.extend(self.teach(&entry.place.host, &pairs));
        }
        if self.takes(at, &mut entry, witness) {
            changes.push(Change::Row(id));
            changes.extend(self.looks(at, &mut entry));
        }
        self.entries.insert(id, entry);
        changes
    }

    /// One that comes late, when all is well again, is of no use to anybody.
    fn takes(&self, at: Timestamp, entry: &mut Entry, witness: Witness) -> bool {
        let asked = shared::test_of(&witness.look).is_none_or(|test| entry.looks.awaits(&test));
        if asked {
            entry.looks.returned(&witness.look);
        }
        let is_wanted = entry.row.state.is_failing() || entry.row.state == State::Degraded;
        if is_wanted {
            entry.note(at, Happening::Looked(Glance::from(&witness)));
            entry.row.witnesses = looks::keep(&entry.row.witnesses, witness).into();
            entry.look_around(&self.world());
            entry.refine();
        }
        is_wanted
    }

    /// The looks to take next. What another instance of the host took lately is served at
    /// once, and what one is taking is waited for.
    pub(super) fn looks(&mut self, at: Timestamp, entry: &mut Entry) -> Option<Change> {
        if !self.rules.witnesses {
            return None;
        }
        for test in entry.looks.awaited() {
            if let Some(witness) = self.shared.known(at, &test) {
                self.serve(at, entry, witness);
            }
        }
        let mut asked = Vec::new();
        // Every turn costs a round, of which there are two.
        while entry.looks.takes_more(at) {
            let tests = entry.wanted_looks(&self.rules.witness_ports);
            let round = entry.looks.plan(at, tests);
            if round.is_empty() {
                break;
            }
            let by_hand = entry.looks.wish() == Wish::Hand;
            for test in round {
                match self.shared.find(at, &entry.place.host, test, by_hand) {
                    Found::Nothing => asked.push(test),
                    Found::UnderWay => {}
                    Found::Known(witness) => self.serve(at, entry, &witness),
                }
            }
        }
        (!asked.is_empty()).then_some(Change::Look(entry.row.id, asked))
    }

    fn serve(&self, at: Timestamp, entry: &mut Entry, witness: &Witness) {
        let target = entry.row.instance.target.as_ref().ok();
        if let Some(witness) = target.and_then(|target| shared::for_sibling(witness, target)) {
            self.takes(at, entry, witness);
        }
    }
}
