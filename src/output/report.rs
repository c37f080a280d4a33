//! The report on one instance, in Markdown: what goes into a ticket as it is.
//!
//! Times are UTC, a section without content is left out, and every list is bounded, so that it
//! stays a page or two however long the instance has been in trouble.

mod audit;
mod clients;
mod diagnosis;
mod document;
mod evidence;
mod fixes;
mod head;
mod steps;
mod timeline;
mod versions;

pub use document::{Head, document};

use jiff::Timestamp;

use crate::diagnosis::incident::Incident;
use crate::monitor::Row;
use crate::target::Platform;

/// Writes the report as of `now`. `platform` is the one whose commands are wanted, `None` for
/// the declared or guessed one; `incident` is the one that the row is part of. It ends without
/// a line break.
pub fn report(
    row: &Row,
    now: Timestamp,
    platform: Option<Platform>,
    incident: Option<&Incident>,
) -> String {
    let mut lines = Vec::new();
    head::write(&mut lines, row, now, incident);
    let advice = super::advice(row);
    if let Some(advice) = &advice {
        diagnosis::write(&mut lines, row, advice);
    }
    evidence::write(&mut lines, row);
    if let Some(advice) = &advice {
        clients::write(&mut lines, row, advice);
        steps::write(&mut lines, row, advice, platform);
    }
    fixes::write(&mut lines, row, now);
    audit::write(&mut lines, row);
    timeline::write(&mut lines, row);
    versions::write(&mut lines, row);
    lines.join("\n")
}

#[cfg(test)]
mod tests;
