//! The search for secrets in a [`View`]: one function for each way to write one down.

use std::ops::Range;

use super::scan::{
    LONGEST_KEY, is_key, key_start, line_end, until, while_back, while_in, word_end,
};
use super::view::View;
use super::{command, login};

/// Parts of a key that make its value a secret, wherever they stand in it.
const WORDS: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "accesskey",
    "accountkey",
    "clientkey",
    "privatekey",
    "credential",
];

/// Keys that are secrets only as a whole word (`sig` of a signed URL).
const WHOLE_WORDS: [&str; 4] = ["pass", "pw", "psw", "sig"];

/// All secrets of a text, in no order, possibly overlapping.
pub(super) fn secrets(view: &View) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    keyed(view, &mut found);
    login::in_urls(view, &mut found);
    login::bearer(view, &mut found);
    command::options(view, &mut found);
    found
}

/// `key = value` in all its forms: connection strings, TOML, JSON, XML, T-SQL, shells, logs.
fn keyed(view: &View, found: &mut Vec<Range<usize>>) {
    let text = &view.bytes;
    // What lies in a secret needs no second look (and a flood of keys no quadratic time).
    let mut covered = 0;
    for start in 0..text.len() {
        if start < covered {
            continue;
        }
        let whole = key_at(text, start).and_then(|word_ends| value_of(text, start, word_ends));
        // `-pass word` is an option and its value, so a key with blanks needs its `=`.
        let span = whole.or_else(|| {
            let word_ends = spaced_key_at(text, start)?;
            assigned(text, start, key_end(text, word_ends))
        });
        if let Some(span) = span {
            covered = span.end;
            found.push(span);
        }
    }
}

/// The value of the key with a secret's word at `start`, in whatever way it follows.
fn value_of(text: &[u8], start: usize, word_ends: usize) -> Option<Range<usize>> {
    let key_starts = key_start(text, start);
    let key_ends = key_end(text, word_ends);
    // `<password>x</password>`
    if text.get(key_ends) == Some(&b'>') && key_starts > 0 && text[key_starts - 1] == b'<' {
        return Some(key_ends + 1..until(text, key_ends + 1, |byte| byte == b'<'));
    }
    assigned(text, start, key_ends).or_else(|| {
        // `-Password x`, `--password x`
        let closed = key_closed(text, key_ends);
        let at = while_in(text, closed, |byte| byte == b' ');
        let is_option = key_starts < closed && text[key_starts] == b'-' && at > closed;
        is_option.then(|| match text.get(at) {
            Some(b'(') => at..line_end(text, at),
            _ => at..word_end(text, at),
        })
    })
}

/// The value behind the `=` or `:` of a key that ends at `key_ends`.
fn assigned(text: &[u8], start: usize, key_ends: usize) -> Option<Range<usize>> {
    let mut at = while_in(text, key_closed(text, key_ends), |byte| byte == b' ');
    for extra in ["key", "value"] {
        if text[at..].starts_with(extra.as_bytes()) {
            at = while_in(text, at + extra.len(), |byte| {
                matches!(byte, b' ' | b'"' | b'\'')
            });
        }
    }
    matches!(text.get(at), Some(b'=' | b':')).then(|| {
        let value = while_in(text, at, |byte| matches!(byte, b'=' | b':' | b'>' | b' '));
        value_span(text, value, url_key(text, key_start(text, start)))
    })
}

fn key_end(text: &[u8], word_ends: usize) -> usize {
    let limit = text.len().min(word_ends + LONGEST_KEY);
    while_in(&text[..limit], word_ends, is_key)
}

/// Behind the marks that close a quoted key.
fn key_closed(text: &[u8], key_ends: usize) -> usize {
    while_in(text, key_ends, |byte| {
        matches!(byte, b'"' | b'\'' | b'`' | b']' | b')' | b'\\')
    })
}

/// Where a word that makes a key secret ends, if one begins at `start`.
pub(super) fn key_at(text: &[u8], start: usize) -> Option<usize> {
    let rest = &text[start..];
    if let Some(word) = WORDS.iter().find(|word| rest.starts_with(word.as_bytes())) {
        return Some(start + word.len());
    }
    let begins = start == 0 || !text[start - 1].is_ascii_alphanumeric();
    let ends = |word: &str| {
        rest.get(word.len())
            .is_none_or(|byte| !byte.is_ascii_alphanumeric())
    };
    WHOLE_WORDS
        .iter()
        .find(|word| begins && rest.starts_with(word.as_bytes()) && ends(word))
        .map(|word| start + word.len())
}

/// The same for a word with blanks in it: drivers do not take `Pass word=…`, people type it.
pub(super) fn spaced_key_at(text: &[u8], start: usize) -> Option<usize> {
    let spelled = |word: &str| {
        let mut at = start;
        for (nth, letter) in word.bytes().enumerate() {
            if nth > 0 {
                at = while_in(text, at, |byte| byte == b' ');
            }
            if text.get(at) != Some(&letter) {
                return None;
            }
            at += 1;
        }
        Some(at)
    };
    WORDS.iter().find_map(|word| spelled(word))
}

/// Whether a key stands in the query of a URL, where `&` and not `;` ends its value.
fn url_key(text: &[u8], key_starts: usize) -> bool {
    let before = while_back(text, key_starts, |byte| matches!(byte, b' '));
    let whole = key_start(text, before);
    [before, whole]
        .into_iter()
        .any(|at| at > 0 && matches!(text[at - 1], b'?' | b'&'))
}

/// The value behind `key =`, as far as any grammar could take it.
fn value_span(text: &[u8], start: usize, in_query: bool) -> Range<usize> {
    if in_query {
        return start
            ..segments_end(
                text,
                until(text, start, |byte| matches!(byte, b'&' | b'\n')),
                b'&',
            );
    }
    // On the next line only if that is no setting of its own.
    if text.get(start) == Some(&b'\n') {
        let next = while_in(text, start, |byte| matches!(byte, b'\n' | b' '));
        let end = until(text, next, |byte| matches!(byte, b';' | b'\n'));
        let own = text[next..end]
            .iter()
            .any(|byte| matches!(byte, b'=' | b':'));
        return if own || start == 0 {
            start..start
        } else {
            next..end
        };
    }
    // T-SQL writes N'…'; JSON inside a string writes \"…\".
    let marked = matches!(text.get(start), Some(b'n' | b'\\'))
        && matches!(text.get(start + 1), Some(b'\'' | b'"'));
    let open = start + usize::from(marked);
    match text.get(open) {
        Some(quote @ (b'\'' | b'"')) => start..quoted_end(text, open, *quote),
        Some(b'{') => start..quoted_end(text, open, b'}'),
        _ => start..plain_end(text, start),
    }
}

/// An unquoted value goes to `;` or the end of the line, and on through what is no `key=`.
fn plain_end(text: &[u8], start: usize) -> usize {
    let end = until(text, start, |byte| matches!(byte, b';' | b'\n'));
    let end = segments_end(text, end, b';');
    while_back(text, end, |byte| byte == b' ').max(start)
}

/// Takes in the segments after `end` that are no settings: a password with a raw separator in it.
fn segments_end(text: &[u8], mut end: usize, separator: u8) -> usize {
    while text.get(end) == Some(&separator) {
        let next = until(text, end + 1, |byte| byte == separator || byte == b'\n');
        let segment = &text[end + 1..next];
        if is_setting(segment)
            || segment
                .iter()
                .all(|byte| matches!(byte, b' ' | b'"' | b'\''))
        {
            break;
        }
        end = next;
    }
    end
}

/// `key=…`. No keyword has fewer than three letters, but many a password has `;x=`.
fn is_setting(segment: &[u8]) -> bool {
    let Some(equals) = segment.iter().position(|byte| *byte == b'=') else {
        return false;
    };
    let key = segment[..equals].trim_ascii();
    key.len() >= 3
        && key[0].is_ascii_alphabetic()
        && key.iter().all(|byte| is_key(*byte) || *byte == b' ')
}

/// A quoted value. One that never ends goes to the end of the text; one that ends amid a
/// word goes on to the end of the segment.
fn quoted_end(text: &[u8], open: usize, quote: u8) -> usize {
    let Some(end) = closing(text, open, quote, Inside::Doubled) else {
        return text.len();
    };
    let backslash = quote != b'}' && text[end - 2] == b'\\';
    if ends_value(text, end) && !backslash {
        return end;
    }
    // `"a\"` is a password that ends in a backslash, or the start of JSON's `"a\"b"`.
    if backslash && text.get(end) == Some(&b';') {
        return segments_end(text, end, b';');
    }
    match closing(text, open, quote, Inside::Escaped)
        .filter(|end| quote != b'}' && ends_value(text, *end))
    {
        Some(end) => end,
        None => plain_end(text, end),
    }
}

/// How a quote is written inside quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// `""`, in connection strings and SQL.
    Doubled,
    /// `\"`, in JSON, TOML and source code.
    Escaped,
}

/// The place behind the closing quote.
fn closing(text: &[u8], open: usize, quote: u8, inside: Inside) -> Option<usize> {
    let mut at = open + 1;
    loop {
        let byte = *text.get(at)?;
        let skip = match inside {
            Inside::Doubled => byte == quote && text.get(at + 1) == Some(&quote),
            Inside::Escaped => byte == b'\\',
        };
        if !skip && byte == quote {
            return Some(at + 1);
        }
        at += if skip { 2 } else { 1 };
    }
}

/// Whether a quoted value may end here: no more of a word follows.
fn ends_value(text: &[u8], at: usize) -> bool {
    matches!(
        text.get(at),
        None | Some(
            b';' | b','
                | b'&'
                | b' '
                | b'\n'
                | b')'
                | b']'
                | b'}'
                | b'"'
                | b'\''
                | b'/'
                | b'>'
                | b'\\'
        )
    )
}
