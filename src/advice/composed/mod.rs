//! The fixes of causes as JSON, for thousands of rows: put together from pieces that were
//! escaped once.
//!
//! In a line of JSON nearly everything is a playbook's words, and nearly all of these are the
//! same in every line. What fills the holes and which commands are withheld is decided for each
//! row by the same functions that fill a [`Fix`](super::Fix), and a test holds the JSON of both
//! against each other, byte for byte.

mod form;
mod hole;
mod sheet;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Error;

use self::hole::Holes;
use self::sheet::{Key, Reading, Sheet};
use super::{facts, platform};
use crate::diagnosis::{Case, CauseId};

/// Appends the text as it stands between the quotes of a JSON string.
pub type Escape = fn(&str, &mut Vec<u8>);

/// Writes fixes, and keeps what they have in common.
pub struct Composer {
    escape: Escape,
    sheets: HashMap<CauseId, Sheet, foldhash::fast::FixedState>,
    holes: Holes,
    /// Of the fixes that are written now; here for the room that it has.
    key: Key,
}

impl Composer {
    /// Nothing is kept yet.
    pub fn new(escape: Escape) -> Self {
        Self {
            escape,
            sheets: HashMap::default(),
            holes: Holes::new(escape),
            key: Key::none(),
        }
    }

    /// Begins with a case.
    pub fn compose<'a>(&'a mut self, case: &'a Case<'a>) -> Composing<'a> {
        self.holes.empty();
        let reading = Reading {
            case,
            platform: platform::platform(case).platform,
            port_is_known: facts::port_to_give(case).is_some(),
        };
        Composing {
            composer: self,
            reading,
        }
    }
}

/// Writes the fixes for one case.
pub struct Composing<'a> {
    composer: &'a mut Composer,
    reading: Reading<'a>,
}

impl Composing<'_> {
    /// Appends the list of what to do about a cause.
    ///
    /// # Errors
    ///
    /// Where a playbook's words are no JSON; none are.
    pub fn fixes(&mut self, cause: CauseId, out: &mut Vec<u8>) -> Result<(), Error> {
        let Composer {
            escape,
            sheets,
            holes,
            key,
        } = &mut *self.composer;
        let sheet = sheets
            .entry(cause)
            .or_insert_with(|| Sheet::of(cause, holes, *escape));
        sheet.write(self.reading, key, holes, out)
    }
}
