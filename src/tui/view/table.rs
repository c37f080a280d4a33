//! The table: one line for each instance that is visible, and no other.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::diagnosis::State;
use crate::evidence::Evidence;
use crate::monitor::{Row, Sample};
use crate::tui::app::App;
use crate::tui::columns::{Columns, ENDPOINT, GLYPH, LAYER, LAYERS, SINCE, STATE, TIME};
use crate::tui::glyph::Mark;
use crate::tui::layout::Layout;
use crate::tui::sort::{Column, Sort};
use crate::tui::text::{self, centre, left, right};
use crate::tui::theme::Theme;

/// Draws titles and the visible rows.
pub fn draw(app: &App, layout: &Layout, frame: &mut Frame<'_>) {
    let area = layout.table;
    let columns = Columns::for_width(usize::from(area.width));
    frame.render_widget(
        columns.titles(app.theme, app.fleet.sort()),
        Rect { height: 1, ..area },
    );
    let selected = app.fleet.selected().map(|row| row.id);
    let visible = app.fleet.window(app.top(), layout.table_rows());
    for (y, row) in (area.y + 1..area.bottom()).zip(visible) {
        let mut line = columns.row(app, row);
        if Some(row.id) == selected {
            let used = line.width();
            line.push_span(Span::raw(
                " ".repeat(usize::from(area.width).saturating_sub(used)),
            ));
            line = line.patch_style(app.theme.selected());
        } else if row.marks.stale {
            // Nobody knows whether it fails now, so nothing of it is red.
            for span in &mut line.spans {
                span.style = app.theme.muted();
            }
        } else if row.marks.paused || row.marks.acknowledged.is_some() {
            line = line.patch_style(Modifier::DIM);
        }
        frame.render_widget(
            line,
            Rect {
                y,
                height: 1,
                ..area
            },
        );
    }
    if app.fleet.shown().is_empty() {
        let text = "  nothing matches; esc clears the filter, f shows all";
        frame.render_widget(
            Line::styled(text, app.theme.muted()),
            Rect {
                y: area.y + 1,
                height: 1,
                ..area
            },
        );
    }
}

impl Columns {
    fn titles(self, theme: Theme, sort: Sort) -> Line<'static> {
        let title = |column: Column| {
            let arrow = match (sort.column == column, sort.reversed) {
                (false, _) => "",
                (true, false) => "▾",
                (true, true) => "▴",
            };
            format!("{}{arrow}", column.title())
        };
        let mut text = " ".repeat(GLYPH);
        text.push_str(&left(&title(Column::State), STATE));
        text.push_str(&left(&title(Column::Instance), self.instance));
        if self.endpoint > 0 {
            text.push_str(&left(&title(Column::Endpoint), ENDPOINT));
        }
        if self.layers > 0 {
            for layer in LAYERS {
                text.push_str(&centre(layer, LAYER));
            }
        }
        if self.connect > 0 {
            text.push_str(&right(&title(Column::Connect), TIME));
        }
        if self.engine > 0 {
            text.push_str(&right(&title(Column::Engine), TIME));
        }
        if self.since > 0 {
            text.push_str(&right(&title(Column::Since), SINCE));
        }
        if self.history > 0 {
            text.push_str("  HISTORY");
        }
        Line::styled(text, theme.heading())
    }

    fn row(self, app: &App, row: &Row) -> Line<'static> {
        let theme = app.theme;
        let style = theme.state(row.state);
        let evidence = row.evidence.as_deref();
        let mut spans = vec![
            Span::styled(left(row.state.glyph(), GLYPH), style),
            Span::styled(left(&state_word(row), STATE), style),
            Span::raw(format!("{} ", left(&row.instance.name, self.instance - 1))),
        ];
        if self.endpoint > 0 {
            let text = evidence.map(endpoint).unwrap_or_default();
            spans.push(Span::raw(format!("{} ", left(&text, ENDPOINT - 1))));
        }
        if self.layers > 0 {
            let marks =
                evidence.map_or([Mark::NotReached; 4], |evidence| Mark::of(&evidence.layers));
            for mark in marks {
                spans.push(Span::styled(centre(mark.glyph(), LAYER), theme.mark(mark)));
            }
        }
        let time = |time: Option<crate::evidence::Elapsed>| {
            right(&time.map_or("—".into(), |time| time.to_string()), TIME)
        };
        if self.connect > 0 {
            spans.push(Span::raw(time(evidence.and_then(text::connect_time))));
        }
        if self.engine > 0 {
            spans.push(Span::raw(time(evidence.and_then(text::engine_time))));
        }
        if self.since > 0 {
            let since = text::since(&row.since, app.now).unwrap_or_default();
            spans.push(Span::raw(right(&since, SINCE)));
        }
        if self.history > 0 {
            spans.push(Span::raw("  "));
            spans.extend(history(theme, row, self.history - 2));
        }
        Line::from(spans)
    }
}

/// The settled word; a probe that saw something else is marked.
fn state_word(row: &Row) -> String {
    match row.state {
        State::Pending if row.probing => "probing".into(),
        state if row.marks.stale => format!("{state} ?"),
        state if row.marks.acknowledged.is_some() => format!("{state} ✓"),
        state if row.raw != state => format!("{state} ~"),
        state => state.to_string(),
    }
}

/// The endpoint that the state speaks of, and how many more there are.
fn endpoint(evidence: &Evidence) -> String {
    let connect = &evidence.layers.connect;
    let spoken_of = connect
        .ended(connect.status)
        .next()
        .or(connect.attempts.first());
    match (spoken_of, evidence.layers.resolve.addresses.first()) {
        (Some(attempt), _) => match connect.attempts.len() {
            1 => attempt.endpoint.to_string(),
            many => format!("{} +{}", attempt.endpoint, many - 1),
        },
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    }
}

/// The newest probes, newest last: how slow they were, or how they failed.
fn history(theme: Theme, row: &Row, columns: usize) -> Vec<Span<'static>> {
    let samples = row.history.raw();
    let skip = samples.len().saturating_sub(columns);
    samples
        .skip(skip)
        .map(|sample| bar(theme, sample))
        .collect()
}

/// Steps of a fixed scale, so that rows can be compared with each other.
const STEPS: [(u32, &str); 7] = [
    (1_000, "▁"),
    (3_000, "▂"),
    (10_000, "▃"),
    (30_000, "▄"),
    (100_000, "▅"),
    (300_000, "▆"),
    (1_000_000, "▇"),
];

fn bar(theme: Theme, sample: &Sample) -> Span<'static> {
    if !sample.state.is_up() {
        return Span::styled(sample.state.glyph(), theme.state(sample.state));
    }
    let time = sample.engine_us.or(sample.connect_us).unwrap_or(0);
    let step = STEPS
        .iter()
        .find(|(most, _)| time < *most)
        .map_or("█", |(_, step)| step);
    Span::styled(step, theme.state(sample.state))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    #[test]
    fn columns_never_need_more_than_the_width() {
        for width in 40..220 {
            let columns = Columns::for_width(width);
            let titles = columns.titles(Theme::new(true), Sort::default());
            assert!(titles.width() <= width, "{width}: {}", titles.width());
            let app = sample::app(200, 50);
            for row in app.fleet.all() {
                assert!(
                    columns.row(&app, row).width() <= width,
                    "{width}: {}",
                    row.instance.name
                );
            }
        }
    }

    #[test]
    fn several_addresses_are_counted() {
        let app = sample::app(200, 50);
        let reports = app
            .fleet
            .all()
            .find(|row| row.instance.name == "reports")
            .unwrap();
        assert!(endpoint(reports.evidence.as_deref().unwrap()).ends_with(" +1"));
    }
}
