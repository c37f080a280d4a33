//! sqlreach beside others, in one run on one machine: `benches/compare.sh` builds, and runs
//! this in a network namespace of its own.
//!
//! Words name the lines of the table that are wanted; without one all are measured. Other
//! parts of the same program are the servers, the bare loop, the stopwatch, and the pieces
//! whose instructions are counted.

// Kibibytes and counts fit into a figure; every measurement has one form.
#![allow(clippy::cast_precision_loss, clippy::unnecessary_wraps)]

mod bare;
mod day;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod fleet;
mod inside;
mod lists;
mod measure;
mod memory;
mod pty;
mod repeat;
mod screen;
mod sweep;
mod table;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use self::fleet::Fleet;
use self::lists::Lists;
use self::table::Line;

/// What all measurements share.
pub struct Ground {
    /// The program, as it is released.
    pub sqlreach: PathBuf,
    /// The servers.
    pub fleet: Fleet,
    /// The lists of targets.
    pub lists: Lists,
}

/// One part of the table.
type Measurement = fn(&Ground) -> anyhow::Result<Vec<Line>>;

const MEASUREMENTS: [(&str, Measurement); 15] = [
    ("refused", sweep::refused),
    ("healthy", sweep::healthy),
    ("identified", sweep::identified),
    ("dropped", sweep::dropped),
    ("growth", sweep::growth),
    ("memory", memory::memory),
    ("watching", screen::watching),
    ("keys", screen::keys),
    ("start", screen::start),
    ("enter", screen::enter),
    ("bytes", screen::bytes),
    ("binary", sweep::binary),
    ("diagnosis", inside::diagnosis),
    ("grouping", inside::grouping),
    ("draw", inside::draw),
];

fn main() -> anyhow::Result<ExitCode> {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    match words.first().and_then(|word| word.to_str()) {
        Some("measured") => measure::measured(&words[1..])?,
        Some("day") => day::run(&words[1..])?,
        Some("bare") => bare::run(&words[1..])?,
        Some("fleet") => fleet::run()?,
        Some("repeat") => repeat::run(&words[1..])?,
        _ => return compare(&words),
    }
    Ok(ExitCode::SUCCESS)
}

fn compare(wanted: &[OsString]) -> anyhow::Result<ExitCode> {
    let ground = Ground {
        sqlreach: env::var_os("SQLREACH")
            .context("SQLREACH says where the program is")?
            .into(),
        fleet: Fleet::start()?,
        lists: Lists::new()?,
    };
    let mut missed = 0;
    for (name, measure) in MEASUREMENTS {
        if !wanted.is_empty() && wanted.iter().all(|word| word != name) {
            continue;
        }
        for line in measure(&ground).with_context(|| name)? {
            println!("{line}");
            missed += usize::from(!line.is_reached());
        }
    }
    println!("{missed} missed");
    Ok(if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
