//! cmd.exe: double quotes, and a refusal where none would hold.

use super::Refusal;

pub(super) fn program(text: &str) -> Result<String, Refusal> {
    let program = argument(text)?;
    if program.starts_with('"') {
        let why = "a program's name needs no quotes in a playbook";
        return Err(Refusal::new(&program, why));
    }
    Ok(program)
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
