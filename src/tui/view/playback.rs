//! The bar of a replay: that it is one, where it is, how fast, and what it lacks.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::lines::clip;
use crate::advice;
use crate::monitor::replay::Playback;
use crate::tui::app::App;

/// The bar; `None` where nothing is replayed.
pub fn line(app: &App, width: u16) -> Option<Line<'static>> {
    let replay = app.replay()?;
    let width = usize::from(width);
    let theme = app.theme;
    let time = |at: jiff::Timestamp, format| {
        let zoned = at.to_zoned(app.about.zone.clone());
        zoned.strftime(format).to_string()
    };
    let mut spans = vec![
        Span::styled(" REPLAY ", theme.loud()),
        Span::styled(format!(" {} ", pace(replay)), theme.label()),
        Span::styled(time(replay.now, "%Y-%m-%d %H:%M:%S"), theme.heading()),
        Span::raw(format!(" of {}", time(replay.ended, "%H:%M:%S"))),
    ];
    let mut room = width.saturating_sub(spans.iter().map(Span::width).sum());
    for (part, style) in remarks(app, replay) {
        // Cut in the middle it would help nobody.
        if part.width() + 3 <= room {
            room -= part.width() + 3;
            spans.push(Span::raw(" · "));
            spans.push(Span::styled(part, style));
        }
    }
    let mut line = clip(spans, width);
    let rest = width.saturating_sub(line.width());
    if rest > 1 {
        line.push_span(Span::styled(
            format!(" {}", "─".repeat(rest - 1)),
            theme.muted(),
        ));
    }
    Some(line)
}

/// Whether it plays, and how fast.
fn pace(replay: &Playback) -> String {
    let speed = replay.speed;
    match replay.seeking {
        Some(percent) => format!("seeking, {percent} %"),
        None if replay.playing => format!("▶ {speed}×"),
        None if replay.now >= replay.ended => format!("■ end, {speed}×"),
        None => format!("‖ {speed}×"),
    }
}

/// What else there is to know, what matters most first.
fn remarks(app: &App, replay: &Playback) -> Vec<(String, ratatui::style::Style)> {
    let theme = app.theme;
    let count = |number: u64, one: &str, more: &str| match number {
        0 => None,
        1 => Some((format!("1 {one}"), theme.warning())),
        _ => Some((format!("{number} {more}"), theme.warning())),
    };
    let standing = advice::standing(&app.standing);
    let standing = standing.map(|words| (format!("THIS MACHINE {}", words.says), theme.bad()));
    let torn = replay
        .torn
        .then(|| ("interrupted".to_owned(), theme.warning()));
    let from = (format!("recorded on {}", replay.vantage), theme.muted());
    [
        count(replay.gaps, "gap", "gaps"),
        count(replay.skipped, "line skipped", "lines skipped"),
        torn,
        standing,
        Some(from),
    ]
    .into_iter()
    .flatten()
    .collect()
}
