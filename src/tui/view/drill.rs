//! One instance, filling the screen: its tabs, and the one that is open.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr as _;

use super::{HitMap, browser, detail, diagnosis, history, lines, log, path, scrolled};
use crate::monitor::Row;
use crate::tui::app::{App, Tab};

/// Draws title, tabs and the open tab.
pub fn draw(app: &App, row: &Row, area: Rect, frame: &mut Frame<'_>) -> HitMap {
    let title = detail::title(app, row);
    frame.render_widget(
        lines::rule(app.theme, &title, area.width),
        Rect { height: 1, ..area },
    );
    let strip = Rect {
        y: area.y + 1,
        height: 1,
        ..area
    };
    let (line, tabs) = tabs(app, strip);
    frame.render_widget(line, strip);
    let inside = Rect {
        y: area.y + 3,
        height: area.height.saturating_sub(3),
        ..area
    };
    let width = usize::from(area.width);
    let content = match app.tab() {
        Tab::Diagnosis => diagnosis::lines(app, row, width),
        Tab::Path => path::lines(app, row, width),
        Tab::Browser => browser::lines(app, row, width),
        Tab::History => history::lines(app, row, width),
        Tab::Log => log::lines(app, row, width),
    };
    HitMap {
        tabs,
        ..scrolled(app, content, inside, frame)
    }
}

/// All titles, the open one reversed, and where each of them is. Where there is no room for
/// blanks between them, there are none.
fn tabs(app: &App, strip: Rect) -> (Line<'static>, Vec<(Rect, Tab)>) {
    let titles = Tab::ALL.map(|tab| format!(" {} ", tab.title()));
    let letters: usize = titles.iter().map(|title| title.width()).sum();
    let blank = u16::from(letters + titles.len() < usize::from(strip.width));
    let mut line = Line::default();
    let mut places = Vec::with_capacity(titles.len());
    let mut x = strip.x;
    for (tab, title) in Tab::ALL.into_iter().zip(titles) {
        x = x.saturating_add(blank);
        let width = u16::try_from(title.width()).unwrap_or(u16::MAX);
        let place = Rect { x, width, ..strip };
        places.push((place.intersection(strip), tab));
        x = x.saturating_add(width);
        let style = if tab == app.tab() {
            app.theme.selected()
        } else {
            app.theme.muted()
        };
        line.push_span(Span::raw(" ".repeat(blank.into())));
        line.push_span(Span::styled(title, style));
    }
    (line, places)
}
