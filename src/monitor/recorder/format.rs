//! The lines of a recording: JSON, each with its time, in the order in which the ledger took
//! them.
//!
//! What is written holds no password: targets and notes were masked before. What is read may
//! have been written by anybody, so every text in it is cleaned as it comes in.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Instance;
use crate::diagnosis::Past;
use crate::monitor::{Event, Rules};
use crate::target::{self, Declared, clean, mask_secrets};

/// The form that is written. An older program refuses a newer one.
pub const VERSION: u32 = 1;

/// A longer line is none of ours: one of 20,000 instances, each with all that is remembered
/// of it, is shorter.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::monitor) struct Line {
    /// When, by the clock of the recorded machine, which may be set back.
    pub(in crate::monitor) at: Timestamp,
    #[serde(flatten)]
    pub(in crate::monitor) entry: Entry,
}

/// What a line says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::monitor) enum Entry {
    /// The first line.
    Recording(Header),
    /// These are watched from now on.
    Watch(Vec<Watched>),
    /// The ledger took an event.
    Event(Event),
    /// The ledger was told to group who fails together.
    Regroup {},
    /// The ledger was told to end what had a time that is over, without any event.
    Lapse {},
    /// The disk did not keep up: lines are missing here.
    Gap(Gap),
}

/// How a recording begins: who recorded it, where, and how events were read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The form of the lines.
    pub version: u32,
    /// The version of the program.
    pub sqlreach: String,
    /// The name of the machine that was probed from.
    pub vantage: String,
    rules: Rules,
}

/// One instance as it is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::monitor) struct Watched {
    /// The target as given, passwords masked: parsed again when it is read.
    target: String,
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default)]
    declared: Declared,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval_ms: Option<u64>,
    /// What was remembered of it from before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::monitor) past: Option<Past>,
}

/// Lines that are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::monitor) struct Gap {
    /// How many.
    pub(in crate::monitor) lines: u64,
    /// When the first was to be written.
    pub(in crate::monitor) from: Timestamp,
    /// When the last was.
    pub(in crate::monitor) to: Timestamp,
}

impl Header {
    /// What a recording of this machine begins with.
    pub fn new(vantage: &str, rules: &Rules) -> Self {
        Self {
            version: VERSION,
            sqlreach: env!("CARGO_PKG_VERSION").to_owned(),
            vantage: vantage.to_owned(),
            rules: rules.clone(),
        }
    }

    /// How events are to be read, to begin with.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }
}

impl Watched {
    pub(in crate::monitor) fn new(instance: &Instance, past: Option<Past>) -> Self {
        let masked = |text: &str| mask_secrets(text).into_owned();
        Self {
            target: masked(instance.text()),
            name: masked(&instance.name),
            tags: instance.tags.iter().map(|tag| masked(tag)).collect(),
            declared: instance.declared.clone(),
            note: instance.note.as_deref().map(masked),
            interval_ms: instance.interval.map(milliseconds),
            past,
        }
    }

    pub(in crate::monitor) fn instance(&self) -> Arc<Instance> {
        Arc::new(Instance {
            target: target::parse(&self.target).map(Arc::new).map_err(Box::new),
            name: self.name.clone(),
            tags: self.tags.clone(),
            declared: self.declared.clone(),
            note: self.note.clone(),
            interval: self.interval_ms.map(Duration::from_millis),
            timeout: None,
            // What came of it is recorded.
            maintenance: Vec::new(),
        })
    }
}

impl Line {
    /// Writes the line with its end. Returns its bytes.
    pub(in crate::monitor) fn write(&self, out: &mut impl Write) -> io::Result<usize> {
        let mut text = serde_json::to_vec(self)?;
        if text.len() > LONGEST_LINE {
            let problem = format!("a line of {} bytes is too long", text.len());
            return Err(io::Error::other(problem));
        }
        text.push(b'\n');
        out.write_all(&text)?;
        Ok(text.len())
    }

    /// Reads a line. `None`: it is none of ours.
    pub(in crate::monitor) fn read(text: &[u8]) -> Option<Self> {
        if is_plain(text) {
            return serde_json::from_slice(text).ok();
        }
        let mut value: Value = serde_json::from_slice(text).ok()?;
        clean_texts(&mut value);
        serde_json::from_value(value).ok()
    }
}

/// Whether no text in it can hold more than visible ASCII: most lines, which are then read
/// without a detour.
fn is_plain(text: &[u8]) -> bool {
    let is_visible = |byte: &u8| matches!(byte, b' '..=b'~');
    let pairs = text.windows(2).filter(|pair| pair[0] == b'\\');
    let mut escaped = pairs.map(|pair| pair[1]);
    text.iter().all(is_visible) && escaped.all(|byte| matches!(byte, b'"' | b'\\' | b'/'))
}

/// What a screen may show of each text: nothing that steers the terminal or hides.
fn clean_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = clean(text, usize::MAX),
        Value::Array(values) => values.iter_mut().for_each(clean_texts),
        Value::Object(values) => values.values_mut().for_each(clean_texts),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
