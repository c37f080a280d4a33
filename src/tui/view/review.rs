//! The servers that are looked through before they are kept, over what was there.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::form::before;
use super::lines::{clip, paragraph};
use crate::config::import::{Item, Verdict};
use crate::tui::app::{App, Review};
use crate::tui::keymap::Mode;
use crate::tui::text::{cut, left};

/// Wider helps nobody to read.
const WIDEST: u16 = 110;
/// Columns of a server, where there is room.
const SERVER: usize = 34;

/// Draws the list in the middle of `area`.
pub fn draw(app: &App, review: &Review, area: Rect, frame: &mut Frame<'_>) {
    let width = WIDEST.min(area.width);
    let inner = usize::from(width.saturating_sub(2));
    let above = above(app, review, inner);
    let mut below = below(app, review, inner);
    let count = review.verdicts().len();
    let wanted = u16::try_from(above.len() + below.len() + count + 2).unwrap_or(u16::MAX);
    // What is said of the selected one comes and goes, and the list stays where it is.
    let whole = whole(app, review, inner);
    let more = u16::try_from(whole.len()).unwrap_or(u16::MAX);
    let height = wanted.saturating_add(more).min(area.height);
    let y = (area.height.saturating_sub(wanted) / 2).min(area.height - height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + y,
        width,
        height,
    };
    below.extend(whole);
    let title = cut(review.title(), inner.saturating_sub(2));
    let block = Block::bordered().title(format!(" {title} "));
    let inside = block.inner(place);
    let room = usize::from(inside.height);
    // Where little fits, the list comes first.
    let rows = room
        .saturating_sub(above.len() + below.len())
        .max(room.min(3))
        .min(count);
    let first = (review.at() + 1).saturating_sub(rows);
    let mut shown = above;
    shown.truncate(room.saturating_sub(rows));
    let items = review.import().items.iter().zip(review.verdicts());
    let lines = items.enumerate().skip(first).take(rows);
    shown.extend(lines.map(|(at, (item, verdict))| {
        let line = line(app, review, at, item, verdict, inner);
        if at == review.at() {
            line.patch_style(app.theme.selected())
        } else {
            line
        }
    }));
    shown.extend(below);
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(shown).block(block), place);
}

/// How many there are of each kind.
fn above(app: &App, review: &Review, width: usize) -> Vec<Line<'static>> {
    let [new, known, twice, wrong] = review.counts();
    let mut parts = vec![format!("{new} new")];
    for (count, words) in [
        (known, "watched already"),
        (twice, "there twice"),
        (wrong, "no server"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let chosen = review.chosen();
    if chosen != new {
        parts.push(format!("{chosen} ticked"));
    }
    let mut lines = paragraph(&parts.join(", "), app.theme.heading(), 1, width);
    lines.push(Line::default());
    lines
}

/// What was left behind, where the rest would go, and why it did not.
fn below(app: &App, review: &Review, width: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let import = review.import();
    let mut lines = vec![Line::default()];
    let mut say = |text: &str, style| lines.extend(paragraph(text, style, 1, width));
    if import.left_out > 0 {
        let text = format!(
            "{} more were too many at once; add these first, then the rest.",
            import.left_out
        );
        say(&text, theme.warning());
    }
    match import.passwords {
        0 => {}
        1 => say(
            "A password was left out: none is needed, and none is kept.",
            theme.warning(),
        ),
        more => say(
            &format!("{more} passwords were left out: none is needed, and none is kept."),
            theme.warning(),
        ),
    }
    if let Some(why) = review.refused() {
        say(why, theme.bad());
    }
    let place = format!("Kept in {}.", app.kept_in());
    let place = before(app, &place, Mode::Review);
    say(&place, theme.muted());
    lines
}

/// Why the selected one is no server, since its line may have no room for that.
fn whole(app: &App, review: &Review, width: usize) -> Vec<Line<'static>> {
    match review.verdicts().get(review.at()) {
        Some(Verdict::Wrong(why)) => paragraph(why, app.theme.bad(), 1, width),
        _ => Vec::new(),
    }
}

fn line(
    app: &App,
    review: &Review,
    at: usize,
    item: &Item,
    verdict: &Verdict,
    width: usize,
) -> Line<'static> {
    let theme = app.theme;
    let unit = review.import().unit;
    let (mark, style, words) = match verdict {
        Verdict::New => {
            let ticked = review.is_ticked(at);
            let mark = if ticked { "[x]" } else { "[ ]" };
            (mark, Style::new(), beside(item))
        }
        Verdict::Known(name) => (" = ", theme.muted(), format!("watched already, as {name}")),
        Verdict::Twice(first) => {
            let unit = unit.unwrap_or("number");
            (" = ", theme.muted(), format!("the same as {unit} {first}"))
        }
        Verdict::Wrong(why) => (" ✖ ", theme.bad(), why.clone()),
    };
    let number = unit.map(|unit| format!(" {unit} {:<4}", item.number));
    let server = SERVER.min(width / 3);
    let spans = vec![
        Span::styled(format!(" {mark}"), style),
        Span::styled(number.unwrap_or_default(), theme.muted()),
        Span::styled(format!(" {}", left(&item.text, server)), style),
        Span::styled(format!(" {words}"), theme.muted()),
    ];
    let mut line = clip(spans, width);
    let gap = width.saturating_sub(line.width());
    line.push_span(Span::raw(" ".repeat(gap)));
    line
}

/// What else would be kept of it.
fn beside(item: &Item) -> String {
    let Ok(entry) = &item.entry else {
        return String::new();
    };
    let server = (entry.server != item.text).then(|| entry.server.clone());
    let tags = (!entry.tags.is_empty()).then(|| entry.tags.join(" "));
    let parts = [server, entry.name.clone(), tags, entry.note.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
