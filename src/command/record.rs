//! `--record FILE`: begins a recording.

use std::io;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;

use super::setup;
use crate::config::Probe;
use crate::monitor::{Header, Recorder, Rules};

/// Begins a recording, where one is wanted. A file that is there already stays as it is.
pub fn begin(path: Option<&Path>, probe: &Probe) -> anyhow::Result<Option<Recorder>> {
    let Some(path) = path else {
        return Ok(None);
    };
    let header = Header::new(&setup::vantage(), &Rules::from(probe));
    match Recorder::create(path, Timestamp::now(), header) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => bail!(
            "{} is there already, and no recording is written over; name another file, or remove it",
            path.display()
        ),
        begun => begun
            .with_context(|| format!("cannot record to {}", path.display()))
            .map(Some),
    }
}
