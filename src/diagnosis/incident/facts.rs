//! What was seen of an incident's instances, counted, and the causes they have in common.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::grouping::{hosts, life};
use super::quiet::last_hop;
use super::{Around, Life, Member, Ourselves, Outcome, Shared};
use crate::diagnosis::{CauseId, Neighbours, State, Subnet};

/// What was seen of an incident's instances, counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// How many instances.
    pub instances: usize,
    /// On how many hosts.
    pub hosts: usize,
    /// In which subnets, in order.
    pub subnets: Vec<Subnet>,
    /// How many are in which state, worst first.
    pub states: Vec<(State, usize)>,
    /// How many have a host that shows life, and by what: the strongest sign of each.
    pub life: BTreeMap<Life, usize>,
    /// How many gave no sign of life at all.
    pub nothing: usize,
    /// For how many of those a surely closed port and a telling one were tried in vain.
    pub every_port: usize,
    /// For how many of those the last device that answers is known.
    pub walked: usize,
    /// The other and the same hosts of their subnets.
    pub subnet: Neighbours,
    /// All hosts outside of their subnets.
    pub elsewhere: Neighbours,
}

impl Facts {
    pub(super) fn of(crowd: &[&Member<'_>], around: &Around<'_>) -> Self {
        let mut facts = Self {
            instances: crowd.len(),
            hosts: hosts(crowd),
            ..Self::default()
        };
        for member in crowd {
            count(&mut facts.states, member.state);
            if let Some(life) = life(member) {
                *facts.life.entry(life).or_default() += 1;
            }
            if let Outcome::Nothing { every_port, .. } = member.outcome {
                facts.nothing += 1;
                facts.every_port += usize::from(every_port);
                facts.walked += usize::from(last_hop(member).is_some());
            }
        }
        let machines = crowd.iter().filter_map(|member| member.machine);
        let mut subnets: Vec<Subnet> = machines.map(Subnet::of).collect();
        subnets.sort_unstable();
        subnets.dedup();
        for subnet in &subnets {
            let counted = around.of(*subnet);
            facts.subnet.answering += counted.answering;
            facts.subnet.silent += counted.silent;
        }
        facts.elsewhere = Neighbours {
            answering: around.all.answering.saturating_sub(facts.subnet.answering),
            silent: around.all.silent.saturating_sub(facts.subnet.silent),
        };
        facts.subnets = subnets;
        facts
    }
}

/// The causes that explain the incident. Where a whole network is silent the single
/// diagnoses came one by one, the first of them before its neighbours fell.
pub(super) fn causes(shared: &Shared, crowd: &[&Member<'_>]) -> Vec<CauseId> {
    match shared {
        Shared::Subnet(_) | Shared::Hop(_) => vec![CauseId::SiteUnreachable],
        Shared::ThisMachine(Ourselves::CutOff | Ourselves::NoRoute) => vec![CauseId::NoRoute],
        _ => in_common(crowd),
    }
}

/// The causes that lead for the most instances, and for at least half of them.
fn in_common(crowd: &[&Member<'_>]) -> Vec<CauseId> {
    let mut leads: Vec<(CauseId, usize)> = Vec::new();
    for cause in crowd.iter().flat_map(|member| member.leading) {
        count(&mut leads, *cause);
    }
    let most = leads
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or_default();
    let enough = most * 2 >= crowd.len();
    let common = leads
        .into_iter()
        .filter(|(_, count)| enough && *count == most);
    common.map(|(cause, _)| cause).collect()
}

/// One more of it, in a list in order. They are few, and a list of few is cheaper than a tree.
fn count<T: Ord>(list: &mut Vec<(T, usize)>, one: T) {
    match list.binary_search_by(|(known, _)| known.cmp(&one)) {
        Ok(at) => list[at].1 += 1,
        Err(at) => list.insert(at, (one, 1)),
    }
}
