//! The terminal goes away: noticed on a thread of its own, whatever the others are doing.

#[cfg(unix)]
pub use unix::{HangUp, has_happened};

#[cfg(unix)]
mod unix {
    use std::io::{self, stdout};
    use std::os::fd::{AsFd, OwnedFd};
    use std::process;
    use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
    use std::time::Duration;

    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use tokio::sync::oneshot;

    /// Some terminals are taken away (`vhangup`) without waking who waits for nothing else, so
    /// where the system wakes nobody the kernel is asked now and then: milliseconds.
    const ASKED_EVERY: u8 = 250;
    /// How long the screen may take to end in good order. It is stuck if it takes longer.
    const GRACE: Duration = Duration::from_millis(600);

    /// Watches for the terminal to go away. Dropping it says that the screen has ended; a
    /// screen that has not some time after its terminal is ended with the process.
    #[derive(Debug)]
    pub struct HangUp {
        happened: oneshot::Receiver<()>,
        _ended: SyncSender<()>,
    }

    impl HangUp {
        /// From now on the process does not outlive its terminal.
        pub fn watch() -> io::Result<Self> {
            // Not /dev/tty, which cannot be opened where no terminal controls the session.
            let tty = stdout().as_fd().try_clone_to_owned()?;
            let (gone, happened) = oneshot::channel();
            let (ended, screen) = sync_channel(0);
            std::thread::Builder::new()
                .name("hang-up".into())
                .spawn(move || outlast(&tty, gone, &screen))?;
            Ok(Self {
                happened,
                _ended: ended,
            })
        }

        /// Waits until the terminal is gone. Cancel safe; not to be called again afterwards.
        pub async fn happened(&mut self) {
            // It is sent, or nobody watches any more: then there is nothing to wait for.
            if (&mut self.happened).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn outlast(tty: &OwnedFd, gone: oneshot::Sender<()>, screen: &Receiver<()>) {
        let news = News::of(tty).ok();
        while !has_happened(tty) {
            if news.as_ref().is_none_or(|news| news.wait().is_err()) {
                hung_up(tty, ASKED_EVERY.into());
            }
        }
        let _ = gone.send(());
        if screen.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
            tracing::error!("the terminal is gone, and the screen does not end; ending without it");
            process::exit(0);
        }
    }

    /// Whatever happens to a terminal. Each thing is told once (edge-triggered), so that a key
    /// that nobody has read yet is not told for ever; who takes a terminal away wakes whoever
    /// waits for keys, though not whoever waits for its end alone (Linux, `tty_ldisc_hangup`).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    struct News(nix::sys::epoll::Epoll);

    #[cfg(any(target_os = "linux", target_os = "android"))]
    impl News {
        fn of(tty: &OwnedFd) -> nix::Result<Self> {
            use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

            let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
            let wanted = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
            epoll.add(tty, EpollEvent::new(wanted, 0))?;
            Ok(Self(epoll))
        }

        /// Waits for the next thing.
        fn wait(&self) -> nix::Result<()> {
            use nix::sys::epoll::{EpollEvent, EpollTimeout};

            match self.0.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => Ok(()),
                Err(error) => Err(error),
            }
        }
    }

    /// Nothing is told here.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    struct News;

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    impl News {
        fn of(_: &OwnedFd) -> nix::Result<Self> {
            Err(Errno::ENOSYS)
        }

        fn wait(&self) -> nix::Result<()> {
            Err(Errno::ENOSYS)
        }
    }

    /// Whether a terminal is gone by now.
    pub fn has_happened(tty: &impl AsFd) -> bool {
        hung_up(tty, PollTimeout::ZERO)
    }

    fn hung_up(tty: &impl AsFd, within: PollTimeout) -> bool {
        // No events are asked for: POLLHUP and POLLERR are reported all the same.
        let mut watched = [PollFd::new(tty.as_fd(), PollFlags::empty())];
        !matches!(poll(&mut watched, within), Ok(0) | Err(Errno::EINTR))
    }
}

/// A console that closes ends the process by itself here.
#[cfg(not(unix))]
#[derive(Debug)]
pub struct HangUp {}

#[cfg(not(unix))]
impl HangUp {
    /// Nothing to watch.
    pub fn watch() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Never happens.
    pub async fn happened(&mut self) {
        std::future::pending().await
    }
}
