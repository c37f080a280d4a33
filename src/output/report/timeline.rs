//! What changed when: states, outages as a client saw them, and what else happened to the
//! instance, newest last.

use jiff::Timestamp;

use crate::monitor::{Glance, Happening, Outage, Row, Transition};
use crate::output::markdown;
use crate::output::moments::{between, moment, second};

/// How many events are told.
const EVENTS: usize = 12;
/// How much else that happened.
const NOTES: usize = 8;
/// The widest that one of it is told.
const NOTE: usize = 300;
/// How many steps of the newest outage.
const STEPS: usize = 8;

pub(super) fn write(lines: &mut Vec<String>, row: &Row) {
    let mut events: Vec<(Timestamp, Vec<String>)> = row.transitions.iter().map(changed).collect();
    let newest = row.outages.len().saturating_sub(1);
    let outages = row.outages.iter().enumerate();
    events.extend(outages.filter_map(|(at, outage)| lost(outage, at == newest)));
    let notes = happened(row);
    if events.is_empty() && notes.is_empty() {
        return;
    }
    events.sort_by_key(|(at, _)| *at);
    markdown::heading(lines, "Timeline (UTC)");
    let left_out = events.len().saturating_sub(EVENTS);
    if left_out > 0 {
        lines.push(format!("- {left_out} earlier changes are not listed."));
    }
    // However much else happened, it takes no room from the changes.
    let mut told: Vec<_> = events.into_iter().skip(left_out).chain(notes).collect();
    told.sort_by_key(|(at, _)| *at);
    lines.extend(told.into_iter().flat_map(|(_, told)| told));
}

/// The newest of what else happened, apart from looks that stand under the evidence.
fn happened(row: &Row) -> Vec<(Timestamp, Vec<String>)> {
    let is_evidence = |what: &Happening| match what {
        Happening::Looked(glance) => {
            let mut witnesses = row.witnesses.iter();
            witnesses.any(|witness| Glance::from(witness) == *glance)
        }
        _ => false,
    };
    let newest = row.diary.notes().rev();
    newest
        .filter(|note| !is_evidence(&note.what))
        .take(NOTES)
        .map(|note| {
            let what = markdown::text(&note.what.to_string(), NOTE);
            (note.at, vec![format!("- {}: {what}", second(note.at))])
        })
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect()
}

fn changed(transition: &Transition) -> (Timestamp, Vec<String>) {
    let Transition {
        from,
        to,
        last_seen,
        first_seen,
    } = *transition;
    let when = between(last_seen, first_seen);
    (first_seen, vec![format!("- {when}: {from} → {to}")])
}

fn lost(outage: &Outage, is_newest: bool) -> Option<(Timestamp, Vec<String>)> {
    let noticed = outage.noticed()?;
    let when = between(outage.last_good, noticed);
    let what = if outage.is_failover() {
        "failover "
    } else {
        ""
    };
    let mut told = vec![format!("- {when}: {what}{}", outage.told())];
    if is_newest {
        let steps = outage.steps.iter().take(STEPS);
        told.extend(steps.map(|step| format!("  - {} {step}", moment(step.at))));
        let more = outage.steps.len().saturating_sub(STEPS);
        let more = more + usize::try_from(outage.left_out).unwrap_or(usize::MAX);
        if more > 0 {
            told.push(format!("  - and {more} more changes"));
        }
    }
    Some((noticed, told))
}
