//! One endpoint: a turn at it, one connection, and what answers there.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::connect::{self, Way};
use super::in_flight::Held;
use super::silent::{Advice, Asker, Silence};
use super::{Deadlines, Network, gate, prelogin};
use crate::evidence::{Attempt, ConnectStatus, Elapsed, Prelogin, PreloginStatus};
use crate::target::InstanceName;

/// One connection that is wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit<'a> {
    /// Where to.
    pub endpoint: SocketAddr,
    /// In whose name PRELOGIN asks; `None`: any instance will do.
    pub instance: Option<&'a InstanceName>,
    /// Who wants it.
    pub asker: Asker,
    /// An engine that was silent since then is not asked again.
    pub since: Instant,
    /// When the probe began that this is a part of: the steps are placed on its clock.
    pub origin: Option<Instant>,
    /// How long the steps may take.
    pub deadlines: Deadlines,
}

impl Visit<'_> {
    fn since_the_beginning(&self, moment: Instant) -> Option<Elapsed> {
        let since = moment.saturating_duration_since(self.origin?);
        Some(since.into())
    }
}

impl Network {
    /// Connects once. PRELOGIN rides on the connection where `first` is still true when it
    /// opens: of several that share it, one asks.
    pub(super) async fn visit(
        &self,
        visit: Visit<'_>,
        first: &AtomicBool,
    ) -> (Attempt, Option<Prelogin>) {
        if !self.gate.allows(visit.endpoint.ip()) {
            return (gate::not_sent(visit.endpoint), None);
        }
        let held = match self.admit(visit).await {
            Ok(held) => held,
            Err(mut silence) => {
                // They were taken for another probe, at times of its own.
                silence.attempt.started = None;
                silence.prelogin.started = None;
                let asks = first.swap(false, Ordering::Relaxed);
                return (silence.attempt, asks.then_some(silence.prelogin));
            }
        };
        let Some(pass) = self.gate.pass(visit.endpoint).await else {
            return (gate::not_sent(visit.endpoint), None);
        };
        let way = Way {
            deadline: visit.deadlines.connect,
            hops: None,
        };
        let mut opening = connect::open(pass, way).await;
        let begun = opening.begun;
        opening.attempt.started = visit.since_the_beginning(begun);
        let asks =
            opening.attempt.status == ConnectStatus::Open && first.swap(false, Ordering::Relaxed);
        let Some(mut stream) = opening.stream else {
            let prelogin = asks.then(|| prelogin::reset(visit.endpoint, opening.attempt.os_error));
            self.silences
                .seen(&opening.attempt, None, begun, Instant::now);
            return (opening.attempt, prelogin);
        };
        let prelogin = if asks {
            let instance = visit.instance.map_or("", InstanceName::as_str);
            let patience = visit.deadlines.prelogin;
            let asked = Instant::now();
            let asking = prelogin::ask(&mut stream, visit.endpoint, instance, patience);
            let mut prelogin = Box::pin(asking).await;
            prelogin.started = visit.since_the_beginning(asked);
            self.silences
                .seen(&opening.attempt, Some(&prelogin), begun, Instant::now);
            Some(prelogin)
        } else {
            None
        };
        if !prelogin
            .as_ref()
            .is_some_and(|prelogin| prelogin.status == PreloginStatus::Reset)
        {
            self.drains.end(stream, (held, opening.place));
        }
        (opening.attempt, prelogin)
    }

    /// Waits for a turn at an endpoint; what was seen there last, if that is to do.
    async fn admit(&self, visit: Visit<'_>) -> Result<Held<SocketAddr>, Box<Silence>> {
        loop {
            let held = self.in_flight.hold(visit.endpoint).await;
            match self
                .silences
                .advise(visit.endpoint, visit.asker, visit.since, Instant::now)
            {
                Advice::Connect => return Ok(held),
                Advice::Take(silence) => return Err(silence),
                Advice::Wait(until) => {
                    // Others, who need not wait, go first.
                    drop(held);
                    tokio::time::sleep_until(until.into()).await;
                }
            }
        }
    }
}
