//! Proving a fix: what was expected of it, what has come true, and how it ended.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::diagnosis::{CauseId, Expectation, State};

/// A fix that somebody carried out and wants to see proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The cause that it addresses.
    pub cause: CauseId,
    /// The title of the fix, in the words of its playbook.
    pub fix: String,
    /// What it is expected to change.
    pub expects: Vec<Expectation>,
}

/// What came of an attempt. Probes are samples: nothing is known to the second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// What was tried.
    pub attempt: Attempt,
    /// When somebody asked for the proof.
    pub began: Timestamp,
    /// When it is given up.
    pub until: Timestamp,
    /// What is expected, in the order of the layers. The engine's answer is always the last
    /// but for what only an answering engine can show.
    pub expected: Vec<Expected>,
    /// The state that the newest probe saw.
    pub seen: State,
    /// Probes that told something so far.
    pub probes: u32,
    /// How it ended; `None` while it is watched.
    pub ended: Option<Ended>,
}

/// One expectation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// What.
    pub what: Expectation,
    /// Since when it holds; `None` while it does not, or nothing tells.
    pub met: Option<Met>,
}

/// When an expectation came true: after `after`, at the latest at `by`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Met {
    /// The beginning of the last probe that did not see it; `None`: it held from the start.
    pub after: Option<Timestamp>,
    /// The end of the first probe that saw it.
    pub by: Timestamp,
}

/// How a proof ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub enum Ended {
    /// Everything that was expected holds, and the engine answers.
    Fixed {
        /// The least that it took since it was asked for.
        after: SignedDuration,
        /// The most.
        by: SignedDuration,
    },
    /// The time is over, and this is the first expectation that does not hold.
    NotFixed {
        /// Which.
        first: Expectation,
        /// When it was given up.
        at: Timestamp,
    },
    /// It was called off, or this machine's own trouble hid the server to the end.
    Untold {
        /// When.
        at: Timestamp,
    },
}

impl Proof {
    /// Whether it is still watched.
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }
}
