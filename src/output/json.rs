//! The JSON that scripts rely on: one document, or one instance a line.
//!
//! An instance whose name has several addresses carries `clients_would`: for each generation
//! of clients what it would experience, over all orders in which DNS may hand them out.
//!
//! ```json
//! { "client": "SqlClient on .NET", "budget_ms": 15000.0, "outcome": "sometimes-fails",
//!   "orders": 1, "of": 2, "best_ms": 12.0, "worst_ms": 21012.0, "text": "…" }
//! ```
//!
//! `outcome` is `connects` (with `best_ms` and `worst_ms`), `sometimes-fails` (in `orders` of
//! `of` orders, in lowest terms; `best_ms` is the best order, `worst_ms` what the worst would
//! take if the client waited so long) or `fails`. `budget_ms` is how long the client tries by
//! default, `null` for as long as its system does.
//!
//! Instances that failed together are named once more in `incidents`, an entry for each shared
//! reason: a `sentence`, the names of its `members`, what is `shared` (a host, a subnet, …),
//! when it `began` and the `causes` that lead for most of them.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use memchr::memmem;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::advice::{self, Advice, ClientWould, Composer};
use crate::diagnosis::incident::{Began, Incident, Shared};
use crate::diagnosis::{Case, CauseId, Diagnosis, OwnNetwork};
use crate::evidence::{Elapsed, Layers, Witness};
use crate::monitor::Row;
use crate::target::Port;

use super::harmless::{self, Harmless};

/// The version of this form. It changes when a reader could break.
pub const SCHEMA: u32 = 1;

/// What the document says besides its instances.
#[derive(Clone, Debug)]
pub struct Run {
    /// The machine that the probes were sent from.
    pub vantage: String,
    /// When the first probe began.
    pub started: Timestamp,
    /// How long all of them took.
    pub elapsed: Elapsed,
    /// Whether that machine itself is what fails.
    pub own_network: OwnNetwork,
    /// Who fails together; the numbers of the members are those of the rows.
    pub incidents: Vec<Incident>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    version: &'static str,
    vantage: &'a str,
    started: Timestamp,
    elapsed_ms: Elapsed,
    own_network: OwnNetwork,
    summary: BTreeMap<&'static str, usize>,
    incidents: Vec<Together<'a>>,
    instances: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Together<'a> {
    sentence: String,
    members: Vec<&'a str>,
    shared: &'a Shared,
    began: Began,
    causes: &'a [CauseId],
}

#[derive(Serialize)]
struct Entry<'a> {
    target: &'a str,
    name: &'a str,
    host: Option<String>,
    instance: Option<&'a str>,
    port: Option<Port>,
    tags: &'a [String],
    state: &'static str,
    raw: &'static str,
    stale: bool,
    at: Option<Timestamp>,
    layers: Option<&'a Layers>,
    witnesses: &'a [Witness],
    diagnosis: Option<Advice>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clients_would: Vec<ClientWould>,
}

/// Writes one document.
pub fn document(out: &mut impl Write, run: &Run, rows: &[impl Borrow<Row>]) -> io::Result<()> {
    let mut summary = BTreeMap::new();
    for row in rows {
        *summary.entry(row.borrow().state.word()).or_default() += 1;
    }
    let document = Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        vantage: &run.vantage,
        started: run.started,
        elapsed_ms: run.elapsed,
        own_network: run.own_network,
        summary,
        incidents: together(&run.incidents, rows),
        instances: rows.iter().map(|row| entry(row.borrow())).collect(),
    };
    write_value(out, &document, PrettyFormatter::new())
}

fn together<'a>(incidents: &'a [Incident], rows: &'a [impl Borrow<Row>]) -> Vec<Together<'a>> {
    let names = rows.iter().map(Borrow::borrow);
    let names = names.map(|row: &Row| (row.id.0, &*row.instance.name));
    let names: HashMap<u32, &str> = names.collect();
    let name = |id: &u32| names.get(id).copied();
    incidents
        .iter()
        .map(|incident| Together {
            sentence: advice::incident(incident, &TimeZone::UTC).sentence,
            members: incident.members.iter().filter_map(name).collect(),
            shared: &incident.shared,
            began: incident.began,
            causes: &incident.causes,
        })
        .collect()
}

/// Writes instances, each on a line of its own.
pub struct Lines {
    /// What lines have in common.
    advice: Composer,
    /// The line without its causes; here for the room that it has.
    bare: Vec<u8>,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            advice: Composer::new(harmless::escape),
            bare: Vec::new(),
        }
    }
}

impl Lines {
    /// Appends one instance.
    pub fn append(&mut self, out: &mut Vec<u8>, row: &Row) -> io::Result<()> {
        match row.case().as_ref().zip(row.diagnosis.as_deref()) {
            Some((case, diagnosis)) if row.instance.target.is_ok() => {
                self.compose(out, row, case, diagnosis)
            }
            _ => line(out, row),
        }
    }

    /// The line, its causes and what clients show put in where they go.
    fn compose(
        &mut self,
        line: &mut Vec<u8>,
        row: &Row,
        case: &Case<'_>,
        diagnosis: &Diagnosis,
    ) -> io::Result<()> {
        self.bare.clear();
        let outline = advice::outline(case, diagnosis);
        let entry = entry_with(row, Some(outline));
        write_value(&mut self.bare, &entry, CompactFormatter)?;
        let bare = str::from_utf8(&self.bare).expect("JSON is UTF-8");
        let (head, rest) = cut(bare, NO_CAUSES).expect(EMPTY);
        let (middle, tail) = cut(rest, NO_CLIENTS).expect(EMPTY);
        let mut advice = self.advice.compose(case);
        line.extend_from_slice(head.as_bytes());
        line.extend_from_slice(CAUSES);
        advice.causes(diagnosis, line)?;
        line.extend_from_slice(middle.as_bytes());
        line.extend_from_slice(CLIENTS);
        advice.clients_show(diagnosis, line)?;
        line.extend_from_slice(tail.as_bytes());
        Ok(())
    }
}

/// What an outline is serialised with. A quote in a string is escaped, so nothing but these
/// fields looks like them, and they are first in an entry.
const NO_CAUSES: &str = "\"causes\":[]";
const NO_CLIENTS: &str = "\"clients_show\":[]";
const CAUSES: &[u8] = b"\"causes\":";
const CLIENTS: &[u8] = b"\"clients_show\":";
const EMPTY: &str = "an outline has both lists, and they are empty";

/// What stands before and behind a field.
fn cut<'a>(json: &'a str, field: &str) -> Option<(&'a str, &'a str)> {
    let at = memmem::find(json.as_bytes(), field.as_bytes())?;
    Some((&json[..at], &json[at + field.len()..]))
}

/// One instance on a line of its own, all of it serialised.
fn line(out: &mut impl Write, row: &Row) -> io::Result<()> {
    write_value(out, &entry(row), CompactFormatter)
}

pub(super) fn write_value(
    out: &mut impl Write,
    value: &impl Serialize,
    form: impl Formatter,
) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Harmless(form)))?;
    out.write_all(b"\n")
}

fn entry(row: &Row) -> Entry<'_> {
    entry_with(row, super::advice(row))
}

fn entry_with(row: &Row, advice: Option<Advice>) -> Entry<'_> {
    let target = row.instance.target.as_ref().ok();
    let evidence = row.evidence.as_deref();
    Entry {
        target: row.instance.text(),
        name: &row.instance.name,
        host: target.map(|target| target.host.to_string()),
        instance: target
            .and_then(|target| target.instance.as_ref())
            .map(crate::target::InstanceName::as_str),
        port: target.and_then(|target| target.port),
        tags: &row.instance.tags,
        state: row.state.word(),
        raw: row.raw.word(),
        stale: row.marks.stale,
        at: evidence.map(|evidence| evidence.at),
        layers: evidence.map(|evidence| &evidence.layers),
        witnesses: &row.witnesses,
        diagnosis: advice,
        clients_would: super::clients_would(row),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::config::Instance;
    use crate::diagnosis::Scene;
    use crate::evidence::{BrowserStatus, ConnectStatus, PreloginStatus, ResolveStatus};
    use crate::output::fixture;
    use crate::target::Untrusted;

    fn scenes() -> Vec<Scene> {
        let named = || Scene::new(r"db1.corp.test\PROD");
        vec![
            Scene::new("127.1.0.1,1499").refused(),
            Scene::new("127.1.0.2,1499").refused(),
            Scene::new("10.0.4.12")
                .timed_out()
                .closed(ConnectStatus::Refused),
            Scene::new("[2001:db8::1]:1500").refused().took(12),
            Scene::new("localhost").refused(),
            named().refused().advertises(50123).clustered(),
            named()
                .browser(BrowserStatus::Silent)
                .good("10.0.4.12", 51001),
            Scene::new("db1,1500").unresolved(ResolveStatus::NotFound),
            Scene::new("db1,1500").connect(ConnectStatus::Blocked),
            Scene::new("db1").refused().icmp(3, 13, "10.0.9.1"),
            Scene::new("db1").answer(PreloginStatus::Silent),
            Scene::new("aglist01.corp.test,1433")
                .answers()
                .also("10.0.5.12", ConnectStatus::TimedOut),
            Scene::new("db1.corp.test,1433").answers(),
        ]
    }

    /// Each row, written as a line and serialised as a whole.
    fn assert_same(rows: impl IntoIterator<Item = Row>) {
        let mut lines = Lines::default();
        for row in rows {
            let (mut written, mut serialised) = (Vec::new(), Vec::new());
            lines.append(&mut written, &row).unwrap();
            line(&mut serialised, &row).unwrap();
            let [written, serialised] =
                [written, serialised].map(|line| String::from_utf8(line).unwrap());
            assert_eq!(written, serialised);
            assert!(written.ends_with("}\n") && written.lines().count() == 1);
        }
    }

    #[test]
    fn a_line_is_what_would_be_serialised() {
        let twice = scenes().into_iter().chain(scenes());
        assert_same(twice.map(|scene| fixture::row(0, "db1", scene)));
    }

    #[test]
    fn a_line_of_what_nobody_probed_is_what_would_be_serialised() {
        for text in ["db1", "db1/PROD", r"np:\\sales01\pipe\sql\query", "db1,,"] {
            assert_same([Row {
                instance: Arc::new(Instance::from_text(text)),
                evidence: None,
                diagnosis: None,
                ..fixture::row(0, "db1", Scene::new("db1"))
            }]);
        }
    }

    #[test]
    fn a_text_that_looks_like_a_field_is_none() {
        let hostile = "\",\"causes\":[],\"clients_show\":[]\u{9b}\u{202e}\\";
        let scene = Scene::new("db1,1433").refused().with(|scene| {
            let resolve = &mut scene.evidence.layers.resolve;
            resolve.canonical = Some(Untrusted::from_bytes(hostile.as_bytes()));
            scene.surroundings.vantage.host = hostile.into();
        });
        assert_same([fixture::row(0, hostile, scene)]);
    }
}
