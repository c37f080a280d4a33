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
    fixes: Composer,
    /// The line without its fixes, and the whole; here for the room that they have.
    bare: Vec<u8>,
    line: Vec<u8>,
}

impl Default for Lines {
    fn default() -> Self {
        Self {
            fixes: Composer::new(harmless::escape),
            bare: Vec::new(),
            line: Vec::new(),
        }
    }
}

impl Lines {
    /// Writes one instance in one piece.
    pub fn write(&mut self, out: &mut impl Write, row: &Row) -> io::Result<()> {
        self.line.clear();
        match row.case().as_ref().zip(row.diagnosis.as_deref()) {
            Some((case, diagnosis)) if row.instance.target.is_ok() => {
                self.compose(row, case, diagnosis)?;
            }
            _ => line(&mut self.line, row)?,
        }
        out.write_all(&self.line)
    }

    /// The line, its fixes put in where they go.
    fn compose(&mut self, row: &Row, case: &Case<'_>, diagnosis: &Diagnosis) -> io::Result<()> {
        self.bare.clear();
        let advice = advice::advise_without_fixes(case, diagnosis);
        write_value(
            &mut self.bare,
            &entry_with(row, Some(advice)),
            CompactFormatter,
        )?;
        let mut fixes = self.fixes.compose(case);
        let bare = str::from_utf8(&self.bare).expect("JSON is UTF-8");
        let mut parts = bare.split(NO_FIXES);
        self.line
            .extend_from_slice(parts.next().unwrap_or_default().as_bytes());
        for (cause, part) in diagnosis.causes.iter().zip(parts) {
            self.line.extend_from_slice(FIXES);
            fixes.fixes(cause.id, &mut self.line)?;
            self.line.extend_from_slice(part.as_bytes());
        }
        Ok(())
    }
}

/// What a cause without fixes is serialised with. A quote in a string is escaped, so nothing
/// but that field looks like it.
const NO_FIXES: &str = "\"fixes\":[]";
const FIXES: &[u8] = b"\"fixes\":";

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
