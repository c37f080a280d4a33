//! Steps through bytes that the searches share. Every one of them is bounded by the text.

use std::ops::Range;

/// Longer than any key: keeps a hostile text from costing quadratic time.
pub(super) const LONGEST_KEY: usize = 128;

/// Where a word of a shell ends: quotes, backslashes and backticks as bash, cmd and
/// PowerShell have them, all at once.
pub(super) fn word_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    let mut inside: Option<u8> = None;
    while let Some(byte) = text.get(at) {
        match (inside, byte) {
            (Some(b'"') | None, b'\\' | b'`') if at + 1 < text.len() && text[at + 1] != b'\n' => {
                at += 1;
            }
            (Some(quote), byte) if *byte == quote => inside = None,
            (None, b'\'' | b'"') => inside = Some(*byte),
            (None, b' ' | b'\n') => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

pub(super) fn words(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = while_in(text, at, |byte| matches!(byte, b' ' | b'\n'));
        at = until(text, start, |byte| matches!(byte, b' ' | b'\n'));
        (start < at).then_some(start..at)
    })
}

pub(super) fn key_start(text: &[u8], from: usize) -> usize {
    let limit = from.saturating_sub(LONGEST_KEY);
    limit + while_back(&text[limit..], from - limit, is_key)
}

pub(super) fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

pub(super) fn line_end(text: &[u8], from: usize) -> usize {
    until(text, from, |byte| byte == b'\n')
}

pub(super) fn until(text: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> usize {
    while_in(text, from, |byte| !stop(byte))
}

pub(super) fn while_in(text: &[u8], from: usize, goes_on: impl Fn(u8) -> bool) -> usize {
    (from..text.len())
        .find(|at| !goes_on(text[*at]))
        .unwrap_or(text.len())
}

pub(super) fn while_back(text: &[u8], from: usize, goes_on: impl Fn(u8) -> bool) -> usize {
    (0..from)
        .rev()
        .find(|at| !goes_on(text[*at]))
        .map_or(0, |at| at + 1)
}

pub(super) fn find(text: &[u8], what: &[u8], from: usize) -> Option<usize> {
    text.get(from..)?
        .windows(what.len())
        .position(|window| window == what)
        .map(|at| from + at)
}
