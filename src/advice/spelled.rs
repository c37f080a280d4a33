//! The playbooks' own words as JSON: escaped once, and copied into every line from then on. In
//! a list of thousands they are most of what is written.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// A text that lives as long as the program, by where it lies.
type Place = (usize, usize);

/// A text of a playbook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelled(pub &'static str);

impl Serialize for Spelled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        text(&self.0, serializer)
    }
}

thread_local! {
    /// As many as the playbooks have texts.
    static SPELLED: RefCell<HashMap<Place, &'static RawValue, foldhash::fast::FixedState>> =
        RefCell::default();
}

/// A text of a playbook.
pub(super) fn text<S: Serializer>(text: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    match spelled(text) {
        Some(spelled) => spelled.serialize(serializer),
        None => serializer.serialize_str(text),
    }
}

/// Several texts of a playbook.
pub(super) fn all<S: Serializer>(
    texts: &&'static [String],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(texts.len()))?;
    for text in *texts {
        match spelled(text) {
            Some(spelled) => list.serialize_element(spelled)?,
            None => list.serialize_element(text)?,
        }
    }
    list.end()
}

/// A command: a playbook's own, or one that a case filled.
#[allow(clippy::ptr_arg)] // serde hands over the field as it is
pub(super) fn command<S: Serializer>(
    command: &Cow<'static, str>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match command {
        Cow::Borrowed(fixed) => text(fixed, serializer),
        Cow::Owned(filled) => serializer.serialize_str(filled),
    }
}

/// The text as JSON has it. Kept for as long as the program runs, as the text itself is.
fn spelled(text: &'static str) -> Option<&'static RawValue> {
    let place = (text.as_ptr().addr(), text.len());
    SPELLED.with_borrow_mut(|known| {
        if let Some(spelled) = known.get(&place) {
            return Some(*spelled);
        }
        let spelled: &'static RawValue = Box::leak(to_raw_value(text).ok()?);
        known.insert(place, spelled);
        Some(spelled)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Words {
        #[serde(serialize_with = "text")]
        title: &'static str,
        note: Option<Spelled>,
        #[serde(serialize_with = "command")]
        fixed: Cow<'static, str>,
        #[serde(serialize_with = "command")]
        filled: Cow<'static, str>,
    }

    #[test]
    fn the_json_is_that_of_the_text() {
        let words = Words {
            title: "a \"b\" → ü\\",
            note: None,
            fixed: "sc.exe query 'MSSQL$A'".into(),
            filled: String::from("\"x\"").into(),
        };
        for _ in 0..2 {
            assert_eq!(
                serde_json::to_string(&words).unwrap(),
                r#"{"title":"a \"b\" → ü\\","note":null,"fixed":"sc.exe query 'MSSQL$A'","filled":"\"x\""}"#
            );
            let value = serde_json::to_value(&words).unwrap();
            assert_eq!(value["title"], words.title);
        }
    }
}
