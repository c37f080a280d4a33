//! The tables `[[maintenance]]`: when which instances may fail without anybody being called.

mod every;
mod read;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use every::{Days, Every};
#[cfg(test)]
pub(super) use read::keys;
pub(super) use read::read;

use super::Instance;

/// One window, or one that comes back.
#[derive(Clone, Debug, PartialEq)]
pub struct Maintenance {
    /// What it is called.
    pub name: String,
    /// Instances with one of these labels.
    pub tags: Vec<String>,
    /// Instances with one of these names.
    pub instances: Vec<String>,
    /// Instances on one of these hosts; `*` stands for anything.
    pub hosts: Vec<String>,
    /// When it is.
    pub when: When,
    /// The zone that its times are of, as the file has it: `local`, `utc` or an IANA name.
    pub zone: String,
    zoned: TimeZone,
}

/// When a window is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Once.
    Once {
        /// Its beginning.
        from: DateTime,
        /// Its end.
        until: DateTime,
    },
    /// Again and again.
    Repeats {
        /// When each begins.
        every: Every,
        /// How long each is open, whatever the clocks are set to meanwhile.
        lasts: Duration,
    },
}

impl Maintenance {
    /// The longest that a window which comes back is open.
    pub(super) const LONGEST: Duration = Duration::from_secs(7 * 86_400);

    /// Until when it is open at a moment for an instance; `None` where it is not.
    pub fn covers(&self, instance: &Instance, at: Timestamp) -> Option<Timestamp> {
        self.is_for(instance).then(|| self.open(at)).flatten()
    }

    /// Whether it speaks of an instance. One that names nothing speaks of all.
    pub fn is_for(&self, instance: &Instance) -> bool {
        let Self {
            tags,
            instances,
            hosts,
            ..
        } = self;
        if tags.is_empty() && instances.is_empty() && hosts.is_empty() {
            return true;
        }
        let has_tag = |tag: &String| {
            let mut own = instance.tags.iter();
            own.any(|own| own.eq_ignore_ascii_case(tag))
        };
        let is_called = |name: &String| {
            let own = [instance.name.as_str(), instance.text()];
            own.iter().any(|own| own.eq_ignore_ascii_case(name))
        };
        let host = instance.target.as_ref().ok();
        let host = host.map(|target| target.host.to_string().to_ascii_lowercase());
        let is_on = |pattern: &String| {
            let mut host = host.iter();
            host.any(|host| matches(&pattern.to_ascii_lowercase(), host))
        };
        tags.iter().any(has_tag) || instances.iter().any(is_called) || hosts.iter().any(is_on)
    }

    /// Until when it is open at a moment; `None` where it is not.
    pub fn open(&self, at: Timestamp) -> Option<Timestamp> {
        let moment = |time: DateTime| {
            // A time that a clock skips is as much later; of one that comes twice the first.
            let zoned = time.to_zoned(self.zoned.clone());
            zoned.ok().map(|zoned| zoned.timestamp())
        };
        match &self.when {
            When::Once { from, until } => {
                let (from, until) = (moment(*from)?, moment(*until)?);
                (from <= at && at < until).then_some(until)
            }
            When::Repeats { every, lasts } => {
                let lasts = SignedDuration::try_from(*lasts).ok()?;
                let today = at.to_zoned(self.zoned.clone()).date();
                // One that began on an earlier day may still be open.
                let days = lasts.as_hours() / 24 + 2;
                let ends = (0..=days).filter_map(|ago| {
                    let day = today.checked_sub(jiff::Span::new().days(ago)).ok()?;
                    let from = moment(every.on(day)?)?;
                    let until = from.checked_add(lasts).ok()?;
                    (from <= at && at < until).then_some(until)
                });
                ends.max()
            }
        }
    }
}

/// Those that speak of an instance.
pub(super) fn of(all: &[Arc<Maintenance>], instance: &Instance) -> Vec<Arc<Maintenance>> {
    let own = all.iter().filter(|window| window.is_for(instance));
    own.cloned().collect()
}

/// Whether a host is what a pattern says; both in small letters. Without a dot and a `*` the
/// first label is enough.
fn matches(pattern: &str, host: &str) -> bool {
    if !pattern.contains('*') {
        let is_address = host.parse::<std::net::IpAddr>().is_ok();
        let label = host.split('.').next().filter(|_| !is_address);
        return pattern == host || label == Some(pattern);
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| host.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}
