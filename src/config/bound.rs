//! The table `[keys]`: names and keys as they stand in the file. What they mean is the
//! dashboard's to say, which finds the place of each in here.

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Source};
use super::section::{Given, Reading, Wrong};
use super::value;

/// One action has hardly more keys.
const MOST_KEYS: usize = 16;

/// The keys of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The name of the action.
    pub action: Written,
    /// Its keys; none to unbind it.
    pub keys: Vec<Written>,
}

/// A word of the file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The word.
    pub text: String,
    /// The mistake that it would be, without words.
    place: ConfigError,
}

impl Written {
    pub(super) fn new(text: &str, at: usize, source: &Source<'_>) -> Self {
        Self {
            text: text.to_owned(),
            place: source.error(at, String::new(), None),
        }
    }

    /// Its line, from 1.
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// A mistake at its place.
    pub fn wrong(&self, problem: String, hint: Option<String>) -> ConfigError {
        ConfigError {
            problem,
            hint,
            ..self.place.clone()
        }
    }
}

/// Reads the table, in the order of the file.
pub(super) fn read(table: &DeTable<'_>, reading: &mut Reading<'_>) -> Vec<Bound> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let mut bound = Vec::new();
    for (name, given) in entries {
        if reading.is_full() {
            break;
        }
        match keys(given, reading.source) {
            Ok(keys) => bound.push(Bound {
                action: Written::new(name.get_ref(), name.span().start, reading.source),
                keys,
            }),
            Err(wrong) => {
                let at = wrong.at.unwrap_or_else(|| given.span()).start;
                let problem = format!("{}: {}", super::error::shown(name.get_ref()), wrong.problem);
                reading.mistake(at, problem, wrong.hint);
            }
        }
    }
    bound
}

fn keys(given: &Given<'_>, source: &Source<'_>) -> Result<Vec<Written>, Wrong> {
    let key = |given: &Given<'_>| {
        let text = value::raw_text(given)?;
        Ok(Written::new(text, given.span().start, source))
    };
    match given.get_ref() {
        DeValue::String(_) => Ok(vec![key(given)?]),
        DeValue::Array(_) => value::list(given, MOST_KEYS, key),
        _ => Err(Wrong::new("this is neither a key nor a list of keys")
            .hint("write \"r\", or [\"r\", \"ctrl-r\"], or [] for none")),
    }
}
