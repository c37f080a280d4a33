//! A slot in 6 bytes: its worst state, and four latencies as small floating numbers.

use jiff::Timestamp;

use super::{Sample, Slot, state_of};

/// A [`Slot`] as it is kept, or that there is none: a number whose digits are, from the
/// lowest on, the four latencies and the worst state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packed([u8; BYTES]);

/// Smallest and largest of some latencies, packed.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    min: u16,
    max: u16,
}

const BYTES: usize = 6;
/// Bits of the mantissa behind its leading one: one part in 64 is as fine as the eye.
const MANTISSA: u32 = 6;
/// What takes longer (134 s) is not told apart.
const LONGEST: u32 = (1 << 27) - 1;
/// No latency: one more than the longest.
const NONE: u16 = 22 << MANTISSA;
/// How many values a latency has, and behind the four of them the state begins.
const LATENCIES: u64 = NONE as u64 + 1;
const STATE: u64 = LATENCIES.pow(4);

impl Packed {
    /// No slot.
    pub(super) const NOTHING: Self = Self([u8::MAX; BYTES]);

    pub(super) fn new(sample: &Sample) -> Self {
        let (connect, engine) = (Range::new(sample.connect_us), Range::new(sample.engine_us));
        Self::of(sample.state as u8, connect, engine)
    }

    /// Adds a probe to a slot.
    pub(super) fn add(&mut self, sample: &Sample) {
        let (mut connect, mut engine) = (self.connect(), self.engine());
        connect.add(sample.connect_us);
        engine.add(sample.engine_us);
        // States are ordered worst first.
        *self = Self::of(self.worst().min(sample.state as u8), connect, engine);
    }

    pub(super) fn is_nothing(self) -> bool {
        self == Self::NOTHING
    }

    /// What it says, given the second that it begins with.
    pub(super) fn slot(self, begin: u32) -> Option<Slot> {
        (!self.is_nothing()).then(|| Slot {
            at: Timestamp::from_second(i64::from(begin)).unwrap_or_default(),
            worst: state_of(self.worst()),
            connect_us: self.connect().get(),
            engine_us: self.engine().get(),
        })
    }

    fn of(worst: u8, connect: Range, engine: Range) -> Self {
        let latencies = [engine.max, engine.min, connect.max, connect.min];
        let digits = latencies
            .into_iter()
            .fold(u64::from(worst), |digits, latency| {
                digits * LATENCIES + u64::from(latency)
            });
        let mut bytes = [0; BYTES];
        bytes.copy_from_slice(&digits.to_le_bytes()[..BYTES]);
        Self(bytes)
    }

    fn digits(self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..BYTES].copy_from_slice(&self.0);
        u64::from_le_bytes(bytes)
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
        let [low, high, ..] = (self.digits() / LATENCIES.pow(nth) % LATENCIES).to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    fn worst(self) -> u8 {
        (self.digits() / STATE).to_le_bytes()[0]
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

/// The largest packed number that is not above `us`.
fn floor(us: u32) -> u16 {
    let us = us.min(LONGEST);
    // The leading one counts as one more of the exponent, and so is not kept.
    let exponent = (u32::BITS - us.leading_zeros()).saturating_sub(MANTISSA + 1);
    u16::try_from((exponent << MANTISSA) + (us >> exponent)).unwrap_or(NONE - 1)
}

/// The smallest packed number that is not below `us`; the largest of all for what is beyond.
fn ceil(us: u32) -> u16 {
    let packed = floor(us);
    let is_below = unpack(packed) < us && packed < NONE - 1;
    packed + u16::from(is_below)
}

fn unpack(packed: u16) -> u32 {
    let (exponent, rest) = (packed >> MANTISSA, packed & ((1 << MANTISSA) - 1));
    if exponent == 0 {
        return rest.into();
    }
    u32::from(rest | 1 << MANTISSA) << (exponent - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, NONE, Packed, STATE, ceil, floor, unpack};
    use crate::diagnosis::State;

    #[test]
    fn every_slot_fits_and_none_looks_like_nothing() {
        let nothing = Packed::NOTHING.digits();
        assert!((State::ALL.len() as u64 + 1) * STATE <= nothing);
    }

    #[test]
    fn the_longest_is_told_from_none() {
        for us in [LONGEST, u32::MAX] {
            assert_eq!(ceil(us), NONE - 1);
            assert!(floor(us) < NONE);
        }
    }

    proptest! {
        #[test]
        fn packing_brackets_the_number_within_two_hundredths(bits in 5..=32_u32, us: u32) {
            // Of all lengths alike: nearly every number is a long one.
            let us = us.checked_shr(bits).unwrap_or_default();
            let (low, high) = (unpack(floor(us)), unpack(ceil(us)));
            prop_assert!(low <= us && (us <= high || ceil(us) == NONE - 1));
            prop_assert!(high - low <= us / 64 + 1);
        }

        #[test]
        fn packed_numbers_keep_their_order(a: u32, b: u32) {
            let (a, b) = (a.min(b), a.max(b));
            prop_assert!(floor(a) <= floor(b) && ceil(a) <= ceil(b));
        }
    }
}
