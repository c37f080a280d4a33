//! Which instance, in which state and since when, and what the reader should know of it.

use jiff::Timestamp;

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
    if let Some(window) = &row.marks.maintenance {
        let name = markdown::text(&window.name, NOTE);
        let until = second(window.until);
        lines.push(format!("- Maintenance: {name}, until {until} UTC"));
    }
    if row.evidence.is_some() {
        let from = connections::seen_from(&row.surroundings.vantage);
        lines.push(format!(
            "- Seen from: {from}, which is “here” and “this machine” below"
        ));
    }
}

/// `Refused since between … and … UTC, 2m57s to 3m12s when this was written at … UTC.` Probes are
/// samples, so it is never one moment unless two looks were in the same second.
fn since(row: &Row, now: Timestamp) -> Option<String> {
    match row.state {
        State::Pending => return Some("No result yet.".to_owned()),
        State::Invalid => return Some("Nothing was sent to it.".to_owned()),
        _ => {}
    }
    let state = capital(row.state.word());
    let mut said = if let Some(began) = began(&row.since, now) {
        format!("{state} since {began}")
    } else {
        let at = second(row.evidence.as_deref()?.at);
        format!("{state} at {at} UTC; since when is not known.")
    };
    if row.raw != row.state && row.raw != State::Pending {
        said = format!("{said} The newest probe alone says {}.", row.raw);
    }
    if row.marks.stale {
        said.push_str(" No newer look tells: this machine's own trouble hides the server.");
    }
    Some(said)
}

fn began(since: &Since, now: Timestamp) -> Option<String> {
    let first = since.first_seen?;
    let (least, at_least) = since.duration(now)?;
    let least = in_few_letters(least);
    let written = format!("when this was written at {} UTC.", second(now));
    let Some(other) = since.last_other.filter(|_| !at_least) else {
        let first = second(first);
        let unwatched = since.last_other.map_or(String::new(), |other| {
            format!(" Nobody looked between {} and then.", second(other))
        });
        return Some(format!(
            "{first} UTC or earlier, at least {least} {written}{unwatched}"
        ));
    };
    let most = in_few_letters(now.duration_since(other).unsigned_abs());
    let length = if most == least {
        least
    } else {
        format!("{least} to {most}")
    };
    let between = between(Some(other), first);
    Some(format!("{between} UTC, {length} {written}"))
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
