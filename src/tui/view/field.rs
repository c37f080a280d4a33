//! The field that is typed into: its text, what is wrong with it where it is wrong, and for
//! the filter what can be written.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::lines::clip;
use crate::tui::app::{App, Field, Typing};
use crate::tui::filter::GRAMMAR;

/// All lines of the field.
pub fn lines(app: &App, typing: &Typing, width: usize) -> Vec<Line<'static>> {
    let label = match typing.field {
        Field::Filter | Field::Help => " / ",
        Field::Acknowledge(_) => " why? ",
    };
    let count = match typing.field {
        Field::Filter => format!(" {} of {} ", app.fleet.shown().len(), app.fleet.len()),
        Field::Help => {
            let entries = app.help().unwrap_or_default();
            let found = entries.iter().filter(|entry| !entry.keys.is_empty());
            format!(" {} found ", found.count())
        }
        Field::Acknowledge(_) => String::new(),
    };
    let room = width.saturating_sub(label.width() + count.width()).max(1);
    let wrong = typing.error.as_ref().map(|error| error.at.clone());
    let window = Window::of(app, typing, wrong.as_ref(), room);
    let gap = room.saturating_sub(window.width);
    let mut spans = vec![Span::styled(label, app.theme.label())];
    spans.extend(window.spans);
    spans.push(Span::raw(" ".repeat(gap)));
    spans.push(Span::styled(count, app.theme.muted()));
    let mut lines = vec![clip(spans, width)];
    if typing.field == Field::Filter {
        match &typing.error {
            Some(error) => {
                let at = label.width() + window.wrong.start;
                let marks = "^".repeat(window.wrong.len().max(1));
                let spans = mistake(app, at, &marks, &error.problem, width);
                lines.extend(spans);
            }
            None => lines.extend(hints(width).map(|hint| Line::styled(hint, app.theme.muted()))),
        }
    }
    lines
}

/// The marks under the mistake and the sentence behind them, or under them where it is long.
fn mistake(app: &App, at: usize, marks: &str, problem: &str, width: usize) -> Vec<Line<'static>> {
    let blank = Span::raw(" ".repeat(at));
    let marks = Span::styled(marks.to_owned(), app.theme.bad());
    let end = at + marks.content.width() + 1 + problem.width();
    let problem = format!(" {problem}");
    if end <= width {
        let problem = Span::styled(problem, app.theme.warning());
        return vec![clip(vec![blank, marks, problem], width), Line::default()];
    }
    vec![
        clip(vec![blank, marks], width),
        clip(vec![Span::styled(problem, app.theme.warning())], width),
    ]
}

/// The part of the text that is on the screen: always the one with the cursor.
struct Window {
    spans: Vec<Span<'static>>,
    width: usize,
    /// The columns of it that are wrong.
    wrong: Range<usize>,
}

impl Window {
    fn of(app: &App, typing: &Typing, wrong: Option<&Range<usize>>, room: usize) -> Self {
        // The cursor may stand behind the text.
        let text = format!("{} ", typing.text());
        let cursor = typing.cursor();
        let to_cursor: usize = text.chars().take(cursor + 1).map(wide).sum();
        let mut hidden = to_cursor.saturating_sub(room);
        let mut window = Self {
            spans: Vec::new(),
            width: 0,
            // Empty where it is out of sight, to the left or to the right.
            wrong: 0..0,
        };
        for (number, (at, c)) in text.char_indices().enumerate() {
            if hidden > 0 {
                hidden = hidden.saturating_sub(wide(c));
                continue;
            }
            if window.width + wide(c) > room {
                break;
            }
            let is_wrong = wrong.is_some_and(|wrong| wrong.contains(&at));
            let mut style = Style::new();
            if is_wrong {
                style = app.theme.bad().add_modifier(Modifier::UNDERLINED);
                if window.wrong.is_empty() {
                    window.wrong.start = window.width;
                }
                window.wrong.end = window.width + wide(c);
            }
            if number == cursor {
                style = style.patch(app.theme.selected());
            }
            window.spans.push(Span::styled(c.to_string(), style));
            window.width += wide(c);
        }
        window
    }
}

fn wide(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// What can be written, two lines of it; what matters least is left out where it is narrow.
fn hints(width: usize) -> [String; 2] {
    let mut lines = [String::new(), String::new()];
    let mut at = 0;
    for (_, example) in GRAMMAR {
        if lines[at].width() + 2 + example.width() > width {
            at += 1;
        }
        let Some(line) = lines.get_mut(at) else {
            break;
        };
        line.push_str(if line.is_empty() { " " } else { "  " });
        line.push_str(example);
    }
    lines
}
