//! Writes lines to standard output, on a thread of its own: who reads them may be slow.

use std::io::{self, Write as _, stdout};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use tokio::sync::mpsc::{self, Permit, Sender};

/// How long who reads has for the last lines.
const GRACE: Duration = Duration::from_millis(500);

/// What lines are put on.
#[derive(Debug)]
pub(super) struct Paper {
    /// One batch waits at the most: until it is written the next ones are not made, and what
    /// happens meanwhile coalesces.
    lines: Sender<Vec<String>>,
    /// Why it could not be written; whoever does not read any more is no error.
    ended: Receiver<io::Result<()>>,
}

impl Paper {
    /// Begins to write.
    pub fn start() -> io::Result<Self> {
        let (lines, mut batches) = mpsc::channel::<Vec<String>>(1);
        let (ending, ended) = sync_channel(1);
        std::thread::Builder::new()
            .name("lines".to_owned())
            .spawn(move || {
                let mut written = Ok(());
                while let Some(batch) = batches.blocking_recv() {
                    written = write(&batch);
                    // Who puts the next one finds the channel closed.
                    if written.is_err() {
                        break;
                    }
                }
                drop(batches);
                ending.send(written).ok();
            })?;
        Ok(Self { lines, ended })
    }

    /// Waits until a batch can be put; `None` where nobody reads any more. Cancel safe.
    pub async fn room(&self) -> Option<Permit<'_, Vec<String>>> {
        self.lines.reserve().await.ok()
    }

    /// Waits until nobody reads any more. Cancel safe.
    pub async fn unread(&self) {
        self.lines.closed().await;
    }

    /// Puts the last lines and waits for a moment until they are written. Fails where they
    /// could not be, though somebody would read.
    pub fn end(self, last: Vec<String>) -> io::Result<()> {
        let Self { lines, ended } = self;
        lines.try_send(last).ok();
        drop(lines);
        match ended.recv_timeout(GRACE).unwrap_or(Ok(())) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }
}

/// Whole lines, each batch at once.
fn write(lines: &[String]) -> io::Result<()> {
    let mut text = lines.join("\n");
    if !text.is_empty() {
        text.push('\n');
    }
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
