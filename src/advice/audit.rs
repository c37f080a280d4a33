//! What a difference of an audit means, in the words of `assets/messages/audit.toml`.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::said::{Piece, pieces, product, service_name};
use crate::diagnosis::audit::{Difference, Line};
use crate::target::Untrusted;

/// A name in a sentence is not wider.
const NAME: usize = 32;

static WORDS: LazyLock<HashMap<String, Words>> = LazyLock::new(|| {
    // A test loads the file that is compiled in here; a difference without words shows its id.
    toml::from_str(include_str!("../../assets/messages/audit.toml")).unwrap_or_default()
});

/// The words of one difference, with slots.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    means: String,
    silent: Option<String>,
    clustered: Option<String>,
    found: Option<String>,
    todo: String,
}

/// A difference in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Meaning {
    /// What it means for a client, in one sentence.
    pub means: String,
    /// What to do, in one sentence.
    pub todo: String,
}

/// The words for a difference of one line, or of Browser itself, at an address. Whatever
/// came from the network is shown clean.
pub fn meaning(difference: &Difference, line: Option<&Line>, address: IpAddr) -> Meaning {
    let (id, case) = difference.case();
    let Some(words) = WORDS.get(id) else {
        return Meaning {
            means: id.to_owned(),
            todo: String::new(),
        };
    };
    let wording = match case {
        Some("silent") => words.silent.as_ref(),
        Some("clustered") => words.clustered.as_ref(),
        Some("found") => words.found.as_ref(),
        _ => None,
    };
    let means = wording.unwrap_or(&words.means);
    let fill = |template: &str| {
        let mut sentence = String::with_capacity(128);
        for piece in pieces(template) {
            match piece {
                Piece::Text(text) => sentence.push_str(&text),
                Piece::Slot(slot) => write_slot(&mut sentence, &slot, difference, line, address),
            }
        }
        sentence
    };
    Meaning {
        means: fill(means),
        todo: fill(&words.todo),
    }
}

fn write_slot(
    sentence: &mut String,
    slot: &str,
    difference: &Difference,
    line: Option<&Line>,
    address: IpAddr,
) {
    let name = |name: &Untrusted| name.clean(NAME);
    // Writing to a String does not fail.
    let _ = match (slot, difference) {
        ("address", _) => write!(sentence, "{address}"),
        ("instance", _) => {
            let instance = line.and_then(|line| line.instance.as_ref()).map(name);
            sentence.write_str(instance.as_deref().unwrap_or("an instance"))
        }
        (
            "port",
            Difference::StalePort { port, .. }
            | Difference::PortTaken { port, .. }
            | Difference::OtherInstance { port, .. }
            | Difference::HiddenInstance { port }
            | Difference::SharedPort { port, .. }
            | Difference::SilentEngine { port },
        )
        | (
            "found",
            Difference::StalePort {
                found: Some(port), ..
            },
        ) => write!(sentence, "{port}"),
        ("service", Difference::PortTaken { service, .. }) => {
            sentence.write_str(service_name(*service))
        }
        ("who", Difference::OtherInstance { who, .. }) => sentence.write_str(
            who.as_ref()
                .map(name)
                .as_deref()
                .unwrap_or("another instance"),
        ),
        ("listed", Difference::VersionDrift { listed, .. }) => sentence.write_str(&name(listed)),
        ("version", Difference::VersionDrift { version, .. }) => {
            sentence.write_str(&product(*version))
        }
        ("with", Difference::SharedPort { with, .. }) => sentence.write_str(&name(with)),
        ("from", Difference::AnsweredElsewhere { from }) => write!(sentence, "{from}"),
        ("by", Difference::Unreachable { by }) => write!(sentence, "{by}"),
        ("tries", Difference::AnsweredLate { tries, .. }) => write!(sentence, "{tries}"),
        ("took", Difference::AnsweredLate { took, .. }) => write!(sentence, "{took}"),
        // A test renders every sentence; what is left over shows as itself.
        (unknown, _) => write!(sentence, "{{{unknown}}}"),
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::diagnosis::audit::Answers;
    use crate::evidence::{ConnectStatus, Service};
    use crate::target::Port;

    const PORT: Port = Port::literal(50123);

    fn text(text: &str) -> Untrusted {
        Untrusted::from(text.to_owned())
    }

    fn stale(silent: bool, clustered: bool, found: Option<Port>) -> Difference {
        Difference::StalePort {
            port: PORT,
            silent,
            clustered,
            found,
        }
    }

    fn other(who: Option<&str>, clustered: bool) -> Difference {
        Difference::OtherInstance {
            port: PORT,
            who: who.map(text),
            clustered,
        }
    }

    /// Every difference, in every wording that it has.
    fn samples() -> Vec<Difference> {
        vec![
            stale(false, false, None),
            stale(true, false, None),
            stale(true, true, None),
            stale(true, false, Some(Port::literal(50999))),
            Difference::PortTaken {
                port: PORT,
                service: Service::Http,
            },
            other(None, false),
            other(Some("TEST"), false),
            other(Some("TEST"), true),
            Difference::VersionDrift {
                listed: text("15.0.2000.5"),
                version: "16.0.4105.2".parse().unwrap(),
            },
            Difference::HiddenInstance { port: PORT },
            Difference::SharedPort {
                port: PORT,
                with: text("TEST"),
            },
            Difference::NoTcp,
            Difference::AnsweredElsewhere {
                from: "10.0.4.13:1434".parse().unwrap(),
            },
            Difference::AnsweredLate {
                tries: 2,
                took: Duration::from_millis(500).into(),
            },
            Difference::BrowserSilent,
            Difference::BrowserRefused,
            Difference::ReplyMalformed,
            Difference::SilentEngine { port: PORT },
            Difference::StoppedHere,
            Difference::Unreachable {
                by: "10.0.9.1".parse().unwrap(),
            },
        ]
    }

    fn line(instance: &str) -> Line {
        Line {
            instance: Some(text(instance)),
            listed: true,
            advertised: Some(PORT),
            port: Some(PORT),
            known_by: None,
            connect: ConnectStatus::Open,
            answers: Answers::NotAsked,
            differences: Vec::new(),
        }
    }

    fn said(difference: &Difference, instance: &str) -> Meaning {
        let address = "10.0.4.12".parse().unwrap();
        meaning(difference, Some(&line(instance)), address)
    }

    #[test]
    fn every_difference_has_words_and_all_words_a_difference() {
        let file: HashMap<String, Words> =
            toml::from_str(include_str!("../../assets/messages/audit.toml")).unwrap();
        let words: BTreeSet<_> = file.keys().map(String::as_str).collect();
        assert_eq!(words, BTreeSet::from(Difference::IDS));
        let sampled: BTreeSet<_> = samples().iter().map(Difference::id).collect();
        assert_eq!(sampled, BTreeSet::from(Difference::IDS));
        let cases: BTreeSet<_> = samples().iter().map(Difference::case).collect();
        for (id, words) in &file {
            let wordings = [
                ("silent", &words.silent),
                ("clustered", &words.clustered),
                ("found", &words.found),
            ];
            for (case, wording) in wordings {
                let wanted = cases.contains(&(id.as_str(), Some(case)));
                assert_eq!(wording.is_some(), wanted, "{id}.{case}");
            }
        }
    }

    #[test]
    fn sentences_are_whole_and_say_their_values() {
        for difference in samples() {
            let Meaning { means, todo } = said(&difference, "PROD");
            for sentence in [&means, &todo] {
                assert!(!sentence.contains(['{', '}']), "{sentence}");
                assert!(sentence.ends_with('.'), "{sentence}");
                assert!(sentence.chars().count() <= 140, "{sentence}");
            }
        }
        let drift = said(&samples()[8], "PROD").means;
        assert!(
            drift.contains("15.0.2000.5") && drift.contains("16.0.4105.2"),
            "{drift}"
        );
        let found = said(&stale(true, false, Some(Port::literal(50999))), "PROD").means;
        assert!(
            found.contains("50123") && found.contains("50999"),
            "{found}"
        );
    }

    /// With its firewall on, Windows says nothing for a port on which nobody listens.
    #[test]
    fn silence_is_not_called_proof() {
        let silent = said(&stale(true, false, None), "PROD").means;
        let words = "gave no answer: stopped, moved or filtered";
        assert!(silent.contains(words), "{silent}");
        let refused = said(&stale(false, false, None), "PROD").means;
        assert!(refused.contains("nothing listens there"), "{refused}");
    }

    #[test]
    fn hostile_names_come_out_clean_and_short() {
        let evil = format!("\u{1b}[2J\u{202e}{}", "x".repeat(300));
        for difference in [
            other(Some(&evil), false),
            Difference::SharedPort {
                port: PORT,
                with: text(&evil),
            },
            stale(true, false, None),
        ] {
            let means = said(&difference, &evil).means;
            assert!(!means.contains(['\u{1b}', '\u{202e}']), "{means:?}");
            assert!(means.chars().count() < 250, "{means}");
        }
    }
}
