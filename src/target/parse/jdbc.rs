//! `jdbc:sqlserver://[server[\INSTANCE][:port]][;property=value]`, and jTDS's form of it.

use super::connection_string;
use super::pairs::{self, Pair};
use super::server::{self, Separator};
use super::{Fault, Found};

const MICROSOFT: [&str; 2] = ["jdbc:sqlserver://", "jdbc:microsoft:sqlserver://"];
const JTDS: &str = "jdbc:jtds:sqlserver://";

/// Reads a JDBC URL. Faults are placed in `text`.
pub(super) fn read(text: &str) -> Result<Found, Fault> {
    let lower = text.to_ascii_lowercase();
    let microsoft = MICROSOFT
        .into_iter()
        .find(|prefix| lower.starts_with(prefix));
    let Some(prefix) = microsoft.or_else(|| lower.starts_with(JTDS).then_some(JTDS)) else {
        return Err(not_ours(&lower));
    };
    let start = prefix.len();
    let head_ends = text[start..]
        .find(';')
        .map_or(text.len(), |found| start + found);
    // jTDS: host:port/database. In Microsoft's form `/` is a mistake for `\`, but for one
    // at the very end, which its driver drops.
    let head = &text[start..head_ends];
    let head = if prefix == JTDS {
        head.split('/').next().unwrap_or_default()
    } else {
        head.strip_suffix('/').unwrap_or(head)
    };

    let (pairs, _) = pairs::read(&text[head_ends..]);
    let pairs: Vec<Pair<'_>> = pairs
        .into_iter()
        .map(|pair| moved(pair, head_ends))
        .collect();
    let property = |names: &[&str]| {
        pairs
            .iter()
            .rev()
            .find(|pair| names.contains(&pair.key.as_str()) && !pair.value.value.trim().is_empty())
    };
    let mut found = match property(&["servername", "server"]) {
        Some(pair) if pair.open.is_some() => {
            return Err(
                Fault::new(pair.value.at.clone(), "the brace '{' is never closed")
                    .hint("the value ends with }"),
            );
        }
        Some(pair) => server::read(&pair.value.value, Separator::Colon)
            .map_err(|fault| fault.within(&pair.value))?,
        None if head.trim().is_empty() => {
            return Err(Fault::new(
                0..head_ends,
                "no server is named, neither after // nor as serverName=",
            )
            .hint("jdbc:sqlserver://host:1433"));
        }
        None => server::read(head, Separator::Colon).map_err(|fault| fault.moved(start))?,
    };
    if let Some(pair) = property(&["portnumber", "port"]) {
        found.port =
            Some(server::number(&pair.value.value).map_err(|fault| fault.within(&pair.value))?);
    }
    if let Some(pair) = property(&["instancename", "instance"]) {
        found.instance = Some(connection_string::instance(pair)?);
    }
    Ok(found)
}

fn moved(mut pair: Pair<'_>, offset: usize) -> Pair<'_> {
    pair.key_at = pair.key_at.start + offset..pair.key_at.end + offset;
    pair.value.at = pair.value.at.start + offset..pair.value.at.end + offset;
    pair
}

fn not_ours(lower: &str) -> Fault {
    let end = lower[5..].find(':').map_or(lower.len(), |found| 5 + found);
    if matches!(&lower[5..end], "sqlserver" | "jtds" | "microsoft") {
        return Fault::new(0..end, "after the driver's name :// is missing")
            .hint("jdbc:sqlserver://host:1433");
    }
    Fault::new(5..end, "this JDBC driver does not reach SQL Server")
        .hint("jdbc:sqlserver://host:1433")
}
