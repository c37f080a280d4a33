//! In the tab `history`: outages and failovers, each as a timeline.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::history::time;
use super::lines::{clip, labelled};
use crate::evidence::{ConnectStatus, PreloginStatus};
use crate::monitor::{Outage, Row, Step, Turn};
use crate::tui::app::App;
use crate::tui::text;

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
    let mut lines = labelled(kind(outage), style, &bounds(outage), style, width);
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
        at(step.at, what(step), Style::new());
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

/// `client-visible outage between 18s and 31s`: what no sample saw is not claimed.
fn bounds(outage: &Outage) -> String {
    let (least, most) = outage.bounds();
    let moved = match (outage.from, outage.to) {
        (Some(from), Some(to)) if outage.is_failover() => {
            format!("{} → {}, ", from.ip(), to.ip())
        }
        _ => String::new(),
    };
    let least = text::duration(least);
    let span = match most {
        Some(most) => format!("between {least} and {}", text::duration(round_up(most))),
        None if outage.is_over() => {
            format!("of at least {least}, since before this program watched")
        }
        None => format!("of {least} so far, at least"),
    };
    format!("{moved}client-visible outage {span}")
}

/// An upper bound is not cut down to whole seconds.
fn round_up(span: std::time::Duration) -> std::time::Duration {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    std::time::Duration::from_secs(seconds)
}

/// `10.0.4.12:1433 refused`.
fn what(step: &Step) -> String {
    let endpoint = step.endpoint;
    let what = match step.what {
        Turn::Connect(status) => connected(status),
        Turn::Engine(status) => asked(status),
        Turn::Gone => return format!("{} is no longer an address of the name", endpoint.ip()),
        Turn::Port(new) => return format!("{endpoint}: the port changed to {new}"),
    };
    format!("{endpoint} {what}")
}

fn connected(status: ConnectStatus) -> &'static str {
    match status {
        ConnectStatus::Open => "opened",
        ConnectStatus::Refused => "refused",
        ConnectStatus::TimedOut => "fell silent",
        ConnectStatus::Unreachable => "became unreachable",
        ConnectStatus::Blocked => "was blocked by this machine",
        ConnectStatus::Exhausted => "could not be tried: this machine had nothing left",
        ConnectStatus::Skipped => "was not tried",
    }
}

fn asked(status: PreloginStatus) -> &'static str {
    match status {
        PreloginStatus::Ok => "answered as SQL Server",
        PreloginStatus::Silent => "opened, and its engine was silent",
        PreloginStatus::Closed | PreloginStatus::Reset => "opened and hung up",
        PreloginStatus::NotTds | PreloginStatus::Malformed => "answered as something else",
        PreloginStatus::InstanceMismatch => "answered as another instance",
        PreloginStatus::Skipped => "was not asked",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Step, Turn, what};

    #[rstest]
    #[case(Turn::Gone, "10.0.4.12 is no longer an address of the name")]
    #[case(Turn::Port(50200), "10.0.4.12:50123: the port changed to 50200")]
    fn a_changed_port_is_told_apart_from_a_lost_address(#[case] turn: Turn, #[case] said: &str) {
        let step = Step {
            at: jiff::Timestamp::UNIX_EPOCH,
            endpoint: "10.0.4.12:50123".parse().unwrap(),
            what: turn,
        };
        assert_eq!(what(&step), said);
    }
}
