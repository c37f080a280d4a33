//! Text that came from the network or was pasted: kept as bytes, shown only when cleaned.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_width::UnicodeWidthChar;

/// Bounded bytes from a source that nobody vouches for. There is no `Display`:
/// the only ways out are [`Untrusted::clean`] and parsing into a checked token.
///
/// ```
/// use sqlreach::target::Untrusted;
///
/// let name = Untrusted::from_bytes(b"PROD\x1b[31m");
/// assert_eq!(name.clean(40), "PROD\u{FFFD}[31m");
/// assert_eq!(name.clean(3), "PR…");
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Untrusted(String);

impl Untrusted {
    /// More than any field of a Browser answer or a service's greeting needs.
    pub const MAX: usize = 512;

    /// Keeps at most [`Untrusted::MAX`] bytes. Bytes that are not UTF-8 are kept
    /// as their Windows-1252 characters, which is what Browser answers mostly are.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let kept = &bytes[..bytes.len().min(Self::MAX)];
        match std::str::from_utf8(kept) {
            Ok(text) => Self(text.to_owned()),
            // Only the cut went through a character.
            Err(error) if error.error_len().is_none() && kept.len() < bytes.len() => {
                Self(String::from_utf8_lossy(&kept[..error.valid_up_to()]).into_owned())
            }
            Err(_) => Self::from(
                kept.iter()
                    .map(|byte| windows_1252(*byte))
                    .collect::<String>(),
            ),
        }
    }

    /// The raw text, for parsing into a token or comparing; never for showing.
    pub fn raw(&self) -> &str {
        &self.0
    }

    /// The text as it may be shown, at most `columns` columns wide: see [`clean`].
    pub fn clean(&self, columns: usize) -> String {
        clean(&self.0, columns)
    }
}

impl From<String> for Untrusted {
    /// Keeps at most [`Untrusted::MAX`] bytes, cut between characters.
    fn from(mut text: String) -> Self {
        text.truncate(floor_char_boundary(&text, Self::MAX));
        Self(text)
    }
}

impl From<Untrusted> for String {
    fn from(text: Untrusted) -> Self {
        text.0
    }
}

impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({:?})", self.0)
    }
}

/// Marks that may sit on one letter. No script that a server answers in needs more;
/// hundreds of them paint over the lines above and below.
const MARKS_A_LETTER: usize = 2;

/// Any text as it may be shown on one line, at most `columns` columns wide (`…` at the cut).
///
/// Tabs and line breaks become blanks. Every other control, escape, bidirectional or
/// invisible character becomes U+FFFD, so that nothing can steer the terminal, turn the
/// line around or hide in it.
///
/// ```
/// use sqlreach::target::clean;
///
/// assert_eq!(clean("two\nlines", 40), "two lines");
/// assert_eq!(clean("db1\u{202E}DORP", 40), "db1\u{FFFD}DORP");
/// assert_eq!(clean("a long line", 6), "a lon…");
/// ```
pub fn clean(text: &str, columns: usize) -> String {
    let mut shown = String::new();
    let mut width = 0;
    let mut marks = 0;
    // Where to cut if more follows than fits: the last place that leaves a column for `…`.
    let mut cut = 0;
    for character in text.chars().map(shown_as) {
        let wide = character.width().unwrap_or(0);
        marks = if wide == 0 { marks + 1 } else { 0 };
        if marks > MARKS_A_LETTER || (wide == 0 && shown.is_empty()) {
            continue;
        }
        if width + wide > columns {
            shown.truncate(cut);
            if columns > 0 {
                shown.push('…');
            }
            return shown;
        }
        shown.push(character);
        width += wide;
        if width < columns {
            cut = shown.len();
        }
    }
    shown
}

/// One character as it may be shown.
pub(super) fn shown_as(character: char) -> char {
    match character {
        '\t' | '\n' | '\r' => ' ',
        _ if character.is_control() || is_invisible(character) => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}

/// Characters that have no shape of their own: they turn the line around, join, hide
/// or fill. Some of them (the Hangul fillers) count as letters in Unicode.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// `str::floor_char_boundary`, which is newer than the oldest Rust this builds with.
pub(super) fn floor_char_boundary(text: &str, index: usize) -> usize {
    (0..=index.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Windows-1252. The five bytes that it leaves undefined stay controls, as in browsers.
fn windows_1252(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x82 => '‚',
        0x83 => 'ƒ',
        0x84 => '„',
        0x85 => '…',
        0x86 => '†',
        0x87 => '‡',
        0x88 => 'ˆ',
        0x89 => '‰',
        0x8A => 'Š',
        0x8B => '‹',
        0x8C => 'Œ',
        0x8E => 'Ž',
        0x91 => '\u{2018}',
        0x92 => '\u{2019}',
        0x93 => '\u{201C}',
        0x94 => '\u{201D}',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        0x98 => '\u{2DC}',
        0x99 => '™',
        0x9A => 'š',
        0x9B => '›',
        0x9C => 'œ',
        0x9E => 'ž',
        0x9F => 'Ÿ',
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn windows_1252_is_read_where_utf8_is_not() {
        assert_eq!(Untrusted::from_bytes("Größe".as_bytes()).raw(), "Größe");
        assert_eq!(Untrusted::from_bytes(b"Gr\xF6\xDFe").raw(), "Größe");
        assert_eq!(
            Untrusted::from_bytes(b"\x80 \x93x\x94 \x9F").raw(),
            "€ “x” Ÿ"
        );
        assert_eq!(Untrusted::from_bytes(b"\x81\xFF").clean(9), "\u{FFFD}ÿ");
    }

    #[test]
    fn windows_1252_differs_from_latin_1_in_27_places() {
        assert_eq!(
            (0..=255)
                .filter(|byte| windows_1252(*byte) != char::from(*byte))
                .count(),
            27
        );
    }

    #[test]
    fn a_flood_is_cut_between_characters() {
        for flood in [
            vec![b'x'; 70_000],
            "ä".repeat(400).into_bytes(),
            "€".repeat(400).into_bytes(),
            vec![0x80; 9_000],
        ] {
            let kept = Untrusted::from_bytes(&flood);
            assert!(kept.raw().len() <= Untrusted::MAX && kept.raw().len() > Untrusted::MAX - 4);
        }
        assert_eq!(
            Untrusted::from_bytes(&"€".repeat(400).into_bytes()).raw(),
            "€".repeat(170)
        );
    }

    #[test]
    fn a_recording_cannot_bring_more_than_the_network_could() {
        let json = serde_json::to_string(&"é".repeat(5_000)).unwrap();
        let read: Untrusted = serde_json::from_str(&json).unwrap();
        assert_eq!(read.raw().len(), Untrusted::MAX);
        let again: Untrusted =
            serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(read, again);
    }

    #[test]
    fn nothing_that_steers_a_terminal_or_a_line_is_shown() {
        let hostile = "a\u{1b}b\u{7}c\u{9b}d\u{7f}e\u{202e}f\u{2066}g\u{200f}h\u{61c}i\u{200b}j\u{feff}k\u{2028}l\u{3164}m\u{e0041}n";
        let shown = clean(hostile, 200);
        assert_eq!(shown, "a�b�c�d�e�f�g�h�i�j�k�l�m�n");
        assert_eq!(clean("a\tb\r\nc", 9), "a b  c");
    }

    #[test]
    fn a_storm_of_marks_is_calmed() {
        let shown = clean(&format!("e{}x", "\u{301}".repeat(500)), 10);
        assert_eq!(shown, "e\u{301}\u{301}x");
        assert_eq!(clean("\u{301}\u{301}x", 10), "x");
    }

    #[test]
    fn the_cut_counts_columns_not_characters() {
        for (text, columns, shown) in [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 5, "abcd…"),
            ("abcdef", 1, "…"),
            ("abcdef", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("", 3, ""),
        ] {
            assert_eq!(clean(text, columns), shown, "{text} in {columns}");
        }
    }

    proptest! {
        #[test]
        fn clean_text_is_harmless_and_fits(text in any::<String>(), columns in 0_usize..40) {
            let shown = clean(&text, columns);
            prop_assert!(shown.width() <= columns);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible(c)));
        }

        #[test]
        fn any_bytes_are_kept_bounded(bytes in proptest::collection::vec(any::<u8>(), 0..1200)) {
            prop_assert!(Untrusted::from_bytes(&bytes).raw().len() <= Untrusted::MAX);
        }
    }
}
