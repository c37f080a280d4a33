//! What is typed, pasted and resized, read on a thread of its own.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event};
use crossterm::terminal;
use tokio::sync::mpsc;

/// Events that are read together at most. More stay with the terminal.
const MOST: usize = 4096;
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
}

impl Input {
    /// Reads from now on. The thread ends with the process: a read cannot be interrupted.
    pub fn listen() -> io::Result<Self> {
        let (sender, read) = mpsc::channel(WAITING);
        std::thread::Builder::new()
            .name("input".into())
            .spawn(move || {
                // An error is the end of the terminal; the channel closes and says so.
                let _ = read_all(&sender);
            })?;
        Ok(Self { read })
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

fn read_all(sender: &mpsc::Sender<Vec<Event>>) -> io::Result<()> {
    // The first look makes crossterm notice a change of the size; one before it was missed.
    let mut together = Vec::new();
    event::poll(Duration::ZERO)?;
    let (width, height) = terminal::size()?;
    together.push(Event::Resize(width, height));
    loop {
        while together.len() < MOST && event::poll(Duration::ZERO)? {
            together.push(event::read()?);
        }
        if sender.blocking_send(together).is_err() {
            return Ok(());
        }
        together = vec![event::read()?];
    }
}
