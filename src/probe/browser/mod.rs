//! The layer `browser`: one datagram a host and cycle, shared by the host's instances.
//!
//! An answer, or a silence, is kept for [`FRESH`], which is less than a cycle: the other
//! instances of the host, probed in the same breath, read the same reply. A thorough
//! question is asked anew, and shared only with those who wait for it meanwhile.

mod ask;
mod ears;
mod read;

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use self::ask::{Heard, Sound};
use super::gate::Gate;
use super::in_flight::InFlight;
use crate::evidence::{Browser, BrowserForm, BrowserStatus};
use crate::target::{DEFAULT_INSTANCE, Port};
use crate::wire::ssrp;

/// How long what was heard stands for the other instances of a host.
const FRESH: Duration = Duration::from_secs(2);
/// How long it is remembered which address of a host answered last.
const MEMORY: Duration = Duration::from_secs(600);
/// So many addresses of one name are asked together, at most.
pub const MOST_ADDRESSES: usize = 4;

/// What Browser said on the hosts that were asked.
pub struct Answers {
    port: Port,
    turns: InFlight<Question>,
    heard: Mutex<HashMap<Question, Arc<Heard>>>,
}

/// What is asked where. Instance names in lower case; `None` is the list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Question {
    endpoint: SocketAddr,
    instance: Option<String>,
}

/// What one instance wants to know.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The instance; `None` is the default instance.
    pub instance: Option<&'a str>,
    /// How it is asked for.
    pub form: BrowserForm,
    /// How often, and how long each time.
    pub patience: Patience,
}

/// How often Browser is asked, and how long it is waited for.
#[derive(Clone, Copy, Debug)]
pub enum Patience {
    /// One datagram, and the whole time for its answer.
    Once(Duration),
    /// The same, and nothing counts that was heard before, or not heard to others.
    Anew(Duration),
    /// Three datagrams: after a quarter and a half of the time it is asked again
    /// (1 s, 1 s and 2 s by default). Nothing that was heard before counts.
    Thrice(Duration),
}

impl Answers {
    /// Nothing was asked yet.
    pub fn new(port: Port) -> Self {
        Self {
            port,
            turns: InFlight::new(),
            heard: Mutex::default(),
        }
    }

    /// Asks the Browser of a host with these addresses: once at the likeliest address,
    /// thrice at all of them, where the first answer ends the rest.
    pub async fn ask(&self, addresses: &[IpAddr], wanted: Wanted<'_>, gate: &Gate) -> Browser {
        let heard = self.hear(addresses, wanted, gate).await;
        heard.map_or_else(Browser::default, |heard| read::browser(&heard, wanted))
    }

    /// The same as a part of a probe that began at `since`: when each datagram was sent is
    /// counted from there.
    pub async fn ask_within(
        &self,
        addresses: &[IpAddr],
        wanted: Wanted<'_>,
        since: Instant,
        gate: &Gate,
    ) -> Browser {
        let heard = self.hear(addresses, wanted, gate).await;
        heard.map_or_else(Browser::default, |heard| Browser {
            started: heard.started(since),
            again: heard.sent_again(since),
            ..read::browser(&heard, wanted)
        })
    }

    async fn hear(
        &self,
        addresses: &[IpAddr],
        wanted: Wanted<'_>,
        gate: &Gate,
    ) -> Option<Arc<Heard>> {
        let allowed = addresses.iter().copied();
        let mut addresses: Vec<_> = allowed.filter(|address| gate.allows(*address)).collect();
        match wanted.patience {
            Patience::Once(_) | Patience::Anew(_) => {
                addresses = self.likeliest(&addresses).into_iter().collect();
            }
            Patience::Thrice(_) => addresses.truncate(MOST_ADDRESSES),
        }
        let mut asking: FuturesUnordered<_> = addresses
            .into_iter()
            .map(|address| self.ask_one(address, wanted, gate))
            .collect();
        let mut best: Option<Arc<Heard>> = None;
        while let Some(heard) = asking.next().await {
            let tells_more = best
                .as_ref()
                .is_none_or(|best| heard.tells() > best.tells());
            if tells_more {
                best = Some(heard);
            }
            if best.as_ref().is_some_and(|best| best.is_answer()) {
                break;
            }
        }
        best
    }

    /// Asks one address for all its instances, thrice. None of them is wanted more than the
    /// others: `ok` is a list that could be read.
    pub async fn list(&self, address: IpAddr, all: Duration, gate: &Gate) -> Browser {
        let wanted = Wanted {
            instance: None,
            form: BrowserForm::List,
            patience: Patience::Thrice(all),
        };
        let heard = self.ask(&[address], wanted, gate).await;
        let listed = !heard.instances.is_empty();
        Browser {
            status: if listed {
                BrowserStatus::Ok
            } else {
                heard.status
            },
            port: None,
            ..heard
        }
    }

    /// Asks once for the port of an instance's administrator connection. Nothing is kept:
    /// somebody wants to know it now.
    pub async fn ask_dac(
        &self,
        address: IpAddr,
        instance: &str,
        wait: Duration,
        gate: &Gate,
    ) -> Browser {
        if !gate.allows(address) {
            return Browser::default();
        }
        let endpoint = SocketAddr::new(address, self.port.get());
        let question = ssrp::Request::Dac(instance).encode();
        let heard = ask::ask(endpoint, &question, vec![wait], gate).await;
        read::dac(&heard)
    }

    async fn ask_one(&self, address: IpAddr, wanted: Wanted<'_>, gate: &Gate) -> Arc<Heard> {
        let since = Instant::now();
        let endpoint = SocketAddr::new(address, self.port.get());
        let name = wanted.instance.unwrap_or(DEFAULT_INSTANCE);
        let (instance, request) = match wanted.form {
            BrowserForm::List => (None, ssrp::Request::List),
            BrowserForm::Name => (Some(name.to_lowercase()), ssrp::Request::Instance(name)),
        };
        let question = Question { endpoint, instance };
        let _turn = self.turns.hold(question.clone()).await;
        if let Some(heard) = self
            .heard()
            .get(&question)
            .filter(|heard| wanted.patience.takes(heard, since))
        {
            return Arc::clone(heard);
        }
        let heard =
            Arc::new(ask::ask(endpoint, &request.encode(), wanted.patience.waits(), gate).await);
        self.keep(question, Arc::clone(&heard));
        heard
    }

    /// The address that answered last; else the first IPv4 address, as drivers have it; else the first.
    fn likeliest(&self, addresses: &[IpAddr]) -> Option<IpAddr> {
        let heard = self.heard();
        let answered = heard.iter().filter(|(question, heard)| {
            heard.is_answer() && addresses.contains(&question.endpoint.ip())
        });
        answered
            .max_by_key(|(_, heard)| heard.at)
            .map(|(question, _)| question.endpoint.ip())
            .or_else(|| addresses.iter().copied().find(IpAddr::is_ipv4))
            .or_else(|| addresses.first().copied())
    }

    fn keep(&self, question: Question, heard: Arc<Heard>) {
        let mut all = self.heard();
        all.retain(|_, heard| heard.at.elapsed() < MEMORY);
        all.insert(question, heard);
    }

    fn heard(&self) -> MutexGuard<'_, HashMap<Question, Arc<Heard>>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Patience {
    /// The wait after each datagram.
    fn waits(self) -> Vec<Duration> {
        match self {
            Self::Once(all) | Self::Anew(all) => vec![all],
            Self::Thrice(all) => vec![all / 4, all / 4, all / 2],
        }
    }

    /// Whether what was heard serves a question that was put at `since`.
    fn takes(self, heard: &Heard, since: Instant) -> bool {
        match self {
            Self::Once(_) => heard.at.elapsed() < FRESH,
            Self::Anew(_) => heard.at >= since && heard.sound != Sound::Silence,
            Self::Thrice(_) => {
                heard.at >= since && (heard.sound != Sound::Silence || heard.tries > 1)
            }
        }
    }
}

#[cfg(test)]
mod tests;
