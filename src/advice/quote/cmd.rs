//! cmd.exe: double quotes, and a refusal where none would hold.

use super::Refusal;

pub(super) fn program(text: &str) -> Result<String, Refusal> {
    let program = argument(text.to_owned())?;
    if program.starts_with('"') {
        let why = "a program's name needs no quotes in a playbook";
        return Err(Refusal::new(&program, why));
    }
    Ok(program)
}

/// One argument. Inside double quotes cmd leaves `^ & | < > ( )` alone; `%` it expands even
/// there, and at a prompt nothing escapes it; `!` likewise where delayed expansion is on.
pub(super) fn argument(text: String) -> Result<String, Refusal> {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-' | b'.' | b'/' | b'\\' | b':' | b'=' | b'+' | b','
            )
    };
    if !text.is_empty() && text.bytes().all(plain) {
        return Ok(text);
    }
    if text.contains(['%', '!']) {
        return Err(Refusal::new(
            &text,
            "cmd expands % and ! even between quotes",
        ));
    }
    if text.contains('"') {
        return Err(Refusal::new(
            &text,
            "cmd and the program disagree about a quote inside quotes",
        ));
    }
    // The C runtime reads `\"` as a quote, so backslashes before the closing one are doubled.
    let slashes = text.len() - text.trim_end_matches('\\').len();
    Ok(format!("\"{text}{}\"", "\\".repeat(slashes)))
}
