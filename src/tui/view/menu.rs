//! What can be copied from the selected instance, over the table or the instance.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};
use unicode_width::UnicodeWidthStr as _;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::clipboard::plain;
use crate::tui::keymap::{Mode, Row};
use crate::tui::menu::Item;
use crate::tui::text::{cut, left};

/// Wider lines are hard to follow.
const WIDTH: u16 = 110;
/// The longest label, and two blanks.
const LABEL: usize = 19;

/// Draws the menu at the lower end of `area`, where it covers the least of the table.
pub fn draw(app: &App, selected: Item, area: Rect, frame: &mut Frame<'_>) {
    let copyable = app.copyable();
    let width = WIDTH.min(area.width);
    let inner = usize::from(width.saturating_sub(2));
    let height = u16::try_from(copyable.len() + 2).unwrap_or(u16::MAX);
    let height = height.min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.bottom() - height,
        width,
        height,
    };
    let name = app.fleet.selected().map_or("", |row| &row.instance.name);
    let title = cut(&format!(" copy from {name} "), inner);
    let block = Block::bordered().title(title);
    // Where not all fits the list follows the selection.
    let rows = usize::from(block.inner(place).height);
    let at = copyable.iter().position(|(item, _)| *item == selected);
    let first = (at.unwrap_or(0) + 1).saturating_sub(rows);
    let keys = keys(app);
    let wide = keys.iter().map(|(_, key)| key.width()).max().unwrap_or(0);
    let lines: Vec<Line<'_>> = (copyable.iter().skip(first).take(rows))
        .map(|(item, text)| {
            let key = keys.iter().find(|(of, _)| of == item);
            let key = left(key.map_or("", |(_, key)| key), wide);
            let label = format!(" {key} ");
            let what = left(item.label(), LABEL);
            let room = inner.saturating_sub(label.width() + LABEL);
            let line = Line::from(vec![
                Span::styled(label, app.theme.label()),
                Span::raw(what),
                Span::styled(left(&preview(text, room), room), app.theme.muted()),
            ]);
            if *item == selected {
                line.patch_style(app.theme.selected())
            } else {
                line
            }
        })
        .collect();
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines).block(block), place);
}

/// The key of each line, as it is in force.
fn keys(app: &App) -> Vec<(Item, String)> {
    let item_of = |row: &Row| match row.action {
        Action::Pick(item) => Some((item, row.key_shown())),
        _ => None,
    };
    let rows = app.about.keys.all(Mode::Menu);
    rows.iter().filter_map(item_of).collect()
}

/// The first line of a text, and how many there are.
fn preview(text: &str, room: usize) -> String {
    let text = plain(text);
    let first = text.lines().next().unwrap_or_default();
    match text.lines().count() {
        0 | 1 => cut(first, room),
        count => {
            let more = format!("  ({count} lines)");
            let first = cut(first, room.saturating_sub(more.width()));
            cut(&format!("{first}{more}"), room)
        }
    }
}
