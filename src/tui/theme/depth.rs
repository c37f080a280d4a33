//! How many colours the terminal has, and the nearest of them.

use ratatui::style::Color;

use crate::config::theme::Colour;

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// 16, which its own scheme defines.
    Sixteen,
    /// 240 more, which are the same everywhere.
    Indexed,
    /// All.
    Full,
}

/// The steps of red, green and blue in the cube that begins at 16 (xterm's 256colres.h).
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// As the environment says; there is no other way to know without asking the terminal.
    pub(super) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        // The console sets it nowhere, but a login from another terminal may bring it along.
        if matches!(&term[..], "linux" | "dumb") || term.starts_with("vt") {
            return Self::Sixteen;
        }
        let is_full = |value: String| matches!(&value[..], "truecolor" | "24bit");
        if variable("COLORTERM").is_some_and(is_full)
            || term.ends_with("-direct")
            || variable("WT_SESSION").is_some()
        {
            Self::Full
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// The first colour of a list that is here, `Some(None)` for an empty list; `None` where
    /// there is none of them.
    #[expect(
        clippy::option_option,
        reason = "no colour is wanted, or none of those wanted is here"
    )]
    pub(super) fn show(self, colours: &[Colour]) -> Option<Option<Color>> {
        if colours.is_empty() {
            return Some(None);
        }
        let here = |colour: &&Colour| self > Self::Sixteen || colour.is_basic();
        let colour = colours.iter().find(here)?;
        Some(Some(match (*colour, self) {
            (Colour::Default, _) => Color::Reset,
            (Colour::Indexed(index), _) => named(index),
            (Colour::Rgb(red, green, blue), Self::Full) => Color::Rgb(red, green, blue),
            (Colour::Rgb(red, green, blue), _) => Color::Indexed(nearest([red, green, blue])),
        }))
    }
}

fn named(index: u8) -> Color {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    NAMED
        .get(usize::from(index))
        .copied()
        .unwrap_or(Color::Indexed(index))
}

/// The nearest of the 240 that no scheme changes.
fn nearest(wanted: [u8; 3]) -> u8 {
    let distance = |index: &u8| -> u32 {
        let pairs = rgb(*index).into_iter().zip(wanted);
        pairs.map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    (16..=255).min_by_key(distance).unwrap_or(16)
}

/// Red, green and blue of one of the 240: the cube, then the greys.
pub(super) fn rgb(index: u8) -> [u8; 3] {
    if index >= 232 {
        return [8 + 10 * (index - 232); 3];
    }
    let at = index.saturating_sub(16);
    [at / 36, at / 6 % 6, at % 6].map(|step| STEPS[usize::from(step)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_the_240_is_the_nearest_to_itself() {
        for index in 16..=255 {
            assert_eq!(rgb(nearest(rgb(index))), rgb(index), "{index}");
        }
        assert_eq!(nearest([0x1b, 0x1d, 0x1c]), 234);
        assert_eq!(nearest([0x00, 0x5f, 0x88]), 24);
    }

    #[test]
    fn a_terminal_takes_the_first_colour_that_it_has() {
        let colours = [Colour::Rgb(0, 95, 0), Colour::Indexed(2)];
        assert_eq!(Depth::Full.show(&colours), Some(Some(Color::Rgb(0, 95, 0))));
        assert_eq!(
            Depth::Indexed.show(&colours),
            Some(Some(Color::Indexed(22)))
        );
        assert_eq!(Depth::Sixteen.show(&colours), Some(Some(Color::Green)));
        assert_eq!(Depth::Sixteen.show(&colours[..1]), None);
        assert_eq!(Depth::Sixteen.show(&[]), Some(None));
    }
}
