//! One line of the table: what was measured, what it must reach, and a plain verdict.

use std::fmt;

/// One measurement against its goal.
#[derive(Clone, Debug)]
pub struct Line {
    /// What was done.
    pub work: &'static str,
    /// The figures behind it, for people.
    pub seen: String,
    /// What counts.
    pub got: f64,
    /// What it must not exceed.
    pub most: f64,
    /// Of both: `of nmap`, `ms`, `MiB`.
    pub unit: &'static str,
}

impl Line {
    /// Whether it is reached.
    pub fn is_reached(&self) -> bool {
        self.got <= self.most
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_reached() {
            "reached"
        } else {
            "MISSED"
        };
        write!(
            f,
            "{verdict}  {}: {} {} (at most {})",
            self.work,
            figure(self.got),
            self.unit,
            figure(self.most)
        )?;
        if self.seen.is_empty() {
            return Ok(());
        }
        write!(f, "\n         {}", self.seen)
    }
}

/// Three digits that count.
fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        0.0..0.01 => 4,
        0.01..1.0 => 3,
        1.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
