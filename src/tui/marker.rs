//! What charts, strips and bars are drawn with: the one place that chooses.

use super::ascii;
use super::glyph::Mark;
use crate::diagnosis::State;

/// What lines, dots and bars are drawn with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marker {
    /// Braille, blocks and box drawing.
    #[default]
    Drawn,
    /// ASCII alone, for fonts without the others.
    Ascii,
}

impl Marker {
    /// Dots beside each other in one cell.
    pub fn across(self) -> usize {
        match self {
            Self::Drawn => 2,
            Self::Ascii => 1,
        }
    }

    /// Dots above each other in one cell.
    pub fn down(self) -> usize {
        match self {
            Self::Drawn => 4,
            Self::Ascii => 1,
        }
    }

    /// A cell with these dots: bit `4 * x + y`, counted from the upper left.
    pub fn dots(self, bits: u8) -> char {
        // Braille counts the upper three of each side first, then the lowest two.
        const BRAILLE: [u8; 8] = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80];
        match (self, bits) {
            (_, 0) => ' ',
            (Self::Drawn, bits) => {
                let set = (0..8).filter(|bit| bits & 1 << bit != 0);
                let code = set.fold(0, |code, bit| code | BRAILLE[bit]);
                char::from_u32(0x2800 + u32::from(code)).unwrap_or('*')
            }
            (Self::Ascii, _) => '*',
        }
    }

    /// A state in one column.
    pub fn state(self, state: State) -> &'static str {
        match self {
            Self::Drawn => state.glyph(),
            Self::Ascii => ascii::instead(state.glyph()).unwrap_or("?"),
        }
    }

    /// A bar of so many eighths of a cell.
    pub fn bar(self, eighths: usize) -> String {
        const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
        match self {
            Self::Drawn => "█".repeat(eighths / 8) + PARTS[eighths % 8],
            Self::Ascii => "#".repeat(eighths.div_ceil(8)),
        }
    }

    /// The mark of a layer in one column.
    pub fn mark(self, mark: Mark) -> &'static str {
        match (self, mark) {
            (Self::Drawn, mark) => mark.glyph(),
            (Self::Ascii, Mark::Good) => "=",
            (Self::Ascii, Mark::Partial) => "!",
            (Self::Ascii, Mark::Failed) => "x",
            (Self::Ascii, Mark::Late) => "~",
            (Self::Ascii, Mark::NotReached) => ".",
        }
    }

    /// The axis, the same with a tick, the corner, the base line, the same with a tick.
    pub fn axes(self) -> [char; 5] {
        match self {
            Self::Drawn => ['│', '┤', '└', '─', '┬'],
            Self::Ascii => ['|', '+', '+', '-', '+'],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_braille_every_state_is_ascii() {
        for state in State::ALL {
            assert!(Marker::Ascii.state(state).is_ascii());
        }
    }
}
