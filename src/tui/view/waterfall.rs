//! The waterfall at the top of the tab `path`: one line for each layer and endpoint.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::lines::paragraph;
use crate::evidence::{Elapsed, Evidence};
use crate::tui::app::App;
use crate::tui::glyph::Mark;
use crate::tui::text::{left, right};
use crate::tui::waterfall::{Bar, Scale, Waterfall};

/// Columns that a time takes.
const TIME: usize = 8;
/// Everything on a line beside the label and the bar: blanks, a glyph and the time.
const OTHER: usize = TIME + 5;

/// The columns of the two parts that depend on the width.
#[derive(Clone, Copy)]
struct Columns {
    label: usize,
    bar: usize,
}

/// The axis, a line for each bar, and what there is to say of them.
pub fn lines(app: &App, evidence: &Evidence, width: usize) -> Vec<Line<'static>> {
    let fall = Waterfall::of(evidence);
    let longest = fall.bars.iter().map(|bar| bar.label.len()).max();
    let label = longest.unwrap_or(0).min(width * 2 / 5);
    let columns = Columns {
        label,
        bar: width.saturating_sub(label + OTHER).max(1),
    };
    let scale = fall.scale(columns.bar);
    let mut lines = axis(app, scale, columns);
    lines.extend(fall.bars.iter().map(|bar| line(app, bar, scale, columns)));
    let mut notes = Vec::new();
    if fall.bars.iter().any(|bar| bar.mark == Mark::Late) {
        notes.push(format!(
            "{} waited in vain until there",
            app.marker.axes()[1]
        ));
    }
    if fall.inferred {
        notes.push("starts that were not recorded are inferred from the order".to_owned());
    }
    lines.extend(paragraph(
        &notes.join("; "),
        app.theme.muted(),
        columns.label.min(width / 4) + 2,
        width,
    ));
    lines
}

/// The words of the ticks, and the ticks.
fn axis(app: &App, scale: Scale, columns: Columns) -> Vec<Line<'static>> {
    let [.., corner, line, tick] = app.marker.axes();
    let indent = columns.label + 2;
    let mut words = " ".repeat(indent);
    let mut drawn = vec![line; columns.bar];
    for (at, text) in scale.ticks(columns.bar) {
        drawn[at] = if at == 0 { corner } else { tick };
        let used = words.chars().count();
        // The last one stands in the columns of the times.
        if (used < indent + at || at == 0) && at + text.len() < columns.bar + TIME {
            words.push_str(&" ".repeat(indent + at - used));
            words.push_str(&text);
        }
    }
    let drawn: String = drawn.into_iter().collect();
    let style = app.theme.muted();
    vec![
        Line::styled(words, style),
        Line::styled(format!("{}{drawn}", " ".repeat(indent)), style),
    ]
}

fn line(app: &App, bar: &Bar, scale: Scale, columns: Columns) -> Line<'static> {
    let style = app.theme.mark(bar.mark);
    let (drawn, time) = match bar.span {
        Some(span) => {
            let cells = scale.place(span, columns.bar);
            let mut drawn = app.marker.bar(cells.eighths);
            if bar.mark == Mark::Late {
                drawn.pop();
                drawn.push(app.marker.axes()[1]);
            }
            let took = u64::try_from(span.end - span.start).unwrap_or(u64::MAX);
            let took: Elapsed = std::time::Duration::from_micros(took).into();
            (" ".repeat(cells.from) + &drawn, took.to_string())
        }
        None => (
            left("not reached, or not needed", columns.bar),
            String::new(),
        ),
    };
    let label_style = if bar.span.is_some() {
        Style::new()
    } else {
        style
    };
    Line::from(vec![
        Span::styled(
            format!(" {} ", left(&bar.label, columns.label)),
            label_style,
        ),
        Span::styled(left(&drawn, columns.bar), style),
        Span::styled(format!(" {} ", app.marker.mark(bar.mark)), style),
        Span::raw(right(&time, TIME)),
    ])
}
