//! A text as the search for secrets reads it: lower case, ASCII forms, nothing invisible.

use std::ops::Range;

use super::super::untrusted::is_invisible;

/// The text to search, and for each of its bytes the place in the text as given.
pub(super) struct View {
    /// Lower case, so that keys are found in any case (`\n` ends a line; other blanks are `b' '`).
    pub(super) bytes: Vec<u8>,
    /// The original offset of each byte, and the original length behind the last.
    origin: Vec<usize>,
    /// `-P` differs from `-p`: whether the byte was an upper-case letter.
    upper: Vec<bool>,
}

impl View {
    pub(super) fn new(text: &str) -> Self {
        let mut view = Self {
            bytes: Vec::with_capacity(text.len()),
            origin: Vec::with_capacity(text.len() + 1),
            upper: Vec::new(),
        };
        let mut buffer = [0; 4];
        for (at, character) in text.char_indices() {
            match character {
                '\n' => view.push(b'\n', at),
                _ if character.is_whitespace() => view.push(b' ', at),
                // `Pass<zero width space>word=` is still a password to the one who typed it.
                _ if is_invisible(character) || character.is_control() => {}
                '\u{FF01}'..='\u{FF5E}' => view.push(full_width(character), at),
                _ => character
                    .encode_utf8(&mut buffer)
                    .bytes()
                    .for_each(|byte| view.push(byte, at)),
            }
        }
        view.origin.push(text.len());
        view
    }

    /// The same with `%3D` as `=` and `+` as a blank; nothing where nothing is encoded.
    pub(super) fn decoded(&self) -> Option<Self> {
        self.bytes.contains(&b'%').then_some(())?;
        let mut view = Self {
            bytes: Vec::new(),
            origin: Vec::new(),
            upper: Vec::new(),
        };
        let mut at = 0;
        let mut changed = false;
        while let Some(byte) = self.bytes.get(at) {
            let code = (*byte == b'%')
                .then(|| self.bytes.get(at + 1..at + 3))
                .flatten()
                .and_then(hex);
            let origin = self.origin[at];
            match code {
                Some(code) => view.push(code, origin),
                None if *byte == b'+' => view.push(b' ', origin),
                None => view.push_as(*byte, self.upper[at], origin),
            }
            changed |= code.is_some();
            at += if code.is_some() { 3 } else { 1 };
        }
        view.origin.push(*self.origin.last()?);
        changed.then_some(view)
    }

    /// A span of this view in the text as given, widened to whole characters.
    pub(super) fn original(&self, span: &Range<usize>, text: &str) -> Range<usize> {
        let (mut start, mut end) = (self.origin[span.start], self.origin[span.end]);
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        while !text.is_char_boundary(end) {
            end += 1;
        }
        start..end
    }

    /// Whether `letter` (lower case) stands at `at` in its upper case.
    pub(super) fn is_upper(&self, at: usize, letter: u8) -> bool {
        self.bytes.get(at) == Some(&letter) && self.upper[at]
    }

    fn push(&mut self, byte: u8, origin: usize) {
        self.push_as(byte.to_ascii_lowercase(), byte.is_ascii_uppercase(), origin);
    }

    fn push_as(&mut self, byte: u8, upper: bool, origin: usize) {
        self.bytes.push(byte);
        self.upper.push(upper);
        self.origin.push(origin);
    }
}

/// The ASCII character that a full-width form stands for.
fn full_width(character: char) -> u8 {
    u8::try_from(u32::from(character) - 0xFF01 + 0x21).unwrap_or(b'?')
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(text, 16).ok()
}
