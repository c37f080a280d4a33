//! The pane under the table: why, and what to type.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::group;
use super::lines::{LABEL, clip, ends, labelled, paragraph, rule};
use super::{print, proof};
use crate::advice::{Advice, CauseAdvice, ClientShows, NumberedCommand, Risk};
use crate::diagnosis::{Confidence, State};
use crate::monitor::Row;
use crate::target::Platform;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::keymap::Mode;
use crate::tui::reading::Reading;
use crate::tui::text::{self, platform_name};
use crate::tui::theme::Theme;

/// Draws the pane for the selected row. Returns how far it can be scrolled.
pub fn draw(app: &App, area: Rect, frame: &mut Frame<'_>) -> usize {
    if let Some(group) = app.fleet.selected_group() {
        let title = group::title(app, group);
        let mut lines = vec![rule(app.theme, &title, area.width)];
        lines.extend(group::lines(app, group, usize::from(area.width)));
        let end = lines.len().saturating_sub(area.height.into());
        // The title stays.
        lines.drain(1..=app.pane_scroll().min(end));
        print::lines(&lines, area, frame.buffer_mut());
        return end;
    }
    let Some(row) = app.fleet.selected() else {
        print::line(&rule(app.theme, "", area.width), area, frame.buffer_mut());
        return 0;
    };
    let title = Rect { height: 1, ..area };
    let rule = rule(app.theme, &self::title(app, row), area.width);
    print::line(&rule, title, frame.buffer_mut());
    let area = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    let (lines, end) = lines(app, row, usize::from(area.width), usize::from(area.height));
    print::lines(&lines, area, frame.buffer_mut());
    end
}

/// `sales01\PROD · refused for 3m12s · SQL Server 2022 when last seen`.
pub fn title(app: &App, row: &Row) -> String {
    let since = app.since_words(&row.since);
    let mut parts = vec![row.instance.name.clone()];
    parts.push(since.map_or(row.state.to_string(), |since| {
        format!("{} {since}", row.state)
    }));
    let answered = row
        .evidence
        .as_ref()
        .and_then(|evidence| evidence.layers.prelogin.version);
    let last_good = row.past.last_good.as_ref().and_then(|good| good.version);
    match (answered, last_good) {
        (Some(version), _) => parts.push(version_words(version)),
        (None, Some(version)) => parts.push(format!("{} when last seen", version_words(version))),
        (None, None) => {}
    }
    if row.marks.stale {
        parts.push("stale".to_owned());
    } else if let Some(flapping) = row.flapping() {
        parts.push(text::flapping(flapping));
    }
    parts.join(" · ")
}

fn version_words(version: crate::evidence::Version) -> String {
    match version.product() {
        Some(product) => format!("{product} ({version})"),
        None => version.to_string(),
    }
}

/// The lines of the pane: the commands always get room, the reasons what is left. And how far
/// it can be scrolled: first through the reasons, then through the commands.
fn lines(app: &App, row: &Row, width: usize, height: usize) -> (Vec<Line<'static>>, usize) {
    let Some(reading) = app.reading() else {
        let nothing = Line::styled(" no result yet", app.theme.muted());
        return (vec![nothing], 0);
    };
    let mut why = incident(app, row, width);
    why.extend(acknowledged(app, row, width));
    why.extend(proof::lines(app, row, reading, width));
    why.extend(self::why(app.theme, row, reading, width));
    let mut what = commands(app.theme, reading, width);
    // Half of the pane, or what the reasons leave free.
    let room = (height / 2).max(height.saturating_sub(why.len()));
    let below = what.len().min(room).min(height);
    let above = why.len().min(height - below);
    let (past_reasons, past_commands) = (why.len() - above, what.len() - below);
    let scroll = app.pane_scroll().min(past_reasons + past_commands);
    let first = scroll.min(past_reasons);
    let mut lines: Vec<_> = why.drain(first..first + above).collect();
    let first = scroll - first;
    lines.extend(what.drain(first..first + below));
    (lines, past_reasons + past_commands)
}

/// What happened to all of its incident, in one sentence, and how to hand it over.
pub fn incident(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let Some((words, others)) = app.incident_words(row) else {
        return Vec::new();
    };
    let theme = app.theme;
    let mut lines = paragraph(&words.sentence, theme.heading(), 1, width);
    let noun = if others == 1 { "other" } else { "others" };
    let does = format!("copies the note for the {}", words.team);
    let more = match app.hint(Mode::Table, Action::CopyIncident, &does) {
        Some(hint) => format!("with {others} {noun} · {hint}"),
        None => format!("with {others} {noun}"),
    };
    lines.extend(labelled(
        "Incident",
        theme.label(),
        &more,
        theme.muted(),
        width,
    ));
    lines
}

/// Why somebody took notice, or which maintenance it is in, and until when that holds.
pub fn acknowledged(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let label = app.theme.label();
    if let Some(acknowledged) = &row.marks.acknowledged {
        let words = crate::target::clean(&app.acknowledged_words(acknowledged), 400);
        lines.extend(labelled("Acknowledged", label, &words, Style::new(), width));
    }
    if let Some(window) = &row.marks.maintenance {
        let words = crate::target::clean(&app.maintenance_words(window), 400);
        lines.extend(labelled("Maintenance", label, &words, Style::new(), width));
    }
    lines
}

/// What happened, why, and what clients show.
fn why(theme: Theme, row: &Row, reading: &Reading, width: usize) -> Vec<Line<'static>> {
    let advice = reading.advice();
    let mut lines = Vec::new();
    lines.extend(paragraph(&advice.headline, theme.heading(), 1, width));
    lines.extend(causes(theme, advice, width));
    for finding in advice
        .findings
        .iter()
        .filter(|finding| **finding != advice.headline)
    {
        lines.extend(labelled(
            "Finding",
            theme.label(),
            finding,
            Style::new(),
            width,
        ));
    }
    lines.extend(ruled_out(theme, row, advice, width));
    if let Some(shows) = advice.clients_show.first().filter(|_| !row.marks.stale) {
        let text = essence(shows);
        lines.extend(labelled(
            "Clients see",
            theme.label(),
            &text,
            Style::new(),
            width,
        ));
    }
    if let Some(note) = &row.instance.note {
        let note = crate::target::clean(note, 400);
        lines.extend(labelled("Note", theme.label(), &note, Style::new(), width));
    }
    lines
}

/// `Most likely … because … or …`, or `Equally likely` where the evidence cannot tell.
fn causes(theme: Theme, advice: &Advice, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let tied = advice.tied.max(1);
    for (at, cause) in advice.causes.iter().enumerate().take(tied.max(2) + 1) {
        let label = match at {
            0 if advice.tied > 1 => "Equally likely",
            0 => "Most likely",
            _ => "or",
        };
        // "or" stands at the right end of its column, under the label.
        let head = if at == 0 {
            format!(" {label:<LABEL$}")
        } else {
            format!(" {label:>12} ")
        };
        let style = if at < tied {
            Style::new()
        } else {
            theme.muted()
        };
        let spans = vec![
            Span::styled(head, theme.label()),
            Span::styled(cause.title, style),
        ];
        let confidence = Span::styled(
            confidence(cause.confidence),
            theme.confidence(cause.confidence),
        );
        lines.push(ends(spans, confidence, width));
        let because = because(advice, cause);
        if at == 0 && !because.is_empty() {
            lines.extend(labelled(
                BECAUSE,
                theme.label(),
                &because,
                Style::new(),
                width,
            ));
        }
    }
    lines
}

/// `because`, standing at the right end of the labels' column.
pub const BECAUSE: &str = "       because";

/// What a client shows, as people call it: the number of the network interface (26, 40)
/// or of the system (10061), and its sentence, without what every failure begins with.
fn essence(shows: &ClientShows) -> String {
    if shows.text.starts_with("error: ") {
        let told = shows.text.split_once(" (provider").map(|(told, _)| told);
        return told.unwrap_or(&shows.text).to_owned();
    }
    let inside = shows
        .text
        .split_once("(provider: ")
        .and_then(|(_, inside)| inside.split_once(", "));
    let Some((_, told)) = inside else {
        let code = shows.code.filter(|code| *code > 0);
        return code.map_or(shows.text.clone(), |code| format!("{code} {}", shows.text));
    };
    let told = told.split_once(')').map_or(told, |(told, _)| told);
    match (told.strip_prefix("error: 0 - "), shows.code) {
        (Some(sentence), Some(code)) => format!("{code} {sentence}"),
        (Some(sentence), None) => sentence.to_owned(),
        (None, _) => told.to_owned(),
    }
}

/// What raised a cause, without what the headline has just said.
fn because(advice: &Advice, cause: &CauseAdvice) -> String {
    let new = |reason: &&String| **reason != advice.headline;
    cause
        .because
        .iter()
        .filter(new)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" · ")
}

/// The word for a confidence.
pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}

fn ruled_out(theme: Theme, row: &Row, advice: &Advice, width: usize) -> Vec<Line<'static>> {
    let text = advice.rules_out.join(" · ");
    let mut lines = labelled("Ruled out", theme.label(), &text, Style::new(), width);
    // No probe logs in, so no state below `ready` says anything about logins.
    if row.state.is_up() && row.state != State::Ready {
        lines.extend(labelled(
            "Not tested",
            theme.label(),
            "login",
            Style::new(),
            width,
        ));
    }
    lines
}

/// `Next` with the platforms, and the commands with their numbers.
fn commands(theme: Theme, reading: &Reading, width: usize) -> Vec<Line<'static>> {
    if reading.commands().is_empty() {
        return Vec::new();
    }
    let mut lines = vec![platforms(theme, reading, width)];
    for command in reading.commands().into_iter().take(9) {
        lines.push(command_line(theme, &command, width));
    }
    lines
}

/// `Next` and the platforms there are commands for, the shown one marked.
pub fn platforms(theme: Theme, reading: &Reading, width: usize) -> Line<'static> {
    let name = |platform: Platform| {
        let name = platform_name(platform);
        match (platform == reading.platform(), reading.is_guessed()) {
            (true, true) => format!("[{name}?]"),
            (true, false) => format!("[{name}]"),
            (false, _) => name.to_owned(),
        }
    };
    let names: Vec<String> = reading.platforms().into_iter().map(name).collect();
    let next = vec![Span::styled(" Next", theme.label())];
    ends(next, Span::raw(names.join(" │ ")), width)
}

/// One command with the number that copies it, and where it is typed and what it risks at
/// the end.
fn command_line(theme: Theme, numbered: &NumberedCommand<'_>, width: usize) -> Line<'static> {
    let about = numbered.about();
    let safe = numbered.fix.risk == Risk::ReadOnly;
    let style = if safe { theme.muted() } else { theme.warning() };
    // Only the first nine have a key.
    let number = if numbered.number <= 9 {
        numbered.number.to_string()
    } else {
        " ".into()
    };
    let number = Span::styled(format!("  {number} "), theme.label());
    let text = Span::styled(numbered.command.text.clone(), theme.command());
    // A long command keeps its beginning; what it risks is never cut off.
    if about.width() + 24 > width {
        return clip(vec![number, text], width);
    }
    ends(vec![number, text], Span::styled(about, style), width)
}
