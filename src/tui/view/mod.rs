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
mod graphemes;
mod group;
mod header;
mod help;
mod history;
mod lines;
mod listener;
mod log;
mod menu;
mod message;
mod outages;
mod path;
mod playback;
mod print;
mod proof;
mod review;
mod table;
mod waterfall;

pub(super) use detail::confidence;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::action::Action;
use super::app::{App, Shown, Tab};
use super::ascii;
use super::fleet::Spot;
use super::keymap::Mode;
use super::layout::{Layout, SMALLEST};
use super::marker::Marker;
use crate::config::Column;

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
    /// What the keys went to; `None` where the screen is too small for anything.
    pub mode: Option<Mode>,
    /// The titles of the table's columns.
    pub titles: Vec<(Rect, Column)>,
    /// The keys of the footer, and what they do.
    pub keys: Vec<(Rect, Action)>,
    /// The pane under the table.
    pub detail: Rect,
    /// How far that pane can be scrolled.
    pub detail_end: usize,
    /// The view that scrolls.
    pub scrolls: Rect,
    /// The list over everything else.
    pub list: Rect,
    /// Its lines, by their numbers.
    pub options: Vec<(Rect, usize)>,
    /// The fields of the form, by their numbers.
    pub fields: Vec<(Rect, usize)>,
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
    let header = header::line(app, layout.header.width);
    print::line(&header, layout.header, frame.buffer_mut());
    let rule = Rect {
        y: layout.header.bottom(),
        height: 1,
        ..layout.header
    };
    let loud = playback::line(app, rule.width)
        .or_else(|| frozen::beside_the_banner(app, rule.width))
        .or_else(|| frozen::line(app, rule.width))
        .or_else(|| banner::line(app, rule.width));
    let loud = loud.unwrap_or_else(|| lines::rule(app.theme, "", rule.width));
    print::line(&loud, rule, frame.buffer_mut());
    let hits = body(app, &layout, frame);
    let (footer, keys) = footer::lines(app, layout.footer);
    print::lines(&footer, layout.footer, frame.buffer_mut());
    graphemes::settle(frame.buffer_mut());
    HitMap {
        mode: Some(app.mode()),
        keys,
        ..hits
    }
}

fn body(app: &App, layout: &Layout, frame: &mut Frame<'_>) -> HitMap {
    let hits = under(app, layout, frame);
    if let Some(review) = app.reviewing().filter(|_| app.mode() == Mode::Review) {
        review::draw(app, review, layout.body(), frame);
        return HitMap::default();
    }
    hits
}

fn under(app: &App, layout: &Layout, frame: &mut Frame<'_>) -> HitMap {
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
        let hits = scrolled(app, lines, layout.body(), frame);
        let first = app.scroll().min(hits.scroll_end);
        let fields = form::places(layout.body(), first);
        return HitMap { fields, ..hits };
    }
    if let Some(message) = app.explaining() {
        let lines = message::lines(app, message, layout.body().width);
        return scrolled(app, lines, layout.body(), frame);
    }
    if let Some(row) = app.drilled() {
        let hits = drill::draw(app, row, layout.body(), frame);
        let Some(item) = app.menu() else {
            return hits;
        };
        menu::draw(app, item, layout.body(), frame);
        return HitMap::default();
    }
    if app.fleet.is_empty() {
        return scrolled(
            app,
            empty::lines(app, layout.body().width),
            layout.body(),
            frame,
        );
    }
    let titles = table::draw(app, layout, frame);
    let mut detail_end = 0;
    if let Some(area) = layout.detail {
        detail_end = detail::draw(app, area, frame);
    }
    let rows = Rect {
        y: layout.table.y + 1,
        height: layout.table.height - 1,
        ..layout.table
    };
    if let Some(item) = app.menu() {
        menu::draw(app, item, layout.body(), frame);
        return HitMap::default();
    }
    if let Some(choosing) = app.choosing() {
        return columns::draw(app, choosing, layout.body(), frame);
    }
    HitMap {
        rows,
        lines: app.fleet.window(app.top(), layout.table_rows()).to_vec(),
        titles,
        detail: layout.detail.unwrap_or_default(),
        detail_end,
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
    print::lines(&shown, area, frame.buffer_mut());
    HitMap {
        scroll_end,
        scrolls: area,
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
