//! Reads one `[[maintenance]]`.

use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use toml::de::DeValue;

use super::{Days, Every, Maintenance, When};
use crate::config::section::{Given, Section, Wrong, describe};
use crate::config::{duration, value};

const MOST: usize = 1_000;

/// The window of a table that begins at `at`; `None` where it has a mistake.
pub(in crate::config) fn read(section: &mut Section<'_, '_, '_>, at: usize) -> Option<Maintenance> {
    let name = section.require("name", at, value::name);
    let tags = section.ask("tags", value::tags).unwrap_or_default();
    let instances = section.ask("instances", names).unwrap_or_default();
    let hosts = section.ask("hosts", names).unwrap_or_default();
    let given = ["every", "from", "until", "lasts"].map(|key| section.has(key));
    let every = section.ask("every", |given| Every::read(value::raw_text(given)?));
    let from = section.ask("from", moment);
    let until = section.ask("until", moment);
    let lasts = section.ask("lasts", lasts);
    let zone = section.ask("zone", zone);
    let (zone, zoned) = match zone {
        Some(zone) => zone,
        None => ("local".to_owned(), TimeZone::system()),
    };
    if let Some((problem, hint)) = incomplete(given) {
        section.mistake(at, problem, hint);
        return None;
    }
    let when = match (every, from, until, lasts) {
        (Some(every), _, _, Some(lasts)) => {
            let is_always = every.days == Days::Daily && lasts >= Duration::from_secs(86_400);
            if is_always {
                let hint = "an instance that is never to be heard of is better not watched";
                section.mistake(at, "comes back before it is over", hint);
                return None;
            }
            When::Repeats { every, lasts }
        }
        (_, Some(from), Some(until), _) => When::Once { from, until },
        (_, Some(from), None, Some(lasts)) => {
            let until = from.checked_add(SignedDuration::try_from(lasts).ok()?);
            When::Once {
                from,
                until: until.ok()?,
            }
        }
        // What is wrong with them is a mistake already.
        _ => return None,
    };
    if matches!(when, When::Once { from, until } if until <= from) {
        section.mistake(at, "ends before it begins", "until comes after from");
        return None;
    }
    Some(Maintenance {
        name: name?,
        tags,
        instances,
        hosts,
        when,
        zone,
        zoned,
    })
}

/// What does not go together, or is missing: of `every`, `from`, `until`, `lasts`.
fn incomplete(given: [bool; 4]) -> Option<(&'static str, &'static str)> {
    const ONCE: &str = "once: from and until, or from and lasts";
    const BACK: &str = "again and again: every and lasts";
    match given {
        [true, false, false, true] | [false, true, true, false] | [false, true, false, true] => {
            None
        }
        [false, false, ..] => Some((
            "does not say when it is",
            "write every = \"sun 02:00\" and lasts = \"2h\", or from and until",
        )),
        [true, true, ..] => Some(("has both 'every' and 'from'", BACK)),
        [true, _, true, _] => Some(("has 'until' with 'every'", BACK)),
        [true, ..] => Some(("has 'every' and no 'lasts'", BACK)),
        [_, _, true, true] => Some(("has both 'until' and 'lasts'", ONCE)),
        [false, true, false, false] => Some(("has 'from' and no 'until'", ONCE)),
    }
}

/// Every key that such a table has.
#[cfg(test)]
pub(in crate::config) fn keys() -> Vec<&'static str> {
    let nothing = crate::config::error::Source::new("", std::path::Path::new(""));
    let mut reading = crate::config::section::Reading::new(&nothing);
    let empty = toml::de::DeTable::new();
    let (_, known) = Section::read("[[maintenance]]", &empty, &mut reading, |section| {
        read(section, 0)
    });
    known.keys
}

fn names(given: &Given<'_>) -> Result<Vec<String>, Wrong> {
    value::list(given, MOST, value::name)
}

fn lasts(given: &Given<'_>) -> Result<Duration, Wrong> {
    let text = value::raw_text(given)?;
    let lasts = duration::parse(text).map_err(|error| Wrong::new(error.to_string()))?;
    if lasts < Duration::from_secs(60) || lasts > Maintenance::LONGEST {
        return Err(Wrong::new(format!(
            "{} is not between 1m and 7d",
            duration::text(lasts)
        )));
    }
    Ok(lasts)
}

/// `"2026-11-24 22:00"`, also as a date of TOML.
fn moment(given: &Given<'_>) -> Result<DateTime, Wrong> {
    let text = match given.get_ref() {
        DeValue::Datetime(date) => date.to_string(),
        _ => value::raw_text(given)?.trim().to_owned(),
    };
    let parts = text.split_once(['T', 't', ' ']);
    let read = parts.and_then(|(day, time)| {
        let day: jiff::civil::Date = day.parse().ok()?;
        let time =
            super::every::time(time).or_else(|| super::every::time(time.strip_suffix(":00")?))?;
        Some(day.to_datetime(time))
    });
    read.ok_or_else(|| {
        Wrong::new(format!("{} is no day and time", describe(given)))
            .hint("write \"2026-11-24 22:00\"; the zone has a line of its own, zone = \"utc\"")
    })
}

fn zone(given: &Given<'_>) -> Result<(String, TimeZone), Wrong> {
    let text = value::name(given)?;
    let zone = match text.to_ascii_lowercase().as_str() {
        "local" => Some(TimeZone::system()),
        "utc" => Some(TimeZone::UTC),
        _ => TimeZone::get(&text).ok(),
    };
    let zone = zone.ok_or_else(|| {
        Wrong::new(format!("{} is no time zone", describe(given)))
            .hint("write \"local\", \"utc\" or a name such as \"Europe/Berlin\"")
    })?;
    Ok((text, zone))
}
