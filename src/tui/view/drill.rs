//! One instance, filling the screen: its tabs, and the one that is open.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{HitMap, browser, detail, diagnosis, history, lines, path, scrolled};
use crate::monitor::Row;
use crate::tui::app::{App, Tab};

/// Draws title, tabs and the open tab.
pub fn draw(app: &App, row: &Row, area: Rect, frame: &mut Frame<'_>) -> HitMap {
    let title = detail::title(app, row);
    frame.render_widget(
        lines::rule(app.theme, &title, area.width),
        Rect { height: 1, ..area },
    );
    frame.render_widget(
        tabs(app),
        Rect {
            y: area.y + 1,
            height: 1,
            ..area
        },
    );
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
    };
    scrolled(app, content, inside, frame)
}

fn tabs(app: &App) -> Line<'static> {
    let mut line = Line::from(" ");
    for tab in Tab::ALL {
        let text = format!(" {} ", tab.title());
        if tab == app.tab() {
            line.push_span(Span::styled(text, app.theme.selected()));
        } else {
            line.push_span(Span::styled(text, app.theme.muted()));
        }
        line.push_span(Span::raw(" "));
    }
    line
}
