//! Themes: what each token looks like, as data. What a token is drawn with is the dashboard's
//! to say, which knows the terminal.

mod built_in;
mod colour;
mod reading;

use super::ConfigError;

pub use built_in::names;
pub use colour::Colour;
pub(super) use reading::{Trouble, name, of_user};

/// What a style means. A theme says how each looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    /// Everything that nothing else is said of, and the background.
    Text,
    /// It works.
    Good,
    /// It works, with a finding.
    Warning,
    /// It fails.
    Bad,
    /// Of less weight.
    Muted,
    /// A label before a value.
    Label,
    /// A heading.
    Heading,
    /// A command that can be copied.
    Command,
    /// The selected row.
    Selected,
    /// What must not be overlooked.
    Loud,
}

/// How a token looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colour of the letters, the best first; empty for the one of the text around it.
    pub fg: Vec<Colour>,
    /// The colour behind them, likewise.
    pub bg: Vec<Colour>,
    /// The modifiers.
    pub modifiers: Vec<Modifier>,
}

/// What letters can be besides coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// Bold, or brighter.
    Bold,
    /// Fainter.
    Dim,
    /// Slanted.
    Italic,
    /// Underlined.
    Underlined,
    /// Colour and background exchanged.
    Reversed,
}

/// A theme: the look of each token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    looks: [Look; Token::ALL.len()],
}

/// The theme that the file chooses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its name as it is written.
    pub name: String,
    /// What it looks like; that of the default until a theme of the user's is read.
    pub palette: Palette,
}

impl Token {
    /// All of them, in the order of the docs.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Good,
        Self::Warning,
        Self::Bad,
        Self::Muted,
        Self::Label,
        Self::Heading,
        Self::Command,
        Self::Selected,
        Self::Loud,
    ];

    /// Its key in a theme.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Muted => "muted",
            Self::Label => "label",
            Self::Heading => "heading",
            Self::Command => "command",
            Self::Selected => "selected",
            Self::Loud => "loud",
        }
    }

    /// What it is used for, for the docs.
    pub fn use_for(self) -> &'static str {
        match self {
            Self::Text => "everything that nothing else is said of; its `bg` is the background",
            Self::Good => "it works: states `answering`, `ready`, `open`, and their layers",
            Self::Warning => "it works, with a finding: `degraded`, a layer that half works",
            Self::Bad => "it fails: every failing state, `invalid`, a failed layer, mistakes",
            Self::Muted => "of less weight: rules, `pending`, stale rows, low confidence",
            Self::Label => "a label before a value",
            Self::Heading => "headings, the titles of the table, high confidence",
            Self::Command => "a command that can be copied",
            Self::Selected => "the selected row, the open tab; laid over the row's own colours",
            Self::Loud => "what must not be overlooked: `PAUSED`, banners, the flash",
        }
    }
}

impl Palette {
    /// The look of a token.
    pub fn look(&self, token: Token) -> &Look {
        &self.looks[token as usize]
    }

    /// A theme that comes with the program; both spellings of colour are known.
    pub fn built_in(name: &str) -> Option<&'static Self> {
        built_in::called(name)
    }

    /// Reads a theme from its text; `file` is named in mistakes only.
    pub fn parse(text: &str, file: &std::path::Path) -> Result<Self, Vec<ConfigError>> {
        reading::parse(text, file)
    }

    fn blank() -> Self {
        Self {
            looks: Default::default(),
        }
    }
}

impl Default for Palette {
    fn default() -> Self {
        built_in::default().clone()
    }
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            name: built_in::DEFAULT.to_owned(),
            palette: Palette::default(),
        }
    }
}

impl Chosen {
    /// The theme of this name; one that does not come with the program is still to be read.
    pub(super) fn called(name: String) -> Self {
        let palette = Palette::built_in(&name).cloned().unwrap_or_default();
        Self { name, palette }
    }

    /// Whether it is a file of the user's.
    pub(super) fn is_of_user(&self) -> bool {
        Palette::built_in(&self.name).is_none()
    }
}

#[cfg(test)]
mod tests;
