//! The pieces that lines are built from: rules, labels, wrapped text.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::text::{cut, wrap};
use crate::tui::theme::Theme;

/// Columns that a label takes in front of its text.
pub const LABEL: usize = 15;

/// `── title ─────────`, as wide as asked.
pub fn rule(theme: Theme, title: &str, width: u16) -> Line<'static> {
    let width = usize::from(width);
    if title.is_empty() {
        return Line::styled("─".repeat(width), theme.muted());
    }
    let title = cut(title, width.saturating_sub(6));
    let rest = width.saturating_sub(title.width() + 4);
    Line::from(vec![
        Span::styled("── ", theme.muted()),
        Span::styled(title, theme.heading()),
        Span::styled(format!(" {}", "─".repeat(rest)), theme.muted()),
    ])
}

/// A label and its text, wrapped under itself.
pub fn labelled(
    label: &str,
    label_style: Style,
    text: &str,
    style: Style,
    width: usize,
) -> Vec<Line<'static>> {
    // A blank stands between a long label and its text, too.
    let label_width = LABEL.max(label.width() + 1);
    let space = width.saturating_sub(label_width + 1).max(8);
    let mut label = Some(format!("{label} "));
    wrap(text, space)
        .into_iter()
        .map(|part| {
            let head = format!(" {:<LABEL$}", label.take().unwrap_or_default());
            Line::from(vec![
                Span::styled(head, label_style),
                Span::styled(part, style),
            ])
        })
        .collect()
}

/// Text, wrapped and indented.
pub fn paragraph(text: &str, style: Style, indent: usize, width: usize) -> Vec<Line<'static>> {
    wrap(text, width.saturating_sub(indent + 1).max(8))
        .into_iter()
        .map(|part| {
            Line::from(vec![
                Span::raw(" ".repeat(indent)),
                Span::styled(part, style),
            ])
        })
        .collect()
}

/// A line with something at its right end; the left part is cut if both do not fit.
pub fn ends(left: Vec<Span<'static>>, right: Span<'static>, width: usize) -> Line<'static> {
    let space = width.saturating_sub(right.content.width() + 2);
    let mut line = clip(left, space);
    let used = line.width();
    line.push_span(Span::raw(
        " ".repeat(width.saturating_sub(used + right.content.width() + 1)),
    ));
    line.push_span(right);
    line
}

/// Spans, cut with `…` where they are wider than asked.
pub fn clip(spans: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let mut line = Line::default();
    let mut room = width;
    for span in spans {
        let wide = span.content.width();
        if wide <= room {
            room -= wide;
            line.push_span(span);
        } else {
            line.push_span(Span::styled(cut(&span.content, room), span.style));
            break;
        }
    }
    line
}
