//! A measured duration, written as milliseconds.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A measured duration. Serialised as a number of milliseconds with microseconds kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elapsed(Duration);

impl Elapsed {
    /// The duration itself.
    pub fn duration(self) -> Duration {
        self.0
    }

    /// Milliseconds, microseconds kept.
    pub fn as_ms(self) -> f64 {
        (self.0.as_secs_f64() * 1e6).round() / 1e3
    }
}

impl From<Duration> for Elapsed {
    fn from(duration: Duration) -> Self {
        Self(duration)
    }
}

/// `0.4 ms`, `12 ms`, `3.06 s`: three digits are enough for a reader.
impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.as_ms();
        match ms {
            ..0.95 => write!(f, "{ms:.2} ms"),
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
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}
