use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{History, Sample};
use crate::diagnosis::State;

/// 14:00:00 on a day, which begins a slot in every tier.
const START: i64 = 1_795_096_800;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(START + seconds).unwrap()
}

fn sample(seconds: i64, state: State, us: u32) -> Sample {
    Sample {
        at: at(seconds),
        state,
        connect_us: Some(us),
        engine_us: None,
    }
}

#[test]
fn raw_reaches_five_minutes_back() {
    let mut history = History::default();
    for second in (0..3600).step_by(15) {
        history.push(sample(second, State::Answering, 400));
    }
    let oldest = history.raw().next().unwrap().at;
    let newest = history.raw().next_back().unwrap().at;
    assert_eq!(newest.duration_since(oldest), History::RAW);
    assert_eq!(history.raw().len(), 21);
}

#[test]
fn a_minute_keeps_smallest_largest_and_worst() {
    let mut history = History::default();
    history.push(sample(0, State::Answering, 400));
    history.push(sample(15, State::Refused, 896));
    history.push(Sample {
        connect_us: None,
        ..sample(30, State::TimedOut, 0)
    });
    history.push(sample(60, State::Answering, 500));
    let slots: Vec<_> = history.hour().collect();
    assert_eq!(slots.len(), 2);
    assert_eq!((slots[0].at, slots[0].worst), (at(0), State::TimedOut));
    assert_eq!(slots[0].connect_us, Some((400, 896)));
    assert_eq!(slots[0].engine_us, None);
    assert_eq!((slots[1].at, slots[1].worst), (at(60), State::Answering));
    assert_eq!(history.day().next().unwrap().connect_us, Some((400, 896)));
}

#[test]
fn a_blip_of_one_second_is_still_seen_a_day_later() {
    let mut history = History::default();
    for second in (0..86_000).step_by(20) {
        let state = if second == 40 {
            State::Refused
        } else {
            State::Answering
        };
        history.push(sample(second, state, 400));
    }
    assert_eq!(history.day().next().unwrap().worst, State::Refused);
    assert_eq!(
        history
            .day()
            .filter(|slot| slot.worst == State::Refused)
            .count(),
        1
    );
}

#[test]
fn hours_without_a_probe_leave_a_gap_not_a_line() {
    let mut history = History::default();
    history.push(sample(0, State::Answering, 400));
    history.push(sample(7200, State::Answering, 400));
    assert_eq!(history.raw().len(), 1);
    assert_eq!(history.hour().count(), 1);
    assert_eq!(history.day().count(), 2);
}

#[test]
fn a_clock_set_back_does_not_freeze_the_future() {
    let mut history = History::default();
    history.push(sample(40_000, State::Refused, 400));
    history.push(sample(0, State::Answering, 400));
    assert_eq!(
        history.raw().map(|sample| sample.at).collect::<Vec<_>>(),
        [at(0)]
    );
    assert_eq!(
        history.hour().map(|slot| slot.at).collect::<Vec<_>>(),
        [at(0)]
    );
    assert_eq!(
        history.day().map(|slot| slot.at).collect::<Vec<_>>(),
        [at(0)]
    );
}

#[test]
fn a_full_day_takes_less_than_two_kilobytes() {
    let mut history = History::default();
    for second in (0..2 * 86_400).step_by(15) {
        history.push(sample(second, State::Answering, 400));
    }
    let (hour, day) = (&history.hour.slots, &history.day.slots);
    let packed = size_of::<super::Packed>() * (hour.capacity() + day.capacity());
    let raw = size_of::<super::Exact>() * history.raw.capacity();
    assert_eq!((hour.len(), day.len()), (60, 144));
    assert!(packed + raw <= 1600, "{} bytes", packed + raw);
}

proptest! {
    #[test]
    fn bounds_hold_whatever_the_clock_does(
        steps in prop::collection::vec((-4000_i64..4000, 0_usize..18, any::<Option<u32>>()), 0..600),
    ) {
        let mut history = History::default();
        let mut now = 0;
        for (step, state, us) in steps {
            now += step;
            history.push(Sample {
                at: at(now), state: State::ALL[state], connect_us: us, engine_us: None,
            });
            prop_assert!(history.raw().len() <= History::MAX_RAW);
            prop_assert!(history.hour().count() <= 60);
            prop_assert!(history.day().count() <= 144);
            prop_assert!(history.hour().map(|slot| slot.at).is_sorted());
            prop_assert!(history.day().map(|slot| slot.at).is_sorted());
            let newest = history.raw().next_back().unwrap();
            prop_assert_eq!(newest.at, at(now));
            prop_assert!(history.hour().all(|slot| slot.at <= at(now + 60)));
            let bound = History::RAW + SignedDuration::from_mins(1);
            prop_assert!(history.raw().all(|sample| at(now).duration_since(sample.at) <= bound));
        }
    }
}
