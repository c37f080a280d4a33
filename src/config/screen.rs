//! The table `[screen]`: how the dashboard looks, and how it calls for attention.

use toml::Value;

use super::section::{Given, Section, Wrong};
use super::theme::{self, Chosen};
use super::value;

/// Sorting by this many columns at once helps nobody, but showing each once must be possible.
const MOST_COLUMNS: usize = Column::ALL.len();

/// The table `[screen]`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the file"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The columns of the table, in order.
    pub columns: Vec<Column>,
    /// The order of the rows.
    pub sort: Order,
    /// What rows are grouped by.
    pub group: Group,
    /// The filter that is in force at the start.
    pub filter: String,
    /// How times of day are shown.
    pub clock: Clock,
    /// Whether the terminal's bell rings when an instance changes to or from failing.
    pub bell: bool,
    /// Whether and how the terminal is asked for a desktop notification then.
    pub notify: Notify,
    /// Whether the header flashes then.
    pub flash: bool,
    /// The theme.
    pub theme: Chosen,
    /// What it is drawn with.
    pub glyphs: Glyphs,
    /// How copied texts get to the clipboard.
    pub clipboard: Clipboard,
    /// Whether the mouse selects, scrolls and clicks.
    pub mouse: bool,
    /// Whether changes are printed as lines and nothing is drawn.
    pub plain: bool,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Column {
    /// The state's word.
    #[default]
    State,
    /// The name.
    Instance,
    /// The host of the target.
    Host,
    /// The address and port that the state speaks of.
    Endpoint,
    /// The four layers.
    Layers,
    /// Connect time.
    Connect,
    /// The engine's answer.
    Engine,
    /// How long it is in its state.
    Since,
    /// The newest probes.
    History,
    /// The labels.
    Tags,
    /// The engine's version.
    Version,
    /// The most likely cause.
    Cause,
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// By what.
    pub column: Column,
    /// The other way round.
    pub reversed: bool,
}

/// What rows are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Group {
    /// One list.
    #[default]
    None,
    /// By the first label.
    Tag,
    /// By host.
    Host,
    /// By /24 or /64.
    Subnet,
}

/// How times of day are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// In the zone of this machine.
    #[default]
    Local,
    /// In UTC.
    Utc,
}

/// How the terminal is asked for a desktop notification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// Not at all.
    #[default]
    Off,
    /// OSC 9: iTerm2, Windows Terminal, kitty, ghostty.
    Osc9,
    /// OSC 777: urxvt, foot, ghostty, VTE.
    Osc777,
}

/// What the dashboard is drawn with, letters apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Glyphs {
    /// What the terminal and its locale are likely to have.
    #[default]
    Auto,
    /// Lines, blocks, Braille and symbols.
    Unicode,
    /// ASCII alone.
    Ascii,
}

/// How copied texts get to the clipboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clipboard {
    /// As this session allows.
    #[default]
    Auto,
    /// Through tmux.
    Tmux,
    /// By asking the terminal.
    Osc52,
    /// Through a program of this machine's desktop.
    Local,
    /// Not at all: what would be copied is shown, to be selected by hand.
    Off,
}

impl Default for Screen {
    fn default() -> Self {
        Self {
            columns: Column::DEFAULT.to_vec(),
            sort: Order::default(),
            group: Group::default(),
            filter: String::new(),
            clock: Clock::default(),
            bell: false,
            notify: Notify::default(),
            flash: true,
            theme: Chosen::default(),
            glyphs: Glyphs::default(),
            clipboard: Clipboard::default(),
            mouse: true,
            plain: false,
        }
    }
}

/// Gives an enumeration its words in the file: `WORDS`, `word()`.
macro_rules! words {
    ($type:ty: $($word:literal $variant:ident),+) => {
        impl $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word that the file has for it.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words!(Column: "state" State, "instance" Instance, "host" Host, "endpoint" Endpoint,
    "layers" Layers, "connect" Connect, "engine" Engine, "since" Since, "history" History,
    "tags" Tags, "version" Version, "cause" Cause);
words!(Group: "none" None, "tag" Tag, "host" Host, "subnet" Subnet);
words!(Clock: "local" Local, "utc" Utc);
words!(Notify: "off" Off, "osc9" Osc9, "osc777" Osc777);
words!(Clipboard: "auto" Auto, "tmux" Tmux, "osc52" Osc52, "local" Local, "off" Off);
words!(Glyphs: "auto" Auto, "unicode" Unicode, "ascii" Ascii);

impl Column {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::State,
        Self::Instance,
        Self::Host,
        Self::Endpoint,
        Self::Layers,
        Self::Connect,
        Self::Engine,
        Self::Since,
        Self::History,
        Self::Tags,
        Self::Version,
        Self::Cause,
    ];
    /// Those that are shown unless the file says otherwise.
    const DEFAULT: [Self; 8] = [
        Self::State,
        Self::Instance,
        Self::Endpoint,
        Self::Layers,
        Self::Connect,
        Self::Engine,
        Self::Since,
        Self::History,
    ];
}

impl Order {
    /// As the file has it: `since`, or `-since` for the other way round.
    fn text(self) -> String {
        let sign = if self.reversed { "-" } else { "" };
        format!("{sign}{}", self.column.word())
    }
}

impl Screen {
    /// Each key with its value, in the order of the example.
    pub(super) fn settings(&self) -> [(&'static str, Value); 13] {
        let columns: Vec<&str> = self.columns.iter().map(|column| column.word()).collect();
        [
            ("columns", columns.into()),
            ("sort", self.sort.text().into()),
            ("group", self.group.word().into()),
            ("filter", self.filter.as_str().into()),
            ("clock", self.clock.word().into()),
            ("bell", self.bell.into()),
            ("notify", self.notify.word().into()),
            ("flash", self.flash.into()),
            ("theme", self.theme.name.as_str().into()),
            ("glyphs", self.glyphs.word().into()),
            ("clipboard", self.clipboard.word().into()),
            ("mouse", self.mouse.into()),
            ("plain", self.plain.into()),
        ]
    }

    /// Reads the table.
    pub(super) fn read(section: &mut Section<'_, '_, '_>) -> Self {
        let default = Self::default();
        Self {
            columns: section.ask("columns", columns).unwrap_or(default.columns),
            sort: section.ask("sort", order).unwrap_or_default(),
            group: section
                .ask("group", |given| value::one_of(given, Group::WORDS))
                .unwrap_or_default(),
            filter: section.ask("filter", value::filter).unwrap_or_default(),
            clock: section
                .ask("clock", |given| value::one_of(given, Clock::WORDS))
                .unwrap_or_default(),
            bell: section
                .ask("bell", value::yes_or_no)
                .unwrap_or(default.bell),
            notify: section
                .ask("notify", |given| value::one_of(given, Notify::WORDS))
                .unwrap_or_default(),
            flash: section
                .ask("flash", value::yes_or_no)
                .unwrap_or(default.flash),
            theme: section
                .ask("theme", theme::name)
                .map(Chosen::called)
                .unwrap_or_default(),
            glyphs: section
                .ask("glyphs", |given| value::one_of(given, Glyphs::WORDS))
                .unwrap_or_default(),
            clipboard: section
                .ask("clipboard", |given| value::one_of(given, Clipboard::WORDS))
                .unwrap_or_default(),
            mouse: section
                .ask("mouse", value::yes_or_no)
                .unwrap_or(default.mouse),
            plain: section
                .ask("plain", value::yes_or_no)
                .unwrap_or(default.plain),
        }
    }
}

/// At least one, none twice.
fn columns(given: &Given<'_>) -> Result<Vec<Column>, Wrong> {
    let mut columns = Vec::new();
    for column in value::list(given, MOST_COLUMNS, |one| value::one_of(one, Column::WORDS))? {
        if columns.contains(&column) {
            return Err(Wrong::new(format!("'{}' is there twice", column.word())));
        }
        columns.push(column);
    }
    if columns.is_empty() {
        return Err(Wrong::new("no column is left").hint("leave the line out for the usual ones"));
    }
    Ok(columns)
}

fn order(given: &Given<'_>) -> Result<Order, Wrong> {
    let text = value::raw_text(given)?;
    let (reversed, word) = match text.strip_prefix('-') {
        Some(word) => (true, word),
        None => (false, text),
    };
    let column = value::called(word, Column::WORDS).map_err(|hint| {
        Wrong::new(format!("{} is no column", super::section::describe(given))).hint(hint)
    })?;
    Ok(Order { column, reversed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_word_of_its_own() {
        assert_eq!(Column::WORDS.len(), Column::ALL.len());
        for column in Column::ALL {
            assert!(Column::WORDS.contains(&(column.word(), column)));
        }
    }
}
