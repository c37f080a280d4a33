//! What is typed to acknowledge an instance: a reason, and an end in front of it.

use std::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::filter::FilterError;
use super::text;
use crate::config::duration;
use crate::monitor::Acknowledged;

/// Longer is no notice that is taken but a habit.
const LONGEST: SignedDuration = SignedDuration::from_hours(31 * 24);

/// What can be written, shown while nothing is.
pub const GRAMMAR: [&str; 3] = [
    "30m disk is replaced",
    "until 14:00 disk is replaced",
    "disk is replaced (until it is well again)",
];

/// Reads `30m reason`, `until 14:00 reason`, `until 2026-11-24 08:00 reason`, or only a reason:
/// then it ends when the instance is well again. Times of day are those of `zone`.
pub fn parse(given: &str, now: Timestamp, zone: &TimeZone) -> Result<Acknowledged, FilterError> {
    let mut words = words(given);
    let (until, at) = match words.first() {
        Some((at, "until")) => {
            let at = at.clone();
            words.remove(0);
            let (end, count) = moment(&words, now, zone).ok_or_else(|| FilterError {
                problem: "until when? write 'until 14:00' or 'until 2026-11-24 08:00'".to_owned(),
                at: words.first().map_or(at.clone(), |(at, _)| at.clone()),
            })?;
            words.drain(..count);
            (Some(end), at)
        }
        Some((at, word)) => match duration::parse(word) {
            Ok(length) => {
                let at = at.clone();
                words.remove(0);
                let length = SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX);
                (Some(now.saturating_add(length).unwrap_or(now)), at)
            }
            Err(_) => (None, at.clone()),
        },
        None => (None, 0..given.len()),
    };
    if let Some(until) = until {
        let length = until.duration_since(now);
        let problem = if length <= SignedDuration::ZERO {
            Some("that is over already")
        } else if length > LONGEST {
            Some("at most 31 days")
        } else {
            None
        };
        if let Some(problem) = problem {
            let problem = problem.to_owned();
            return Err(FilterError { problem, at });
        }
    }
    let Some((first, _)) = words.first() else {
        return Err(FilterError {
            problem: "acknowledging needs a reason".to_owned(),
            at: given.len()..given.len(),
        });
    };
    Ok(Acknowledged {
        reason: given[first.start..].trim_end().to_owned(),
        until,
    })
}

/// `until 14:00:00, 27m12s left: disk is replaced`.
pub fn words_for(acknowledged: &Acknowledged, now: Timestamp, zone: &TimeZone) -> String {
    let end = match acknowledged.until {
        None => "until it is well again".to_owned(),
        Some(until) if until <= now => "until just now".to_owned(),
        Some(until) => {
            let left = std::time::Duration::try_from(until.duration_since(now));
            let left = text::duration(left.unwrap_or_default());
            format!("until {}, {left} left", text::moment(until, now, zone))
        }
    };
    format!("{end}: {}", acknowledged.reason)
}

/// The words with the bytes where they stand.
fn words(text: &str) -> Vec<(Range<usize>, &str)> {
    let start = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let place = |word: &str| start(word)..start(word) + word.len();
    let words = text.split_whitespace();
    words.map(|word| (place(word), word)).collect()
}

/// The moment that the first words name, and how many they are. A time of day is the next one.
fn moment(
    words: &[(Range<usize>, &str)],
    now: Timestamp,
    zone: &TimeZone,
) -> Option<(Timestamp, usize)> {
    let word = |at: usize| words.get(at).map(|(_, word)| *word);
    let of = |date: Date, time: Time| {
        let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
        Some(zoned.timestamp())
    };
    if let Some(date) = word(0).and_then(|word| word.parse::<Date>().ok()) {
        return Some((of(date, time(word(1)?)?)?, 2));
    }
    let time = time(word(0)?)?;
    let today = now.to_zoned(zone.clone()).date();
    let next = of(today, time).filter(|moment| *moment > now);
    Some((next.or_else(|| of(today.tomorrow().ok()?, time))?, 1))
}

/// `8:00`, `14:30`.
fn time(word: &str) -> Option<Time> {
    let (hour, minute) = word.split_once(':')?;
    if minute.len() != 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn zone() -> TimeZone {
        TimeZone::posix("CET-1").unwrap()
    }

    /// 14:00 in the zone.
    fn now() -> Timestamp {
        "2026-11-23T13:00:00Z".parse().unwrap()
    }

    #[rstest]
    #[case("disk is replaced", "until it is well again: disk is replaced")]
    #[case(
        "  30m  disk  is replaced ",
        "until 14:30:00, 30m00s left: disk  is replaced"
    )]
    #[case("1h30m x", "until 15:30:00, 1h30m left: x")]
    #[case("until 14:30 x", "until 14:30:00, 30m00s left: x")]
    #[case("until 8:00 x", "until 24 Nov 08:00, 18h00m left: x")]
    #[case("until 2026-11-25 08:00 x", "until 25 Nov 08:00, 1d18h left: x")]
    #[case("3 disks are replaced", "until it is well again: 3 disks are replaced")]
    #[case("untilted", "until it is well again: untilted")]
    fn an_end_stands_before_the_reason(#[case] given: &str, #[case] wanted: &str) {
        let acknowledged = parse(given, now(), &zone()).unwrap();
        assert_eq!(words_for(&acknowledged, now(), &zone()), wanted);
    }

    #[rstest]
    #[case("", "", "needs a reason")]
    #[case("   ", "", "needs a reason")]
    #[case("30m", "", "needs a reason")]
    #[case("until 14:30 ", "", "needs a reason")]
    #[case("until", "until", "until when?")]
    #[case("until patched", "patched", "until when?")]
    #[case("until 25:00 x", "25:00", "until when?")]
    #[case("until 14:3 x", "14:3", "until when?")]
    #[case("until 2026-11-24 x", "2026-11-24", "until when?")]
    #[case("until 2026-11-22 08:00 x", "until", "over already")]
    #[case("0s x", "0s", "over already")]
    #[case("99d x", "99d", "31 days")]
    #[case("until 2027-11-22 08:00 x", "until", "31 days")]
    fn mistakes_are_shown_in_place(#[case] given: &str, #[case] at: &str, #[case] problem: &str) {
        let error = parse(given, now(), &zone()).unwrap_err();
        assert!(error.problem.contains(problem), "{}", error.problem);
        assert_eq!(&given[error.at], at);
    }

    #[test]
    fn what_is_over_says_so_until_it_is_gone() {
        let acknowledged = parse("30m x", now(), &zone()).unwrap();
        let later = now() + SignedDuration::from_mins(31);
        let words = words_for(&acknowledged, later, &zone());
        assert_eq!(words, "until just now: x");
    }
}
