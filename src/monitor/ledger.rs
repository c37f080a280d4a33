//! The ledger is a fold: events in, changes out. No clock, no I/O, no network.

mod audits;
mod doubt;
mod entry;
mod incidents;
mod looks;
pub(crate) mod neighbours;
mod outages;
mod pairs;
mod past;
mod posted;
mod probed;
mod proofs;
mod rules;
mod settle;
mod shared;
mod siblings;
mod signs;
mod standing;
mod together;
mod witnessed;

pub use self::rules::Rules;
pub(super) use self::shared::{for_sibling, is_shared};
pub use self::together::Together;

use std::collections::VecDeque;
use std::sync::Arc;

use foldhash::HashMap;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::doubt::Doubts;
use self::entry::{Entry, World};
use self::incidents::Groups;
use self::looks::Incident;
use self::neighbours::{HostKey, Tally};
use self::shared::Shared;
use self::siblings::Extent;
use super::{Acknowledged, Attempt, Happening, InstanceId, Maintained, Row, Transition};
use crate::config::Instance;
use crate::diagnosis::{Families, Felt, Past, Standing, State, Surroundings};
use crate::evidence::{Audit, Evidence, Test, Vantage, Witness};

/// Everything that happens to the monitor. A recording is a list of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A probe ended.
    Probed {
        /// Of whom.
        id: InstanceId,
        /// What it saw.
        evidence: Box<Evidence>,
    },
    /// An extra look was taken.
    Witnessed {
        /// For whom.
        id: InstanceId,
        /// What it saw.
        witness: Witness,
    },
    /// A probe was asked for by hand: its failure may cost more looks.
    Asked {
        /// Of whom.
        id: InstanceId,
    },
    /// A probe is overdue.
    Overdue {
        /// Whose.
        id: InstanceId,
    },
    /// Probing stops or goes on.
    Paused {
        /// It stops.
        paused: bool,
    },
    /// Somebody took notice, or took it back.
    Acknowledged {
        /// Of whom.
        id: InstanceId,
        /// Why and until when; `None` takes it back.
        acknowledged: Option<Acknowledged>,
    },
    /// A window of maintenance began, or is over.
    Maintained {
        /// Of whom.
        id: InstanceId,
        /// Which one; `None`: none any more.
        window: Option<Maintained>,
    },
    /// This machine's own network, as it is now.
    Vantage {
        /// What it is.
        vantage: Vantage,
    },
    /// A fix was carried out and is put to the proof, or its proof is called off.
    Verified {
        /// Of whom.
        id: InstanceId,
        /// What was tried; `None` calls it off.
        attempt: Option<Attempt>,
    },
    /// Events are read otherwise from now on.
    Rules {
        /// How.
        rules: Rules,
    },
    // On demand.
    /// A host was asked for everything it has.
    Audited {
        /// For whom.
        id: InstanceId,
        /// What it lists, opens and answers.
        audit: Box<Audit>,
    },
}

/// What follows from an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// The row of an instance is new (latencies, evidence, marks): take it from the ledger.
    Row(InstanceId),
    /// The settled state of an instance changed.
    State(InstanceId, Transition),
    /// A failing probe wants a second one after a second, before it counts.
    Confirm(InstanceId),
    /// The diagnosis would like these looks.
    Look(InstanceId, Vec<Test>),
    /// Something worth keeping on disk is new.
    Remember(InstanceId),
    /// Whether these still answer tells whether it is this machine that fails.
    Ask(Vec<InstanceId>),
    /// Whether these fail too tells how far a failure goes: their next probes are brought
    /// forward, one after the other.
    Hasten(Vec<InstanceId>),
    /// How this machine's own network stands, anew.
    Standing(Standing),
    /// The incidents are others: take them from the ledger.
    Incidents,
}

/// The state of everything that is watched.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    rules: Rules,
    /// Boxed: a table of them is never full, and each probe takes one out and puts it back.
    entries: HashMap<InstanceId, Box<Entry>>,
    order: Vec<InstanceId>,
    next: u32,
    tally: Tally,
    /// This machine, and nothing else.
    here: Option<Arc<Surroundings>>,
    doubts: Doubts,
    extent: Extent,
    /// Rows that this machine's own trouble hides.
    felt: Felt,
    /// Which shared reasons held when the rows were read last.
    holding: [bool; 3],
    standing: Standing,
    incident: Incident,
    groups: Groups,
    shared: Shared,
    /// What surrounds many rows alike, lately.
    alike: VecDeque<Arc<Surroundings>>,
    /// Whose fix is put to the proof right now.
    proving: Vec<InstanceId>,
    paused: bool,
    /// There is a single instance, and nobody watches it: there is nothing to compare it
    /// with, and no time to come.
    reads_one: bool,
    /// The time of the newest event.
    now: Option<Timestamp>,
}

impl Ledger {
    /// Instances of one host that are diagnosed again when one of them changes. The
    /// many of a crowded host are diagnosed anew by their next probes.
    const PEERS: usize = 16;

    /// An empty ledger.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    /// A ledger of one instance, seen from here: what a single probe is read by.
    pub(super) fn of_one(
        at: Timestamp,
        rules: Rules,
        instance: &Arc<Instance>,
        past: Option<Past>,
        here: Arc<Surroundings>,
    ) -> (Self, InstanceId) {
        let mut ledger = Self {
            reads_one: true,
            ..Self::new(rules)
        };
        ledger.pass_time(at);
        ledger.stand_here(Arc::clone(&here));
        let mut entry = ledger.enter(instance, past);
        entry.row.surroundings = here;
        let id = entry.row.id;
        ledger.order.push(id);
        ledger.entries.insert(id, entry);
        (ledger, id)
    }

    /// Folds one event. An event of an instance that is no longer watched changes nothing.
    pub fn apply(&mut self, at: Timestamp, event: Event) -> Vec<Change> {
        self.pass_time(at);
        let mut changes = match event {
            Event::Probed { id, evidence } => self.probed(at, id, *evidence),
            Event::Witnessed { id, witness } => self.witnessed(at, id, &witness),
            Event::Asked { id } => {
                if let Some(entry) = self.entries.get_mut(&id) {
                    entry.asked = true;
                    entry.note(at, Happening::Asked);
                }
                Vec::new()
            }
            Event::Overdue { id } => self.mark(id, |marks| marks.stale = true),
            Event::Paused { paused } => {
                if paused && !self.paused {
                    self.call_all_off(at);
                }
                self.paused = paused;
                self.mark_all(|entry| entry.row.marks.paused = paused)
            }
            Event::Acknowledged { id, acknowledged } => {
                let what = acknowledged
                    .clone()
                    .map_or(Happening::TakenBack, Happening::Acknowledged);
                let changes =
                    self.mark(id, |marks| marks.acknowledged = acknowledged.map(Box::new));
                if let (false, Some(entry)) = (changes.is_empty(), self.entries.get_mut(&id)) {
                    entry.note(at, what);
                }
                changes
            }
            Event::Maintained { id, window } => {
                let what = window
                    .as_ref()
                    .map_or(Happening::MaintenanceOver, |window| {
                        Happening::Maintenance(window.name.clone())
                    });
                let changes = self.mark(id, |marks| marks.maintenance = window.map(Box::new));
                if let (false, Some(entry)) = (changes.is_empty(), self.entries.get_mut(&id)) {
                    entry.note(at, what);
                }
                changes
            }
            Event::Vantage { vantage } => self.vantage_changed(at, vantage),
            Event::Verified { id, attempt } => self.verified(at, id, attempt),
            Event::Audited { id, audit } => self.audited(at, id, *audit),
            Event::Rules { rules } => {
                self.rules = rules;
                Vec::new()
            }
        };
        if self.reads_one {
            return changes;
        }
        changes.extend(self.end_overdue_proofs(at));
        self.group_changed(changes)
    }

    /// Ends the proofs and acknowledgements whose time is over. Events do; this is for a time
    /// without any.
    pub fn lapse(&mut self, at: Timestamp) -> Vec<Change> {
        let mut changes = self.end_proofs(at);
        for (id, entry) in &mut self.entries {
            if entry.expire(at) {
                changes.push(Change::Row(*id));
            }
        }
        changes
    }

    /// Replaces what is watched. Instances that stay keep their id and history.
    pub fn replace(&mut self, at: Timestamp, instances: &[Arc<Instance>]) -> Vec<Change> {
        self.replace_recalling(at, instances, |_| None)
    }

    /// The same, with what is remembered of the instances that are new.
    pub fn replace_recalling(
        &mut self,
        at: Timestamp,
        instances: &[Arc<Instance>],
        recall: impl Fn(&Instance) -> Option<Past>,
    ) -> Vec<Change> {
        self.pass_time(at);
        let staying = self.match_up(instances);
        let mut before = std::mem::take(&mut self.entries);
        self.entries.reserve(instances.len());
        self.tally.expect(instances.len());
        let mut changes = Vec::with_capacity(instances.len());
        self.order.clear();
        for (instance, staying) in instances.iter().zip(staying) {
            let known = staying.and_then(|id| before.remove(&id));
            let entry = match known {
                Some(mut entry) => {
                    entry.reconfigure(Arc::clone(instance), &self.world());
                    entry
                }
                None => self.enter(instance, recall(instance)),
            };
            self.order.push(entry.row.id);
            changes.push(Change::Row(entry.row.id));
            self.entries.insert(entry.row.id, entry);
        }
        for (id, gone) in before {
            self.tally.leave(id, &gone.place);
            self.felt.take(gone.shade);
        }
        changes.extend(self.restand(at));
        self.read_parts();
        self.group_changed(changes)
    }

    /// The row of an instance.
    pub fn row(&self, id: InstanceId) -> Option<Arc<Row>> {
        self.entries.get(&id).map(|entry| entry.row.share())
    }

    /// The row of an instance, from a ledger that is no longer needed.
    pub(super) fn into_row(mut self, id: InstanceId) -> Option<Arc<Row>> {
        self.entries.remove(&id).map(|entry| entry.row.into_row())
    }

    /// The time of the newest event.
    pub(super) fn now(&self) -> Option<Timestamp> {
        self.now
    }

    /// What an instance is marked with.
    pub fn marks(&self, id: InstanceId) -> Option<&super::Marks> {
        self.entries.get(&id).map(|entry| &entry.row.marks)
    }

    /// What is known of an instance from before, for the disk.
    pub fn past(&self, id: InstanceId) -> Option<&Past> {
        self.entries.get(&id).map(|entry| &*entry.row.past)
    }

    /// The instances in the order of the configuration.
    pub fn order(&self) -> &[InstanceId] {
        &self.order
    }

    /// What is configured for an instance.
    pub fn instance(&self, id: InstanceId) -> Option<&Arc<Instance>> {
        self.entries.get(&id).map(|entry| &entry.row.instance)
    }

    /// The machine behind an instance, as far as is known.
    pub(super) fn host(&self, id: InstanceId) -> Option<&HostKey> {
        self.entries.get(&id).map(|entry| &entry.place.host)
    }

    /// The settled state of an instance, and that of its newest probe alone.
    pub fn states(&self, id: InstanceId) -> Option<(State, State)> {
        self.entries
            .get(&id)
            .map(|entry| (entry.row.state, entry.row.raw))
    }

    /// Diagnoses a failing row anew if what surrounds it changed.
    fn diagnose_again(&mut self, id: InstanceId) -> bool {
        let Some(mut entry) = self.entries.remove(&id) else {
            return false;
        };
        let world = self.world();
        let again = entry.row.state.is_failing() && entry.look_around(&world) && {
            entry.refine();
            true
        };
        self.entries.insert(id, entry);
        again
    }

    fn mark(&mut self, id: InstanceId, change: impl FnOnce(&mut super::Marks)) -> Vec<Change> {
        let Some(entry) = self.entries.get_mut(&id) else {
            return Vec::new();
        };
        let before = entry.row.marks.clone();
        change(&mut entry.row.marks);
        if entry.row.marks == before {
            Vec::new()
        } else {
            vec![Change::Row(id)]
        }
    }

    fn mark_all(&mut self, change: impl Fn(&mut Entry)) -> Vec<Change> {
        for entry in self.entries.values_mut() {
            change(entry);
        }
        self.order.iter().copied().map(Change::Row).collect()
    }

    fn enter(&mut self, instance: &Arc<Instance>, past: Option<Past>) -> Box<Entry> {
        let id = InstanceId(self.next);
        self.next += 1;
        let past = past.unwrap_or_default();
        let reached = past.last_good.as_ref().map(|good| &good.address);
        let had = &mut self.tally.polled.had;
        *had = had.or(Families::of(reached));
        let mut entry = Box::new(Entry::new(id, Arc::clone(instance), past));
        entry.row.marks.paused = self.paused;
        self.tally.join(id, &entry.place);
        entry.read_target(&self.world());
        entry
    }

    /// Which of the new instances are old ones: by their text, the n-th of the same text
    /// being the n-th; then by what they name, for a target that was spelled anew.
    fn match_up(&self, instances: &[Arc<Instance>]) -> Vec<Option<InstanceId>> {
        let mut found = vec![None; instances.len()];
        if self.order.is_empty() {
            return found;
        }
        let mut free: std::collections::HashSet<_> = self.order.iter().copied().collect();
        for name in [text, Entry::key_of] {
            let mut known: HashMap<String, VecDeque<InstanceId>> = HashMap::default();
            for id in self.order.iter().filter(|id| free.contains(id)) {
                if let Some(instance) = self.instance(*id) {
                    known.entry(name(instance)).or_default().push_back(*id);
                }
            }
            for (found, instance) in found.iter_mut().zip(instances) {
                if found.is_none() {
                    *found = known.get_mut(&name(instance)).and_then(VecDeque::pop_front);
                    if let Some(id) = found {
                        free.remove(id);
                    }
                }
            }
        }
        found
    }

    fn world(&self) -> World<'_> {
        World {
            tally: &self.tally,
            vantage: self.vantage(),
        }
    }

    /// A wall clock that was set back takes all that is measured against it along, so
    /// that no duration is ever negative.
    fn pass_time(&mut self, at: Timestamp) {
        let back = self
            .now
            .replace(at)
            .map(|now| now.duration_since(at))
            .unwrap_or_default();
        if back > SignedDuration::ZERO {
            self.doubts.turn_back(back);
            self.extent.turn_back(back);
            self.standing.turn_back(back);
            self.entries
                .values_mut()
                .for_each(|entry| entry.turn_back(at, back));
            self.tally.turn_back(back);
            self.read_parts();
        }
    }
}

fn text(instance: &Instance) -> String {
    instance.text().to_owned()
}

#[cfg(test)]
mod tests;
