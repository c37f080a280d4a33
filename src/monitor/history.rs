//! States and latencies in tiers: minutes raw, an hour by the minute, a day by ten minutes.
//!
//! Each tier covers its whole span up to now, so that a view reads one tier and never
//! joins two. A probe is packed to 12 bytes and a slot of the coarse tiers to 6: what is
//! kept of a full day takes 1.6 KB an instance.

mod exact;
mod packed;

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};

use self::exact::Exact;
use self::packed::Packed;
use crate::diagnosis::State;
use crate::evidence::{ConnectStatus, Evidence, PreloginStatus};

/// One probe, as far as the history keeps it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When, to the microsecond.
    pub at: Timestamp,
    /// The state it saw (not settled).
    pub state: State,
    /// Connect time of the best address, in microseconds.
    pub connect_us: Option<u32>,
    /// The engine's answer, in microseconds.
    pub engine_us: Option<u32>,
}

/// Several probes, added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    /// Begin of the slot.
    pub at: Timestamp,
    /// The worst state in it.
    pub worst: State,
    /// Smallest and largest connect time, in microseconds (within two parts in a hundred).
    pub connect_us: Option<(u32, u32)>,
    /// Smallest and largest engine time, in microseconds (within two parts in a hundred).
    pub engine_us: Option<(u32, u32)>,
}

/// Bounded: five minutes raw, an hour by the minute, a day by ten minutes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    raw: VecDeque<Exact>,
    /// When the newest of `raw` was; the others know how their times end.
    newest: Timestamp,
    hour: Tier<60, 60>,
    day: Tier<600, 144>,
}

/// A ring of `SLOTS` slots of `SECONDS` each. Grows as it fills, never beyond.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tier<const SECONDS: u32, const SLOTS: usize> {
    /// One behind the other without a gap; the last one is a slot.
    slots: VecDeque<Packed>,
    /// The number of the newest slot, counted from 1970.
    newest: u32,
}

impl History {
    /// How far back the raw samples reach.
    pub const RAW: SignedDuration = SignedDuration::from_mins(5);
    /// More raw samples than this are never kept, however short the interval.
    pub const MAX_RAW: usize = 320;

    /// Adds a probe to every tier, and drops what has grown too old.
    pub fn push(&mut self, sample: Sample) {
        self.push_raw(sample);
        self.hour.push(sample);
        self.day.push(sample);
    }

    /// The newest samples, oldest first.
    pub fn raw(&self) -> impl DoubleEndedIterator<Item = Sample> + ExactSizeIterator {
        self.raw.iter().map(|exact| exact.sample(self.newest))
    }

    /// The last hour by the minute, oldest first. Minutes without a probe are missing.
    pub fn hour(&self) -> impl DoubleEndedIterator<Item = Slot> {
        self.hour.slots()
    }

    /// The last day by ten minutes, oldest first. Slots without a probe are missing.
    pub fn day(&self) -> impl DoubleEndedIterator<Item = Slot> {
        self.day.slots()
    }

    fn push_raw(&mut self, sample: Sample) {
        // A wall clock that was set back must not freeze samples of the future at the end.
        let future = sample.at + SignedDuration::from_mins(1);
        while !self.raw.is_empty() && self.newest > future {
            self.raw.pop_back();
            if let Some(newest) = self.raw.back() {
                self.newest = newest.at(self.newest);
            }
        }
        let is_old = |oldest: &Exact| sample.at.duration_since(oldest.at(self.newest)) > Self::RAW;
        while self.raw.front().is_some_and(is_old) || self.raw.len() >= Self::MAX_RAW {
            self.raw.pop_front();
        }
        grow(&mut self.raw, Self::MAX_RAW, 4);
        self.raw.push_back(Exact::new(&sample));
        self.newest = sample.at;
    }
}

impl<const SECONDS: u32, const SLOTS: usize> Tier<SECONDS, SLOTS> {
    fn push(&mut self, sample: Sample) {
        let seconds = u32::try_from(sample.at.as_second()).unwrap_or(0);
        let number = seconds / SECONDS;
        self.forget_beyond(number.saturating_add(1));
        if let Some(newest) = self.slots.back_mut()
            && self.newest >= number
        {
            newest.add(&sample);
            return;
        }
        let gone = number.saturating_sub(self.newest);
        if usize::try_from(gone).is_ok_and(|gone| gone < SLOTS) {
            (1..gone).for_each(|_| self.append(Packed::NOTHING));
        } else {
            self.slots.clear();
        }
        self.append(Packed::new(&sample));
        self.newest = number;
    }

    /// A clock that was set back by little goes on in the newest slot; by more, the slots of
    /// the future are dropped.
    fn forget_beyond(&mut self, number: u32) {
        while let Some(newest) = self.slots.back()
            && (newest.is_nothing() || self.newest > number)
        {
            self.slots.pop_back();
            self.newest = self.newest.saturating_sub(1);
        }
    }

    fn append(&mut self, packed: Packed) {
        if self.slots.len() == SLOTS {
            self.slots.pop_front();
        }
        grow(&mut self.slots, SLOTS, 12);
        self.slots.push_back(packed);
    }

    fn slots(&self) -> impl DoubleEndedIterator<Item = Slot> {
        let slots = self.slots.iter().rev().enumerate();
        let slots = slots.filter_map(|(back, packed)| {
            let number = self.newest.saturating_sub(u32::try_from(back).ok()?);
            packed.slot(number.saturating_mul(SECONDS))
        });
        slots.rev()
    }
}

impl Sample {
    /// What the history keeps of a probe.
    pub fn new(at: Timestamp, state: State, evidence: &Evidence) -> Self {
        let layers = &evidence.layers;
        // A refusal is an answer too: its time is the time of the way.
        let answered = [ConnectStatus::Open, ConnectStatus::Refused]
            .into_iter()
            .find_map(|status| {
                layers
                    .connect
                    .ended(status)
                    .map(|attempt| attempt.elapsed)
                    .min()
            });
        let engine = match layers.prelogin.status {
            PreloginStatus::Ok | PreloginStatus::InstanceMismatch => layers.prelogin.elapsed,
            _ => None,
        };
        let us = |elapsed: crate::evidence::Elapsed| {
            u32::try_from(elapsed.duration().as_micros()).unwrap_or(u32::MAX)
        };
        Self {
            at,
            state,
            connect_us: answered.map(us),
            engine_us: engine.map(us),
        }
    }
}

/// A state by its place in the list of all.
fn state_of(place: u8) -> State {
    let state = State::ALL.get(usize::from(place));
    state.copied().unwrap_or_default()
}

/// Makes room for one more in small steps: doubling would waste half of a full ring.
fn grow<T>(ring: &mut VecDeque<T>, most: usize, step: usize) {
    if ring.len() == ring.capacity() {
        ring.reserve_exact(step.min(most.saturating_sub(ring.len())).max(1));
    }
}

#[cfg(test)]
mod tests;
