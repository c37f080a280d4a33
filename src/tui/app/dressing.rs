//! How it looks on the terminal that it is shown on.

use super::App;
use crate::tui::theme::Device;

impl App {
    /// Draws from now on with the theme and glyphs of the configuration, as this terminal has
    /// them.
    pub fn show_on(&mut self, device: Device) {
        let screen = &self.about.screen;
        self.device = device;
        self.theme = device.theme(&screen.theme.palette);
        self.marker = device.marker(screen.glyphs);
    }
}
