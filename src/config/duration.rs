//! Durations as people write them: `15s`, `500ms`, `1h30m`; and the bounds that each use has.

use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Largest first, the order in which they may follow each other.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

const INTERVAL: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);
const TIMEOUT: RangeInclusive<Duration> = Duration::from_millis(50)..=Duration::from_secs(60);

/// Why a text is no duration, or none for this use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// Only a number.
    #[error("'{0}' has no unit; write '{0}s'")]
    NoUnit(String),
    /// Not a duration at all.
    #[error(
        "this is not a duration; write it like '15s', '500ms' or '1h30m' (units d, h, m, s, ms)"
    )]
    Malformed,
    /// A duration that this setting cannot have.
    #[error("{} is too short; the least is {}", text(*.given), text(*.least))]
    TooShort {
        /// What was asked for.
        given: Duration,
        /// What is possible.
        least: Duration,
    },
    /// A duration that this setting cannot have.
    #[error("{} is too long; the most is {}", text(*.given), text(*.most))]
    TooLong {
        /// What was asked for.
        given: Duration,
        /// What is possible.
        most: Duration,
    },
}

/// The time between two probes: 1 second to 1 day.
pub fn interval(text: &str) -> Result<Duration, DurationError> {
    within(parse(text)?, &INTERVAL)
}

/// The deadline of a layer: 50 milliseconds to 1 minute.
pub fn timeout(text: &str) -> Result<Duration, DurationError> {
    within(parse(text)?, &TIMEOUT)
}

/// The duration as it would be written in the file: `15s`, `1h30m`, to the millisecond.
pub fn text(duration: Duration) -> String {
    let mut rest = duration.as_millis();
    let mut text = String::new();
    for (unit, length) in UNITS {
        let count = rest / u128::from(length);
        if count > 0 {
            // Writing to a string cannot fail.
            let _ = write!(text, "{count}{unit}");
            rest %= u128::from(length);
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// Any duration, without bounds.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    if !text.is_empty() && text.len() <= 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let mut rest = text;
    let mut milliseconds: u64 = 0;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits]
            .parse()
            .map_err(|_| DurationError::Malformed)?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = &rest[..letters];
        rest = &rest[letters..];
        let (_, length) = units
            .find(|(name, _)| *name == unit)
            .ok_or(DurationError::Malformed)?;
        milliseconds = number
            .checked_mul(*length)
            .and_then(|part| milliseconds.checked_add(part))
            .ok_or(DurationError::Malformed)?;
    }
    if text.is_empty() {
        Err(DurationError::Malformed)
    } else {
        Ok(Duration::from_millis(milliseconds))
    }
}

fn within(given: Duration, bounds: &RangeInclusive<Duration>) -> Result<Duration, DurationError> {
    let (least, most) = (*bounds.start(), *bounds.end());
    match given {
        given if given < least => Err(DurationError::TooShort { given, least }),
        given if given > most => Err(DurationError::TooLong { given, most }),
        given => Ok(given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("15s", 15_000)]
    #[case("1500ms", 1_500)]
    #[case("1m", 60_000)]
    #[case("1h30m", 5_400_000)]
    #[case("1m0s500ms", 60_500)]
    #[case(" 2s ", 2_000)]
    fn spellings(#[case] given: &str, #[case] milliseconds: u64) {
        assert_eq!(interval(given), Ok(Duration::from_millis(milliseconds)));
    }

    #[rstest]
    #[case("15", "'15' has no unit; write '15s'")]
    #[case("999ms", "999ms is too short; the least is 1s")]
    #[case("0s", "0s is too short; the least is 1s")]
    #[case("25h", "1d1h is too long; the most is 1d")]
    fn wrong_intervals_say_what_is_possible(#[case] given: &str, #[case] message: &str) {
        assert_eq!(interval(given).unwrap_err().to_string(), message);
    }

    #[rstest]
    #[case("")]
    #[case("s")]
    #[case("15 s")]
    #[case("1.5s")]
    #[case("-1s")]
    #[case("15sec")]
    #[case("15S")]
    #[case("1s1m")]
    #[case("1s1s")]
    #[case("99999999999999999999s")]
    #[case("18446744073709551615d")]
    #[case("１s")]
    fn what_is_no_duration(#[case] given: &str) {
        assert_eq!(interval(given), Err(DurationError::Malformed));
    }

    #[test]
    fn timeouts_have_bounds_of_their_own() {
        assert_eq!(timeout("50ms"), Ok(Duration::from_millis(50)));
        assert_eq!(timeout("1m"), Ok(Duration::from_secs(60)));
        assert_eq!(
            timeout("49ms").unwrap_err().to_string(),
            "49ms is too short; the least is 50ms"
        );
        assert_eq!(
            timeout("61s").unwrap_err().to_string(),
            "1m1s is too long; the most is 1m"
        );
    }

    #[test]
    fn written_and_read_again() {
        for milliseconds in [50, 999, 1_000, 60_500, 5_400_000, 86_400_000] {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(parse(&text(duration)), Ok(duration));
        }
    }
}
