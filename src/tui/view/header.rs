//! The first line: what is watched, how it is, from where, and when.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use crate::diagnosis::State;
use crate::tui::app::{App, Recorded};
use crate::tui::text::cut;
use crate::tui::view::lines::clip;

/// A longer filter is cut here; `/` shows it whole.
const FILTER: usize = 40;

/// The header. Parts that matter least go first where it is narrow.
pub fn line(app: &App, width: u16) -> Line<'static> {
    let width = usize::from(width);
    let clock = format!("{} ", app.clock());
    let left = left(app);
    let used: usize = left.iter().map(|span| span.content.width()).sum();
    let mut room = width.saturating_sub(used + 2);
    let mut right = String::new();
    if room > clock.width() {
        room -= clock.width();
        for part in optional(app) {
            if part.width() + 4 <= room {
                room -= part.width() + 4;
                right.push_str(&part);
                right.push_str("    ");
            }
        }
        right.push_str(&clock);
    }
    let mut line = clip(left, width);
    let gap = width.saturating_sub(line.width() + right.width());
    line.push_span(Span::raw(" ".repeat(gap)));
    line.push_span(Span::styled(right, app.theme.muted()));
    if app.is_flashing() {
        // The blank in front stays, as on every line but a selected one.
        for span in line.spans.iter_mut().skip(1) {
            span.style = span.style.patch(app.theme.selected());
        }
    }
    line
}

fn left(app: &App) -> Vec<Span<'static>> {
    let theme = app.theme;
    let counts = app.fleet.counts();
    let mut spans = vec![Span::raw(" "), Span::styled("sqlreach", theme.heading())];
    if !app.about.label.is_empty() {
        spans.push(Span::styled(format!(" {}", app.about.label), theme.label()));
    }
    if app.about.policy.is_some() {
        spans.push(Span::styled(" policy", theme.muted()));
    }
    match app.recorded() {
        Recorded::Not => {}
        Recorded::Running => spans.push(Span::styled(" ● REC", theme.bad())),
        Recorded::Stopped => {
            spans.push(Span::raw(" "));
            spans.push(Span::styled(" REC STOPPED ", theme.loud()));
        }
    }
    if app.paused() {
        spans.push(Span::raw("  "));
        spans.push(Span::styled(" PAUSED ", theme.loud()));
    }
    if app.frozen().is_some() {
        spans.push(Span::raw("  "));
        spans.push(Span::styled(" FROZEN ", theme.loud()));
    }
    // What is hidden, and why, is said where no width cuts it off.
    let filter = app.fleet.current_filter();
    if !filter.is_empty() {
        let filter = cut(filter.text(), FILTER);
        let text = format!("  /{filter} ({} shown)", app.fleet.shown().len());
        spans.push(Span::styled(text, theme.label()));
    }
    if app.fleet.problems_only() {
        spans.push(Span::styled("  problems only", theme.label()));
    }
    let total = app.fleet.len();
    let noun = if total == 1 { "instance" } else { "instances" };
    spans.push(Span::raw(format!("  {total} {noun}")));
    let mut count = |number: usize, state: State, word: &str| {
        if number > 0 {
            let text = format!("  {} {number} {word}", state.glyph());
            spans.push(Span::styled(text, theme.state(state)));
        }
    };
    count(counts.down, State::Refused, "down");
    count(counts.degraded, State::Degraded, "degraded");
    count(counts.well, State::Answering, "answering");
    count(counts.pending, State::Pending, "pending");
    count(counts.invalid, State::Invalid, "invalid");
    if counts.stale > 0 {
        let text = format!("  ? {} stale", counts.stale);
        spans.push(Span::styled(text, theme.muted()));
    }
    let incidents = app.incidents.len();
    if incidents > 0 {
        let noun = if incidents == 1 {
            "incident"
        } else {
            "incidents"
        };
        spans.push(Span::styled(
            format!("  {incidents} {noun}"),
            theme.warning(),
        ));
    }
    if counts.flapping > 0 {
        let text = format!("  ⇅ {} flapping", counts.flapping);
        spans.push(Span::styled(text, theme.warning()));
    }
    if counts.acknowledged > 0 {
        let text = format!("  ✓ {} acknowledged", counts.acknowledged);
        spans.push(Span::styled(text, theme.muted()));
    }
    if counts.maintenance > 0 {
        let text = format!("  ◷ {} in maintenance", counts.maintenance);
        spans.push(Span::styled(text, theme.muted()));
    }
    spans
}

fn optional(app: &App) -> [String; 2] {
    let pace = app.about.pace(app.fleet.len());
    [pace, format!("from {}", app.about.vantage)]
}
