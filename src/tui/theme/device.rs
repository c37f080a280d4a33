//! What the terminal can show, as far as the environment says. The terminal itself is never
//! asked: a late answer would become keystrokes.

use super::{Depth, Theme};
use crate::config::Glyphs;
use crate::config::theme::Palette;
use crate::tui::marker::Marker;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its colours; `None` where none are wanted.
    pub depth: Option<Depth>,
    /// What it can be drawn with, unless the user knows better.
    pub marker: Marker,
}

impl Default for Device {
    fn default() -> Self {
        Self {
            depth: Some(Depth::Sixteen),
            marker: Marker::Drawn,
        }
    }
}

impl Device {
    /// The terminal of this process, with colours or without them (`NO_COLOR`, `--no-color`).
    pub fn of_this_process(colours: bool) -> Self {
        Self::of(colours, |name| std::env::var(name).ok())
    }

    fn of(colours: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        Self {
            depth: colours.then(|| Depth::of(&variable)),
            marker: marker(&variable),
        }
    }

    /// A theme as it can be shown here.
    pub fn theme(self, palette: &Palette) -> Theme {
        Theme::of(palette, self.depth)
    }

    /// What is drawn with here.
    pub fn marker(self, wanted: Glyphs) -> Marker {
        match wanted {
            Glyphs::Auto => self.marker,
            Glyphs::Unicode => Marker::Drawn,
            Glyphs::Ascii => Marker::Ascii,
        }
    }
}

/// The console of Linux has no font with Braille; a terminal of another character set would
/// show three letters for each glyph.
fn marker(variable: &dyn Fn(&str) -> Option<String>) -> Marker {
    let is_poor = |term: String| matches!(&term[..], "linux" | "dumb") || term.starts_with("vt");
    // The first that is set decides (POSIX, environment variables, 8.2).
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable);
    let is_other = |locale: String| {
        let locale = locale.to_ascii_lowercase();
        !(locale.contains("utf-8") || locale.contains("utf8"))
    };
    if variable("TERM").is_some_and(is_poor) || locale.is_some_and(is_other) {
        Marker::Ascii
    } else {
        Marker::Drawn
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn device(variables: &[(&str, &str)]) -> Device {
        Device::of(true, |wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[rstest]
    #[case(&[("TERM", "linux")], Marker::Ascii)]
    #[case(&[("TERM", "dumb")], Marker::Ascii)]
    #[case(&[("TERM", "vt220")], Marker::Ascii)]
    #[case(&[("TERM", "xterm-256color")], Marker::Drawn)]
    #[case(&[], Marker::Drawn)]
    #[case(&[("LANG", "C")], Marker::Ascii)]
    #[case(&[("LANG", "de_DE.ISO-8859-1")], Marker::Ascii)]
    #[case(&[("LANG", "de_DE.UTF-8")], Marker::Drawn)]
    #[case(&[("LANG", "C"), ("LC_ALL", "C.utf8")], Marker::Drawn)]
    #[case(&[("LANG", "en_US.UTF-8"), ("LC_CTYPE", "POSIX")], Marker::Ascii)]
    #[case(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")], Marker::Drawn)]
    #[case(&[("TERM", "linux"), ("LANG", "en_US.UTF-8")], Marker::Ascii)]
    fn glyphs_go_by_terminal_and_locale(
        #[case] variables: &[(&str, &str)],
        #[case] marker: Marker,
    ) {
        let device = device(variables);
        assert_eq!(device.marker(Glyphs::Auto), marker);
        assert_eq!(device.marker(Glyphs::Unicode), Marker::Drawn);
        assert_eq!(device.marker(Glyphs::Ascii), Marker::Ascii);
    }

    #[rstest]
    #[case(&[], Depth::Sixteen)]
    #[case(&[("TERM", "xterm")], Depth::Sixteen)]
    #[case(&[("TERM", "screen-256color")], Depth::Indexed)]
    #[case(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::Full)]
    #[case(&[("TERM", "xterm"), ("COLORTERM", "24bit")], Depth::Full)]
    #[case(&[("TERM", "xterm-256color"), ("COLORTERM", "yes")], Depth::Indexed)]
    #[case(&[("TERM", "xterm-direct")], Depth::Full)]
    #[case(&[("TERM", "linux"), ("COLORTERM", "truecolor")], Depth::Sixteen)]
    #[case(&[("WT_SESSION", "1b2c")], Depth::Full)]
    fn colours_go_by_the_environment(#[case] variables: &[(&str, &str)], #[case] depth: Depth) {
        assert_eq!(device(variables).depth, Some(depth));
    }

    #[test]
    fn who_wants_no_colours_gets_none_on_any_terminal() {
        let device = Device::of(false, |_| Some("truecolor".to_owned()));
        assert_eq!(device.depth, None);
    }
}
