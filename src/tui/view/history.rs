//! The tab `history`: states and latencies over time, what changed when, and the numbers.

use jiff::{SignedDuration, Timestamp};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::chart::{Chart, MARGIN};
use super::lines::{clip, labelled};
use crate::diagnosis::State;
use crate::monitor::{Row, Sample, Slot, Transition};
use crate::tui::app::App;
use crate::tui::window::{Bucket, Range, Window};

/// Columns that the label of a tick and its distance to the next take.
const TICK: usize = 8;

/// All lines of the tab.
pub fn lines(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let mut lines = charts(app, row, width);
    lines.push(Line::default());
    lines.push(Line::styled(" What changed", theme.label()));
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
    lines.extend(numbers(app, row, width));
    lines
}

/// The windows, the states of the one that is chosen, and its two charts.
fn charts(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let (theme, marker, window) = (app.theme, app.marker, app.window());
    let columns = width.saturating_sub(MARGIN + 1).max(1);
    let interval = row.instance.interval.unwrap_or(app.about.interval);
    let interval = SignedDuration::try_from(interval).unwrap_or(window.length());
    let across = marker.across();
    let dots = window.columns(&row.history, app.now, interval, columns * across);
    let states: Vec<Option<State>> = dots
        .chunks(across)
        .map(|cell| cell.iter().flatten().map(|bucket| bucket.worst).min())
        .collect();
    let mut lines = vec![
        windows(app),
        strip(app, &states),
        legend(app, &states, width),
    ];
    if states.iter().all(Option::is_none) {
        return lines;
    }
    let times = ticks(app, columns);
    let ticks: Vec<usize> = times.iter().map(|(column, _)| *column).collect();
    let failed: Vec<bool> = states
        .iter()
        .map(|state| state.is_some_and(State::is_failing))
        .collect();
    let chart = |title, of: fn(&Bucket) -> Option<Range>| {
        let chart = Chart {
            title,
            ranges: dots.iter().map(|dot| dot.as_ref().and_then(of)).collect(),
            failed: failed.clone(),
            ticks: &ticks,
            height: height(app),
        };
        chart.lines(theme, marker)
    };
    lines.extend(chart("connect, ms", |bucket| bucket.connect));
    lines.extend(chart("engine, ms (PRELOGIN)", |bucket| bucket.engine));
    lines.push(axis(app, &times, columns));
    lines
}

/// The lines of each chart: both on one screen where that is possible.
fn height(app: &App) -> usize {
    /// Everything on that screen but the two charts.
    const OTHER: usize = 11;
    let body = app.layout().map_or(0, |layout| layout.body().height);
    match usize::from(body).saturating_sub(OTHER) / 2 {
        0..=3 => 3,
        // An even number has a middle.
        height => height.min(10) / 2 * 2,
    }
}

/// The names of the windows, the chosen one marked as the open tab is.
fn windows(app: &App) -> Line<'static> {
    let mut line = Line::from(Span::styled(" window ", app.theme.label()));
    for window in Window::ALL {
        let style = if window == app.window() {
            app.theme.selected()
        } else {
            app.theme.muted()
        };
        line.push_span(Span::styled(format!(" {} ", window.title()), style));
        line.push_span(Span::raw(" "));
    }
    line
}

/// One glyph for each column; a blank where nothing was probed.
fn strip(app: &App, states: &[Option<State>]) -> Line<'static> {
    let mut line = Line::from(Span::styled(
        format!(" {:<width$}", "state", width = MARGIN - 1),
        app.theme.label(),
    ));
    for state in states {
        line.push_span(match state {
            Some(state) => Span::styled(app.marker.state(*state), app.theme.state(*state)),
            None => Span::raw(" "),
        });
    }
    line
}

/// The words of the glyphs in the strip.
fn legend(app: &App, states: &[Option<State>], width: usize) -> Line<'static> {
    let mut spans = vec![Span::raw(" ".repeat(MARGIN))];
    for state in State::ALL {
        if states.contains(&Some(state)) {
            let text = format!("{} {state}   ", app.marker.state(state));
            spans.push(Span::styled(text, app.theme.state(state)));
        }
    }
    if states.iter().all(Option::is_none) {
        spans.push(Span::styled(
            "nothing was probed in this window",
            app.theme.muted(),
        ));
    } else if states.contains(&None) {
        spans.push(Span::styled("blank: not probed", app.theme.muted()));
    }
    clip(spans, width)
}

/// The round times in the window, each with its column, as dense as their labels allow.
fn ticks(app: &App, columns: usize) -> Vec<(usize, Timestamp)> {
    const STEPS: [i64; 12] = [
        60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400, 21_600, 43_200,
    ];
    let window = app.window();
    let length = window.length().as_secs();
    let room = i64::try_from(columns / TICK).unwrap_or(1).max(1);
    let step = STEPS.into_iter().find(|step| length / step <= room);
    let step = step.unwrap_or(length);
    let begin = app.now - window.length();
    let offset = app.now.to_zoned(app.about.zone.clone()).offset().seconds();
    let local = begin.as_second() + i64::from(offset);
    let first = begin.as_second() + (step - local.rem_euclid(step)) % step;
    (0..=length / step)
        .map(|number| first + number * step)
        .take_while(|second| *second <= app.now.as_second())
        .filter_map(|second| Timestamp::from_second(second).ok())
        .filter_map(|at| Some((window.column(begin, at, columns)?, at)))
        .filter(|(column, _)| *column < columns)
        .collect()
}

/// The times below their ticks.
fn axis(app: &App, times: &[(usize, Timestamp)], columns: usize) -> Line<'static> {
    let mut text = " ".repeat(MARGIN);
    for (column, at) in times {
        let label = at.to_zoned(app.about.zone.clone()).strftime("%H:%M");
        let label = label.to_string();
        // In the middle below the tick, and not out of the screen.
        let from = column.saturating_sub(label.len() / 2);
        let from = MARGIN + from.min(columns.saturating_sub(label.len()));
        if from >= text.len() {
            text.push_str(&" ".repeat(from - text.len()));
            text.push_str(&label);
        }
    }
    Line::styled(text, app.theme.muted())
}

/// A change lies between the last probe that saw the old state and the first that saw the new one.
fn transition(app: &App, transition: &Transition, width: usize) -> Vec<Line<'static>> {
    let first = time(app, transition.first_seen);
    let when = match transition.last_seen {
        Some(last) => format!("between {} and {first}", time(app, last)),
        None => format!("seen first at {first}"),
    };
    let when = app.dated(&when, transition.first_seen);
    let text = format!("{} → {}  {when}", transition.from, transition.to);
    labelled(
        "",
        Style::new(),
        &text,
        app.theme.state(transition.to),
        width,
    )
}

/// What the charts are drawn from, for whoever wants the numbers. Empty where there is nothing.
fn numbers(app: &App, row: &Row, width: usize) -> Vec<Line<'static>> {
    let begin = app.now - app.window().length();
    let heading = match app.window() {
        Window::Minutes => " Each probe, newest first",
        Window::Hour => " By the minute, newest first",
        Window::Day => " By ten minutes, newest first",
    };
    let mut lines = vec![Line::default(), Line::styled(heading, app.theme.label())];
    let titles = lines.len();
    let line = |slot: Slot| self::slot(app, &slot, width);
    match app.window() {
        Window::Minutes => {
            let probes = row.history.raw().rev().take_while(|one| one.at >= begin);
            lines.extend(probes.map(alone).map(line));
        }
        Window::Hour => lines.extend(row.history.hour().rev().map(line)),
        Window::Day => lines.extend(row.history.day().rev().map(line)),
    }
    if lines.len() == titles {
        lines.clear();
    }
    lines
}

/// A probe as a slot that holds nothing else.
fn alone(sample: Sample) -> Slot {
    let one = |us: Option<u32>| us.map(|us| (us, us));
    Slot {
        at: sample.at,
        worst: sample.state,
        connect_us: one(sample.connect_us),
        engine_us: one(sample.engine_us),
    }
}

fn slot(app: &App, slot: &Slot, width: usize) -> Line<'static> {
    let range = |name: &str, range: Option<Range>| match range {
        Some((least, most)) if least == most => {
            format!("  {name} {:.1} ms", f64::from(least) / 1e3)
        }
        Some((least, most)) => format!(
            "  {name} {:.1}–{:.1} ms",
            f64::from(least) / 1e3,
            f64::from(most) / 1e3
        ),
        None => String::new(),
    };
    let style = app.theme.state(slot.worst);
    let spans = vec![
        Span::styled(format!("   {}  ", time(app, slot.at)), app.theme.muted()),
        Span::styled(format!("{} {:<15}", slot.worst.glyph(), slot.worst), style),
        Span::raw(range("connect", slot.connect_us)),
        Span::raw(range("engine", slot.engine_us)),
    ];
    clip(spans, width)
}

/// A time of the day, with the day.
pub fn time(app: &App, at: Timestamp) -> String {
    at.to_zoned(app.about.zone.clone())
        .strftime("%d %b %H:%M:%S")
        .to_string()
}
