//! The JSON of an audit.

use std::io::{self, Write};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::ser::PrettyFormatter;

use super::Audited;
use crate::advice::{Meaning, meaning};
use crate::diagnosis::audit::{Answers, Comparison, Difference, Line, compare};
use crate::evidence::{Browser, ConnectStatus, Door, KnownBy, Listing, Resolve};
use crate::output::json::{SCHEMA, write_value};
use crate::target::{Port, Untrusted};

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    version: &'static str,
    vantage: &'a str,
    started: Timestamp,
    hosts: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    host: &'a str,
    resolve: &'a Resolve,
    listings: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    address: IpAddr,
    browser: &'a Browser,
    doors: &'a [Door],
    lines: Vec<Row<'a>>,
    differences: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    instance: Option<&'a Untrusted>,
    listed: bool,
    advertised: Option<Port>,
    port: Option<Port>,
    known_by: Option<KnownBy>,
    connect: ConnectStatus,
    answers: Answers,
    differences: Vec<Said<'a>>,
}

/// A difference with its words.
#[derive(Serialize)]
struct Said<'a> {
    #[serde(flatten)]
    difference: &'a Difference,
    #[serde(flatten)]
    meaning: Meaning,
}

/// Writes one document.
pub fn document(
    out: &mut impl Write,
    vantage: &str,
    started: Timestamp,
    hosts: &[Audited],
) -> io::Result<()> {
    let compared: Vec<_> = hosts.iter().map(|host| compare(&host.audit)).collect();
    let entries = hosts.iter().zip(&compared).map(|(host, compared)| Entry {
        host: &host.host,
        resolve: &host.audit.resolve,
        listings: host
            .audit
            .listings
            .iter()
            .zip(compared)
            .map(|(listing, compared)| place(listing, compared))
            .collect(),
    });
    let document = Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        vantage,
        started,
        hosts: entries.collect(),
    };
    write_value(out, &document, PrettyFormatter::new())
}

fn place<'a>(listing: &'a Listing, compared: &'a Comparison) -> Place<'a> {
    Place {
        address: listing.address,
        browser: &listing.browser,
        doors: &listing.doors,
        lines: compared
            .lines
            .iter()
            .map(|line| row(line, listing.address))
            .collect(),
        differences: said(&compared.differences, None, listing.address),
    }
}

fn row(line: &Line, address: IpAddr) -> Row<'_> {
    Row {
        instance: line.instance.as_ref(),
        listed: line.listed,
        advertised: line.advertised,
        port: line.port,
        known_by: line.known_by,
        connect: line.connect,
        answers: line.answers,
        differences: said(&line.differences, Some(line), address),
    }
}

fn said<'a>(differences: &'a [Difference], line: Option<&Line>, address: IpAddr) -> Vec<Said<'a>> {
    let said = differences.iter().map(|difference| Said {
        difference,
        meaning: meaning(difference, line, address),
    });
    said.collect()
}
