//! Passwords, tokens and keys in any text: where they are, and the text without them.
//!
//! Generous on purpose. A word too many behind `***` costs a glance; a password on a
//! shared screen or in a ticket costs a night. So every place that *could* be a secret
//! is one, also in text that no driver would take.

mod command;
mod find;
mod login;
mod scan;
mod view;

use std::borrow::Cow;
use std::ops::Range;

use view::View;

/// What stands in place of a secret.
pub(super) const MASK: &str = "***";

/// Any text with the secrets replaced by `***`: one target or a page of log lines.
///
/// Known are `Password=`, `PWD:`, `"accessToken": "…"` and their kin with every way of
/// quoting, user names with a password in URLs, percent-encoded strings in URLs, `-P` of
/// sqlcmd and its family, and bearer tokens. User names stay.
///
/// ```
/// use sqlreach::target::mask_secrets;
///
/// assert_eq!(mask_secrets("Server=db1;Pwd={a}}b;c};Database=x"), "Server=db1;Pwd=***;Database=x");
/// assert_eq!(mask_secrets("sqlserver://sa:p@ss/w@db1:1433"), "sqlserver://sa:***@db1:1433");
/// assert_eq!(mask_secrets("sqlcmd -S db1 -U sa -P 'a b'"), "sqlcmd -S db1 -U sa -P ***");
/// assert_eq!(mask_secrets("nothing to hide"), "nothing to hide");
/// ```
pub fn mask_secrets(text: &str) -> Cow<'_, str> {
    let spans = spans(text);
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        masked.push_str(&text[from..span.start]);
        masked.push_str(MASK);
        from = span.end;
    }
    masked.push_str(&text[from..]);
    Cow::Owned(masked)
}

/// Where the secrets of a text are: byte ranges on character boundaries, in order, apart.
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    if !may_hold_one(text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut view = View::new(text);
    // Encoded once in a URL, twice in a URL that was pasted into another one.
    for _ in 0..3 {
        found.extend(
            find::secrets(&view)
                .into_iter()
                .map(|span| view.original(&span, text)),
        );
        match view.decoded() {
            Some(decoded) => view = decoded,
            None => break,
        }
    }
    merged(found)
}

/// Whether it is worth a search. A secret stands behind a sign or a blank; most servers are
/// written without any.
fn may_hold_one(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-,\\".contains(&byte);
    // An option's value may stand right behind its letter.
    text.starts_with('-') || !text.bytes().all(is_plain)
}

fn merged(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| span.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

/// Where the user's part of a URL ends (its last `@`), given what follows `://`.
///
/// Drivers' users paste passwords unencoded, so `@`, `/` and `?` may be part of one: with a
/// `:` before it, the last `@` before the query counts.
pub(super) fn user_ends(rest: &str) -> Option<usize> {
    let query = rest.find('?').unwrap_or(rest.len());
    let last = rest[..query].rfind('@')?;
    let colon = rest[..last].find(':');
    let path = rest.find('/');
    match (colon, path) {
        (Some(colon), Some(path)) if path < colon => rest[..path].rfind('@'),
        (None, Some(path)) => rest[..path.min(query)].rfind('@'),
        _ => Some(last),
    }
}
