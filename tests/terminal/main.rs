//! The binary in a real pseudo-terminal: what somebody at the keyboard sees.
//!
//! - `terminal`: starts it in a terminal, waits for the screen, types, resizes, hangs up
//! - `program`: which program, in which surroundings
//! - `place`: how many run at once
//! - `view`: what is on the screen, and what was sent to get it there
//! - `picture`, `shapes`, `svg`: the screen as a drawing, for `pictures`

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod colours;
mod copying;
mod demo;
mod editing;
mod frames;
mod hang_up;
mod importing;
mod keys;
mod kinds;
mod mouse;
mod names;
mod noticing;
mod opening;
mod panics;
mod pasting;
mod picture;
mod pictures;
mod place;
mod plain;
mod program;
mod quitting;
mod rebinding;
mod replaying;
mod resizing;
mod shapes;
mod signals;
mod sizes;
mod stopped;
mod svg;
mod terminal;
mod verifying;
mod view;
mod walk;
