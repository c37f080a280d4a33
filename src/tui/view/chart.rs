//! A latency over time as a band, with its axes.

use ratatui::text::{Line, Span};

use crate::diagnosis::State;
use crate::tui::marker::Marker;
use crate::tui::theme::Theme;

/// Columns in front of the axis.
pub const MARGIN: usize = 8;

/// A chart of one latency, in columns of dots.
pub struct Chart<'a> {
    /// What it shows, with the unit.
    pub title: &'a str,
    /// Smallest and largest of each column of dots in microseconds, [`Marker::across`] for
    /// each column of the screen.
    pub ranges: Vec<Option<(u32, u32)>>,
    /// The columns of the screen in which probes failed: marked on the base line.
    pub failed: Vec<bool>,
    /// The columns of the screen that have a tick.
    pub ticks: &'a [usize],
    /// Lines between the title and the base line.
    pub height: usize,
}

impl Chart<'_> {
    /// The title, the chart and its base line; without any value one line that says so.
    pub fn lines(&self, theme: Theme, marker: Marker) -> Vec<Line<'static>> {
        let title = Span::styled(format!(" {}", self.title), theme.label());
        let most = self.ranges.iter().flatten().map(|(_, most)| *most).max();
        let Some(most) = most else {
            let none = Span::styled("  no answer in this window", theme.muted());
            return vec![Line::from(vec![title, none]), self.base(theme, marker)];
        };
        let top = nice(f64::from(most) / 1e3);
        let cells = self.cells(marker, top);
        let [axis, tick, ..] = marker.axes();
        let mut lines = vec![Line::from(title)];
        for (at, row) in cells.into_iter().enumerate() {
            let label = match at {
                0 => Some(top),
                at if self.height.is_multiple_of(2) && at == self.height / 2 => Some(top / 2.0),
                _ => None,
            };
            let margin = match label {
                Some(ms) => format!("{:>width$} {tick}", number(ms), width = MARGIN - 2),
                None => format!("{}{axis}", " ".repeat(MARGIN - 1)),
            };
            lines.push(Line::from(vec![
                Span::styled(margin, theme.muted()),
                Span::raw(row),
            ]));
        }
        lines.push(self.base(theme, marker));
        lines
    }

    /// The cells of the chart, row by row.
    fn cells(&self, marker: Marker, top: f64) -> Vec<String> {
        let (across, down) = (marker.across(), marker.down());
        let width = self.ranges.len().div_ceil(across);
        let mut cells = vec![0_u8; width * self.height];
        let dots = self.height * down;
        for (x, range) in self.ranges.iter().enumerate() {
            let Some((least, most)) = *range else {
                continue;
            };
            for level in level(least, top, dots)..=level(most, top, dots) {
                let y = dots - 1 - level;
                cells[y / down * width + x / across] |= 1 << (4 * (x % across) + y % down);
            }
        }
        cells
            .chunks(width.max(1))
            .map(|row| row.iter().map(|bits| marker.dots(*bits)).collect())
            .collect()
    }

    /// The base line with the ticks of the time, and a mark where probes failed.
    fn base(&self, theme: Theme, marker: Marker) -> Line<'static> {
        let [.., corner, line, tick] = marker.axes();
        let margin = format!("{:>width$} {corner}", "0", width = MARGIN - 2);
        let mut spans = vec![Span::styled(margin, theme.muted())];
        for (at, failed) in self.failed.iter().enumerate() {
            spans.push(if *failed {
                Span::styled(marker.state(State::Refused), theme.bad())
            } else if self.ticks.contains(&at) {
                Span::styled(tick.to_string(), theme.muted())
            } else {
                Span::styled(line.to_string(), theme.muted())
            });
        }
        Line::from(spans)
    }
}

/// The dot of a latency, of so many above each other; 0 is the lowest.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "between 0 and the height of the screen"
)]
fn level(us: u32, top: f64, dots: usize) -> usize {
    let most = dots.saturating_sub(1);
    let level = f64::from(us) / 1e3 / top * most as f64;
    (level.round() as usize).min(most)
}

/// The least of 1, 2, 5, 10, 20, 50 … that is not below `most`.
pub fn nice(most: f64) -> f64 {
    let most = most.max(0.1);
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|step| step * power);
    // Rounding may leave it a hair above its own power.
    steps
        .into_iter()
        .find(|step| most <= step * (1.0 + 1e-9))
        .unwrap_or(10.0 * power)
}

/// `0.25`, `2.5`, `20`: as many digits as a nice number and its half need.
pub fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Line<'_>]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_axis_ends_at_a_nice_number() {
        for (most, top) in [
            (0.0, 0.1),
            (0.1, 0.1),
            (0.4, 0.5),
            (1.0, 1.0),
            (1.1, 2.0),
            (2.3, 5.0),
            (7.0, 10.0),
            (20.0, 20.0),
            (999.0, 1000.0),
            (1001.0, 2000.0),
        ] {
            assert!((nice(most) - top).abs() < 1e-6, "{most}: {}", nice(most));
        }
        assert_eq!(
            [0.05, 0.25, 2.5, 20.0, 1000.0].map(number).join(" "),
            "0.05 0.25 2.5 20 1000"
        );
    }

    #[test]
    fn a_band_reaches_from_the_smallest_to_the_largest() {
        let chart = Chart {
            title: "connect, ms",
            ranges: vec![Some((0, 1000)), None, Some((0, 0)), Some((1000, 1000))],
            failed: vec![false, true, false, false],
            ticks: &[2],
            height: 2,
        };
        assert_eq!(
            text(&chart.lines(Theme::new(false), Marker::Ascii)),
            [
                " connect, ms",
                "     1 +*  *",
                "   0.5 +* * ",
                "     0 +-x+-",
            ]
        );
        // Two columns of dots to a cell, so half as many cells.
        let drawn = Chart {
            failed: vec![true, false],
            ticks: &[1],
            ..chart
        };
        assert_eq!(
            text(&drawn.lines(Theme::new(false), Marker::Drawn)),
            [" connect, ms", "     1 ┤⡇⠈", "   0.5 ┤⡇⡀", "     0 └✖┬",]
        );
    }

    #[test]
    fn without_a_value_the_chart_says_so_and_still_shows_failures() {
        let chart = Chart {
            title: "engine, ms",
            ranges: vec![None; 3],
            failed: vec![true; 3],
            ticks: &[],
            height: 4,
        };
        assert_eq!(
            text(&chart.lines(Theme::new(false), Marker::Ascii)),
            [" engine, ms  no answer in this window", "     0 +xxx"]
        );
    }
}
