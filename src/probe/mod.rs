//! The network: one file for each layer, and [`Network`], what all probes share.
//!
//! Evidence out, no opinions. Every wait has a deadline, every read a bound, and
//! every packet that leaves here is in `docs/footprint.md`.

mod audit;
mod browser;
mod connect;
pub mod descriptors;
mod drain;
mod errno;
mod gate;
mod icmp;
mod in_flight;
mod path;
mod prelogin;
mod rate;
mod resolve;
mod silent;
mod vantage;
mod visit;
mod walk;
#[cfg(any(windows, test))]
mod winsock;
mod witness;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use self::audit::AuditRequest;
use self::browser::Answers;
use self::drain::Drains;
use self::gate::Gate;
pub use self::icmp::senders;
use self::in_flight::InFlight;
use self::resolve::Resolver;
pub use self::resolve::read_datagram as read_dns_answer;
use self::silent::Silences;
use crate::evidence::{Evidence, Test, Vantage, Witness};
use crate::policy::Policy;
use crate::target::{Port, Target};

/// How long each layer may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// Name to addresses.
    pub resolve: Duration,
    /// All tries at Browser together.
    pub browser: Duration,
    /// One attempt; a dead neighbour is reported after 3.06 s.
    pub connect: Duration,
    /// From the request to the whole answer.
    pub prelogin: Duration,
}

/// How the network is used.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The deadline of each layer.
    pub deadlines: Deadlines,
    /// New connections and datagrams a second; `None` lifts the limit, down to the policy's.
    pub rate: Option<u32>,
    /// What this machine allows. A network keeps the one it was made with.
    pub policy: Arc<Policy>,
    /// The port that Browser is asked on.
    pub browser_port: Port,
    /// DNS servers that are asked instead of the system's resolver.
    pub dns_servers: Vec<SocketAddr>,
    /// The hosts file that explains a name; the system's own if `None`.
    pub hosts_file: Option<PathBuf>,
    /// Walk all layers, or stop after `connect`.
    pub depth: Depth,
}

/// The deepest layer that is walked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Stop when the port is open.
    Connect,
    /// Ask the engine.
    #[default]
    Prelogin,
}

/// One probe that is wanted.
#[derive(Clone, Debug)]
pub struct Request {
    /// What to reach. `over_tcp()` has been asked before.
    pub target: Arc<Target>,
    /// Whether names and Browser are asked afresh, and Browser a second and a third time.
    pub effort: Effort,
    /// Somebody asked for it: an engine that says nothing is spared less.
    pub by_hand: bool,
    /// How Browser is asked: the list where several instances of the host are configured.
    pub browser: crate::evidence::BrowserForm,
    /// Other deadlines than those of the network's settings.
    pub deadlines: Option<Deadlines>,
    /// The last good port of a named instance, tried where Browser does not say one.
    pub last_port: Option<Port>,
}

/// How much a probe may spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// In the loop: one Browser datagram, cached names.
    #[default]
    Routine,
    /// To see whether a fix shows: as in the loop, and nothing that was known before counts.
    Fresh,
    /// On a change or by hand: Browser three times, names asked afresh and explained.
    Thorough,
}

/// What all probes share: the resolver and its cache, the answers of Browser in this
/// cycle, the rate, and who is being probed right now.
///
/// Probes and looks may be dropped at any time: nothing goes on without them but a
/// `getaddrinfo` call, which cannot be stopped, and connections that are being closed
/// (for at most 200 ms).
pub struct Network {
    settings: Settings,
    resolver: Arc<Resolver>,
    browser: Arc<Answers>,
    gate: Arc<Gate>,
    /// Endpoints with a connection; the next one waits.
    in_flight: InFlight<SocketAddr>,
    silences: Arc<Silences>,
    drains: Arc<Drains>,
}

impl Network {
    /// Prepares the resolver. Sends nothing.
    pub fn new(settings: Settings) -> anyhow::Result<Self> {
        Ok(Self {
            resolver: resolver(&settings),
            browser: Arc::new(Answers::new(settings.browser_port)),
            gate: Arc::new(Gate::new(Arc::clone(&settings.policy), settings.rate)),
            in_flight: InFlight::new(),
            silences: Arc::default(),
            drains: Arc::default(),
            settings,
        })
    }

    /// The same network with other settings. What is under way goes on with the old ones;
    /// the policy, the rate, whose endpoint is in use and which engines are spared hold for
    /// both.
    #[must_use]
    pub fn reconfigured(&self, settings: Settings) -> Self {
        let settings = Settings {
            policy: Arc::clone(self.gate.policy()),
            ..settings
        };
        let (before, after) = (&self.settings, &settings);
        let same_names =
            before.dns_servers == after.dns_servers && before.hosts_file == after.hosts_file;
        self.gate.change(after.rate);
        Self {
            resolver: if same_names {
                Arc::clone(&self.resolver)
            } else {
                resolver(after)
            },
            browser: if before.browser_port == after.browser_port {
                Arc::clone(&self.browser)
            } else {
                Arc::new(Answers::new(after.browser_port))
            },
            gate: Arc::clone(&self.gate),
            in_flight: self.in_flight.clone(),
            silences: Arc::clone(&self.silences),
            drains: Arc::clone(&self.drains),
            settings,
        }
    }

    /// Walks the layers for one target. Never fails: whatever happens is evidence.
    pub async fn probe(&self, request: &Request) -> Evidence {
        self.walk(request).await
    }

    /// Takes one extra look.
    pub async fn look(&self, target: &Target, test: Test) -> Witness {
        self.look_at(target, test).await
    }

    /// New connections and datagrams a second, by the settings and the policy; `None`: as
    /// many as can be.
    pub fn rate(&self) -> Option<u32> {
        self.gate.rate().per_second()
    }

    /// This machine as it is right now: addresses and ways out. Sends nothing.
    pub fn vantage(&self) -> Vantage {
        vantage::now()
    }

    /// Waits until every connection is closed in order, at most 200 ms: before the
    /// process ends, which would turn the last of them into resets.
    pub async fn finish(&self) {
        self.drains.finish().await;
    }
}

fn resolver(settings: &Settings) -> Arc<Resolver> {
    // This machine's own servers may always be asked; those of the settings are anybody's.
    let allowed = |server: &SocketAddr| settings.policy.allows(server.ip());
    let servers = settings.dns_servers.iter().copied();
    Arc::new(if settings.dns_servers.is_empty() {
        Resolver::of_the_system(settings.hosts_file.clone())
    } else {
        Resolver::of_servers(
            servers.filter(allowed).collect(),
            settings.hosts_file.clone(),
        )
    })
}

#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
