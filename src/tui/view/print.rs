//! Lines onto the screen. Nearly all of a line is characters that stand alone and are one
//! column wide: those are put down as they are, and only the rest is searched for what belongs
//! together, which costs several times as much.

use ratatui::buffer::Buffer;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Paragraph, Widget as _};

/// Draws a line. Its own style fills the whole width.
pub fn line(line: &Line<'_>, area: Rect, buffer: &mut Buffer) {
    let area = Rect { height: 1, ..area }.intersection(buffer.area);
    if !is_simple(line) {
        return line.render(area, buffer);
    }
    if area.is_empty() || line.spans.iter().all(|span| span.content.is_empty()) {
        return;
    }
    if line.style != Style::new() {
        buffer.set_style(area, line.style);
    }
    spans(line, Style::new(), area, buffer);
}

/// Draws lines under each other, as far as there is room. Their own styles end with them.
pub fn lines(lines: &[Line<'_>], area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        if is_simple(line) {
            spans(line, line.style, place, buffer);
        } else {
            Paragraph::new(line.clone()).render(place, buffer);
        }
    }
}

fn spans(line: &Line<'_>, style: Style, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let begin = buffer.index_of(area.x, area.y);
    let mut cells = buffer.content[begin..begin + usize::from(area.width)].iter_mut();
    for span in &line.spans {
        let style = style.patch(span.style);
        let mut bytes = [0; 4];
        for character in span.content.chars() {
            let Some(cell) = cells.next() else {
                return;
            };
            let symbol: &str = character.encode_utf8(&mut bytes);
            // Most cells are blank, and stay so.
            if character != ' ' || cell.symbol() != symbol {
                cell.set_symbol(symbol);
            }
            cell.set_style(style);
        }
    }
}

fn is_simple(line: &Line<'_>) -> bool {
    let is_left = matches!(line.alignment, None | Some(Alignment::Left));
    is_left && line.spans.iter().all(stands_alone)
}

/// Whether each character of a span is one column wide and never joins another.
fn stands_alone(span: &Span<'_>) -> bool {
    let text = &span.content;
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        || text.chars().all(|character| {
            matches!(
                character,
                // Letters and signs of our own words, lines, bars and marks.
                ' '..='~'
                    | '·'
                    | '×'
                    | '—'
                    | '…'
                    | '≥'
                    | '─'
                    | '━'
                    | '▁'..='▏'
                    | '●'
                    | '○'
                    | '◐'
                    | '▲'
                    | '▾'
                    | '▴'
                    | '◷'
                    | '⇅'
                    | '⧗'
                    | '✓'
                    | '✖'
            )
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::style::{Color, Modifier};

    use super::*;

    const AREA: Rect = Rect {
        x: 2,
        y: 1,
        width: 12,
        height: 2,
    };

    fn before() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 16, 4));
        buffer.set_string(0, 1, "was here before.", Style::new().fg(Color::Red));
        buffer
    }

    fn any_line() -> impl Strategy<Value = Line<'static>> {
        let text = "[ -~]{0,9}|[·×—…≥─━▁-▏●○◐▲▾▴◷⇅⧗✓✖ a]{0,9}|[a漢👨\u{200D}👩❤\u{FE0F}e\u{301}\u{FF9E}\u{7}]{0,5}";
        let style = prop_oneof![
            Just(Style::new()),
            Just(Style::new().bg(Color::Blue)),
            Just(Style::new().add_modifier(Modifier::REVERSED)),
            Just(
                Style::new()
                    .fg(Color::Green)
                    .remove_modifier(Modifier::REVERSED)
            ),
        ];
        let span = (text, style.clone()).prop_map(|(text, style)| Span::styled(text, style));
        let align = prop_oneof![
            4 => Just(None),
            1 => Just(Some(Alignment::Left)),
            1 => Just(Some(Alignment::Right)),
        ];
        (prop::collection::vec(span, 0..4), style, align).prop_map(|(spans, style, alignment)| {
            let mut line = Line::from(spans).style(style);
            line.alignment = alignment;
            line
        })
    }

    proptest! {
        #[test]
        fn a_line_looks_as_the_library_draws_it(one in any_line()) {
            let (mut ours, mut theirs) = (before(), before());
            line(&one, AREA, &mut ours);
            (&one).render(Rect { height: 1, ..AREA }, &mut theirs);
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn lines_look_as_the_library_draws_them(some in prop::collection::vec(any_line(), 0..4)) {
            let (mut ours, mut theirs) = (before(), before());
            lines(&some, AREA, &mut ours);
            Paragraph::new(some).render(AREA, &mut theirs);
            prop_assert_eq!(ours, theirs);
        }
    }
}
