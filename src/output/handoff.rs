//! The note that hands an incident to the network or server team, in Markdown: when, from
//! where, which connections, what was seen and what was not, and what they can run.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::markdown;
use crate::advice::{self, Place, Shell, TeamCommand};
use crate::diagnosis::Subnet;
use crate::diagnosis::incident::{Began, Incident};
use crate::evidence::{Asked, Attempt, Browser, ConnectStatus, Elapsed, Look, PreloginStatus};
use crate::evidence::{ResponseCode, Senders, Vantage};
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
/// How many of this machine's addresses are named.
const ADDRESSES: usize = 4;
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
        format!("- Began (UTC): {}", began(incident.began)),
    ];
    if let Some(looked) = looked(&rows) {
        lines.push(format!("- Newest looks (UTC): {looked}"));
    }
    if let Some(row) = rows.first() {
        let vantage = &row.surroundings.vantage;
        lines.push(format!("- Seen from: {}", seen_from(vantage)));
    }
    list(&mut lines, "Seen", &words.seen);
    list(&mut lines, "Not seen", &words.not_seen);
    connections(&mut lines, &rows);
    counts(&mut lines, &rows);
    commands(&mut lines, incident, &rows);
    lines.join("\n")
}

fn began(Began { after, by }: Began) -> String {
    match after {
        Some(after) if second(after) == second(by) => second(by),
        Some(after) => format!("between {} and {}", second(after), second(by)),
        None => format!("{} or earlier", second(by)),
    }
}

fn looked(rows: &[&Row]) -> Option<String> {
    let looks = || rows.iter().filter_map(|row| row.evidence.as_deref());
    let first = looks().map(|evidence| evidence.at).min()?;
    let last = looks()
        .map(|evidence| end(evidence.at, evidence.elapsed))
        .max()?;
    Some(format!("{} to {}", second(first), second(last)))
}

fn seen_from(vantage: &Vantage) -> String {
    let name = markdown::text(&vantage.host, NAME);
    let addresses: Vec<String> = vantage
        .addresses
        .iter()
        .take(ADDRESSES)
        .map(ToString::to_string)
        .collect();
    if addresses.is_empty() {
        return format!("{name} (it has no address)");
    }
    format!("{name} ({})", addresses.join(", "))
}

fn list(lines: &mut Vec<String>, title: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    lines.extend([String::new(), format!("## {title}"), String::new()]);
    let items = items.iter();
    lines.extend(items.map(|item| format!("- {}", markdown::text(item, usize::MAX))));
}

/// One packet exchange with somebody: what a firewall's log can be searched for.
struct Connection {
    protocol: &'static str,
    from: Option<String>,
    to: String,
    when: String,
    came_back: String,
}

fn connections(lines: &mut Vec<String>, rows: &[&Row]) {
    let shown = rows.iter().take(INSTANCES);
    let mut found = shown
        .flat_map(|row| exchanges(row).into_iter().map(move |one| (row, one)))
        .take(CONNECTIONS)
        .peekable();
    if found.peek().is_none() {
        return;
    }
    lines.extend([
        String::new(),
        "## Connections".to_owned(),
        String::new(),
        "| instance | protocol | from | to | when (UTC) | came back |".to_owned(),
        "|---|---|---|---|---|---|".to_owned(),
    ]);
    for (row, one) in found {
        lines.push(format!(
            "| {} | {} | {} | {} | {} | {} |",
            markdown::text(&row.instance.name, NAME),
            one.protocol,
            one.from.as_deref().unwrap_or("not known"),
            one.to,
            one.when,
            one.came_back
        ));
    }
}

/// The newest connections of an instance, as far as a log on the way would show them.
fn exchanges(row: &Row) -> Vec<Connection> {
    let Some(evidence) = row.evidence.as_deref() else {
        return Vec::new();
    };
    let layers = &evidence.layers;
    let when = interval(evidence.at, evidence.elapsed);
    let mut found = Vec::new();
    if layers.connect.attempts.is_empty() {
        let failed = layers.resolve.asked.iter();
        let failed = failed
            .filter(|asked| asked.code != ResponseCode::Ok)
            .take(2);
        found.extend(failed.map(|asked| question(asked, &when)));
        found.extend(datagram(&layers.browser, &when));
    }
    for attempt in &layers.connect.attempts {
        let answer =
            (layers.prelogin.endpoint == Some(attempt.endpoint)).then_some(layers.prelogin.status);
        found.push(connection(row, attempt, answer, when.clone()));
    }
    for witness in row.witnesses.iter() {
        if let Look::Port(attempt) | Look::ClosedPort(attempt) = &witness.look {
            let when = interval(witness.at, attempt.elapsed);
            found.push(connection(row, attempt, None, when));
        }
    }
    found
}

fn connection(
    row: &Row,
    attempt: &Attempt,
    answer: Option<PreloginStatus>,
    when: String,
) -> Connection {
    Connection {
        protocol: "tcp",
        from: attempt.local.map(|local| local.to_string()),
        to: attempt.endpoint.to_string(),
        when,
        came_back: came_back(attempt, answer, row.surroundings.vantage.senders),
    }
}

fn came_back(attempt: &Attempt, answer: Option<PreloginStatus>, senders: Senders) -> String {
    let took = attempt.elapsed;
    if let Some(icmp) = attempt.icmp {
        return format!(
            "ICMP type {} code {} from {} after {took}",
            icmp.kind, icmp.code, icmp.from
        );
    }
    match attempt.status {
        ConnectStatus::Open => format!("SYN-ACK after {took}{}", then(answer)),
        // Only where the system names senders is a refusal without one surely a reset.
        ConnectStatus::Refused if senders == Senders::Named => format!("RST after {took}"),
        ConnectStatus::Refused => format!("refused after {took}"),
        ConnectStatus::TimedOut => format!("nothing within {took}"),
        ConnectStatus::Unreachable => match attempt.os_error {
            Some(error) => format!("no way (system error {error}) after {took}"),
            None => format!("no way after {took}"),
        },
        ConnectStatus::Blocked => "not sent: this machine forbids it".to_owned(),
        ConnectStatus::Exhausted => "not sent: this machine has no port left".to_owned(),
        ConnectStatus::Skipped => "not sent".to_owned(),
    }
}

fn then(answer: Option<PreloginStatus>) -> &'static str {
    match answer {
        None | Some(PreloginStatus::Skipped) => "",
        Some(PreloginStatus::Silent) => ", then no answer to PRELOGIN",
        Some(PreloginStatus::Closed) => ", then FIN",
        Some(PreloginStatus::Reset) => ", then RST",
        Some(PreloginStatus::Ok | PreloginStatus::InstanceMismatch) => ", then an answer",
        Some(PreloginStatus::NotTds | PreloginStatus::Malformed) => {
            ", then an answer that is not SQL Server's"
        }
    }
}

fn question(asked: &Asked, when: &str) -> Connection {
    let code = match asked.code {
        ResponseCode::Ok => "an address",
        ResponseCode::Empty => "no address",
        ResponseCode::NxDomain => "NXDOMAIN",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::TimedOut => "nothing",
        ResponseCode::Other => "an answer that makes no sense",
    };
    let name = markdown::text(&asked.name.clean(NAME), NAME);
    Connection {
        protocol: "dns",
        from: None,
        to: asked.server.to_string(),
        when: when.to_owned(),
        came_back: format!("{code} for {name} after {}", asked.elapsed),
    }
}

fn datagram(browser: &Browser, when: &str) -> Option<Connection> {
    let came_back = match browser.icmp {
        Some(icmp) => format!(
            "ICMP type {} code {} from {}",
            icmp.kind, icmp.code, icmp.from
        ),
        None if browser.reply_hex.is_some() => "an answer".to_owned(),
        None => "nothing".to_owned(),
    };
    Some(Connection {
        protocol: "udp",
        from: None,
        to: browser.asked?.to_string(),
        when: when.to_owned(),
        came_back,
    })
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
        command(lines, one);
    }
}

fn command(lines: &mut Vec<String>, one: &TeamCommand) {
    let place = match one.place {
        Place::Server => "on the server",
        Place::Client => "from the client",
        Place::Network => "on the network",
        Place::Domain => "on the DNS server",
        Place::Cloud => "in the cloud's console",
    };
    let title = markdown::text(&one.title, usize::MAX);
    lines.extend([String::new(), format!("{title} ({place}):"), String::new()]);
    let language = match one.command.shell {
        Shell::Powershell => "powershell",
        Shell::Cmd => "bat",
        Shell::Bash => "bash",
        Shell::Sql => "sql",
        Shell::Text => {
            lines.push(format!(
                "> {}",
                markdown::text(&one.command.text, usize::MAX)
            ));
            return;
        }
    };
    lines.push(markdown::block(language, &one.command.text));
    if let Some(note) = &one.note {
        lines.extend([String::new(), markdown::text(note, usize::MAX)]);
    }
}

fn end(at: Timestamp, elapsed: Elapsed) -> Timestamp {
    at.saturating_add(elapsed.duration()).unwrap_or(at)
}

fn interval(at: Timestamp, elapsed: Elapsed) -> String {
    format!("{} to {}", moment(at), moment(end(at, elapsed)))
}

/// With the date, for the head of the note.
fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Within the day that the head names.
fn moment(at: Timestamp) -> String {
    at.strftime("%H:%M:%S%.3f").to_string()
}

#[cfg(test)]
mod tests;
