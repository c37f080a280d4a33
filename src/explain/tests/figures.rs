//! How many texts were read right, how many not at all, and how many wrong.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagnosis::State;
use crate::explain::Layer;

/// What a text was read as, or should be.
pub(super) type Reading = (Option<Layer>, Option<State>);

/// Right, silent, wrong.
#[derive(Default)]
pub(super) struct Figures {
    pub(super) right: usize,
    pub(super) silent: usize,
    pub(super) wrong: usize,
    misses: BTreeMap<String, Vec<String>>,
}

impl Figures {
    /// Counts one text. Silent is what leaves out a part and claims nothing else.
    pub(super) fn add(&mut self, whose: &str, which: &str, expected: Reading, got: Reading) {
        if got == expected {
            self.right += 1;
            return;
        }
        let says_less =
            (got.0.is_none() || got.0 == expected.0) && (got.1.is_none() || got.1 == expected.1);
        let what = if says_less {
            self.silent += 1;
            "silent"
        } else {
            self.wrong += 1;
            "WRONG"
        };
        let miss = format!("{what} {whose}: expected {expected:?}, got {got:?}");
        self.misses.entry(miss).or_default().push(which.to_owned());
    }

    /// In percent of all.
    pub(super) fn share(&self, count: usize) -> f64 {
        let all = self.right + self.silent + self.wrong;
        let [count, all] = [count, all].map(|number| u32::try_from(number).unwrap());
        100.0 * f64::from(count) / f64::from(all)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            right,
            silent,
            wrong,
            misses,
        } = self;
        let [r, s, w] = [*right, *silent, *wrong].map(|count| self.share(count));
        write!(
            f,
            "right {right} ({r:.1}%), silent {silent} ({s:.1}%), wrong {wrong} ({w:.1}%)"
        )?;
        for (miss, which) in misses {
            write!(f, "\n    {miss}: {}", which.join(" "))?;
        }
        Ok(())
    }
}
