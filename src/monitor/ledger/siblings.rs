//! How far does it go? A first miss brings the next probes of its siblings forward: those
//! of the same host, then others of its subnet, then names of its zone.
//!
//! Only those that were well when last heard of are asked, each once in half a minute, and
//! all together no more than a bound: a site that goes down is told by its next round.

use std::collections::VecDeque;

use foldhash::{HashMap, HashMapExt as _};
use jiff::{SignedDuration, Timestamp};

use super::entry::Entry;
use super::neighbours::HostKey;
use super::{Change, Ledger};
use crate::diagnosis::{OwnNetwork, State, Subnet};
use crate::evidence::Elapsed;
use crate::monitor::InstanceId;
use crate::target::Host;

/// For so long nobody is asked twice.
const WINDOW: SignedDuration = SignedDuration::from_secs(30);
/// Instances of the host, and other hosts of its subnet, that one miss asks.
const OF_HOST: usize = 16;
const OF_SUBNET: usize = 16;
/// Other names of its zone.
const OF_ZONE: usize = 4;
/// All that are asked within the window.
const IN_ALL: usize = 64;

/// Who was asked before its time, and whose subnet was looked through.
#[derive(Clone, Debug, Default)]
pub(super) struct Extent {
    asked: VecDeque<(Timestamp, InstanceId)>,
    subnets: VecDeque<(Timestamp, Subnet)>,
}

impl Extent {
    /// Forgets what is longer ago than the window.
    fn expire(&mut self, at: Timestamp) {
        let is_old = |then: Timestamp| at.duration_since(then) > WINDOW;
        while self.asked.front().is_some_and(|(then, _)| is_old(*then)) {
            self.asked.pop_front();
        }
        while self.subnets.front().is_some_and(|(then, _)| is_old(*then)) {
            self.subnets.pop_front();
        }
    }

    fn room(&self) -> usize {
        IN_ALL.saturating_sub(self.asked.len())
    }

    fn was_asked(&self, id: InstanceId) -> bool {
        self.asked.iter().any(|(_, asked)| *asked == id)
    }

    /// Whether a subnet is looked through now: once in the window, for the sake of large
    /// fleets.
    fn opens(&mut self, at: Timestamp, subnet: Subnet) -> bool {
        let is_new = self.subnets.iter().all(|(_, known)| *known != subnet);
        if is_new {
            self.subnets.push_back((at, subnet));
        }
        is_new
    }

    /// The wall clock was set back by so much.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        let asked = self.asked.iter_mut().map(|(then, _)| then);
        let subnets = self.subnets.iter_mut().map(|(then, _)| then);
        for then in asked.chain(subnets) {
            *then = then.saturating_sub(by).unwrap_or(*then);
        }
    }
}

impl Ledger {
    /// What an instance that was well asks of its siblings when a probe, which took so
    /// long, missed.
    pub(super) fn ask_siblings(
        &mut self,
        at: Timestamp,
        entry: &Entry,
        took: Elapsed,
    ) -> Option<Change> {
        // The miss of one that flaps is no news; this machine's own trouble asks for itself.
        let is_own = entry.place.signs.stopped != OwnNetwork::Fine || self.doubts.is_open(at);
        if self.paused || entry.row.past.flapping || is_own {
            return None;
        }
        self.extent.expire(at);
        let room = self.extent.room();
        if room == 0 {
            return None;
        }
        // What was seen since this probe began is as new as this.
        let began = at.saturating_sub(took.duration()).unwrap_or(at);
        let by_name = entry.row.raw == State::Unresolved;
        let mut found = if by_name {
            self.of_zone(entry, began)
        } else {
            let mut found = self.of_host(&entry.place.host, began);
            if is_about_the_way(entry.row.raw) {
                found.extend(self.of_subnet(at, &entry.place.host, began));
            }
            found
        };
        found.truncate(room);
        if found.is_empty() {
            return None;
        }
        self.extent.asked.extend(found.iter().map(|id| (at, *id)));
        // A name must be asked for afresh, or it is found where it was remembered.
        Some(if by_name {
            Change::Ask(found)
        } else {
            Change::Hasten(found)
        })
    }

    fn of_host(&self, host: &HostKey, began: Timestamp) -> Vec<InstanceId> {
        let members = self.tally.members(host).iter();
        members
            .filter_map(|id| self.entries.get(id))
            .filter(|sibling| self.is_worth_asking(sibling, began))
            .map(|sibling| sibling.row.id)
            .take(OF_HOST)
            .collect()
    }

    /// One instance of each other host, those heard of longest ago first.
    fn of_subnet(&mut self, at: Timestamp, host: &HostKey, began: Timestamp) -> Vec<InstanceId> {
        let Some(subnet) = host.subnet() else {
            return Vec::new();
        };
        if !self.extent.opens(at, subnet) {
            return Vec::new();
        }
        let mut oldest: HashMap<&HostKey, (Timestamp, InstanceId)> = HashMap::new();
        let entries = self.order.iter().filter_map(|id| self.entries.get(id));
        for other in entries.filter(|other| other.place.host.subnet() == Some(subnet)) {
            if other.place.host == *host || !self.is_worth_asking(other, began) {
                continue;
            }
            let news = (other.heard_of().unwrap_or_default(), other.row.id);
            oldest
                .entry(&other.place.host)
                .and_modify(|known| *known = news.min(*known))
                .or_insert(news);
        }
        let mut oldest: Vec<_> = oldest.into_values().collect();
        oldest.sort_unstable();
        let ids = oldest.into_iter().map(|(_, id)| id);
        ids.take(OF_SUBNET).collect()
    }

    /// Other hosts whose names end alike.
    fn of_zone(&self, entry: &Entry, began: Timestamp) -> Vec<InstanceId> {
        let Some((own, zone)) = name(entry) else {
            return Vec::new();
        };
        let entries = self.order.iter().filter_map(|id| self.entries.get(id));
        entries
            .filter(|other| {
                name(other).is_some_and(|(name, of)| {
                    of.eq_ignore_ascii_case(zone) && !name.eq_ignore_ascii_case(own)
                })
            })
            .filter(|other| self.is_worth_asking(other, began))
            .map(|other| other.row.id)
            .take(OF_ZONE)
            .collect()
    }

    /// One that was well, and whose news is older than the miss.
    fn is_worth_asking(&self, sibling: &Entry, began: Timestamp) -> bool {
        let row = &sibling.row;
        row.state.is_up()
            && row.raw.is_up()
            && !row.marks.stale
            && sibling.shade == OwnNetwork::Fine
            && sibling.heard_of().is_some_and(|heard| heard < began)
            && !self.extent.was_asked(row.id)
    }
}

/// Whether other hosts may fail for the same reason: nobody behind the port was reached.
fn is_about_the_way(state: State) -> bool {
    matches!(
        state,
        State::NotLocated | State::Unreachable | State::TimedOut | State::Refused
    )
}

/// The name of the host, and the zone that it is in as it is written.
fn name(entry: &Entry) -> Option<(&str, &str)> {
    match &entry.row.instance.target.as_deref().ok()?.host {
        Host::Name(name) => {
            let name = name.as_str();
            Some((name, name.split_once('.').map_or("", |(_, zone)| zone)))
        }
        Host::Address(_) | Host::Local => None,
    }
}
