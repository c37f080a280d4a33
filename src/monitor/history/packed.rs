//! A slot in 8 bytes: the end of its number, state, and four latencies as small floating
//! numbers.

use jiff::Timestamp;

use super::{Sample, Slot, state_of};

/// A [`Slot`] as it is kept: from the lowest bits on the four latencies, the last eight bits
/// of its number (counted from 1970; no tier has so many slots), and the worst state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packed(u64);

/// Smallest and largest of some latencies, packed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    min: u16,
    max: u16,
}

/// Bits of the mantissa behind its leading one: one part in 128 is as fine as the eye.
const MANTISSA: u32 = 7;
/// Bits of a latency; five are left for the exponent, which is 25 at most.
const LATENCY: u32 = 12;
/// No latency.
const NONE: u16 = (1 << LATENCY) - 1;
/// Where the number begins, and behind it the state.
const NUMBER: u32 = 4 * LATENCY;
const STATE: u32 = NUMBER + 8;

impl Packed {
    pub(super) fn new(number: u32, sample: &Sample) -> Self {
        let (connect, engine) = (Range::new(sample.connect_us), Range::new(sample.engine_us));
        Self::of(ending(number), sample.state as u8, connect, engine)
    }

    pub(super) fn add(&mut self, sample: &Sample) {
        let (mut connect, mut engine) = (self.connect(), self.engine());
        connect.add(sample.connect_us);
        engine.add(sample.engine_us);
        // States are ordered worst first.
        let worst = self.worst().min(sample.state as u8);
        *self = Self::of(self.ending(), worst, connect, engine);
    }

    /// Its number, given that of the newest slot of its tier or of one between the two.
    pub(super) fn number(self, newest: u32) -> u32 {
        let back = ending(newest).wrapping_sub(self.ending());
        newest.saturating_sub(u32::from(back))
    }

    /// What it says, given the second that it begins with.
    pub(super) fn slot(self, begin: u32) -> Slot {
        Slot {
            at: Timestamp::from_second(i64::from(begin)).unwrap_or_default(),
            worst: state_of(self.worst()),
            connect_us: self.connect().get(),
            engine_us: self.engine().get(),
        }
    }

    fn of(ending: u8, worst: u8, connect: Range, engine: Range) -> Self {
        let latencies = [connect.min, connect.max, engine.min, engine.max];
        let latencies = latencies
            .into_iter()
            .rev()
            .fold(0, |bits, latency| bits << LATENCY | u64::from(latency));
        Self(u64::from(worst) << STATE | u64::from(ending) << NUMBER | latencies)
    }

    fn connect(self) -> Range {
        Range {
            min: self.latency(0),
            max: self.latency(1),
        }
    }

    fn engine(self) -> Range {
        Range {
            min: self.latency(2),
            max: self.latency(3),
        }
    }

    fn latency(self, nth: u32) -> u16 {
        let [low, high, ..] = (self.0 >> (nth * LATENCY)).to_le_bytes();
        u16::from_le_bytes([low, high]) & NONE
    }

    fn ending(self) -> u8 {
        (self.0 >> NUMBER).to_le_bytes()[0]
    }

    fn worst(self) -> u8 {
        (self.0 >> STATE).to_le_bytes()[0]
    }
}

impl Range {
    fn new(us: Option<u32>) -> Self {
        us.map_or(
            Self {
                min: NONE,
                max: NONE,
            },
            |us| Self {
                min: floor(us),
                max: ceil(us),
            },
        )
    }

    fn add(&mut self, us: Option<u32>) {
        let Some(us) = us else { return };
        if self.min == NONE {
            *self = Self::new(Some(us));
        } else {
            // Packed numbers are ordered as the numbers themselves.
            self.min = self.min.min(floor(us));
            self.max = self.max.max(ceil(us));
        }
    }

    fn get(self) -> Option<(u32, u32)> {
        (self.min != NONE).then(|| (unpack(self.min), unpack(self.max)))
    }
}

fn ending(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// The largest packed number that is not above `us`.
fn floor(us: u32) -> u16 {
    // The leading one counts as one more of the exponent, and so is not kept.
    let exponent = (u32::BITS - us.leading_zeros()).saturating_sub(MANTISSA + 1);
    u16::try_from((exponent << MANTISSA) + (us >> exponent)).unwrap_or(NONE - 1)
}

/// The smallest packed number that is not below `us`; the largest of all for what is beyond.
fn ceil(us: u32) -> u16 {
    let packed = floor(us);
    packed + u16::from(unpack(packed) < us)
}

fn unpack(packed: u16) -> u32 {
    let (exponent, rest) = (packed >> MANTISSA, packed & ((1 << MANTISSA) - 1));
    if exponent == 0 {
        return rest.into();
    }
    let mantissa = u64::from(rest | 1 << MANTISSA);
    u32::try_from(mantissa << (exponent - 1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NONE, ceil, floor, unpack};
    use crate::diagnosis::State;

    #[test]
    fn a_slot_takes_eight_bytes() {
        assert_eq!(size_of::<super::Packed>(), 8);
        assert!(State::ALL.len() <= 1 << (u64::BITS - super::STATE));
    }

    #[test]
    fn the_longest_is_told_from_none() {
        assert!(ceil(u32::MAX) < NONE);
        assert_eq!(unpack(ceil(u32::MAX)), u32::MAX);
    }

    proptest! {
        #[test]
        fn packing_brackets_the_number_within_a_hundredth(bits in 0..=32_u32, us: u32) {
            // Of all lengths alike: nearly every number is a long one.
            let us = us.checked_shr(bits).unwrap_or_default();
            let (low, high) = (unpack(floor(us)), unpack(ceil(us)));
            prop_assert!(low <= us && us <= high);
            prop_assert!(high - low <= us / 128 + 1);
        }

        #[test]
        fn packed_numbers_keep_their_order(a: u32, b: u32) {
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(floor(a) <= floor(b) && ceil(a) <= ceil(b));
        }
    }
}
