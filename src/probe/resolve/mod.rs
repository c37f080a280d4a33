//! The layer `resolve`: which addresses a name has, and why it has none.
//!
//! The system's resolver decides which addresses are probed; DNS itself is asked for
//! the explanation, and only when one is wanted: the name failed, is seen for the first
//! time, is slow, or is looked at thoroughly. Whichever has addresses first lets the
//! probe go on. Where both answer, the system's addresses are the ones that are probed.

mod cache;
mod dns;
mod explain;
mod hosts;
mod names;
mod system;
mod verdict;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, oneshot};

use self::cache::Cache;
use self::dns::Dns;
pub use self::dns::read_datagram;
use self::explain::Explanation;
use self::names::Names;
use self::system::System;
use super::Effort;
use super::in_flight::InFlight;
use super::rate::Rate;
use crate::evidence::{Resolve, ResolveStatus, Source};
use crate::target::Untrusted;

/// A routine question that the system has not answered for so long is put to DNS as well.
const SLOW: Duration = Duration::from_millis(500);
/// When DNS has addresses, the system's resolver is given so long to have them too.
const GRACE: Duration = Duration::from_millis(300);
/// Names that are asked for at the same time. The rest waits before its time runs, for behind
/// many names that hang each would run out of it.
const AT_ONCE: usize = 256;
/// More addresses of one name are not probed.
const MOST_ADDRESSES: usize = 32;

/// Where the addresses go as soon as they are known, while the explanation goes on.
pub type Early = oneshot::Sender<Vec<IpAddr>>;

/// Everything that is asked about names.
pub struct Resolver {
    /// These servers alone, in place of the system.
    alone: Option<Names>,
    hosts_file: Option<PathBuf>,
    system: System,
    dns: Dns,
    cache: Cache,
    turns: InFlight<String>,
    places: Semaphore,
}

impl Resolver {
    /// Asks the system, and its DNS servers. Nothing yet.
    pub fn of_the_system(hosts_file: Option<PathBuf>) -> Self {
        Self::new(None, hosts_file)
    }

    /// Asks these servers in place of the system, even where there is none. Nothing yet.
    pub fn of_servers(servers: Vec<SocketAddr>, hosts_file: Option<PathBuf>) -> Self {
        Self::new(Some(Names::of_servers(servers)), hosts_file)
    }

    fn new(alone: Option<Names>, hosts_file: Option<PathBuf>) -> Self {
        Self {
            alone,
            hosts_file,
            system: System::new(),
            dns: Dns::default(),
            cache: Cache::default(),
            turns: InFlight::new(),
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// Finds the addresses of `name` within that time. Equal questions that meet share one
    /// answer, and the time of whoever asked first.
    pub async fn resolve(
        &self,
        name: &str,
        effort: Effort,
        within: Duration,
        rate: &Rate,
        early: Early,
    ) -> Resolve {
        let since = Instant::now();
        let key = name.to_lowercase();
        let mut early = Announce::new(early);
        let fresh = |cache: &Cache| cache.get(&key, effort, since);
        let mut known = fresh(&self.cache);
        let mut turn = None;
        if known.is_none() {
            turn = Some(self.turns.hold(key.clone()).await);
            known = fresh(&self.cache);
        }
        if let Some(known) = known {
            early.tell(&known.addresses);
            return from_another(known, since);
        }
        // Never closed; without a place the name is asked for all the same.
        let place = self.places.acquire().await.ok();
        let started = since.elapsed().into();
        let mut resolve = match &self.alone {
            Some(names) => {
                self.ask_servers(name, names, within, since, rate, &mut early)
                    .await
            }
            None => {
                self.ask_system(name, effort, within, since, rate, &mut early)
                    .await
            }
        };
        resolve.started = Some(started);
        self.cache.keep(key, &resolve, effort);
        drop((turn, place));
        resolve
    }

    /// The given servers and nothing else.
    async fn ask_servers(
        &self,
        name: &str,
        names: &Names,
        within: Duration,
        since: Instant,
        rate: &Rate,
        early: &mut Announce,
    ) -> Resolve {
        let begun = Instant::now();
        let listed = hosts::lookup(self.hosts_file.as_deref(), name);
        if !listed.is_empty() {
            let addresses = early.tell(&listed);
            let source = Some(Source::HostsFile);
            return Resolve {
                status: ResolveStatus::Ok,
                elapsed: begun.elapsed().into(),
                addresses,
                source,
                ..Resolve::default()
            };
        }
        let explanation = explain::explain(name, names, &self.dns, within, since, rate).await;
        let addresses = early.tell(&explanation.addresses);
        Resolve {
            status: verdict::status(&explanation.asked),
            elapsed: begun.elapsed().into(),
            addresses,
            source: explanation.server.map(Source::Dns),
            ..explained(explanation)
        }
    }

    async fn ask_system(
        &self,
        name: &str,
        effort: Effort,
        within: Duration,
        since: Instant,
        rate: &Rate,
        early: &mut Announce,
    ) -> Resolve {
        let begun = Instant::now();
        let key = &name.to_lowercase();
        let mut elapsed = None;
        let names = Names::of_the_system();
        let listed = hosts::lookup(self.hosts_file.as_deref(), name);
        let asking = tokio::time::timeout(within, self.system.resolve(name));
        let explaining = explain::explain(name, &names, &self.dns, within, since, rate);
        tokio::pin!(asking, explaining);
        let mut wanted = effort == Effort::Thorough || !self.cache.knows(key);
        let mut answer = None;
        let mut explanation: Option<Explanation> = None;
        let mut grace = None;
        while answer.is_none() || (wanted && explanation.is_none()) {
            tokio::select! {
                said = &mut asking, if answer.is_none() => {
                    let said = said.unwrap_or_else(|_| {
                        // Its threads may all hang with other names.
                        early.tell(&listed);
                        Err(format!("timed out after {} ms", within.as_millis()))
                    });
                    match &said {
                        Ok(addresses) if !addresses.is_empty() => {
                            early.tell(addresses);
                            elapsed.get_or_insert_with(|| begun.elapsed());
                        }
                        _ => wanted = true,
                    }
                    answer = Some(said);
                }
                said = &mut explaining, if wanted && explanation.is_none() => {
                    grace = (!said.addresses.is_empty()).then(|| Instant::now() + GRACE);
                    explanation = Some(said);
                }
                () = until(begun + SLOW), if !wanted && answer.is_none() => wanted = true,
                () = until(grace.unwrap_or(begun)), if grace.is_some() && answer.is_none() => {
                    grace = None;
                    if let Some(explanation) = &explanation {
                        early.tell(&explanation.addresses);
                        elapsed.get_or_insert_with(|| begun.elapsed());
                    }
                }
            }
        }
        let explanation = explanation.unwrap_or_default();
        let answer = answer.unwrap_or_else(|| Ok(Vec::new()));
        let elapsed = elapsed.unwrap_or_else(|| begun.elapsed());
        let previous = self.cache.previous(key);
        Resolve {
            elapsed: elapsed.into(),
            ..combine(answer, explanation, early, &listed, previous)
        }
    }
}

/// An answer that another probe got. When it asked is not on the clock of this one; what
/// came from the cache took no time, and that began now.
fn from_another(mut known: Resolve, since: Instant) -> Resolve {
    known.started = known.cached.then(|| since.elapsed().into());
    for asked in &mut known.asked {
        asked.started = None;
    }
    known
}

/// What the system and DNS say, in one record.
fn combine(
    answer: system::Answer,
    explanation: Explanation,
    early: &mut Announce,
    listed: &[IpAddr],
    previous: Option<Resolve>,
) -> Resolve {
    let (system, system_error) = match answer {
        Ok(addresses) => (addresses, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    // What was told first is what the probe went on with.
    let by_dns = match &early.told {
        Some(told) => *told != bounded(&system),
        None => system.is_empty() && !explanation.addresses.is_empty(),
    };
    let addresses = early.tell(if by_dns {
        &explanation.addresses
    } else {
        &system
    });
    let source = match (addresses.is_empty(), by_dns) {
        (true, _) => None,
        (false, _) if same(&addresses, listed) => Some(Source::HostsFile),
        (false, true) => explanation.server.map(Source::Dns),
        (false, false) => Some(Source::System),
    };
    let status = match (
        &system_error,
        addresses.is_empty(),
        explanation.asked.is_empty(),
    ) {
        (_, false, _) => ResolveStatus::Ok,
        (_, true, false) => verdict::status(&explanation.asked),
        (Some(error), true, true) => verdict::from_system(error),
        (None, true, true) => ResolveStatus::NoAddress,
    };
    let dns_differs = if differ(&system, &explanation.addresses) {
        explanation.addresses.clone()
    } else {
        Vec::new()
    };
    let was_explained = !explanation.asked.is_empty();
    let mut resolve = Resolve {
        status,
        addresses,
        source,
        dns_differs,
        system_error: system_error.map(String::into_boxed_str),
        ..explained(explanation)
    };
    if !by_dns && !resolve.dns_differs.is_empty() {
        // The time to live belongs to other addresses.
        resolve.ttl = None;
    }
    if let (false, Some(previous)) = (was_explained, previous)
        && same(&previous.addresses, &resolve.addresses)
    {
        resolve.canonical = previous.canonical;
        resolve.chain = previous.chain;
        resolve.dns_differs = previous.dns_differs;
    }
    resolve
}

fn explained(explanation: Explanation) -> Resolve {
    Resolve {
        canonical: explanation.canonical.map(without_root),
        chain: explanation.chain.into_iter().map(without_root).collect(),
        ttl: explanation.ttl,
        asked: explanation.asked,
        ..Resolve::default()
    }
}

/// The names of a chain are shown without the dot of the root.
fn without_root(name: Untrusted) -> Untrusted {
    match name.raw().strip_suffix('.') {
        Some(shorter) if !shorter.is_empty() => Untrusted::from_bytes(shorter.as_bytes()),
        _ => name,
    }
}

/// DNS gives other addresses than the system. A family that only one of them gives is no
/// difference: systems leave out what they have no route for.
fn differ(system: &[IpAddr], dns: &[IpAddr]) -> bool {
    if system.is_empty() || dns.is_empty() {
        return false;
    }
    let family = |addresses: &[IpAddr], v4: bool| -> Vec<IpAddr> {
        addresses
            .iter()
            .copied()
            .filter(|address| address.is_ipv4() == v4)
            .collect()
    };
    let shared: Vec<bool> = [true, false]
        .into_iter()
        .filter(|v4| !family(system, *v4).is_empty() && !family(dns, *v4).is_empty())
        .collect();
    shared.is_empty()
        || shared
            .into_iter()
            .any(|v4| !same(&family(system, v4), &family(dns, v4)))
}

fn same(one: &[IpAddr], other: &[IpAddr]) -> bool {
    one.iter().all(|address| other.contains(address))
        && other.iter().all(|address| one.contains(address))
}

fn bounded(addresses: &[IpAddr]) -> Vec<IpAddr> {
    addresses[..addresses.len().min(MOST_ADDRESSES)].to_vec()
}

async fn until(moment: Instant) {
    tokio::time::sleep_until(moment.into()).await;
}

/// Tells the addresses once, and remembers which they were.
struct Announce {
    early: Option<Early>,
    told: Option<Vec<IpAddr>>,
}

impl Announce {
    fn new(early: Early) -> Self {
        Self {
            early: Some(early),
            told: None,
        }
    }

    /// The addresses that are probed: those that were told first. None are told where there are none.
    fn tell(&mut self, addresses: &[IpAddr]) -> Vec<IpAddr> {
        let told = self.told.get_or_insert_with(|| bounded(addresses));
        if told.is_empty() {
            return self.told.take().unwrap_or_default();
        }
        if let Some(early) = self.early.take() {
            // A probe that was given up does not listen.
            let _ = early.send(told.clone());
        }
        told.clone()
    }
}

#[cfg(test)]
mod tests;
