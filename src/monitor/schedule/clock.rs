//! One clock for all that is written down: wall time that runs as evenly as a stopwatch.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Wall time at one moment, and the time that has passed since. A wall clock that is
/// slewed or stepped a little moves nothing; one that jumps (a suspend, a correction by
/// hand) is followed.
#[derive(Debug)]
pub(in crate::monitor) struct Clock {
    wall: fn() -> Timestamp,
    base: Timestamp,
    since: Instant,
    /// How far it jumped ahead since somebody asked.
    ahead: SignedDuration,
}

impl Clock {
    /// A difference that is a jump and no drift.
    const JUMP: SignedDuration = SignedDuration::from_secs(2);

    /// The system's clock.
    pub(in crate::monitor) fn new() -> Self {
        Self::of(Timestamp::now)
    }

    /// Another wall clock.
    pub(in crate::monitor) fn of(wall: fn() -> Timestamp) -> Self {
        Self {
            wall,
            base: wall(),
            since: Instant::now(),
            ahead: SignedDuration::ZERO,
        }
    }

    /// The time when it was set last: of a new one, when it was made.
    pub(in crate::monitor) fn set_at(&self) -> Timestamp {
        self.base
    }

    /// How far it jumped ahead since this was last asked: the machine slept, or somebody
    /// corrected its clock.
    pub(in crate::monitor) fn take_leap(&mut self) -> SignedDuration {
        self.now();
        std::mem::take(&mut self.ahead)
    }

    /// The time.
    pub(in crate::monitor) fn now(&mut self) -> Timestamp {
        let wall = (self.wall)();
        let now = Instant::now();
        let even = self.base.saturating_add(now - self.since).unwrap_or(wall);
        let jump = wall.duration_since(even);
        if jump.abs() > Self::JUMP {
            self.ahead += jump.max(SignedDuration::ZERO);
            self.base = wall;
            self.since = now;
            return wall;
        }
        even
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use jiff::Timestamp;
    use tokio::time::advance;

    use super::Clock;

    thread_local! {
        static WALL: Cell<i64> = const { Cell::new(0) };
    }

    fn wall() -> Timestamp {
        Timestamp::from_millisecond(WALL.get()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn runs_evenly_while_the_wall_clock_wavers() {
        let mut clock = Clock::of(wall);
        advance(Duration::from_secs(10)).await;
        WALL.set(9_000);
        assert_eq!(clock.now().as_millisecond(), 10_000);
        WALL.set(11_500);
        assert_eq!(clock.now().as_millisecond(), 10_000);
    }

    #[tokio::test(start_paused = true)]
    async fn follows_a_jump_in_either_direction() {
        let mut clock = Clock::of(wall);
        advance(Duration::from_secs(1)).await;
        WALL.set(3_600_000);
        assert_eq!(clock.now().as_millisecond(), 3_600_000);
        assert_eq!(clock.take_leap().as_secs(), 3_599);
        assert_eq!(clock.take_leap().as_secs(), 0);
        advance(Duration::from_secs(1)).await;
        WALL.set(3_601_000);
        assert_eq!(clock.now().as_millisecond(), 3_601_000);
        WALL.set(1_000);
        assert_eq!(clock.now().as_millisecond(), 1_000);
    }
}
