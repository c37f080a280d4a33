//! The screen when nothing is configured: what to do next.

use ratatui::style::Style;
use ratatui::text::Line;

use super::lines::{labelled, paragraph};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Mode;

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
    let shown = |action| {
        let mut rows = app.about.keys.of(Mode::Table);
        rows.find(|row| row.action == action)
    };
    if let (Some(add), true) = (shown(Action::Add), app.about.kept.is_some()) {
        let key = format!(
            "{}, or paste a server or a connection string",
            add.keys_shown()
        );
        lines.extend(labelled(
            "add one",
            theme.label(),
            &key,
            theme.command(),
            width,
        ));
        let place = format!("It is watched at once, and kept in {}.", app.kept_in());
        lines.extend(labelled("", theme.label(), &place, theme.muted(), width));
    }
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
