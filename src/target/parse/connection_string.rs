//! ADO.NET, ODBC and OLE DB connection strings.

use super::pairs::{self, Pair};
use super::server::{self, Separator};
use super::{Fault, Found};
use crate::target::{InstanceName, Protocol, Remark};

/// Every keyword that names the server, in the order in which OLE DB and ODBC prefer them
/// (there `Address` overrides `Server`).
const SERVER_KEYS: [&str; 8] = [
    "address",
    "addr",
    "networkaddress",
    "datasource",
    "server",
    "servername",
    "host",
    "hostname",
];

/// Reads a connection string. Faults are placed in `text`.
pub(super) fn read(text: &str) -> Result<Found, Fault> {
    let (pairs, stray) = pairs::read(text);
    let Some(pair) = server_pair(&pairs) else {
        return Err(without_server(text, &pairs, stray));
    };
    if let Some(open) = pair.open {
        return Err(never_closed(text, open));
    }
    if pair.value.value.trim().is_empty() {
        return Err(Fault::new(pair.key_at.clone(), "this keyword has no value")
            .hint(r"Server=host, Server=host,port or Server=host\INSTANCE"));
    }
    let mut found = server::read(&pair.value.value, Separator::Comma)
        .map_err(|fault| fault.within(&pair.value))?;
    if pair.blank_before {
        found.remarks.push(Remark::BlankAfterEquals);
    }
    more(&pairs, &mut found)?;
    Ok(found)
}

/// Which of several servers a driver takes.
fn server_pair<'p, 't>(pairs: &'p [Pair<'t>]) -> Option<&'p Pair<'t>> {
    let has = |keys: &[&str]| pairs.iter().any(|pair| keys.contains(&pair.key.as_str()));
    let named: Vec<&Pair<'_>> = pairs
        .iter()
        .filter(|pair| SERVER_KEYS.contains(&pair.key.as_str()))
        .collect();
    let rank = |pair: &Pair<'_>| SERVER_KEYS.iter().position(|key| *key == pair.key);
    if has(&["provider", "driver", "dsn", "filedsn"]) {
        // The first of equal keywords, as in ODBC.
        named.into_iter().min_by_key(|pair| rank(pair))
    } else {
        // In ADO.NET they are one keyword, and the last one counts.
        named.into_iter().last()
    }
}

/// Keywords beside the server that say where to connect (FreeTDS has `Port`, Go `protocol`).
fn more(pairs: &[Pair<'_>], found: &mut Found) -> Result<(), Fault> {
    for pair in pairs {
        let value = pair.value.value.trim();
        match pair.key.as_str() {
            "port" | "portnumber" if found.port.is_none() && !value.is_empty() => {
                found.port =
                    Some(server::number(value).map_err(|fault| fault.within(&pair.value))?);
            }
            "instance" | "instancename" if found.instance.is_none() && !value.is_empty() => {
                found.instance = Some(instance(pair)?);
            }
            "networklibrary" | "network" | "net" | "protocol"
                if found.protocol == Protocol::Any =>
            {
                found.protocol = library(value);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The instance that a keyword of its own names.
pub(super) fn instance(pair: &Pair<'_>) -> Result<InstanceName, Fault> {
    let value = pair.value.value.trim();
    InstanceName::new(value)
        .map_err(|error| Fault::token(error, 0..value.len(), value).within(&pair.value))
}

/// `Network Library=DBMSSOCN`; what is unknown changes nothing.
fn library(value: &str) -> Protocol {
    match value.to_ascii_lowercase().as_str() {
        "dbmssocn" | "tcp" => Protocol::Tcp,
        "dbnmpntw" | "np" => Protocol::NamedPipes,
        "dbmslpcn" | "lpc" => Protocol::SharedMemory,
        "admin" => Protocol::Admin,
        _ => Protocol::Any,
    }
}

fn never_closed(text: &str, open: usize) -> Fault {
    let (what, hint) = match text[open..].chars().next() {
        Some('{') => (
            "brace '{'",
            "the value ends with }, and }} stands for one inside it",
        ),
        Some('\'') => (
            "quote '",
            "the value ends with ', and '' stands for one inside it",
        ),
        _ => (
            "quote \"",
            "the value ends with \", and \"\" stands for one inside it",
        ),
    };
    Fault::new(open..open + 1, format!("the {what} is never closed")).hint(hint)
}

fn without_server(text: &str, pairs: &[Pair<'_>], stray: Option<Fault>) -> Fault {
    if let Some(open) = pairs.iter().find_map(|pair| pair.open) {
        return never_closed(text, open);
    }
    if let Some(dsn) = pairs
        .iter()
        .find(|pair| matches!(pair.key.as_str(), "dsn" | "filedsn"))
    {
        let at = dsn.key_at.start..dsn.value.at.end;
        return Fault::new(
            at,
            "a DSN names a server in the settings of one machine, not here",
        )
        .hint("add the server that it stands for: Server=host,port");
    }
    let near = |pair: &&Pair<'_>| {
        SERVER_KEYS
            .iter()
            .find(|key| strsim::osa_distance(key, &pair.key) == 1)
            .map(|_| ())
    };
    if let Some(pair) = pairs.iter().find(|pair| near(pair).is_some()) {
        return Fault::new(
            pair.key_at.clone(),
            "this keyword is unknown, and no other one names the server",
        )
        .hint("did you mean Server= or Data Source=?");
    }
    if let Some(stray) = stray {
        let first = pairs
            .first()
            .is_none_or(|pair| stray.at.start < pair.key_at.start);
        return if first {
            stray.hint("begin with Server=")
        } else {
            stray
        };
    }
    Fault::new(0..text.len(), "no keyword names the server")
        .hint("add Server=host,port (or Data Source, Address, Addr, Network Address)")
}
