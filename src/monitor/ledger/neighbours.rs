//! What the other instances say, counted as they speak: no look at one instance ever
//! walks over the others.

use std::net::{IpAddr, SocketAddr};

use foldhash::HashMap;
use jiff::{SignedDuration, Timestamp};
use smallvec::SmallVec;

use super::signs::{Polled, Shown, Signs};
use crate::diagnosis::incident::Around;
use crate::diagnosis::{Families, Grounds, Neighbours, OwnNetwork, Subnet};
use crate::evidence::{
    Attempt, Browser, BrowserStatus, ConnectStatus, Evidence, Look, Vantage, Witness,
};
use crate::monitor::InstanceId;
use crate::target::{Host, Target};

/// The machine behind an instance: its smallest address, so that two names of one
/// machine meet; its name while no address is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::monitor) enum HostKey {
    Address(IpAddr),
    Name(String),
}

/// Whether anything at the host answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    Answering,
    Silent,
}

/// Where an instance stands, and what its newest probe says about that place.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) host: HostKey,
    reach: Option<Reach>,
    pub(super) signs: Signs,
    /// Of its addresses.
    families: Families,
}

/// The counts over all instances.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Boxed: a table of them is never full.
    hosts: HashMap<HostKey, Box<Members>>,
    subnets: HashMap<Subnet, Neighbours>,
    all: Neighbours,
    /// A host answers or is silent that did otherwise.
    turned: bool,
    pub(super) polled: Polled,
}

#[derive(Clone, Debug, Default)]
struct Members {
    ids: SmallVec<[InstanceId; 4]>,
    reach: Neighbours,
    signs: Shown,
    // Boxed, since few hosts are silent.
    silence: Option<Box<Silence>>,
    /// Where a look showed life since the probes fell silent: only their ports are.
    life: Option<Box<SocketAddr>>,
    came_up: Option<Timestamp>,
}

/// A host of which nothing answers.
#[derive(Clone, Copy, Debug)]
struct Silence {
    since: Timestamp,
    probes: u32,
}

/// A shorter silence is a lost packet, and no host that was down.
const DOWN: SignedDuration = SignedDuration::from_secs(30);

impl Place {
    /// Where a target stands before anything is known.
    pub(super) fn new(target: Option<&Target>, known: &[IpAddr]) -> Self {
        let host = match (known.iter().min(), target.map(|target| &target.host)) {
            (Some(address), _) | (None, Some(Host::Address(address))) => HostKey::Address(*address),
            (None, Some(host)) => HostKey::Name(host.to_string().to_lowercase()),
            (None, None) => HostKey::Name(String::new()),
        };
        let own = match &host {
            HostKey::Address(address) => Some(address),
            HostKey::Name(_) => None,
        };
        Self {
            reach: None,
            signs: Signs::default(),
            families: Families::of(known.iter().chain(own)),
            host,
        }
    }

    /// Where it stands after a probe.
    pub(super) fn seen(&self, evidence: &Evidence, vantage: Option<&Vantage>) -> Self {
        let addresses = &evidence.layers.resolve.addresses;
        let host = addresses
            .iter()
            .min()
            .map_or(self.host.clone(), |least| HostKey::Address(*least));
        let mut seen = Self {
            reach: reach(evidence),
            signs: Signs::default(),
            families: if addresses.is_empty() {
                self.families
            } else {
                Families::of(addresses)
            },
            host,
        };
        if !seen.is_here(vantage) {
            let unknown = Vantage::default();
            let own = vantage.unwrap_or(&unknown);
            let subnet = seen.host.subnet();
            let near = own
                .addresses
                .iter()
                .any(|address| subnet == HostKey::Address(*address).subnet());
            seen.signs = Signs::of(evidence, seen.is_answering(), near, own);
        }
        seen
    }

    /// Whether its address is known.
    pub(super) fn is_known(&self) -> bool {
        matches!(self.host, HostKey::Address(_))
    }

    /// Whether something answered the newest probe.
    pub(super) fn is_answering(&self) -> bool {
        self.reach == Some(Reach::Answering)
    }

    /// Whether it is this machine itself, which is reached without any network.
    pub(super) fn is_here(&self, vantage: Option<&Vantage>) -> bool {
        match &self.host {
            HostKey::Address(address) => {
                address.is_loopback()
                    || vantage.is_some_and(|vantage| vantage.addresses.contains(address))
            }
            HostKey::Name(name) => name == "localhost",
        }
    }
}

impl Tally {
    /// Makes room for so many instances at once.
    pub(super) fn expect(&mut self, instances: usize) {
        let room = instances.saturating_sub(self.hosts.len());
        self.hosts.reserve(room);
    }

    /// Counts an instance in.
    pub(super) fn join(&mut self, id: InstanceId, place: &Place) {
        self.hosts
            .entry(place.host.clone())
            .or_default()
            .ids
            .push(id);
        // Of one that was not probed yet there is nothing to be counted.
        if place.reach.is_some() || place.signs != Signs::default() {
            self.count(&place.host, None, place.reach);
            self.poll(place, Polled::add);
        }
    }

    /// Counts an instance out, with the place it was counted in with.
    pub(super) fn leave(&mut self, id: InstanceId, place: &Place) {
        self.count(&place.host, place.reach, None);
        self.poll(place, Polled::take);
        if let Some(members) = self.hosts.get_mut(&place.host) {
            members.ids.retain(|member| *member != id);
            if members.ids.is_empty() {
                self.hosts.remove(&place.host);
            }
        }
    }

    /// Counts an instance anew that was counted at `before`.
    pub(super) fn recount(&mut self, id: InstanceId, before: &Place, after: &Place) {
        if before.host == after.host {
            self.count(&before.host, before.reach, after.reach);
            self.poll(before, Polled::take);
            self.poll(after, Polled::add);
        } else {
            self.leave(id, before);
            self.join(id, after);
        }
    }

    /// What the others say, seen from one place: its host, its subnet, elsewhere.
    pub(super) fn around(&self, place: &Place) -> [Neighbours; 3] {
        let members = self.hosts.get(&place.host);
        let own = members.and_then(|members| members.verdict());
        let mut host = members.map(|members| members.reach).unwrap_or_default();
        take(&mut host, place.reach);
        let whole = place
            .host
            .subnet()
            .and_then(|subnet| self.subnets.get(&subnet))
            .copied();
        let mut elsewhere = self.all;
        let mut subnet = Neighbours::default();
        if let Some(whole) = whole {
            elsewhere.answering = elsewhere.answering.saturating_sub(whole.answering);
            elsewhere.silent = elsewhere.silent.saturating_sub(whole.silent);
            subnet = whole;
            take(&mut subnet, own);
        } else {
            take(&mut elsewhere, own);
        }
        [host, subnet, elsewhere]
    }

    /// What the hosts say right now, for whoever looks at many of them at once.
    pub(super) fn whole(&self) -> Around<'_> {
        Around {
            subnets: &self.subnets,
            all: self.all,
        }
    }

    /// Whether a host answers or is silent that did otherwise when this was asked last.
    pub(super) fn take_turned(&mut self) -> bool {
        std::mem::take(&mut self.turned)
    }

    /// Takes note, after a probe, of when the host fell silent and when it came up again.
    pub(super) fn notice(&mut self, at: Timestamp, host: &HostKey) {
        let Some(members) = self.hosts.get_mut(host) else {
            return;
        };
        match verdict(members.reach) {
            Some(Reach::Silent) if members.life.is_some() => {}
            Some(Reach::Silent) => {
                members
                    .silence
                    .get_or_insert_with(|| {
                        Box::new(Silence {
                            since: at,
                            probes: 0,
                        })
                    })
                    .probes += 1;
            }
            Some(Reach::Answering) => {
                members.life = None;
                let silence = members.silence.take();
                let was_down = silence.is_some_and(|silence| {
                    silence.probes > 1 && at.duration_since(silence.since) >= DOWN
                });
                if was_down {
                    members.came_up = Some(at);
                }
            }
            None => {}
        }
    }

    /// Takes note of a look at the host itself: one that answers at another port is not
    /// down, until that port is looked at again in vain.
    pub(super) fn witnessed(&mut self, host: &HostKey, own: &[IpAddr], witness: &Witness) {
        let Some(members) = self.hosts.get_mut(host) else {
            return;
        };
        let before = members.verdict();
        let at = looked_at(&witness.look);
        if shows_life(&witness.look, own) && verdict(members.reach) == Some(Reach::Silent) {
            members.life = at.map(Box::new);
            members.silence = None;
        } else if at.as_ref() == members.life.as_deref() {
            members.life = None;
        }
        let after = members.verdict();
        self.turn(host, before, after);
    }

    /// What this machine's own lost network made silent is no silence of the host.
    pub(super) fn disregard(&mut self, host: &HostKey) {
        if let Some(members) = self.hosts.get_mut(host) {
            members.silence = None;
        }
    }

    /// When the host answered again after it was silent.
    pub(super) fn came_up(&self, host: &HostKey) -> Option<Timestamp> {
        self.hosts.get(host)?.came_up
    }

    /// The wall clock was set back by so much.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        for members in self.hosts.values_mut() {
            let silent = members.silence.as_mut().map(|silence| &mut silence.since);
            for time in silent.into_iter().chain(&mut members.came_up) {
                *time = time.saturating_sub(by).unwrap_or(*time);
            }
        }
    }

    /// The instances of one host.
    pub(super) fn members(&self, host: &HostKey) -> &[InstanceId] {
        self.hosts.get(host).map_or(&[], |members| &members.ids)
    }

    /// Whether this machine itself is what an instance at `place` is cut off by.
    pub(super) fn own_network(&self, place: &Place, vantage: Option<&Vantage>) -> OwnNetwork {
        if place.is_here(vantage) {
            OwnNetwork::Fine
        } else {
            self.grounds(vantage)
                .between(place.signs.stopped, place.families)
        }
    }

    /// What tells whether it is this machine.
    pub(super) fn grounds(&self, vantage: Option<&Vantage>) -> Grounds {
        Grounds {
            lost: vantage
                .map(|vantage| self.polled.had.lost_to(vantage))
                .unwrap_or_default(),
            hosts: self.polled.hosts(),
        }
    }

    fn poll(&mut self, place: &Place, by: fn(&mut Polled, &mut Shown, Signs)) {
        if let Some(members) = self.hosts.get_mut(&place.host) {
            by(&mut self.polled, &mut members.signs, place.signs);
        }
    }

    /// Counts what an instance of a host says: no longer this, now that.
    fn count(&mut self, host: &HostKey, no_longer: Option<Reach>, now: Option<Reach>) {
        if let Some(members) = self.hosts.get_mut(host) {
            let before = members.verdict();
            take(&mut members.reach, no_longer);
            add(&mut members.reach, now);
            let after = members.verdict();
            self.turn(host, before, after);
        }
    }

    /// Counts a host anew in its subnet and in all.
    fn turn(&mut self, host: &HostKey, before: Option<Reach>, after: Option<Reach>) {
        if before == after {
            return;
        }
        self.turned = true;
        let subnet = host.subnet();
        let subnet = subnet.map(|subnet| self.subnets.entry(subnet).or_default());
        for group in subnet.into_iter().chain([&mut self.all]) {
            take(group, before);
            add(group, after);
        }
    }
}

impl Members {
    /// Whether the host is there: a look may have shown that, where its instances are silent.
    fn verdict(&self) -> Option<Reach> {
        match verdict(self.reach) {
            Some(Reach::Silent) if self.life.is_some() => Some(Reach::Answering),
            reach => reach,
        }
    }
}

impl HostKey {
    /// The subnet that it is in, where its address is known.
    pub(super) fn subnet(&self) -> Option<Subnet> {
        match self {
            Self::Address(address) => Some(Subnet::of(*address)),
            Self::Name(_) => None,
        }
    }
}

/// Whether anything at the host answered this probe.
pub(crate) fn is_answered(evidence: &Evidence) -> bool {
    reach(evidence) == Some(Reach::Answering)
}

/// One that answers makes the host alive.
fn verdict(members: Neighbours) -> Option<Reach> {
    match members {
        Neighbours { answering: 1.., .. } => Some(Reach::Answering),
        Neighbours { silent: 1.., .. } => Some(Reach::Silent),
        Neighbours { .. } => None,
    }
}

fn add(group: &mut Neighbours, reach: Option<Reach>) {
    match reach {
        Some(Reach::Answering) => group.answering += 1,
        Some(Reach::Silent) => group.silent += 1,
        None => {}
    }
}

fn take(group: &mut Neighbours, reach: Option<Reach>) {
    match reach {
        Some(Reach::Answering) => group.answering = group.answering.saturating_sub(1),
        Some(Reach::Silent) => group.silent = group.silent.saturating_sub(1),
        None => {}
    }
}

/// What one probe says about the host. `None`: it did not get as far as asking it.
fn reach(evidence: &Evidence) -> Option<Reach> {
    let layers = &evidence.layers;
    let attempts = &layers.connect.attempts;
    let silent = layers.browser.status == BrowserStatus::Silent
        || attempts.iter().any(|attempt| {
            matches!(
                attempt.status,
                ConnectStatus::TimedOut | ConnectStatus::Unreachable
            )
        });
    if browser_answers(&layers.browser) || attempts.iter().any(port_answers) {
        Some(Reach::Answering)
    } else {
        silent.then_some(Reach::Silent)
    }
}

/// Open or closed, said by the host itself.
fn port_answers(attempt: &Attempt) -> bool {
    match attempt.status {
        ConnectStatus::Open => true,
        ConnectStatus::Refused => attempt
            .icmp
            .is_none_or(|icmp| icmp.from == attempt.endpoint.ip()),
        _ => false,
    }
}

fn browser_answers(browser: &Browser) -> bool {
    match browser.status {
        BrowserStatus::Ok
        | BrowserStatus::Malformed
        | BrowserStatus::NotListed
        | BrowserStatus::NoTcp => true,
        // A port-unreachable of a device on the way says nothing about the host.
        BrowserStatus::Refused => match (browser.icmp, browser.asked) {
            (Some(icmp), Some(asked)) => icmp.from == asked.ip(),
            _ => true,
        },
        BrowserStatus::Skipped | BrowserStatus::Silent => false,
    }
}

/// Where a look at a host was taken.
fn looked_at(look: &Look) -> Option<SocketAddr> {
    match look {
        Look::BrowserList(browser) | Look::BrowserName(browser) => browser.asked,
        look => look.attempt().map(|attempt| attempt.endpoint),
    }
}

/// Whether one of the host's own addresses answered a look.
fn shows_life(look: &Look, own: &[IpAddr]) -> bool {
    match look {
        Look::BrowserList(browser) | Look::BrowserName(browser) => {
            let is_own = |from: std::net::SocketAddr| own.contains(&from.ip());
            browser.asked.is_some_and(is_own)
                && browser.answered_from.is_none_or(is_own)
                && browser_answers(browser)
        }
        look => look
            .attempt()
            .is_some_and(|attempt| own.contains(&attempt.endpoint.ip()) && port_answers(attempt)),
    }
}
