//! The story of the demo: now and then a healthy instance stops, and starts again.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Network;
use crate::simulate::engine::Engine;

/// How fast the story goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// All is well for at least so long,
    pub up: Duration,
    /// and for up to this much longer.
    pub jitter: Duration,
    /// Then one instance is stopped for so long.
    pub down: Duration,
}

impl Default for Pace {
    /// Long enough to read what the screen says, short enough not to wait for it.
    fn default() -> Self {
        Self {
            up: Duration::from_secs(20),
            jitter: Duration::from_secs(10),
            down: Duration::from_secs(15),
        }
    }
}

impl Network {
    /// Stops one healthy instance after another, each for a while, until `cancel`. All of
    /// them run when it returns. The instances take turns, the first member begins.
    pub async fn run_story(&mut self, pace: Pace, cancel: &CancellationToken) {
        let healthy = |engine: &&mut Engine| engine.profile().fault.is_none();
        let mut turn = 0;
        loop {
            let up = pace.up + pace.jitter.mul_f64(fastrand::f64());
            if cancel.run_until_cancelled(sleep(up)).await.is_none() {
                return;
            }
            let mut cast: Vec<_> = self.engines.iter_mut().filter(healthy).take(CAST).collect();
            if cast.is_empty() {
                return cancel.cancelled().await;
            }
            let actor = turn % cast.len();
            stop_for_a_while(cast.swap_remove(actor), pace.down, cancel).await;
            turn += 1;
        }
    }
}

/// The first engines take part, whose rows a newcomer sees: both of the first host.
const CAST: usize = 2;

async fn stop_for_a_while(engine: &mut Engine, down: Duration, cancel: &CancellationToken) {
    engine.stop().await;
    cancel.run_until_cancelled(sleep(down)).await;
    // Somebody may have taken the port meanwhile; they may give it back.
    while engine.resume().await.is_err() {
        if cancel
            .run_until_cancelled(sleep(Duration::from_secs(1)))
            .await
            .is_none()
        {
            return;
        }
    }
}
