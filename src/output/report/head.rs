//! Which instance, in which state and since when, and what the reader should know of it.

use jiff::{SignedDuration, Timestamp};

use crate::advice;
use crate::diagnosis::State;
use crate::diagnosis::incident::Incident;
use crate::evidence::in_few_letters;
use crate::monitor::{Row, Since};
use crate::output::moments::{between, second};
use crate::output::{connections, markdown};

/// The widest that a name is shown.
const NAME: usize = 80;
/// The widest that a target or a tag list is shown.
const TARGET: usize = 300;
/// The widest that a note or a reason is shown.
const NOTE: usize = 500;

pub(super) fn write(
    lines: &mut Vec<String>,
    row: &Row,
    now: Timestamp,
    incident: Option<&Incident>,
) {
    let name = markdown::text(&row.instance.name, NAME);
    lines.extend([format!("# {name}: {}", row.state), String::new()]);
    if let Some(since) = since(row, now) {
        lines.extend([since, String::new()]);
    }
    if let Some(incident) = incident {
        let words = advice::incident(incident, &jiff::tz::TimeZone::UTC);
        let sentence = markdown::text(&words.sentence, usize::MAX);
        lines.extend([format!("Not alone: {sentence}"), String::new()]);
    }
    let target = markdown::code(row.instance.text(), TARGET);
    lines.push(format!("- Target: {target}"));
    lines.extend(declared(row));
    if !row.instance.tags.is_empty() {
        let tags = markdown::text(&row.instance.tags.join(", "), TARGET);
        lines.push(format!("- Tags: {tags}"));
    }
    if let Some(note) = &row.instance.note {
        lines.push(format!("- Note: {}", markdown::text(note, NOTE)));
    }
    if let Some(acknowledged) = &row.marks.acknowledged {
        let reason = markdown::text(&acknowledged.reason, NOTE);
        lines.push(format!("- Acknowledged: {reason}"));
    }
    if row.evidence.is_some() {
        let from = connections::seen_from(&row.surroundings.vantage);
        lines.push(format!(
            "- Seen from: {from}, which is “here” and “this machine” below"
        ));
    }
}

/// `Refused since between … and … (UTC), 3m12s when this was written at …`. Probes are samples,
/// so it is never one moment unless two looks were in the same second.
fn since(row: &Row, now: Timestamp) -> Option<String> {
    if matches!(row.state, State::Invalid | State::Pending) {
        return None;
    }
    let state = capital(row.state.word());
    let written = second(now);
    let mut said = match began(&row.since, now) {
        Some((when, length)) => {
            format!("{state} since {when} (UTC): {length} when this was written at {written}.")
        }
        None => {
            let at = row.evidence.as_deref()?.at;
            format!("{state} at {} (UTC); since when is not known.", second(at))
        }
    };
    if row.raw != row.state && row.raw != State::Pending {
        said.push_str(&format!(" The newest probe alone says {}.", row.raw));
    }
    if row.marks.stale {
        said.push_str(" No newer look tells: this machine's own trouble hides the server.");
    }
    Some(said)
}

fn began(since: &Since, now: Timestamp) -> Option<(String, String)> {
    let first = since.first_seen?;
    let (least, at_least) = since.duration(now)?;
    let least = in_few_letters(least);
    Some(match since.last_other {
        Some(other) if !at_least => {
            let most = SignedDuration::max(now.duration_since(other), SignedDuration::ZERO);
            let most = in_few_letters(most.unsigned_abs());
            let length = if most == least {
                least
            } else {
                format!("{least} to {most}")
            };
            (between(Some(other), first), length)
        }
        Some(other) => (
            format!(
                "{}, or earlier: nobody looked between {} and then",
                second(first),
                second(other)
            ),
            format!("at least {least}"),
        ),
        None => (between(None, first), format!("at least {least}")),
    })
}

fn declared(row: &Row) -> Option<String> {
    let case = row.case()?;
    let guess = advice::platform(&case);
    let platform = super::steps::name(guess.platform);
    let guessed = if guess.guessed {
        " (a guess; nobody declared it)"
    } else {
        ""
    };
    Some(format!("- Platform: {platform}{guessed}"))
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
