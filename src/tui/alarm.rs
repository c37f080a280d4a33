//! The moment at which the loop of the screen wakes though nothing happened.
//!
//! tokio's timers turn in wheels: somebody who sleeps for a second is moved to a finer wheel on
//! the way, and the thread wakes once or twice more for it. A clock that ticks every second
//! for hours is worth a timer of the kernel's, where there is one.

use std::time::Instant;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub use kernel::Alarm;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub use wheel::Alarm;

async fn sleep_until(moment: Instant) {
    tokio::time::sleep_until(moment.into()).await;
}

#[cfg(any(target_os = "linux", target_os = "android"))]
mod kernel {
    use std::io;
    use std::os::fd::AsFd as _;
    use std::time::{Duration, Instant};

    use nix::sys::time::TimeSpec;
    use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
    use tokio::net::unix::pipe::Receiver;

    /// One alarm, set anew for each wait.
    #[derive(Debug)]
    pub struct Alarm {
        /// `None` where the system has none left.
        timer: Option<Timer>,
    }

    #[derive(Debug)]
    struct Timer {
        kernel: TimerFd,
        /// The same, as the runtime reads it: like a pipe, eight bytes each time it went off.
        told: Receiver,
    }

    impl Alarm {
        /// Must be called inside a runtime.
        pub fn new() -> Self {
            Self {
                timer: Timer::new().ok(),
            }
        }

        /// Waits for a moment. Cancel safe.
        pub async fn at(&mut self, moment: Instant) {
            if let Some(timer) = &self.timer
                && timer.wait(moment).await.is_ok()
            {
                return;
            }
            super::sleep_until(moment).await;
        }
    }

    impl Timer {
        fn new() -> io::Result<Self> {
            let flags = TimerFlags::TFD_CLOEXEC | TimerFlags::TFD_NONBLOCK;
            let kernel = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
            let told = kernel.as_fd().try_clone_to_owned()?;
            let told = Receiver::from_owned_fd_unchecked(told)?;
            Ok(Self { kernel, told })
        }

        async fn wait(&self, moment: Instant) -> io::Result<()> {
            let left = moment.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return Ok(());
            }
            let once = Expiration::OneShot(TimeSpec::from_duration(left));
            self.kernel.set(once, TimerSetTimeFlags::empty())?;
            loop {
                self.told.readable().await?;
                match self.told.try_read(&mut [0; 8]) {
                    // Nothing to read where it went off for a wait that was given up.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    read => return read.map(drop),
                }
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod wheel {
    use std::time::Instant;

    /// The runtime's own.
    #[derive(Debug)]
    pub struct Alarm;

    impl Alarm {
        /// Nothing to set up.
        pub fn new() -> Self {
            Self
        }

        /// Waits for a moment. Cancel safe.
        pub async fn at(&mut self, moment: Instant) {
            super::sleep_until(moment).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Poll;
    use std::time::Duration;

    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn it_goes_off_at_its_moment_whatever_it_was_set_to_before() {
        let mut alarm = Alarm::new();
        let begun = Instant::now();
        let hour = begun + Duration::from_secs(3600);
        assert_eq!(poll!(std::pin::pin!(alarm.at(hour))), Poll::Pending);
        let soon = begun + Duration::from_millis(5);
        let _ = poll!(std::pin::pin!(alarm.at(soon)));
        // The one that was given up goes off meanwhile.
        Alarm::new().at(soon + Duration::from_millis(5)).await;
        let moment = Instant::now() + Duration::from_millis(30);
        alarm.at(moment).await;
        assert!(Instant::now() >= moment);
        assert_eq!(poll!(std::pin::pin!(alarm.at(begun))), Poll::Ready(()));
        assert_eq!(poll!(std::pin::pin!(alarm.at(hour))), Poll::Pending);
    }
}
