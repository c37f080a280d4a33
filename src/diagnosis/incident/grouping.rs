//! Who is grouped with whom. Every step puts instances into buckets by hash and cuts the
//! buckets where time passed, so that ten thousand changes cost no more than a sort.

use std::borrow::Cow;
use std::hash::Hash;
use std::net::IpAddr;

use foldhash::{HashMap, HashMapExt as _, HashSet};

use super::facts::{self, Facts};
use super::together::chains;
use super::{Around, Began, Code, Incident, Life, Member, Outcome, Shared, ports, quiet, verdict};
use crate::diagnosis::{State, Subnet};
use crate::target::Host;

/// Instances in the order of their falls.
pub(super) type Crowd<'m> = Vec<&'m Member<'m>>;

/// The machine that an instance stands on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Machine<'m> {
    Address(IpAddr),
    /// In lower case.
    Name(Cow<'m, str>),
    Local,
}

impl<'m> Machine<'m> {
    pub(super) fn of(member: &Member<'m>) -> Self {
        match (member.machine, member.host) {
            (Some(address), _) => Self::Address(address),
            (None, Host::Address(address)) => Self::Address(*address),
            (None, Host::Name(name)) => Self::Name(lowered(name.as_str())),
            (None, Host::Local) => Self::Local,
        }
    }
}

fn lowered(name: &str) -> Cow<'_, str> {
    if name.contains(|letter: char| letter.is_ascii_uppercase() || !letter.is_ascii()) {
        Cow::Owned(name.to_lowercase())
    } else {
        Cow::Borrowed(name)
    }
}

/// Failures of one host that may have one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Family {
    NoPort,
    ResetOnTheWay,
    Proxied,
    Answer(State),
}

/// The failing instances of a fleet, grouped into incidents; those that share nothing with
/// another are left out. The order of `members` does not matter, and their ids are distinct.
/// The incidents come in the order in which they began.
pub fn group(members: &[Member<'_>], around: &Around<'_>) -> Vec<Incident> {
    let mut sorted: Vec<&Member<'_>> = members.iter().filter(|one| !one.flapping).collect();
    sorted.sort_unstable_by_key(|one| (one.fell.earliest(), one.fell.first_bad, one.id));

    let mut answered = HashMap::new();
    let (mut silent, mut closed, mut others) = (Crowd::new(), Crowd::new(), HashMap::new());
    for member in sorted {
        let family = match member.outcome {
            Outcome::Nothing { .. } => {
                silent.push(member);
                continue;
            }
            Outcome::NoPort(_) => {
                closed.push(member);
                continue;
            }
            Outcome::ResetOnTheWay => Family::ResetOnTheWay,
            Outcome::Proxied => Family::Proxied,
            Outcome::Answer => Family::Answer(member.state),
            Outcome::Ourselves(_) | Outcome::Unnamed { .. } | Outcome::Device { .. } => {
                if let Some(shared) = answerer(member) {
                    put(&mut answered, shared, member);
                }
                continue;
            }
        };
        put(&mut others, (Machine::of(member), family), member);
    }

    let mut found = Found {
        around,
        incidents: Vec::new(),
    };
    for (shared, crowd) in answered {
        for chain in chains(crowd) {
            found.several(&shared, &chain);
        }
    }
    let closed = ports::several_of_one_host(closed, &mut found);
    let (closed, silent) = ports::one_of_several_hosts(closed, silent, &mut found);
    quiet::group(silent, &living(members), &mut found);
    for member in closed {
        put(&mut others, (Machine::of(member), Family::NoPort), member);
    }
    for crowd in others.into_values() {
        found.by_host(crowd);
    }
    let mut incidents = found.incidents;
    incidents.sort_unstable_by_key(|one| (one.began.by, one.began.after, one.members[0]));
    incidents
}

/// The incidents so far.
pub(super) struct Found<'a> {
    pub(super) around: &'a Around<'a>,
    incidents: Vec<Incident>,
}

impl Found<'_> {
    /// Instances that fell together are an incident; one alone is none.
    pub(super) fn several(&mut self, shared: &Shared, crowd: &[&Member<'_>]) {
        if crowd.len() < 2 {
            return;
        }
        let facts = Facts::of(crowd, self.around);
        let mut members: Vec<u32> = crowd.iter().map(|member| member.id).collect();
        members.sort_unstable();
        self.incidents.push(Incident {
            members,
            began: began(crowd),
            causes: facts::causes(shared, crowd),
            verdict: verdict::verdict(shared, crowd, &facts),
            shared: shared.clone(),
            facts,
        });
    }

    /// Instances of one host, in one incident for each time that some fell together.
    pub(super) fn by_host(&mut self, crowd: Crowd<'_>) {
        // Most hosts of a fleet have one instance.
        if crowd.len() < 2 {
            return;
        }
        for chain in chains(crowd).into_iter().filter(|chain| chain.len() > 1) {
            if let Some(host) = name(&chain) {
                self.several(&Shared::Host(host), &chain);
            }
        }
    }
}

/// Puts an instance into the bucket of what it shares; the order in time stays.
pub(super) fn put<'m, K: Eq + Hash>(
    buckets: &mut HashMap<K, Crowd<'m>>,
    key: K,
    member: &'m Member<'m>,
) {
    buckets.entry(key).or_default().push(member);
}

/// Back into the order of time.
pub(super) fn sort(crowd: &mut Crowd<'_>) {
    crowd.sort_unstable_by_key(|one| (one.fell.earliest(), one.fell.first_bad, one.id));
}

pub(super) fn hosts(crowd: &[&Member<'_>]) -> usize {
    if let [_] = crowd {
        return 1;
    }
    let mut machines: Vec<_> = crowd.iter().map(|member| Machine::of(member)).collect();
    machines.sort_unstable();
    machines.dedup();
    machines.len()
}

/// Whether there are so many different hosts among them, which is known soon.
pub(super) fn are_on_hosts<'m>(
    members: impl IntoIterator<Item = &'m Member<'m>>,
    least: usize,
) -> bool {
    let mut machines = Vec::with_capacity(least);
    members.into_iter().any(|member| {
        let machine = Machine::of(member);
        if !machines.contains(&machine) {
            machines.push(machine);
        }
        machines.len() >= least
    })
}

/// Whoever answered in place of the server.
fn answerer(member: &Member<'_>) -> Option<Shared> {
    match member.outcome {
        Outcome::Ourselves(what) => Some(Shared::ThisMachine(what)),
        Outcome::Unnamed { server, code } => {
            let code = Code::of(code)?;
            // That a name is unknown is said by somebody, or it is about that name alone.
            let told = server.is_some() || matches!(code, Code::Silent | Code::Failing);
            told.then_some(Shared::DnsServer { server, code })
        }
        Outcome::Device { by, says } => Some(Shared::Device { by, says }),
        _ => None,
    }
}

pub(super) fn life(member: &Member<'_>) -> Option<Life> {
    match member.outcome {
        Outcome::NoPort(life) => life,
        _ => None,
    }
}

/// The subnets in which a failing instance's host answered.
fn living(members: &[Member<'_>]) -> HashSet<Subnet> {
    let answers = |member: &&Member<'_>| {
        matches!(
            member.outcome,
            Outcome::NoPort(_) | Outcome::Answer | Outcome::Proxied | Outcome::ResetOnTheWay
        )
    };
    let machines = members.iter().filter(answers).filter_map(|one| one.machine);
    machines.map(Subnet::of).collect()
}

/// The name of their host: its address where they call it differently.
fn name(crowd: &[&Member<'_>]) -> Option<Host> {
    let first = crowd.first()?;
    let alike = crowd.iter().all(|member| member.host == first.host);
    match first.machine {
        Some(address) if !alike => Some(Host::Address(address)),
        _ => Some(first.host.clone()),
    }
}

fn began(crowd: &[&Member<'_>]) -> Began {
    let mut after = crowd.iter().map(|member| member.fell.last_good);
    let first = after.next().flatten();
    Began {
        after: after.fold(first, |least, one| Some(least?.min(one?))),
        by: crowd
            .iter()
            .map(|member| member.fell.first_bad)
            .max()
            .unwrap_or_default(),
    }
}
