//! Who wants to know what is wrong now: the enter key, or SIGUSR1.

use std::io::{self, IsTerminal as _, Read as _, stdin, stdout};

use tokio::sync::mpsc::{Receiver, channel};

/// Listens for both.
#[derive(Debug)]
pub(super) struct Asks {
    enter: Option<Receiver<()>>,
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Asks {
    /// From now on SIGUSR1 no longer kills the process.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            enter: (stdin().is_terminal() && stdout().is_terminal()).then(enter),
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::user_defined1())?,
        })
    }

    /// Waits until somebody asks. Cancel safe.
    pub async fn next(&mut self) {
        let enter = async {
            let asked = match &mut self.enter {
                Some(enter) => enter.recv().await,
                None => None,
            };
            if asked.is_none() {
                std::future::pending::<()>().await;
            }
        };
        #[cfg(unix)]
        tokio::select! {
            () = enter => {}
            _ = self.signal.recv() => {}
        }
        #[cfg(not(unix))]
        enter.await;
    }
}

/// A thread that reads lines, and ends with the terminal or with the program.
fn enter() -> Receiver<()> {
    // One that waits is as good as many.
    let (asking, asked) = channel(1);
    let read = move || {
        // In the background a read fails instead of stopping the program.
        #[cfg(unix)]
        {
            use nix::sys::signal::{SigSet, Signal};
            let mut stops = SigSet::empty();
            stops.add(Signal::SIGTTIN);
            stops.thread_block().ok();
        }
        let mut typed = [0; 256];
        while let Ok(1..) = stdin().lock().read(&mut typed) {
            if asking.is_closed() {
                return;
            }
            asking.try_send(()).ok();
        }
    };
    let thread = std::thread::Builder::new().name("enter".to_owned());
    if let Err(error) = thread.spawn(read) {
        tracing::warn!("the enter key asks for nothing: {error}");
    }
    asked
}
