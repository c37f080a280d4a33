//! A client's message as it was typed or pasted, and below it what it comes to.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::lines::{LABEL, labelled, paragraph, rule};
use crate::explain::Told;
use crate::target::clean;
use crate::tui::app::{App, Explaining};
use crate::tui::text::wrap;

/// Of a longer message the end is shown.
const LINES: usize = 6;
/// Columns of a line that are shown at all.
const COLUMNS: usize = 2_000;

/// All lines of the pane.
pub fn lines(app: &App, message: &Explaining, width: u16) -> Vec<Line<'static>> {
    let theme = app.theme;
    let mut lines = vec![rule(theme, "a client's message", width)];
    let columns = usize::from(width);
    lines.extend(typed(app, message, columns));
    if message.told().is_empty() {
        let text = "Type or paste what a client shows: an error of SSMS, a driver, an application \
                    or a log. It is read here and sent nowhere.";
        lines.extend(paragraph(text, theme.muted(), 1, columns));
        return lines;
    }
    lines.push(rule(theme, "what it says", width));
    for told in message.told() {
        match told {
            Told::Verdict(text) => lines.extend(paragraph(text, theme.heading(), 1, columns)),
            Told::Line { label, text } => {
                lines.extend(labelled(label, theme.label(), text, Style::new(), columns));
            }
            Told::Command { text, about, .. } => {
                lines.extend(labelled("", theme.label(), text, theme.command(), columns));
                lines.extend(paragraph(about, theme.muted(), LABEL + 3, columns));
            }
        }
    }
    lines
}

/// The end of the message, cleaned, and the cursor.
fn typed(app: &App, message: &Explaining, width: usize) -> Vec<Line<'static>> {
    let mut wrapped: Vec<String> = Vec::new();
    for line in message.text().split('\n') {
        let line = clean(line, COLUMNS);
        match wrap(&line, width.saturating_sub(3).max(8)) {
            parts if parts.is_empty() => wrapped.push(String::new()),
            parts => wrapped.extend(parts),
        }
    }
    let skipped = wrapped.len().saturating_sub(LINES);
    let mut lines: Vec<Line<'static>> = wrapped
        .into_iter()
        .skip(skipped)
        .map(|text| Line::from(format!(" {text}")))
        .collect();
    if let Some(last) = lines.last_mut() {
        last.push_span(Span::styled(" ", app.theme.selected()));
    }
    if skipped > 0 {
        lines.insert(0, Line::styled(" …", app.theme.muted()));
    }
    lines
}
