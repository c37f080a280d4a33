//! The themes that come with the program: `assets/themes`.

use std::path::Path;
use std::sync::LazyLock;

use super::{Palette, reading};

/// The one that is in force where none is chosen.
pub(super) const DEFAULT: &str = "terminal";

/// Names and texts; a theme stands below its base.
const TEXTS: [(&str, &str); 6] = [
    (
        DEFAULT,
        include_str!("../../../assets/themes/terminal.toml"),
    ),
    ("16", include_str!("../../../assets/themes/16.toml")),
    ("dark", include_str!("../../../assets/themes/dark.toml")),
    ("light", include_str!("../../../assets/themes/light.toml")),
    (
        "high-contrast",
        include_str!("../../../assets/themes/high-contrast.toml"),
    ),
    (
        "colour-blind",
        include_str!("../../../assets/themes/colour-blind.toml"),
    ),
];

static ALL: LazyLock<Vec<Palette>> = LazyLock::new(|| {
    let mut read: Vec<Palette> = Vec::new();
    for (name, text) in TEXTS {
        let known = |base: &str| position(base).and_then(|at| read.get(at)).cloned();
        let palette = reading::parse_over(text, Path::new(name), &Palette::blank(), &known);
        read.push(palette.expect("a test reads the themes that come with the program"));
    }
    read
});

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, _)| *name)
}

pub(super) fn called(name: &str) -> Option<&'static Palette> {
    position(name).map(|at| &ALL[at])
}

pub(super) fn default() -> &'static Palette {
    &ALL[0]
}

fn position(name: &str) -> Option<usize> {
    let name = if name == "color-blind" {
        "colour-blind"
    } else {
        name
    };
    TEXTS.iter().position(|(known, _)| *known == name)
}
