//! The fixes that were put to the proof: when, what was expected, and what came of it.

use jiff::Timestamp;

use crate::advice::proof;
use crate::monitor::{Ended, Expected, Proof, Row};
use crate::output::markdown;
use crate::output::moments::second;

/// How many are told.
const PROOFS: usize = 6;
/// The widest that the title of a fix is shown.
const TITLE: usize = 120;

pub(super) fn write(lines: &mut Vec<String>, row: &Row, now: Timestamp) {
    if row.proofs.is_empty() {
        return;
    }
    markdown::heading(lines, "Fixes tried");
    let left_out = row.proofs.len().saturating_sub(PROOFS);
    if left_out > 0 {
        lines.push(format!("- {left_out} earlier are not listed."));
    }
    for tried in &row.proofs[left_out..] {
        let title = markdown::text(&tried.attempt.fix, TITLE);
        lines.push(format!(
            "- {} UTC, **{title}** (`{}`): {}",
            second(tried.began),
            tried.attempt.cause,
            outcome(tried, now)
        ));
        let expected = tried.expected.iter();
        lines.extend(expected.map(|one| format!("  - {}", self::expected(tried, one))));
    }
}

fn outcome(tried: &Proof, now: Timestamp) -> String {
    let since = |at: Timestamp| at.duration_since(tried.began);
    match tried.ended {
        None => proof::verifying(since(now), since(tried.until), tried.probes, tried.seen),
        Some(Ended::Fixed { after, by }) => proof::fixed(after, by),
        Some(Ended::NotFixed { first, at }) => proof::not_fixed(since(at), first),
        Some(Ended::Untold { at }) => {
            format!(
                "{}: nobody knows whether it worked",
                proof::stopped(since(at))
            )
        }
    }
}

fn expected(tried: &Proof, one: &Expected) -> String {
    match one.met {
        Some(met) => format!(
            "{}: {}",
            proof::expectation(one.what),
            proof::came_true(tried.began, met.after, met.by)
        ),
        None if tried.is_running() => format!("{}: not yet", proof::expectation(one.what)),
        None => format!("{}: not seen", proof::expectation(one.what)),
    }
}
