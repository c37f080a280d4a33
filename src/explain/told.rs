//! An explanation as people read it, the same for the command and the screen. The words
//! around what a message tells are in `assets/messages/explain.toml`.

use std::collections::HashSet;
use std::sync::OnceLock;

use serde::Deserialize;

use super::{Explanation, Layer};
use crate::advice::{self, ClientShows, Shell};

/// More causes than this are for JSON.
const CAUSES: usize = 4;
/// The first cause shows so many commands, each other one half as many.
const COMMANDS: usize = 2;

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Where it broke and how, in words.
    Verdict(String),
    /// A label and what belongs to it. Empty: as the line before.
    Line {
        /// One or two words.
        label: &'static str,
        /// The text.
        text: String,
    },
    /// Something to type, or a step to follow by hand.
    Command {
        /// It is typed; otherwise it is a sentence.
        is_typed: bool,
        /// The exact text.
        text: String,
        /// Where, and what it risks.
        about: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Words {
    no_error: String,
    no_layer: String,
    layer: Layers,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layers {
    target: String,
    resolve: String,
    browser: String,
    connect: String,
    prelogin: String,
    tls: String,
    login: String,
    session: String,
}

impl Words {
    fn layer(&self, layer: Layer) -> &str {
        let Self { layer: words, .. } = self;
        match layer {
            Layer::Target => &words.target,
            Layer::Resolve => &words.resolve,
            Layer::Browser => &words.browser,
            Layer::Connect => &words.connect,
            Layer::Prelogin => &words.prelogin,
            Layer::Tls => &words.tls,
            Layer::Login => &words.login,
            Layer::Session => &words.session,
        }
    }
}

fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        toml::from_str(include_str!("../../assets/messages/explain.toml"))
            .expect("a test reads the file that is compiled in")
    })
}

/// All lines, the verdict first. Nothing of the message itself is repeated but numbers and
/// names that were checked.
pub fn told(explanation: &Explanation) -> Vec<Told> {
    let mut lines = vec![Told::Verdict(verdict(explanation))];
    let mut line = |label, text: String| {
        if !text.is_empty() {
            lines.push(Told::Line { label, text });
        }
    };
    line("Means", explanation.means.to_owned());
    line("Numbers", numbers(&explanation.codes));
    line(
        "Written by",
        explanation.client.unwrap_or_default().to_owned(),
    );
    for (at, sentence) in explanation.proves.iter().enumerate() {
        line(if at == 0 { "Proves" } else { "" }, (*sentence).to_owned());
    }
    for (at, sentence) in explanation.proves_not.iter().enumerate() {
        line(
            if at == 0 { "Proves not" } else { "" },
            (*sentence).to_owned(),
        );
    }
    if let Some(target) = &explanation.target {
        line("Names", target.short());
    }
    if let Some(command) = explanation.probe_command() {
        line("Probe it", command);
    }
    causes(explanation, &mut lines);
    for (at, shown) in explanation.clients_show().iter().enumerate() {
        lines.push(Told::Line {
            label: if at == 0 { "Elsewhere" } else { "" },
            text: elsewhere(shown),
        });
    }
    lines
}

fn verdict(explanation: &Explanation) -> String {
    let words = words();
    if !explanation.is_connection_error {
        return words.no_error.clone();
    }
    match (explanation.state, explanation.layer) {
        (Some(state), Some(layer)) => format!("{state} {}", words.layer(layer)),
        (None, Some(layer)) => format!("It broke {}", words.layer(layer)),
        (Some(state), None) => format!("{state}: {}", words.no_layer),
        (None, None) => words.no_layer.clone(),
    }
}

fn numbers(codes: &[i64]) -> String {
    let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
    codes.join(" · ")
}

fn causes(explanation: &Explanation, lines: &mut Vec<Told>) {
    let target = explanation.target.as_ref();
    let advised = advice::advise_causes(target, &explanation.causes);
    // What looks into one cause often looks into the next one as well.
    let mut said = HashSet::new();
    for (at, cause) in advised.iter().take(CAUSES).enumerate() {
        lines.push(Told::Line {
            label: if at == 0 { "May be" } else { "or" },
            text: format!("{} ({})", cause.title, cause.id),
        });
        let most = if at == 0 { COMMANDS } else { COMMANDS / 2 };
        advice::commands_to_type(target, cause, |commands| {
            let new = commands
                .iter()
                .take(most)
                .filter(|numbered| said.insert(numbered.command.text.clone()));
            lines.extend(new.map(|numbered| Told::Command {
                is_typed: numbered.command.shell != Shell::Text,
                text: numbered.command.text.to_string(),
                about: numbered.about(),
            }));
        });
    }
}

/// `ODBC on Linux: 10057 …`. A number that is no error of its own (-1) is left out.
fn elsewhere(ClientShows { client, code, text }: &ClientShows) -> String {
    let client = client.trim_end_matches(':');
    match code.filter(|code| *code > 0) {
        Some(code) => format!("{client}: {code} {text}"),
        None => format!("{client}: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::explain;

    fn verdict_of(text: &str) -> String {
        verdict(&explain(text))
    }

    #[test]
    fn the_verdict_says_where_and_how() {
        assert_eq!(
            verdict_of("Failed to connect to db1:1433 - connect ECONNREFUSED 10.0.4.12:1433"),
            "refused at the TCP connection"
        );
        assert_eq!(
            verdict_of("Login failed for user 'app'. (Microsoft SQL Server, Error: 18456)"),
            "login-failed at the login: the server was reached"
        );
        assert_eq!(
            verdict_of("Login timeout expired"),
            "A connection that failed; the text does not say where"
        );
        assert_eq!(
            verdict_of("the quick brown fox"),
            "Not an error of connecting to SQL Server"
        );
    }

    #[test]
    fn a_command_that_looks_into_two_causes_is_told_once() {
        let read = explain("Failed to connect to db1:1433 - connect ECONNREFUSED 10.0.4.12:1433");
        let mut commands: Vec<String> = told(&read)
            .into_iter()
            .filter_map(|line| match line {
                Told::Command { text, .. } => Some(text),
                _ => None,
            })
            .collect();
        let all = commands.len();
        commands.sort();
        commands.dedup();
        assert!(all > 1);
        assert_eq!(commands.len(), all);
    }

    #[test]
    fn the_first_command_of_each_cause_only_looks() {
        let read = explain("connect ECONNREFUSED 10.0.4.12:1433 (tedious, Failed to connect)");
        let abouts: Vec<String> = told(&read)
            .into_iter()
            .filter_map(|line| match line {
                Told::Command { about, .. } => Some(about),
                _ => None,
            })
            .collect();
        assert!(!abouts.is_empty());
        assert!(
            abouts.iter().all(|about| about.ends_with("read-only")),
            "{abouts:?}"
        );
    }
}
