//! The tab `browser`: the truth audit of the host, and before there is one what Browser
//! told a probe.

mod answer;
mod audit;
mod cells;

use ratatui::style::Style;
use ratatui::text::Line;

use super::lines::paragraph;
use crate::monitor::Row;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Mode;

/// All lines of the tab.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if row.auditing {
        let text = "Asking this host: what Browser lists, which ports are open, what answers…";
        lines.extend(paragraph(text, app.theme.heading(), 1, width));
    }
    if let Some(audit) = &row.audit {
        lines.extend(audit::lines(app, row, audit, width));
        return lines;
    }
    if !row.auditing {
        let does = "asks this host: what Browser lists, which ports are open and what answers \
                    there, side by side.";
        if let Some(text) = app.hint(Mode::Drill, Action::Discover, does) {
            lines.extend(paragraph(&text, Style::new(), 1, width));
        }
    }
    lines.push(Line::default());
    lines.extend(answer::lines(app, row, width));
    lines
}
