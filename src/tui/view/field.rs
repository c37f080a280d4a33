//! The field that is typed into: its text, what is wrong with it where it is wrong, and for
//! the filter what can be written.

use std::ops::Range;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::lines::clip;
use crate::target::clean;
use crate::tui::acknowledging;
use crate::tui::app::{App, Field, Typing};
use crate::tui::filter::GRAMMAR;
use crate::tui::theme::Theme;

/// What a file may be.
const FILES: [&str; 5] = [
    "a list, one server a line",
    ".regsrvr of SSMS",
    "settings.json of VS Code",
    "another sqlreach.toml",
    "you see what it lists before anything is kept",
];
/// What happens to a host.
const HOSTS: [&str; 3] = [
    "a name or an address",
    "enter asks its Browser and looks at the ports that it lists",
    "it is watched for this session, and written nowhere",
];

/// All lines of the field.
pub fn lines(app: &App, typing: &Typing, width: usize) -> Vec<Line<'static>> {
    let label = match typing.field {
        Field::Filter | Field::Help => " / ",
        Field::Acknowledge(_) => " why? ",
        Field::File => " file? ",
        Field::Host => " host? ",
    };
    let count = match typing.field {
        Field::Filter => format!(" {} of {} ", app.fleet.shown().len(), app.fleet.len()),
        Field::Help => {
            let entries = app.help().unwrap_or_default();
            let found = entries.iter().filter(|entry| !entry.keys.is_empty());
            format!(" {} found ", found.count())
        }
        Field::Acknowledge(_) | Field::File | Field::Host => String::new(),
    };
    let room = width.saturating_sub(label.width() + count.width()).max(1);
    let read = match typing.field {
        Field::Filter | Field::Help | Field::File | Field::Host => None,
        Field::Acknowledge(_) => Some(app.acknowledgement(typing)),
    };
    let error = match &read {
        // Before the first word nothing is wrong yet.
        Some(Err(_)) if typing.text().trim().is_empty() => None,
        Some(read) => read.as_ref().err(),
        None => typing.error.as_ref(),
    };
    let wrong = error.map(|error| error.at.clone());
    let window = Window::of(
        app.theme,
        typing.text(),
        typing.cursor(),
        wrong.as_ref(),
        room,
    );
    let gap = room.saturating_sub(window.width);
    let mut spans = vec![Span::styled(label, app.theme.label())];
    spans.extend(window.spans);
    spans.push(Span::raw(" ".repeat(gap)));
    spans.push(Span::styled(count, app.theme.muted()));
    let mut lines = vec![clip(spans, width)];
    if let Some(error) = error {
        let at = label.width() + window.wrong.start;
        let marks = "^".repeat(window.wrong.len().max(1));
        lines.extend(mistake(app, at, &marks, &error.problem, width));
    } else if let Some(Ok(acknowledged)) = &read {
        let words = clean(&app.acknowledged_words(acknowledged), width);
        let spans = vec![Span::raw(" "), Span::styled(words, app.theme.heading())];
        lines.extend([clip(spans, width), Line::default()]);
    } else {
        let grammar: Vec<&str> = match typing.field {
            Field::Filter => GRAMMAR.iter().map(|(_, example)| *example).collect(),
            Field::Acknowledge(_) => acknowledging::GRAMMAR.to_vec(),
            Field::File => FILES.to_vec(),
            Field::Host => HOSTS.to_vec(),
            // One line: plain words are looked for.
            Field::Help => return lines,
        };
        let hints = hints(&grammar, width);
        lines.extend(hints.map(|hint| Line::styled(hint, app.theme.muted())));
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
pub(super) struct Window {
    pub(super) spans: Vec<Span<'static>>,
    width: usize,
    /// The columns of it that are wrong.
    wrong: Range<usize>,
}

impl Window {
    pub(super) fn of(
        theme: Theme,
        text: &str,
        cursor: usize,
        wrong: Option<&Range<usize>>,
        room: usize,
    ) -> Self {
        // The cursor may stand behind the text.
        let text = format!("{text} ");
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
                style = theme.bad().add_modifier(Modifier::UNDERLINED);
                if window.wrong.is_empty() {
                    window.wrong.start = window.width;
                }
                window.wrong.end = window.width + wide(c);
            }
            if number == cursor {
                style = style.patch(theme.selected());
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
fn hints(grammar: &[&str], width: usize) -> [String; 2] {
    let mut lines = [String::new(), String::new()];
    let mut at = 0;
    for example in grammar {
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
