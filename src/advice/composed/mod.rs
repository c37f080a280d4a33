//! Causes and their fixes as JSON, for thousands of rows: put together from pieces that were
//! escaped once.
//!
//! In a line of JSON nearly everything is a playbook's words, and nearly all of these are the
//! same in every line. What fills the holes and which commands are withheld is decided for each
//! row by the same functions that fill a [`Fix`](super::Fix), and a test holds the JSON of both
//! against each other, byte for byte.

mod form;
mod head;
mod hole;
mod reading;
mod sheet;
mod shown;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Error;

use self::hole::Holes;
use self::reading::Reading;
use self::sheet::{Key, Sheet};
use self::shown::ShownByAll;
use super::clients;
use crate::diagnosis::{Case, CauseId, Diagnosis};

/// Appends the text as it stands between the quotes of a JSON string.
pub type Escape = fn(&str, &mut Vec<u8>);

type Kept<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// Writes advice, and keeps what one row has in common with another.
pub struct Composer {
    escape: Escape,
    sheets: Kept<CauseId, Sheet>,
    /// By where their words lie.
    shown: Kept<usize, ShownByAll>,
    holes: Holes,
    /// Of the fixes that are written now; here for the room that it has.
    key: Key,
}

impl Composer {
    /// Nothing is kept yet.
    pub fn new(escape: Escape) -> Self {
        Self {
            escape,
            sheets: Kept::default(),
            shown: Kept::default(),
            holes: Holes::new(escape),
            key: Key::none(),
        }
    }

    /// Begins with a case.
    pub fn compose<'a>(&'a mut self, case: &'a Case<'a>) -> Composing<'a> {
        self.holes.next_case();
        Composing {
            composer: self,
            reading: Reading::of(case),
        }
    }
}

/// Writes the advice for one case.
pub struct Composing<'a> {
    composer: &'a mut Composer,
    reading: Reading<'a>,
}

impl Composing<'_> {
    /// Appends the list of causes, each with what to do about it.
    ///
    /// # Errors
    ///
    /// Where a playbook's words are no JSON; none are.
    pub fn causes(&mut self, diagnosis: &Diagnosis, out: &mut Vec<u8>) -> Result<(), Error> {
        let Composer {
            escape,
            sheets,
            holes,
            key,
            ..
        } = &mut *self.composer;
        out.push(b'[');
        for (nth, cause) in diagnosis.causes.iter().enumerate() {
            if nth > 0 {
                out.push(b',');
            }
            let sheet = sheets.entry(cause.id);
            let sheet = sheet.or_insert_with(|| Sheet::of(cause.id, holes, *escape));
            sheet.write(cause, &self.reading, key, holes, *escape, out)?;
        }
        out.push(b']');
        Ok(())
    }

    /// Appends the list of what common clients show.
    ///
    /// # Errors
    ///
    /// Where their words are no JSON; none are.
    pub fn clients_show(&mut self, diagnosis: &Diagnosis, out: &mut Vec<u8>) -> Result<(), Error> {
        let shown = clients::symptom(self.reading.case, diagnosis).unwrap_or_default();
        let Composer {
            escape,
            shown: kept,
            holes,
            ..
        } = &mut *self.composer;
        // Nothing lies nowhere.
        if shown.is_empty() {
            out.extend_from_slice(b"[]");
            return Ok(());
        }
        let shown = match kept.entry(shown.as_ptr().addr()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(ShownByAll::of(shown, holes, *escape)?),
        };
        shown.write(&self.reading, holes, out);
        Ok(())
    }
}

/// What stands before and behind the inside of an empty text or list.
fn halves<'a>(json: &'a str, field: &str) -> (&'a str, &'a str) {
    let at = json.find(field);
    let at = at.expect("the field is always there, and was empty");
    json.split_at(at + field.len() - 1)
}
