//! Logins in URLs and bearer tokens.

use std::ops::Range;

use super::find::key_at;
use super::scan::{
    LONGEST_KEY, find, is_key, line_end, until, while_back, while_in, word_end, words,
};
use super::view::View;

/// Longer than any login in a URL: keeps a hostile text from costing quadratic time.
const LONGEST_LOGIN: usize = 1024;

/// Properties of a query string: what stands behind one of these is no part of a password.
const PROPERTIES: [&str; 12] = [
    "database",
    "user",
    "uid",
    "encrypt",
    "driver",
    "app",
    "authentication",
    "odbc_connect",
    "trust",
    "connection",
    "dial",
    "application",
];

/// `scheme://user:password@host`, and `user:password@host` as a word of its own.
pub(super) fn in_urls(view: &View, found: &mut Vec<Range<usize>>) {
    let text = &view.bytes;
    let mut from = 0;
    let mut sign = 0;
    while let Some(at) = find(text, b"://", from) {
        from = at + 3;
        sign = until(text, sign.max(from), |byte| byte == b'@');
        if sign > from + LONGEST_LOGIN || sign == text.len() {
            continue;
        }
        let from_here = at.saturating_sub(LONGEST_KEY);
        let scheme = from_here
            + while_back(&text[from_here..], at - from_here, |byte| {
                is_key(byte) || matches!(byte, b'+' | b':')
            });
        let rest = at + 3;
        let end = authority_limit(text, scheme, rest);
        if let Some(span) = user_info(text, rest, end) {
            found.push(span);
        }
    }
    for word in words(text) {
        let Some(last) = text[word.clone()].iter().rposition(|byte| *byte == b'@') else {
            continue;
        };
        let first = text[word.clone()].iter().position(|byte| *byte == b':');
        let is_url = find(&text[..word.end], b"://", word.start).is_some();
        if let Some(first) = first.filter(|first| *first > 0 && first + 1 < last && !is_url) {
            let login = &text[word.start..word.start + first];
            let plain = login
                .iter()
                .all(|byte| is_key(*byte) || matches!(byte, b'\\' | b'@' | b'.'))
                || !login.is_ascii();
            if plain && last + 1 < word.len() {
                found.push(word.start + first + 1..word.start + last);
            }
        }
    }
}

/// How far the user's part of a URL may reach.
fn authority_limit(text: &[u8], scheme: usize, rest: usize) -> usize {
    let text = &text[..text.len().min(rest + LONGEST_LOGIN)];
    if text[scheme..].starts_with(b"jdbc:") {
        return until(text, rest, |byte| matches!(byte, b';' | b'\n'));
    }
    // A line that is one URL may have blanks in the password; in a sentence a blank ends it.
    let before = while_back(&text[..scheme], scheme, |byte| {
        matches!(byte, b' ' | b'"' | b'\'')
    });
    let alone = before == 0 || text[before - 1] == b'\n';
    let word = until(text, rest, |byte| matches!(byte, b' ' | b'\n'));
    let word_has_all = text[rest..word].contains(&b'@') && text[word - 1] != b'@';
    if alone || !word_has_all {
        line_end(text, rest)
    } else {
        word
    }
}

/// From the first `:` to the last `@` that no property of the query holds.
fn user_info(text: &[u8], rest: usize, end: usize) -> Option<Range<usize>> {
    let query =
        (rest..end).find(|at| matches!(text[*at], b'?' | b'&') && is_property(text, at + 1, end));
    let limit = query.unwrap_or(end);
    let last = rest + text[rest..limit].iter().rposition(|byte| *byte == b'@')?;
    let first = rest + text[rest..last].iter().position(|byte| *byte == b':')?;
    Some(first + 1..last)
}

/// Whether a known property of a query, with its `=`, begins here.
fn is_property(text: &[u8], start: usize, end: usize) -> bool {
    let known = PROPERTIES
        .iter()
        .any(|name| text[start..end].starts_with(name.as_bytes()));
    let name_ends = while_in(&text[..end.min(start + LONGEST_KEY)], start, |byte| {
        is_key(byte) || matches!(byte, b' ' | b'+' | b'%')
    });
    (known || key_at(text, start).is_some()) && text[..end].get(name_ends) == Some(&b'=')
}

/// `Authorization: Bearer eyJ…`, and such a token wherever it stands.
pub(super) fn bearer(view: &View, found: &mut Vec<Range<usize>>) {
    let text = &view.bytes;
    for word in words(text) {
        let content = &text[word.clone()];
        if let Some(at) = find(content, b"eyj", 0).filter(|at| content.len() - at > 20) {
            found.push(word.start + at..word.end);
        }
        if content.ends_with(b"bearer") {
            let start = while_in(text, word.end, |byte| byte == b' ');
            let end = word_end(text, start);
            // "bearer of news" is prose.
            if end - start >= 16 {
                found.push(start..end);
            }
        }
    }
}
