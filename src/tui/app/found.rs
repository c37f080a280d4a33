//! What an audit found on a host, as servers that can be added.

use std::collections::HashSet;

use super::App;
use crate::config::edit::Entry;
use crate::config::import::Import;
use crate::diagnosis::audit::{Answers, Line, compare};
use crate::evidence::Audit;
use crate::target::{DEFAULT_INSTANCE, Host, InstanceName, Port};

/// A server that was found: how a client spells it, what else means the same, and its name
/// where the spelling has none.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    server: String,
    also: String,
    name: Option<String>,
}

impl App {
    /// Opens what the audit on the screen found. Returns whether there is such an audit.
    pub(super) fn add_what_was_found(&mut self) -> bool {
        let row = self.drilled().filter(|_| self.tab == super::Tab::Browser);
        let Some(row) = row else {
            return false;
        };
        let (Ok(target), Some(audit)) = (&row.instance.target, &row.audit) else {
            return false;
        };
        let import = found(&target.host, audit);
        let host = target.host.to_string();
        if import.items.is_empty() {
            self.say(format!("nothing was found on {host} that could be added"));
        } else {
            self.review(format!("found on {host}"), import);
        }
        true
    }
}

/// Everything that is listed or answers, each server once.
fn found(host: &Host, audit: &Audit) -> Import {
    let mut import = Import::counting(None);
    let mut seen = HashSet::new();
    let comparisons = compare(audit);
    for (at, line) in comparisons.iter().flat_map(|it| &it.lines).enumerate() {
        match server(host, line) {
            Some(Ok(found)) if seen.insert(found.server.clone()) => {
                let entry = Entry {
                    server: found.server,
                    name: found.name,
                    ..Entry::default()
                };
                import.found(entry, found.also);
            }
            Some(Err((text, why))) if seen.insert(text.clone()) => {
                import.refuse(at + 1, &text, why);
            }
            _ => {}
        }
    }
    import
}

/// The server that a line of an audit is about; `None` for a port that was tried in vain.
fn server(host: &Host, line: &Line) -> Option<Result<Found, (String, &'static str)>> {
    let given = line.instance.as_ref();
    let name = given.and_then(|name| InstanceName::new(name.raw()).ok());
    let is_default = given.is_none_or(|name| name.raw().eq_ignore_ascii_case(DEFAULT_INSTANCE));
    let named = match &name {
        Some(name) if !is_default => format!(r"{host}\{name}"),
        _ => host.to_string(),
    };
    if given.is_some() && name.is_none() {
        let text = given.map(|name| name.clean(60)).unwrap_or_default();
        return Some(Err((text, "no instance has such a name")));
    }
    let answers = matches!(line.answers, Answers::Engine { .. });
    let port = match (line.advertised, line.port.filter(|_| answers)) {
        (Some(port), _) if line.listed => port,
        (_, Some(port)) => port,
        _ if line.listed => return Some(Err((named, "Browser lists no TCP port for it"))),
        _ => return None,
    };
    let with_port = format!("{host},{port}");
    let by_browser = line.listed && line.advertised.is_some() && !is_default;
    let is_plain = is_default && port == Port::DEFAULT;
    Some(Ok(if by_browser || is_plain {
        Found {
            server: named,
            also: with_port,
            name: None,
        }
    } else {
        // Nobody would tell a client the port.
        Found {
            name: (named != host.to_string()).then(|| named.clone()),
            server: with_port,
            also: named,
        }
    }))
}
