//! Bytes of a file to text: UTF-8 with or without a byte order mark, and the UTF-16 that
//! Windows Notepad calls "Unicode" and PowerShell 5 writes with `>`.

/// The place and the reason where a file stops being text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NotText {
    /// What could be read before it.
    pub before: String,
    /// What is wrong.
    pub problem: String,
}

/// The text of a file, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<String, NotText> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Without a mark: no settings file begins with a zero byte or has one second.
        [1..=255, 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, 1..=255, ..] => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    }
}

/// The same from bytes that nobody else needs: they become the text, where they are that.
pub(super) fn decode_owned(bytes: Vec<u8>) -> Result<String, NotText> {
    // A byte order mark, or a zero byte that UTF-16 would have.
    if matches!(bytes.as_slice(), [0 | 0xEF | 0xFE | 0xFF, ..] | [_, 0, ..]) {
        return decode(&bytes);
    }
    String::from_utf8(bytes).or_else(|error| decode(error.as_bytes()))
}

fn utf8(bytes: &[u8]) -> Result<String, NotText> {
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|error| NotText {
            before: String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned(),
            problem: format!("the byte 0x{:02X} is not UTF-8", bytes[error.valid_up_to()]),
        })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for character in char::decode_utf16(pairs.iter().copied().map(unit)) {
        match character {
            Ok(character) => text.push(character),
            Err(error) => {
                let problem = format!("0x{:04X} is not UTF-16", error.unpaired_surrogate());
                return Err(NotText {
                    before: text,
                    problem,
                });
            }
        }
    }
    if odd.is_empty() {
        Ok(text)
    } else {
        Err(NotText {
            before: text,
            problem: "the UTF-16 text ends in half a character".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[probe]\r\nrate = 7 # größer 🐘\r\n";

    fn utf16_bytes(to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        TEXT.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn every_encoding_of_notepad_is_the_same_text() {
        let (little, big) = (utf16_bytes(u16::to_le_bytes), utf16_bytes(u16::to_be_bytes));
        let files = [
            TEXT.as_bytes().to_vec(),
            [&[0xEF, 0xBB, 0xBF], TEXT.as_bytes()].concat(),
            [&[0xFF, 0xFE][..], &little].concat(),
            [&[0xFE, 0xFF][..], &big].concat(),
            little,
            big,
        ];
        for file in files {
            assert_eq!(decode(&file).unwrap(), TEXT);
        }
    }

    #[test]
    fn nothing_is_an_empty_text() {
        for file in [&[][..], &[0xEF, 0xBB, 0xBF], &[0xFF, 0xFE]] {
            assert_eq!(decode(file).unwrap(), "");
        }
    }

    #[test]
    fn what_is_not_text_says_where() {
        let ansi = b"name = \"M\xFCnchen\"";
        assert_eq!(
            decode(ansi),
            Err(NotText {
                before: "name = \"M".to_owned(),
                problem: "the byte 0xFC is not UTF-8".to_owned()
            })
        );
        assert_eq!(
            decode(&[0xFF, 0xFE, b'a', 0, b'b']).unwrap_err().before,
            "a"
        );
        assert_eq!(
            decode(&[0xFF, 0xFE, b'a', 0, 0, 0xD8]).unwrap_err().problem,
            "0xD800 is not UTF-16"
        );
    }
}
