//! Calling for attention, and taking notice.

use jiff::SignedDuration;

use super::{App, Typing};
use crate::monitor::{Acknowledged, Maintained, News};
use crate::tui::acknowledging;
use crate::tui::attention::{self, Ears};
use crate::tui::filter::FilterError;

/// How long the header flashes; the next second of the clock ends it.
const FLASH: SignedDuration = SignedDuration::from_secs(1);

impl App {
    /// Looks through news for changes that are worth a call.
    pub(super) fn notice(&mut self, news: &News) {
        let ears = if self.paused || self.replay.is_some() {
            Ears::Shut
        } else {
            Ears::Open
        };
        for row in &news.rows {
            self.attention.see(row, self.read_at, ears);
        }
        if let Some(order) = &news.order {
            self.attention.keep(order);
        }
    }

    /// What the field of an acknowledgement comes to.
    pub fn acknowledgement(&self, typing: &Typing) -> Result<Acknowledged, FilterError> {
        acknowledging::parse(typing.text(), self.read_at, &self.about.zone)
    }

    /// An acknowledgement in words: until when, how long that is, and why.
    pub fn acknowledged_words(&self, acknowledged: &Acknowledged) -> String {
        acknowledging::words_for(acknowledged, self.read_at, &self.about.zone)
    }

    /// A window of maintenance in words: until when, how long that is, and which.
    pub fn maintenance_words(&self, window: &Maintained) -> String {
        let as_acknowledged = Acknowledged {
            reason: window.name.clone(),
            until: Some(window.until),
        };
        self.acknowledged_words(&as_acknowledged)
    }

    /// What to call out now, if anything. The header flashes with it.
    pub fn call(&mut self) -> Option<String> {
        let turns = self.attention.call(self.read_at);
        let row = |(id, turn)| self.newest(id).map(|row| (row.clone(), turn));
        let turns: Vec<_> = turns.into_iter().filter_map(row).collect();
        if turns.is_empty() || self.paused {
            return None;
        }
        if self.about.screen.flash {
            self.flash = Some(self.read_at + FLASH);
        }
        let zone = &self.about.zone;
        Some(attention::sentence(&turns, self.newest_incidents(), zone))
    }

    /// Whether the header flashes right now.
    pub fn is_flashing(&self) -> bool {
        self.flash.is_some()
    }
}
