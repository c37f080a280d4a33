//! The note that hands an incident to the network or server team, in Markdown: when, from
//! where, which connections, what was seen and what was not, and what they can run.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use super::moments::{between, end, second};
use super::{connections, markdown, script};
use crate::advice::{self, TeamCommand};
use crate::diagnosis::Subnet;
use crate::diagnosis::incident::Incident;
use crate::evidence::Os;
use crate::monitor::Row;
use crate::target::Host;

/// How many instances have their connections written out.
const INSTANCES: usize = 20;
/// How many connections, at most.
const CONNECTIONS: usize = 40;
/// How many lines the counts of the other instances have.
const COUNTS: usize = 20;
/// How many looks the team is asked to take.
const COMMANDS: usize = 6;
/// The widest that a name is shown.
const NAME: usize = 60;

/// Writes the note. `rows` are those of the incident's instances, in any order; others are
/// left out. It ends without a line break.
pub fn note(incident: &Incident, rows: &[Row]) -> String {
    let by_id: HashMap<u32, &Row> = rows.iter().map(|row| (row.id.0, row)).collect();
    let rows: Vec<&Row> = incident
        .members
        .iter()
        .filter_map(|id| by_id.get(id).copied())
        .collect();
    let words = advice::incident(incident, &TimeZone::UTC);
    let mut lines = vec![
        format!("# For the {}", words.team),
        String::new(),
        markdown::text(&words.sentence, usize::MAX),
        String::new(),
        markdown::text(&words.ask, usize::MAX),
        String::new(),
        format!(
            "- Began (UTC): {}",
            between(incident.began.after, incident.began.by)
        ),
    ];
    if let Some(looked) = looked(&rows) {
        lines.push(format!("- Newest looks (UTC): {looked}"));
    }
    if let Some(row) = rows.first() {
        let vantage = &row.surroundings.vantage;
        lines.push(format!("- Seen from: {}", connections::seen_from(vantage)));
    }
    markdown::list(&mut lines, "Seen", &words.seen);
    markdown::list(&mut lines, "Not seen", &words.not_seen);
    connections(&mut lines, &rows);
    counts(&mut lines, &rows);
    commands(&mut lines, incident, &rows);
    lines.join("\n")
}

fn looked(rows: &[&Row]) -> Option<String> {
    let looks = || rows.iter().filter_map(|row| row.evidence.as_deref());
    let first = looks().map(|evidence| evidence.at).min()?;
    let last = looks()
        .map(|evidence| end(evidence.at, evidence.elapsed))
        .max()?;
    Some(format!("{} to {}", second(first), second(last)))
}

fn connections(lines: &mut Vec<String>, rows: &[&Row]) {
    let shown = rows.iter().take(INSTANCES);
    let mut found = shown
        .flat_map(|row| connections::of(row).into_iter().map(move |one| (row, one)))
        .take(CONNECTIONS)
        .peekable();
    if found.peek().is_none() {
        return;
    }
    lines.extend([
        String::new(),
        "## Connections".to_owned(),
        String::new(),
        format!("| instance | {} |", connections::HEADS),
        "|---|---|---|---|---|---|".to_owned(),
    ]);
    for (row, one) in found {
        let name = markdown::text(&row.instance.name, NAME);
        lines.push(format!("| {name} | {} |", one.cells()));
    }
}

/// Where all of them are, once there are more than are written out.
fn counts(lines: &mut Vec<String>, rows: &[&Row]) {
    let Some(more) = rows.len().checked_sub(INSTANCES).filter(|more| *more > 0) else {
        return;
    };
    let mut places: BTreeMap<(Option<Subnet>, Option<u16>), usize> = BTreeMap::new();
    for row in rows {
        *places.entry(place(row)).or_default() += 1;
    }
    let mut places: Vec<_> = places.into_iter().collect();
    places.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    lines.extend([
        String::new(),
        format!("{more} more instances are not listed. All of them by network and port:"),
        String::new(),
        "| network | tcp port | instances |".to_owned(),
        "|---|---|---|".to_owned(),
    ]);
    for ((subnet, port), count) in places.iter().take(COUNTS) {
        let subnet = subnet.map_or_else(|| "not known".to_owned(), |one| one.to_string());
        let port = port.map_or_else(|| "not known".to_owned(), |one| one.to_string());
        lines.push(format!("| {subnet} | {port} | {count} |"));
    }
    if let Some(others) = places.get(COUNTS..).filter(|others| !others.is_empty()) {
        let count: usize = others.iter().map(|(_, count)| count).sum();
        lines.push(format!("| {} others |  | {count} |", others.len()));
    }
}

fn place(row: &Row) -> (Option<Subnet>, Option<u16>) {
    let layers = row.evidence.as_deref().map(|evidence| &evidence.layers);
    let tried = layers.and_then(|layers| layers.connect.attempts.first());
    let target = row.instance.target.as_deref().ok();
    let literal = target.and_then(|target| match &target.host {
        Host::Address(address) => Some(*address),
        Host::Name(_) | Host::Local => None,
    });
    let resolved = layers.and_then(|layers| layers.resolve.addresses.first().copied());
    let address = tried.map(|attempt| attempt.endpoint.ip());
    let port = tried.map(|attempt| attempt.endpoint.port());
    (
        address.or(resolved).or(literal).map(Subnet::of),
        port.or_else(|| Some(target?.port?.get())),
    )
}

fn commands(lines: &mut Vec<String>, incident: &Incident, rows: &[&Row]) {
    let filled = rows.iter().find_map(|row| Some((row, row.case()?)));
    let Some((row, case)) = filled else {
        return;
    };
    let commands = advice::team_commands(incident, &case, COMMANDS);
    if commands.is_empty() {
        return;
    }
    lines.extend([
        String::new(),
        "## To run".to_owned(),
        String::new(),
        format!(
            "All of them only look. They are filled for {}.",
            markdown::text(&row.instance.name, NAME)
        ),
    ]);
    for one in &commands {
        command(lines, one, row.surroundings.vantage.os);
    }
}

fn command(lines: &mut Vec<String>, one: &TeamCommand, here: Os) {
    let place = script::place(one.place, &one.command, here);
    let title = markdown::text(one.title, usize::MAX);
    lines.extend([String::new(), format!("{title} ({place}):"), String::new()]);
    lines.push(script::script(&one.command));
    let note = one.note.iter().map(|note| markdown::text(note, usize::MAX));
    let notes: Vec<String> = script::fill_in(&one.command)
        .into_iter()
        .chain(note)
        .collect();
    if !notes.is_empty() {
        lines.extend([String::new(), notes.join(" ")]);
    }
}

#[cfg(test)]
mod tests;
