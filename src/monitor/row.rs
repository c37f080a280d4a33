//! What the screen and the reports read about one instance.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Diary, History, IncidentId, Outage, Proof};
use crate::config::Instance;
use crate::diagnosis::incident::Fell;
use crate::diagnosis::{Case, Diagnosis, Past, State, Surroundings};
use crate::evidence::{Audit, Evidence, Witness};

/// Which instance: stays the same for as long as the program watches it, whatever
/// is added, removed or sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceId(pub u32);

/// The newest that is known of one instance. Cheap to clone: the parts are shared.
#[derive(Clone, Debug)]
pub struct Row {
    /// Which instance.
    pub id: InstanceId,
    /// What is configured.
    pub instance: Arc<Instance>,
    /// The settled state.
    pub state: State,
    /// The state of the newest probe alone.
    pub raw: State,
    /// Since when it is in this state, as far as is known.
    pub since: Since,
    /// Stale, paused, acknowledged.
    pub marks: Marks,
    /// A probe is under way.
    pub probing: bool,
    /// The newest evidence that the settled state rests on.
    pub evidence: Option<Arc<Evidence>>,
    /// The extra looks taken since it began to fail.
    pub witnesses: Arc<[Witness]>,
    /// What follows from them.
    pub diagnosis: Option<Arc<Diagnosis>>,
    /// What is known from before.
    pub past: Arc<Past>,
    /// What else was seen at that time.
    pub surroundings: Arc<Surroundings>,
    /// States and latencies so far.
    pub history: Arc<History>,
    /// The newest changes of state, newest last (bounded).
    pub transitions: Arc<[Transition]>,
    /// The newest look at everything its host lists, opens and answers.
    pub audit: Option<Arc<Audit>>,
    /// Such a look is under way.
    pub auditing: bool,
    /// The newest outages and failovers, newest last (bounded); the last may not be over.
    pub outages: Arc<[Outage]>,
    /// The incident that it is part of; `None` where it fails alone, or not at all.
    pub incident: Option<IncidentId>,
    /// The fixes that were put to the proof, newest last (bounded); the last may be running.
    pub proofs: Arc<[Proof]>,
    /// What else happened to it.
    pub diary: Arc<Diary>,
}

/// Since when an instance is in its state. Never claims more than is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Since {
    /// The first probe that saw this state.
    pub first_seen: Option<Timestamp>,
    /// The last probe that saw another one. `None`: the program was started into this
    /// state and the memory knows no better.
    pub last_other: Option<Timestamp>,
    /// Nobody looked for longer than is usual between `last_other` and `first_seen` (the
    /// program did not run, was paused, slept or had no network), so it may have begun
    /// long before: the duration is shown as `≥`.
    #[serde(default)]
    pub at_least: bool,
}

/// Marks on a row that are not states.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Marks {
    /// This machine lost its own network, or a probe is overdue: the last state stays, dimmed.
    pub stale: bool,
    /// Probing is paused.
    pub paused: bool,
    /// Somebody took notice.
    pub acknowledged: Option<Box<Acknowledged>>,
    /// It may fail right now, because somebody said so beforehand.
    #[serde(default)]
    pub maintenance: Option<Box<Maintained>>,
}

impl Marks {
    /// Whether nobody is to be called for what happens to it.
    pub fn is_quiet(&self) -> bool {
        self.acknowledged.is_some() || self.maintenance.is_some()
    }
}

/// A window in which an instance may fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Maintained {
    /// What it is called.
    pub name: String,
    /// When it ends.
    pub until: Timestamp,
}

/// Somebody took notice, why, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// Why.
    pub reason: String,
    /// Until when; `None` until it is well again.
    pub until: Option<Timestamp>,
}

/// A settled change of state: it lies between `last_seen` and `first_seen`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transition {
    /// Before.
    pub from: State,
    /// After.
    pub to: State,
    /// The last probe that saw `from`.
    pub last_seen: Option<Timestamp>,
    /// The first probe that saw `to`.
    pub first_seen: Timestamp,
}

/// Changes within [`FLAPPING_SPAN`] that count as flapping. A restart makes two.
pub(super) const FLAPPING: usize = 3;
/// The time within which changes count.
pub(super) const FLAPPING_SPAN: SignedDuration = SignedDuration::from_mins(5);

/// An instance goes up and down in short turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flapping {
    /// So often its settled state changed to or from failing in five minutes.
    Changes(usize),
    /// Its port opens and refuses in turn, mostly too shortly to count as a change of state.
    Blips,
}

impl Row {
    /// Whether a newer row of the same instance differs in nothing but latencies.
    pub fn says_the_same(&self, newer: &Self) -> bool {
        let audited = |row: &Self| row.audit.as_ref().map(|audit| audit.at);
        let causes = |row: &Self| {
            row.diagnosis
                .as_ref()
                .map(|diagnosis| diagnosis.causes.len())
        };
        (self.state, self.raw, &self.marks) == (newer.state, newer.raw, &newer.marks)
            && self.witnesses.len() == newer.witnesses.len()
            && causes(self) == causes(newer)
            && (self.auditing, audited(self)) == (newer.auditing, audited(newer))
            && is_shared_or_equal(&self.proofs, &newer.proofs)
            && is_shared_or_equal(&self.diary, &newer.diary)
    }

    /// Whether it flaps, as of its newest evidence.
    pub fn flapping(&self) -> Option<Flapping> {
        let now = self.evidence.as_ref()?.at;
        let counts = |change: &&Transition| {
            let had_result = !matches!(change.from, State::Pending | State::Invalid);
            let is_recent = now.duration_since(change.first_seen) <= FLAPPING_SPAN;
            had_result && is_recent && change.from.is_failing() != change.to.is_failing()
        };
        match self.transitions.iter().filter(counts).count() {
            changes if changes >= FLAPPING => Some(Flapping::Changes(changes)),
            _ => self.past.flapping.then_some(Flapping::Blips),
        }
    }

    /// Reads the counts of what it shares, which a copy raises: the reads of many rows wait for
    /// memory together, the atomic additions of their copies would one after the other.
    pub(super) fn fetch_counts(&self) {
        std::hint::black_box((
            Arc::strong_count(&self.instance),
            self.evidence.as_ref().map(Arc::strong_count),
            self.diagnosis.as_ref().map(Arc::strong_count),
            Arc::strong_count(&self.past),
            Arc::strong_count(&self.surroundings),
            Arc::strong_count(&self.history),
            Arc::strong_count(&self.transitions),
            Arc::strong_count(&self.outages),
        ));
    }

    /// The case that the diagnosis was made of; `None` before the first result.
    pub fn case(&self) -> Option<Case<'_>> {
        self.case_of(self.evidence.as_deref()?)
    }

    /// The case of other evidence, such as does not count yet.
    pub(super) fn case_of<'a>(&'a self, evidence: &'a Evidence) -> Option<Case<'a>> {
        Some(Case {
            target: self.instance.target.as_ref().ok()?,
            declared: &self.instance.declared,
            evidence,
            witnesses: &self.witnesses,
            past: &self.past,
            surroundings: &self.surroundings,
        })
    }
}

/// Most of a row is the same thing as before.
fn is_shared_or_equal<T: PartialEq + ?Sized>(old: &Arc<T>, new: &Arc<T>) -> bool {
    Arc::ptr_eq(old, new) || old == new
}

/// What rows are made of that know nothing yet: one copy for all of them.
#[derive(Default)]
struct Nothing {
    past: Arc<Past>,
    surroundings: Arc<Surroundings>,
    history: Arc<History>,
    diary: Arc<Diary>,
}

static NOTHING: LazyLock<Nothing> = LazyLock::new(Nothing::default);

/// A row without a result.
pub(super) fn pending(id: InstanceId, instance: Arc<Instance>) -> Row {
    let Nothing {
        past,
        surroundings,
        history,
        diary,
    } = &*NOTHING;
    Row {
        id,
        instance,
        state: State::Pending,
        raw: State::Pending,
        since: Since::default(),
        marks: Marks::default(),
        probing: false,
        evidence: None,
        witnesses: Arc::default(),
        diagnosis: None,
        past: Arc::clone(past),
        surroundings: Arc::clone(surroundings),
        history: Arc::clone(history),
        transitions: Arc::default(),
        audit: None,
        auditing: false,
        outages: Arc::default(),
        incident: None,
        proofs: Arc::default(),
        diary: Arc::clone(diary),
    }
}

impl Since {
    /// In a state that was first seen then, where probes are usually no further apart
    /// than `usual`.
    pub(super) fn new(
        first_seen: Timestamp,
        last_other: Option<Timestamp>,
        usual: SignedDuration,
    ) -> Self {
        Self {
            first_seen: Some(first_seen),
            last_other,
            at_least: last_other.is_none_or(|other| first_seen.duration_since(other) > usual),
        }
    }

    /// When it fell, for a row that was well before. Where nobody looked shortly before, the
    /// last good look is no sign of when it was.
    pub(super) fn fell(&self) -> Option<Fell> {
        Some(Fell {
            last_good: self.last_other.filter(|_| !self.at_least),
            first_bad: self.first_seen?,
        })
    }

    /// How long, at `now`, and whether that is only a lower bound.
    pub fn duration(&self, now: Timestamp) -> Option<(Duration, bool)> {
        let first = self.first_seen?;
        let span = now.duration_since(first);
        Some((Duration::try_from(span).unwrap_or_default(), self.at_least))
    }
}
