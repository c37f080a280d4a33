//! What is wrong where the file is no TOML, with the hint that a DBA needs: most often a
//! backslash in double quotes, or a word without any.

use super::error::{Source, shown};

/// For `server = "host\INSTANCE"`.
pub(super) const USE_SINGLE_QUOTES: &str =
    r"in double quotes a backslash is special; use single quotes: 'host\INSTANCE'";

/// Place, problem and hint of a syntax error.
pub(super) fn explain(
    error: &toml::de::Error,
    source: &Source<'_>,
) -> (usize, String, Option<String>) {
    let span = error.span().unwrap_or_default();
    let message = error.message().replace('`', "'");
    let word = source.slice(span.clone());
    let rest = source.text().get(span.start..).unwrap_or("");
    let begins = |with: &[&str]| with.iter().any(|begin| message.starts_with(begin));

    let (problem, hint) = if begins(&[
        "missing escaped value",
        "too few unicode",
        "invalid value, expected unicode",
    ]) {
        let at = source
            .text()
            .get(..span.start)
            .and_then(|before| before.rfind('\\'))
            .unwrap_or(span.start);
        let problem = "the backslash begins an escape that does not exist".to_owned();
        return (at, problem, Some(USE_SINGLE_QUOTES.to_owned()));
    } else if message == "duplicate key" {
        (
            format!("'{}' is there twice", shown(word)),
            Some("merge the two"),
        )
    } else if begins(&["string values must be quoted"]) && word.trim().is_empty() {
        (
            "the value is missing".to_owned(),
            Some("put a '#' before the line to keep the default"),
        )
    } else if begins(&["string values must be quoted"]) {
        (
            "text must be quoted".to_owned(),
            Some("write key = 'value'"),
        )
    } else if begins(&["invalid literal string", "invalid basic string"]) && at_line_end(rest) {
        ("the text has no closing quote".to_owned(), None)
    } else {
        (
            message,
            rest.starts_with(';').then_some("a comment begins with '#'"),
        )
    };
    (span.start, problem, hint.map(str::to_owned))
}

fn at_line_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['\r', '\n'])
}
