//! The outages of one instance: a fold over its probes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::diagnosis::{Past, State};
use crate::evidence::{ConnectStatus, Evidence, PreloginStatus};
use crate::monitor::outage::{Outage, Step, Turn};

/// Outages that a row keeps.
const KEPT: usize = 8;
/// Addresses of one name that are followed; the others are not.
const FOLLOWED: usize = 16;

/// What is known of the outages of one instance.
#[derive(Clone, Debug, Default)]
pub(super) struct Outages {
    over: VecDeque<Outage>,
    /// The one that is not over, from its first failing probe on. It counts once the state
    /// settles: a single miss is a blip. Boxed, since most are up.
    open: Option<Box<Open>>,
    /// The last probe that got through, and where.
    good: Option<(Timestamp, Option<SocketAddr>)>,
    /// What each endpoint did last.
    seen: Box<[Seen]>,
}

#[derive(Clone, Debug, Default)]
struct Open {
    outage: Outage,
    counts: bool,
}

/// When a probe was under way.
#[derive(Clone, Copy, Debug)]
struct Span {
    began: Timestamp,
    ended: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Seen {
    endpoint: SocketAddr,
    connect: ConnectStatus,
    /// The engine is asked at one endpoint only, mostly.
    engine: Option<PreloginStatus>,
}

impl Outages {
    /// With what the memory knows of the last good answer.
    pub(super) fn new(past: &Past) -> Self {
        let good = past.last_good.as_ref();
        Self {
            good: good.map(|good| {
                let endpoint = SocketAddr::new(good.address, good.port.get());
                (good.at, Some(endpoint))
            }),
            ..Self::default()
        }
    }

    /// Takes one probe that ended `at` and the state that it saw. Returns whether there is
    /// anything new to show.
    pub(super) fn observe(&mut self, at: Timestamp, raw: State, evidence: &Evidence) -> bool {
        let steps = self.steps(at, evidence);
        // A probe may take seconds, and what it saw was so at some time in between.
        let took = SignedDuration::try_from(evidence.elapsed.duration()).unwrap_or_default();
        let probe = Span {
            began: at.saturating_sub(took).unwrap_or(at),
            ended: at,
        };
        if raw.is_failing() {
            self.fails(probe, steps)
        } else if raw.is_up() {
            self.answers(probe, evidence, steps)
        } else {
            false
        }
    }

    /// The settled state is a failing one. Returns whether that is news.
    pub(super) fn settle(&mut self) -> bool {
        let Some(open) = self.open.as_mut().filter(|open| !open.counts) else {
            return false;
        };
        open.counts = true;
        self.make_room();
        true
    }

    /// All that count, newest last.
    pub(super) fn list(&self) -> Arc<[Outage]> {
        let open = self.open.as_ref().filter(|open| open.counts);
        let open = open.map(|open| &open.outage);
        self.over.iter().chain(open).cloned().collect()
    }

    /// The wall clock was set back by so much. What is over keeps its times, whose distances
    /// are what counts.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        if let Some(open) = &mut self.open {
            open.outage.turn_back(by);
        }
        if let Some((time, _)) = &mut self.good {
            *time = time.saturating_sub(by).unwrap_or(*time);
        }
    }

    fn fails(&mut self, probe: Span, steps: Vec<Step>) -> bool {
        let good = self.good;
        let open = self.open.get_or_insert_with(|| {
            Box::new(Open {
                outage: Outage {
                    last_good: good.map(|(time, _)| time),
                    first_bad: Some(probe.ended),
                    from: good.and_then(|(_, endpoint)| endpoint),
                    ..Outage::default()
                },
                counts: false,
            })
        });
        open.outage.last_bad = Some(probe.began);
        open.outage.add(steps);
        open.counts
    }

    fn answers(&mut self, probe: Span, evidence: &Evidence, steps: Vec<Step>) -> bool {
        let before = self.good.and_then(|(_, endpoint)| endpoint);
        // An address that still answers has not moved, whichever was asked this time.
        let still = before.filter(|before| is_live(evidence, *before));
        let here = still.or_else(|| answering(evidence));
        let moved =
            matches!((before, here), (Some(before), Some(here)) if before.ip() != here.ip());
        let open = self.open.take();
        let last_good = self.good.replace((probe.began, here)).map(|(time, _)| time);
        let counted = open.as_ref().is_some_and(|open| open.counts);
        if !counted && !moved {
            return false;
        }
        let mut outage = open.map_or_else(
            || Outage {
                last_good,
                from: before,
                ..Outage::default()
            },
            |open| open.outage,
        );
        outage.first_good = Some(probe.ended);
        outage.to = here;
        outage.add(steps);
        self.keep(outage);
        true
    }

    /// A name may rotate with every answer: of moves between the same two addresses without a
    /// failure the newest stands for all, and none takes the place of a time without service.
    fn keep(&mut self, outage: Outage) {
        if is_mere_move(&outage) {
            self.over
                .retain(|old| !is_mere_move(old) || !is_same_pair(old, &outage));
            if self.over.len() >= KEPT && !self.over.iter().any(is_mere_move) {
                return;
            }
        }
        self.make_room();
        self.over.push_back(outage);
    }

    fn make_room(&mut self) {
        if self.over.len() >= KEPT {
            let oldest = self.over.iter().position(is_mere_move).unwrap_or(0);
            self.over.remove(oldest);
        }
    }

    /// What the endpoints do differently than before; by the first probe of all, how things stand.
    fn steps(&mut self, at: Timestamp, evidence: &Evidence) -> Vec<Step> {
        let now = seen(evidence);
        let addresses = &evidence.layers.resolve.addresses;
        if now.is_empty() && addresses.is_empty() {
            // Without a name no address is known to have changed.
            return Vec::new();
        }
        let before = std::mem::take(&mut self.seen);
        let step = |endpoint, what| Step { at, endpoint, what };
        let mut steps = Vec::new();
        for old in before.iter().filter(|old| !tries(&now, old.endpoint)) {
            // A port may be another by now while its address is the same.
            let elsewhere = now
                .iter()
                .map(|new| new.endpoint)
                .find(|new| new.ip() == old.endpoint.ip() && !tries(&before, *new));
            steps.extend(elsewhere.map(|new| step(old.endpoint, Turn::Port(new.port()))));
        }
        for new in &now {
            let old = before.iter().find(|old| old.endpoint == new.endpoint);
            if old.is_none_or(|old| old.connect != new.connect) {
                steps.push(step(new.endpoint, Turn::Connect(new.connect)));
            }
            let engine = new
                .engine
                .filter(|engine| old.and_then(|old| old.engine) != Some(*engine));
            steps.extend(engine.map(|engine| step(new.endpoint, Turn::Engine(engine))));
        }
        let untried = before
            .into_iter()
            .filter(|old| now.iter().all(|new| new.endpoint.ip() != old.endpoint.ip()));
        // An address that was not tried, as where nobody tells the port, did nothing new.
        let (kept, gone): (Vec<_>, Vec<_>) =
            untried.partition(|old| addresses.contains(&old.endpoint.ip()));
        steps.extend(gone.iter().map(|old| step(old.endpoint, Turn::Gone)));
        let mut seen = now;
        seen.extend(kept);
        seen.truncate(FOLLOWED);
        self.seen = seen.into_boxed_slice();
        steps
    }
}

fn tries(seen: &[Seen], endpoint: SocketAddr) -> bool {
    seen.iter().any(|seen| seen.endpoint == endpoint)
}

fn seen(evidence: &Evidence) -> Vec<Seen> {
    let prelogin = &evidence.layers.prelogin;
    let attempts = evidence.layers.connect.attempts.iter().take(FOLLOWED);
    attempts
        .map(|attempt| Seen {
            endpoint: attempt.endpoint,
            connect: attempt.status,
            engine: (prelogin.endpoint == Some(attempt.endpoint)).then_some(prelogin.status),
        })
        .collect()
}

fn is_mere_move(outage: &Outage) -> bool {
    outage.first_bad.is_none()
}

/// Whether both moved between the same two addresses, there or back.
fn is_same_pair(one: &Outage, other: &Outage) -> bool {
    let pair = |outage: &Outage| {
        let ips = [outage.from, outage.to].map(|end| end.map(|end| end.ip()));
        (ips.iter().min().copied(), ips.iter().max().copied())
    };
    pair(one) == pair(other)
}

fn is_live(evidence: &Evidence, endpoint: SocketAddr) -> bool {
    let mut open = evidence.layers.connect.ended(ConnectStatus::Open);
    open.any(|attempt| attempt.endpoint.ip() == endpoint.ip())
}

/// Where the engine answered, or where a port opened if no engine was asked.
fn answering(evidence: &Evidence) -> Option<SocketAddr> {
    let open = || evidence.layers.connect.ended(ConnectStatus::Open).next();
    let prelogin = evidence.layers.prelogin.endpoint;
    prelogin.or_else(|| open().map(|attempt| attempt.endpoint))
}

#[cfg(test)]
mod tests;
