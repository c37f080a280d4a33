//! In the tab `history`: outages and failovers, each as a timeline.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::history::time;
use super::lines::{clip, labelled};
use crate::monitor::{Outage, Row};
use crate::tui::app::App;

/// All outages that are known, newest first. Empty where there was none.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for outage in row.outages.iter().rev() {
        if lines.is_empty() {
            lines.push(Line::default());
            lines.push(Line::styled(" Outages and failovers", app.theme.label()));
        }
        lines.extend(timeline(app, outage, width));
    }
    lines
}

fn timeline(app: &App, outage: &Outage, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let style = if outage.is_over() {
        Style::new()
    } else {
        theme.warning()
    };
    let mut lines = labelled(kind(outage), style, &outage.told(), style, width);
    let mut at = |at, what: String, style| {
        let when = Span::styled(format!("   {}  ", time(app, at)), theme.muted());
        lines.push(clip(vec![when, Span::styled(what, style)], width));
    };
    if let Some(last_good) = outage.last_good {
        let place = outage
            .from
            .map_or(String::new(), |from| format!(" from {from}"));
        at(last_good, format!("last answer{place}"), theme.muted());
    }
    for step in &outage.steps {
        at(step.at, step.to_string(), Style::new());
    }
    if outage.left_out > 0 {
        let last = outage.first_good.or(outage.last_bad);
        if let Some(last) = last {
            at(
                last,
                format!("and {} more changes until then", outage.left_out),
                theme.muted(),
            );
        }
    }
    match (outage.first_good, outage.last_bad) {
        (Some(good), _) => {
            let place = outage.to.map_or(String::new(), |to| format!(" from {to}"));
            at(good, format!("first answer{place}"), theme.muted());
        }
        (None, Some(bad)) => {
            let newest = outage.steps.last().map_or(bad, |step| step.at.max(bad));
            at(newest, "still down".to_owned(), style);
        }
        (None, None) => {}
    }
    lines
}

fn kind(outage: &Outage) -> &'static str {
    match (outage.is_failover(), outage.is_over()) {
        (true, _) => "  failover",
        (false, true) => "  outage",
        (false, false) => "  down",
    }
}
