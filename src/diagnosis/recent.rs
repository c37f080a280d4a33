//! The newest few times of something, for every instance of a fleet.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// At most [`Recent::MOST`] times in milliseconds, to the microsecond, oldest first. Written
/// and read as a list of them.
///
/// ```
/// use sqlreach::diagnosis::Recent;
///
/// let mut recent = Recent::from(vec![1.8, 2.0]);
/// recent.push(40.0);
/// assert_eq!(recent, [1.8, 2.0, 40.0]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<f64>", into = "Vec<f64>")]
pub struct Recent {
    micros: [u32; Self::MOST],
    count: u8,
}

impl Recent {
    /// So many are kept.
    pub const MOST: usize = 8;

    /// Adds the newest; the oldest leaves where there is no room.
    pub fn push(&mut self, ms: f64) {
        let time = Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default();
        if self.len() == Self::MOST {
            self.micros.rotate_left(1);
            self.count -= 1;
        }
        self.micros[self.len()] = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
        self.count += 1;
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count.into()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = f64> + ExactSizeIterator {
        let micros = self.micros[..self.len()].iter();
        micros.map(|micros| f64::from(*micros) / 1e3)
    }
}

/// Of more than are kept, the newest.
impl From<Vec<f64>> for Recent {
    fn from(list: Vec<f64>) -> Self {
        let mut recent = Self::default();
        for ms in list {
            recent.push(ms);
        }
        recent
    }
}

impl From<Recent> for Vec<f64> {
    fn from(recent: Recent) -> Self {
        recent.iter().collect()
    }
}

impl<const COUNT: usize> PartialEq<[f64; COUNT]> for Recent {
    fn eq(&self, list: &[f64; COUNT]) -> bool {
        self.iter().eq(list.iter().copied())
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_newest_are_kept_and_read_as_they_were_written(
            micros in prop::collection::vec(0_u32..100_000_000, 0..20),
        ) {
            let list: Vec<f64> = micros.iter().map(|micros| f64::from(*micros) / 1e3).collect();
            let recent = Recent::from(list.clone());
            let newest = list.len().saturating_sub(Recent::MOST);
            prop_assert!(recent.iter().eq(list[newest..].iter().copied()));
            let json = serde_json::to_string(&recent).unwrap();
            prop_assert_eq!(serde_json::from_str::<Recent>(&json).unwrap(), recent);
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        let recent = Recent::from(vec![f64::NAN, -1.0, 1e12]);
        assert_eq!(recent, [0.0, 0.0, f64::from(u32::MAX) / 1e3]);
    }
}
