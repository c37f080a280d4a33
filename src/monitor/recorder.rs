//! Writes what the ledger takes to a file, one JSON line each, and never keeps it waiting.
//!
//! Lines go through a bounded queue to a thread of their own. Where the disk does not keep up
//! they are dropped, and what was dropped is written as a gap. Where it fails the recording
//! ends and says so; what was written stays readable.

mod format;

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

pub(super) use self::format::{Entry, Gap, Line, Watched};
pub use self::format::{Header, LONGEST_LINE, VERSION};
use super::Event;
use crate::config::Instance;
use crate::diagnosis::Past;
use crate::target::mask_secrets;

/// Lines that may wait for the disk, some megabytes: what comes while it is full is dropped
/// and counted.
const QUEUE: usize = 4_096;
/// What was written is on the disk so soon, for whoever reads along, or if all ends here.
const FLUSH: Duration = Duration::from_secs(1);
/// How long the end waits for a disk that hangs.
const FAREWELL: Duration = if cfg!(test) {
    Duration::from_secs(60)
} else {
    Duration::from_millis(300)
};

/// A recording that is being written. Dropping it writes what is left.
#[derive(Debug)]
pub struct Recorder {
    lines: Option<SyncSender<Line>>,
    missing: Arc<Mutex<Option<Gap>>>,
    trouble: Trouble,
    thread: Option<JoinHandle<()>>,
    /// Closed by the thread when it is done.
    done: Receiver<()>,
}

/// Why a recording ended before its time, once it did. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Trouble(Arc<OnceLock<String>>);

impl Trouble {
    /// The reason, on one line.
    pub fn reason(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }
}

impl Recorder {
    /// Begins a recording in a new file that only its owner may read. Fails where there is
    /// a file already.
    pub fn create(path: &Path, at: Timestamp, header: Header) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file: File = options.open(path)?;
        Self::to(file, at, header)
    }

    /// The same, to anything that can be written to.
    pub(super) fn to(
        out: impl Write + Send + 'static,
        at: Timestamp,
        header: Header,
    ) -> io::Result<Self> {
        let mut out = BufWriter::new(out);
        let first = Line {
            at,
            entry: Entry::Recording(header),
        };
        // Here and now, so that a disk that is full is an error of the command.
        first.write(&mut out)?;
        out.flush()?;
        let (lines, waiting) = mpsc::sync_channel(QUEUE);
        let (running, done) = mpsc::sync_channel::<()>(1);
        let (missing, trouble) = (Arc::default(), Trouble::default());
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn({
                let (missing, trouble) = (Arc::clone(&missing), trouble.clone());
                move || {
                    let _running = running;
                    if let Err(error) = write_all(&waiting, &missing, &mut out) {
                        tracing::error!("cannot record any further: {error}");
                        trouble.0.set(error.to_string()).ok();
                    }
                }
            })?;
        Ok(Self {
            lines: Some(lines),
            missing,
            trouble,
            thread: Some(thread),
            done,
        })
    }

    /// Takes an event that the ledger is about to take.
    pub(super) fn event(&mut self, at: Timestamp, event: &Event) {
        self.record(at, || Entry::Event(event.clone()));
    }

    /// Takes the instances that are watched from now on, with what is remembered of them.
    pub(super) fn watch(
        &mut self,
        at: Timestamp,
        instances: &[Arc<Instance>],
        recall: impl Fn(&Instance) -> Option<Past>,
    ) {
        let watched = |instance: &Arc<Instance>| Watched::new(instance, recall(instance));
        let is_taken = self.record(at, || Entry::Watch(instances.iter().map(watched).collect()));
        if !is_taken {
            // Whose the events after it are could not be told.
            self.stop("the disk does not keep up, and the list of instances changed");
        }
    }

    /// Notes that the ledger is about to group who fails together.
    pub(super) fn regroup(&mut self, at: Timestamp) {
        self.record(at, || Entry::Regroup {});
    }

    /// Notes that something ended in the ledger because its time was over.
    pub(super) fn lapse(&mut self, at: Timestamp) {
        self.record(at, || Entry::Lapse {});
    }

    /// Why it ended before its time, once it did.
    pub fn trouble(&self) -> Trouble {
        self.trouble.clone()
    }

    /// Hands a line over, after what is missing before it. Returns whether it was taken, or
    /// the recording has ended.
    fn record(&mut self, at: Timestamp, entry: impl FnOnce() -> Entry) -> bool {
        let Some(lines) = &self.lines else {
            return true;
        };
        let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gap) = *missing {
            let line = Line {
                at: gap.to,
                entry: Entry::Gap(gap),
            };
            if lines.try_send(line).is_ok() {
                *missing = None;
            }
        }
        let sent = if missing.is_some() {
            Err(TrySendError::Full(()))
        } else {
            let line = Line { at, entry: entry() };
            lines.try_send(line).map_err(|error| match error {
                TrySendError::Full(_) => TrySendError::Full(()),
                TrySendError::Disconnected(_) => TrySendError::Disconnected(()),
            })
        };
        if sent == Err(TrySendError::Full(())) {
            let gap = missing.get_or_insert(Gap {
                lines: 0,
                from: at,
                to: at,
            });
            gap.lines += 1;
            gap.to = at;
            return false;
        }
        true
    }

    fn stop(&mut self, why: &str) {
        tracing::error!("cannot record any further: {why}");
        self.trouble.0.set(why.to_owned()).ok();
        self.lines = None;
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.lines = None;
        // A disk that hangs must not keep the program: then the thread ends with it.
        let ended = self.done.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Disconnected);
        let thread = self.thread.take().filter(|_| ended);
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the recorder's thread panicked");
        }
    }
}

/// The recorder's thread: writes until nobody is left to send.
fn write_all(
    lines: &Receiver<Line>,
    missing: &Mutex<Option<Gap>>,
    out: &mut BufWriter<impl Write>,
) -> io::Result<()> {
    // When the first line was written that may not be on the disk yet.
    let mut unflushed: Option<Instant> = None;
    loop {
        let line = match unflushed {
            None => lines.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(since) => lines.recv_timeout(FLUSH.saturating_sub(since.elapsed())),
        };
        match line {
            Ok(mut line) => {
                mask(&mut line);
                line.write(out)?;
                unflushed.get_or_insert_with(Instant::now);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if unflushed.is_some_and(|since| since.elapsed() >= FLUSH) {
            out.flush()?;
            unflushed = None;
        }
    }
    let last = missing
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    if let Some(gap) = last {
        let entry = Entry::Gap(gap);
        Line { at: gap.to, entry }.write(out)?;
    }
    out.flush()
}

/// What somebody typed may hold a password.
fn mask(line: &mut Line) {
    if let Entry::Event(Event::Acknowledged {
        acknowledged: Some(acknowledged),
        ..
    }) = &mut line.entry
    {
        acknowledged.reason = mask_secrets(&acknowledged.reason).into_owned();
    }
    if let Entry::Event(Event::Maintained {
        window: Some(window),
        ..
    }) = &mut line.entry
    {
        window.name = mask_secrets(&window.name).into_owned();
    }
}

#[cfg(test)]
pub(super) mod tests;
