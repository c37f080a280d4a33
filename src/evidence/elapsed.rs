//! A measured duration, written as milliseconds, and longer ones in few letters.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A measured duration. Serialised as a number of milliseconds with microseconds kept.
///
/// Each instance keeps a dozen of them or their absence, so that half of a [`Duration`] counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elapsed {
    /// One more than its nanoseconds.
    above: NonZeroU64,
}

impl Elapsed {
    /// The duration itself.
    pub fn duration(self) -> Duration {
        Duration::from_nanos(self.above.get() - 1)
    }

    /// Hundredths of a millisecond, rounded.
    fn in_hundredths(self) -> u128 {
        (self.duration().as_nanos() + 5_000) / 10_000
    }

    /// Milliseconds, microseconds kept.
    pub fn as_ms(self) -> f64 {
        (self.duration().as_secs_f64() * 1e6).round() / 1e3
    }
}

impl From<Duration> for Elapsed {
    fn from(duration: Duration) -> Self {
        // What lasts for five centuries is not measured here.
        let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self {
            above: NonZeroU64::MIN.saturating_add(nanoseconds),
        }
    }
}

impl Default for Elapsed {
    fn default() -> Self {
        Duration::ZERO.into()
    }
}

impl fmt::Debug for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.duration().fmt(f)
    }
}

/// `0.4 ms`, `12 ms`, `3.06 s`: three digits are enough for a reader.
impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.as_ms();
        match ms {
            // Most of what is near: whole numbers are written faster.
            ..0.95 => write!(f, "0.{:02} ms", self.in_hundredths()),
            ..99.5 => write!(f, "{ms:.1} ms"),
            ..999.5 => write!(f, "{ms:.0} ms"),
            _ => write!(f, "{:.2} s", ms / 1e3),
        }
    }
}

impl Serialize for Elapsed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_ms())
    }
}

impl<'de> Deserialize<'de> for Elapsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ms = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(ms / 1e3)
            .map(Self::from)
            .map_err(serde::de::Error::custom)
    }
}

/// `12s`, `3m12s`, `2h05m`, `9d1h`.
pub fn in_few_letters(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d{}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_take_few_letters() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (192, "3m12s"),
            (7_500, "2h05m"),
            (781_200, "9d1h"),
        ] {
            assert_eq!(in_few_letters(Duration::from_secs(seconds)), text);
        }
    }
}
