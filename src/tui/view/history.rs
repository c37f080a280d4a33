//! The tab `history`: what changed when, and how slow it was.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::lines::labelled;
use crate::monitor::{Row, Slot, Transition};
use crate::tui::app::App;
use crate::tui::text;

/// All lines of the tab.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let mut lines = vec![Line::styled(" What changed", theme.label())];
    if row.transitions.is_empty() {
        lines.push(Line::styled(
            "   nothing since this program watches",
            theme.muted(),
        ));
    }
    for transition in row.transitions.iter().rev() {
        lines.extend(self::transition(app, transition, width));
    }
    lines.extend(super::outages::lines(app, row, width));
    if let Some(good) = &row.past.last_good {
        let text = format!(
            "answered at {} on {}:{}",
            time(app, good.at),
            good.address,
            good.port
        );
        lines.push(Line::default());
        lines.extend(labelled(
            "Last good",
            theme.label(),
            &text,
            Style::new(),
            width,
        ));
    }
    lines.push(Line::default());
    lines.push(Line::styled(" By the minute, newest first", theme.label()));
    lines.extend(row.history.hour().rev().map(|slot| self::slot(app, &slot)));
    lines.push(Line::default());
    lines.push(Line::styled(" By ten minutes, newest first", theme.label()));
    lines.extend(row.history.day().rev().map(|slot| self::slot(app, &slot)));
    lines
}

/// A change lies between the last probe that saw the old state and the first that saw the new one.
fn transition(app: &App, transition: &Transition, width: usize) -> Vec<Line<'static>> {
    let first = time(app, transition.first_seen);
    let when = match transition.last_seen {
        Some(last) => format!("between {} and {first}", time(app, last)),
        None => format!("seen first at {first}"),
    };
    let ago = text::duration(
        app.now
            .duration_since(transition.first_seen)
            .try_into()
            .unwrap_or_default(),
    );
    let text = format!("{} → {}  {when}, {ago} ago", transition.from, transition.to);
    labelled(
        "",
        Style::new(),
        &text,
        app.theme.state(transition.to),
        width,
    )
}

fn slot(app: &App, slot: &Slot) -> Line<'static> {
    let range = |name: &str, range: Option<(u32, u32)>| match range {
        Some((least, most)) => {
            format!(
                "  {name} {:.1}–{:.1} ms",
                f64::from(least) / 1e3,
                f64::from(most) / 1e3
            )
        }
        None => String::new(),
    };
    let style = app.theme.state(slot.worst);
    Line::from(vec![
        Span::styled(format!("   {}  ", time(app, slot.at)), app.theme.muted()),
        Span::styled(format!("{} {:<15}", slot.worst.glyph(), slot.worst), style),
        Span::raw(range("connect", slot.connect_us)),
        Span::raw(range("engine", slot.engine_us)),
    ])
}

/// A time of the day, with the day.
pub fn time(app: &App, at: jiff::Timestamp) -> String {
    at.to_zoned(app.about.zone.clone())
        .strftime("%d %b %H:%M:%S")
        .to_string()
}
