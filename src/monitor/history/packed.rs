//! A slot in 10 bytes: the end of its number, state, and four latencies as small floating
//! numbers.

use jiff::Timestamp;

use super::{Sample, Slot, state_of};

/// A [`Slot`] as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packed {
    /// The last eight bits of its number, counted from 1970: no tier has so many slots.
    ending: u8,
    worst: u8,
    connect: Range,
    engine: Range,
}

/// Smallest and largest of some latencies.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    min: u16,
    max: u16,
}

/// Bits of the mantissa: one part in 1024 is finer than any screen shows.
const MANTISSA: u32 = 11;
/// No latency. No number packs to this: the largest exponent is 21.
const NONE: u16 = u16::MAX;

impl Packed {
    pub(super) fn new(number: u32, sample: &Sample) -> Self {
        Self {
            ending: ending(number),
            worst: sample.state as u8,
            connect: Range::new(sample.connect_us),
            engine: Range::new(sample.engine_us),
        }
    }

    pub(super) fn add(&mut self, sample: &Sample) {
        // States are ordered worst first.
        self.worst = self.worst.min(sample.state as u8);
        self.connect.add(sample.connect_us);
        self.engine.add(sample.engine_us);
    }

    /// Its number, given that of the newest slot of its tier or of one between the two.
    pub(super) fn number(&self, newest: u32) -> u32 {
        let back = ending(newest).wrapping_sub(self.ending);
        newest.saturating_sub(u32::from(back))
    }

    /// What it says, given the second that it begins with.
    pub(super) fn slot(&self, begin: u32) -> Slot {
        Slot {
            at: Timestamp::from_second(i64::from(begin)).unwrap_or_default(),
            worst: state_of(self.worst),
            connect_us: self.connect.get(),
            engine_us: self.engine.get(),
        }
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
    let exponent = (u32::BITS - us.leading_zeros()).saturating_sub(MANTISSA);
    u16::try_from(exponent << MANTISSA | us >> exponent).unwrap_or(NONE - 1)
}

/// The smallest packed number that is not below `us`.
fn ceil(us: u32) -> u16 {
    let packed = floor(us);
    if unpack(packed) >= us {
        return packed;
    }
    let exponent = u32::from(packed) >> MANTISSA;
    // Rounding up may carry into the next exponent; at the very end there is none.
    us.checked_add((1 << exponent) - 1).map_or(packed, floor)
}

fn unpack(packed: u16) -> u32 {
    let packed = u32::from(packed);
    (packed & ((1 << MANTISSA) - 1)) << (packed >> MANTISSA)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ceil, floor, unpack};

    #[test]
    fn a_slot_takes_ten_bytes() {
        assert_eq!(size_of::<super::Packed>(), 10);
    }

    proptest! {
        #[test]
        fn packing_brackets_the_number_within_a_thousandth(us in 0_u32..u32::MAX - (1 << 22)) {
            let (low, high) = (unpack(floor(us)), unpack(ceil(us)));
            prop_assert!(low <= us && us <= high);
            prop_assert!(high - low <= us / 1024 + 1);
        }

        #[test]
        fn packed_numbers_keep_their_order(a: u32, b: u32) {
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(floor(a) <= floor(b) && ceil(a) <= ceil(b));
        }
    }
}
