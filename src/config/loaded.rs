//! A configuration with its history: where each setting comes from, and what is odd about it.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foldhash::fast::RandomState;
use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use crate::policy::Policy;
use crate::target::{Host, Port, Protocol};

use super::decode::decode_owned;
use super::error::{ConfigError, Source};
use super::file::{self, Found};
use super::locate::Environment;
use super::origin::{Origin, Origins};
use super::overrides::Overrides;
use super::theme::{self, Trouble};
use super::{Config, Instance, Written};

/// A list of a hundred thousand servers is a tenth of this.
pub(super) const LARGEST: u64 = 64 << 20;

/// A configuration, and where each of its settings comes from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// Instances of the file that cannot be probed: no target, or none over TCP. They are
    /// shown as invalid, and the others run.
    pub invalid: Vec<ConfigError>,
    /// What is allowed but hardly meant: the same server twice.
    pub warnings: Vec<ConfigError>,
    /// The filter of the screen and its place; what it means is the dashboard's to say.
    pub filter: Option<Written>,
    pub(super) probe: Origins,
    pub(super) screen: Origins,
    pub(super) instances: Vec<InstanceOrigin>,
    pub(super) maintenance: Vec<InstanceOrigin>,
}

/// Where an instance, or a window, and its settings come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct InstanceOrigin {
    pub at: Origin,
    pub keys: Origins,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file of `--config` is not there.
    #[error("{}: there is no such file; 'sqlreach config init' writes one", .0.display())]
    Missing(PathBuf),
    /// It is there, but cannot be read.
    #[error("{}: cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// It is no list of servers.
    #[error("{}: larger than 64 MiB, so it is no configuration", .0.display())]
    TooLarge(PathBuf),
    /// Others than the administrator could have written the policy.
    #[error("{}: {problem}; {hint}", path.display())]
    Untrusted {
        /// The policy, or its folder.
        path: PathBuf,
        /// Who may write it.
        problem: &'static str,
        /// What to do about it.
        hint: String,
    },
    /// A setting names what the policy of this machine forbids.
    #[error("{what}: {} forbids it; take it out, or ask whoever keeps that file", policy.display())]
    Forbidden {
        /// The setting.
        what: String,
        /// The policy.
        policy: PathBuf,
    },
    /// It holds mistakes, at least one, in the order of the file.
    #[error("{}", first(.0))]
    Mistakes(Vec<ConfigError>),
}

fn first(mistakes: &[ConfigError]) -> String {
    match mistakes {
        [] => "the configuration holds mistakes".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first}  (and {} more: sqlreach config check)", rest.len()),
    }
}

impl Loaded {
    /// The first file that is found, or the defaults where none is. A given file must exist.
    pub fn load(environment: &Environment, given: Option<&Path>) -> Result<Self, LoadError> {
        match environment
            .places(given)
            .into_iter()
            .find(|place| place.found)
        {
            Some(place) => Self::read(&place.path),
            None => given.map_or_else(
                || Ok(Self::default()),
                |path| Err(LoadError::Missing(path.to_owned())),
            ),
        }
    }

    /// Reads one file.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let unreadable = |error| LoadError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let file = File::open(path).map_err(unreadable)?;
        let text = text_of(file, path)?;
        let mut loaded = Self::parse(&text, path).map_err(LoadError::Mistakes)?;
        loaded
            .read_theme(&text, path)
            .map_err(LoadError::Mistakes)?;
        Ok(loaded)
    }

    /// Reads the theme that the text names, where it is a file beside it.
    fn read_theme(&mut self, text: &str, path: &Path) -> Result<(), Vec<ConfigError>> {
        let chosen = &mut self.config.screen.theme;
        if !chosen.is_of_user() {
            return Ok(());
        }
        match theme::of_user(&chosen.name, path) {
            Ok(palette) => chosen.palette = palette,
            Err(Trouble::Mistakes(mistakes)) => return Err(mistakes),
            Err(Trouble::Absent(problem, hint)) => {
                let line = match self.screen.of("theme") {
                    Origin::File { line } => line,
                    Origin::Default | Origin::CommandLine | Origin::Policy => 1,
                };
                let source = Source::new(text, path);
                return Err(vec![source.error_on(
                    line,
                    &chosen.name,
                    problem,
                    Some(hint),
                )]);
            }
        }
        Ok(())
    }

    /// Reads a file's text; `file` is named in errors and origins only. Fails with every
    /// mistake, in the order of the file.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Vec<ConfigError>> {
        let source = Source::new(text, file);
        let found = file::read(&source)?;
        Ok(Self::of(found, &source))
    }

    /// What was found in a text.
    pub(super) fn of(found: Found, source: &Source<'_>) -> Self {
        let (invalid, warnings) = (invalid(&found, source), repeated(&found, source));
        let mut loaded = Self {
            invalid,
            warnings,
            probe: found.probe_origins,
            screen: found.screen_origins,
            filter: found.filter,
            ..Self::default()
        };
        loaded.config.probe = found.probe;
        loaded.config.screen = found.screen;
        loaded.config.keys = found.keys;
        loaded.config.file = Some(source.file().to_owned());
        for found in found.maintenance {
            loaded.config.maintenance.push(found.maintenance);
            loaded.maintenance.push(InstanceOrigin {
                at: found.at,
                keys: found.origins,
            });
        }
        loaded.config.instances.reserve(found.instances.len());
        loaded.instances.reserve(found.instances.len());
        for found in found.instances {
            let instance = loaded.config.with_maintenance(found.instance);
            loaded.config.instances.push(instance);
            loaded.instances.push(InstanceOrigin {
                at: found.at,
                keys: found.origins,
            });
        }
        loaded
    }

    /// Watches these targets in place of the file's instances. What the file says about a
    /// server that is named here (its tags, its platform, its note) stays.
    pub fn watch_only<'t>(&mut self, targets: impl IntoIterator<Item = &'t str>) {
        let before = std::mem::take(&mut self.config.instances);
        let before: Vec<_> = before.into_iter().zip(self.instances.drain(..)).collect();
        let mut known = HashMap::new();
        for (instance, origin) in &before {
            known
                .entry(Server::of(instance))
                .or_insert((instance, origin));
        }
        for text in targets {
            let mut instance = Instance::from_text(text);
            let mut origin = InstanceOrigin {
                at: Origin::CommandLine,
                keys: Origins::default(),
            };
            let before = known.get(&Server::of(&instance));
            let before =
                before.map(|(known, origin)| (Instance::clone(known), origin.keys.clone()));
            if let Some((known, keys)) = before {
                instance = Instance {
                    target: instance.target,
                    ..known
                };
                origin.keys = keys;
                origin.keys.set("server", Origin::CommandLine);
            }
            let instance = self.config.with_maintenance(Arc::new(instance));
            self.config.instances.push(instance);
            self.instances.push(origin);
        }
        // They speak of the file's list.
        self.invalid.clear();
        self.warnings.clear();
    }

    /// Narrows what is in force to what the policy of this machine allows, and remembers it.
    /// Fails where the settings name what the policy forbids.
    pub fn hold_to(&mut self, policy: &Arc<Policy>) -> Result<(), LoadError> {
        let forbidden = |server: &&SocketAddr| !policy.allows(server.ip());
        if let Some(server) = self.config.probe.dns_servers.iter().find(forbidden) {
            return Err(LoadError::Forbidden {
                what: format!("dns_servers: {server}"),
                policy: policy.file.clone().unwrap_or_default(),
            });
        }
        let wanted = self.config.probe.clone();
        let probe = &mut self.config.probe;
        probe.hold_to(policy);
        if probe.rate != wanted.rate {
            self.probe.set("rate", Origin::Policy);
        }
        if probe.witnesses != wanted.witnesses {
            self.probe.set("witnesses", Origin::Policy);
        }
        self.config.policy = Arc::clone(policy);
        Ok(())
    }

    /// Lays the command line over the file, as [`Config::apply`], and remembers it.
    pub fn apply(&mut self, overrides: &Overrides) {
        self.config.apply(overrides);
        let Overrides {
            interval,
            timeout,
            rate,
            browser_port,
            witnesses,
            platform,
        } = overrides;
        let timeouts = [
            "timeout.resolve",
            "timeout.browser",
            "timeout.connect",
            "timeout.prelogin",
        ];
        let set = [
            (interval.is_some(), &["interval"][..]),
            (timeout.is_some(), &timeouts),
            (rate.is_some(), &["rate"]),
            (browser_port.is_some(), &["browser_port"]),
            (witnesses.is_some(), &["witnesses"]),
        ];
        for key in set
            .iter()
            .filter(|(given, _)| *given)
            .flat_map(|(_, keys)| *keys)
        {
            self.probe.set(key, Origin::CommandLine);
            self.instances
                .iter_mut()
                .for_each(|instance| instance.keys.forget(key));
        }
        if platform.is_some() {
            for instance in &mut self.instances {
                instance.keys.set("platform", Origin::CommandLine);
            }
        }
    }
}

/// All of a file as text; `path` is named in errors only.
pub(super) fn text_of(file: File, path: &Path) -> Result<String, LoadError> {
    let unreadable = |error| LoadError::Unreadable {
        path: path.to_owned(),
        error,
    };
    // Room for all of it at once, and for the end to be seen.
    let length = file.metadata().map_or(0, |known| known.len());
    let length = usize::try_from(length.min(LARGEST)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(length + 1);
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(LoadError::TooLarge(path.to_owned()));
    }
    decode_owned(bytes).map_err(|broken| {
        let hint = Some("save the file as UTF-8".to_owned());
        let error =
            Source::new(&broken.before, path).error(broken.before.len(), broken.problem, hint);
        LoadError::Mistakes(vec![error])
    })
}

fn invalid(found: &Found, source: &Source<'_>) -> Vec<ConfigError> {
    let complaint = |instance: &Instance| match &instance.target {
        Err(error) => Some((
            format!("server '{}': {}", error.text, error.problem),
            error.hint.clone(),
        )),
        Ok(target) => target
            .over_tcp()
            .err()
            .map(|why| (format!("server '{}': {why}", target.text), None)),
    };
    found
        .instances
        .iter()
        .filter_map(|found| complaint(&found.instance).map(|said| (found.server_at, said)))
        .map(|(at, (problem, hint))| source.error(at, problem, hint))
        .collect()
}

fn repeated(found: &Found, source: &Source<'_>) -> Vec<ConfigError> {
    if are_all_different(found) {
        return Vec::new();
    }
    let mut seen = HashMap::with_capacity(found.instances.len());
    let mut warnings = Vec::new();
    for found in &found.instances {
        match seen.entry(Server::of(&found.instance)) {
            Entry::Occupied(first) => {
                let line = source.line(*first.get());
                let problem = format!("'{}' is on line {line} already", found.instance.text());
                let hint = Some("it is probed twice".to_owned());
                warnings.push(source.error(found.server_at, problem, hint));
            }
            Entry::Vacant(new) => {
                new.insert(found.server_at);
            }
        }
    }
    warnings
}

/// Whether no two servers have the same hash: then none is listed twice, and nothing else of
/// them need be kept to see it.
fn are_all_different(found: &Found) -> bool {
    let hasher = RandomState::default();
    let mut seen = HashSet::with_capacity(found.instances.len());
    let mut instances = found.instances.iter();
    instances.all(|found| seen.insert(hasher.hash_one(Server::of(&found.instance))))
}

/// The same for two spellings of one server. `tcp:` is what a client does anyway.
#[derive(PartialEq, Eq, Hash)]
enum Server<'i> {
    Parsed {
        protocol: Protocol,
        host: Machine<'i>,
        instance: Option<Cow<'i, str>>,
        port: Option<Port>,
    },
    Unread(&'i str),
}

#[derive(PartialEq, Eq, Hash)]
enum Machine<'i> {
    Name(Cow<'i, str>),
    Address(IpAddr),
    Local,
}

impl<'i> Server<'i> {
    fn of(instance: &'i Instance) -> Self {
        let target = match &instance.target {
            Ok(target) => target,
            Err(error) => return Self::Unread(&error.text),
        };
        let instance = target.instance.as_ref();
        Self::Parsed {
            protocol: match target.protocol {
                Protocol::Tcp => Protocol::Any,
                other => other,
            },
            host: match &target.host {
                Host::Name(name) => Machine::Name(lower(name.as_str())),
                Host::Address(address) => Machine::Address(*address),
                Host::Local => Machine::Local,
            },
            instance: instance.map(|instance| lower(instance.as_str())),
            port: target
                .port
                .filter(|port| instance.is_some() || *port != Port::DEFAULT),
        }
    }
}

/// In small letters.
fn lower(text: &str) -> Cow<'_, str> {
    let is_small = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(is_small) {
        text.into()
    } else {
        text.to_lowercase().into()
    }
}
