//! What is typed, pasted and resized, read on a thread of its own.

use std::io;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};
use crossterm::terminal;
use tokio::sync::mpsc;

/// Events that are read together at most. More stay with the terminal.
const MOST: usize = 4096;
/// How long a read may take to end; what is typed meanwhile is lost.
const FAREWELL: Duration = Duration::from_millis(100);
/// Reads that may wait for the screen; while it is busier, the rest stays with the terminal.
const WAITING: usize = 16;

/// The events of the terminal, in the order and the pieces in which they were read.
///
/// Not crossterm's `EventStream`: that reads on the thread that asks, too, and once the terminal
/// is gone such a read never returns (the end of the file is read again and again). Whoever asks
/// here only ever waits for a channel.
#[derive(Debug)]
pub struct Input {
    read: mpsc::Receiver<Vec<Event>>,
    thread: JoinHandle<()>,
}

impl Input {
    /// Reads from now on, until it is dropped.
    pub fn listen() -> io::Result<Self> {
        let (sender, read) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("input".into())
            .spawn(move || {
                // An error is the end of the terminal; the channel closes and says so.
                let _ = read_all(&sender);
            })?;
        Ok(Self { read, thread })
    }

    /// The next events, with all that have been read since; `None` when the terminal is gone.
    /// Cancel safe.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        let mut together = self.read.recv().await?;
        while together.len() < MOST
            && let Ok(more) = self.read.try_recv()
        {
            together.extend(more);
        }
        Some(together)
    }
}

/// What is typed from now on belongs to whoever has the terminal next.
impl Drop for Input {
    fn drop(&mut self) {
        self.read.close();
        wake();
        let began = Instant::now();
        while !self.thread.is_finished() && began.elapsed() < FAREWELL {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Ends a read that waits for a key: the terminal seems to have changed its size.
#[cfg(unix)]
fn wake() {
    // It can fail for an unknown signal only; then the thread ends with the process.
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGWINCH);
}

/// A read of a console cannot be ended from outside; the thread ends with the process.
#[cfg(not(unix))]
fn wake() {}

/// `None` where the terminal does not say it, or is gone.
fn size_now() -> Option<(u16, u16)> {
    let size = terminal::window_size().ok()?;
    (size.columns > 0 && size.rows > 0).then_some((size.columns, size.rows))
}

fn read_all(sender: &mpsc::Sender<Vec<Event>>) -> io::Result<()> {
    // The first look makes crossterm notice a change of the size; one before it was missed.
    let mut together = Vec::new();
    event::poll(Duration::ZERO)?;
    let (width, height) = terminal::size()?;
    together.push(Event::Resize(width, height));
    let mut size = (width, height);
    loop {
        while together.len() < MOST && event::poll(Duration::ZERO)? {
            together.push(event::read()?);
        }
        // A size that changed with a key: crossterm forgets one of the two.
        for event in &together {
            if let Event::Resize(width, height) = event {
                size = (*width, *height);
            }
        }
        if let Some(now) = size_now().filter(|now| *now != size) {
            size = now;
            together.push(Event::Resize(now.0, now.1));
        }
        if sender.blocking_send(together).is_err() {
            return Ok(());
        }
        together = vec![event::read()?];
    }
}
