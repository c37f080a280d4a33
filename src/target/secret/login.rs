//! Logins in URLs and bearer tokens.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::find::{key_at, spaced_key_at};
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

/// `scheme://user:password@host`, the same without a scheme or cut off before the `@`, and
/// `user:password@host` as a word of its own.
pub(super) fn in_urls(view: &View, found: &mut Vec<Range<usize>>) {
    let text = &view.bytes;
    let mut from = 0;
    let mut sign = 0;
    while let Some(at) = find(text, b"//", from) {
        let rest = at + 2;
        from = rest;
        let has_scheme = at > 0 && text[at - 1] == b':';
        let scheme_ends = if has_scheme { at - 1 } else { at };
        let from_here = scheme_ends.saturating_sub(LONGEST_KEY);
        let scheme = if has_scheme {
            from_here
                + while_back(&text[from_here..], scheme_ends - from_here, |byte| {
                    is_key(byte) || matches!(byte, b'+' | b':')
                })
        } else {
            at
        };
        sign = until(text, sign.max(rest), |byte| byte == b'@');
        let whole = (sign < text.len() && sign <= rest + LONGEST_LOGIN)
            .then(|| user_info(text, rest, authority_limit(text, scheme, rest)))
            .flatten()
            // `// note: mail bob@example.com` is a comment.
            .filter(|span| has_scheme || is_login(&text[rest..span.start - 1]));
        if let Some(span) = whole {
            found.push(span);
        } else if is_database(&text[scheme..scheme_ends])
            && let Some(span) = cut_off(text, scheme, rest)
        {
            from = span.end;
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
            let plain = is_login(&text[word.start..word.start + first]);
            if plain && last + 1 < word.len() {
                found.push(word.start + first + 1..word.start + last);
            }
        }
    }
}

/// A user name, with its domain.
fn is_login(name: &[u8]) -> bool {
    !name.is_empty()
        && (!name.is_ascii()
            || name
                .iter()
                .all(|byte| is_key(*byte) || matches!(byte, b'\\' | b'@')))
}

/// `sqlserver`, `mssql+pyodbc`, `jdbc:…`, `postgresql` and their kin.
fn is_database(scheme: &[u8]) -> bool {
    scheme.starts_with(b"jdbc:") || find(scheme, b"sql", 0).is_some()
}

/// `sqlserver://sa:secret`: with no `@` before the query, what should be a port and is no
/// number is a password whose host got lost.
fn cut_off(text: &[u8], scheme: usize, rest: usize) -> Option<Range<usize>> {
    let stops = |byte| {
        matches!(
            byte,
            b'/' | b'?' | b';' | b'&' | b'#' | b',' | b' ' | b'\n' | b'"' | b'\'' | b')' | b'>'
        )
    };
    let host_ends = match text.get(rest) {
        Some(b'[') => until(text, rest, |byte| byte == b']' || stops(byte)),
        _ => rest,
    };
    let colon = until(text, host_ends, |byte| byte == b':' || stops(byte));
    if text.get(colon) != Some(&b':') {
        return None;
    }
    let port = until(text, colon + 1, stops);
    let ends_sentence = |byte| matches!(byte, b'.' | b':');
    let port = colon + 1 + while_back(&text[colon + 1..port], port - colon - 1, ends_sentence);
    let is_port = text[colon + 1..port].iter().all(u8::is_ascii_digit);
    // An IPv6 address, although the brackets are missing
    let is_address =
        str::from_utf8(&text[rest..port]).is_ok_and(|host| host.parse::<Ipv6Addr>().is_ok());
    if is_port || is_address {
        return None;
    }
    let end = if text[scheme..].starts_with(b"jdbc:") {
        until(text, colon, |byte| matches!(byte, b';' | b'\n'))
    } else if let Some(closing) = closing_quote(text, scheme, colon) {
        closing
    } else if stands_alone(text, scheme) {
        line_end(text, colon)
    } else {
        until(text, colon, |byte| matches!(byte, b' ' | b'\n'))
    };
    let query = (colon..end).find(|at| starts_query(text, *at, end));
    let end = while_back(text, query.unwrap_or(end), |byte| {
        matches!(byte, b' ' | b'"' | b'\'' | b',' | b'.' | b')' | b'>')
    });
    (colon + 1 < end).then_some(colon + 1..end)
}

/// Where the quote that opens right before `start` is last seen on the line.
fn closing_quote(text: &[u8], start: usize, from: usize) -> Option<usize> {
    let quote = *text[..start]
        .last()
        .filter(|byte| matches!(byte, b'"' | b'\''))?;
    (from..line_end(text, from)).rfind(|at| text[*at] == quote)
}

/// Whether nothing but quotes stands before it on its line.
fn stands_alone(text: &[u8], start: usize) -> bool {
    let before = while_back(&text[..start], start, |byte| {
        matches!(byte, b' ' | b'"' | b'\'')
    });
    before == 0 || text[before - 1] == b'\n'
}

/// How far the user's part of a URL may reach.
fn authority_limit(text: &[u8], scheme: usize, rest: usize) -> usize {
    let text = &text[..text.len().min(rest + LONGEST_LOGIN)];
    if text[scheme..].starts_with(b"jdbc:") {
        return until(text, rest, |byte| matches!(byte, b';' | b'\n'));
    }
    // A line that is one URL may have blanks in the password; in a sentence a blank ends it.
    let word = until(text, rest, |byte| matches!(byte, b' ' | b'\n'));
    let word_has_all = text[rest..word].contains(&b'@') && text[word - 1] != b'@';
    if stands_alone(text, scheme) || !word_has_all {
        line_end(text, rest)
    } else {
        word
    }
}

/// From the first `:` to the last `@` that no property of the query holds.
fn user_info(text: &[u8], rest: usize, end: usize) -> Option<Range<usize>> {
    let query = (rest..end).find(|at| starts_query(text, *at, end));
    let limit = query.unwrap_or(end);
    let last = rest + text[rest..limit].iter().rposition(|byte| *byte == b'@')?;
    let first = rest + text[rest..last].iter().position(|byte| *byte == b':')?;
    Some(first + 1..last)
}

fn starts_query(text: &[u8], at: usize, end: usize) -> bool {
    matches!(text[at], b'?' | b'&') && is_property(text, at + 1, end)
}

/// Whether a known property of a query, with its `=`, begins here.
fn is_property(text: &[u8], start: usize, end: usize) -> bool {
    let known = PROPERTIES
        .iter()
        .any(|name| text[start..end].starts_with(name.as_bytes()));
    let name_ends = while_in(&text[..end.min(start + LONGEST_KEY)], start, |byte| {
        is_key(byte) || matches!(byte, b' ' | b'+' | b'%')
    });
    let secret = || key_at(text, start).or_else(|| spaced_key_at(text, start));
    (known || secret().is_some()) && text[..end].get(name_ends) == Some(&b'=')
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
