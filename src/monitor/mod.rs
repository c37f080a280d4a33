//! Who is probed when, what follows from it, and what the screen reads.
//!
//! - [`Ledger`]: pure. Events in, changes out. Settling, history, stale rows.
//! - `schedule`: when to probe what, with jitter, confirmations and witnesses.
//! - [`Board`]: the newest row of each instance, and a list of what is dirty.
//! - `memory`: last known good, on disk.
//! - [`Recorder`]: what the ledger takes, written down as it comes.
//! - [`replay`]: the same fold over what was written, at another speed.
//! - [`check`]: one probe for each target and no watching, for one-shot commands.
//!
//! The prober runs on a thread of its own with a current-thread runtime; the screen
//! and the commands talk to it through a [`Monitor`]. An [`Opening`] is one that has yet to be told
//! what to watch.

mod board;
pub mod check;
mod diary;
mod history;
mod incidents;
mod ledger;
mod memory;
mod outage;
mod proof;
mod recorder;
pub mod replay;
mod row;
mod schedule;

pub use board::{Board, News};
pub use diary::{Diary, Glance, Happening, Note};
pub use history::{History, Sample, Slot};
pub use incidents::{IncidentId, Incidents};
pub use ledger::{Change, Event, Ledger, Rules};
pub use memory::{Memory, MemoryError, Snapshot, Written};
pub use outage::{Outage, Step, Turn};
pub use proof::{Attempt, Ended, Expected, Met, Proof};
pub use recorder::{Header, Recorder, Trouble};
pub use row::{Acknowledged, Flapping, InstanceId, Maintained, Marks, Row, Since, Transition};
pub use schedule::{Command, Monitor, Opening, Setup, in_flight_limit, network_settings, round};

#[cfg(test)]
mod tests;
