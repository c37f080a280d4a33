//! The line that must not be overlooked: it is this machine itself, or a configuration that
//! is not in force.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::advice;
use crate::tui::app::App;
use crate::tui::view::lines::clip;

/// The banner; `None` where nothing is wrong with this machine, nor with the configuration.
pub fn line(app: &App, width: u16) -> Option<Line<'static>> {
    let width = usize::from(width);
    let loud = app.theme.loud();
    let Some(words) = advice::standing(app.newest_standing()) else {
        let problem = app.config_problem()?;
        let text = format!(" CONFIGURATION NOT TAKEN: {problem}");
        let text = format!("{text:<width$}");
        return Some(clip(vec![Span::styled(text, loud)], width));
    };
    let says = format!(" THIS MACHINE {}", words.says);
    let first = format!(". First: {}", words.first);
    let mut spans = vec![Span::styled(says, loud)];
    // Cut in the middle it would help nobody; the detail pane of any row has it in full.
    if spans[0].content.width() + first.width() <= width {
        spans.push(Span::styled(first, loud));
    }
    let mut line = clip(spans, width);
    let gap = width.saturating_sub(line.width());
    line.push_span(Span::styled(" ".repeat(gap), loud));
    Some(line)
}
