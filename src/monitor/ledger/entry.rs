//! One instance in the ledger: its row, and what is needed to write the next one.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Rules;
use super::looks::{Fall, Looks, Wish};
use super::neighbours::{Place, Tally};
use super::outages::Outages;
use super::pairs::{self, Pair};
use super::past::{self, Addresses, Flaps};
use super::posted::Posted;
use super::proofs::Watch;
use super::settle::Settling;
use crate::config::Instance;
use crate::diagnosis::incident::Fell;
use crate::diagnosis::{
    Case, Diagnosis, OwnNetwork, Past, State, Surroundings, address_of, diagnose,
};
use crate::evidence::{Evidence, Seldom, Test, Vantage};
use crate::monitor::memory::key;
use crate::monitor::row::pending;
use crate::monitor::{Happening, InstanceId, Sample, Since, Transition};
use crate::target::{Port, Target};

/// Changes of state that a row keeps.
const TRANSITIONS: usize = 32;
/// How old the newest "last seen good" on disk may grow while nothing else is new.
const REMEMBER_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// A failure that turns into another one may cost looks again, but not at every turn.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(5);

/// One instance.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) row: Posted,
    pub(super) settling: Settling,
    pub(super) looks: Seldom<Looks>,
    /// The next probe was asked for by hand.
    pub(super) asked: bool,
    pub(super) place: Place,
    /// What of this machine itself hides it.
    pub(super) shade: OwnNetwork,
    flaps: Flaps,
    outages: Outages,
    /// The newest addresses, sorted.
    addresses: Addresses,
    remembered: Option<Timestamp>,
    looked: Option<Timestamp>,
    /// When it fell, whatever the failure has turned into since.
    pub(super) fell: Option<Box<Fell>>,
    /// Beside the last proof of the row, while it runs.
    pub(super) watch: Option<Box<Watch>>,
}

/// What surrounds an entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct World<'a> {
    pub(super) tally: &'a Tally,
    pub(super) vantage: Option<&'a Vantage>,
}

impl Entry {
    pub(super) fn new(id: InstanceId, instance: Arc<Instance>, past: Past) -> Self {
        let mut addresses = past
            .last_good
            .as_ref()
            .map(|good| Addresses::from_slice(&good.addresses))
            .unwrap_or_default();
        addresses.sort_unstable();
        let place = Place::new(instance.target.as_deref().ok(), &addresses);
        let outages = Outages::new(&past);
        let mut row = pending(id, instance);
        // Flapping is of now; what a file says about it is of another day.
        let past = Past {
            flapping: false,
            ..past
        };
        if *row.past != past {
            row.past = Arc::new(past);
        }
        Self {
            row: Posted::new(row),
            settling: Settling::default(),
            looks: Seldom::default(),
            asked: false,
            place,
            shade: OwnNetwork::Fine,
            flaps: Flaps::default(),
            outages,
            addresses,
            remembered: None,
            looked: None,
            fell: None,
            watch: None,
        }
    }

    /// What an instance is remembered by.
    pub(super) fn key_of(instance: &Instance) -> String {
        key(instance)
    }

    pub(super) fn has_result(&self) -> bool {
        self.row.evidence.is_some()
    }

    /// Takes what is configured now for the same target.
    pub(super) fn reconfigure(&mut self, instance: Arc<Instance>, world: &World<'_>) {
        self.row.instance = instance;
        self.read_target(world);
        self.refine();
    }

    /// A target that cannot be probed has its verdict before any probe; one that can be
    /// probed again has none.
    pub(super) fn read_target(&mut self, world: &World<'_>) {
        let diagnosis = match &self.row.instance.target {
            Err(error) => Diagnosis::unreadable(error),
            Ok(target) => match target.over_tcp() {
                Err(why) => Diagnosis::not_tcp(why),
                Ok(()) if self.row.state == State::Invalid => Diagnosis::default(),
                Ok(()) => return,
            },
        };
        self.look_around(world);
        self.row.state = diagnosis.state;
        self.row.raw = diagnosis.state;
        self.settling.refine(diagnosis.state);
        self.set_diagnosis(diagnosis);
    }

    /// Addresses that changed and outcomes that flap: what the diagnosis must know of
    /// this very probe. Returns whether it is worth remembering.
    pub(super) fn notice(&mut self, at: Timestamp, evidence: &Evidence) -> bool {
        // Most of what is known stays as it is, and is one copy for many.
        let flapping = self.flaps.observe(at, evidence.layers.connect.status);
        if flapping != self.row.past.flapping {
            Arc::make_mut(&mut self.row.past).flapping = flapping;
        }
        let Some(from) = past::notice_move(&mut self.addresses, evidence) else {
            return false;
        };
        self.note(at, Happening::moved(&from, &self.addresses));
        Arc::make_mut(&mut self.row.past).moved_from = Some(Box::new((at, from)));
        true
    }

    /// Writes down what happened.
    pub(super) fn note(&mut self, at: Timestamp, what: Happening) {
        Arc::make_mut(&mut self.row.diary).add(at, what);
    }

    pub(super) fn learn(&mut self, at: Timestamp, evidence: &Evidence) -> bool {
        let ends = self.row.state.is_failing() && self.row.raw.is_up();
        if !ends && !past::teaches(evidence) {
            return false;
        }
        let past = Arc::make_mut(&mut self.row.past);
        if ends {
            // What follows is no longer "shortly before the failure".
            past.recent_engine_ms.clear();
            past.recent_connect_ms.clear();
        }
        let port = |past: &Past| past.last_good.as_ref().map(|good| good.port);
        let before = port(past);
        let learned = past::learn(past, at, evidence).unwrap_or(false);
        if let (Some(from), Some(to)) = (before, port(past))
            && from != to
        {
            self.note(at, Happening::PortMoved { from, to });
        }
        learned
    }

    /// The owners of ports that this probe shows.
    pub(super) fn pairs(&self, evidence: &Evidence) -> Vec<Pair> {
        match &self.row.instance.target {
            Ok(target) => pairs::of_probe(target, evidence),
            Err(_) => Vec::new(),
        }
    }

    /// Learns who owns the port that this target gives; one that gives only the instance
    /// has nothing to learn. Returns whether that is new.
    pub(super) fn learn_pairs(&mut self, pairs: &[Pair]) -> bool {
        let gives_port = |target: &Target| !target.needs_browser();
        if pairs.is_empty() || !self.row.instance.target.as_deref().is_ok_and(gives_port) {
            return false;
        }
        let is_up = self.row.raw.is_up();
        let owner = pairs::new_owner(&self.row.past, is_up, pairs);
        let is_owner_new = owner.is_some();
        if is_owner_new {
            Arc::make_mut(&mut self.row.past).instance_there = owner;
        }
        let past = &self.row.past;
        let port = pairs::answering_port(past, is_up, pairs);
        let own = past.last_good.as_ref().map(|good| good.port);
        let elsewhere = port.filter(|port| Some(*port) != own);
        let is_port_new = port.is_some() && elsewhere != past.instance_on;
        if is_port_new {
            Arc::make_mut(&mut self.row.past).instance_on = elsewhere;
        }
        is_owner_new || is_port_new
    }

    pub(super) fn record(&mut self, at: Timestamp, evidence: &Evidence) {
        let sample = Sample::new(at, self.row.raw, evidence);
        Arc::make_mut(&mut self.row.history).push(sample);
    }

    /// When its newest probe ended that told of the server.
    pub(super) fn heard_of(&self) -> Option<Timestamp> {
        self.row.history.raw().next_back().map(|sample| sample.at)
    }

    /// Follows the addresses through outages and failovers.
    pub(super) fn follow(&mut self, at: Timestamp, evidence: &Evidence) {
        if self.outages.observe(at, self.row.raw, evidence) {
            self.row.outages = self.outages.list();
        }
    }

    /// A settled failure makes an outage of what may have been a blip.
    pub(super) fn settle_outage(&mut self) {
        if self.row.state.is_failing() && self.outages.settle() {
            self.row.outages = self.outages.list();
        }
    }

    /// Diagnoses evidence that does not count yet.
    pub(super) fn diagnose_new(&mut self, evidence: &Evidence, world: &World<'_>) -> Diagnosis {
        self.look_around(world);
        let Some(case) = self.row.case_of(evidence) else {
            return Diagnosis::default();
        };
        let diagnosis = diagnose(&case);
        let stays_degraded =
            diagnosis.state == State::Degraded && self.row.state == State::Degraded;
        if diagnosis.state.is_up() && !stays_degraded && !case.witnesses.is_empty() {
            // Well again: what was looked at during the failure is history.
            return diagnose(&Case {
                witnesses: &[],
                ..case
            });
        }
        diagnosis
    }

    /// The settled state rests on this evidence from now on.
    pub(super) fn accept(&mut self, mut evidence: Evidence, diagnosis: Diagnosis) {
        evidence.shrink();
        self.row.evidence = Some(Arc::new(evidence));
        self.set_diagnosis(diagnosis);
    }

    /// Reads the same evidence again, with what has come since.
    pub(super) fn refine(&mut self) {
        let Some(diagnosis) = self.row.case().map(|case| diagnose(&case)) else {
            return;
        };
        if diagnosis.state.is_failing() && self.row.state.is_failing() {
            self.row.state = diagnosis.state;
            self.settling.refine(diagnosis.state);
        }
        let shadowed = self.shadowed(&diagnosis);
        self.set_diagnosis(shadowed.unwrap_or(diagnosis));
    }

    /// What is said in place of a verdict that this machine's own trouble hides.
    fn shadowed(&self, verdict: &Diagnosis) -> Option<Diagnosis> {
        let leads = verdict.causes.first().map(|cause| cause.id);
        let vantage = &self.row.surroundings.vantage;
        let address = self.addresses.first().copied();
        Diagnosis::shadowed(self.row.state, self.shade, vantage, address)
            .filter(|_| leads != self.shade.cause())
    }

    /// Takes where it stands now. What came up elsewhere says nothing of another host.
    pub(super) fn stand(&mut self, place: Place) {
        let is_other = place.host != self.place.host && self.place.is_known();
        if is_other && self.row.past.host_came_up.is_some() {
            Arc::make_mut(&mut self.row.past).host_came_up = None;
        }
        self.place = place;
    }

    /// Takes what surrounds it now; returns whether that changed.
    pub(super) fn look_around(&mut self, world: &World<'_>) -> bool {
        let [host, subnet, elsewhere] = world.tally.around(&self.place);
        let came_up = world.tally.came_up(&self.place.host);
        let is_newly_up = came_up.is_some() && came_up > self.row.past.host_came_up;
        if is_newly_up {
            Arc::make_mut(&mut self.row.past).host_came_up = came_up;
        }
        let old = &self.row.surroundings;
        let own_network = world.tally.own_network(&self.place, world.vantage);
        let is_same_place = world.vantage.is_none_or(|vantage| *vantage == old.vantage);
        if is_same_place
            && !is_newly_up
            && (old.host, old.subnet, old.elsewhere, old.own_network)
                == (host, subnet, elsewhere, own_network)
        {
            return false;
        }
        let vantage = world.vantage.cloned().unwrap_or_default();
        let surroundings = Surroundings {
            vantage,
            own_network,
            host,
            subnet,
            elsewhere,
        };
        self.row.surroundings = Arc::new(surroundings);
        true
    }

    /// The settled state changed.
    pub(super) fn turn(&mut self, at: Timestamp, transition: Transition, rules: &Rules) {
        let row = &mut self.row;
        let mut last_other = transition.last_seen;
        if transition.from == State::Pending && transition.to.is_failing() {
            // Started into a failure: only the memory may know when it was well.
            last_other = row.past.last_good.as_ref().map(|good| good.at);
        }
        row.state = transition.to;
        row.since = Since::new(
            transition.first_seen,
            last_other,
            rules.usual_gap(&row.instance),
        );
        if !transition.to.is_failing() {
            self.fell = None;
        } else if !transition.from.is_failing() {
            self.fell = row.since.fell().map(Box::new);
        }
        let skip = (row.transitions.len() + 1).saturating_sub(TRANSITIONS);
        row.transitions = match &row.transitions[skip..] {
            [] => Arc::from([transition]),
            kept => [kept, &[transition]].concat().into(),
        };
        if transition.to.is_up() {
            row.witnesses = Arc::default();
            row.marks.acknowledged = None;
            self.looks = Seldom::default();
        }
        let was_known = transition.from != State::Pending;
        // Another failure than the one whose fix was tried, or none.
        let is_over = transition.to.is_up() || (was_known && !transition.from.is_failing());
        if is_over && !row.past.tried.is_empty() {
            Arc::make_mut(&mut row.past).tried.clear();
        }
        if was_known && transition.from.is_failing() != transition.to.is_failing() {
            Arc::make_mut(&mut row.past).changed = Some(at);
        }
    }

    /// Whether this change to failing may cost looks.
    pub(super) fn is_due_for_looks(&self, at: Timestamp, transition: Transition) -> bool {
        let is_new = !transition.from.is_failing();
        let is_long_ago = self
            .looked
            .is_none_or(|looked| at.duration_since(looked) > LOOK_AGAIN);
        is_new || is_long_ago
    }

    /// This change to failing is looked at.
    pub(super) fn grant_looks(&mut self, at: Timestamp) {
        self.looked = Some(at);
        self.looks.grant(at, Wish::Change);
    }

    /// What brought it down, as far as one failure is like another.
    pub(super) fn fall(&self) -> Fall {
        let browser = self
            .row
            .evidence
            .as_ref()
            .map(|evidence| evidence.layers.browser.status);
        Fall::of(self.row.state, browser.unwrap_or_default())
    }

    /// What the diagnosis would like to look at.
    pub(super) fn wanted_looks(&self, ports: &[Port]) -> Vec<Test> {
        match self.looks.wish() {
            Wish::Change => self.wanted_unasked(),
            Wish::Hand => self.wanted_by_hand(ports),
        }
    }

    /// Who sent a RST is worth two walks only to somebody who asks.
    fn wanted_unasked(&self) -> Vec<Test> {
        let Some(diagnosis) = self.row.diagnosis.as_deref() else {
            return Vec::new();
        };
        let refused = self.row.state == State::Refused;
        let wanted = diagnosis.next_tests.iter().copied();
        wanted
            .filter(|test| !(refused && matches!(test, Test::Path { .. })))
            .collect()
    }

    /// Everything anew, whatever was looked at before, and the configured ports.
    fn wanted_by_hand(&self, ports: &[Port]) -> Vec<Test> {
        let row = &self.row;
        let witnesses = row.witnesses.iter();
        let fresh: Vec<_> = witnesses
            .filter(|witness| self.looks.is_fresh(&witness.look))
            .cloned()
            .collect();
        let Some(case) = row.case() else {
            return Vec::new();
        };
        let case = Case {
            witnesses: &fresh,
            ..case
        };
        let mut wanted = diagnose(&case).next_tests;
        if row.state.is_failing()
            && let Some(address) = self.failing_address()
        {
            wanted.extend(ports.iter().map(|&port| Test::Port { address, port }));
        }
        wanted
    }

    /// Whether the disk should hear of it.
    pub(super) fn is_worth_remembering(&mut self, at: Timestamp, is_new: bool) -> bool {
        let is_old = self.row.raw.is_up()
            && self
                .remembered
                .is_none_or(|then| at.duration_since(then) >= REMEMBER_EVERY);
        let is_worth = is_new || is_old;
        if is_worth {
            self.remembered = Some(at);
        }
        is_worth
    }

    /// An acknowledgement ends when it said it would. Returns whether it did.
    pub(super) fn expire(&mut self, at: Timestamp) -> bool {
        let acknowledged = self.row.marks.acknowledged.as_ref();
        let until = acknowledged.and_then(|taken| taken.until);
        let is_over = until.is_some_and(|until| until <= at);
        if is_over {
            self.row.marks.acknowledged = None;
        }
        is_over
    }

    /// The wall clock was set back by so much, and is `now` there.
    pub(super) fn turn_back(&mut self, now: Timestamp, by: SignedDuration) {
        self.settling.turn_back(by);
        self.flaps.turn_back(by);
        if self.looks.is_given() {
            self.looks.turn_back(by);
        }
        past::turn_back(Arc::make_mut(&mut self.row.past), now, by);
        self.turn_proofs_back(by);
        if self.row.diary.notes().len() > 0 {
            Arc::make_mut(&mut self.row.diary).turn_back(by);
        }
        self.outages.turn_back(by);
        self.row.outages = self.outages.list();
        let since = &mut self.row.since;
        let own = [
            &mut since.first_seen,
            &mut since.last_other,
            &mut self.remembered,
            &mut self.looked,
        ];
        let fell = self.fell.iter_mut();
        let fell = fell.flat_map(|fell| fell.last_good.iter_mut().chain([&mut fell.first_bad]));
        for time in own.into_iter().flatten().chain(fell) {
            *time = time.saturating_sub(by).unwrap_or(*time);
        }
    }

    /// Whether it fails at the address that a look of its host was taken at.
    pub(super) fn fails_at(&self, test: Test) -> bool {
        let (Test::ClosedPort { address }
        | Test::Port { address, .. }
        | Test::BrowserList { address }) = test
        else {
            return false;
        };
        self.row.state.is_failing()
            && self.shade == OwnNetwork::Fine
            && self.failing_address() == Some(address)
    }

    fn failing_address(&self) -> Option<IpAddr> {
        self.row.case().and_then(|case| address_of(&case))
    }

    /// Keeps the old one if nothing in it is new, so that readers see that.
    fn set_diagnosis(&mut self, mut diagnosis: Diagnosis) {
        if self.row.diagnosis.as_deref() != Some(&diagnosis) {
            diagnosis.shrink();
            self.row.diagnosis = Some(Arc::new(diagnosis));
        }
    }
}
