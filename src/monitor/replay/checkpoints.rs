//! Stages that a replay has gone through: going back starts at the nearest before, and not at
//! the beginning.
//!
//! They lie evenly over all that was taken so far. Where there are too many every second one
//! goes, so that they stay few however long the recording is.

use std::time::Duration;

use jiff::Timestamp;

use super::recording::Place;
use super::stage::Stage;

/// More are never kept.
const MOST: usize = 16;
/// Nor more rows than so many in all of them, some kilobytes each: with many instances there
/// are fewer, and with very many none.
const ROWS: usize = 6_400;
/// Lines between two, to begin with: a moment of reading.
const EVERY: u64 = 2_048;

/// All that is needed to go on from one place.
#[derive(Debug)]
pub(super) struct Checkpoint {
    /// Lines that were taken up to here.
    pub(super) taken: u64,
    /// The time of the newest of them, and how long after the beginning.
    pub(super) newest: (Timestamp, Duration),
    /// Where the next line is read.
    pub(super) place: Place,
    pub(super) stage: Stage,
}

/// The stages that are kept, in order.
#[derive(Debug)]
pub(super) struct Checkpoints {
    every: u64,
    kept: Vec<Checkpoint>,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self::every(EVERY)
    }
}

impl Checkpoints {
    /// None yet, and at first one after so many lines.
    pub(super) fn every(lines: u64) -> Self {
        Self {
            every: lines,
            kept: Vec::new(),
        }
    }

    /// Whether one is to be kept after so many lines: further on than ever.
    pub(super) fn is_due(&self, taken: u64) -> bool {
        let last = self.kept.last().map_or(0, |last| last.taken);
        taken.is_multiple_of(self.every) && taken > last
    }

    /// Keeps one, as far as there is room.
    pub(super) fn keep(&mut self, checkpoint: Checkpoint) {
        let most = MOST.min(ROWS / checkpoint.stage.ledger.order().len().max(1));
        self.kept.push(checkpoint);
        while self.kept.len() > most {
            self.every = self.every.saturating_mul(2);
            let every = self.every;
            self.kept.retain(|kept| kept.taken.is_multiple_of(every));
        }
    }

    /// The last one that holds nothing of what is after this time.
    pub(super) fn before(&self, position: Duration) -> Option<&Checkpoint> {
        let after = |kept: &Checkpoint| kept.newest.1 <= position;
        self.kept[..self.kept.partition_point(after)].last()
    }

    /// After how many lines each was kept.
    #[cfg(test)]
    pub(super) fn lines(&self) -> Vec<u64> {
        self.kept.iter().map(|kept| kept.taken).collect()
    }
}
