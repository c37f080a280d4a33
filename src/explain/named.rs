//! The server that a message names. Every candidate is parsed by [`crate::target`] or dropped.

use std::collections::HashSet;

use crate::target::{self, Host, Target};

/// The servers of a text.
#[derive(Default)]
pub(super) struct Names {
    /// The one that the client was told to reach, as far as the text says.
    pub(super) target: Option<Target>,
    /// All hosts, in small letters.
    hosts: HashSet<String>,
}

/// What may stand before a server.
struct Anchor {
    /// In small letters.
    before: &'static str,
    /// How much it says; the lower the better.
    rank: u8,
    /// Whether a word without a dot, port or instance is a server here.
    bare: bool,
}

const fn anchor(before: &'static str, rank: u8, bare: bool) -> Anchor {
    Anchor { before, rank, bare }
}

/// Messages first, then what a system call was given, then loose words.
const ANCHORS: &[Anchor] = &[
    anchor("establishing a connection to ", 1, true),
    anchor("connection to the host ", 1, true),
    anchor("failed to connect to ", 1, true),
    anchor("cannot connect to server ", 1, true),
    anchor("could not connect to server ", 1, true),
    anchor("cannot connect to ", 1, true),
    anchor("could not connect to ", 1, true),
    anchor("can't connect to ", 1, true),
    anchor("unable to connect to ", 1, true),
    anchor("error connecting to ", 1, true),
    anchor("connecting to ", 2, true),
    anchor("tcp connection with host ", 1, true),
    anchor("browser on host ", 1, true),
    anchor("sql server browser on ", 1, true),
    anchor("sql browser service at ", 1, true),
    anchor("returned from host ", 1, true),
    anchor("not found in ", 2, true),
    anchor("not found on server ", 1, true),
    anchor("unknown server host name ", 1, true),
    anchor("information from sql server: ", 1, true),
    anchor("unavailable or does not exist (", 1, true),
    anchor("server connection failed (", 2, true),
    anchor("connection timed out (", 2, true),
    anchor("eof from the server (", 2, true),
    anchor("while connecting to ", 1, true),
    anchor("getaddrinfo enotfound ", 2, true),
    anchor("getaddrinfo eai_again ", 2, true),
    anchor("unknownhostexception: ", 2, true),
    anchor("resolve host ", 2, true),
    anchor("wanted to match ", 2, true),
    anchor("cannot open server ", 2, true),
    anchor("lookup ", 3, false),
    anchor("with host ", 3, false),
    anchor("dial tcp ", 5, false),
    anchor("connect econnrefused ", 5, false),
    anchor("connect etimedout ", 5, false),
    anchor("connect ehostunreach ", 5, false),
    anchor("connect enetunreach ", 5, false),
    anchor("connect eacces ", 5, false),
    anchor("sqlcmd -s ", 1, true),
    anchor(" -s ", 3, false),
    anchor("server '", 4, true),
    anchor("host '", 4, true),
    anchor("server: ", 4, false),
    anchor("host: ", 4, false),
    anchor("server ", 6, false),
    anchor("host ", 6, false),
];

/// What begins a text that names a server in a grammar of its own.
const STRINGS: [&str; 9] = [
    "jdbc:sqlserver://",
    "jdbc:jtds:sqlserver://",
    "sqlserver://",
    "mssql+",
    "mssql://",
    "server=",
    "data source=",
    "addr=",
    "address=",
];

/// What an anchor may be followed by that is no server.
const NO_SERVER: [&str; 53] = [
    "mysql",
    "mariadb",
    "postgresql",
    "oracle",
    "mongodb",
    "redis",
    "sql",
    "sqlserver",
    "mssql",
    "server",
    "the",
    "a",
    "an",
    "host",
    "database",
    "db",
    "port",
    "tcp",
    "instance",
    "named",
    "your",
    "this",
    "to",
    "is",
    "at",
    "on",
    "by",
    "was",
    "local",
    "establish",
    "azure",
    "any",
    "data",
    "remote",
    "primary",
    "secondary",
    "backend",
    "endpoint",
    "specified",
    "requested",
    "target",
    "that",
    "its",
    "it",
    "service",
    "upstream",
    "proxy",
    "socket",
    "pool",
    "source",
    "default",
    "master",
    "following",
];

/// Anchors are looked for this often each.
const OFTEN: usize = 4;
/// Longer than any server.
const LONGEST: usize = 300;
/// Longer than any connection string in a message.
const LONGEST_STRING: usize = 2_000;

impl Names {
    /// Whether a word in small letters is a host that the text names.
    pub(super) fn has_host(&self, word: &str) -> bool {
        self.hosts.contains(word)
    }
}

/// Finds the servers of a text.
pub(super) fn names(text: &str) -> Names {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<(u8, Target)> = Vec::new();
    let mut hosts = HashSet::new();
    strings(text, &lower, &mut found);
    for anchor in ANCHORS {
        for (at, _) in lower.match_indices(anchor.before).take(OFTEN) {
            let from = at + anchor.before.len();
            let Some((word, behind)) = word_at(text, from, anchor) else {
                continue;
            };
            // Also a name that nobody could look up is no evidence.
            hosts.extend(host_of(&word));
            // Containers are called `sqlserver`: with a port behind it, it is no word.
            if behind.starts_with(" port ") {
                hosts.insert(word.to_ascii_lowercase());
            }
            if let Some(target) = target_of(&word, behind, &text[..from]) {
                found.push((anchor.rank, target));
            }
        }
    }
    hosts.extend(
        found
            .iter()
            .filter_map(|(_, target)| host_of(&target.host.to_string())),
    );
    // A port or an instance beside the name says more than the name.
    found.sort_by_key(|(rank, target)| {
        let bare = target.port.is_none() && target.instance.is_none();
        (*rank / 3, bare, *rank)
    });
    let target = found.into_iter().next().map(|(_, target)| target);
    Names { target, hosts }
}

/// Connection strings and URLs, each to the end of its line or quotes.
fn strings(text: &str, lower: &str, found: &mut Vec<(u8, Target)>) {
    for start in STRINGS {
        for (at, _) in lower.match_indices(start).take(OFTEN) {
            let before = lower[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, ':' | '_')) {
                continue;
            }
            let is_url = start.contains("//") || start.ends_with('+');
            let ends = |c: char| {
                matches!(c, '\n' | '\r')
                    || Some(c) == before.filter(|c| matches!(c, '"' | '\'' | '`'))
                    || is_url && (c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>'))
            };
            let rest = bounded(&text[at..], LONGEST_STRING);
            let string = &rest[..rest.find(ends).unwrap_or(rest.len())];
            if let Ok(target) = target::parse(string.trim_end_matches(['.', ')', ','])) {
                found.push((0, target));
            }
        }
    }
}

/// The host of a server's spelling, in small letters, if it cannot be a word of a sentence.
fn host_of(server: &str) -> Option<String> {
    let host = server
        .split([':', ',', '\\', '/'])
        .next()?
        .to_ascii_lowercase();
    (!host.is_empty() && !NO_SERVER.contains(&host.as_str())).then_some(host)
}

/// The word behind an anchor that may be a server, and what stands behind it.
fn word_at<'t>(text: &'t str, from: usize, anchor: &Anchor) -> Option<(String, &'t str)> {
    let quoted = anchor.before.ends_with('\'') || text[from..].starts_with(['\'', '"', '`']);
    let rest = bounded(&text[from..], LONGEST).trim_start_matches(['\'', '"', '`', '(']);
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '\'' | '"' | '`' | ')' | '(' | ';' | '<' | '>' | '|')
    };
    let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let behind = &rest[word.len()..];
    let word = word.trim_end_matches(['.', ',', ':']).replace("\\\\", "\\");
    let plain = word.to_ascii_lowercase();
    let has_name = word.chars().any(char::is_alphanumeric);
    let is_word =
        NO_SERVER.contains(&plain.as_str()) && !rest[plain.len()..].starts_with(", port ");
    if !has_name || is_word {
        return None;
    }
    let telling = word.contains(['.', '\\', ',', ':', '[']) && !plain.starts_with("http");
    (telling || anchor.bare || quoted).then_some((word, behind))
}

/// The word as a target, with a port or an instance that stands beside it.
fn target_of(word: &str, behind: &str, before: &str) -> Option<Target> {
    let port = labelled(behind, &[", port ", " port ", ", port: "]).filter(|port| *port != "0");
    let instance = labelled(
        behind,
        &[", named instance ", " named instance ", ", instance "],
    )
    .or_else(|| instance_before(before));
    let whole = match (port, instance) {
        (Some(port), _) if !word.contains([',', ':']) => format!("{word},{port}"),
        (None, Some(instance)) if !word.contains(['\\', ',', ':']) => format!("{word}\\{instance}"),
        _ => word.to_owned(),
    };
    // `host:0` names a host all the same.
    let host_only = || {
        word.rsplit_once([':', ','])
            .map(|(host, _)| host.to_owned())
    };
    target::parse(&whole)
        .ok()
        .or_else(|| target::parse(&host_only()?).ok())
        .filter(|target| {
            let says_so = word.to_ascii_lowercase().contains("local") || word.starts_with('.');
            target.host != Host::Local || says_so
        })
}

/// `…, port 1433`, `…, named instance prod`
fn labelled<'t>(text: &'t str, labels: &[&str]) -> Option<&'t str> {
    let label = labels.iter().find(|label| {
        text.get(..label.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(label))
    })?;
    let word = text[label.len()..].trim_start_matches(['\'', '"']);
    let end = word.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '#' | '@'));
    Some(&word[..end.unwrap_or(word.len())]).filter(|word| !word.is_empty())
}

/// `instance matching 'PROD' returned from host `, `Port for PROD not found in `,
/// `Instance PROD not found on server `
fn instance_before(text: &str) -> Option<&str> {
    let start = text.len().saturating_sub(LONGEST);
    let start = (start..=text.len()).find(|at| text.is_char_boundary(*at))?;
    let text = &text[start..];
    let lower = text.to_ascii_lowercase();
    let line = lower.rfind('\n').map_or(0, |at| at + 1);
    let is_ours = [
        "returned from host ",
        "not found in ",
        "not found on server ",
    ];
    if !is_ours
        .iter()
        .any(|end| lower.trim_end_matches('\'').ends_with(end))
    {
        return None;
    }
    ["matching ", "port for ", "instance "]
        .iter()
        .find_map(|label| {
            let at = lower[line..].find(label)? + line + label.len();
            labelled(&text[at..], &[""])
        })
}

fn bounded(text: &str, most: usize) -> &str {
    super::view::bounded(text, most)
}
