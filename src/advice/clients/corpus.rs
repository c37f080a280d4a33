//! The words of `clients.toml` against the messages of the real clients: a sentence that no real
//! message of that client and fault has is marked `unverified`, and no other is.

use std::collections::BTreeMap;

use super::Shown;
use crate::advice::template::{Piece, Template};

#[derive(serde::Deserialize)]
struct Message {
    client: String,
    fault: String,
    text: String,
}

/// The tables and the faults of the corpus that they speak of.
const FAULTS: [(&str, &[&str]); 17] = [
    ("name-has-no-address", &[]),
    (
        "dns-failing",
        &["servfail", "refusedns", "timeout", "slow10"],
    ),
    (
        "instance-not-located",
        &["ssrp_late", "ssrp_arpdead", "ssrp_admin"],
    ),
    ("instance-not-listed", &["ssrp_noinst", "ssrp_wrong"]),
    ("no-tcp", &["ssrp_notcp"]),
    ("refused", &["rst", "badport"]),
    ("timed-out", &["drop", "outdrop"]),
    ("host-unreachable", &["icmphost", "icmphostproh"]),
    ("network-unreachable", &["icmpnet", "noroute"]),
    ("engine-silent", &["silent", "halfpath"]),
    ("hung-up-close", &["acceptclose"]),
    ("hung-up-reset", &["plrst", "tlsrst", "mockstrict"]),
    ("not-sql", &["http", "ssh", "mysql"]),
    ("certificate-untrusted", &["pyok_verify"]),
    ("certificate-self-signed", &["selfsigned"]),
    ("certificate-expired", &["expired+labCAtrusted"]),
    ("encryption-not-supported", &["pyoknotls", "plnotsup"]),
];

/// The client of the corpus that a line speaks of; `None` for the others.
fn client(shown: &str) -> Option<&'static str> {
    let is = |word: &str| shown.contains(word);
    Some(match () {
        () if is("ODBC") && !is("Windows") && !is("without") => "msodbcsql18",
        () if shown == "JDBC" => "mssql-jdbc",
        () if shown == "tedious" => "tedious",
        () if is("go-mssqldb") => "go-mssqldb",
        () if is("pymssql") => "pymssql",
        () => return None,
    })
}

/// Without hosts, ports, times, addresses and quotes, so that only words are compared.
fn plain(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_place = bare.contains(".lab.test") || bare.parse::<std::net::IpAddr>().is_ok();
        let is_name = ["payroll", "nosuch"]
            .iter()
            .any(|name| bare.eq_ignore_ascii_case(name));
        if is_place
            || is_name
            || bare.starts_with(|c: char| c.is_ascii_digit()) && !bare.contains("error")
        {
            String::new()
        } else {
            bare.to_lowercase()
        }
    };
    let split =
        |c: char| c.is_whitespace() || matches!(c, '\\' | '/' | ':' | '=' | '[' | ']' | '(');
    let text = text.replace("\\n", " ");
    let words: Vec<String> = text
        .split(split)
        .map(word)
        .filter(|word| !word.is_empty())
        .collect();
    format!(" {} ", words.join(" "))
}

fn without_slots(Template(pieces): &Template) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        _ => " ".to_owned(),
    };
    pieces.iter().map(text).collect()
}

/// The parts of a line that stand in a message each by itself.
fn parts(text: &str) -> Vec<String> {
    let text = text
        .replace(", or: ", "; ")
        .replace(". ", "; ")
        .replace(" - ", "; ");
    let after_code = |part: &str| {
        let code = ["ESOCKET", "ETIMEOUT", "EINSTLOOKUP", "ELOGIN", "EENCRYPT"];
        let cut = code
            .iter()
            .find_map(|code| part.strip_prefix(&format!("{code}: ")));
        cut.unwrap_or(part).to_owned()
    };
    // What stands in brackets of its own is a remark of ours.
    text.split("; ")
        .filter(|part| !part.starts_with("(This "))
        .map(|part| plain(&after_code(part)))
        .collect()
}

#[test]
fn every_sentence_of_a_client_of_the_corpus_is_one_that_it_shows() {
    let messages: Vec<Message> = include_str!("../../../tests/data/client-errors.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let tables: BTreeMap<String, Vec<Shown>> =
        toml::from_str(include_str!("../../../assets/messages/clients.toml")).unwrap();
    let mut odd = Vec::new();
    let mut compared = 0;
    for (table, faults) in FAULTS {
        for Shown {
            client: name,
            text,
            unverified,
            ..
        } in &tables[table]
        {
            let Some(real) = client(name) else { continue };
            let filled = without_slots(text);
            let seen = messages
                .iter()
                .filter(|message| {
                    message.client == real && faults.contains(&message.fault.as_str())
                })
                .map(|message| plain(&message.text));
            let seen: Vec<String> = seen.collect();
            let is_real = parts(&filled)
                .iter()
                .all(|part| seen.iter().any(|message| message.contains(part.as_str())));
            compared += 1;
            if is_real == *unverified {
                odd.push(format!(
                    "{table}, {name}, unverified={unverified}: {filled}"
                ));
            }
        }
    }
    assert!(compared > 50, "{compared}");
    let count = odd.len();
    assert!(odd.is_empty(), "{count} of {compared}:\n{}", odd.join("\n"));
}
