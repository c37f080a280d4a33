//! The filter: words, `state:refused`, `state:!answering`, `tag:prod`, `host:name`, `-` for not.

use crate::diagnosis::State;
use crate::monitor::Row;

/// Which rows are shown. Empty: all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

/// One condition; all must hold.
#[derive(Clone, Debug, PartialEq)]
struct Term {
    negated: bool,
    field: Field,
}

#[derive(Clone, Debug, PartialEq)]
enum Field {
    Text(String),
    State(State),
    Tag(String),
    Host(String),
}

/// What is wrong with a filter, and where (a byte offset).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct FilterError {
    /// What is wrong and what would be right.
    pub problem: String,
    /// Byte offset of the word that is meant.
    pub at: usize,
}

impl Filter {
    /// Reads a filter. A broken one is an error, never a silent "show all".
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let mut terms = Vec::new();
        for word in text.split_whitespace() {
            let at = word.as_ptr() as usize - text.as_ptr() as usize;
            terms.push(Term::parse(word).map_err(|problem| FilterError { problem, at })?);
        }
        Ok(Self {
            text: text.to_owned(),
            terms,
        })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it hides nothing.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row is shown.
    pub fn shows(&self, row: &Row) -> bool {
        self.terms
            .iter()
            .all(|term| term.field.matches(row) != term.negated)
    }
}

impl Term {
    fn parse(word: &str) -> Result<Self, String> {
        let (mut negated, rest) = match word.strip_prefix('-') {
            Some("") | None => (false, word),
            Some(rest) => (true, rest),
        };
        let field = match rest.split_once(':') {
            Some(("state", value)) => {
                let value = match value.strip_prefix('!') {
                    Some(value) => {
                        negated = !negated;
                        value
                    }
                    None => value,
                };
                Field::State(state(value)?)
            }
            Some(("tag", value)) => Field::Tag(needed("tag", value)?),
            Some(("host", value)) => Field::Host(needed("host", value)?),
            _ => Field::Text(rest.to_lowercase()),
        };
        Ok(Self { negated, field })
    }
}

impl Field {
    fn matches(&self, row: &Row) -> bool {
        match self {
            Self::State(state) => row.state == *state,
            Self::Tag(tag) => row
                .instance
                .tags
                .iter()
                .any(|own| own.to_lowercase() == *tag),
            Self::Host(host) => row
                .instance
                .target
                .as_ref()
                .is_ok_and(|target| contains(&target.host.to_string(), host)),
            Self::Text(text) => {
                contains(&row.instance.name, text)
                    || contains(row.instance.text(), text)
                    || contains(row.state.word(), text)
                    || row.instance.tags.iter().any(|tag| contains(tag, text))
                    || row.evidence.as_ref().is_some_and(|evidence| {
                        let mut attempts = evidence.layers.connect.attempts.iter();
                        attempts.any(|attempt| contains(&attempt.endpoint.to_string(), text))
                    })
            }
        }
    }
}

fn contains(text: &str, lower: &str) -> bool {
    text.to_lowercase().contains(lower)
}

fn needed(field: &str, value: &str) -> Result<String, String> {
    if value.is_empty() {
        return Err(format!("write what follows {field}: without a blank"));
    }
    Ok(value.to_lowercase())
}

fn state(value: &str) -> Result<State, String> {
    State::ALL
        .into_iter()
        .find(|state| state.word() == value)
        .ok_or_else(|| match nearest(value) {
            Some(near) => format!("no state is called '{value}'; did you mean {near}?"),
            None => format!("no state is called '{value}'; try state:refused"),
        })
}

fn nearest(value: &str) -> Option<&'static str> {
    let words = State::ALL.map(State::word);
    if let Some(begun) = words
        .into_iter()
        .find(|word| !value.is_empty() && word.starts_with(value))
    {
        return Some(begun);
    }
    words
        .into_iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(word, value), word))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::sample;

    fn shown(filter: &str) -> Vec<String> {
        let filter = Filter::parse(filter).unwrap();
        sample::rows()
            .iter()
            .filter(|row| filter.shows(row))
            .map(|row| row.instance.name.clone())
            .collect()
    }

    #[test]
    fn words_fields_and_negation_narrow_the_rows() {
        assert_eq!(shown("").len(), sample::rows().len());
        assert_eq!(shown("sales"), ["sales01\\PROD"]);
        assert_eq!(shown("SALES"), ["sales01\\PROD"]);
        assert_eq!(shown("state:refused"), ["sales01\\PROD"]);
        assert_eq!(shown("tag:prod state:answering"), ["crm"]);
        assert_eq!(shown("host:10.0.4.20"), ["hr02,1433"]);
        assert_eq!(
            shown("tag:prod -state:answering"),
            shown("tag:prod state:!answering")
        );
        assert!(!shown("-tag:prod").contains(&"crm".to_string()));
    }

    #[test]
    fn a_broken_filter_points_at_the_word_and_names_the_nearest_state() {
        let error = Filter::parse("prod state:refusd").unwrap_err();
        assert_eq!(error.at, 5);
        assert_eq!(
            error.problem,
            "no state is called 'refusd'; did you mean refused?"
        );
        assert!(Filter::parse("tag:").is_err());
    }
}
