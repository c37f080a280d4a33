//! The signals that end or stop the program.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Leave.
    Quit,
    /// Stop until continued.
    Suspend,
}

/// Listens for SIGTERM, SIGHUP, SIGINT, SIGQUIT and SIGTSTP.
#[cfg(unix)]
#[derive(Debug)]
pub struct Signals {
    term: tokio::signal::unix::Signal,
    hup: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    /// `None`: the system stops the process.
    stop: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// From now on these signals no longer kill the process.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let stop = signal(SignalKind::from_raw(nix::libc::SIGTSTP))?;
        Ok(Self {
            stop: Some(stop),
            ..Self::listen_for_the_end()?
        })
    }

    /// The same for who has no screen to give back when stopped.
    pub fn listen_for_the_end() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self {
            term: signal(SignalKind::terminate())?,
            hup: signal(SignalKind::hangup())?,
            int: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            stop: None,
        })
    }

    /// The next one. Cancel safe.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.term.recv() => Asked::Quit,
            _ = self.hup.recv() => Asked::Quit,
            _ = self.int.recv() => Asked::Quit,
            _ = self.quit.recv() => Asked::Quit,
            () = stopped(self.stop.as_mut()) => Asked::Suspend,
        }
    }
}

#[cfg(unix)]
async fn stopped(signal: Option<&mut tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => std::future::pending().await,
    }
}

/// Listens for ctrl-c.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Signals {}

#[cfg(not(unix))]
impl Signals {
    /// From now on ctrl-c no longer kills the process.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// The same.
    pub fn listen_for_the_end() -> io::Result<Self> {
        Self::listen()
    }

    /// The next one.
    pub async fn next(&mut self) -> Asked {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Asked::Quit
    }
}
