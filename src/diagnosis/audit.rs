//! The truth audit of a host: what Browser advertises, what is open, and who answers
//! there, side by side, with the differences marked. Pure.

mod difference;
mod drift;
mod lines;

#[cfg(test)]
mod tests;

pub use difference::Difference;

use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;

use crate::evidence::{
    Audit, Browser, BrowserStatus, ConnectStatus, Door, KnownBy, Listing, PreloginStatus, Service,
    Version,
};
use crate::target::{Port, Untrusted};

/// Drivers ask Browser once and wait so long.
const DRIVERS_WAIT: Duration = Duration::from_secs(1);

/// One address of a host: everything that was seen there, instance by instance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The address.
    pub address: IpAddr,
    /// The instances in the order of Browser's list, then the ports that it does not list.
    pub lines: Vec<Line>,
    /// What is wrong with Browser itself.
    pub differences: Vec<Difference>,
}

/// One instance, or one port that nobody lists.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Its name; `None` for a port that was tried for whichever instance has it.
    pub instance: Option<Untrusted>,
    /// Whether Browser lists it, by its name or, where it has none, by its port.
    pub listed: bool,
    /// The port that Browser lists for it.
    pub advertised: Option<Port>,
    /// The port that was tried; `None` where there was none to try.
    pub port: Option<Port>,
    /// Why it was tried.
    pub known_by: Option<KnownBy>,
    /// What the port did.
    pub connect: ConnectStatus,
    /// What answers there.
    pub answers: Answers,
    /// What of it does not fit together, the gravest first.
    pub differences: Vec<Difference>,
}

/// What answers behind a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Answers {
    /// It did not open, or was not asked.
    #[default]
    NotAsked,
    /// An engine.
    Engine {
        /// Its build.
        version: Option<Version>,
        /// Whether it is the instance.
        identity: Identity,
    },
    /// It opens and says nothing.
    Silence,
    /// It opens and closes or resets the connection.
    HangUp,
    /// Another service.
    Service {
        /// Which.
        service: Service,
    },
    /// A TDS server with an error in place of an answer.
    Error {
        /// Its number.
        number: u32,
    },
    /// Bytes that make no sense.
    Nonsense,
}

/// Whether the engine that answers is the instance that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// It says so.
    Yes,
    /// It says that it is another one, or another one was found to have the port.
    No,
    /// No name was asked for, or one to which every engine answers.
    Unproven,
}

/// Sets side by side what an audit saw, one comparison for each address.
pub fn compare(audit: &Audit) -> Vec<Comparison> {
    audit.listings.iter().map(of_address).collect()
}

/// Whether anything on the host answered: its Browser, or a port that opened.
pub fn anything_answers(audit: &Audit) -> bool {
    audit.listings.iter().any(|listing| {
        let mut doors = listing.doors.iter();
        !is_unanswered(listing.browser.status)
            || doors.any(|door| door.attempt.status == ConnectStatus::Open)
    })
}

impl Comparison {
    /// All differences: those of Browser, then those of its lines.
    pub fn all(&self) -> impl Iterator<Item = (Option<&Line>, &Difference)> {
        let of_browser = self.differences.iter().map(|difference| (None, difference));
        let of_lines = self.lines.iter().flat_map(|line| {
            let differences = line.differences.iter();
            differences.map(move |difference| (Some(line), difference))
        });
        of_browser.chain(of_lines)
    }
}

fn of_address(listing: &Listing) -> Comparison {
    let lines = lines::lines(listing);
    Comparison {
        address: listing.address,
        differences: of_browser(listing),
        lines,
    }
}

fn of_browser(listing: &Listing) -> Vec<Difference> {
    let browser = &listing.browser;
    [
        unanswered(listing),
        malformed(browser),
        elsewhere(browser),
        late(browser),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Only named instances are looked for through Browser: a host whose ports answer misses
/// nothing without it, as every server on Linux. Where nothing at all answers, or a named
/// instance is known, its silence matters.
fn unanswered(listing: &Listing) -> Option<Difference> {
    if !is_unanswered(listing.browser.status) {
        return None;
    }
    if is_stopped_here(listing) {
        return Some(Difference::StoppedHere);
    }
    if let Some(by) = turned_back(listing) {
        return Some(Difference::Unreachable { by });
    }
    let named = |door: &Door| door.instance.is_some() && door.known_by == KnownBy::Known;
    let answers = |door: &Door| engine_answers(door.prelogin.status);
    let needed = listing.doors.iter().any(named) || !listing.doors.iter().any(answers);
    match listing.browser.status {
        BrowserStatus::Silent if needed => Some(Difference::BrowserSilent),
        BrowserStatus::Refused if needed => Some(Difference::BrowserRefused),
        _ => None,
    }
}

/// The datagram never left: this machine forbids it (EPERM, EACCES, 10013), has no route
/// (ENETUNREACH in its three numbers), or rejects it in its own name.
fn is_stopped_here(listing: &Listing) -> bool {
    let browser = &listing.browser;
    let own = |from: IpAddr| {
        let mut locals = listing.doors.iter().filter_map(|door| door.attempt.local);
        from != listing.address && locals.any(|local| local.ip() == from)
    };
    matches!(browser.os_error, Some(1 | 13 | 51 | 101 | 10_013 | 10_051))
        && browser.icmp.is_none_or(|icmp| own(icmp.from))
        || browser.icmp.is_some_and(|icmp| own(icmp.from))
}

/// The device that answered in the host's place, where no port of the host answered.
fn turned_back(listing: &Listing) -> Option<IpAddr> {
    let mut doors = listing.doors.iter();
    let is_there = doors.any(|door| {
        matches!(
            door.attempt.status,
            ConnectStatus::Open | ConnectStatus::Refused
        ) && door.attempt.icmp.is_none()
    });
    let doors = listing.doors.iter().filter_map(|door| door.attempt.icmp);
    let mut devices = listing.browser.icmp.into_iter().chain(doors);
    let device = devices.find(|icmp| icmp.from != listing.address)?;
    (!is_there).then_some(device.from)
}

/// Also where some of it could be read: drivers differ in what they still take.
fn malformed(browser: &Browser) -> Option<Difference> {
    let flawed = browser.status == BrowserStatus::Malformed || !browser.flaws.is_empty();
    flawed.then_some(Difference::ReplyMalformed)
}

fn elsewhere(browser: &Browser) -> Option<Difference> {
    let from = browser.answered_from?;
    (Some(from) != browser.asked).then_some(Difference::AnsweredElsewhere { from })
}

fn late(browser: &Browser) -> Option<Difference> {
    if is_unanswered(browser.status) {
        return None;
    }
    let tries = browser.tries.unwrap_or(1);
    let took = browser.elapsed.unwrap_or_default();
    (tries > 1 || took.duration() > DRIVERS_WAIT)
        .then_some(Difference::AnsweredLate { tries, took })
}

fn is_unanswered(status: BrowserStatus) -> bool {
    matches!(
        status,
        BrowserStatus::Skipped | BrowserStatus::Silent | BrowserStatus::Refused
    )
}

/// An engine, whichever it is.
fn engine_answers(status: PreloginStatus) -> bool {
    matches!(
        status,
        PreloginStatus::Ok | PreloginStatus::InstanceMismatch
    )
}
