//! A bound on a time: `<10m`, `>200ms`.

use std::time::Duration;

use crate::config::duration;

/// A bound on a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// Shorter than this.
    Below(Duration),
    /// Longer than this, or as long.
    From(Duration),
}

impl Bound {
    /// Reads a bound; the error says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let (bound, rest): (fn(Duration) -> Self, &str) = match text.split_at_checked(1) {
            Some(("<", rest)) => (Self::Below, rest),
            Some((">", rest)) => (Self::From, rest),
            _ => return Err("write < or > in front of a time: <10m, >200ms".to_owned()),
        };
        if rest.is_empty() {
            return Err("write a time behind it: 10m, 1h30m, 200ms".to_owned());
        }
        duration::parse(rest)
            .map(bound)
            .map_err(|error| error.to_string())
    }

    /// Whether a time is within it.
    pub fn holds(self, time: Duration) -> bool {
        match self {
            Self::Below(limit) => time < limit,
            Self::From(limit) => time >= limit,
        }
    }

    /// The time at which it begins or ceases to hold.
    pub fn limit(self) -> Duration {
        match self {
            Self::Below(limit) | Self::From(limit) => limit,
        }
    }
}
