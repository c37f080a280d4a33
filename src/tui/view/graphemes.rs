//! What is drawn is as wide in every terminal as it is here.
//!
//! Terminals agree on how wide a character is, and on little else: some join emoji, some count
//! the selector that makes one colourful, some turn the line around where a character says so.
//! So a cell keeps of its text only what is as wide as the cell, and nothing that has no shape.

use ratatui::buffer::Buffer;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr as _};

use crate::target::is_invisible;

/// A letter and its marks; what has more is meant to break something.
const MOST: usize = 5;

/// Goes through all cells. Nearly all are one character, which costs one look.
pub fn settle(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().len() == 1 {
            continue;
        }
        let mut characters = cell.symbol().chars();
        let is_plain = characters.next().is_none_or(|first| !is_invisible(first));
        if is_plain && characters.next().is_none() {
            continue;
        }
        let settled = settled(cell.symbol());
        cell.set_symbol(&settled);
    }
}

fn settled(symbol: &str) -> String {
    let room = symbol.width();
    let mut kept = String::new();
    let mut used = 0;
    let shapes = symbol.chars().filter(|c| !is_invisible(*c));
    for character in shapes.take(MOST) {
        let wide = character.width().unwrap_or(0);
        if used + wide > room {
            break;
        }
        kept.push(character);
        used += wide;
    }
    kept.push_str(&" ".repeat(room - used));
    kept
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::letter("a", "a")]
    #[case::wide("漢", "漢")]
    #[case::marks("e\u{301}", "e\u{301}")]
    #[case::too_many_marks(
        "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
        "e\u{301}\u{301}\u{301}\u{301}"
    )]
    #[case::family("👨\u{200D}👩\u{200D}👧", "👨")]
    #[case::skin("👍🏽", "👍")]
    #[case::flag("🇩🇪", "🇩🇪")]
    #[case::colourful("❤\u{FE0F}", "❤ ")]
    #[case::turns_the_line("a\u{202E}", "a")]
    #[case::empty_braille("\u{2800}", " ")]
    fn a_cell_keeps_what_is_as_wide_in_every_terminal(#[case] symbol: &str, #[case] kept: &str) {
        assert_eq!(settled(symbol), kept);
        let each: usize = kept.chars().filter_map(UnicodeWidthChar::width).sum();
        assert_eq!(each, symbol.width(), "as wide as it was");
    }
}
