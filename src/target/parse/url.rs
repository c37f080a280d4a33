//! `sqlserver://user:password@host[:port][/INSTANCE]?…` of Go, and SQLAlchemy's
//! `mssql+driver://…/database?…`, whose path is no instance.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::server::{self, Separator};
use super::{Fault, Found, Piece, connection_string};
use crate::target::secret::user_ends;
use crate::target::{InstanceName, Protocol};

/// The scheme of a URL, as given.
pub(super) fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(fit))
        .then_some(scheme)
}

/// Reads a URL with that scheme. Faults are placed in `text`.
pub(super) fn read(text: &str, scheme: &str) -> Result<Found, Fault> {
    let lower = scheme.to_ascii_lowercase();
    let path_is_database = lower == "mssql" || lower.starts_with("mssql+");
    if !path_is_database && !matches!(lower.as_str(), "sqlserver" | "azuresql") {
        let fault = Fault::new(
            0..scheme.len() + 3,
            format!("{lower}:// does not reach SQL Server"),
        );
        return Err(fault.hint("the server alone, host,port, or sqlserver://host:port"));
    }
    let behind = scheme.len() + 3;
    let start = behind + user_ends(&text[behind..]).map_or(0, |at| at + 1);
    let path = text[start..]
        .find(['/', '?', '#'])
        .map_or(text.len(), |found| start + found);
    let query = text[path..]
        .find('?')
        .map_or(text.len(), |found| path + found);

    if let Some(string) = parameter(text, query, &["odbc_connect"]) {
        return connection_string::read(&string.value).map_err(|fault| fault.within(&string));
    }
    let mut found = host(&decoded(text, start, path))?;
    if !path_is_database {
        let instance = text[path..query]
            .strip_prefix('/')
            .unwrap_or_default()
            .trim_end_matches('/');
        if !instance.is_empty() {
            found.instance = Some(instance_of(&decoded(
                text,
                path + 1,
                path + 1 + instance.len(),
            ))?);
        }
    }
    if let Some(name) =
        parameter(text, query, &["instancename", "instance"]).filter(|_| found.instance.is_none())
    {
        found.instance = Some(instance_of(&name)?);
    }
    match parameter(text, query, &["protocol"])
        .map(|piece| piece.value.to_ascii_lowercase())
        .as_deref()
    {
        Some("np") => found.protocol = Protocol::NamedPipes,
        Some("lpc") => found.protocol = Protocol::SharedMemory,
        Some("admin") => found.protocol = Protocol::Admin,
        Some("tcp") => found.protocol = Protocol::Tcp,
        _ => {}
    }
    Ok(found)
}

fn host(piece: &Piece<'_>) -> Result<Found, Fault> {
    if piece.value.trim().is_empty() {
        return Err(
            Fault::new(piece.at.clone(), "the URL names no host").hint("sqlserver://host:1433")
        );
    }
    server::read(&piece.value, Separator::Colon).map_err(|fault| fault.within(piece))
}

fn instance_of(piece: &Piece<'_>) -> Result<InstanceName, Fault> {
    InstanceName::new(&piece.value)
        .map_err(|error| Fault::token(error, 0..piece.value.len(), &piece.value).within(piece))
}

/// A part of the text with `%5C` as `\`.
fn decoded(text: &str, start: usize, end: usize) -> Piece<'_> {
    let value = percent_decode_str(&text[start..end]).decode_utf8_lossy();
    Piece {
        value,
        at: start..end,
    }
}

/// The value of the first of these parameters (lower case) in the query.
fn parameter<'a>(text: &'a str, query: usize, names: &[&str]) -> Option<Piece<'a>> {
    let mut at = query + 1;
    for parameter in text.get(at..)?.split('&') {
        let start = at;
        at += parameter.len() + 1;
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        if !names.contains(&name.to_ascii_lowercase().as_str()) || value.is_empty() {
            continue;
        }
        let from = start + name.len() + 1;
        let piece = decoded(text, from, from + value.len());
        // In a query `+` is a blank; decode it before the percent signs.
        return Some(if value.contains('+') {
            let value = value.replace('+', " ");
            Piece {
                value: Cow::Owned(percent_decode_str(&value).decode_utf8_lossy().into_owned()),
                at: piece.at,
            }
        } else {
            piece
        });
    }
    None
}
