//! What the command line says wins over the file, for every instance.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use crate::target::{Platform, Port};

use super::{Config, Timeout, value};

/// The options of the command line. `None` leaves what the file or the default says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Time between two probes of one instance; see [`duration::interval`](super::duration::interval).
    pub interval: Option<Duration>,
    /// The deadline of every layer; see [`duration::timeout`](super::duration::timeout).
    pub timeout: Option<Duration>,
    /// New connections and datagrams a second.
    pub rate: Option<Rate>,
    /// The port that Browser is asked on.
    pub browser_port: Option<Port>,
    /// Whether witnesses are taken at all.
    pub witnesses: Option<bool>,
    /// What all servers run on.
    pub platform: Option<PlatformChoice>,
}

/// New connections a second; `None` is `max`, no limit.
///
/// ```
/// use sqlreach::config::Rate;
///
/// assert_eq!("100".parse(), Ok(Rate(Some(100))));
/// assert_eq!("max".parse(), Ok(Rate(None)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate(pub Option<u32>);

/// A platform, or `None` for `auto`: guess it from evidence.
///
/// ```
/// use sqlreach::config::PlatformChoice;
/// use sqlreach::target::Platform;
///
/// assert_eq!("linux".parse(), Ok(PlatformChoice(Some(Platform::Linux))));
/// assert_eq!("auto".parse(), Ok(PlatformChoice(None)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformChoice(pub Option<Platform>);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse() {
            _ if text == "max" => Ok(Self(None)),
            Ok(rate @ 1..) => Ok(Self(Some(rate))),
            _ => Err("a rate is a number of connections a second, 1 or more, or 'max'".to_owned()),
        }
    }
}

impl PlatformChoice {
    /// The word that a platform is declared with.
    pub fn word_of(platform: Platform) -> &'static str {
        value::platform_word(Some(platform))
    }
}

impl FromStr for PlatformChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        value::platform_called(text).map(Self)
    }
}

impl Timeout {
    /// The same deadline for every layer.
    pub const fn all(deadline: Duration) -> Self {
        Self {
            resolve: deadline,
            browser: deadline,
            connect: deadline,
            prelogin: deadline,
        }
    }
}

impl Config {
    /// Lays the command line over the file: it wins, also over what single instances say.
    pub fn apply(&mut self, overrides: &Overrides) {
        let probe = &mut self.probe;
        probe.interval = overrides.interval.unwrap_or(probe.interval);
        probe.timeout = overrides.timeout.map_or(probe.timeout, Timeout::all);
        probe.rate = overrides.rate.map_or(probe.rate, |rate| rate.0);
        probe.browser_port = overrides.browser_port.unwrap_or(probe.browser_port);
        probe.witnesses = overrides.witnesses.unwrap_or(probe.witnesses);
        if overrides.interval.is_none()
            && overrides.timeout.is_none()
            && overrides.platform.is_none()
        {
            return;
        }
        for instance in self.instances.iter_mut().map(Arc::make_mut) {
            instance.interval = instance.interval.filter(|_| overrides.interval.is_none());
            instance.timeout.take_if(|_| overrides.timeout.is_some());
            if let Some(PlatformChoice(platform)) = overrides.platform {
                instance.declared.platform = platform;
            }
        }
    }
}
