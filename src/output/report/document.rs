//! The reports of one check as one document: how many are how and who fails together above
//! them, a rule between them.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::advice;
use crate::diagnosis::incident::Incident;
use crate::diagnosis::{Standing, State};
use crate::monitor::Row;
use crate::output::markdown;
use crate::output::moments::second;
use crate::output::text::counted;

/// What the document says above its reports.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// How many instances are in which state.
    pub counts: &'a [(State, usize)],
    /// How this machine's own network stands.
    pub standing: &'a Standing,
    /// Who fails together; the numbers of the members are those of the rows.
    pub incidents: &'a [Incident],
    /// When it is written.
    pub now: Timestamp,
}

/// Writes the document, the reports in the order of the rows.
pub fn document(
    out: &mut impl Write,
    head: &Head<'_>,
    rows: &[impl Borrow<Row>],
) -> io::Result<()> {
    let incidents = head.incidents.iter();
    let of: HashMap<u32, &Incident> = incidents
        .flat_map(|incident| incident.members.iter().map(move |id| (*id, incident)))
        .collect();
    writeln!(out, "{}", summary(head))?;
    rows.iter().try_for_each(|row| {
        let row: &Row = row.borrow();
        let incident = of.get(&row.id.0).copied();
        let report = super::report(row, head.now, None, incident);
        writeln!(out, "\n---\n\n{report}")
    })
}

fn summary(head: &Head<'_>) -> String {
    let mut lines = vec![
        "# SQL Server connectivity".to_owned(),
        String::new(),
        format!("{}, at {} (UTC).", counted(head.counts), second(head.now)),
    ];
    if let Some(words) = advice::standing(head.standing) {
        let said = format!("This machine {}. First: {}.", words.says, words.first);
        lines.extend([String::new(), markdown::text(&said, usize::MAX)]);
    }
    if !head.incidents.is_empty() {
        let together = head.incidents.iter().map(|incident| {
            let words = advice::incident(incident, &TimeZone::UTC);
            format!("- {}", markdown::text(&words.sentence, usize::MAX))
        });
        lines.extend([String::new(), "Together:".to_owned(), String::new()]);
        lines.extend(together);
    }
    lines.join("\n")
}
