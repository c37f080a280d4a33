//! Every command of every playbook, read by the shell it is written for.

use std::collections::BTreeSet;

use super::*;
use crate::advice::Place;
use crate::advice::numbered::commands_for;
use crate::advice::quote::shells::{self, NASTY, PowerShell};
use crate::advice::render::words;
use crate::advice::slots::{Value, Values};
use crate::target::{HostName, InstanceName, Target};

/// Targets with names that people have, and with the strangest that a name may be.
const TARGETS: &[&str] = &[
    "sales01",
    "sales01.corp.example.",
    "db_1,14330",
    "SALES-01",
    "bücher.example",
    "10.0.4.12",
    "[2001:db8::1]:1433",
    "localhost",
    r"sales01\PROD",
    r"sales01\SQL$2022",
    r"sales01\A#B@C",
    r"sales01\_x$$y",
    r"sales01\Straße",
    r"sales01\数据库",
    r"10.0.4.12\PROD,50123",
    r"[2001:db8::1]\SQL$X,50123",
];

/// Texts that never become a name, and so reach no slot.
const NO_NAMES: &[&str] = &[
    "-rf",
    "-oProxyCommand=reboot",
    "--%",
    "@file",
    "a b",
    "o'brien",
    "it\u{2019}s",
    "\u{201c}x\u{201d}",
    "$(reboot)",
    "${x}",
    "`reboot`",
    "a;b",
    "a&b",
    "a|b",
    "a>b",
    "100%",
    "%PATH%",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "\u{202e}sales01",
    "sales\u{200b}01",
    "a\u{0}b",
    "",
];

#[test]
fn a_text_that_could_be_more_than_a_name_is_no_name_and_says_why() {
    for text in NO_NAMES {
        let host = HostName::new(text).unwrap_err();
        let instance = InstanceName::new(text).unwrap_err();
        assert!(
            !host.problem.is_empty() && !instance.problem.is_empty(),
            "{text:?}"
        );
    }
}

/// The same text for every slot, whatever it would hold.
#[derive(Clone, Copy)]
struct Everywhere<'a>(&'a str);

impl Values for Everywhere<'_> {
    fn get(&self, _: Slot) -> Option<Value> {
        Some(Value::Text(self.0.to_owned()))
    }

    fn port_or_edit(&self) -> Value {
        Value::Text(self.0.to_owned())
    }
}

/// The lines for one shell, each script once.
fn lines(shell: Shell) -> Vec<(CauseId, &'static Line)> {
    let mut seen = BTreeSet::new();
    let all = steps().flat_map(|(cause, step)| step.commands.iter().map(move |line| (cause, line)));
    all.filter(|(_, line)| line.shell == shell)
        .filter(|(_, line)| seen.insert(format!("{:?}", line.script)))
        .collect()
}

/// A command as it was meant and as it is written.
struct Meant {
    cause: CauseId,
    /// The words of a program, or nothing for a pipeline.
    words: Option<Vec<String>>,
    /// The same pipeline with a plain word for each value, and the value.
    plain: Option<(String, String)>,
    text: String,
}

/// A word that no shell quotes and no playbook has.
const PLAIN: &str = "plainword";

/// Every line for a shell that can be written for these values. What cannot must say why.
fn meant(
    lines: &[(CauseId, &'static Line)],
    values: impl Values + Copy,
    value: &str,
) -> Vec<Meant> {
    let mut all = Vec::new();
    for &(cause, line) in lines {
        let text = match render::text(line, values) {
            Ok(text) => text,
            Err(Withheld::Unknown(_)) => continue,
            Err(Withheld::Refused(refusal)) => {
                assert!(!refusal.why.is_empty(), "{cause}: {refusal}");
                continue;
            }
        };
        let words = match &line.script {
            Script::Run(run) => {
                let words = words(&run.words, values).unwrap();
                Some(words.into_iter().map(|word| word.text).collect())
            }
            Script::Raw(_) => None,
        };
        let plain = match &line.script {
            Script::Raw(_) => {
                let plain = render::text(line, Everywhere(PLAIN)).unwrap();
                Some((plain, value.to_owned()))
            }
            Script::Run(_) => None,
        };
        all.push(Meant {
            cause,
            words,
            plain,
            text,
        });
    }
    all
}

/// Everything to read in one shell: hostile text in every slot, and every target that there is.
fn all_meant(shell: Shell) -> Vec<Meant> {
    let lines = lines(shell);
    let mut all = Vec::new();
    for text in NASTY {
        all.extend(meant(&lines, Everywhere(text), text));
    }
    for target in TARGETS {
        let target: Target = target.parse().unwrap();
        let scene = Scene::new(&target.text).tried("10.0.4.12:50123", ConnectStatus::TimedOut);
        let scene = scene
            .canonical("node1.corp.example")
            .last_good("10.0.4.12:51001");
        let case = scene.case();
        let commands = meant(&lines, Slots(Some(&case)), "");
        all.extend(commands.into_iter().filter(|meant| meant.words.is_some()));
    }
    // What holds no value is the same for each of them.
    let mut seen = BTreeSet::new();
    all.retain(|meant| seen.insert(meant.text.clone()));
    assert!(all.len() > 100, "{shell:?}: {}", all.len());
    all
}

fn replaced(words: &[String], value: &str) -> Vec<String> {
    let real = |word: &String| if word == PLAIN { value } else { word }.to_owned();
    words.iter().map(real).collect()
}

#[test]
fn bash_gives_every_program_exactly_what_was_meant() {
    let all = all_meant(Shell::Bash);
    let texts: Vec<_> = all.iter().map(|meant| meant.text.as_str()).collect();
    let plain: Vec<_> = all
        .iter()
        .filter_map(|meant| Some(meant.plain.as_ref()?.0.as_str()))
        .collect();
    let received = shells::bash(&texts);
    let mut received_plain = shells::bash(&plain).into_iter();
    for (meant, mut got) in all.iter().zip(received) {
        if let Some(words) = &meant.words {
            assert_eq!(
                got,
                std::slice::from_ref(words),
                "{}: {}",
                meant.cause,
                meant.text
            );
            continue;
        }
        let (_, value) = meant.plain.as_ref().unwrap();
        let mut wanted: Vec<_> = received_plain
            .next()
            .unwrap()
            .iter()
            .map(|words| replaced(words, value))
            .collect();
        // The parts of a pipeline report in any order.
        got.sort();
        wanted.sort();
        assert!(!got.is_empty(), "{}", meant.text);
        assert_eq!(got, wanted, "{}: {}", meant.cause, meant.text);
    }
}

#[test]
fn powershell_reads_every_argument_exactly_as_it_was_meant() {
    let mut grammar = PowerShell::new();
    for meant in all_meant(Shell::Powershell) {
        let Meant {
            cause, words, text, ..
        } = &meant;
        if let Some(words) = words {
            assert_eq!(grammar.arguments(text), words[1..], "{cause}: {text}");
            assert!(text.starts_with(&words[0]), "{cause}: {text}");
            continue;
        }
        let (plain, value) = meant.plain.as_ref().unwrap();
        let wanted = replaced(&grammar.tokens(plain), value);
        assert_eq!(grammar.tokens(text), wanted, "{cause}: {text}");
    }
}

#[test]
fn a_powershell_on_this_machine_agrees() {
    let all = all_meant(Shell::Powershell);
    let texts: Vec<_> = all.iter().map(|meant| meant.text.as_str()).collect();
    let Some(parsed) = shells::pwsh(&texts) else {
        println!("skipped: there is no pwsh on the path");
        return;
    };
    for (meant, parsed) in all.iter().zip(parsed) {
        assert_eq!(parsed.errors, 0, "{}: {}", meant.cause, meant.text);
        if let Some(words) = &meant.words {
            assert_eq!(&parsed.words, words, "{}: {}", meant.cause, meant.text);
        }
    }
}

#[test]
fn cmd_gives_every_program_exactly_what_was_meant() {
    for meant in all_meant(Shell::Cmd) {
        let words = meant.words.expect("no pipeline is written for cmd");
        assert_eq!(
            shells::cmd(&meant.text),
            words,
            "{}: {}",
            meant.cause,
            meant.text
        );
    }
}

#[test]
fn what_no_shell_could_show_is_refused_by_every_command_that_would_hold_it() {
    for shell in [Shell::Powershell, Shell::Cmd, Shell::Bash] {
        let lines = lines(shell);
        for hidden in ["a\nb", "a\r", "\u{202e}x", "\u{200b}", "\u{1b}[2J"] {
            for (cause, line) in &lines {
                let plain = render::text(line, Everywhere(PLAIN)).unwrap();
                let holds = plain.contains(PLAIN);
                let written = render::text(line, Everywhere(hidden));
                assert_eq!(written.is_err(), holds, "{cause}: {plain} {hidden:?}");
            }
        }
    }
}

#[test]
fn a_query_holds_a_value_only_as_a_literal() {
    for (cause, line) in lines(Shell::Sql) {
        let plain = render::text(line, Everywhere(PLAIN)).unwrap();
        let free = plain.replace(&format!("N'{PLAIN}'"), "");
        assert!(!free.contains(PLAIN), "{cause}: {plain}");
    }
}

/// What the user fills in is shown as such, stands where a value stands, and is listed.
#[test]
fn what_is_left_to_the_user_is_listed_with_the_command() {
    let mut seen = 0;
    for (_, advice) in advised() {
        for cause in &advice.causes {
            for command in cause.fixes.iter().flat_map(|fix| &fix.commands) {
                for edit in command.edit.iter() {
                    seen += 1;
                    assert!(
                        command.text.contains(edit),
                        "{}: {}",
                        cause.id,
                        command.text
                    );
                }
                let shown = command.text.matches('<').count();
                let listed = |edit: &String| command.text.matches(edit.as_str()).count();
                let operators = command.text.matches("<>").count();
                assert_eq!(
                    shown - operators,
                    command.edit.iter().map(listed).sum::<usize>(),
                    "{}: {}",
                    cause.id,
                    command.text
                );
            }
        }
    }
    assert!(seen > 100);
}

#[test]
fn every_platform_is_offered_only_its_own_tools() {
    for (_, advice) in advised() {
        for platform in Platform::ALL {
            for step in commands_for(advice, platform) {
                let text = &step.command.text;
                let foreign: &[&str] = match platform {
                    Platform::Windows => &[
                        "systemctl",
                        "docker",
                        "kubectl",
                        "mssql-conf",
                        "aws rds",
                        "az sql",
                    ],
                    Platform::Linux => &[
                        "Start-Service",
                        "SQLBrowser",
                        "docker",
                        "kubectl",
                        "aws rds",
                        "az sql",
                    ],
                    Platform::Container => {
                        &["Start-Service", "SQLBrowser", "systemctl", "aws ", "az "]
                    }
                    Platform::Azure => &[
                        "Service",
                        "SQLBrowser",
                        "systemctl",
                        "docker",
                        "kubectl",
                        "aws ",
                    ],
                    Platform::Rds => &[
                        "Service",
                        "SQLBrowser",
                        "systemctl",
                        "docker",
                        "kubectl",
                        "az ",
                    ],
                };
                let strange = foreign
                    .iter()
                    .find(|word| text.starts_with(**word) || text.contains(&format!(" {word}")));
                // An old name may belong to another kind of server, and DNS servers run anything.
                let elsewhere =
                    step.fix.place == Place::Domain || step.command.shell == Shell::Text;
                assert!(
                    strange.is_none() || elsewhere,
                    "{platform:?} {}: {text}",
                    step.cause.unwrap().id
                );
            }
        }
    }
}

#[test]
fn names_come_out_whole_in_the_commands_that_are_shown() {
    let scene = Scene::refused(r"sales01\SQL$2022").declared(Some(Platform::Windows), None);
    let advice = advise(&scene.case(), &found(&[CauseId::ServiceNotRunning]));
    let of = |shell| {
        let commands = advice.causes[0].fixes.iter().flat_map(|fix| &fix.commands);
        let mut commands = commands.filter(move |command| command.shell == shell);
        commands
            .find(|command| command.text.contains("queryex"))
            .map(|command| command.text.clone())
    };
    assert_eq!(
        of(Shell::Powershell).unwrap(),
        r"sc.exe \\sales01 queryex 'MSSQL$SQL$2022'"
    );
    assert_eq!(
        of(Shell::Cmd).unwrap(),
        r#"sc.exe \\sales01 queryex "MSSQL$SQL$2022""#
    );
}

/// Quoted, such a word would be one string; PowerShell would have to read a list or an
/// expression. Those belong into `raw`.
#[test]
fn a_cmdlet_gets_no_expression_in_quotes() {
    for (cause, step) in steps() {
        for line in step
            .commands
            .iter()
            .filter(|line| line.shell == Shell::Powershell)
        {
            let Script::Run(run) = &line.script else {
                continue;
            };
            let words = &run.words;
            let literal = |word: &Template| match word.0.as_slice() {
                [Piece::Text(text)] => text.clone(),
                _ => String::new(),
            };
            let program = literal(&words[0]);
            if program.contains('-') && !program.contains('.') {
                for word in words.iter().map(literal) {
                    assert!(
                        !word.contains([',', '$', '@', '{', '(']),
                        "{cause}: {program} {word}"
                    );
                }
            }
        }
    }
}
