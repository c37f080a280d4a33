//! What a diagnosis says, put into words by `assets/messages/said.toml`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use jiff::Timestamp;

use super::facts;
use crate::diagnosis::{Case, Said, Value};
use crate::evidence::{ResponseCode, Service, Version};
use crate::target::{DEFAULT_INSTANCE, Plainly};

/// The templates by key, cut at their slots.
static TEMPLATES: LazyLock<HashMap<String, Vec<Piece>, foldhash::fast::FixedState>> =
    LazyLock::new(|| {
        let tables = toml::from_str::<HashMap<String, HashMap<String, String>>>(include_str!(
            "../../assets/messages/said.toml"
        ));
        // A test loads the file that is compiled in here; a key without a template shows as itself.
        let tables = tables.unwrap_or_default();
        tables
            .into_values()
            .flatten()
            .map(|(key, template)| (key, pieces(&template)))
            .collect()
    });

/// A part of a template.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Slot(String),
}

/// The statement in words. Every value in it is a checked token, an address or a number,
/// so that nothing from the network reaches the screen through here.
pub(super) fn sentence(said: &Said, case: &Case<'_>) -> String {
    let Some(template) = TEMPLATES.get(said.key()) else {
        return said.key().to_owned();
    };
    let mut sentence = String::with_capacity(96);
    for piece in template {
        match piece {
            Piece::Text(text) => sentence.push_str(text),
            Piece::Slot(slot) => fill(&mut sentence, slot, said, case),
        }
    }
    sentence
}

pub(super) fn pieces(template: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((slot, after)) = after.split_once('}') else {
            break;
        };
        pieces.push(Piece::Text(text.to_owned()));
        pieces.push(Piece::Slot(slot.to_owned()));
        rest = after;
    }
    pieces.push(Piece::Text(rest.to_owned()));
    pieces
}

/// The slots that every statement has, from its case.
#[cfg(test)]
const OF_THE_CASE: [&str; 3] = ["host", "instance", "me"];

fn fill(sentence: &mut String, slot: &str, said: &Said, case: &Case<'_>) {
    // Writing to a String does not fail.
    let _ = match (said.value(slot), slot) {
        (Some(value), _) => write_value(sentence, value, case.evidence.at),
        (None, "host") => write!(sentence, "{}", case.target.host),
        (None, "instance") => match facts::known_instance(case) {
            Some(instance) => write!(sentence, "{instance}"),
            None => write!(sentence, "{DEFAULT_INSTANCE}"),
        },
        (None, "me") => write!(sentence, "{}", case.surroundings.vantage.host),
        (None, unknown) => write!(sentence, "{unknown}"),
    };
}

fn write_value(sentence: &mut String, value: Value, probe: Timestamp) -> std::fmt::Result {
    match value {
        Value::Address(address) => write!(sentence, "{}", Plainly(address)),
        Value::Endpoint(endpoint) => write!(sentence, "{}", Plainly(endpoint)),
        Value::Port(port) => write!(sentence, "{port}"),
        Value::Count(count) => write!(sentence, "{count}"),
        Value::Elapsed(elapsed) => write!(sentence, "{elapsed}"),
        Value::Time(then) => sentence.write_str(&before(then, probe)),
        Value::Version(version) => sentence.write_str(&product(version)),
        Value::Service(service) => sentence.write_str(service_name(service)),
        Value::Code(code) => sentence.write_str(code_name(code)),
        Value::Ports(ports) => write!(sentence, "{ports}"),
    }
}

/// `3m12s before this probe`: two units, as in the column SINCE. It counts to the probe that
/// the statement is about, which may be older than the moment of reading. A clock time would
/// need a time zone, and the probe's and the reader's may differ.
fn before(then: Timestamp, probe: Timestamp) -> String {
    let seconds = probe.as_second().saturating_sub(then.as_second());
    match seconds {
        ..1 => "just before this probe".to_owned(),
        _ => format!("{} before this probe", length(seconds)),
    }
}

/// `12s`, `3m12s`, `2h01m`, `2d04h`.
pub(super) fn length(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..86400 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86400, seconds / 3600 % 24),
    }
}

/// What a version is called: `SQL Server 2022 (16.0.4105.2)`.
pub fn product(version: Version) -> String {
    match version.product() {
        Some(product) => format!("{product} ({version})"),
        None => format!("SQL Server {version}"),
    }
}

/// What a service is called.
pub fn service_name(service: Service) -> &'static str {
    match service {
        Service::Http => "HTTP",
        Service::Ssh => "SSH",
        Service::Ftp => "FTP",
        Service::Smtp => "SMTP",
        Service::MySql => "MySQL",
        Service::PostgreSql => "PostgreSQL",
        Service::TlsFirst => "a TLS service",
        Service::Unknown => "an unknown service",
    }
}

fn code_name(code: ResponseCode) -> &'static str {
    match code {
        ResponseCode::Ok => "NOERROR",
        ResponseCode::Empty => "an empty answer",
        ResponseCode::NxDomain => "NXDOMAIN",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::TimedOut => "nothing",
        ResponseCode::Cut => "a cut answer and nothing by TCP",
        ResponseCode::Other => "nonsense",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use rstest::rstest;

    use super::{OF_THE_CASE, Piece, before, pieces, sentence};
    use crate::diagnosis::{Said, Scene};

    fn file() -> HashMap<String, HashMap<String, String>> {
        toml::from_str(include_str!("../../assets/messages/said.toml")).unwrap()
    }

    #[test]
    fn every_statement_has_one_template_and_every_template_a_statement() {
        let mut templates: Vec<_> = file().into_values().flatten().map(|(key, _)| key).collect();
        templates.sort();
        let mut statements: Vec<_> = Said::VARIANTS
            .iter()
            .map(|(key, _)| (*key).to_owned())
            .collect();
        statements.sort();
        assert_eq!(templates, statements);
    }

    #[test]
    fn every_slot_is_known_and_every_value_is_said() {
        let templates: HashMap<_, _> = file().into_values().flatten().collect();
        for (key, slots) in Said::VARIANTS {
            let used: BTreeSet<_> = pieces(&templates[*key])
                .into_iter()
                .filter_map(|piece| match piece {
                    Piece::Slot(slot) => Some(slot),
                    Piece::Text(_) => None,
                })
                .collect();
            for slot in &used {
                assert!(
                    slots.contains(&slot.as_str()) || OF_THE_CASE.contains(&slot.as_str()),
                    "{key}: {slot}"
                );
            }
            for slot in *slots {
                // "The host" is the one that the diagnosis speaks of.
                let said_elsewhere = *slot == "address" && templates[*key].starts_with("the host ");
                assert!(
                    used.contains(*slot) || said_elsewhere,
                    "{key} does not say {slot}"
                );
            }
        }
    }

    #[test]
    fn sentences_are_whole_and_fit_a_screen() {
        let scene = Scene::new(r"sales01\PROD");
        for said in Said::samples() {
            let sentence = sentence(&said, &scene.case());
            assert!(!sentence.contains(['{', '}']), "{sentence}");
            assert!(!sentence.chars().any(char::is_control), "{sentence}");
            assert!(sentence.len() <= 160, "{} is long: {sentence}", said.key());
            assert!(
                !sentence.ends_with(' ') && !sentence.contains("  "),
                "{sentence}"
            );
        }
    }

    #[test]
    fn headlines_and_findings_are_sentences_and_reasons_are_parts_of_a_list() {
        for (table, templates) in file() {
            let sentences = matches!(table.as_str(), "headline" | "finding");
            for (key, template) in templates {
                assert_eq!(
                    template.ends_with('.'),
                    sentences,
                    "{table}.{key}: {template}"
                );
            }
        }
    }

    #[test]
    fn a_statement_names_the_instance_and_its_values() {
        let scene = Scene::new(r"sales01\PROD");
        let port = crate::target::Port::literal(50123);
        let said = Said::AdvertisedPortRefused {
            address: "10.0.4.12".parse().unwrap(),
            port,
        };
        assert_eq!(
            sentence(&said, &scene.case()),
            "Browser advertises tcp 50123 for PROD; 10.0.4.12 refused it: nothing accepts connections there."
        );
    }

    #[rstest]
    #[case::now(0, "just before this probe")]
    #[case::clock_went_back(-5, "just before this probe")]
    #[case::seconds(59, "59s before this probe")]
    #[case::minutes(192, "3m12s before this probe")]
    #[case::hours(7260, "2h01m before this probe")]
    #[case::days(187_200, "2d04h before this probe")]
    fn a_moment_is_told_as_the_time_before_the_probe(#[case] seconds: i64, #[case] told: &str) {
        let probe: jiff::Timestamp = "2026-11-22T08:00:00Z".parse().unwrap();
        let then = probe - jiff::SignedDuration::from_secs(seconds);
        assert_eq!(before(then, probe), told);
    }
}
