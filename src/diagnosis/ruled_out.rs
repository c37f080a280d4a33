//! What the evidence rules out, as a set: most instances of a fleet have one, and for days.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Said;

/// Statements of what cannot be the reason. Written and read as a list of them.
///
/// ```
/// use sqlreach::diagnosis::{RuledOut, Said};
///
/// let ruled_out: RuledOut = [Said::OutStopped {}, Said::OutDns {}].into_iter().collect();
/// assert!(ruled_out.contains(&Said::OutDns {}));
/// assert_eq!(ruled_out, [Said::OutDns {}, Said::OutStopped {}]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Said>", into = "Vec<Said>")]
pub struct RuledOut(u8);

impl RuledOut {
    /// All that can be ruled out, in the order in which it is said.
    pub const ALL: [Said; 7] = [
        Said::OutDns {},
        Said::OutBrowser {},
        Said::OutRouting {},
        Said::OutDroppingFirewall {},
        Said::OutHostDown {},
        Said::OutClosedPort {},
        Said::OutStopped {},
    ];

    /// Whether this is ruled out.
    pub fn contains(self, said: &Said) -> bool {
        self.iter().any(|out| out == *said)
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Said> {
        let all = Self::ALL.into_iter().enumerate();
        all.filter_map(move |(bit, said)| (self.0 >> bit & 1 == 1).then_some(said))
    }
}

/// What cannot be ruled out is left out.
impl FromIterator<Said> for RuledOut {
    fn from_iter<List: IntoIterator<Item = Said>>(list: List) -> Self {
        let bit = |said| Self::ALL.iter().position(|out| *out == said);
        let bits = list.into_iter().filter_map(bit);
        Self(bits.fold(0, |all, bit| all | 1 << bit))
    }
}

impl From<Vec<Said>> for RuledOut {
    fn from(list: Vec<Said>) -> Self {
        list.into_iter().collect()
    }
}

impl From<RuledOut> for Vec<Said> {
    fn from(ruled_out: RuledOut) -> Self {
        ruled_out.iter().collect()
    }
}

impl<const COUNT: usize> PartialEq<[Said; COUNT]> for RuledOut {
    fn eq(&self, list: &[Said; COUNT]) -> bool {
        self.iter().eq(list.iter().copied())
    }
}

impl fmt::Debug for RuledOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        for count in 0..=RuledOut::ALL.len() {
            let some: RuledOut = RuledOut::ALL.into_iter().take(count).collect();
            assert_eq!(some.iter().count(), count);
            let json = serde_json::to_string(&some).unwrap();
            let read: RuledOut = serde_json::from_str(&json).unwrap();
            assert_eq!(read, some, "{json}");
        }
    }

    #[test]
    fn what_cannot_be_ruled_out_is_left_out() {
        let list = [Said::NobodyListens {}, Said::OutDns {}];
        assert_eq!(RuledOut::from_iter(list), [Said::OutDns {}]);
    }
}
