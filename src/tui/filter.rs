//! The filter: words, `field:value`, quotes, and `-` for not. [`GRAMMAR`] lists the fields.

use std::ops::Range;

use jiff::Timestamp;

use crate::monitor::Row;

mod bound;
mod fields;
mod matching;
#[cfg(test)]
mod tests;
mod words;

use fields::Field;
pub use fields::GRAMMAR;

/// Which rows are shown. Empty: all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

/// One condition; all must hold.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    negated: bool,
    field: Field,
}

/// What is wrong with a filter, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FilterError {
    /// What is wrong and what would be right.
    pub problem: String,
    /// The bytes that are meant.
    pub at: Range<usize>,
}

impl Filter {
    /// Reads a filter. A broken one is an error, never a silent "show all".
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let terms = words::split(text)?
            .iter()
            .map(|word| {
                Ok(Term {
                    negated: word.negated,
                    field: Field::read(word)?,
                })
            })
            .collect::<Result<_, FilterError>>()?;
        Ok(Self {
            text: text.trim().to_owned(),
            terms,
        })
    }

    /// Reads a filter as far as it is right: a broken word is left out, so that half a word
    /// hides nothing. `None` where an open quote leaves no words to tell apart.
    pub fn parse_what_is_right(text: &str) -> Option<Self> {
        let mut words = words::split(text).ok()?;
        words.retain(|word| Field::read(word).is_ok());
        let texts: Vec<&str> = words.iter().map(|word| &text[word.whole.clone()]).collect();
        Self::parse(&texts.join(" ")).ok()
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row is shown at `now`.
    pub fn shows(&self, row: &Row, now: Timestamp) -> bool {
        self.terms
            .iter()
            .all(|term| term.field.matches(row, now) != term.negated)
    }

    /// When time alone will next decide otherwise about a row; `None`: never.
    pub fn turns(&self, row: &Row, now: Timestamp) -> Option<Timestamp> {
        let terms = self.terms.iter();
        terms.filter_map(|term| term.field.turns(row, now)).min()
    }
}
