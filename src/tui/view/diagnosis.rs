//! The tab `diagnosis`: what is proved, every cause with its reasons, every command.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::detail::{BECAUSE, confidence, platforms};
use super::lines::{LABEL, ends, labelled, paragraph};
use crate::advice::{Advice, CauseAdvice, ClientShows, NumberedCommand, Risk, Spelled};
use crate::monitor::Row;
use crate::tui::app::App;
use crate::tui::reading::Reading;
use crate::tui::theme::Theme;

/// All lines of the tab.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let Some(reading) = app.reading() else {
        return vec![Line::styled(" no result yet", theme.muted())];
    };
    let advice = reading.advice();
    let mut lines = super::detail::incident(app, row, width);
    lines.extend(super::proof::lines(app, row, reading, width));
    lines.extend(paragraph(&advice.headline, theme.heading(), 1, width));
    lines.extend(list("Finding", &findings(advice), theme, width));
    if let Some(note) = &row.instance.note {
        lines.extend(list(
            "Note",
            &[crate::target::clean(note, 2_000)],
            theme,
            width,
        ));
    }
    if advice.tied > 1 {
        let text = format!(
            "The evidence cannot tell the first {} causes apart; the first command decides.",
            advice.tied
        );
        lines.extend(paragraph(&text, theme.warning(), 1, width));
    }
    for (at, cause) in advice.causes.iter().enumerate() {
        lines.extend(self::cause(theme, at, cause, width));
    }
    if !reading.commands().is_empty() {
        lines.push(Line::default());
        lines.push(platforms(theme, reading, width));
        lines.extend(commands(theme, reading, width));
    }
    lines.push(Line::default());
    lines.extend(list("Proved", &advice.proves, theme, width));
    lines.extend(list("Ruled out", &advice.rules_out, theme, width));
    lines.extend(list("Would tell", &advice.next_tests, theme, width));
    lines.extend(clients(theme, &advice.clients_show, width));
    for cause in &advice.causes {
        lines.extend(about(theme, cause, width));
    }
    lines
}

/// The findings that the headline has not said already.
fn findings(advice: &Advice) -> Vec<String> {
    advice
        .findings
        .iter()
        .filter(|finding| **finding != advice.headline)
        .cloned()
        .collect()
}

/// A label in front of the first of several sentences.
fn list(label: &str, sentences: &[String], theme: Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (at, sentence) in sentences.iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        lines.extend(labelled(
            label,
            theme.label(),
            sentence,
            Style::new(),
            width,
        ));
    }
    lines
}

/// A cause with its reasons.
fn cause(theme: Theme, at: usize, cause: &CauseAdvice, width: usize) -> Vec<Line<'static>> {
    let title = vec![Span::styled(
        format!(" {}. {}", at + 1, cause.title),
        theme.heading(),
    )];
    let sure = Span::styled(
        confidence(cause.confidence),
        theme.confidence(cause.confidence),
    );
    let mut lines = vec![Line::default(), ends(title, sure, width)];
    lines.extend(list(BECAUSE, &cause.because, theme, width));
    lines.extend(list("       against", &cause.against, theme, width));
    lines
}

/// What a cause means, and how to keep it from coming back.
fn about(theme: Theme, cause: &CauseAdvice, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    lines.extend(paragraph(cause.title, theme.heading(), 1, width));
    lines.extend(paragraph(cause.means, Style::new(), 4, width));
    lines.extend(list("       prevent", cause.prevent, theme, width));
    lines
}

/// Every command in full under the title of its step, with what it gives up.
fn commands(theme: Theme, reading: &Reading, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for numbered in reading.commands() {
        let fix = numbered.fix;
        let safe = fix.risk == Risk::ReadOnly;
        let risk = if safe { theme.muted() } else { theme.warning() };
        let about = Span::styled(numbered.about(), risk);
        lines.push(ends(
            vec![Span::raw(format!("    {}", fix.title))],
            about,
            width,
        ));
        lines.extend(command(theme, &numbered, width));
        if let Some(Spelled(note)) = fix.note {
            lines.extend(paragraph(note, theme.muted(), 6, width));
        }
        if !numbered.command.edit.is_empty() {
            let text = format!("fill in {} first", numbered.command.edit.join(", "));
            lines.extend(paragraph(&text, theme.warning(), 6, width));
        }
    }
    lines
}

/// A command over as many lines as it needs; only the first nine have a key.
fn command(theme: Theme, numbered: &NumberedCommand<'_>, width: usize) -> Vec<Line<'static>> {
    let mut number = Some(numbered.number).filter(|number| *number <= 9);
    let parts = crate::tui::text::wrap(&numbered.command.text, width.saturating_sub(7));
    let lines = parts.into_iter().map(|part| {
        let number = number
            .take()
            .map_or(String::new(), |number| number.to_string());
        let head = Span::styled(format!("  {number:>2}  "), theme.label());
        Line::from(vec![head, Span::styled(part, theme.command())])
    });
    lines.collect()
}

fn clients(theme: Theme, shows: &[ClientShows], width: usize) -> Vec<Line<'static>> {
    if shows.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        Line::default(),
        Line::styled(" What clients show for this", theme.label()),
    ];
    for shows in shows {
        let code = shows.code.map_or(String::new(), |code| format!("{code} "));
        let text = format!("{code}{}", shows.text);
        let client = crate::tui::text::cut(shows.client, LABEL - 1);
        lines.extend(labelled(&client, theme.muted(), &text, Style::new(), width));
    }
    lines
}
