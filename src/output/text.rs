//! What `check` prints for people: a line an instance, and for each that has a problem
//! why, and what to type.

mod page;

use std::cmp::Reverse;
use std::io::{self, Write};

use jiff::tz::TimeZone;

use crate::advice::{self, Advice, CauseAdvice, Shell};
use crate::diagnosis::incident::Incident;
use crate::diagnosis::{Confidence, Standing, State};
use crate::monitor::Row;
use crate::target::Plainly;

pub use self::page::{Page, Waiting};

/// How the text is dressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dress {
    /// ANSI colours for a terminal.
    Colour,
    /// Nothing but the text.
    Plain,
}

/// How many commands are printed for an instance; the dashboard and JSON have them all.
const COMMANDS: usize = 4;

/// Writes one instance.
pub fn row(out: &mut impl Write, row: &Row, dress: Dress) -> io::Result<()> {
    member(out, row, dress)?;
    let is_well = matches!(row.state, State::Answering | State::Ready | State::Open);
    let is_worth_words = row
        .diagnosis
        .as_ref()
        .is_some_and(|diagnosis| !diagnosis.findings.is_empty());
    if is_well && !is_worth_words {
        return Ok(());
    }
    match super::advice(row) {
        Some(advice) if is_well => findings(out, &advice),
        Some(advice) => {
            reasons(out, row, &advice, dress)?;
            writeln!(out)
        }
        None => Ok(()),
    }
}

/// The line of an instance, without its reasons.
fn member(out: &mut impl Write, row: &Row, dress: Dress) -> io::Result<()> {
    let glyph = row.state.glyph();
    let (on, off) = dress.state(row.state);
    write!(
        out,
        "{on}{glyph} {:<14}{off} {}",
        row.state.word(),
        row.instance.name
    )?;
    facts(out, row)?;
    writeln!(out)?;
    clients_would(out, row)
}

fn findings(out: &mut impl Write, advice: &Advice) -> io::Result<()> {
    advice
        .findings
        .iter()
        .filter(|finding| **finding != advice.headline)
        .try_for_each(|finding| writeln!(out, "    {finding}"))
}

/// A line of what clients would experience, where it is not the same for all.
fn clients_would(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let clients = super::clients_would(row);
    let groups = advice::alike(&clients);
    if groups.len() < 2 {
        return Ok(());
    }
    let told: Vec<String> = groups
        .iter()
        .map(|(names, client)| format!("{}: {}", names.join(", "), client.text))
        .collect();
    writeln!(out, "    clients would connect in: {}", told.join(" · "))
}

/// Writes what is wrong with this machine itself, if anything is.
pub fn standing(out: &mut impl Write, standing: &Standing) -> io::Result<()> {
    match advice::standing(standing) {
        Some(words) => writeln!(out, "This machine {}. First: {}.", words.says, words.first),
        None => Ok(()),
    }
}

/// Writes how many are how.
pub fn summary(out: &mut impl Write, counts: &[(State, usize)]) -> io::Result<()> {
    writeln!(out, "{}", counted(counts))
}

/// `3 instances: 1 refused, 2 answering`.
pub(super) fn counted(counts: &[(State, usize)]) -> String {
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let noun = if total == 1 { "instance" } else { "instances" };
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    format!("{total} {noun}: {}", parts.join(", "))
}

/// Writes the last lines: what is said of each incident, and once, for one of its
/// instances, why. `rows` has them among others, in the order of their ids.
pub fn incidents(
    out: &mut impl Write,
    incidents: &[Incident],
    page: &Page,
    rows: &[Waiting],
    zone: &TimeZone,
) -> io::Result<()> {
    let by_id = |id: &u32| {
        let found = rows.binary_search_by_key(id, |row| row.id().0);
        found.ok().map(|at| &rows[at])
    };
    for incident in incidents {
        let words = advice::incident(incident, zone);
        writeln!(out, "\nTogether: {}", words.sentence)?;
        let members = incident.members.iter().filter_map(by_id);
        let Some(example) = members.max_by_key(|row| telling(page, row, incident)) else {
            continue;
        };
        let example = example.whole();
        if let Some(advice) = super::advice(&example) {
            writeln!(out, "    As for {}:", example.instance.name)?;
            reasons(out, &example, &advice, page.dress())?;
        }
    }
    Ok(())
}

/// How well an instance stands for its incident: it has its causes, more was looked at, and
/// it is listed first.
fn telling(page: &Page, row: &Waiting, incident: &Incident) -> (bool, usize, Reverse<u32>) {
    let mut causes = page.leading(row);
    let shares = causes.any(|id| incident.causes.contains(&id));
    (shares, row.looks(), Reverse(row.id().0))
}

/// Endpoint, version and times, as far as they are known.
fn facts(out: &mut impl Write, row: &Row) -> io::Result<()> {
    let Some(evidence) = row.evidence.as_deref() else {
        return Ok(());
    };
    let connect = &evidence.layers.connect;
    if let Some(attempt) = connect.ended(connect.status).next() {
        write!(out, "  {} {}", Plainly(attempt.endpoint), attempt.elapsed)?;
    }
    if let Some(version) = evidence.layers.prelogin.version {
        let product = version.product().unwrap_or("version");
        write!(out, "  {product} {version}")?;
    }
    Ok(())
}

fn reasons(out: &mut impl Write, row: &Row, advice: &Advice, dress: Dress) -> io::Result<()> {
    if !advice.headline.is_empty() {
        writeln!(out, "    {}", advice.headline)?;
    }
    findings(out, advice)?;
    let tied = advice.tied.max(1);
    for (at, cause) in advice.causes.iter().enumerate().take(tied.max(2)) {
        self::cause(out, at, advice, cause)?;
    }
    if let Some(case) = row.case() {
        let platform = advice::platform(&case).platform;
        let (on, off) = dress.command();
        for numbered in advice::commands_for(advice, platform).iter().take(COMMANDS) {
            writeln!(
                out,
                "    {} {on}{}{off}   ({})",
                mark(numbered.command.shell != Shell::Text),
                numbered.command.text,
                numbered.about()
            )?;
        }
    }
    Ok(())
}

/// What stands before a command. A sentence or a connection string is not to be typed.
pub(super) fn mark(is_typed: bool) -> char {
    if is_typed { '$' } else { '-' }
}

fn cause(out: &mut impl Write, at: usize, advice: &Advice, cause: &CauseAdvice) -> io::Result<()> {
    let label = match at {
        0 if advice.tied > 1 => "Equally likely:",
        0 => "Most likely:",
        _ => "or:",
    };
    let sure = match cause.confidence {
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    };
    writeln!(out, "    {label} {} ({sure}, {})", cause.title, cause.id)?;
    for (label, said) in [("because", &cause.because), ("against", &cause.against)] {
        let said: Vec<&str> = said
            .iter()
            .map(String::as_str)
            .filter(|said| *said != advice.headline)
            .collect();
        if !said.is_empty() {
            writeln!(out, "      {label} {}", said.join(" · "))?;
        }
    }
    Ok(())
}

impl Dress {
    pub(super) fn state(self, state: State) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("", ""),
            Self::Colour if state == State::Degraded => ("\x1b[33m", "\x1b[0m"),
            Self::Colour if state.is_up() => ("\x1b[32m", "\x1b[0m"),
            Self::Colour => ("\x1b[1;31m", "\x1b[0m"),
        }
    }

    pub(super) fn command(self) -> (&'static str, &'static str) {
        match self {
            Self::Plain => ("", ""),
            Self::Colour => ("\x1b[1m", "\x1b[0m"),
        }
    }
}
