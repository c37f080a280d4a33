//! How times are shown: since or of day, in UTC or in the zone of this machine.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::App;
use crate::monitor::Since;
use crate::tui::action::Effect;
use crate::tui::text;

/// How it is said since when something is so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Times {
    /// How long it has been: `3m12s`.
    #[default]
    Since,
    /// The time of day: `14:00:17`.
    OfDay,
}

impl App {
    pub(super) fn switch_times(&mut self) -> Option<Effect> {
        self.times = match self.times {
            Times::Since => Times::OfDay,
            Times::OfDay => Times::Since,
        };
        None
    }

    pub(super) fn switch_zone(&mut self) -> Option<Effect> {
        let local = self.about.local.clone();
        let is_utc = self.about.zone == TimeZone::UTC;
        self.about.zone = if is_utc { local } else { TimeZone::UTC };
        self.say(format!(
            "times in {}",
            self.now.to_zoned(self.about.zone.clone()).strftime("%Z")
        ));
        None
    }

    /// How times are shown.
    pub fn times(&self) -> Times {
        self.times
    }

    /// Since when, as short as a column has it.
    pub fn since(&self, since: &Since) -> Option<String> {
        match self.times {
            Times::Since => text::since(since, self.now),
            Times::OfDay => text::began(since, self.now, &self.about.zone),
        }
    }

    /// A time of day and how long ago that was; where times of day are wanted, with its zone
    /// instead.
    pub fn dated(&self, time: &str, at: Timestamp) -> String {
        match self.times {
            Times::Since => {
                let ago = self.now.duration_since(at);
                let ago = text::duration(ago.try_into().unwrap_or_default());
                format!("{time}, {ago} ago")
            }
            Times::OfDay => {
                let zone = at.to_zoned(self.about.zone.clone());
                format!("{time} {}", zone.strftime("%Z"))
            }
        }
    }

    /// Since when, in words: `for 3m12s`, `since 14:00:17 CET`.
    pub fn since_words(&self, since: &Since) -> Option<String> {
        let words = self.since(since)?;
        Some(match self.times {
            Times::Since => format!("for {words}"),
            Times::OfDay => {
                let zone = self.now.to_zoned(self.about.zone.clone());
                format!("since {words} {}", zone.strftime("%Z"))
            }
        })
    }
}
