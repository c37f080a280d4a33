//! The table: one line for each instance or group that is visible, and no other.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::{group, print};
use crate::config::{Column, Order};
use crate::diagnosis::State;
use crate::evidence::Elapsed;
use crate::monitor::{Row, Sample};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::cells;
use crate::tui::columns::{Cell, Columns, GLYPH, LAYER, LAYERS, Side, side};
use crate::tui::fleet::Spot;
use crate::tui::glyph::Mark;
use crate::tui::keymap::Mode;
use crate::tui::layout::Layout;
use crate::tui::text::{self, centre, left, right};
use crate::tui::theme::Theme;

/// Draws titles and the visible lines. Returns where the titles are.
pub fn draw(app: &App, layout: &Layout, frame: &mut Frame<'_>) -> Vec<(Rect, Column)> {
    let area = layout.table;
    let width = usize::from(area.width);
    let columns = Columns::fit(app.columns(), width);
    let titles = Rect { height: 1, ..area };
    let heading = columns.titles(app.theme, app.fleet.sort());
    print::line(&heading, titles, frame.buffer_mut());
    let visible = app.fleet.window(app.top(), layout.table_rows());
    for (y, spot) in (area.y + 1..area.bottom()).zip(visible) {
        let line = match spot {
            Spot::Instance(id) => app.fleet.row(*id).map(|row| dimmed(&columns, app, row)),
            Spot::Group(name) => app
                .fleet
                .group(name)
                .map(|summary| group::line(app, summary, width)),
        };
        let mut line = line.unwrap_or_default();
        if app.fleet.selection() == Some(spot) {
            let used = line.width();
            line.push_span(Span::raw(" ".repeat(width.saturating_sub(used))));
            line = line.patch_style(app.theme.selected());
        }
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        print::line(&line, place, frame.buffer_mut());
    }
    if app.fleet.lines().is_empty() {
        let ways = [
            app.hint(Mode::Table, Action::Back, "clears the filter"),
            app.hint(Mode::Table, Action::Problems, "shows all"),
        ];
        let ways: Vec<String> = ways.into_iter().flatten().collect();
        let text = match ways.as_slice() {
            [] => "  nothing matches".to_owned(),
            ways => format!("  nothing matches; {}", ways.join(", ")),
        };
        let place = Rect {
            y: area.y + 1,
            height: 1,
            ..area
        };
        frame.render_widget(Line::styled(text, app.theme.muted()), place);
    }
    columns.places(titles)
}

/// A row that speaks of the present in its colours, any other without.
fn dimmed(columns: &Columns, app: &App, row: &Row) -> Line<'static> {
    let mut line = columns.row(app, row);
    let is_selected = app.fleet.selection() == Some(&Spot::Instance(row.id));
    if is_selected {
        return line;
    }
    if row.marks.stale {
        // Nobody knows whether it fails now, so nothing of it is red.
        for span in &mut line.spans {
            span.style = app.theme.muted();
        }
    } else if row.marks.paused || row.marks.is_quiet() {
        line = line.patch_style(Modifier::DIM);
    }
    line
}

impl Columns {
    fn titles(&self, theme: Theme, order: Order) -> Line<'static> {
        let mut text = " ".repeat(GLYPH);
        for cell in self.cells() {
            let arrow = match (order.column == cell.column, order.reversed) {
                (false, _) => "",
                (true, false) => "▾",
                (true, true) => "▴",
            };
            // The arrow is there even where it costs the title a letter.
            let room = cell.width - arrow.chars().count();
            let title = format!("{:.room$}{arrow}", title(cell.column));
            text.push_str(&" ".repeat(cell.gap));
            text.push_str(&match side(cell.column) {
                Side::Left => left(&title, cell.width),
                Side::Right => right(&title, cell.width),
            });
        }
        Line::styled(text, theme.heading())
    }

    /// Where each title is; the blanks in front belong to it.
    fn places(&self, area: Rect) -> Vec<(Rect, Column)> {
        let columns = |wide: usize| u16::try_from(wide).unwrap_or(u16::MAX);
        let mut x = area.x.saturating_add(columns(GLYPH));
        let place = |cell: &Cell| {
            let width = columns(cell.gap + cell.width);
            let place = Rect { x, width, ..area }.intersection(area);
            x = x.saturating_add(width);
            (place, cell.column)
        };
        self.cells().iter().map(place).collect()
    }

    fn row(&self, app: &App, row: &Row) -> Line<'static> {
        let style = app.theme.state(row.state);
        let mut spans = vec![Span::styled(left(row.state.glyph(), GLYPH), style)];
        for cell in self.cells() {
            if cell.gap > 0 {
                spans.push(Span::raw(" ".repeat(cell.gap)));
            }
            cell.draw(app, row, &mut spans);
        }
        Line::from(spans)
    }
}

impl Cell {
    /// Adds what a row has for this column, as wide as the column is.
    fn draw(self, app: &App, row: &Row, spans: &mut Vec<Span<'static>>) {
        let theme = app.theme;
        let evidence = row.evidence.as_deref();
        let width = self.width;
        let words = |text: String| Span::raw(format!("{} ", left(&text, width - 1)));
        let time = |time: Option<Elapsed>| {
            Span::raw(right(&time.map_or("—".into(), |t| t.to_string()), width))
        };
        let span = match self.column {
            Column::State => Span::styled(left(&state_word(row), width), theme.state(row.state)),
            Column::Instance => words(row.instance.name.clone()),
            Column::Host => words(cells::host(row).unwrap_or_default()),
            Column::Endpoint => words(evidence.map(cells::endpoint).unwrap_or_default()),
            Column::Tags => words(cells::tags(row)),
            Column::Cause => words(cells::cause(row).unwrap_or_default()),
            Column::Version => {
                words(cells::version(row).map_or(String::new(), cells::version_words))
            }
            Column::Connect => time(evidence.and_then(text::connect_time)),
            Column::Engine => time(evidence.and_then(text::engine_time)),
            Column::Since => {
                let since = app.since(&row.since).unwrap_or_default();
                Span::raw(right(&since, width))
            }
            Column::Layers => {
                let nothing = [Mark::NotReached; LAYERS.len()];
                let marks = evidence.map_or(nothing, |evidence| Mark::of(&evidence.layers));
                let mark = |mark: Mark| Span::styled(centre(mark.glyph(), LAYER), theme.mark(mark));
                spans.extend(marks.map(mark));
                return;
            }
            Column::History => {
                let bars = history(theme, row, width);
                let blank = " ".repeat(width - bars.len());
                spans.extend(bars);
                Span::raw(blank)
            }
        };
        spans.push(span);
    }
}

/// The word over a column.
fn title(column: Column) -> String {
    match column {
        Column::Layers => LAYERS.join(" "),
        column => column.word().to_uppercase(),
    }
}

/// The settled word; a probe that saw something else is marked.
fn state_word(row: &Row) -> String {
    match row.state {
        State::Pending if row.probing => "probing".into(),
        state if row.marks.stale => format!("{state} ?"),
        state if row.marks.acknowledged.is_some() => format!("{state} ✓"),
        state if row.marks.maintenance.is_some() => format!("{state} ◷"),
        state if row.flapping().is_some() => format!("{state} ⇅"),
        state if row.raw != state => format!("{state} ~"),
        state => state.to_string(),
    }
}

/// The newest probes, newest last: how slow they were, or how they failed.
fn history(theme: Theme, row: &Row, columns: usize) -> Vec<Span<'static>> {
    let samples = row.history.raw();
    let skip = samples.len().saturating_sub(columns);
    samples
        .skip(skip)
        .map(|sample| bar(theme, &sample))
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
    use proptest::prelude::*;

    use super::*;
    use crate::tui::sample;

    proptest! {
        #[test]
        fn columns_never_need_more_than_the_width(
            chosen in Just(Column::ALL.to_vec()).prop_shuffle(),
            count in 1..=Column::ALL.len(),
            width in 40usize..260,
        ) {
            let columns = Columns::fit(&chosen[..count], width);
            for column in &chosen[..count] {
                let order = Order { column: *column, reversed: false };
                let titles = columns.titles(Theme::new(true), order);
                prop_assert!(titles.width() <= width);
                let is_shown = columns.cells().iter().any(|cell| cell.column == *column);
                prop_assert_eq!(titles.to_string().contains('▾'), is_shown, "{}", titles);
            }
            let app = sample::app(200, 50);
            for row in app.fleet.all() {
                prop_assert!(columns.row(&app, row).width() <= width, "{}", row.instance.name);
            }
        }
    }
}
