//! A machine that slept, and a clock that somebody set.

use std::time::Duration;

use jiff::SignedDuration;
use rstest::rstest;

use super::{Running, Told, set_ahead, wall};
use crate::diagnosis::State::{Answering, Refused};
use crate::monitor::tests::config;

const HOUR: i64 = 3600;

/// Two instances that are probed every ten minutes.
fn watched(told: Told) -> Running {
    let mut config = config(&["a", "b"]);
    config.probe.interval = Duration::from_secs(600);
    Running::start(told, config)
}

#[tokio::test(start_paused = true)]
async fn after_an_hour_of_sleep_every_row_is_stale_until_it_was_probed_again() {
    let running = watched(Told::new(&[]));
    running.row(1, |row| row.state == Answering).await;
    running.pass(5).await;
    set_ahead(HOUR);
    let woke = wall();
    running.row(0, |row| row.marks.stale).await;
    assert!(running.board.rows().iter().all(|row| row.marks.stale));
    for id in 0..2 {
        let row = running.row(id, |row| !row.marks.stale).await;
        assert!(row.evidence.as_ref().unwrap().at >= woke);
    }
    assert!(wall().duration_since(woke) < SignedDuration::from_secs(5));
    running.pass(300).await;
    assert_eq!(running.told.times("a").len(), 2, "and then at its own pace");
}

#[tokio::test(start_paused = true)]
async fn what_failed_during_the_sleep_may_have_begun_long_before() {
    let running = watched(Told::new(&[("a", &[Answering, Refused])]));
    running.row(0, |row| row.state == Answering).await;
    running.pass(5).await;
    set_ahead(HOUR);
    let row = running.row(0, |row| row.state == Refused).await;
    assert!(row.since.at_least, "{:?}", row.since);
}

#[rstest]
#[case::forward(HOUR)]
#[case::back(-HOUR)]
#[case::back_a_day(-24 * HOUR)]
#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_stops_nobody_and_lies_about_nothing(#[case] ahead: i64) {
    let running = Running::start(Told::new(&[]), config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    running.pass(60).await;
    let before = running.told.times("a").len();
    set_ahead(ahead);
    running.pass(60).await;
    let times = running.told.times("a");
    // Four intervals, of which the jitter may push the last one out.
    assert!((3..=6).contains(&(times.len() - before)), "{times:?}");
    let row = &running.board.rows()[0];
    assert!(!row.marks.stale);
    let now = wall();
    assert!(row.evidence.as_ref().unwrap().at <= now);
    for sample in row.history.raw() {
        assert!(
            sample.at <= now + SignedDuration::from_mins(1),
            "{sample:?} at {now}"
        );
    }
    let first = row.since.first_seen.unwrap();
    assert!(first <= now, "since {first} at {now}");
}
