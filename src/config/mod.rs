//! The file, turned into checked settings. Errors point at the line.
//!
//! [`Environment`] knows where the file may be, [`Loaded`] reads it and remembers where each
//! setting comes from, [`Config`] is what the other rooms use: defaults, then the file, then
//! the command line ([`Overrides`]).

mod bound;
mod decode;
pub mod duration;
pub mod edit;
mod error;
mod example;
mod file;
pub mod import;
mod kept;
mod keys;
mod loaded;
mod locate;
mod maintenance;
mod origin;
mod overrides;
mod plain;
pub mod policy;
mod screen;
mod section;
mod show;
mod syntax;
pub mod theme;
mod value;
pub mod write;

#[cfg(test)]
mod tests;

pub use bound::{Bound, Written};
pub use error::ConfigError;
pub use example::EXAMPLE;
pub use kept::Kept;
pub use keys::nearest;
pub use loaded::{LoadError, Loaded};
pub use locate::{Environment, Place, Scope};
pub use maintenance::{Days, Every, Maintenance, When};
pub use overrides::{Overrides, PlatformChoice, Rate};
pub use screen::{Clipboard, Clock, Column, Glyphs, Group, Notify, Order, Screen};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::policy::Policy;
use crate::target::{self, Declared, Port, Target, TargetError};

/// Everything that is in force: defaults, file, command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// How probing is done.
    pub probe: Probe,
    /// How the dashboard looks.
    pub screen: Screen,
    /// The keys that are bound otherwise than by default, in the order of the file.
    pub keys: Vec<Bound>,
    /// What is watched, in the order of the file.
    pub instances: Vec<Arc<Instance>>,
    /// When which of them may fail, in the order of the file.
    pub maintenance: Vec<Arc<Maintenance>>,
    /// The file it came from.
    pub file: Option<PathBuf>,
    /// What this machine allows; the settings hold to it.
    pub policy: Arc<Policy>,
}

/// The table `[probe]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Time between two probes of one instance.
    pub interval: Duration,
    /// New connections and datagrams a second; `None` lifts the limit.
    pub rate: Option<u32>,
    /// The port that Browser is asked on.
    pub browser_port: Port,
    /// The ports that a manual probe looks at besides.
    pub witness_ports: Vec<Port>,
    /// Whether witnesses are taken at all.
    pub witnesses: bool,
    /// DNS servers that are asked instead of the system's resolver.
    pub dns_servers: Vec<SocketAddr>,
    /// The deadline of each layer.
    pub timeout: Timeout,
    /// How many probes must agree before an instance goes down.
    pub down_after: u8,
    /// How many probes must agree before it comes up.
    pub up_after: u8,
}

/// The deadline of each layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// Name to addresses.
    pub resolve: Duration,
    /// All tries at Browser together.
    pub browser: Duration,
    /// One connection.
    pub connect: Duration,
    /// The engine's answer.
    pub prelogin: Duration,
}

/// One `[[instance]]`, or one target of the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// What to reach, or why it cannot be parsed. The others still run.
    pub target: Result<Arc<Target>, Box<TargetError>>,
    /// The name that is shown: `name`, or the shortest spelling of the target.
    pub name: String,
    /// Labels to filter and group by.
    pub tags: Vec<String>,
    /// What the user declares about the server.
    pub declared: Declared,
    /// Owner, runbook, what to know.
    pub note: Option<String>,
    /// Another interval than the one of `[probe]`.
    pub interval: Option<Duration>,
    /// Other deadlines than those of `[probe]`.
    pub timeout: Option<Box<Timeout>>,
    /// When it may fail.
    pub maintenance: Vec<Arc<Maintenance>>,
}

impl Probe {
    /// Time between two probes of an instance, where nobody says otherwise.
    pub const INTERVAL: Duration = Duration::from_secs(15);

    /// Narrows what the policy does not allow.
    pub fn hold_to(&mut self, policy: &Policy) {
        self.rate = policy.cap(self.rate);
        self.witnesses &= policy.witnesses;
    }
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            interval: Self::INTERVAL,
            rate: Some(100),
            browser_port: Port::BROWSER,
            witness_ports: [445, 135, 3389, 5985].map(Port::literal).to_vec(),
            witnesses: true,
            dns_servers: Vec::new(),
            timeout: Timeout::default(),
            down_after: 2,
            up_after: 1,
        }
    }
}

impl Default for Timeout {
    /// Connect: a dead neighbour is reported after 3.06 s.
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(3),
            browser: Duration::from_secs(4),
            connect: Duration::from_secs(4),
            prelogin: Duration::from_secs(5),
        }
    }
}

impl Config {
    /// An instance with the windows that speak of it.
    pub(crate) fn with_maintenance(&self, mut instance: Arc<Instance>) -> Arc<Instance> {
        let own = maintenance::of(&self.maintenance, &instance);
        if own != instance.maintenance {
            Arc::make_mut(&mut instance).maintenance = own;
        }
        instance
    }

    /// Reads a file's text. `file` is named in errors only. Fails with the first mistake;
    /// [`Loaded::parse`] has them all.
    #[expect(
        clippy::missing_panics_doc,
        reason = "a text that is refused has a mistake"
    )]
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let first = |mistakes: Vec<ConfigError>| mistakes.into_iter().next();
        match Loaded::parse(text, file) {
            Ok(loaded) => Ok(loaded.config),
            Err(mistakes) => Err(first(mistakes).expect("a text that is refused has a mistake")),
        }
    }
}

/// The name of what nobody gave one.
fn name_of(target: &Result<Arc<Target>, Box<TargetError>>) -> String {
    match target {
        Ok(target) => target.short(),
        Err(error) => error.text.clone(),
    }
}

impl Instance {
    /// An instance from one target text of the command line or standard input.
    pub fn from_text(text: &str) -> Self {
        let target = target::parse(text).map(Arc::new).map_err(Box::new);
        Self {
            name: name_of(&target),
            target,
            tags: Vec::new(),
            declared: Declared::default(),
            note: None,
            interval: None,
            timeout: None,
            maintenance: Vec::new(),
        }
    }

    /// The text that identifies it: the target as given, passwords masked.
    pub fn text(&self) -> &str {
        match &self.target {
            Ok(target) => &target.text,
            Err(error) => &error.text,
        }
    }
}
