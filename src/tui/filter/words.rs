//! A filter's text, split into words: blanks separate, quotes keep together.

use std::ops::Range;

use super::FilterError;

/// One word, its quotes taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// It begins with `-`, or its value with `!`; with both it means what it says.
    pub negated: bool,
    /// What stands before the colon, and where.
    pub field: Option<(String, Range<usize>)>,
    /// The rest, in small letters.
    pub value: String,
    /// Where the rest stands.
    pub at: Range<usize>,
    /// Where all of it stands.
    pub whole: Range<usize>,
}

/// The words of a text.
pub(super) fn split(text: &str) -> Result<Vec<Word>, FilterError> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        if c == '"' {
            quote = if quote.is_some() { None } else { Some(at) };
        }
        if c.is_whitespace() && quote.is_none() {
            words.extend(start.take().map(|start| word(text, start..at)));
        } else {
            start = start.or(Some(at));
        }
    }
    if let Some(quote) = quote {
        return Err(FilterError {
            problem: "the quote is not closed; write \" at its end".to_owned(),
            at: quote..text.len(),
        });
    }
    words.extend(start.map(|start| word(text, start..text.len())));
    Ok(words)
}

fn word(text: &str, whole: Range<usize>) -> Word {
    let Range { mut start, end } = whole;
    let mut negated = false;
    // A lone "-" is looked for as such.
    if end - start > 1 && text[start..].starts_with('-') {
        negated = true;
        start += 1;
    }
    let field = field(&text[start..end]).map(|field| {
        let at = start..start + field.len();
        start = at.end + 1;
        if text[start..end].starts_with('!') {
            negated = !negated;
            start += 1;
        }
        (field.to_lowercase(), at)
    });
    Word {
        negated,
        field,
        value: text[start..end].replace('"', "").to_lowercase(),
        at: start..end,
        whole,
    }
}

/// What stands before the colon, where it can be a field: `10.0.4.12:1433` and `fe80::1`
/// are looked for as they are.
fn field(word: &str) -> Option<&str> {
    let (field, value) = word.split_once(':')?;
    let is_word = !field.is_empty() && field.bytes().all(|b| b.is_ascii_alphabetic());
    (is_word && !value.starts_with(':')).then_some(field)
}
