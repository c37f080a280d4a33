//! Text with slots: `{port}` from the case, `{edit:ACCOUNT}` for the user to fill in, and
//! `{known:PORT}` from the case where it is known, else for the user.

use super::slots::{Slot, Slots, Value, Values, Wanted};

/// Text with slots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Template(pub(super) Vec<Piece>);

/// One piece of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    /// As it stands.
    Text(String),
    /// Filled from the case.
    Slot(Slot),
    /// Filled by the user: shown as `<WORD>`.
    Edit(String),
    /// The port to give clients, where it is known; else filled by the user.
    KnownPort,
}

impl Template {
    /// Reads the text. Braces around anything but a bare word are the text's own
    /// (`{{.Names}}`, `{ Get-Process }`); a bare word that is no slot is a misspelling.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(format!(
                "{character:?} in {text:?}: one command is one line"
            ));
        }
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            plain.push_str(before);
            let slot = match after.split_once('}') {
                Some((word, behind)) => read(word)?.map(|piece| (piece, behind)),
                None => None,
            };
            if let Some((piece, behind)) = slot {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
                rest = behind;
            } else {
                plain.push('{');
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Whether it is the same in every case.
    pub(super) fn is_fixed(&self) -> bool {
        self.0.iter().all(|piece| piece.wanted().is_none())
    }

    /// The text as a sentence has it, unquoted; `None` where a value is not known.
    pub(super) fn plain(&self, slots: Slots<'_>) -> Option<String> {
        self.0.iter().map(|piece| piece.plain(&slots)).collect()
    }

    /// What the user must fill in, as it is shown.
    pub(super) fn edits(&self, slots: Slots<'_>) -> impl Iterator<Item = String> {
        self.0.iter().filter_map(move |piece| match piece {
            Piece::Edit(word) => Some(placeholder(word)),
            Piece::KnownPort => match slots.port_or_edit() {
                Value::Text(placeholder) => Some(placeholder),
                Value::Number(_) => None,
            },
            Piece::Text(_) | Piece::Slot(_) => None,
        })
    }
}

impl Piece {
    /// What it asks a case for.
    pub(super) fn wanted(&self) -> Option<Wanted> {
        match self {
            Self::Slot(slot) => Some(Wanted::Slot(*slot)),
            Self::KnownPort => Some(Wanted::KnownPort),
            Self::Text(_) | Self::Edit(_) => None,
        }
    }

    /// The piece as a sentence has it, unquoted; `None` where its value is not known.
    pub(super) fn plain(&self, slots: &impl Values) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.clone(),
            Self::Slot(slot) => slots.get(*slot)?.plain(),
            Self::Edit(word) => placeholder(word),
            Self::KnownPort => slots.port_or_edit().plain(),
        })
    }
}

/// `<ACCOUNT>`
pub(super) fn placeholder(word: &str) -> String {
    format!("<{word}>")
}

fn read(word: &str) -> Result<Option<Piece>, String> {
    if let Some(word) = word.strip_prefix("edit:") {
        let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        return if !word.is_empty() && word.chars().all(upper) {
            Ok(Some(Piece::Edit(word.to_owned())))
        } else {
            Err(format!("{{edit:{word}}}: the word to edit is UPPER_SNAKE"))
        };
    }
    if word == "known:PORT" {
        return Ok(Some(Piece::KnownPort));
    }
    if let Some(slot) = Slot::from_word(word) {
        return Ok(Some(Piece::Slot(slot)));
    }
    if !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        return Err(format!("{{{word}}} is no slot"));
    }
    Ok(None)
}
