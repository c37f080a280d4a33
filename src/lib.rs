//! sqlreach: which layer between you and a SQL Server is broken, why, and what to type.
//!
//! The library behind the binary, one module for each room of the house:
//!
//! - [`target`]: every spelling of a server, parsed into checked tokens
//! - [`config`]: the file, turned into checked settings
//! - [`policy`]: what this machine's policy allows; nobody can loosen it
//! - [`disk`]: files that survive a kill at any moment
//! - [`wire`]: codecs without I/O for SSRP and PRELOGIN
//! - [`evidence`]: what can be seen, as plain serialisable values
//! - [`probe`]: the network; evidence out, no opinions
//! - [`diagnosis`]: a case in, a diagnosis out
//! - [`advice`]: words and commands, rendered when they are shown
//! - [`explain`]: a client's error message in, the layer it speaks of and what it proves out
//! - [`monitor`]: who is probed when, what follows, what the screen reads
//! - [`tui`]: the screen
//! - [`output`]: the other faces, text and JSON
//! - [`simulate`]: a small SQL Server network on loopback
//! - [`cli`] and [`command`]: the command line, and what each command does
//!
//! Data goes one way: `config -> target -> monitor -> probe -> evidence -> diagnosis ->
//! board -> screen`.

pub mod advice;
pub mod cli;
pub mod command;
pub mod config;
pub mod diagnosis;
pub mod disk;
pub mod evidence;
pub mod explain;
pub mod monitor;
pub mod output;
pub mod policy;
pub mod probe;
pub mod simulate;
pub mod target;
pub mod tui;
pub mod wire;
