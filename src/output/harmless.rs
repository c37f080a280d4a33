//! JSON that may be printed on a terminal: what steers it is escaped.
//!
//! JSON asks for escapes below U+0020 only (RFC 8259 7). Terminals also obey U+0080 to
//! U+009F, and text that turns a line around or hides in it is no better. Readers of the
//! JSON get the same text either way.

use std::io::{self, Write};

use serde::Serialize as _;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use crate::target::clean;

/// Lays out as the formatter within does, and escapes what [`clean`] would replace.
pub struct Harmless<Form>(pub Form);

/// Each method of the formatter within that only takes the writer.
macro_rules! as_within {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {
        $(fn $method<W: ?Sized + Write>(&mut self, writer: &mut W, $($argument: $type),*) -> io::Result<()> {
            self.0.$method(writer, $($argument),*)
        })*
    };
}

impl<Form: Formatter> Formatter for Harmless<Form> {
    as_within! {
        begin_array();
        end_array();
        begin_array_value(first: bool);
        end_array_value();
        begin_object();
        end_object();
        begin_object_key(first: bool);
        end_object_key();
        begin_object_value();
        end_object_value();
        write_char_escape(escape: CharEscape);
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        // Nearly every one; all of it is looked at, sixteen bytes at a time.
        if fragment.bytes().filter(|byte| *byte >= 0x7f).count() == 0 {
            return self.0.write_string_fragment(writer, fragment);
        }
        let mut rest = fragment;
        while let Some((at, character)) = rest
            .char_indices()
            .find(|(_, character)| steers(*character))
        {
            self.0.write_string_fragment(writer, &rest[..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        self.0.write_string_fragment(writer, rest)
    }
}

/// Appends the text as it stands between the quotes of a string.
pub fn escape(text: &str, out: &mut Vec<u8>) {
    // Nearly every one; all of it is looked at, sixteen bytes at a time.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if text.bytes().filter(|byte| !is_plain(*byte)).count() == 0 {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let begin = out.len();
    let mut form = Serializer::with_formatter(&mut *out, Harmless(CompactFormatter));
    // A list of bytes takes whatever is written.
    let _ = text.serialize(&mut form);
    out.pop();
    out.remove(begin);
}

fn steers(character: char) -> bool {
    // Nearly every character is ASCII, and serde_json has escaped its controls but DEL.
    character == '\u{7f}'
        || !character.is_ascii() && clean(character.encode_utf8(&mut [0; 4]), 4) == "\u{fffd}"
}

#[cfg(test)]
mod tests {
    use serde_json::ser::PrettyFormatter;

    use super::*;

    fn written(text: &str, form: impl Formatter) -> String {
        let mut out = Vec::new();
        [text]
            .serialize(&mut Serializer::with_formatter(&mut out, Harmless(form)))
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_steers_a_terminal_is_escaped_and_read_back_as_it_was() {
        let text = "a\u{1b}[2J\u{9b}2J\u{7f}\u{202e}\u{e0041}ü€𝄞\n\u{fffd}";
        let written = written(text, CompactFormatter);
        assert_eq!(
            written,
            "[\"a\\u001b[2J\\u009b2J\\u007f\\u202e\\udb40\\udc41ü€𝄞\\n\\ufffd\"]"
        );
        assert_eq!(
            serde_json::from_str::<[String; 1]>(&written).unwrap(),
            [text]
        );
    }

    #[test]
    fn what_is_escaped_by_itself_is_what_stands_between_the_quotes() {
        for text in ["", "db1", "a\u{1b}\u{9b}\u{7f}\u{202e}ü𝄞\"\\"] {
            let mut out = b"before".to_vec();
            escape(text, &mut out);
            let quoted = format!("[\"{}\"]", std::str::from_utf8(&out[6..]).unwrap());
            assert_eq!(quoted, written(text, CompactFormatter));
        }
    }

    #[test]
    fn the_layout_is_that_of_the_formatter_within() {
        assert_eq!(written("db1", PrettyFormatter::new()), "[\n  \"db1\"\n]");
    }
}
