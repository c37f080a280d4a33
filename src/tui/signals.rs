//! The signals that end or stop the program.

use std::io;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Leave.
    Quit,
    /// Stop until continued.
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "no signal stops a process there")
    )]
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

/// Listens for ctrl-c and ctrl-break, and for the end of the console, the session and the
/// system. Windows waits some seconds after the last three, and then ends the process.
#[cfg(windows)]
#[derive(Debug)]
pub struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
    stop: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
    logoff: tokio::signal::windows::CtrlLogoff,
    shutdown: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    /// From now on these no longer kill the process.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};

        Ok(Self {
            interrupt: ctrl_c()?,
            stop: ctrl_break()?,
            close: ctrl_close()?,
            logoff: ctrl_logoff()?,
            shutdown: ctrl_shutdown()?,
        })
    }

    /// The same.
    pub fn listen_for_the_end() -> io::Result<Self> {
        Self::listen()
    }

    /// The next one. Cancel safe.
    pub async fn next(&mut self) -> Asked {
        let received = tokio::select! {
            received = self.interrupt.recv() => received,
            received = self.stop.recv() => received,
            received = self.close.recv() => received,
            received = self.logoff.recv() => received,
            received = self.shutdown.recv() => received,
        };
        if received.is_none() {
            std::future::pending::<()>().await;
        }
        Asked::Quit
    }
}
