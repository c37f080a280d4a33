//! Last known good, on disk: the program is opened after the failure.
//!
//! One JSON document, readable by its owner alone, replaced as a whole. Keys are targets
//! without their spelling (`host\instance,port`), so no connection string gets here, let
//! alone a password.

mod file;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;

use crate::config::Instance;
use crate::diagnosis::Past;
use crate::target::Port;

/// What is remembered of each instance between runs.
#[derive(Debug, Default)]
pub struct Memory {
    path: Option<PathBuf>,
    /// Shared with a write that is under way.
    known: Arc<Known>,
    dirty: bool,
    /// When the file was last written by us or read, to see that another run wrote it.
    file_time: Option<SystemTime>,
}

type Known = HashMap<Arc<str>, Remembered>;

/// What is remembered of one instance.
#[derive(Clone, Debug, PartialEq)]
struct Remembered {
    /// When something was last learned of it: the oldest are forgotten first.
    at: Timestamp,
    past: Arc<Past>,
}

/// What a file cannot be read for. The monitor starts without it.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// It is there and cannot be opened.
    #[error("cannot read what is remembered in {}: {error}; starting without it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It is not what this program writes.
    #[error("{} is damaged ({problem}); it was kept as {} and a new one is begun", path.display(), kept.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// Where it is now.
        kept: PathBuf,
    },
}

/// A memory on its way to the disk. Holds all it needs, so that another thread can write it.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    known: Arc<Known>,
    file_time: Option<SystemTime>,
}

/// What became of a write.
#[derive(Debug)]
pub struct Written {
    result: io::Result<Option<SystemTime>>,
    /// What another run learned meanwhile.
    merged: Known,
}

impl Memory {
    /// More instances are never remembered.
    pub const MAX: usize = 20_000;

    /// A memory that is kept in `path`, with what is there. A file that cannot be used is
    /// reported beside an empty memory; one that is damaged is kept aside as `.bad`.
    pub fn open(path: &Path) -> (Self, Option<MemoryError>) {
        let (known, error) = match file::read(path) {
            Ok(known) => (known, None),
            Err(error) => (HashMap::new(), Some(error)),
        };
        // A file that may not be read is not written over.
        let path = match &error {
            Some(MemoryError::Unreadable { .. }) => None,
            _ => Some(path.to_owned()),
        };
        let file_time = path.as_deref().and_then(file::time);
        (
            Self {
                path,
                known: Arc::new(known),
                dirty: false,
                file_time,
            },
            error,
        )
    }

    /// What is remembered of an instance.
    pub fn recall(&self, instance: &Instance) -> Option<Past> {
        // Nobody is looked up where nobody is known.
        if self.known.is_empty() {
            return None;
        }
        let known = self.known.get(key(instance).as_str())?;
        Some(Past::clone(&known.past))
    }

    /// Takes what is known of an instance now.
    pub fn remember(&mut self, at: Timestamp, instance: &Instance, past: Arc<Past>) {
        if self.path.is_none() || *past == Past::default() || instance.target.is_err() {
            return;
        }
        self.dirty = true;
        let known = Arc::make_mut(&mut self.known);
        known.insert(key(instance).into(), Remembered { at, past });
        // A tenth at a time, so that a long list does not sort itself at every step.
        if known.len() > Self::MAX + Self::MAX / 10 {
            forget(known, Self::MAX);
        }
    }

    /// Takes what is known now of an instance that is remembered already: one copy for both.
    /// By itself that is not worth a write.
    pub fn renew(&mut self, instance: &Instance, past: &Arc<Past>) {
        if self.known.is_empty() {
            return;
        }
        let good = |past: &Past| past.last_good.as_ref().map(|good| good.at);
        // Two rows may be of one server, and the other one may know more.
        let known = Arc::make_mut(&mut self.known);
        if let Some(known) = known.get_mut(key(instance).as_str())
            && good(past) >= good(&known.past)
        {
            known.past = Arc::clone(past);
        }
    }

    /// What is to be written, if anything is new.
    pub fn snapshot(&mut self) -> Option<Snapshot> {
        let path = self.path.clone().filter(|_| self.dirty)?;
        self.dirty = false;
        Some(Snapshot {
            path,
            known: Arc::clone(&self.known),
            file_time: self.file_time,
        })
    }

    /// Takes note of a write that ended. A failed one is tried again with the next.
    pub fn written(&mut self, written: Written) -> io::Result<()> {
        for (key, theirs) in written.merged {
            if is_newer(&self.known, &key, &theirs) {
                Arc::make_mut(&mut self.known).insert(key, theirs);
            }
        }
        match written.result {
            Ok(time) => self.file_time = time,
            Err(error) => {
                self.dirty = true;
                return Err(error);
            }
        }
        Ok(())
    }

    /// Writes at once, if anything is new.
    pub fn save(&mut self) -> io::Result<()> {
        match self.snapshot() {
            Some(snapshot) => self.written(snapshot.write()),
            None => Ok(()),
        }
    }
}

impl Snapshot {
    /// Replaces the file. Blocks: the disk may take its time. What another run wrote
    /// since is kept, where this one knows nothing newer.
    pub fn write(mut self) -> Written {
        let mut merged = HashMap::new();
        if file::time(&self.path) != self.file_time {
            for (key, theirs) in file::read(&self.path).unwrap_or_default() {
                if is_newer(&self.known, &key, &theirs) {
                    merged.insert(Arc::clone(&key), theirs.clone());
                    Arc::make_mut(&mut self.known).insert(key, theirs);
                }
            }
        }
        if self.known.len() > Memory::MAX {
            forget(Arc::make_mut(&mut self.known), Memory::MAX);
        }
        Written {
            result: file::write(&self.path, &self.known),
            merged,
        }
    }
}

/// What an instance is remembered by: `host\instance,port`, whatever its spelling.
/// A target that cannot be parsed is its own text.
pub(super) fn key(instance: &Instance) -> String {
    let Ok(target) = &instance.target else {
        return instance.text().to_owned();
    };
    let mut key = target.host.to_string();
    // A port wins over an instance, as in the drivers.
    match (&target.instance, target.port) {
        (Some(name), None) => {
            key.push('\\');
            key.push_str(name.as_str());
        }
        (_, port) => {
            key.push(',');
            key.push_str(&port.unwrap_or(Port::DEFAULT).to_string());
        }
    }
    if key.is_ascii() {
        key.make_ascii_lowercase();
        key
    } else {
        key.to_lowercase()
    }
}

/// Whether another run learned more of an instance.
fn is_newer(known: &Known, key: &str, theirs: &Remembered) -> bool {
    known.get(key).is_none_or(|ours| ours.at < theirs.at)
}

/// Drops the oldest until `most` are left.
fn forget(known: &mut Known, most: usize) {
    if known.len() <= most {
        return;
    }
    let mut times: Vec<_> = known.values().map(|remembered| remembered.at).collect();
    let surplus = times.len() - most;
    let (_, &mut youngest, _) = times.select_nth_unstable(surplus - 1);
    let mut left = surplus;
    known.retain(|_, remembered| {
        let goes = left > 0 && remembered.at <= youngest;
        left -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests;
