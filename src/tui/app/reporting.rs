//! The report on the selected instance, for a ticket.

use super::App;
use crate::tui::action::Effect;
use crate::tui::reading::Reading;

impl App {
    /// Copies it with the commands for the platform that the user chose, if any was chosen.
    pub(super) fn copy_report(&mut self) -> Option<Effect> {
        let row = self.fleet.selected()?;
        let platform = self.platform.and(self.reading()).map(Reading::platform);
        let incident = self.incident(row).map(AsRef::as_ref);
        Some(Effect::Copy {
            text: (self.about.report)(row, self.now, platform, incident),
            what: format!("report on {}", row.instance.name),
        })
    }
}
