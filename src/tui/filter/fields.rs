//! The fields of a filter, and what may be written behind each.

use super::FilterError;
use super::bound::Bound;
use super::words::Word;
use crate::diagnosis::{CauseId, State};
use crate::explain::Layer;
use crate::target::Platform;
use crate::tui::text::platform_name;

/// Each field with what is written there, for the hint under the field and the docs.
pub const GRAMMAR: [(&str, &str); 16] = [
    ("", "words"),
    ("", "\"two words\""),
    ("", "-not"),
    ("state", "state:refused,silent"),
    ("is", "is:failing"),
    ("tag", "tag:prod"),
    ("host", "host:db1"),
    ("since", "since:<10m"),
    ("layer", "layer:connect"),
    ("cause", "cause:firewall-drops"),
    ("address", "address:10.0.4."),
    ("connect", "connect:>200ms"),
    ("engine", "engine:>1s"),
    ("name", "name:crm"),
    ("version", "version:2019"),
    ("platform", "platform:linux"),
];

/// What one word of a filter asks of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Field {
    /// In the name, the target, the tags, the addresses, the state's word or the cause.
    Text(String),
    Name(String),
    Host(String),
    Tag(String),
    Address(String),
    Version(String),
    State(Vec<State>),
    Layer(Vec<Layer>),
    Cause(Vec<CauseId>),
    Platform(Vec<Platform>),
    Is(Vec<Quality>),
    Since(Bound),
    Connect(Bound),
    Engine(Bound),
}

/// What `is:` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quality {
    Failing,
    Acknowledged,
    Maintenance,
    Stale,
    Flapping,
    Paused,
    Incident,
}

const QUALITIES: [(&str, Quality); 7] = [
    ("failing", Quality::Failing),
    ("acknowledged", Quality::Acknowledged),
    ("maintenance", Quality::Maintenance),
    ("stale", Quality::Stale),
    ("flapping", Quality::Flapping),
    ("paused", Quality::Paused),
    ("incident", Quality::Incident),
];

const LAYERS: [Layer; 6] = [
    Layer::Resolve,
    Layer::Browser,
    Layer::Connect,
    Layer::Prelogin,
    Layer::Tls,
    Layer::Login,
];

impl Field {
    /// Reads a word.
    pub fn read(word: &Word) -> Result<Self, FilterError> {
        let Some((field, at)) = &word.field else {
            return Ok(Self::Text(word.value.clone()));
        };
        let text = || Some(word.value.clone()).filter(|text| !text.is_empty());
        let needed = |make: fn(String) -> Self| {
            text().map(make).ok_or_else(|| {
                let problem = format!("write what follows {field}: without a blank");
                wrong(word, problem)
            })
        };
        let bound = |make: fn(Bound) -> Self| {
            let bound = Bound::read(&word.value).map_err(|problem| wrong(word, problem))?;
            Ok(make(bound))
        };
        match field.as_str() {
            "name" => needed(Self::Name),
            "host" => needed(Self::Host),
            "tag" => needed(Self::Tag),
            "address" => needed(Self::Address),
            "version" => needed(Self::Version),
            "state" => {
                let words = State::ALL.map(|state| (state.word(), state));
                Ok(Self::State(some_of(word, "state", &words)?))
            }
            "layer" => {
                let words = LAYERS.map(|layer| (layer.word(), layer));
                Ok(Self::Layer(some_of(word, "layer", &words)?))
            }
            "cause" => {
                let words: Vec<_> = CauseId::ALL.iter().map(|id| (id.id(), *id)).collect();
                Ok(Self::Cause(some_of(word, "cause", &words)?))
            }
            "platform" => {
                let words = Platform::ALL.map(|platform| (platform_name(platform), platform));
                Ok(Self::Platform(some_of(word, "platform", &words)?))
            }
            "is" => Ok(Self::Is(some_of(word, "mark", &QUALITIES)?)),
            "since" => bound(Self::Since),
            "connect" => bound(Self::Connect),
            "engine" => bound(Self::Engine),
            unknown => {
                let fields = GRAMMAR.iter().map(|(field, _)| *field);
                let fields = fields.filter(|field| !field.is_empty());
                let hint = nearest(unknown, fields).map_or_else(
                    || format!("quotes look for it as it is: \"{unknown}:…\""),
                    |near| format!("did you mean {near}:?"),
                );
                Err(FilterError {
                    problem: format!("no field is called '{unknown}'; {hint}"),
                    at: at.clone(),
                })
            }
        }
    }
}

fn wrong(word: &Word, problem: String) -> FilterError {
    let start = match &word.field {
        Some((_, field)) if word.at.is_empty() => field.start,
        _ => word.at.start,
    };
    FilterError {
        problem,
        at: start..word.at.end,
    }
}

/// Words out of a closed set, with commas between them: one of them must hold.
fn some_of<T: Copy>(word: &Word, what: &str, known: &[(&str, T)]) -> Result<Vec<T>, FilterError> {
    let mut found = Vec::new();
    let mut start = word.at.start;
    for part in word.value.split(',') {
        if let Some((_, value)) = known.iter().find(|(name, _)| *name == part) {
            found.push(*value);
            start += part.len() + 1;
            continue;
        }
        let near = nearest(part, known.iter().map(|(name, _)| *name));
        let hint = match near {
            Some(near) if !part.is_empty() => format!("did you mean {near}?"),
            _ => examples(known),
        };
        let problem = format!("no {what} is called '{part}'; {hint}");
        // With quotes or letters whose small ones are longer, the places differ.
        let is_as_typed = word.value.is_ascii() && word.at.len() == word.value.len();
        if part.is_empty() || !is_as_typed {
            return Err(wrong(word, problem));
        }
        let at = start..start + part.len();
        return Err(FilterError { problem, at });
    }
    Ok(found)
}

fn examples<T>(known: &[(&str, T)]) -> String {
    let names: Vec<&str> = known.iter().take(6).map(|(name, _)| *name).collect();
    let more = if known.len() > names.len() {
        " …"
    } else {
        ""
    };
    format!("there are {}{more}", names.join(", "))
}

/// The word that was most likely meant: one that begins so, or one that looks alike, or
/// whose beginning does.
fn nearest<'w>(given: &str, known: impl Iterator<Item = &'w str> + Clone) -> Option<&'w str> {
    let begun = known.clone().find(|word| word.starts_with(given));
    begun.or_else(|| {
        known
            .map(|word| {
                let begins = word.get(..given.len()).unwrap_or(word);
                let likeness = |word| strsim::normalized_damerau_levenshtein(word, given);
                (likeness(word).max(likeness(begins)), word)
            })
            .filter(|(likeness, _)| *likeness > 0.6)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, word)| word)
    })
}
