//! A probe in 20 bytes, to the nanosecond and the microsecond.

use jiff::Timestamp;

use super::{Sample, state_of};

/// A [`Sample`] as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Exact {
    /// Nanoseconds since 1970, as bytes: a number would ask for four more. Ends in 2262.
    at: [u8; 8],
    connect: u32,
    engine: u32,
    state: u8,
}

/// No latency.
const NONE: u32 = u32::MAX;

impl Exact {
    pub(super) fn new(sample: &Sample) -> Self {
        let nanos = i64::try_from(sample.at.as_nanosecond()).unwrap_or(i64::MAX);
        // What takes longer than an hour is not told apart.
        let pack = |us: Option<u32>| us.map_or(NONE, |us| us.min(NONE - 1));
        Self {
            at: nanos.to_ne_bytes(),
            connect: pack(sample.connect_us),
            engine: pack(sample.engine_us),
            state: sample.state as u8,
        }
    }

    pub(super) fn at(&self) -> Timestamp {
        let nanos = i64::from_ne_bytes(self.at);
        Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default()
    }

    pub(super) fn sample(&self) -> Sample {
        let unpack = |us| (us != NONE).then_some(us);
        Sample {
            at: self.at(),
            state: state_of(self.state),
            connect_us: unpack(self.connect),
            engine_us: unpack(self.engine),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Exact, NONE};
    use crate::diagnosis::State;
    use crate::monitor::Sample;

    #[test]
    fn a_probe_takes_twenty_bytes() {
        assert_eq!(size_of::<Exact>(), 20);
    }

    proptest! {
        #[test]
        fn a_probe_comes_back_as_it_was(
            nanos in -4_000_000_000_000_000_000_i64..=i64::MAX,
            state in 0_usize..State::ALL.len(),
            connect_us in prop::option::of(0..NONE),
            engine_us in prop::option::of(0..NONE),
        ) {
            let sample = Sample {
                at: jiff::Timestamp::from_nanosecond(nanos.into()).unwrap(),
                state: State::ALL[state],
                connect_us,
                engine_us,
            };
            prop_assert_eq!(Exact::new(&sample).sample(), sample);
        }
    }
}
