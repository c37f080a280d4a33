//! Turns a list of arguments into one line that a shell reads as exactly that list.
//!
//! What a shell cannot be given as exactly one argument is refused with a reason: half
//! a command is worse than none.

pub(super) mod bash;
pub(super) mod cmd;
pub(super) mod powershell;
pub(super) mod sql;

use super::Shell;
use super::slots::Value;

/// One word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// What the program must receive.
    pub(super) text: String,
    /// The playbook's own text, with nothing from a case in it: `-LocalPort` is a
    /// parameter here, and would be a value if it came from a server's name.
    pub(super) literal: bool,
}

/// Who receives the arguments of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Receiver {
    /// A program, which is handed a line of text or a list of texts.
    Program,
    /// A part of PowerShell, which takes them as they are.
    Cmdlet,
}

impl Receiver {
    /// What the shell takes the first word of a command for.
    pub(super) fn of(shell: Shell, program: &str) -> Self {
        if shell == Shell::Powershell && powershell::is_cmdlet(program) {
            Self::Cmdlet
        } else {
            Self::Program
        }
    }
}

/// Why a command is withheld.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}: {text:?}")]
pub(super) struct Refusal {
    /// The argument.
    pub(super) text: String,
    /// What is the matter with it.
    pub(super) why: &'static str,
}

impl Refusal {
    fn new(text: &str, why: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            why,
        }
    }
}

/// The line that `shell` reads as these words. The first one is the program.
pub(super) fn command_line(
    shell: Shell,
    words: impl IntoIterator<Item = Word>,
) -> Result<String, Refusal> {
    let mut words = words.into_iter();
    let Some(first) = words.next() else {
        return Err(Refusal::new("", "there is no program to run"));
    };
    let mut line = program(shell, &first.text)?;
    let receiver = Receiver::of(shell, &first.text);
    for word in words {
        line.push(' ');
        line += &argument(shell, receiver, word)?;
    }
    Ok(line)
}

/// The program, as it stands first in a line.
pub(super) fn program(shell: Shell, text: &str) -> Result<String, Refusal> {
    visible(text)?;
    if text.is_empty() {
        return Err(Refusal::new(text, "there is no program to run"));
    }
    match shell {
        Shell::Powershell => Ok(powershell::program(text)),
        Shell::Cmd => cmd::program(text),
        Shell::Bash => Ok(bash::program(text)),
        Shell::Sql | Shell::Text => {
            Err(Refusal::new(text, "only a shell takes a list of arguments"))
        }
    }
}

/// One of its arguments.
pub(super) fn argument(shell: Shell, receiver: Receiver, word: Word) -> Result<String, Refusal> {
    visible(&word.text)?;
    match shell {
        Shell::Powershell => powershell::argument(receiver, word),
        Shell::Cmd => cmd::argument(word.text),
        Shell::Bash => Ok(bash::argument(word.text)),
        Shell::Sql | Shell::Text => Err(Refusal::new(
            &word.text,
            "only a shell takes a list of arguments",
        )),
    }
}

/// A value that stands alone in a raw pipeline, query or sentence.
pub(super) fn value(shell: Shell, value: Value) -> Result<String, Refusal> {
    let text = match value {
        Value::Number(number) => return Ok(number.to_string()),
        Value::Text(text) => text,
    };
    visible(&text)?;
    match shell {
        Shell::Powershell => powershell::value(&text),
        Shell::Cmd => cmd::argument(text),
        Shell::Bash => Ok(bash::argument(text)),
        Shell::Sql => Ok(sql::literal(&text)),
        Shell::Text => Ok(text),
    }
}

/// What cannot be seen can be pasted all the same: line ends, escapes, and the
/// characters that reorder or hide text.
fn visible(text: &str) -> Result<(), Refusal> {
    // Nearly every one, and told at once.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e0fff}')
    };
    if text.chars().any(hidden) {
        return Err(Refusal::new(
            text,
            "it holds characters that cannot be seen",
        ));
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod shells;
#[cfg(test)]
mod tests;
