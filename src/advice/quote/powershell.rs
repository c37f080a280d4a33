//! PowerShell 5.1 and 7: single quotes, doubled inside, and the traps around them.

use std::net::Ipv4Addr;

use super::{Receiver, Refusal, Word};

pub(super) fn program(text: &str) -> String {
    if is_program(text) {
        text.to_owned()
    } else {
        format!("& {}", quoted(text))
    }
}

pub(super) fn argument(receiver: Receiver, word: Word) -> Result<String, Refusal> {
    let Word { text, literal } = word;
    let native = receiver == Receiver::Program;
    if native {
        passable(&text)?;
    }
    Ok(
        if (literal && is_parameter(&text, native)) || is_plain(&text) {
            text
        } else {
            quoted(&text)
        },
    )
}

/// A value in a raw pipeline: always quoted, since it may stand in an expression, where a
/// bare word would be taken for a command.
pub(super) fn value(text: &str) -> Result<String, Refusal> {
    passable(text)?;
    Ok(quoted(text))
}

/// PowerShell 5.1 hands a native program its arguments in one string and escapes nothing
/// in it: quotes and an empty argument get lost, and a backslash before a closing quote
/// swallows it.
fn passable(text: &str) -> Result<(), Refusal> {
    if text.is_empty() {
        return Err(Refusal::new(text, "PowerShell 5.1 drops an empty argument"));
    }
    if text.contains('"') {
        return Err(Refusal::new(
            text,
            "PowerShell 5.1 loses a double quote in an argument",
        ));
    }
    if text.ends_with('\\') && text.contains(char::is_whitespace) {
        return Err(Refusal::new(
            text,
            "PowerShell 5.1 loses a backslash at the end of an argument",
        ));
    }
    Ok(())
}

/// The typographic quotes end a string as the straight one does, and like it stand for
/// themselves when doubled (about_Quoting_Rules).
fn quoted(text: &str) -> String {
    let is_quote = |character: char| matches!(character, '\'' | '\u{2018}'..='\u{201b}');
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    let mut rest = text;
    while let Some(at) = rest.find(is_quote) {
        let quote = rest[at..].chars().next().unwrap_or('\'');
        let (before, behind) = rest.split_at(at + quote.len_utf8());
        quoted.push_str(before);
        quoted.push(quote);
        rest = behind;
    }
    quoted.push_str(rest);
    quoted.push('\'');
    quoted
}

/// `-LocalPort`, or for a native program `--filter` and `--query=x`. A dot or colon would
/// make PowerShell cut such a word in two.
fn is_parameter(text: &str, native: bool) -> bool {
    let name = text.strip_prefix('-').unwrap_or_default();
    let name = if native {
        name.strip_prefix('-').unwrap_or(name)
    } else {
        name
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || (native && matches!(c, '-' | '_' | '='));
    name.starts_with(|c: char| c.is_ascii_alphabetic() || (native && c.is_ascii_digit()))
        && name.chars().all(fits)
}

/// Characters that mean nothing to PowerShell in an argument. A word that begins like a
/// number might become one (`1kb`, `0x10`), so only whole numbers and IPv4 addresses may.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'\\' | b':' | b'=')
    };
    let word = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '\\' | '/');
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let network = |text: &str| {
        text.split_once('/')
            .is_some_and(|(address, bits)| is_address(address) && number(bits))
    };
    text.bytes().all(plain)
        && (text.starts_with(word)
            || (number(text) && !text.is_empty())
            || is_address(text)
            || network(text))
}

fn is_address(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

/// `Get-Service`: an approved verb and a noun.
pub(super) fn is_cmdlet(text: &str) -> bool {
    text.split_once('-').is_some_and(|(verb, noun)| {
        verb.starts_with(|c: char| c.is_ascii_uppercase())
            && noun.starts_with(|c: char| c.is_ascii_uppercase())
            && verb
                .chars()
                .chain(noun.chars())
                .all(|c| c.is_ascii_alphanumeric())
    })
}

/// What runs when it stands first, without `&`.
fn is_program(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
