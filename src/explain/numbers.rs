//! The numbers of a message, with what stands around them: a number alone proves little.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Where a number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// After `error`, `code`, `Msg` and their kin, in any of several languages, or all alone.
    Error,
    /// After `native`, as ODBC's tools print it.
    Native,
    /// In brackets of its own.
    Bracket,
    /// `0x2749`
    Hex,
    /// `error code 0x68`
    ErrorHex,
    /// After `os error` or `errno`.
    Os,
    /// `error: 26 - `: numbers of SQL Network Interfaces.
    Sni,
    /// `in 3000ms`: how long somebody waited.
    Duration,
    /// Somewhere, and too large for anything but an error.
    Anywhere,
}

/// A number that may be an error's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Number {
    pub(super) value: i64,
    pub(super) place: Place,
}

/// A message has a handful; a hostile text is cut off here.
const MOST: usize = 2_000;
/// How far back the word before a number is looked for.
const REACH: usize = 40;
/// From here on a number is an error's wherever it stands (Winsock, SQL Server).
pub(super) const LARGE: i64 = 10_000;

const UNITS: [&str; 8] = [
    "ms",
    "milliseconds",
    "millisecond",
    "s",
    "sec",
    "secs",
    "seconds",
    "second",
];

/// What stands before an error's number, in the languages that SQL Server's clients speak.
static ERROR_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    HashSet::from([
        "error",
        "err",
        "errorcode",
        "code",
        "msg",
        "native",
        "nativeerror",
        "number",
        "message",
        "hresult",
        "status",
        "fehler",
        "erreur",
        "errore",
        "erro",
        "hata",
        "fel",
        "fejl",
        "virhe",
        "chyba",
        "fout",
        "feil",
        "błąd",
        "ошибка",
        "错误",
        "錯誤",
        "エラー",
        "오류",
    ])
});

/// All numbers of a text in small letters, in order.
pub(super) fn numbers(text: &str) -> Vec<Number> {
    let alone = text.trim();
    let mut found = Vec::new();
    let mut at = 0;
    while found.len() < MOST {
        let Some(next) = text[at..].find(|c: char| c.is_ascii_digit()) else {
            break;
        };
        let start = at + next;
        let end = word_end(text, start);
        if let Some(number) = number(text, start, end, alone) {
            found.push(number);
        }
        at = end;
    }
    found
}

/// The end of the digits, or of the hexadecimal word, that begin at `start`.
fn word_end(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let is_hex = rest.starts_with("0x");
    let digits = if is_hex { 2 } else { 0 };
    let fits = |c: char| {
        if is_hex {
            c.is_ascii_hexdigit()
        } else {
            c.is_ascii_digit()
        }
    };
    let length = rest[digits..]
        .find(|c| !fits(c))
        .unwrap_or(rest.len() - digits);
    start + digits + length
}

fn number(text: &str, start: usize, end: usize, alone: &str) -> Option<Number> {
    let digits = &text[start..end];
    let mut before = &text[floor(text, start.saturating_sub(REACH))..start];
    let after = &text[end..];
    let follows = after.chars().next();
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '.')) {
        return None;
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        let value = i64::from(u32::from_str_radix(hex, 16).ok()?);
        let signed = if value >= 1 << 31 {
            value - (1 << 32)
        } else {
            value
        };
        let whole = follows.is_none_or(|c| !c.is_alphanumeric());
        let of_error = ERROR_WORDS.contains(last_word(before).0);
        let place = if of_error {
            Place::ErrorHex
        } else {
            Place::Hex
        };
        return whole.then_some(Number {
            value: signed,
            place,
        });
    }
    // `(00000001, 11)`: what .NET numbers itself has leading zeros.
    if digits.len() > 10 || digits.len() > 2 && digits.starts_with('0') {
        return None;
    }
    let mut value: i64 = digits.parse().ok()?;
    if let Some(rest) = before.strip_suffix('-')
        && !rest.ends_with(char::is_alphanumeric)
    {
        (before, value) = (rest, -value);
    }
    let place = place(
        value,
        before,
        after,
        alone.trim_start_matches('-') == digits,
    )?;
    Some(Number { value, place })
}

fn place(value: i64, before: &str, after: &str, is_alone: bool) -> Option<Place> {
    let (word, rest) = last_word(before);
    let is_error = ERROR_WORDS.contains(word);
    let follows = after.chars().next();
    let unit: String = after
        .strip_prefix(' ')
        .unwrap_or(after)
        .chars()
        .take(13)
        .take_while(|c| c.is_alphabetic())
        .collect();
    if UNITS.contains(&unit.as_str()) {
        let waited = matches!(word, "in" | "within" | "after" | "for");
        return waited.then_some(Place::Duration);
    }
    if follows.is_some_and(|c| c.is_alphabetic() || c == '_') {
        return None;
    }
    let is_port = word == "port" || before.ends_with(',') || (before.ends_with(':') && !is_error);
    if is_port {
        return None;
    }
    let (second, _) = last_word(rest);
    let of_system = matches!(
        second,
        "os" | "socket" | "winsock" | "wsa" | "system" | "eai"
    );
    let is_bracket = is_bracketed(before, after);
    let is_errno = matches!(word, "errno" | "winerror" | "socketexception");
    Some(
        if is_errno || matches!(word, "error" | "code") && of_system {
            Place::Os
        } else if is_error && after.starts_with(" - ") {
            Place::Sni
        } else if word.starts_with("native") {
            Place::Native
        } else if is_error || is_alone {
            Place::Error
        } else if is_bracket {
            Place::Bracket
        } else if value.abs() >= LARGE && follows != Some('.') {
            Place::Anywhere
        } else {
            return None;
        },
    )
}

/// `(111)`, `(20009, b'…`, and `[53].` at the end of a sentence. Logs write threads and
/// processes as `[53] ` and `app[233]:`, which are no errors.
fn is_bracketed(before: &str, after: &str) -> bool {
    let glued = |before: &str| before.ends_with(char::is_alphanumeric);
    if let Some(before) = before.strip_suffix('(') {
        return after.starts_with([')', ',']) && !glued(before);
    }
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '\n', '\'', '"']);
    let inside = before.strip_suffix('[').filter(|before| !glued(before));
    inside.is_some() && after.strip_prefix(']').is_some_and(ends)
}

/// The word right before, and what stands before that. Only `: = # ( [ .` may lie between.
fn last_word(text: &str) -> (&str, &str) {
    let between = |c: char| {
        c.is_whitespace() || matches!(c, ':' | '=' | '#' | '(' | '[' | '.' | '：' | '{' | ',')
    };
    let text = text.trim_end_matches(between);
    let start = text
        .char_indices()
        .rev()
        .take_while(|(_, c)| c.is_alphabetic())
        .last()
        .map_or(text.len(), |(at, _)| at);
    (&text[start..], &text[..start])
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("error: 10061)", 10061, Place::Error)]
    #[case("fehler: 10061)", 10061, Place::Error)]
    #[case("错误: 53)", 53, Place::Error)]
    #[case("53", 53, Place::Error)]
    #[case("-2", -2, Place::Error)]
    #[case("error: -2)", -2, Place::Error)]
    #[case("error: 26 - error locating", 26, Place::Sni)]
    #[case("native=26 (", 26, Place::Native)]
    #[case("error code 0x2749", 10057, Place::ErrorHex)]
    #[case("(0x80090325)", -2_146_893_019, Place::Hex)]
    #[case("(os error 111)", 111, Place::Os)]
    #[case("[errno -2]", -2, Place::Os)]
    #[case("os { code: 111,", 111, Place::Os)]
    #[case("to sql server [53].", 53, Place::Bracket)]
    #[case("(20009, b'", 20009, Place::Bracket)]
    #[case("to db1 in 15000ms", 15000, Place::Duration)]
    #[case("and 10061 it was", 10061, Place::Anywhere)]
    fn a_number_is_known_by_what_stands_around(
        #[case] text: &str,
        #[case] value: i64,
        #[case] place: Place,
    ) {
        assert_eq!(numbers(text)[0], Number { value, place }, "{text}");
    }

    #[rstest]
    #[case("db1,10061")]
    #[case("db1:10061")]
    #[case("port 10061")]
    #[case("10.0.4.12")]
    #[case("line 12 of 40")]
    #[case("08:00:00 [53] warn")]
    #[case("app[233]: x")]
    #[case("x10061")]
    #[case("18456abc")]
    #[case("99999999999999999999")]
    fn ports_addresses_and_parts_of_words_are_no_errors(#[case] text: &str) {
        assert_eq!(numbers(text), [], "{text}");
    }
}
