//! A recording on the dashboard: the same fold at another speed. Opens no socket.
//!
//! - [`Recording`]: a file that was read through once, and read again as it is played. Never
//!   held in memory, however long it is.
//! - `stage`: the ledger that takes the lines, and the board that shows what follows.
//! - `checkpoints`: stages that were gone through, so that going back is no long way.
//! - [`through`]: the whole of it, as fast as it can be read.
//! - [`Player`]: plays, pauses and seeks on a thread of its own.

mod checkpoints;
mod player;
mod recording;
mod stage;
mod through;

pub use player::{Control, Playback, Player, SPEEDS};
pub use recording::{Recording, ReplayError};
pub use through::through;

#[cfg(test)]
mod tests;
