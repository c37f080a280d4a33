//! The ledger that takes the lines of a recording, and the board that shows what follows.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::super::recorder::{Entry, Line, Watched};
use super::super::{Board, Change, InstanceId, Ledger, Rules};
use crate::config::Instance;
use crate::diagnosis::{Past, Standing, State};

/// What is played. The board is told in one go, so that a long stretch costs one drawing.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) ledger: Ledger,
    /// Rows that are not on the board as they are.
    dirty: BTreeSet<InstanceId>,
    standing: Standing,
    regrouped: bool,
    rearranged: bool,
}

impl Stage {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            ledger: Ledger::new(rules),
            dirty: BTreeSet::new(),
            standing: Standing::default(),
            // Whatever another stage left on the board goes.
            regrouped: true,
            rearranged: true,
        }
    }

    /// The same again, with nothing of it on the board yet.
    pub(super) fn anew(&self) -> Self {
        Self {
            ledger: self.ledger.clone(),
            dirty: BTreeSet::new(),
            standing: self.standing,
            regrouped: true,
            rearranged: true,
        }
    }

    /// Takes a line. Returns whether somebody's settled state changed, its first one left out.
    pub(super) fn take(&mut self, line: Line) -> bool {
        let changes = match line.entry {
            Entry::Watch(watched) => self.watch(line.at, watched),
            Entry::Event(event) => self.ledger.apply(line.at, event),
            Entry::Regroup {} => self.ledger.regroup(),
            Entry::Lapse {} => self.ledger.lapse(line.at),
            Entry::Recording(_) | Entry::Gap(_) => Vec::new(),
        };
        let mut turned = false;
        for change in changes {
            match change {
                Change::Row(id) => _ = self.dirty.insert(id),
                Change::State(_, transition) => turned |= transition.from != State::Pending,
                Change::Standing(standing) => self.standing = standing,
                Change::Incidents => self.regrouped = true,
                // What the prober does, and its answers are in the recording.
                Change::Confirm(_)
                | Change::Look(..)
                | Change::Remember(_)
                | Change::Ask(_)
                | Change::Hasten(_) => {}
            }
        }
        turned
    }

    fn watch(&mut self, at: Timestamp, watched: Vec<Watched>) -> Vec<Change> {
        let mut remembered: HashMap<*const Instance, Past> = HashMap::new();
        let mut instances = Vec::with_capacity(watched.len());
        for mut watched in watched {
            let past = watched.past.take();
            let instance = watched.instance();
            if let Some(past) = past {
                remembered.insert(Arc::as_ptr(&instance), past);
            }
            instances.push(instance);
        }
        self.rearranged = true;
        self.ledger.replace_recalling(at, &instances, |instance| {
            remembered.get(&std::ptr::from_ref(instance)).cloned()
        })
    }

    /// Puts what is new on the board.
    pub(super) fn show(&mut self, board: &Board) {
        if std::mem::take(&mut self.rearranged) {
            board.arrange(self.ledger.order());
            self.dirty.extend(self.ledger.order());
        }
        if std::mem::take(&mut self.regrouped) {
            board.group(self.ledger.incidents());
        }
        if board.standing() != self.standing {
            board.stand(self.standing);
        }
        for id in std::mem::take(&mut self.dirty) {
            if let Some(row) = self.ledger.row(id) {
                board.put(row);
            }
        }
    }
}
