//! cmd.exe: double quotes, and a refusal where none would hold.

use super::{Refusal, Word};

pub(super) fn command_line(words: &[Word]) -> Result<String, Refusal> {
    let words: Result<Vec<_>, _> = words.iter().map(|word| argument(&word.text)).collect();
    let line = words?.join(" ");
    if line.is_empty() || line.starts_with('"') {
        return Err(Refusal::new(
            &line,
            "a program's name needs no quotes in a playbook",
        ));
    }
    Ok(line)
}

/// One argument. Inside double quotes cmd leaves `^ & | < > ( )` alone; `%` it expands even
/// there, and at a prompt nothing escapes it; `!` likewise where delayed expansion is on.
pub(super) fn argument(text: &str) -> Result<String, Refusal> {
    if text.contains(['%', '!']) {
        return Err(Refusal::new(
            text,
            "cmd expands % and ! even between quotes",
        ));
    }
    if text.contains('"') {
        return Err(Refusal::new(
            text,
            "cmd and the program disagree about a quote inside quotes",
        ));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || r"_-./\:=+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    // The C runtime reads `\"` as a quote, so backslashes before the closing one are doubled.
    let slashes = text.len() - text.trim_end_matches('\\').len();
    Ok(format!("\"{text}{}\"", "\\".repeat(slashes)))
}
