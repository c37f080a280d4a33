//! The list of columns, over the table.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::HitMap;
use super::lines::paragraph;
use crate::config::Column;
use crate::tui::action::Action;
use crate::tui::app::{App, Choosing, config_line};
use crate::tui::columns::Columns;
use crate::tui::keymap::Mode;
use crate::tui::text::left;

/// As wide as its longest line needs.
const WIDTH: u16 = 62;

/// Draws the list at the lower end of `area`, so that what it does to the table is seen.
pub fn draw(app: &App, choosing: &Choosing, area: Rect, frame: &mut Frame<'_>) -> HitMap {
    let width = WIDTH.min(area.width);
    let inner = usize::from(width - 2);
    let note = note(app, inner);
    let lines = u16::try_from(choosing.columns.len() + note.len()).unwrap_or(u16::MAX);
    let height = lines.saturating_add(2).min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.bottom() - height,
        width,
        height,
    };
    let block = Block::bordered().title(" columns ");
    let inside = block.inner(place);
    // Where not all fits the list comes first, and follows the selection.
    let rows = usize::from(inside.height).min(choosing.columns.len());
    let first = (choosing.at + 1).saturating_sub(rows);
    let fitted = Columns::fit(app.columns(), usize::from(area.width));
    let mut shown: Vec<Line<'_>> = (choosing.columns.iter().enumerate())
        .skip(first)
        .take(rows)
        .map(|(at, (column, wanted))| {
            let mark = match (
                wanted,
                fitted.cells().iter().any(|cell| cell.column == *column),
            ) {
                (false, _) => "[ ]",
                (true, true) => "[x]",
                (true, false) => "[-]",
            };
            let line = line(app, *column, mark, inner);
            if at == choosing.at {
                line.patch_style(app.theme.selected())
            } else {
                line
            }
        })
        .collect();
    shown.extend(note);
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(shown).block(block), place);
    let line = |y: u16| Rect {
        y,
        height: 1,
        ..inside
    };
    let options = (inside.y..).zip(first..first + rows);
    HitMap {
        list: place,
        options: options.map(|(y, at)| (line(y), at)).collect(),
        ..HitMap::default()
    }
}

fn line(app: &App, column: Column, mark: &str, width: usize) -> Line<'static> {
    let text = match mark {
        "[-]" => "no room for it at this width",
        _ => meaning(column),
    };
    let name = format!(" {mark} {:<10}", column.word());
    let rest = left(&format!(" {text}"), width.saturating_sub(name.len()));
    Line::from(vec![Span::raw(name), Span::styled(rest, app.theme.muted())])
}

/// That it does not last, and what would.
fn note(app: &App, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    let copies = app.hint(
        Mode::Columns,
        Action::CopyColumns,
        "copies this for [screen]:",
    );
    let words = match copies {
        Some(copies) => format!("Until you quit. To keep it, {copies}"),
        None => "Until you quit. To keep it, write this in [screen]:".to_owned(),
    };
    lines.extend(paragraph(&words, app.theme.muted(), 1, width));
    lines.extend(paragraph(
        &config_line(app.columns()),
        Style::new(),
        1,
        width,
    ));
    lines
}

fn meaning(column: Column) -> &'static str {
    match column {
        Column::State => "the state's word",
        Column::Instance => "the name",
        Column::Host => "the host of the target",
        Column::Endpoint => "the address and port the state speaks of",
        Column::Layers => "name, Browser, port, engine",
        Column::Connect => "connect time",
        Column::Engine => "the engine's answer",
        Column::Since => "how long it is in its state",
        Column::History => "the newest probes",
        Column::Tags => "the labels of the configuration",
        Column::Version => "the engine's version, also from memory",
        Column::Cause => "the most likely cause",
    }
}
