//! A probe in 12 bytes, to the microsecond.

use jiff::{SignedDuration, Timestamp};

use super::{Sample, state_of};

/// A [`Sample`] as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exact {
    /// The last 32 bits of its time in microseconds: half of what they count is 35 minutes,
    /// and no two samples that are kept are so far apart.
    ending: u32,
    /// Both latencies and the state; two numbers, since one would ask for four bytes more.
    bits: [u32; 2],
}

/// Bits of a latency.
const LATENCY: u32 = 27;
/// No latency. What takes longer (134 s) is not told apart.
const NONE: u32 = (1 << LATENCY) - 1;

impl Exact {
    pub(super) fn new(sample: &Sample) -> Self {
        let pack = |us: Option<u32>| u64::from(us.map_or(NONE, |us| us.min(NONE - 1)));
        let bits = (sample.state as u64) << (2 * LATENCY)
            | pack(sample.connect_us) << LATENCY
            | pack(sample.engine_us);
        Self {
            ending: ending(sample.at),
            bits: [low(bits), low(bits >> u32::BITS)],
        }
    }

    /// Its time, given that of one not long before or after it.
    pub(super) fn at(&self, near: Timestamp) -> Timestamp {
        let apart = self.ending.wrapping_sub(ending(near)).cast_signed();
        let apart = SignedDuration::from_micros(apart.into());
        let near = Timestamp::from_microsecond(near.as_microsecond()).unwrap_or(near);
        near.saturating_add(apart).unwrap_or(near)
    }

    /// What it says, given a time not long before or after it.
    pub(super) fn sample(&self, near: Timestamp) -> Sample {
        let [low_half, high_half] = self.bits.map(u64::from);
        let bits = high_half << u32::BITS | low_half;
        let unpack = |bits: u64| Some(low(bits) & NONE).filter(|us| *us != NONE);
        Sample {
            at: self.at(near),
            state: state_of(low(bits >> (2 * LATENCY)).to_le_bytes()[0]),
            connect_us: unpack(bits >> LATENCY),
            engine_us: unpack(bits),
        }
    }
}

fn ending(at: Timestamp) -> u32 {
    low(at.as_microsecond().cast_unsigned())
}

/// The last 32 bits.
fn low(bits: u64) -> u32 {
    let [a, b, c, d, ..] = bits.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Exact, NONE};
    use crate::diagnosis::State;
    use crate::monitor::Sample;

    #[test]
    fn a_probe_takes_twelve_bytes() {
        assert_eq!(size_of::<Exact>(), 12);
    }

    proptest! {
        #[test]
        fn a_probe_comes_back_as_it_was(
            micros in -4_000_000_000_000_000_i64..=4_000_000_000_000_000,
            apart in -300_000_000_i64..=60_000_000,
            state in 0_usize..State::ALL.len(),
            connect_us in prop::option::of(0..NONE),
            engine_us in prop::option::of(0..NONE),
        ) {
            let at = |micros| jiff::Timestamp::from_microsecond(micros).unwrap();
            let sample = Sample {
                at: at(micros),
                state: State::ALL[state],
                connect_us,
                engine_us,
            };
            prop_assert_eq!(Exact::new(&sample).sample(at(micros - apart)), sample);
        }

        #[test]
        fn what_takes_too_long_takes_the_longest(us in NONE..) {
            let sample = Sample {
                at: jiff::Timestamp::UNIX_EPOCH,
                state: State::TimedOut,
                connect_us: Some(us),
                engine_us: None,
            };
            let kept = Exact::new(&sample).sample(sample.at);
            prop_assert_eq!((kept.connect_us, kept.engine_us), (Some(NONE - 1), None));
        }
    }
}
