//! Who fails together: grouped anew when rows changed, at once where few fail.

use std::collections::BTreeMap;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt as _, HashSet};

use super::entry::Entry;
use super::{Change, Ledger};
use crate::config::Instance;
use crate::diagnosis::CauseId;
use crate::diagnosis::incident::{Failure, Fell, Incident, Member, group};
use crate::monitor::{Diary, Happening, IncidentId, Incidents, InstanceId};

/// So few failing instances are grouped with every event; more wait for
/// [`Ledger::regroup`].
const FEW: usize = 64;
/// Rows lie anywhere in memory: so many are looked at, one wait for all of them, before any of
/// them is written to.
const AT_ONCE: usize = 64;

/// The incidents, and what they are made of.
#[derive(Clone, Debug, Default)]
pub(super) struct Groups {
    incidents: Arc<Incidents>,
    /// What each failing instance brings, read once for each change of its row.
    failing: BTreeMap<InstanceId, Part>,
    next: u32,
    /// Something is new since they were grouped last.
    changed: bool,
}

/// All of a row that its incident depends on.
#[derive(Clone, Debug)]
struct Part {
    failure: Failure,
    fell: Fell,
    leading: Box<[CauseId]>,
    instance: Arc<Instance>,
}

/// Whoever compares the same instance with itself is done soon.
impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        (self.failure, self.fell) == (other.failure, other.fell)
            && self.leading == other.leading
            && Arc::ptr_eq(&self.instance, &other.instance)
    }
}

impl Part {
    /// `None`: it does not fail, it fails like no other, or it is this machine that fails,
    /// which is said for all at once.
    fn of(entry: &Entry) -> Option<Self> {
        let row = &entry.row;
        if !row.state.is_failing() || row.marks.stale {
            return None;
        }
        let leading = row.diagnosis.as_deref()?.leading_ids();
        Some(Self {
            failure: Failure::of(&row.case()?)?,
            fell: *entry.fell.as_deref()?,
            leading,
            instance: Arc::clone(&row.instance),
        })
    }

    fn member(&self, id: InstanceId) -> Option<Member<'_>> {
        let host = &self.instance.target.as_deref().ok()?.host;
        let (failure, leading) = (self.failure, &self.leading);
        Some(Member::new(id.0, host, failure, leading, self.fell))
    }
}

impl Groups {
    /// Gives each the id of the incident that it has the most instances of, and a new one
    /// to those that are left.
    fn named(&mut self, found: Vec<Incident>, was: &HashMap<InstanceId, IncidentId>) -> Incidents {
        let mut overlaps = Vec::new();
        for (at, incident) in found.iter().enumerate() {
            let mut shared: BTreeMap<IncidentId, usize> = BTreeMap::new();
            for was in members(incident).filter_map(|id| was.get(&id)) {
                *shared.entry(*was).or_default() += 1;
            }
            overlaps.extend(shared.into_iter().map(|(id, count)| (count, id, at)));
        }
        overlaps.sort_unstable_by_key(|(count, id, at)| (std::cmp::Reverse(*count), *id, *at));
        let mut known_as: HashMap<usize, IncidentId> = HashMap::new();
        let mut given = HashSet::default();
        for (_, id, at) in overlaps {
            if !known_as.contains_key(&at) && given.insert(id) {
                known_as.insert(at, id);
            }
        }
        let Self {
            incidents, next, ..
        } = self;
        let mut name = |at| {
            known_as.get(&at).copied().unwrap_or_else(|| {
                *next += 1;
                IncidentId(*next)
            })
        };
        let numbered = found.into_iter().enumerate().map(|(at, incident)| {
            let id = name(at);
            // One that is as it was stays the same to whoever compares.
            let known = incidents.get(&id).filter(|known| ***known == incident);
            (id, known.map_or_else(|| Arc::new(incident), Arc::clone))
        });
        numbered.collect()
    }
}

impl Ledger {
    /// The incidents as they were grouped last.
    pub fn incidents(&self) -> Arc<Incidents> {
        Arc::clone(&self.groups.incidents)
    }

    /// Whether something changed since they were grouped last. Where many fail, that is so
    /// until somebody asks for [`Ledger::regroup`].
    pub fn is_to_regroup(&self) -> bool {
        self.groups.changed
    }

    /// Groups the failing instances anew, if anything changed.
    pub fn regroup(&mut self) -> Vec<Change> {
        if !std::mem::take(&mut self.groups.changed) {
            return Vec::new();
        }
        // Nobody fails together with nobody.
        let found = match self.groups.failing.len() {
            0 | 1 => Vec::new(),
            _ => self.found(),
        };
        let was = membership(&self.groups.incidents);
        let named = self.groups.named(found, &was);
        if *self.groups.incidents == named {
            return Vec::new();
        }
        self.groups.incidents = Arc::new(named);
        let mut changes = vec![Change::Incidents];
        changes.extend(self.enlist(was).into_iter().map(Change::Row));
        changes
    }

    /// Reads the rows that changed, and groups at once where few fail.
    pub(super) fn group_changed(&mut self, mut changes: Vec<Change>) -> Vec<Change> {
        for change in &changes {
            if let Change::Row(id) = change {
                self.read_part(*id);
            }
        }
        self.groups.changed |= self.tally.take_turned();
        if self.groups.failing.len() <= FEW {
            changes.extend(self.regroup());
        }
        changes
    }

    /// Reads all that fail anew, and forgets what is no longer watched.
    pub(super) fn read_parts(&mut self) {
        let ids: Vec<InstanceId> = self.groups.failing.keys().copied().collect();
        for id in ids {
            self.read_part(id);
        }
    }

    fn read_part(&mut self, id: InstanceId) {
        let part = self.entries.get(&id).and_then(|entry| Part::of(entry));
        let groups = &mut self.groups;
        if groups.failing.get(&id) == part.as_ref() {
            return;
        }
        groups.changed = true;
        match part {
            Some(part) => _ = groups.failing.insert(id, part),
            None => _ = groups.failing.remove(&id),
        }
    }

    fn found(&self) -> Vec<Incident> {
        let parts = self.groups.failing.iter();
        let members: Vec<Member<'_>> = parts.filter_map(|(id, part)| part.member(*id)).collect();
        group(&members, &self.tally.whole())
    }

    /// Writes the ids into the rows. Returns those whose id is another one.
    fn enlist(&mut self, mut was: HashMap<InstanceId, IncidentId>) -> Vec<InstanceId> {
        let incidents = self.incidents();
        let mut changed: Vec<(InstanceId, Option<IncidentId>)> = Vec::new();
        for (incident, about) in &*incidents {
            for id in members(about) {
                if was.remove(&id) != Some(*incident) {
                    changed.push((id, Some(*incident)));
                }
            }
        }
        // Whoever is left is in none any more.
        changed.extend(was.into_keys().map(|id| (id, None)));
        changed.sort_unstable();
        let mut first_notes = HashMap::new();
        let mut moved = Vec::with_capacity(changed.len());
        for some in changed.chunks(AT_ONCE) {
            let known = moved.len();
            for (id, incident) in some {
                let row = self.entries.get(id).map(|entry| &entry.row);
                if let Some(row) = row.filter(|row| row.incident != *incident) {
                    row.fetch_counts();
                    moved.push((*id, *incident));
                }
            }
            for (id, incident) in &moved[known..] {
                self.put_into(*id, *incident, &mut first_notes);
            }
        }
        moved.into_iter().map(|(id, _)| id).collect()
    }

    /// Writes one id. Those to whom nothing happened before share one diary for each incident.
    fn put_into(
        &mut self,
        id: InstanceId,
        incident: Option<IncidentId>,
        first_notes: &mut HashMap<IncidentId, Arc<Diary>>,
    ) {
        let Some(entry) = self.entries.get_mut(&id) else {
            return;
        };
        let row = &mut *entry.row;
        let was = std::mem::replace(&mut row.incident, incident);
        let Some(at) = self.now else {
            return;
        };
        match (was, incident) {
            (None, Some(incident)) if row.diary.is_empty() => {
                let note = || Arc::new(Diary::beginning_with(at, Happening::Joined(incident)));
                row.diary = Arc::clone(first_notes.entry(incident).or_insert_with(note));
            }
            _ => {
                let left = was.map(Happening::Left);
                let joined = incident.map(Happening::Joined);
                let happened = left.into_iter().chain(joined);
                happened.for_each(|what| entry.note(at, what));
            }
        }
    }
}

/// Which incident each instance is part of.
fn membership(incidents: &Incidents) -> HashMap<InstanceId, IncidentId> {
    let count = incidents.values().map(|about| about.members.len()).sum();
    let mut found = HashMap::with_capacity(count);
    for (incident, about) in incidents {
        found.extend(members(about).map(|id| (id, *incident)));
    }
    found
}

fn members(incident: &Incident) -> impl Iterator<Item = InstanceId> {
    incident.members.iter().copied().map(InstanceId)
}
