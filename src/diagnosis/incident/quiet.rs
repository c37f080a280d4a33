//! Hosts of which nothing came back: by the last device that answers, by subnet, by host.

use std::collections::BTreeMap;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt as _, HashSet};

use jiff::Timestamp;

use super::grouping::{Crowd, Found, Machine, hosts, put, sort};
use super::together::{Interval, chains};
use super::{Member, Ourselves, Outcome, Shared};
use crate::diagnosis::Subnet;

/// The silent instances of one silent subnet that fell together.
struct Unit<'m> {
    subnet: Subnet,
    crowd: Crowd<'m>,
    hosts: usize,
    /// Where the walks there end, if all that were taken end alike.
    hop: Option<IpAddr>,
}

impl Interval for Unit<'_> {
    fn start(&self) -> Timestamp {
        let starts = self.crowd.iter().map(|member| member.fell.earliest());
        starts.min().unwrap_or_default()
    }

    fn end(&self) -> Timestamp {
        let ends = self.crowd.iter().map(|member| member.fell.first_bad);
        ends.max().unwrap_or_default()
    }
}

impl<'m> Unit<'m> {
    fn new(subnet: Subnet, crowd: Crowd<'m>) -> Self {
        let mut hops = crowd.iter().filter_map(|member| last_hop(member));
        let hop = hops.next().filter(|hop| hops.all(|other| other == *hop));
        Self {
            subnet,
            hosts: hosts(&crowd),
            crowd,
            hop,
        }
    }
}

/// Groups the silent instances. In a subnet with a living host each host is by itself.
pub(super) fn group(silent: Crowd<'_>, living: &HashSet<Subnet>, found: &mut Found<'_>) {
    let (mut subnets, mut machines) = (HashMap::new(), HashMap::new());
    for member in silent {
        let subnet = member.machine.map(Subnet::of);
        let quiet =
            |subnet: &Subnet| !living.contains(subnet) && found.around.of(*subnet).answering == 0;
        match subnet.filter(quiet) {
            Some(subnet) => put(&mut subnets, subnet, member),
            None => put(&mut machines, Machine::of(member), member),
        }
    }
    for crowd in machines.into_values() {
        found.by_host(crowd);
    }
    let mut units: Vec<Unit<'_>> = subnets
        .into_iter()
        .flat_map(|(subnet, crowd)| {
            let cut = chains(crowd).into_iter();
            cut.map(move |chain| Unit::new(subnet, chain))
        })
        .collect();
    units.sort_unstable_by_key(|unit| (unit.start(), unit.end(), unit.subnet));
    for chain in chains(units) {
        subnets_together(chain, living, found);
    }
}

/// Silent subnets that fell together: one incident where the walks end at one device, or
/// where nothing answers this machine any more.
fn subnets_together(units: Vec<Unit<'_>>, living: &HashSet<Subnet>, found: &mut Found<'_>) {
    let mut behind: BTreeMap<IpAddr, usize> = BTreeMap::new();
    for hop in units.iter().filter_map(|unit| unit.hop) {
        *behind.entry(hop).or_default() += 1;
    }
    let all_silent = found.around.all.answering == 0 && living.is_empty();
    let mut only = behind.iter().filter(|_| behind.len() == 1);
    // Only a few hosts are walked to: a whole silent subnet goes with the others.
    let only = only.next().map(|(hop, _)| *hop);
    let adopted = |unit: &Unit<'_>| only.filter(|_| unit.hop.is_none() && unit.hosts > 1);

    let mut hops: BTreeMap<IpAddr, Crowd<'_>> = BTreeMap::new();
    let mut rest = Vec::new();
    for unit in units {
        let hop = unit.hop.or_else(|| adopted(&unit));
        match hop.filter(|hop| behind[hop] > 1) {
            Some(hop) => hops.entry(hop).or_default().extend(unit.crowd),
            None => rest.push(unit),
        }
    }
    for (hop, mut crowd) in hops {
        sort(&mut crowd);
        found.several(&Shared::Hop(hop), &crowd);
    }
    if all_silent && rest.len() > 1 {
        let mut crowd: Crowd<'_> = rest.into_iter().flat_map(|unit| unit.crowd).collect();
        sort(&mut crowd);
        found.several(&Shared::ThisMachine(Ourselves::HearsNothing), &crowd);
        return;
    }
    for unit in rest {
        if unit.hosts > 1 {
            found.several(&Shared::Subnet(unit.subnet), &unit.crowd);
        } else {
            found.by_host(unit.crowd);
        }
    }
}

pub(super) fn last_hop(member: &Member<'_>) -> Option<IpAddr> {
    match member.outcome {
        Outcome::Nothing { last_hop, .. } => last_hop,
        _ => None,
    }
}
