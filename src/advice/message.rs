//! What the message of one client gives, without any probe: what other clients show for the
//! same failure, what to type about a cause, and how to probe the server that it names.

use super::quote::{self, Word};
use super::render::unprobed;
use super::{
    Advice, CauseAdvice, ClientShows, NumberedCommand, Shell, clients, numbered, platform,
};
use crate::diagnosis::{CauseId, State};
use crate::target::{Declared, Platform, Target};

/// What other clients show for a state that a message told, with the numbers it gave
/// and the causes that it allows, likeliest first.
pub fn clients_show_for(
    target: Option<&Target>,
    state: State,
    codes: &[i64],
    causes: &[CauseId],
) -> Vec<ClientShows> {
    match target {
        Some(target) => unprobed(target, &Declared::default(), |case| {
            clients::told_by(Some(case), state, codes, causes)
        }),
        None => clients::told_by(None, state, codes, causes),
    }
}

/// The commands about one cause, for the platform that the server's name tells.
pub fn commands_to_type<T>(
    target: Option<&Target>,
    cause: &CauseAdvice,
    read: impl FnOnce(&[NumberedCommand<'_>]) -> T,
) -> T {
    let platform = target.map_or(Platform::Windows, |target| {
        unprobed(target, &Declared::default(), |case| {
            platform::platform(case).platform
        })
    });
    let advice = Advice {
        causes: vec![cause.clone()],
        ..Advice::default()
    };
    read(&numbered::commands_for(&advice, platform))
}

/// The command that probes a server, quoted for the shell of this system; `None` where there
/// is nothing to probe over TCP.
pub fn probe_command(target: &Target) -> Option<String> {
    target.over_tcp().ok()?;
    let shell = if cfg!(windows) {
        Shell::Powershell
    } else {
        Shell::Bash
    };
    let word = |text: &str, literal| Word {
        text: text.to_owned(),
        literal,
    };
    let words = [
        word("sqlreach", true),
        word("check", true),
        word(&target.short(), false),
    ];
    quote::command_line(shell, words).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[cfg(not(windows))]
    #[test]
    fn the_command_is_quoted_for_the_shell() {
        assert_eq!(
            probe_command(&target(r"sales01\PROD")).unwrap(),
            r"sqlreach check 'sales01\PROD'"
        );
        assert_eq!(
            probe_command(&target("db1,1444")).unwrap(),
            "sqlreach check db1,1444"
        );
    }

    #[test]
    fn what_is_typed_here_is_for_the_shell_of_this_system() {
        let ours = |shell| match shell {
            Shell::Bash => !cfg!(windows),
            Shell::Powershell | Shell::Cmd => cfg!(windows),
            Shell::Sql | Shell::Text => true,
        };
        for named in [None, Some(target("db1,1433"))] {
            for cause in [
                CauseId::DnsServerFailing,
                CauseId::NameNotFound,
                CauseId::NoRoute,
            ] {
                for cause in crate::advice::advise_causes(named.as_ref(), &[cause]) {
                    commands_to_type(named.as_ref(), &cause, |commands| {
                        let here = |numbered: &&NumberedCommand<'_>| {
                            numbered.fix.place == crate::advice::Place::Client
                        };
                        for numbered in commands.iter().filter(here) {
                            assert!(ours(numbered.command.shell), "{:?}", numbered.command);
                        }
                    });
                }
            }
        }
    }

    #[test]
    fn what_no_probe_reaches_has_no_command() {
        assert_eq!(probe_command(&target(r"np:\\db1\pipe\sql\query")), None);
    }

    #[test]
    fn the_numbers_tell_alike_states_apart() {
        let first = |state, codes: &[i64]| clients_show_for(None, state, codes, &[])[0].code;
        assert_eq!(first(State::Unresolved, &[11001]), Some(11001));
        assert_eq!(first(State::Unresolved, &[11004]), Some(11004));
        assert_eq!(first(State::Unresolved, &[11002]), Some(11002));
        assert_eq!(first(State::Unreachable, &[10051]), Some(10051));
        assert_ne!(first(State::Unreachable, &[10065]), Some(10051));
    }

    #[test]
    fn without_a_server_only_the_lines_that_print_one_are_left_out() {
        let named = clients_show_for(Some(&target("db1,1433")), State::Refused, &[], &[]);
        let bare = clients_show_for(None, State::Refused, &[], &[]);
        assert!(named.iter().any(|shown| shown.text.contains("db1")));
        assert!(!bare.is_empty() && bare.len() < named.len());
    }
}
