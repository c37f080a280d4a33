//! `key=value;key=value`: the quoting of ADO.NET (`'…'`, `"…"`), ODBC and JDBC (`{…}`).

use std::borrow::Cow;
use std::ops::Range;

use super::{Fault, Piece};

/// One setting of a connection string.
#[derive(Clone, Debug)]
pub(super) struct Pair<'a> {
    /// Lower case, without blanks: `Data Source` is `datasource`.
    pub(super) key: String,
    /// Where the key stands.
    pub(super) key_at: Range<usize>,
    /// The value without its quotes.
    pub(super) value: Piece<'a>,
    /// A blank stood between `=` and the value.
    pub(super) blank_before: bool,
    /// A quote or brace began the value and never ended: where it stands.
    pub(super) open: Option<usize>,
}

/// Reads all settings. A segment without `=` is returned as a fault beside them, so that
/// an unquoted `;` in a password does not hide the server.
pub(super) fn read(text: &str) -> (Vec<Pair<'_>>, Option<Fault>) {
    let mut pairs = Vec::new();
    let mut stray = None;
    let mut at = 0;
    while at < text.len() {
        let start = at + text[at..].len()
            - text[at..]
                .trim_start_matches(|c: char| c == ';' || c.is_whitespace())
                .len();
        if start == text.len() {
            break;
        }
        let end = text[start..]
            .find([';', '='])
            .map_or(text.len(), |found| start + found);
        if text[end..].starts_with('=') {
            let pair = value(text, start..end);
            at = skip_to_separator(text, pair.1);
            pairs.push(pair.0);
        } else {
            let segment = text[start..end].trim_end();
            stray.get_or_insert_with(|| {
                Fault::new(start..start + segment.len(), "this part has no '='")
                    .hint("settings are key=value, separated by ';'")
            });
            at = end;
        }
    }
    (pairs, stray)
}

/// The value behind the key at `key`, and where it ends.
fn value(text: &str, key: Range<usize>) -> (Pair<'_>, usize) {
    let name: String = text[key.clone()]
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let behind = key.end + 1;
    let start = behind + text[behind..].len() - text[behind..].trim_start().len();
    let quoted = |quote: char| {
        let (value, end) = unquote(text, start + 1, quote);
        (
            value,
            start + 1..end.unwrap_or(text.len()),
            end.map_or(text.len(), |end| end + 1),
            end.is_none().then_some(start),
        )
    };
    let (value, at, end, open) = match text[start..].chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(quote),
        Some('{') => quoted('}'),
        _ => {
            let end = text[start..]
                .find(';')
                .map_or(text.len(), |found| start + found);
            let value = text[start..end].trim_end();
            (Cow::Borrowed(value), start..start + value.len(), end, None)
        }
    };
    let key_at = key.start..key.start + text[key].trim_end().len();
    let pair = Pair {
        key: name,
        key_at,
        value: Piece { value, at },
        blank_before: start > behind && !text[start..].starts_with([';', '\n', '\r']),
        open,
    };
    (pair, end)
}

/// The text from `start` to the closing quote, which is doubled where it belongs to the value.
fn unquote(text: &str, start: usize, quote: char) -> (Cow<'_, str>, Option<usize>) {
    let mut from = start;
    while let Some(found) = text[from..].find(quote) {
        let at = from + found;
        if text[at + 1..].starts_with(quote) {
            from = at + 2;
            continue;
        }
        let value = &text[start..at];
        let doubled = String::from_iter([quote, quote]);
        let value = if value.contains(&doubled) {
            Cow::Owned(value.replace(&doubled, &String::from(quote)))
        } else {
            Cow::Borrowed(value)
        };
        return (value, Some(at));
    }
    (Cow::Borrowed(&text[start..]), None)
}

/// Drivers differ on what follows a closing quote; nothing of it is a server.
fn skip_to_separator(text: &str, from: usize) -> usize {
    text[from..]
        .find(';')
        .map_or(text.len(), |found| from + found)
}
