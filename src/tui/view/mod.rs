//! The screen as a function of the state. One file for each pane.

mod banner;
mod browser;
mod chart;
mod columns;
mod detail;
mod diagnosis;
mod drill;
mod empty;
mod field;
mod footer;
mod form;
mod frozen;
mod group;
mod header;
mod help;
mod history;
mod lines;
mod listener;
mod log;
mod message;
mod outages;
mod path;
mod playback;
mod proof;
mod table;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::app::{App, Shown, Tab};
use super::ascii;
use super::fleet::Spot;
use super::layout::{Layout, SMALLEST};
use super::marker::Marker;

/// Where things are on the screen that was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HitMap {
    /// The rows of the table, titles left out; empty while another view covers them.
    pub rows: Rect,
    /// What stands on each line of them, from the first.
    pub lines: Vec<Spot>,
    /// The tabs of the instance that fills the screen, each with its place.
    pub tabs: Vec<(Rect, Tab)>,
    /// How far the view on top can be scrolled.
    pub scroll_end: usize,
}

/// Draws the whole screen, in the colours and glyphs that the terminal has.
pub fn draw(app: &App, frame: &mut Frame<'_>) -> HitMap {
    let hits = panes(app, frame);
    app.theme.ground(frame.buffer_mut());
    if app.marker == Marker::Ascii {
        ascii::translate(frame.buffer_mut());
    }
    hits
}

fn panes(app: &App, frame: &mut Frame<'_>) -> HitMap {
    let area = frame.area();
    let Some(layout) = app.layout_in(area) else {
        too_small(area, frame);
        return HitMap::default();
    };
    frame.render_widget(header::line(app, layout.header.width), layout.header);
    let rule = Rect {
        y: layout.header.bottom(),
        height: 1,
        ..layout.header
    };
    let loud = playback::line(app, rule.width)
        .or_else(|| frozen::line(app, rule.width))
        .or_else(|| banner::line(app, rule.width));
    frame.render_widget(
        loud.unwrap_or_else(|| lines::rule(app.theme, "", rule.width)),
        rule,
    );
    let hits = body(app, &layout, frame);
    let footer = footer::lines(app, layout.footer.width);
    frame.render_widget(Paragraph::new(footer), layout.footer);
    hits
}

fn body(app: &App, layout: &Layout, frame: &mut Frame<'_>) -> HitMap {
    if let Some(shown) = app.shown() {
        return scrolled(
            app,
            plain(app, shown, layout.body().width),
            layout.body(),
            frame,
        );
    }
    if let Some(entries) = app.help() {
        return scrolled(app, help::lines(app, &entries), layout.body(), frame);
    }
    if let Some(form) = app.form() {
        let lines = form::lines(app, form, layout.body().width);
        return scrolled(app, lines, layout.body(), frame);
    }
    if let Some(message) = app.explaining() {
        let lines = message::lines(app, message, layout.body().width);
        return scrolled(app, lines, layout.body(), frame);
    }
    if let Some(row) = app.drilled() {
        return drill::draw(app, row, layout.body(), frame);
    }
    if app.fleet.is_empty() {
        return scrolled(
            app,
            empty::lines(app, layout.body().width),
            layout.body(),
            frame,
        );
    }
    table::draw(app, layout, frame);
    if let Some(area) = layout.detail {
        detail::draw(app, area, frame);
    }
    let rows = Rect {
        y: layout.table.y + 1,
        height: layout.table.height - 1,
        ..layout.table
    };
    if let Some(choosing) = app.choosing() {
        columns::draw(app, choosing, layout.body(), frame);
        return HitMap::default();
    }
    HitMap {
        rows,
        lines: app.fleet.window(app.top(), layout.table_rows()).to_vec(),
        ..HitMap::default()
    }
}

/// A text at the left edge and without decoration, so that it can be selected by hand.
fn plain(app: &App, shown: &Shown, width: u16) -> Vec<Line<'static>> {
    let mut lines = vec![lines::rule(app.theme, &shown.title, width), Line::default()];
    for line in shown.text.lines() {
        lines.extend(
            super::text::wrap(line, usize::from(width))
                .into_iter()
                .map(Line::from),
        );
    }
    lines
}

/// Draws the part of `lines` that is scrolled to.
fn scrolled(app: &App, lines: Vec<Line<'_>>, area: Rect, frame: &mut Frame<'_>) -> HitMap {
    let height = usize::from(area.height);
    let scroll_end = lines.len().saturating_sub(height);
    let first = app.scroll().min(scroll_end);
    let shown: Vec<Line<'_>> = lines.into_iter().skip(first).take(height).collect();
    frame.render_widget(Paragraph::new(shown), area);
    HitMap {
        scroll_end,
        ..HitMap::default()
    }
}

fn too_small(area: Rect, frame: &mut Frame<'_>) {
    let (width, height) = SMALLEST;
    let text = format!(
        "needs {width}×{height}, has {}×{}; probing goes on",
        area.width, area.height
    );
    let lines: Vec<Line<'_>> = super::text::wrap(&text, usize::from(area.width))
        .into_iter()
        .map(Line::from)
        .collect();
    frame.render_widget(Paragraph::new(lines), area);
}
