//! Which instance owns which port of a host: what one row learns, the others that give only
//! a port are taught, so that they know their instance when it moves.

use std::collections::HashSet;
use std::net::IpAddr;

use super::neighbours::HostKey;
use super::{Change, Ledger};
use crate::diagnosis::Past;
use crate::evidence::{Audit, Browser, Evidence, Prelogin, PreloginStatus};
use crate::monitor::InstanceId;
use crate::target::{DEFAULT_INSTANCE, InstanceName, Port, Target, Untrusted};

/// An instance and a port of its host.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pair {
    address: IpAddr,
    port: Port,
    instance: InstanceName,
    known_by: KnownBy,
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KnownBy {
    /// The engine itself, by answering to its name.
    Answer,
    /// Browser, which reads the registry.
    Listing,
}

/// What one probe shows.
pub(super) fn of_probe(target: &Target, evidence: &Evidence) -> Vec<Pair> {
    let layers = &evidence.layers;
    let mut pairs = of_browser(&layers.browser);
    if let Some(instance) = &target.instance {
        pairs.extend(answered(instance, &layers.prelogin));
    }
    pairs
}

/// What one answer of Browser shows.
pub(super) fn of_browser(browser: &Browser) -> Vec<Pair> {
    let Some(address) = browser.asked.map(|asked| asked.ip()) else {
        return Vec::new();
    };
    let listed = browser.instances.iter();
    // Of two on one port, the one whose name cannot be read may be the owner.
    let unclear: HashSet<Port> = listed
        .clone()
        .filter(|entry| listed_name(&entry.instance).is_none())
        .filter_map(|entry| entry.tcp)
        .collect();
    let listed = listed.filter_map(|entry| {
        Some(Pair {
            address,
            port: entry.tcp.filter(|port| !unclear.contains(port))?,
            instance: listed_name(&entry.instance)?,
            known_by: KnownBy::Listing,
        })
    });
    listed.collect()
}

/// A name beyond ASCII came in a code page that is not known here: what is read of it may
/// be another name.
fn listed_name(listed: &Untrusted) -> Option<InstanceName> {
    let name = InstanceName::new(listed.raw()).ok()?;
    name.as_str().is_ascii().then_some(name)
}

/// What the doors of a host show that answered to the name of their instance.
pub(super) fn of_audit(audit: &Audit) -> Vec<Pair> {
    let doors = audit.listings.iter().flat_map(|listing| &listing.doors);
    let answering = doors.filter_map(|door| {
        let instance = InstanceName::new(door.instance.as_ref()?.raw()).ok()?;
        answered(&instance, &door.prelogin)
    });
    answering.collect()
}

/// Every engine answers to `MSSQLSERVER`, so that name proves nothing
/// (\[MS-TDS\] 2.2.6.5, INSTOPT).
fn answered(instance: &InstanceName, prelogin: &Prelogin) -> Option<Pair> {
    let is_its_own = prelogin.status == PreloginStatus::Ok
        && prelogin.instance_matches == Some(true)
        && !instance.matches(DEFAULT_INSTANCE);
    let endpoint = prelogin.endpoint.filter(|_| is_its_own)?;
    Some(Pair {
        address: endpoint.ip(),
        port: Port::new(endpoint.port())?,
        instance: instance.clone(),
        known_by: KnownBy::Answer,
    })
}

/// The instance that owns the port where the target last answered, if that is new. A target
/// that is down is taught nothing else by Browser than it knew: another instance may have
/// been given its port since.
pub(super) fn new_owner(past: &Past, is_up: bool, pairs: &[Pair]) -> Option<InstanceName> {
    let good = past.last_good.as_ref()?;
    let fits = |pair: &&Pair| {
        pair.port == good.port
            && (pair.address == good.address || good.addresses.contains(&pair.address))
    };
    let owner = |by: KnownBy| {
        let mut owners = pairs
            .iter()
            .filter(|pair| pair.known_by == by)
            .filter(fits)
            .map(|pair| &pair.instance);
        let first = owners.next()?;
        // Two on one port: one of them is stopped, and Browser does not tell which.
        owners
            .all(|other| other.matches(first.as_str()))
            .then_some(first)
    };
    let may_be_listed = is_up || past.instance_there.is_none();
    owner(KnownBy::Answer)
        .or_else(|| owner(KnownBy::Listing).filter(|_| may_be_listed))
        .filter(|owner| past.instance_there.as_ref() != Some(owner))
        .cloned()
}

/// The port where the instance of a target that is down answers now.
pub(super) fn answering_port(past: &Past, is_up: bool, pairs: &[Pair]) -> Option<Port> {
    let good = past.last_good.as_ref().filter(|_| !is_up)?;
    let instance = past.instance_there.as_ref()?;
    let answers = |pair: &&Pair| {
        pair.known_by == KnownBy::Answer
            && pair.instance.matches(instance.as_str())
            && (pair.address == good.address || good.addresses.contains(&pair.address))
    };
    pairs.iter().find(answers).map(|pair| pair.port)
}

impl Ledger {
    /// Learns which instances own which ports from the doors of a host that answered.
    pub(super) fn learn_pairs(&mut self, id: InstanceId, audit: &Audit) -> Vec<Change> {
        let Some(host) = self.host(id).cloned() else {
            return Vec::new();
        };
        self.teach(&host, &of_audit(audit))
    }

    /// Tells the instances of a host who owns their ports.
    pub(super) fn teach(&mut self, host: &HostKey, pairs: &[Pair]) -> Vec<Change> {
        let mut changes = Vec::new();
        if pairs.is_empty() {
            return changes;
        }
        for id in self.tally.members(host).iter().take(Self::PEERS) {
            if let Some(entry) = self.entries.get_mut(id)
                && entry.learn_pairs(pairs)
            {
                changes.extend([Change::Row(*id), Change::Remember(*id)]);
            }
        }
        changes
    }
}
