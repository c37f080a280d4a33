//! Looks: which are taken next, and who learns of those that are back.

use jiff::Timestamp;

use super::entry::Entry;
use super::looks::Wish;
use super::shared::{self, Found};
use super::{Change, Ledger, looks, pairs};
use crate::diagnosis::State;
use crate::evidence::{Look, Witness};
use crate::monitor::InstanceId;

impl Ledger {
    /// A look is back: for the instance that asked, and for the others of its host that
    /// fail at the same address.
    pub(super) fn witnessed(
        &mut self,
        at: Timestamp,
        id: InstanceId,
        witness: &Witness,
    ) -> Vec<Change> {
        let Some(entry) = self.entries.get(&id) else {
            return Vec::new();
        };
        let host = entry.place.host.clone();
        self.shared.took(at, &host, witness);
        if let Some(evidence) = &entry.row.evidence {
            let own = &evidence.layers.resolve.addresses;
            self.tally.witnessed(&host, own, witness);
        }
        let test = shared::test_of(&witness.look);
        let siblings = match test {
            Some(_) => self.tally.members(&host).to_vec(),
            None => Vec::new(),
        };
        let mut changes = self.folds(at, id, witness.clone());
        for sibling in siblings.into_iter().filter(|sibling| *sibling != id) {
            let Some(entry) = self.entries.get(&sibling) else {
                continue;
            };
            let target = entry.row.instance.target.as_ref().ok();
            let for_sibling = target
                .filter(|_| entry.fails_at(test))
                .and_then(|target| shared::for_sibling(witness, target));
            if let Some(witness) = for_sibling {
                changes.extend(self.folds(at, sibling, witness));
            }
        }
        changes
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
        if self.takes(&mut entry, witness) {
            changes.push(Change::Row(id));
            changes.extend(self.looks(at, &mut entry));
        }
        self.entries.insert(id, entry);
        changes
    }

    /// One that comes late, when all is well again, is of no use to anybody.
    fn takes(&self, entry: &mut Entry, witness: Witness) -> bool {
        let asked = shared::test_of(&witness.look).is_none_or(|test| entry.looks.asks(&test));
        if asked {
            entry.looks.returned(&witness.look);
        }
        let is_wanted = entry.row.state.is_failing() || entry.row.state == State::Degraded;
        if is_wanted {
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
                    Found::Known(witness) => self.serve(entry, &witness),
                }
            }
        }
        (!asked.is_empty()).then_some(Change::Look(entry.row.id, asked))
    }

    fn serve(&self, entry: &mut Entry, witness: &Witness) {
        let target = entry.row.instance.target.as_ref().ok();
        if let Some(witness) = target.and_then(|target| shared::for_sibling(witness, target)) {
            self.takes(entry, witness);
        }
    }
}
