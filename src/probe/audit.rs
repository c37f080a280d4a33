//! The truth audit of a host: what its Browser lists, what is open, and who answers there.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::{Semaphore, oneshot};

use super::browser::MOST_ADDRESSES;
use super::silent::Asker;
use super::visit::Visit;
use super::walk::with_a_way;
use super::{Deadlines, Depth, Effort, Network};
use crate::evidence::{Advertised, Audit, Door, KnownBy, Listing, PreloginStatus};
use crate::target::{DEFAULT_INSTANCE, Host, InstanceName, Port, Untrusted};

/// SQL Server allows 50 instances on a machine; a longer list is not believed.
const MOST_LISTED: usize = 50;
/// Ports tried for an instance at one address, at most, whoever named them.
const MOST_DOORS: usize = 64;
/// Where another instance answers, so many listed names are tried to learn whose port it is.
const MOST_NAMES: usize = 4;
/// Connections to one host at a time.
const MOST_AT_ONCE: usize = 8;

/// A host that is to be audited.
#[derive(Clone, Debug)]
pub struct AuditRequest {
    /// The host.
    pub host: Host,
    /// Where instances should be, as configuration or memory have it; tried as well.
    pub known: Vec<(Option<InstanceName>, Port)>,
    /// Other deadlines than those of the network's settings.
    pub deadlines: Option<Deadlines>,
}

/// What the doors of one host share.
struct Visits<'a> {
    network: &'a Network,
    deadlines: Deadlines,
    turns: Semaphore,
}

/// A port that is to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    instance: Option<InstanceName>,
    port: Port,
    known_by: KnownBy,
}

impl Network {
    /// Takes one look at everything that a host says about its instances: Browser's list
    /// from each of its addresses (at most four), and one PRELOGIN at each port that is
    /// listed or known, in its instance's name. Never fails: whatever happens is evidence.
    pub async fn audit(&self, request: &AuditRequest) -> Audit {
        let at = Timestamp::now();
        // Doors of one port may wait long for their turns: one connection serves them all.
        let _kept = self.silences.keep();
        let deadlines = request.deadlines.unwrap_or(self.settings.deadlines);
        let (early, addresses) = oneshot::channel();
        let resolve = self.resolve(&request.host, Effort::Thorough, deadlines.resolve, early);
        let beyond = async {
            let mut addresses = with_a_way(addresses.await.unwrap_or_default());
            addresses.truncate(MOST_ADDRESSES);
            let visits = Visits {
                network: self,
                deadlines,
                turns: Semaphore::new(MOST_AT_ONCE),
            };
            let looks = addresses
                .into_iter()
                .map(|address| visits.listing(address, &request.known));
            join_all(looks).await
        };
        let (resolve, listings) = tokio::join!(resolve, beyond);
        Audit {
            at,
            resolve,
            listings,
        }
    }
}

impl Visits<'_> {
    async fn listing(&self, address: IpAddr, known: &[(Option<InstanceName>, Port)]) -> Listing {
        let network = self.network;
        let browser = network
            .browser
            .list(address, self.deadlines.browser, &network.gate)
            .await;
        let since = Instant::now();
        let wanted = wanted(&browser.instances, known);
        let mut doors = join_all(
            wanted
                .iter()
                .map(|wanted| self.door(address, wanted, since)),
        )
        .await;
        let strangers = strangers(&doors, &browser.instances);
        let further = strangers
            .iter()
            .map(|names| self.identify(address, names, since));
        doors.extend(join_all(further).await.into_iter().flatten());
        Listing {
            address,
            browser,
            doors,
        }
    }

    async fn door(&self, address: IpAddr, wanted: &Wanted, since: Instant) -> Door {
        let Wanted {
            instance,
            port,
            known_by,
        } = wanted;
        let visit = Visit {
            endpoint: SocketAddr::new(address, port.get()),
            instance: instance.as_ref(),
            asker: Asker::Hand,
            since,
            origin: None,
            deadlines: self.deadlines,
        };
        let asks = AtomicBool::new(self.network.settings.depth == Depth::Prelogin);
        // Closed never: nobody closes it.
        let _turn = self.turns.acquire().await;
        let (attempt, prelogin) = self.network.visit(visit, &asks).await;
        Door {
            instance: instance
                .clone()
                .map(|name| Untrusted::from(name.to_string())),
            port: *port,
            known_by: *known_by,
            attempt,
            prelogin: prelogin.unwrap_or_default(),
        }
    }

    /// Asks one name after the other, until the engine says that it is the one.
    async fn identify(&self, address: IpAddr, names: &[Wanted], since: Instant) -> Vec<Door> {
        let mut doors = Vec::new();
        for wanted in names {
            let door = self.door(address, wanted, since).await;
            let goes_on = door.prelogin.status == PreloginStatus::InstanceMismatch;
            doors.push(door);
            if !goes_on {
                break;
            }
        }
        doors
    }
}

/// The ports to try at one address: those that are listed, those that are known, and 1433.
fn wanted(listed: &[Advertised], known: &[(Option<InstanceName>, Port)]) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
    let key = |name: Option<&str>, port| (name.map(str::to_lowercase), port);
    for entry in listed {
        let Some(port) = entry.tcp else { continue };
        let instance = name(&entry.instance);
        let asked = instance.as_ref().map(InstanceName::as_str);
        if wanted.len() < MOST_LISTED && seen.insert(key(asked, port)) {
            wanted.push(Wanted {
                instance,
                port,
                known_by: KnownBy::Browser,
            });
        }
    }
    for (instance, port) in known {
        let name = instance.as_ref().map(InstanceName::as_str);
        // Where any instance will do, whoever asks there has asked enough.
        let covered = instance.is_none() && wanted.iter().any(|other| other.port == *port);
        if wanted.len() < MOST_DOORS - 1 && !covered && seen.insert(key(name, *port)) {
            wanted.push(Wanted {
                instance: instance.clone(),
                port: *port,
                known_by: KnownBy::Known,
            });
        }
    }
    if !wanted.iter().any(|other| other.port == Port::DEFAULT) {
        wanted.push(Wanted {
            instance: None,
            port: Port::DEFAULT,
            known_by: KnownBy::Default,
        });
    }
    wanted
}

/// For each port where another instance answers than was asked for, the other listed names
/// it may have: first those that were not found on their own port.
fn strangers(doors: &[Door], listed: &[Advertised]) -> Vec<Vec<Wanted>> {
    let mut names: Vec<InstanceName> = Vec::new();
    for found in listed.iter().filter_map(|entry| name(&entry.instance)) {
        if !is_default(&found) && !names.iter().any(|other| other.matches(found.as_str())) {
            names.push(found);
        }
    }
    let asked = |name: &InstanceName, door: &Door| {
        let asked = door.instance.as_ref();
        asked.is_some_and(|asked| name.matches(asked.raw()))
    };
    let at_home = |name: &InstanceName| {
        let mut answers = doors.iter().filter(|door| asked(name, door));
        answers.any(|door| door.prelogin.instance_matches == Some(true))
    };
    names.sort_by_cached_key(at_home);
    let mut room = MOST_DOORS.saturating_sub(doors.len());
    let mut ports = HashSet::new();
    let mut strangers = Vec::new();
    for door in doors.iter().filter(|door| is_stranger(door)) {
        if !ports.insert(door.port) {
            continue;
        }
        let untried = names.iter().filter(|name| {
            let mut here = doors.iter().filter(|other| other.port == door.port);
            !here.any(|other| asked(name, other))
        });
        let untried: Vec<Wanted> = untried
            .take(MOST_NAMES.min(room))
            .map(|name| Wanted {
                instance: Some(name.clone()),
                port: door.port,
                known_by: KnownBy::Browser,
            })
            .collect();
        room -= untried.len();
        strangers.push(untried);
    }
    strangers
}

fn is_stranger(door: &Door) -> bool {
    door.prelogin.status == PreloginStatus::InstanceMismatch
}

/// The name that PRELOGIN can ask for. A listed name that is none is not repeated to
/// anybody; one with letters beyond ASCII came in a code page that is not known here, so
/// a "no" to it would say nothing.
fn name(listed: &Untrusted) -> Option<InstanceName> {
    let name = InstanceName::new(listed.raw()).ok()?;
    name.as_str().is_ascii().then_some(name)
}

/// Every engine since 2012 answers to it.
fn is_default(name: &InstanceName) -> bool {
    name.matches(DEFAULT_INSTANCE)
}

#[cfg(test)]
mod tests;
