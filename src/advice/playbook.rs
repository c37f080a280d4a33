//! The playbooks, `assets/playbooks/<cause-id>.toml`: compiled in, read when first shown.

use std::sync::OnceLock;

use serde::{Deserialize, Deserializer};

use super::conditions::Condition;
use super::template::{Piece, Template};
use super::{Place, Risk, Shell, render};
use crate::diagnosis::{CauseId, Expectation, with_causes};
use crate::target::Platform;

/// What a DBA does about one cause.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Playbook {
    /// One line.
    pub(super) title: String,
    /// What it means and why it happens.
    pub(super) means: String,
    /// How to keep it from coming back.
    #[serde(default)]
    pub(super) prevent: Vec<String>,
    /// In the order they are taken.
    #[serde(default, rename = "fix")]
    pub(super) fixes: Vec<Step>,
}

/// A fix as the playbook has it, before a case fills it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// One line.
    pub(super) title: String,
    /// Where the command is typed.
    #[serde(rename = "where")]
    pub(super) place: Place,
    /// What it risks.
    pub(super) risk: Risk,
    /// What it is expected to change.
    pub(super) expects: Vec<Expectation>,
    /// What it gives up, or what to know first.
    pub(super) note: Option<String>,
    /// When it applies; all must hold.
    #[serde(default)]
    pub(super) only: Vec<Condition>,
    /// Alternatives for platforms and shells.
    #[serde(rename = "command")]
    pub(super) commands: Vec<Line>,
}

/// A command as the playbook has it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "RawLine")]
pub(super) struct Line {
    /// The platforms of the server that it is for.
    pub(super) on: Vec<Platform>,
    /// The shell it is written for.
    pub(super) shell: Shell,
    /// What is run.
    pub(super) script: Script,
    /// The command itself, where it is the same in every case.
    pub(super) fixed: Option<Filled>,
}

/// A command with all its values.
#[derive(Debug)]
pub(super) struct Filled {
    /// What is typed.
    pub(super) text: String,
    /// What the user must fill in before.
    pub(super) edit: Vec<String>,
}

impl Script {
    /// Its texts.
    pub(super) fn templates(&self) -> &[Template] {
        match self {
            Self::Run(run) => &run.words,
            Self::Raw(template) => std::slice::from_ref(template),
        }
    }
}

/// A program and its arguments.
#[derive(Debug)]
pub(super) struct Run {
    /// Each word.
    pub(super) words: Vec<Template>,
    /// The same as the shell reads it, where no case changes it.
    pub(super) quoted: Vec<Option<String>>,
}

/// What is run.
#[derive(Debug)]
pub(super) enum Script {
    /// A program and its arguments, quoted by the renderer.
    Run(Run),
    /// A pipeline, a query or words, whose slots stand alone.
    Raw(Template),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLine {
    #[serde(deserialize_with = "at_least_one")]
    on: Vec<Platform>,
    shell: Shell,
    run: Option<Vec<String>>,
    raw: Option<String>,
}

impl Playbook {
    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

impl TryFrom<RawLine> for Line {
    type Error = String;

    fn try_from(line: RawLine) -> Result<Self, String> {
        let list = matches!(line.shell, Shell::Powershell | Shell::Cmd | Shell::Bash);
        let script = match (line.run, line.raw) {
            (Some(run), None) if list && !run.is_empty() => {
                let words: Result<Vec<_>, _> =
                    run.iter().map(|word| Template::parse(word)).collect();
                let words = words?;
                let quoted = render::quoted(line.shell, &words);
                Script::Run(Run { words, quoted })
            }
            (None, Some(raw)) => Script::Raw(alone(line.shell, Template::parse(&raw)?)?),
            (Some(run), None) => {
                return Err(format!("{run:?}: a list of arguments is for a shell"));
            }
            _ => return Err("a command has either `run` or `raw`".to_owned()),
        };
        Ok(Self {
            on: line.on,
            shell: line.shell,
            fixed: render::fixed(line.shell, &script),
            script,
        })
    }
}

/// The playbook of a cause.
pub(super) fn playbook(cause: CauseId) -> &'static Playbook {
    // The match is exhaustive and `include_str!` fails on a missing file, so a cause
    // without a playbook does not compile.
    macro_rules! playbooks {
        ($($(#[$doc:meta])* $cause:ident = $file:literal,)*) => {
            match cause {
                $(CauseId::$cause => {
                    static PLAYBOOK: OnceLock<Playbook> = OnceLock::new();
                    PLAYBOOK.get_or_init(|| {
                        Playbook::parse(include_str!(concat!(
                            "../../assets/playbooks/", $file, ".toml"
                        )))
                        .expect("a test reads every playbook that is compiled in")
                    })
                })*
            }
        };
    }
    with_causes!(playbooks)
}

/// In a shell a slot is quoted as a whole. Inside the text's own quotes, or glued to a
/// word, that would not be one argument any more.
fn alone(shell: Shell, template: Template) -> Result<Template, String> {
    if matches!(shell, Shell::Text | Shell::Sql) {
        return Ok(template);
    }
    let mut before = String::new();
    let mut pieces = template.0.iter().peekable();
    while let Some(piece) = pieces.next() {
        let Piece::Text(text) = piece else {
            let next = match pieces.peek() {
                Some(Piece::Text(text)) => text.chars().next(),
                Some(_) => Some('{'),
                None => None,
            };
            let free_before = before
                .chars()
                .next_back()
                .is_none_or(|c| " =(,;|".contains(c));
            let free_after = next.is_none_or(|c| " ),;|".contains(c));
            if !free_before || !free_after || is_inside_quotes(&before) {
                return Err(format!("a slot after {before:?} does not stand alone"));
            }
            before.push('x');
            continue;
        };
        before.push_str(text);
    }
    Ok(template)
}

fn is_inside_quotes(before: &str) -> bool {
    let mut open = None;
    for character in before.chars() {
        match open {
            Some(quote) if quote == character => open = None,
            None if matches!(character, '\'' | '"') => open = Some(character),
            _ => {}
        }
    }
    open.is_some()
}

fn at_least_one<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Platform>, D::Error> {
    let platforms = Vec::deserialize(deserializer)?;
    if platforms.is_empty() {
        return Err(serde::de::Error::custom(
            "a command is for at least one platform",
        ));
    }
    Ok(platforms)
}

#[cfg(test)]
mod tests;
