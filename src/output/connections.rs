//! The packet exchanges of a probe, as a log on the way would show them.

use super::markdown;
use super::moments::interval;
use crate::evidence::{
    Asked, Attempt, Browser, BrowserStatus, ConnectStatus, Look, PreloginStatus, ResponseCode,
    Senders, Vantage,
};
use crate::monitor::Row;

/// The heads of what [`Connection::cells`] writes.
pub(super) const HEADS: &str = "protocol | from | to | when (UTC) | came back";
/// What a connection of the probe itself is for.
const SERVER: &str = "SQL Server";
/// How many of this machine's addresses are named.
const ADDRESSES: usize = 4;
/// The widest that a name is shown.
const NAME: usize = 60;

/// The machine that the probes came from.
pub(super) fn seen_from(vantage: &Vantage) -> String {
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

/// One packet exchange with somebody: what a firewall's log can be searched for.
pub(super) struct Connection {
    /// Why it was made.
    pub what: &'static str,
    protocol: &'static str,
    from: Option<String>,
    to: String,
    when: String,
    came_back: String,
}

impl Connection {
    /// Its cells, without the bars around them.
    pub(super) fn cells(&self) -> String {
        let from = self.from.as_deref().unwrap_or("not known");
        format!(
            "{} | {from} | {} | {} | {}",
            self.protocol, self.to, self.when, self.came_back
        )
    }
}

/// The newest connections of an instance, as far as a log on the way would show them.
pub(super) fn of(row: &Row) -> Vec<Connection> {
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
        found.push(connection(row, SERVER, attempt, answer, when.clone()));
    }
    for witness in row.witnesses.iter() {
        let (what, attempt) = match &witness.look {
            Look::Port(attempt) => ("another port", attempt),
            Look::ClosedPort(attempt) => ("a port that should be closed", attempt),
            _ => continue,
        };
        let when = interval(witness.at, attempt.elapsed);
        found.push(connection(row, what, attempt, None, when));
    }
    found
}

fn connection(
    row: &Row,
    what: &'static str,
    attempt: &Attempt,
    answer: Option<PreloginStatus>,
    when: String,
) -> Connection {
    Connection {
        what,
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
        ResponseCode::Cut => "a cut answer, and nothing by TCP",
        ResponseCode::Other => "an answer that makes no sense",
    };
    let name = markdown::text(&asked.name.clean(NAME), NAME);
    Connection {
        what: "DNS",
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
        None => match browser.status {
            BrowserStatus::Silent => "nothing".to_owned(),
            BrowserStatus::Skipped => "not sent".to_owned(),
            BrowserStatus::Refused => "a refusal".to_owned(),
            BrowserStatus::Ok
            | BrowserStatus::Malformed
            | BrowserStatus::NotListed
            | BrowserStatus::NoTcp => "an answer".to_owned(),
        },
    };
    Some(Connection {
        what: "SQL Server Browser",
        protocol: "udp",
        from: None,
        to: browser.asked?.to_string(),
        when: when.to_owned(),
        came_back,
    })
}
