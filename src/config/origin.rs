//! Where a setting in force comes from.

/// Where a setting in force comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// The file, on this line (from 1).
    File {
        /// From 1.
        line: usize,
    },
    /// An option or target of the command line, which wins over the file.
    CommandLine,
    /// The policy of this machine, which wins over all.
    Policy,
}

/// The origins of one table's keys; an inner key is written out (`timeout.connect`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<(&'static str, Origin)>);

impl Origins {
    /// Where a key comes from.
    pub fn of(&self, key: &str) -> Origin {
        self.0
            .iter()
            .find(|(known, _)| *known == key)
            .map_or(Origin::Default, |(_, origin)| *origin)
    }

    /// Returns whether nothing was known of the key.
    pub(super) fn set(&mut self, key: &'static str, origin: Origin) -> bool {
        let is_new = self.0.iter().all(|(known, _)| *known != key);
        if !is_new {
            self.forget(key);
        }
        self.0.push((key, origin));
        is_new
    }

    pub(super) fn forget(&mut self, key: &str) {
        self.0.retain(|(known, _)| *known != key);
    }

    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}
