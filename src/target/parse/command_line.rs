//! A pasted command line, `sqlcmd -S host -U sa -P …`: the server that it names.

use std::borrow::Cow;

use super::server::{self, Separator};
use super::{Fault, Found, Piece};
use crate::target::Protocol;

const PROGRAMS: [&str; 9] = [
    "sqlcmd",
    "osql",
    "isql",
    "bcp",
    "tsql",
    "fisql",
    "mssql-cli",
    "invoke-sqlcmd",
    "sqlcmd-go",
];
const SERVER_OPTIONS: [&str; 3] = ["-serverinstance", "--server", "-server"];

/// Whether a text begins as a command line does.
pub(super) fn is_one(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let more = first.len() < text.len();
    first.starts_with("-S")
        || SERVER_OPTIONS.contains(&first.to_ascii_lowercase().as_str())
        || more && is_program(first)
}

fn is_program(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'', '&']);
    let name = word
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    PROGRAMS.contains(&name.strip_suffix(".exe").unwrap_or(&name))
}

/// Reads the server behind `-S`. Faults are placed in `text`.
pub(super) fn read(text: &str) -> Result<Found, Fault> {
    let words = words(text);
    let mut server = None;
    let mut admin = false;
    for (index, word) in words.iter().enumerate() {
        let value = &word.value;
        admin |= value == "-A";
        let long = SERVER_OPTIONS
            .iter()
            .find(|option| value.to_ascii_lowercase() == **option);
        if matches!(value.as_ref(), "-S" | "/S") || long.is_some() {
            server = Some(
                words
                    .get(index + 1)
                    .cloned()
                    .ok_or_else(|| Fault::new(word.at.clone(), "no server follows this option"))?,
            );
        } else if let Some(attached) = attached(word) {
            server = Some(attached);
        }
    }
    let Some(server) = server else {
        return Err(
            Fault::new(0..text.len(), "this command line names no server")
                .hint("the server stands behind -S"),
        );
    };
    let mut found =
        server::read(&server.value, Separator::Comma).map_err(|fault| fault.within(&server))?;
    if admin && matches!(found.protocol, Protocol::Any | Protocol::Tcp) {
        found.protocol = Protocol::Admin;
    }
    Ok(found)
}

/// `-Shost`, `--server=host`
fn attached<'a>(word: &Piece<'a>) -> Option<Piece<'a>> {
    let skip = if word.value.starts_with("-S")
        && !word
            .value
            .get(..7)
            .is_some_and(|head| head.eq_ignore_ascii_case("-server"))
    {
        2
    } else {
        word.value.starts_with("--server=").then_some(9)?
    };
    let value = match &word.value {
        Cow::Borrowed(text) => Cow::Borrowed(&text[skip..]),
        Cow::Owned(text) => Cow::Owned(text[skip..].to_owned()),
    };
    (!value.is_empty()).then(|| Piece {
        value,
        at: word.at.start + skip..word.at.end,
    })
}

/// Words as cmd and PowerShell cut them: quotes hold together, a backslash is a backslash.
fn words(text: &str) -> Vec<Piece<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at + text[at..].len() - text[at..].trim_start().len();
        let mut inside = None;
        let end = text[start..].char_indices().find(|(_, c)| match inside {
            Some(quote) if quote == *c => {
                inside = None;
                false
            }
            Some(_) => false,
            None if matches!(c, '"' | '\'') => {
                inside = Some(*c);
                false
            }
            None => c.is_whitespace(),
        });
        let end = end.map_or(text.len(), |(offset, _)| start + offset);
        if start == end {
            break;
        }
        words.push(word(text, start, end));
        at = end;
    }
    words
}

fn word(text: &str, start: usize, end: usize) -> Piece<'_> {
    let raw = &text[start..end];
    for quote in ['"', '\''] {
        if let Some(inner) = raw
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
            .filter(|inner| !inner.contains(quote))
        {
            return Piece {
                value: Cow::Borrowed(inner),
                at: start + 1..end - 1,
            };
        }
    }
    let value = if raw.contains(['"', '\'']) {
        Cow::Owned(raw.replace(['"', '\''], ""))
    } else {
        Cow::Borrowed(raw)
    };
    Piece {
        value,
        at: start..end,
    }
}
