//! What was seen: layer by layer, the looks besides, and the connections as a log has them.

use crate::advice::seen;
use crate::diagnosis::State;
use crate::evidence::{BrowserStatus, Evidence, Hop, HopStatus, Look, Witness};
use crate::monitor::Row;
use crate::output::moments::{moment, second};
use crate::output::{connections, markdown};

/// How many facts of a layer are told.
const FACTS: usize = 8;
/// The widest that a fact is shown.
const FACT: usize = 240;
/// How many looks besides are told.
const LOOKS: usize = 8;
/// How many connections.
const CONNECTIONS: usize = 16;
/// How many hops from either end of a walk.
const HOPS: usize = 4;

pub(super) fn write(lines: &mut Vec<String>, row: &Row) {
    let Some(evidence) = row.evidence.as_deref() else {
        return;
    };
    markdown::heading(lines, "Evidence");
    lines.extend([
        format!(
            "Probed at {} (UTC), {} in all.",
            second(evidence.at),
            evidence.elapsed
        ),
        String::new(),
        "| layer | seen |".to_owned(),
        "|---|---|".to_owned(),
    ]);
    for (layer, facts) in layers(row, evidence) {
        lines.push(format!("| {layer} | {facts} |"));
    }
    besides(lines, row);
    // Of an instance that is well nobody searches a log.
    if !matches!(row.state, State::Answering | State::Ready | State::Open) {
        connections(lines, row);
    }
}

fn layers(row: &Row, evidence: &Evidence) -> [(&'static str, String); 4] {
    let layers = &evidence.layers;
    let needs_browser = row.instance.target.as_deref();
    let needs_browser = needs_browser.is_ok_and(crate::target::Target::needs_browser);
    let no_browser = if needs_browser || layers.browser.status != BrowserStatus::Skipped {
        NOT_REACHED
    } else {
        "not needed: the port is known"
    };
    let senders = row.surroundings.vantage.senders;
    [
        ("name", joined(&seen::resolve(&layers.resolve), NOT_REACHED)),
        (
            "Browser",
            joined(&seen::browser(&layers.browser), no_browser),
        ),
        (
            "port",
            joined(&seen::connect(&layers.connect, senders), NOT_REACHED),
        ),
        (
            "engine",
            joined(&seen::prelogin(&layers.prelogin), NOT_REACHED),
        ),
    ]
}

const NOT_REACHED: &str = "not reached";

fn joined(facts: &[String], nothing: &str) -> String {
    if facts.is_empty() {
        return nothing.to_owned();
    }
    let mut told: Vec<String> = facts.iter().take(FACTS).map(|fact| text(fact)).collect();
    if let Some(more) = facts.len().checked_sub(FACTS).filter(|more| *more > 0) {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}

/// What is set apart by columns on the screen is set apart by commas here.
fn text(fact: &str) -> String {
    markdown::text(&fact.trim().replace("  ", ", "), FACT)
}

/// The looks that are no connection of the table below.
fn besides(lines: &mut Vec<String>, row: &Row) {
    let looks = row
        .witnesses
        .iter()
        .filter_map(|witness| look(row, witness));
    let looks: Vec<String> = looks.take(LOOKS).collect();
    if looks.is_empty() {
        return;
    }
    lines.extend([
        String::new(),
        "Looked at besides:".to_owned(),
        String::new(),
    ]);
    lines.extend(looks);
}

fn look(row: &Row, witness: &Witness) -> Option<String> {
    let at = moment(witness.at);
    let said = match &witness.look {
        Look::Port(_) | Look::ClosedPort(_) => return None,
        Look::Path {
            endpoint,
            available: true,
            hops,
        } => format!("the path towards {endpoint}: {}", path(hops)),
        _ => joined(
            &seen::witness(witness, row.surroundings.vantage.senders),
            "nothing",
        ),
    };
    Some(format!("- {at} {said}"))
}

/// `10.0.9.1, 10.0.8.1, then nothing from hop 3 on`: who answered, in the order of the way.
fn path(hops: &[Hop]) -> String {
    let answered = hops.iter().rposition(|hop| hop.status != HopStatus::Silent);
    let Some(last) = answered else {
        return "no hop answers".to_owned();
    };
    let told: Vec<String> = hops[..=last].iter().map(hop).collect();
    let mut told = match told.len().checked_sub(2 * HOPS).filter(|more| *more > 0) {
        Some(more) => {
            let (first, rest) = (&told[..HOPS], &told[HOPS + more..]);
            format!("{}, … {more} more …, {}", first.join(", "), rest.join(", "))
        }
        None => told.join(", "),
    };
    if let Some(silent) = hops.get(last + 1) {
        told = format!("{told}, then nothing from hop {} on", silent.ttl);
    }
    told
}

fn hop(hop: &Hop) -> String {
    let from = hop.from.map_or("—".to_owned(), |from| from.to_string());
    match hop.status {
        HopStatus::TtlExceeded | HopStatus::Silent => from,
        HopStatus::Open => format!("{from} (opened)"),
        HopStatus::Refused => format!("{from} (refused)"),
        HopStatus::Unreachable => format!("{from} (says unreachable)"),
    }
}

fn connections(lines: &mut Vec<String>, row: &Row) {
    let all = connections::of(row);
    if all.is_empty() {
        return;
    }
    lines.extend([
        String::new(),
        "Connections, as a log on the way would have them:".to_owned(),
        String::new(),
        format!("| to what | {} |", connections::HEADS),
        "|---|---|---|---|---|---|".to_owned(),
    ]);
    for one in all.iter().take(CONNECTIONS) {
        lines.push(format!("| {} | {} |", one.what, one.cells()));
    }
    if let Some(more) = all.len().checked_sub(CONNECTIONS).filter(|more| *more > 0) {
        lines.extend([String::new(), format!("{more} more are not listed.")]);
    }
}
