//! A theme from its text: `base`, and a key for each token.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::{Colour, Look, Modifier, Palette, Token, built_in};
use crate::config::error::{ConfigError, Source};
use crate::config::keys::nearest;
use crate::config::section::{Given, Reading, Section, Wrong, describe};
use crate::config::{syntax, value, write};

/// A theme is a page.
const LARGEST: u64 = 64 << 10;
/// The folder beside the configuration.
const FOLDER: &str = "themes";
/// Colours to choose from: for a terminal with all, with 256 and with 16 of them.
const MOST_COLOURS: usize = 3;
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::Bold),
    ("dim", Modifier::Dim),
    ("italic", Modifier::Italic),
    ("underlined", Modifier::Underlined),
    ("reversed", Modifier::Reversed),
];

/// Why a theme of the user's is not there.
pub(in crate::config) enum Trouble {
    /// No such file, or it cannot be read: what is wrong, and what to do.
    Absent(String, String),
    /// It holds mistakes.
    Mistakes(Vec<ConfigError>),
}

/// The name of a theme, which is a file's name: no path, and no device of Windows.
pub(in crate::config) fn name(given: &Given<'_>) -> Result<String, Wrong> {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];
    let text = value::raw_text(given)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let stem = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_device = text.len() <= 4 && DEVICES.contains(&stem.to_ascii_lowercase().as_str());
    if text.is_empty() || text.len() > 40 || !text.chars().all(is_name) || is_device {
        let names: Vec<&str> = built_in::names().collect();
        return Err(
            Wrong::new(format!("{} is no name of a theme", describe(given))).hint(format!(
                "one of {}, or NAME for {FOLDER}/NAME.toml beside this file: letters, digits, - and _",
                names.join(", ")
            )),
        );
    }
    Ok(text.to_owned())
}

/// Reads the user's theme of this name, which has been checked, from beside the configuration.
pub(in crate::config) fn of_user(name: &str, config: &Path) -> Result<Palette, Trouble> {
    let file = write::folder(config)
        .join(FOLDER)
        .join(format!("{name}.toml"));
    let shown = crate::target::clean(&file.display().to_string(), 400);
    let absent = |why: String| {
        let hint = match nearest(name, built_in::names()) {
            Some(known) => format!("did you mean '{known}'?"),
            None => format!(
                "write that file, or choose one of {}",
                built_in::names().collect::<Vec<_>>().join(", ")
            ),
        };
        Trouble::Absent(format!("theme: {shown}: {why}"), hint)
    };
    let metadata = fs::metadata(&file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => absent("there is no such file".to_owned()),
        _ => absent(format!("cannot be read: {error}")),
    })?;
    // A pipe would be waited for.
    if !metadata.is_file() {
        return Err(absent("this is no file".to_owned()));
    }
    let mut text = String::new();
    let read = File::open(&file).and_then(|open| open.take(LARGEST + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(absent(format!("cannot be read: {error}"))),
        Ok(read) if read as u64 > LARGEST => Err(absent("larger than 64 KiB".to_owned())),
        Ok(_) => parse(&text, &file).map_err(Trouble::Mistakes),
    }
}

/// Reads a theme of the user's: what it leaves out is as in its base, else as by default.
pub(super) fn parse(text: &str, file: &Path) -> Result<Palette, Vec<ConfigError>> {
    let known = |base: &str| built_in::called(base).cloned();
    parse_over(text, file, built_in::default(), &known)
}

/// The same with the bases that are known.
pub(super) fn parse_over(
    text: &str,
    file: &Path,
    default: &Palette,
    known: &dyn Fn(&str) -> Option<Palette>,
) -> Result<Palette, Vec<ConfigError>> {
    let source = Source::new(text.trim_start_matches('\u{feff}'), file);
    let (document, errors) = DeTable::parse_recoverable(source.text());
    let mut reading = Reading::new(&source);
    for error in &errors {
        let (at, problem, hint) = syntax::explain(error, &source);
        reading.mistake(at, problem, hint);
    }
    let palette = if errors.is_empty() {
        let read = |section: &mut Section<'_, '_, '_>| palette(section, default, known);
        Section::read("the theme", document.get_ref(), &mut reading, read).0
    } else {
        Palette::blank()
    };
    let mistakes = reading.into_mistakes();
    if mistakes.is_empty() {
        Ok(palette)
    } else {
        Err(mistakes)
    }
}

fn palette(
    section: &mut Section<'_, '_, '_>,
    default: &Palette,
    known: &dyn Fn(&str) -> Option<Palette>,
) -> Palette {
    let base = section.ask("base", |given| {
        known(value::raw_text(given)?).ok_or_else(|| {
            let names: Vec<&str> = built_in::names().collect();
            Wrong::new(format!(
                "{} does not come with the program",
                describe(given)
            ))
            .hint(format!("one of {}", names.join(", ")))
        })
    });
    let mut palette = base.unwrap_or_else(|| default.clone());
    for token in Token::ALL {
        let look = &mut palette.looks[token as usize];
        let key = token.word();
        match section.given(key).map(toml::Spanned::get_ref) {
            None => {}
            Some(DeValue::Table(_)) => {
                section.inside(key, key, |section| parts(section, look));
            }
            Some(_) => {
                if let Some(fg) = section.ask(key, colours) {
                    look.fg = fg;
                }
            }
        }
    }
    palette
}

/// Each part that is given takes the place of the base's.
fn parts(section: &mut Section<'_, '_, '_>, look: &mut Look) {
    if let Some(fg) = section.ask("fg", colours) {
        look.fg = fg;
    }
    if let Some(bg) = section.ask("bg", colours) {
        look.bg = bg;
    }
    let modifiers = |given: &Given<'_>| {
        value::list(given, MODIFIERS.len(), |one| value::one_of(one, &MODIFIERS))
    };
    if let Some(modifiers) = section.ask("modifiers", modifiers) {
        look.modifiers = modifiers;
    }
}

/// One colour, or several, of which the first that the terminal has is taken.
fn colours(given: &Given<'_>) -> Result<Vec<Colour>, Wrong> {
    match given.get_ref() {
        DeValue::Array(_) => value::list(given, MOST_COLOURS, colour),
        _ => colour(given).map(|colour| vec![colour]),
    }
}

fn colour(given: &Given<'_>) -> Result<Colour, Wrong> {
    let hint = |text: &str| match nearest(text, Colour::names()) {
        Some(name) => format!("did you mean '{name}'?"),
        None => "write \"#rrggbb\", a number from 0 to 255, or a name such as \"red\" or \
                 \"bright-blue\""
            .to_owned(),
    };
    let text = match given.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => {
            let index = u8::from_str_radix(number.as_str(), number.radix());
            return index.map(Colour::Indexed).map_err(|_| {
                Wrong::new(format!("{} is no colour", describe(given))).hint(hint(""))
            });
        }
        _ => String::new(),
    };
    Colour::parse(&text)
        .ok_or_else(|| Wrong::new(format!("{} is no colour", describe(given))).hint(hint(&text)))
}
