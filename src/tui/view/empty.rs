//! The screen when nothing is configured: what to do next.

use ratatui::style::Style;
use ratatui::text::Line;

use super::lines::{labelled, paragraph};
use crate::tui::app::App;

/// All lines of the screen.
pub fn lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let width = usize::from(width);
    let theme = app.theme;
    let mut lines = vec![Line::default()];
    lines.extend(paragraph(
        "Nothing to watch yet.",
        theme.heading(),
        1,
        width,
    ));
    lines.push(Line::default());
    for (label, text) in [
        ("one server", r"sqlreach 'sales01\PROD' db2,1433"),
        ("a list", "sqlreach - < servers.txt"),
        ("for good", "sqlreach config init"),
        ("try it", "sqlreach demo"),
    ] {
        lines.extend(labelled(label, theme.label(), text, theme.command(), width));
    }
    lines.push(Line::default());
    lines.extend(paragraph(&app.about.config_hint, Style::new(), 1, width));
    lines
}
