//! Fixes that are put to the proof: what was expected of them, held against every probe.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::entry::Entry;
use super::{Change, Ledger};
use crate::diagnosis::{Case, Expectation, State, Tried};
use crate::evidence::Evidence;
use crate::monitor::{Attempt, Ended, Expected, InstanceId, Met, Proof};
use crate::target::Target;

/// How long a fix may take to show.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// Where no probe told anything for so long in the end, nothing is known of the fix.
const UNHEARD: SignedDuration = SignedDuration::from_mins(1);
/// Proofs that a row keeps.
const PROOFS: usize = 8;
/// Causes that were tried in vain, as many as a failure remembers.
const TRIED: usize = 8;

/// What is expected first: the way of a client.
const IN_ORDER: [Expectation; 9] = [
    Expectation::NameResolves,
    Expectation::BrowserAnswers,
    Expectation::InstanceListed,
    Expectation::TcpListed,
    Expectation::PortOpen,
    Expectation::AllAddressesOpen,
    Expectation::EngineAnswers,
    Expectation::InstanceMatches,
    Expectation::EncryptionOffered,
];

/// What a running proof must know beside what it shows. All of it is the beginning of a
/// probe that told something.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    /// The last that did not see it, for each expectation.
    missed: Vec<Option<Timestamp>>,
    /// The last that was not all good.
    bad: Option<Timestamp>,
    /// The last of all.
    told: Option<Timestamp>,
}

impl Ledger {
    /// Since when the fix of an instance has been put to the proof, if it is.
    pub fn proving(&self, id: InstanceId) -> Option<Timestamp> {
        let running = self.entries.get(&id)?.row.proofs.last()?;
        running.is_running().then_some(running.began)
    }

    /// Ends the proofs whose time is over. Any event does; this is for a time without any.
    pub(super) fn end_proofs(&mut self, at: Timestamp) -> Vec<Change> {
        if self.proving.is_empty() {
            return Vec::new();
        }
        self.pass_time(at);
        let changes = self.end_overdue_proofs(at);
        self.group_changed(changes)
    }

    pub(super) fn end_overdue_proofs(&mut self, at: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.proving.is_empty() {
            return changes;
        }
        let mut proving = std::mem::take(&mut self.proving);
        proving.retain(|id| {
            let Some(entry) = self.entries.get_mut(id) else {
                return false;
            };
            if entry.is_proof_overdue(at) {
                changes.push(Change::Row(*id));
                changes.extend(entry.give_up().then_some(Change::Remember(*id)));
            }
            entry.watch.is_some()
        });
        self.proving = proving;
        changes
    }

    /// A fix was carried out, or its proof is called off.
    pub(super) fn verified(
        &mut self,
        at: Timestamp,
        id: InstanceId,
        attempt: Option<Attempt>,
    ) -> Vec<Change> {
        let mut changes = self.call_off(at, id);
        let entry = self.entries.get_mut(&id);
        if let (Some(entry), Some(attempt)) = (entry, attempt)
            && entry.prove(at, attempt)
        {
            self.proving.push(id);
            changes = vec![Change::Row(id)];
        }
        changes
    }

    /// Probing stops, and with it every proof.
    pub(super) fn call_all_off(&mut self, at: Timestamp) {
        for id in std::mem::take(&mut self.proving) {
            self.call_off(at, id);
        }
    }

    fn call_off(&mut self, at: Timestamp, id: InstanceId) -> Vec<Change> {
        self.proving.retain(|other| *other != id);
        let entry = self.entries.get_mut(&id);
        let was_running = entry.is_some_and(|entry| entry.end_proof(Ended::Untold { at }));
        was_running.then_some(Change::Row(id)).into_iter().collect()
    }
}

impl Entry {
    /// Begins a proof. `false` where there is nothing to prove.
    fn prove(&mut self, at: Timestamp, attempt: Attempt) -> bool {
        let state = self.row.state;
        let Some(case) = self.row.case() else {
            return false;
        };
        if !state.is_failing() && state != State::Degraded {
            return false;
        }
        let expected = expected(&attempt, case.target);
        let mut proof = Proof {
            attempt,
            began: at,
            until: at.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX),
            expected,
            seen: self.row.raw,
            probes: 0,
            ended: None,
        };
        let by = end_of(case.evidence);
        proof.take_as_given(&case, state, by);
        self.watch = Some(Box::new(Watch {
            missed: vec![None; proof.expected.len()],
            bad: None,
            told: None,
        }));
        let skip = (self.row.proofs.len() + 1).saturating_sub(PROOFS);
        let before = self.row.proofs.iter().skip(skip);
        self.row.proofs = before.cloned().chain([proof]).collect();
        true
    }

    /// A probe that tells of the server: what of the expectations does it show?
    pub(super) fn observe_proof(&mut self, at: Timestamp, evidence: &Evidence) {
        if self.watch.is_none() {
            return;
        }
        let (Some(case), Some(mut watch)) = (self.row.case_of(evidence), self.watch.take()) else {
            return;
        };
        let raw = self.row.raw;
        let mut proofs = self.row.proofs.to_vec();
        if let Some(proof) = proofs.last_mut() {
            proof.seen = raw;
            if evidence.at < proof.began {
                // It was on its way already: what it sees was so before.
                proof.take_as_given(&case, raw, at);
            } else {
                proof.observe(&mut watch, &case, raw, at);
            }
        }
        let is_running = proofs.last().is_some_and(Proof::is_running);
        self.watch = is_running.then_some(watch);
        self.row.proofs = proofs.into();
    }

    fn is_proof_overdue(&self, at: Timestamp) -> bool {
        let running = self.row.proofs.last().filter(|proof| proof.is_running());
        running.is_some_and(|proof| proof.until <= at)
    }

    /// The time is over. Returns whether a cause is known to be tried in vain by that.
    fn give_up(&mut self) -> bool {
        let (Some(watch), Some(proof)) = (&self.watch, self.row.proofs.last()) else {
            return false;
        };
        let at = proof.until;
        let heard = watch
            .told
            .is_some_and(|told| at.duration_since(told) <= UNHEARD);
        let first = proof.first_unmet();
        let (Some(first), true) = (first, heard) else {
            self.end_proof(Ended::Untold { at });
            return false;
        };
        // Another layer than the fix was for: what it was for is mended.
        let in_vain = proof.attempt.expects.contains(&first).then_some(Tried {
            cause: proof.attempt.cause,
            at,
            first,
        });
        self.end_proof(Ended::NotFixed { first, at });
        if let Some(tried) = in_vain {
            remember(&mut Arc::make_mut(&mut self.row.past).tried, tried);
            self.refine();
        }
        in_vain.is_some()
    }

    /// Ends the running proof, if there is one.
    fn end_proof(&mut self, ended: Ended) -> bool {
        let was_running = self.watch.take().is_some();
        if was_running {
            let mut proofs = self.row.proofs.to_vec();
            if let Some(proof) = proofs.last_mut() {
                proof.ended = Some(ended);
            }
            self.row.proofs = proofs.into();
        }
        was_running
    }

    /// Moves every time of the proofs by what the wall clock was set back.
    pub(super) fn turn_proofs_back(&mut self, by: SignedDuration) {
        if self.row.proofs.is_empty() {
            return;
        }
        let mut proofs = self.row.proofs.to_vec();
        let shown = proofs.iter_mut().flat_map(Proof::times);
        let watched = self.watch.iter_mut().flat_map(|watch| {
            let own = [&mut watch.bad, &mut watch.told].into_iter().flatten();
            watch.missed.iter_mut().flatten().chain(own)
        });
        for time in shown.chain(watched) {
            *time = time.saturating_sub(by).unwrap_or(*time);
        }
        self.row.proofs = proofs.into();
    }
}

impl Proof {
    /// What holds before the first probe that began after somebody asked.
    fn take_as_given(&mut self, case: &Case<'_>, raw: State, by: Timestamp) {
        for expected in &mut self.expected {
            let met = Met { after: None, by };
            expected.met = shows(expected.what, case, raw).then_some(met);
        }
    }

    fn observe(&mut self, watch: &mut Watch, case: &Case<'_>, raw: State, at: Timestamp) {
        let begun = case.evidence.at;
        self.probes = self.probes.saturating_add(1);
        watch.told = Some(begun);
        let answers = Expectation::EngineAnswers.holds(case) == Some(true);
        if raw == State::WrongInstance && answers && !self.expects(Expectation::InstanceMatches) {
            // Nobody thought of it, and it is what stands in the way.
            self.expect_the_instance(watch);
        }
        for (expected, missed) in self.expected.iter_mut().zip(&mut watch.missed) {
            if shows(expected.what, case, raw) {
                expected.met.get_or_insert(Met {
                    after: *missed,
                    by: at,
                });
            } else {
                expected.met = None;
                *missed = Some(begun);
            }
        }
        if self.first_unmet().is_some() || !raw.is_up() {
            watch.bad = Some(begun);
            return;
        }
        let took = |time: Timestamp| time.duration_since(self.began).max(SignedDuration::ZERO);
        let by = took(at);
        let after = watch.bad.map_or(SignedDuration::ZERO, took).min(by);
        self.ended = Some(Ended::Fixed { after, by });
    }

    fn expects(&self, what: Expectation) -> bool {
        self.expected.iter().any(|expected| expected.what == what)
    }

    fn expect_the_instance(&mut self, watch: &mut Watch) {
        let what = Expectation::InstanceMatches;
        let place = self
            .expected
            .iter()
            .position(|expected| rank(expected.what) > rank(what))
            .unwrap_or(self.expected.len());
        self.expected.insert(place, Expected { what, met: None });
        watch.missed.insert(place, None);
    }

    fn first_unmet(&self) -> Option<Expectation> {
        let mut unmet = self
            .expected
            .iter()
            .filter(|expected| expected.met.is_none());
        unmet.next().map(|expected| expected.what)
    }

    fn times(&mut self) -> impl Iterator<Item = &mut Timestamp> {
        let met = self.expected.iter_mut().filter_map(|one| one.met.as_mut());
        let met = met.flat_map(|met| met.after.iter_mut().chain([&mut met.by]));
        let ended = match &mut self.ended {
            Some(Ended::NotFixed { at, .. } | Ended::Untold { at }) => Some(at),
            Some(Ended::Fixed { .. }) | None => None,
        };
        let own = [&mut self.began, &mut self.until];
        met.chain(own).chain(ended)
    }
}

/// What the fix is to change, and that the engine answers then, in the order of the layers.
/// Without what no probe of this target can ever tell.
fn expected(attempt: &Attempt, target: &Target) -> Vec<Expected> {
    let is_told = |what| match what {
        Expectation::BrowserAnswers | Expectation::InstanceListed | Expectation::TcpListed => {
            target.needs_browser()
        }
        Expectation::InstanceMatches => target.instance.is_some(),
        _ => true,
    };
    let is_wanted = |what| what == Expectation::EngineAnswers || attempt.expects.contains(&what);
    IN_ORDER
        .into_iter()
        .filter(|what| is_wanted(*what) && is_told(*what))
        .map(|what| Expected { what, met: None })
        .collect()
}

fn rank(what: Expectation) -> Option<usize> {
    IN_ORDER.iter().position(|other| *other == what)
}

/// An engine that lets a client in and says nothing of its name has not denied it.
fn shows(what: Expectation, case: &Case<'_>, raw: State) -> bool {
    let silence = what == Expectation::InstanceMatches && raw.is_up();
    what.holds(case).unwrap_or(silence)
}

fn end_of(evidence: &Evidence) -> Timestamp {
    let took = evidence.elapsed.duration();
    evidence.at.saturating_add(took).unwrap_or(evidence.at)
}

/// Once each, the newest last.
fn remember(tried: &mut Vec<Tried>, new: Tried) {
    tried.retain(|old| old.cause != new.cause);
    let surplus = (tried.len() + 1).saturating_sub(TRIED);
    tried.drain(..surplus);
    tried.push(new);
}
