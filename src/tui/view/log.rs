//! The tab `log`: everything that happened to the instance, newest first.

use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::history::time;
use crate::advice::proof;
use crate::monitor::{Diary, Ended, Proof, Row, Transition};
use crate::tui::app::App;
use crate::tui::text::wrap;
use crate::tui::theme::Theme;

/// Columns of the time, with the blanks around it.
const TIME: usize = 19;

/// One thing that happened.
struct Event {
    at: Timestamp,
    text: String,
    style: Style,
}

/// All lines of the tab.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let transitions = row.transitions.iter().map(|one| turned(app, one));
    let proofs = row.proofs.iter().flat_map(|one| proved(theme, one));
    let notes = row.diary.notes().map(|note| Event {
        at: note.at,
        text: note.what.to_string(),
        style: Style::new(),
    });
    let mut events: Vec<Event> = notes.chain(proofs).chain(transitions).collect();
    if events.is_empty() {
        return vec![Line::styled(
            " nothing has happened since this program watches",
            theme.muted(),
        )];
    }
    // What came later at the same time is told later, so it stands higher.
    events.sort_by_key(|event| event.at);
    let mut lines: Vec<Line<'static>> = events
        .iter()
        .rev()
        .flat_map(|event| told(app, event, width))
        .collect();
    if row.diary.notes().len() == Diary::MOST {
        lines.push(Line::styled(" what was before is not kept", theme.muted()));
    }
    lines
}

/// The time, and the words beside it.
fn told(app: &App, event: &Event, width: usize) -> Vec<Line<'static>> {
    let mut at = Some(time(app, event.at));
    wrap(&event.text, width.saturating_sub(TIME + 1).max(8))
        .into_iter()
        .map(|part| {
            let at = at.take().unwrap_or_default();
            let at = format!(" {at:<width$}", width = TIME - 1);
            Line::from(vec![
                Span::styled(at, app.theme.muted()),
                Span::styled(part, event.style),
            ])
        })
        .collect()
}

/// A change lies between two probes: the earlier is said, the later is its time.
fn turned(app: &App, transition: &Transition) -> Event {
    let Transition { from, to, .. } = transition;
    let after = match transition.last_seen {
        Some(last) => format!(", after {}", time(app, last)),
        None => String::new(),
    };
    Event {
        at: transition.first_seen,
        text: format!("{} {from} → {to}{after}", app.marker.state(*to)),
        style: app.theme.state(*to),
    }
}

/// The begin of a proof, and its end.
fn proved(theme: Theme, proof: &Proof) -> impl Iterator<Item = Event> {
    let began = Event {
        at: proof.began,
        text: format!("put to the proof: {}", proof.attempt.fix),
        style: Style::new(),
    };
    let after = |span| proof.began.saturating_add(span).unwrap_or(proof.began);
    let ended = proof.ended.map(|ended| match ended {
        Ended::Fixed { after: least, by } => Event {
            at: after(by),
            text: proof::fixed(least, by),
            style: theme.good(),
        },
        Ended::NotFixed { first, at } => Event {
            at,
            text: proof::not_fixed(at.duration_since(proof.began), first),
            style: theme.bad(),
        },
        Ended::Untold { at } => Event {
            at,
            text: proof::stopped(at.duration_since(proof.began)),
            style: theme.muted(),
        },
    });
    [began].into_iter().chain(ended)
}
