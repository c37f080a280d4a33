//! bash and POSIX shells: single quotes take everything but themselves.

use super::{Refusal, Word};

pub(super) fn command_line(words: &[Word]) -> Result<String, Refusal> {
    let mut line = String::new();
    for (index, word) in words.iter().enumerate() {
        if index == 0 && word.text.is_empty() {
            return Err(Refusal::new(&word.text, "there is no program to run"));
        }
        let program = index == 0 && word.text.contains('=');
        if index > 0 {
            line.push(' ');
        }
        // `A=b` in front of a command sets a variable.
        line += &if program {
            quoted(&word.text)
        } else {
            argument(&word.text)
        };
    }
    Ok(line)
}

/// One argument, quoted only where bash would read more than its characters.
pub(super) fn argument(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=+,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
