//! The facts and the signals that tell them, from `assets/messages/signals.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::layer::Layer;
use super::view;
use crate::diagnosis::{CauseId, State};

/// The file, ready for searching.
pub(super) struct Signals {
    pub(super) facts: Vec<Fact>,
    pub(super) readings: Vec<Reading>,
    pub(super) clients: Vec<Client>,
    /// Every phrase once, in small letters.
    pub(super) search: AhoCorasick,
    /// Who waits for each phrase, in the order of the automaton's patterns.
    pub(super) uses: Vec<Vec<Use>>,
}

/// What a phrase is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    /// More letters may follow.
    pub(super) open: bool,
    pub(super) of: Of,
}

/// Whom a phrase belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    /// It is the signal.
    Signal { fact: usize, signal: usize },
    /// It is in one of the lists of `near`.
    Near {
        fact: usize,
        signal: usize,
        list: usize,
    },
    /// It is the mark of a client.
    Client(usize),
    /// It tells clients of SQL Server apart, and others write it too.
    Loose(usize),
}

/// One thing that a message may tell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fact {
    pub(super) id: String,
    pub(super) kind: Kind,
    pub(super) layer: Option<Layer>,
    pub(super) state: Option<State>,
    /// How specific it is: the most specific claim wins.
    #[serde(default)]
    pub(super) strength: u8,
    /// Facts that mean nothing beside this one.
    #[serde(default)]
    pub(super) hides: Vec<String>,
    #[serde(default)]
    pub(super) means: Option<String>,
    #[serde(default)]
    pub(super) proves: Vec<String>,
    #[serde(default)]
    pub(super) not: Vec<String>,
    #[serde(default)]
    pub(super) causes: Vec<CauseId>,
    #[serde(rename = "signal")]
    pub(super) signals: Vec<Signal>,
}

/// What a fact speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// What happened to a connection.
    Outcome,
    /// What the client was doing.
    Stage,
    /// Both.
    Verdict,
    /// Neither.
    Note,
}

/// One way to spell a fact.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Signal {
    /// Where it was learnt.
    pub(super) from: Vec<String>,
    words: Vec<String>,
    pub(super) near: Vec<Vec<String>>,
    pub(super) number: Vec<i64>,
    pub(super) alone: Vec<i64>,
    pub(super) os: Vec<i64>,
    pub(super) sni: Vec<i64>,
    pub(super) hex: Vec<i64>,
    pub(super) duration: bool,
    /// It counts only beside one of these facts.
    pub(super) with: Vec<String>,
}

/// What a layer and a state mean, where no verdict says it better.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reading {
    pub(super) layer: Option<Layer>,
    pub(super) state: Option<State>,
    pub(super) means: String,
    pub(super) causes: Vec<CauseId>,
}

/// A client and what it is known by.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub(super) name: String,
    words: Vec<String>,
    /// Words that clients of other things write as well.
    #[serde(default)]
    loose: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "fact")]
    facts: Vec<Fact>,
    #[serde(rename = "reading")]
    readings: Vec<Reading>,
    #[serde(rename = "client")]
    clients: Vec<Client>,
}

static ALL: LazyLock<Signals> =
    LazyLock::new(|| Signals::read(|_| true).expect("a test reads the file that is compiled in"));

impl Signals {
    /// Everything that is known.
    pub(super) fn all() -> &'static Self {
        &ALL
    }

    /// Only the signals that may be kept: the tests leave one client out.
    pub(super) fn read(keep: impl Fn(&[String]) -> bool) -> Result<Self, String> {
        let text = include_str!("../../assets/messages/signals.toml");
        let mut file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        for fact in &mut file.facts {
            fact.signals.retain(|signal| keep(&signal.from));
        }
        let (phrases, uses) = phrases(&file);
        let search = AhoCorasick::new(&phrases).map_err(|error| error.to_string())?;
        Ok(Self {
            facts: file.facts,
            readings: file.readings,
            clients: file.clients,
            search,
            uses,
        })
    }

    /// The place of a fact.
    pub(super) fn fact(&self, id: &str) -> Option<usize> {
        self.facts.iter().position(|fact| fact.id == id)
    }
}

/// Each phrase once, and who waits for it.
fn phrases(file: &File) -> (Vec<String>, Vec<Vec<Use>>) {
    let mut places: HashMap<String, usize> = HashMap::new();
    let (mut phrases, mut uses) = (Vec::new(), Vec::<Vec<Use>>::new());
    let mut add = |text: &str, of| {
        let open = text.ends_with('*');
        let phrase = view::phrase(text.trim_end_matches('*'));
        let place = *places.entry(phrase.clone()).or_insert_with(|| {
            phrases.push(phrase);
            uses.push(Vec::new());
            uses.len() - 1
        });
        uses[place].push(Use { open, of });
    };
    for (fact, Fact { signals, .. }) in file.facts.iter().enumerate() {
        for (signal, Signal { words, near, .. }) in signals.iter().enumerate() {
            for word in words {
                add(word, Of::Signal { fact, signal });
            }
            for (list, words) in near.iter().enumerate() {
                for word in words {
                    add(word, Of::Near { fact, signal, list });
                }
            }
        }
    }
    for (client, Client { words, loose, .. }) in file.clients.iter().enumerate() {
        for word in words {
            add(word, Of::Client(client));
        }
        for word in loose {
            add(word, Of::Loose(client));
        }
    }
    (phrases, uses)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_in_the_file_is_known() {
        let signals = Signals::all();
        let ids: BTreeSet<&str> = signals.facts.iter().map(|fact| fact.id.as_str()).collect();
        assert_eq!(ids.len(), signals.facts.len(), "two facts of one name");
        for fact in &signals.facts {
            for name in &fact.hides {
                assert!(ids.contains(name.as_str()), "{} hides {name}", fact.id);
            }
            for name in fact.signals.iter().flat_map(|signal| &signal.with) {
                let known = ids.contains(name.as_str()) || name == "stage";
                assert!(known, "{} with {name}", fact.id);
            }
        }
    }

    #[test]
    fn every_signal_says_where_it_was_learnt_and_can_be_seen() {
        for fact in &Signals::all().facts {
            for signal in &fact.signals {
                assert!(!signal.from.is_empty(), "{}", fact.id);
                let seen = signal.duration
                    || !signal.words.is_empty()
                    || !signal.near.is_empty()
                    || [
                        &signal.number,
                        &signal.alone,
                        &signal.os,
                        &signal.sni,
                        &signal.hex,
                    ]
                    .iter()
                    .any(|numbers| !numbers.is_empty());
                assert!(seen, "{} has an empty signal", fact.id);
                assert_ne!(signal.near.len(), 1, "{}: near what?", fact.id);
            }
        }
    }

    #[test]
    fn no_signal_is_a_memorised_sentence() {
        for fact in &Signals::all().facts {
            let lists = fact.signals.iter().flat_map(|signal| &signal.near);
            let words = fact.signals.iter().map(|signal| &signal.words);
            for phrase in words.chain(lists).flatten() {
                let count = phrase.split([' ', '-', '_']).count();
                assert!(count <= 7, "{}: {phrase:?} is a sentence", fact.id);
            }
        }
    }

    #[test]
    fn sentences_end_and_fit_on_a_screen() {
        let signals = Signals::all();
        let said = signals
            .facts
            .iter()
            .flat_map(|fact| fact.proves.iter().chain(&fact.not).chain(&fact.means));
        for sentence in said.chain(signals.readings.iter().map(|reading| &reading.means)) {
            assert!(sentence.ends_with('.'), "{sentence:?}");
            assert!(sentence.len() <= 240, "{sentence:?}");
        }
    }

    #[test]
    fn what_names_a_layer_also_says_what_it_proves() {
        for fact in &Signals::all().facts {
            let claims = fact.kind == Kind::Verdict;
            assert!(
                !claims || !fact.proves.is_empty() && fact.means.is_some(),
                "{}",
                fact.id
            );
            assert!(!claims || !fact.causes.is_empty(), "{}", fact.id);
        }
    }
}
