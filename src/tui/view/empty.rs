//! The screen when nothing is configured: what to do next.

use ratatui::style::Style;
use ratatui::text::Line;

use super::lines::{labelled, paragraph};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Mode;

/// What a key begins with here.
const STEPS: &[(Action, &str)] = &[
    (Action::Add, "add a server by typing it"),
    (
        Action::Import,
        "import a list, servers of SSMS, connections of VS Code",
    ),
    (
        Action::Discover,
        "discover what a host has: asks for the host",
    ),
    (
        Action::Demo,
        "demo: a simulated network with every kind of failure",
    ),
];

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
    if app.about.kept.is_some() {
        let rows = |action| {
            let mut rows = app.about.keys.of(Mode::Table);
            rows.find(move |row| row.action == action)
        };
        for (action, text) in STEPS {
            if let Some(row) = rows(*action) {
                let key = row.keys_shown();
                lines.extend(labelled(&key, theme.label(), text, Style::new(), width));
            }
        }
        let paste = "a server, a connection string, a list, or an error message";
        lines.extend(labelled("paste", theme.label(), paste, Style::new(), width));
        let place = format!("Servers are kept in {}.", app.kept_in());
        lines.extend(paragraph(&place, theme.muted(), 1, width));
        lines.push(Line::default());
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
