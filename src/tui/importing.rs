//! Reads a file of servers on a thread of its own, which nobody waits for at the end: a disk
//! may hang.

use std::io;
use std::path::PathBuf;

use tokio::sync::oneshot::{Receiver, channel};

use crate::config::import::{Import, path_of, read};

/// A file that is being read.
#[derive(Debug)]
pub(super) struct Reading {
    path: PathBuf,
    read: Receiver<Result<Import, String>>,
}

impl Reading {
    /// Begins to read the file with the path that was typed.
    pub(super) fn begin(typed: &str) -> io::Result<Self> {
        let path = path_of(typed);
        let (done, receiver) = channel();
        let of_thread = path.clone();
        let import = move || {
            let import = read(&of_thread).map_err(|error| error.to_string());
            // Somebody typed another path, or quit.
            done.send(import).ok();
        };
        std::thread::Builder::new()
            .name("import".to_owned())
            .spawn(import)?;
        Ok(Self {
            path,
            read: receiver,
        })
    }

    /// What was read. Waits for ever while nothing is. Cancel safe.
    pub(super) async fn done(reading: &mut Option<Self>) -> (PathBuf, Result<Import, String>) {
        let Some(Self { path, read }) = reading else {
            return std::future::pending().await;
        };
        let import = read.await;
        let path = std::mem::take(path);
        *reading = None;
        let failed = |_| Err(format!("{}: cannot be read", path.display()));
        let import = import.unwrap_or_else(failed);
        (path, import)
    }
}
