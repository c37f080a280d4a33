//! The fields of one instance, and below them what the server comes to as it is typed.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::field::Window;
use super::lines::{LABEL, labelled, paragraph, rule};
use crate::target::{Target, TargetError};
use crate::tui::action::Action;
use crate::tui::app::{App, Form, LABELS, Meaning};
use crate::tui::keymap::Mode;

/// What may stand in a field that is empty.
const EXAMPLES: [&str; 5] = [
    r"host, host,port, host\INSTANCE, or a connection string",
    "as the server, if left empty",
    "one word each: prod emea",
    "auto, windows, linux, container, azure, rds",
    "owner, runbook, what to know",
];

/// All lines of the form.
pub fn lines(app: &App, form: &Form, width: u16) -> Vec<Line<'static>> {
    let title = if form.is_of_a_known_one() {
        "change an instance"
    } else {
        "add an instance"
    };
    let columns = usize::from(width);
    let mut lines = vec![rule(app.theme, title, width)];
    lines.extend((0..LABELS.len()).map(|number| field(app, form, number, columns)));
    lines.push(rule(app.theme, "what it says", width));
    lines.extend(meaning(app, form, columns));
    if form.dropped_a_password() {
        let text = "The password was left out: none is needed, and none is kept.";
        lines.extend(paragraph(text, app.theme.warning(), 1, columns));
    }
    if let Some(why) = form.refused() {
        lines.extend(paragraph(why, app.theme.bad(), 1, columns));
    }
    lines.push(Line::default());
    let place = app.kept_in();
    lines.extend(labelled(
        "kept in",
        app.theme.label(),
        &place,
        app.theme.muted(),
        columns,
    ));
    lines
}

/// Where each field is, by its number, with the lines before `first` out of sight.
pub fn places(area: Rect, first: usize) -> Vec<(Rect, usize)> {
    // The title stands above them.
    let at = |number: usize| u16::try_from((number + 1).checked_sub(first)?).ok();
    (0..LABELS.len())
        .filter_map(|number| Some((at(number)?, number)))
        .filter(|(line, _)| *line < area.height)
        .map(|(line, number)| {
            let y = area.y + line;
            let height = 1;
            (Rect { y, height, ..area }, number)
        })
        .collect()
}

fn field(app: &App, form: &Form, number: usize, width: usize) -> Line<'static> {
    let theme = app.theme;
    let mut line = Line::styled(format!(" {:<LABEL$}", LABELS[number]), theme.label());
    let (text, cursor) = form.field(number);
    let room = width.saturating_sub(LABEL + 2).max(1);
    if form.at() == number {
        line.extend(Window::of(theme, &text, cursor, None, room).spans);
    } else {
        line.push_span(Span::raw(crate::tui::text::cut(&text, room)));
    }
    if text.is_empty() {
        let example = crate::tui::text::cut(EXAMPLES[number], room.saturating_sub(1));
        line.push_span(Span::styled(example, theme.muted()));
    }
    line
}

/// A sentence, and the key before which nothing is sent.
pub(super) fn before(app: &App, said: &str, mode: Mode) -> String {
    match app.key_for(mode, Action::Enter) {
        Some(key) => format!("{said} Nothing is sent before {key}."),
        None => said.to_owned(),
    }
}

fn meaning(app: &App, form: &Form, width: usize) -> Vec<Line<'static>> {
    match form.meaning() {
        Meaning::Nothing => paragraph(
            &before(app, "Type or paste a server.", Mode::Form),
            app.theme.muted(),
            1,
            width,
        ),
        Meaning::Wrong(error) => wrong(app, &error, width),
        Meaning::Server(target) => {
            let mut lines = paragraph(&says(&target), Style::new(), 1, width);
            if let Some(name) = app.known_as(&target) {
                let text = format!("It is watched already, as {name}.");
                lines.extend(paragraph(&text, app.theme.warning(), 1, width));
            }
            lines
        }
    }
}

/// `host sales01, instance PROD, port from Browser`.
fn says(target: &Target) -> String {
    let host = &target.host;
    match (&target.instance, target.port) {
        (Some(instance), None) => format!("host {host}, instance {instance}, port from Browser"),
        (Some(instance), Some(port)) => format!(
            "host {host}, port {port}; a port wins, so the instance {instance} is not looked for"
        ),
        (None, Some(port)) => format!("host {host}, port {port}"),
        (None, None) => format!("host {host}, default instance, port 1433"),
    }
}

/// The text with the place marked, what is wrong there, and what would be right.
fn wrong(app: &App, error: &TargetError, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let (text, at) = (&error.text, error.at.clone());
    let mut line = Line::from(" ");
    match (
        text.get(..at.start),
        text.get(at.clone()),
        text.get(at.end..),
    ) {
        (Some(before), Some(bad), Some(after)) if !bad.is_empty() => {
            line.push_span(Span::raw(before.to_owned()));
            let marked = theme
                .bad()
                .add_modifier(ratatui::style::Modifier::UNDERLINED);
            line.push_span(Span::styled(bad.to_owned(), marked));
            line.push_span(Span::raw(after.to_owned()));
        }
        _ => line.push_span(Span::raw(text.clone())),
    }
    let mut lines = vec![line];
    lines.extend(paragraph(&error.problem, theme.bad(), 1, width));
    if let Some(hint) = &error.hint {
        lines.extend(paragraph(hint, Style::new(), 1, width));
    }
    lines
}
