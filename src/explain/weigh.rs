//! From facts to one reading: the most specific claim wins, and contradictions are not hidden.

use super::buckets;
use super::found::Found;
use super::layer::Layer;
use super::signals::{Fact, Kind, Reading, Signals};
use super::view::View;
use crate::diagnosis::{CauseId, State};

/// What the facts come to.
pub(super) struct Verdict {
    pub(super) layer: Option<Layer>,
    pub(super) state: Option<State>,
    pub(super) is_error: bool,
    pub(super) words: Words,
}

/// What is said about it.
#[derive(Default)]
pub(super) struct Words {
    pub(super) means: &'static str,
    pub(super) proves: Vec<&'static str>,
    pub(super) proves_not: Vec<&'static str>,
    pub(super) causes: Vec<CauseId>,
}

/// A layer and a state that some facts speak for.
struct Claim {
    strength: u8,
    layer: Option<Layer>,
    state: Option<State>,
    /// The facts that it rests on, the one that says best what it means first.
    on: Vec<&'static Fact>,
}

/// An outcome without a stage is weaker than any stage that names a layer.
const OUTCOME_ALONE: u8 = 35;
/// SqlClient's own stopwatch is surer than any of its sentences.
const BUCKETS: u8 = 70;
/// Below this, the answer to a statement is no connection error.
const SURE: u8 = 60;
/// Sentences and causes that are shown.
const MOST_PROVES: usize = 3;
const MOST_CAUSES: usize = 5;

const NOTHING: &str = "There is nothing in this text that a client says when it cannot connect to SQL Server. Paste the whole message, with its numbers.";
const UNKNOWN: &str =
    "The text says that the connection failed, and not where. A probe of the server tells.";

/// Weighs the facts of a text.
pub(super) fn weigh(signals: &'static Signals, found: &Found, view: &View) -> Verdict {
    let told = told(signals, found);
    if let Some(words) = no_connection_error(&told, found) {
        return Verdict {
            layer: None,
            state: None,
            is_error: false,
            words,
        };
    }
    let claims = claims(&told, view);
    let strongest = claims.iter().map(|claim| claim.strength).max();
    let top: Vec<&Claim> = claims
        .iter()
        .filter(|claim| Some(claim.strength) == strongest)
        .collect();
    let layer = agreed(top.iter().map(|claim| claim.layer));
    let state = agreed(top.iter().map(|claim| claim.state));
    let is_error = told.iter().any(|fact| speaks_of_an_error(fact));
    Verdict {
        layer,
        state,
        is_error,
        words: words(signals, (layer, state), &top, &told, is_error),
    }
}

/// The facts that are told and that no other one hides.
fn told(signals: &'static Signals, found: &Found) -> Vec<&'static Fact> {
    let told: Vec<&Fact> = signals
        .facts
        .iter()
        .zip(&found.facts)
        .filter_map(|(fact, told)| told.then_some(fact))
        .collect();
    let hidden = |id: &String| told.iter().any(|fact| fact.hides.contains(id));
    told.iter()
        .filter(|fact| !hidden(&fact.id))
        .copied()
        .collect()
}

/// The answer to a statement, or another product's words: told apart, kindly.
fn no_connection_error(told: &[&'static Fact], found: &Found) -> Option<Words> {
    let named = |id: &str| told.iter().find(|fact| fact.id == id);
    let sure =
        |fact: &&Fact| fact.kind == Kind::Verdict && fact.strength >= SURE || fact.id == "session";
    let is_ours = found.is_of_a_client || named("sql-server").is_some();
    let fact = if let Some(other) = named("other-product").filter(|_| !is_ours) {
        other
    } else if told.iter().any(sure) {
        return None;
    } else {
        named("statement")?
    };
    Some(Words {
        means: fact.means.as_deref().unwrap_or(NOTHING),
        proves: fact.proves.iter().map(String::as_str).collect(),
        ..Words::default()
    })
}

fn claims(told: &[&'static Fact], view: &View) -> Vec<Claim> {
    let mut claims: Vec<Claim> = told
        .iter()
        .filter(|fact| fact.kind == Kind::Verdict)
        .map(|fact| Claim {
            strength: fact.strength,
            layer: fact.layer,
            state: fact.state,
            on: vec![fact],
        })
        .collect();
    if let Some((layer, state)) = buckets::slowest(&view.text) {
        claims.push(Claim {
            strength: BUCKETS,
            layer: Some(layer),
            state,
            on: Vec::new(),
        });
    }
    let stage = told
        .iter()
        .filter(|fact| fact.kind == Kind::Stage)
        .max_by_key(|fact| fact.strength)
        .copied();
    let outcomes = told.iter().filter(|fact| fact.kind == Kind::Outcome);
    let before = claims.len();
    let has_words = has_words(&view.text);
    claims.extend(outcomes.filter_map(|outcome| outcome_claim(stage, outcome, has_words)));
    if claims.len() == before
        && let Some(stage) = stage
        // That it was about to connect over TCP does not say that TCP failed.
        && stage.layer.is_some_and(|layer| layer != Layer::Connect)
    {
        claims.push(stage_claim(stage, None, Vec::new()));
    }
    claims
}

fn stage_claim(during: &'static Fact, state: Option<State>, outcome: Vec<&'static Fact>) -> Claim {
    let mut on = outcome;
    on.push(during);
    let fixed = match during.layer {
        Some(Layer::Resolve) => Some(State::Unresolved),
        Some(Layer::Browser) => Some(State::NotLocated),
        _ => during.state,
    };
    Claim {
        strength: during.strength,
        layer: during.layer,
        state: fixed.or(state),
        on,
    }
}

/// What happened, at the stage where it happened.
fn outcome_claim(
    during: Option<&'static Fact>,
    outcome: &'static Fact,
    has_words: bool,
) -> Option<Claim> {
    let id = outcome.id.as_str();
    let layer = during.and_then(|during| during.layer);
    let cut = matches!(id, "reset" | "closed");
    let state = match layer {
        Some(Layer::Login) => cut.then_some(State::HungUp),
        Some(Layer::Prelogin) => match id {
            "waited" | "no-answer" => Some(State::Silent),
            "garbled" => Some(State::NotSql),
            _ => cut.then_some(State::HungUp),
        },
        Some(Layer::Connect) | None => return connecting(during, outcome, has_words),
        Some(_) => None,
    };
    during.map(|during| stage_claim(during, state, vec![outcome]))
}

/// What happened while a connection was being made, or at no stage that is told.
fn connecting(
    during: Option<&'static Fact>,
    outcome: &'static Fact,
    has_words: bool,
) -> Option<Claim> {
    let dials = during.is_some_and(|during| during.layer.is_some());
    let (layer, state) = match outcome.id.as_str() {
        "refused" => (Some(Layer::Connect), State::Refused),
        "no-answer" => (Some(Layer::Connect), State::TimedOut),
        "unreachable" => (Some(Layer::Connect), State::Unreachable),
        "blocked" | "exhausted" => (Some(Layer::Connect), State::Blocked),
        // Resolving, Browser, the port and the answer may all have been waited for.
        "waited" => (dials.then_some(Layer::Connect), State::TimedOut),
        "garbled" => (Some(Layer::Prelogin), State::NotSql),
        // Sessions are lost that way too, and a number alone does not tell.
        "reset" | "closed" if has_words => (Some(Layer::Prelogin), State::HungUp),
        _ => return None,
    };
    let strength = during
        .filter(|during| during.layer.is_some())
        .map_or(OUTCOME_ALONE, |during| during.strength);
    Some(Claim {
        strength,
        layer,
        state: Some(state),
        on: std::iter::once(outcome).chain(during).collect(),
    })
}

/// Whether there is more than a number and the word before it.
fn has_words(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        word.len() > 2 && !matches!(word, "error" | "err" | "code" | "msg" | "sql" | "errno")
    })
}

/// What all of them say; nothing where they contradict each other.
fn agreed<T: PartialEq + Copy>(mut said: impl Iterator<Item = Option<T>>) -> Option<T> {
    let first = said.next()??;
    said.all(|other| other == Some(first)).then_some(first)
}

/// A stage or a remark that only words of every failure carry.
fn speaks_of_an_error(fact: &Fact) -> bool {
    let neutral = matches!(
        fact.id.as_str(),
        "about-to"
            | "dialling"
            | "opening"
            | "in-use"
            | "statement"
            | "sql-server"
            | "second-hop"
            | "other-product"
    );
    !neutral
}

/// The sentences and causes of a reading: those of its own facts first.
fn words(
    signals: &'static Signals,
    read: (Option<Layer>, Option<State>),
    top: &[&Claim],
    told: &[&'static Fact],
    is_error: bool,
) -> Words {
    if !is_error {
        return Words {
            means: NOTHING,
            ..Words::default()
        };
    }
    let own: Vec<&'static Fact> = top
        .iter()
        .flat_map(|claim| claim.on.iter().copied())
        .collect();
    let others = || {
        told.iter()
            .copied()
            .filter(|fact| !own.iter().any(|mine| mine.id == fact.id))
    };
    let notes = || others().filter(|fact| matches!(fact.kind, Kind::Note | Kind::Stage));
    let verdict = || own.iter().filter(|fact| fact.kind != Kind::Stage);
    let reading = reading(signals, read);
    let means = verdict()
        .find_map(|fact| fact.means.as_deref())
        .or_else(|| reading.map(|reading| reading.means.as_str()))
        .or_else(|| {
            own.iter()
                .copied()
                .chain(notes())
                .find_map(|fact| fact.means.as_deref())
        });
    let mut causes: Vec<CauseId> = Vec::new();
    let from_reading = reading.map(|reading| &reading.causes);
    let own_causes = verdict().map(|fact| &fact.causes).chain(from_reading);
    let more = own.iter().copied().chain(notes()).map(|fact| &fact.causes);
    for cause in own_causes.chain(more).flatten() {
        if causes.len() < MOST_CAUSES && !causes.contains(cause) {
            causes.push(*cause);
        }
    }
    let mut ordered: Vec<&'static Fact> = own.iter().rev().copied().collect();
    ordered.extend(notes());
    Words {
        means: means.unwrap_or(UNKNOWN),
        proves: sentences(&ordered, |fact| &fact.proves),
        proves_not: sentences(&ordered, |fact| &fact.not),
        causes,
    }
}

fn reading(
    signals: &'static Signals,
    (layer, state): (Option<Layer>, Option<State>),
) -> Option<&'static Reading> {
    let exact = |reading: &&Reading| reading.layer == layer && reading.state == state;
    signals.readings.iter().find(exact)
}

fn sentences(
    facts: &[&'static Fact],
    of: impl Fn(&'static Fact) -> &'static Vec<String>,
) -> Vec<&'static str> {
    let mut said: Vec<&'static str> = Vec::new();
    for sentence in facts.iter().flat_map(|fact| of(fact)) {
        if said.len() < MOST_PROVES && !said.contains(&sentence.as_str()) {
            said.push(sentence);
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_of_the_file_comes_to_something() {
        let signals = Signals::all();
        for fact in signals
            .facts
            .iter()
            .filter(|fact| fact.kind == Kind::Outcome)
        {
            assert!(connecting(None, fact, true).is_some(), "{}", fact.id);
        }
    }

    #[test]
    fn facts_that_the_weighing_knows_by_name_are_in_the_file() {
        let signals = Signals::all();
        for id in [
            "session",
            "statement",
            "other-product",
            "about-to",
            "dialling",
            "opening",
            "in-use",
            "sql-server",
            "second-hop",
        ] {
            assert!(signals.fact(id).is_some(), "{id}");
        }
    }

    #[test]
    fn two_that_contradict_each_other_leave_what_they_share() {
        assert_eq!(agreed([Some(1), Some(1)].into_iter()), Some(1));
        assert_eq!(agreed([Some(1), Some(2)].into_iter()), None);
        assert_eq!(agreed([None, Some(2)].into_iter()), None::<i32>);
        assert_eq!(agreed(std::iter::empty::<Option<i32>>()), None);
    }

    #[test]
    fn what_has_a_layer_and_a_state_has_words_for_it() {
        for reading in &Signals::all().readings {
            assert!(!reading.causes.is_empty(), "{}", reading.means);
        }
        for (layer, state) in [
            (Layer::Connect, State::Refused),
            (Layer::Connect, State::TimedOut),
            (Layer::Connect, State::Unreachable),
            (Layer::Connect, State::Blocked),
            (Layer::Prelogin, State::Silent),
            (Layer::Prelogin, State::HungUp),
            (Layer::Prelogin, State::NotSql),
            (Layer::Login, State::HungUp),
            (Layer::Resolve, State::Unresolved),
            (Layer::Browser, State::NotLocated),
        ] {
            let read = (Some(layer), Some(state));
            assert!(reading(Signals::all(), read).is_some(), "{read:?}");
        }
    }
}
