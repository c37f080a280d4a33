//! Passwords in the command lines of SQL Server's clients.

use std::ops::Range;

use super::scan::{find, line_end, while_in, word_end};
use super::view::View;

/// Programs that take the password behind `-P` (and `-Z` to change it).
const CLIENTS: [&str; 11] = [
    "sqlcmd",
    "osql",
    "isql",
    "bcp",
    "tsql",
    "fisql",
    "bsqldb",
    "mssql-cli",
    "defncopy",
    "datacopy",
    "dtexec",
];

/// `sqlcmd -S host -U sa -P secret`: also `-Psecret`, `/P secret`, quoted, and without the program.
pub(super) fn options(view: &View, found: &mut Vec<Range<usize>>) {
    let text = &view.bytes;
    let mut start = 0;
    while start < text.len() {
        let end = line_end(text, start);
        let mut at = start;
        let is_client = is_client_line(text, start, end);
        let is_command = is_command_line(view, start, end);
        // Without any sign of a client only a `-P` that stands alone.
        let password = |at: usize| {
            view.is_upper(at, b'p')
                && !text[at..].starts_with(b"password")
                && (is_command || text.get(at + 1) == Some(&b' '))
        };
        while at + 1 < end {
            let begins = at == start || matches!(text[at - 1], b' ' | b'"' | b'\'' | b'`');
            if begins
                && matches!(text[at], b'-' | b'/')
                && (password(at + 1) || is_client && text[at + 1] == b'z')
            {
                let value = while_in(text, at + 2, |byte| byte == b' ');
                let value_ends = word_end(text, value);
                found.push(value..value_ends);
                at = value_ends;
            } else {
                at += 1;
            }
        }
        start = end + 1;
    }
}

/// A client is named, or its options for the server or the login are there.
fn is_command_line(view: &View, start: usize, end: usize) -> bool {
    let text = &view.bytes;
    let option = |at: usize| at > start && text[at - 1] == b' ' || at == start;
    is_client_line(text, start, end)
        || (start..end.saturating_sub(1)).any(|at| {
            matches!(text[at], b'-' | b'/')
                && option(at)
                && (view.is_upper(at + 1, b's') || view.is_upper(at + 1, b'u'))
        })
}

fn is_client_line(text: &[u8], start: usize, end: usize) -> bool {
    CLIENTS
        .iter()
        .any(|client| find(&text[..end], client.as_bytes(), start).is_some())
}
