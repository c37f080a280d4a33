//! A screen that is told to end while its terminal takes nothing: ctrl-s was pressed, or the
//! connection behind it stands still. Whoever draws then waits in a write and hears no signal.

#[cfg(unix)]
pub use unix::Stuck;

#[cfg(unix)]
mod unix {
    use std::io::{self, stdout};
    use std::process;
    use std::time::Duration;

    use crossterm::terminal::disable_raw_mode;
    use nix::sys::termios::{FlowArg, tcflow};
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    use crate::tui::signals::Signals;

    /// How long the screen may take to end in good order.
    const GRACE: Duration = Duration::from_millis(400);
    /// And once its terminal takes something again.
    const GRACE_AFTERWARDS: Duration = Duration::from_millis(300);

    /// Sees to it that a signal ends a screen that is stuck. Dropping it says that the screen
    /// has ended.
    #[derive(Debug)]
    pub struct Stuck {
        _ended: oneshot::Sender<()>,
    }

    impl Stuck {
        /// From now on no signal to end is waited for longer than a second. To be called where
        /// the signals are listened for already.
        pub fn watch() -> io::Result<Self> {
            let (sender, ended) = oneshot::channel();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            std::thread::Builder::new()
                .name("stuck".into())
                .spawn(move || runtime.block_on(insist(ended)))?;
            Ok(Self { _ended: sender })
        }
    }

    async fn insist(mut ended: oneshot::Receiver<()>) {
        let Ok(mut signals) = Signals::listen_for_the_end() else {
            return;
        };
        tokio::select! {
            _ = &mut ended => return,
            _ = signals.next() => {}
        }
        if timeout(GRACE, &mut ended).await.is_ok() {
            return;
        }
        // Undoes ctrl-s, and nothing where the terminal is slow for another reason.
        let _ = tcflow(stdout(), FlowArg::TCOON);
        if timeout(GRACE_AFTERWARDS, &mut ended).await.is_err() {
            tracing::error!(
                "the terminal takes nothing, so the screen cannot end; ending without it"
            );
            let _ = disable_raw_mode();
            process::exit(0);
        }
    }
}

/// The system ends a process by itself there.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct Stuck {}

#[cfg(not(unix))]
impl Stuck {
    /// Nothing to see to.
    pub fn watch() -> std::io::Result<Self> {
        Ok(Self {})
    }
}
