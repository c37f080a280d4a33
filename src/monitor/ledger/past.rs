//! What each probe adds to what is known from before.

use std::collections::VecDeque;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use smallvec::SmallVec;

use crate::diagnosis::{Good, Past};
use crate::evidence::{ConnectStatus, Evidence, PreloginStatus};
use crate::monitor::row::{FLAPPING, FLAPPING_SPAN};
use crate::target::Port;

/// The newest alternations of one instance between open and refused.
#[derive(Clone, Debug, Default)]
pub(super) struct Flaps {
    last: Option<ConnectStatus>,
    times: VecDeque<Timestamp>,
}

impl Flaps {
    /// Takes one outcome; returns whether the instance flaps.
    pub(super) fn observe(&mut self, at: Timestamp, status: ConnectStatus) -> bool {
        if matches!(status, ConnectStatus::Open | ConnectStatus::Refused)
            && self.last.replace(status).is_some_and(|last| last != status)
        {
            self.times.push_back(at);
        }
        while self.times.len() > FLAPPING
            || self
                .times
                .front()
                .is_some_and(|time| at.duration_since(*time) > FLAPPING_SPAN)
        {
            self.times.pop_front();
        }
        self.times.len() >= FLAPPING
    }

    /// Moves every time by what the wall clock was set back.
    pub(super) fn turn_back(&mut self, by: SignedDuration) {
        for time in &mut self.times {
            *time = time.saturating_sub(by).unwrap_or(*time);
        }
    }
}

/// The wall clock was set back by so much. What was learned while it was ahead lies in the
/// future of `now`; what lies before may be of an earlier run, whose clock was right.
pub(super) fn turn_back(past: &mut Past, now: Timestamp, by: SignedDuration) {
    let times = [
        past.changed.as_mut(),
        past.host_came_up.as_mut(),
        past.last_good.as_mut().map(|good| &mut good.at),
        past.moved_from.as_mut().map(|moved| &mut moved.0),
        past.port_before.as_mut().map(|(time, _)| time),
    ];
    let tried = past.tried.iter_mut().map(|tried| &mut tried.at);
    let times = times.into_iter().flatten().chain(tried);
    for time in times.filter(|time| **time > now) {
        *time = time.saturating_sub(by).unwrap_or(now).min(now);
    }
}

/// Addresses of one name, of which most have a single one.
pub(super) type Addresses = SmallVec<[IpAddr; 1]>;

/// What must be known before the probe is diagnosed: a change of addresses. Returns those
/// before it, if there was one.
pub(super) fn notice_move(known: &mut Addresses, evidence: &Evidence) -> Option<Vec<IpAddr>> {
    let addresses = &evidence.layers.resolve.addresses;
    if addresses.is_empty() {
        return None;
    }
    // The order rotates with every answer of a DNS server.
    let mut sorted = Addresses::from_slice(addresses);
    sorted.sort_unstable();
    if *known == sorted {
        return None;
    }
    let before = std::mem::replace(known, sorted);
    (!before.is_empty()).then(|| before.into_vec())
}

/// Whether [`learn`] finds anything in it.
pub(super) fn teaches(evidence: &Evidence) -> bool {
    let prelogin = &evidence.layers.prelogin;
    prelogin.status == PreloginStatus::Ok && prelogin.endpoint.is_some()
}

/// What an engine that answered teaches. Call it after the probe was diagnosed: the
/// diagnosis compares with what was usual before. Returns whether how it is reached
/// is new; `None` if no engine answered.
pub(super) fn learn(past: &mut Past, at: Timestamp, evidence: &Evidence) -> Option<bool> {
    let good = good(at, evidence)?;
    learn_times(past, evidence);
    let is_new = past.last_good.as_ref().is_none_or(|old| {
        (old.address, old.port, old.version) != (good.address, good.port, good.version)
            || old.addresses.len() != good.addresses.len()
            || !good
                .addresses
                .iter()
                .all(|address| old.addresses.contains(address))
    });
    let before = past.last_good.replace(good);
    past.instance_on = None;
    if let Some(before) = before
        && Some(before.port) != past.last_good.as_ref().map(|good| good.port)
    {
        past.port_before = Some((before.at, before.port));
        past.instance_there = None;
    }
    Some(is_new)
}

/// The way there and the engine, each by its own time: a slow way makes both climb.
fn learn_times(past: &mut Past, evidence: &Evidence) {
    let Evidence { layers, .. } = evidence;
    let mut attempts = layers.connect.attempts.iter();
    let connected = attempts.find(|attempt| Some(attempt.endpoint) == layers.prelogin.endpoint);
    let (Some(engine), Some(connected)) = (layers.prelogin.elapsed, connected) else {
        return;
    };
    let times = [
        (
            engine,
            &mut past.usual_engine_ms,
            &mut past.recent_engine_ms,
        ),
        (
            connected.elapsed,
            &mut past.usual_connect_ms,
            &mut past.recent_connect_ms,
        ),
    ];
    for (took, usual, recent) in times {
        let ms = took.as_ms();
        *usual = Some(match *usual {
            // Slow moving, and one stall does not become the usual.
            Some(usual) => usual + (ms.min(usual * 4.0 + 1.0) - usual) / 20.0,
            None => ms,
        });
        recent.push(ms);
    }
}

fn good(at: Timestamp, evidence: &Evidence) -> Option<Good> {
    let prelogin = &evidence.layers.prelogin;
    if prelogin.status != PreloginStatus::Ok {
        return None;
    }
    let endpoint = prelogin.endpoint?;
    Some(Good {
        at,
        addresses: evidence.layers.resolve.addresses.clone(),
        address: endpoint.ip(),
        port: Port::new(endpoint.port())?,
        version: prelogin.version,
    })
}
