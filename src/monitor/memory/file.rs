//! The file of the memory: read with suspicion, replaced as a whole.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Memory, MemoryError, Remembered};
use crate::diagnosis::Past;
use crate::disk;

/// The form that is written. A newer one is left alone by older programs.
const VERSION: u32 = 1;
/// A file of 20,000 instances has some 10 MB; a larger one is not ours.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Serialize, Deserialize)]
struct Document<Instances> {
    version: u32,
    instances: Instances,
}

/// One instance as it stands in the file.
#[derive(Deserialize)]
struct Line {
    target: String,
    at: Timestamp,
    past: Past,
}

/// The same, to be written.
#[derive(Serialize)]
struct LineRef<'a> {
    target: &'a str,
    at: Timestamp,
    past: &'a Past,
}

/// What is wrong with a text that was read.
enum Problem {
    Newer(u32),
    Damaged(String),
}

/// Reads the file; empty where there is none.
pub(super) fn read(path: &Path) -> Result<HashMap<Arc<str>, Remembered>, MemoryError> {
    let unreadable = |error| MemoryError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let mut text = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    let lines = parse(&text).map_err(|problem| match problem {
        Problem::Newer(version) => unreadable(io::Error::other(format!(
            "a newer program wrote it (version {version})"
        ))),
        Problem::Damaged(problem) => set_aside(path, problem),
    })?;
    let mut known: HashMap<_, _> = lines
        .into_iter()
        .map(|line| {
            (
                line.target.into(),
                Remembered {
                    at: line.at,
                    past: Arc::new(line.past),
                },
            )
        })
        .collect();
    super::forget(&mut known, Memory::MAX);
    Ok(known)
}

/// Replaces the file, so that a reader sees the old one or the new one and nothing between.
pub(super) fn write(
    path: &Path,
    known: &HashMap<Arc<str>, Remembered>,
) -> io::Result<Option<SystemTime>> {
    let folder = folder(path);
    fs::create_dir_all(folder)?;
    let mut instances: Vec<_> = known
        .iter()
        .map(|(target, known)| LineRef {
            target,
            at: known.at,
            past: &known.past,
        })
        .collect();
    instances.sort_unstable_by_key(|line| line.target);
    // A new temporary file is readable by its owner alone (0600), whatever the umask.
    let mut file = disk::temporary(folder)?;
    let mut writer = BufWriter::new(file.as_file_mut());
    serde_json::to_writer(
        &mut writer,
        &Document {
            version: VERSION,
            instances,
        },
    )?;
    writer.flush()?;
    drop(writer);
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    disk::settle(folder);
    Ok(time(path))
}

/// When the file was last written.
pub(super) fn time(path: &Path) -> Option<SystemTime> {
    fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .ok()
}

fn parse(text: &[u8]) -> Result<Vec<Line>, Problem> {
    let damaged = |error: serde_json::Error| Problem::Damaged(error.to_string());
    if text.len() as u64 > MAX_BYTES {
        return Err(Problem::Damaged("too large".to_owned()));
    }
    let newer = |version| (version > VERSION).then_some(Problem::Newer(version));
    match serde_json::from_slice::<Document<Vec<Line>>>(text) {
        Ok(document) => newer(document.version).map_or(Ok(document.instances), Err),
        // A newer form may have other lines, and is not damaged for that.
        Err(error) => {
            let form = serde_json::from_slice::<Document<IgnoredAny>>(text);
            let problem = form.ok().and_then(|form| newer(form.version));
            Err(problem.unwrap_or_else(|| damaged(error)))
        }
    }
}

fn set_aside(path: &Path, problem: String) -> MemoryError {
    let mut name = path.as_os_str().to_owned();
    name.push(".bad");
    let kept = PathBuf::from(name);
    match fs::rename(path, &kept) {
        Ok(()) => MemoryError::Damaged {
            path: path.to_owned(),
            problem,
            kept,
        },
        Err(error) => MemoryError::Unreadable {
            path: path.to_owned(),
            error,
        },
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
