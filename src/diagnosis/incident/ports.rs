//! Hosts that are there and have no port that leads to an engine: several ports of one host,
//! or one port of several hosts.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt as _, HashSet};

use super::grouping::{Crowd, Found, Machine, are_on_hosts, life, put, sort};
use super::together::chains;
use super::{Member, Outcome, Shared};
use crate::diagnosis::{State, Subnet};
use crate::target::Port;

/// Two hosts on one port may be a coincidence, since most listen on 1433; three are not.
const HOSTS_OF_A_PORT: usize = 3;
/// So many of them must show life: looks are taken at three hosts of an incident at most.
const LIVING_OF_A_PORT: usize = 2;

/// Several ports of one host that lead nowhere are about the host. Hands back the others.
pub(super) fn several_of_one_host<'m>(closed: Crowd<'m>, found: &mut Found<'_>) -> Crowd<'m> {
    let mut machines = HashMap::new();
    for member in closed {
        put(&mut machines, Machine::of(member), member);
    }
    let mut rest = Crowd::new();
    // Most hosts of a fleet have one instance.
    let (single, several): (Vec<_>, Vec<_>) = machines
        .into_values()
        .partition(|crowd: &Crowd<'_>| crowd.len() == 1);
    rest.extend(single.into_iter().flatten());
    for chain in several.into_iter().flat_map(chains) {
        if chain.iter().any(|member| member.port != chain[0].port) {
            found.by_host(chain);
        } else {
            rest.extend(chain);
        }
    }
    sort(&mut rest);
    rest
}

/// One port that several hosts refuse, or are silent on, though they are there. A silent
/// host that nobody looked at otherwise goes with them; in a subnet where a host was found
/// silent on every port it does not. Hands back the others.
pub(super) fn one_of_several_hosts<'m>(
    closed: Crowd<'m>,
    silent: Crowd<'m>,
    found: &mut Found<'_>,
) -> (Crowd<'m>, Crowd<'m>) {
    let dead = dead_subnets(&silent);
    // Without a port it is Browser's that led nowhere.
    let mut buckets: BTreeMap<(Option<Port>, State), Crowd<'m>> = BTreeMap::new();
    let mut rest = Crowd::new();
    for member in closed.into_iter().chain(silent) {
        if is_silent(member) && !is_unlooked(member, &dead) {
            rest.push(member);
        } else {
            let bucket = buckets.entry((member.port, member.state)).or_default();
            bucket.push(member);
        }
    }
    for ((port, _), mut crowd) in buckets {
        sort(&mut crowd);
        for chain in chains(crowd) {
            if is_about_the_port(&chain) {
                let shared = port.map_or(Shared::Browser, Shared::Port);
                found.several(&shared, &chain);
            } else {
                rest.extend(chain);
            }
        }
    }
    sort(&mut rest);
    rest.into_iter().partition(|member| !is_silent(member))
}

fn is_about_the_port(chain: &[&Member<'_>]) -> bool {
    let members = || chain.iter().copied();
    let alive = members().filter(|member| life(member).is_some());
    are_on_hosts(alive, LIVING_OF_A_PORT) && are_on_hosts(members(), HOSTS_OF_A_PORT)
}

fn is_silent(member: &Member<'_>) -> bool {
    matches!(member.outcome, Outcome::Nothing { .. })
}

/// The subnets in which a host was found silent on every port.
fn dead_subnets(silent: &[&Member<'_>]) -> HashSet<Subnet> {
    let looked = |member: &&&Member<'_>| {
        matches!(
            member.outcome,
            Outcome::Nothing {
                every_port: true,
                ..
            }
        )
    };
    let machines = silent.iter().filter(looked).filter_map(|one| one.machine);
    machines.map(Subnet::of).collect()
}

/// Its port is silent, and that is all that is known.
fn is_unlooked(member: &Member<'_>, dead: &HashSet<Subnet>) -> bool {
    let nothing = Outcome::Nothing {
        every_port: false,
        last_hop: None,
    };
    let elsewhere = member
        .machine
        .is_none_or(|machine| !dead.contains(&Subnet::of(machine)));
    let asked = matches!(member.state, State::TimedOut | State::NotLocated);
    member.outcome == nothing && asked && elsewhere
}
