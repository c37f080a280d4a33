//! A fix that is put to the proof is probed at a quick pace, and then as before.

use super::*;
use crate::diagnosis::{CauseId, Expectation};
use crate::monitor::{Attempt, Ended};

const A: InstanceId = InstanceId(0);

fn attempt() -> Attempt {
    Attempt {
        cause: CauseId::ServiceNotRunning,
        fix: "Start the service".to_owned(),
        expects: vec![Expectation::PortOpen, Expectation::EngineAnswers],
    }
}

fn ended(row: &Row) -> Option<Ended> {
    row.proofs.last().and_then(|proof| proof.ended)
}

impl Running {
    async fn verify(&self, attempt: Option<Attempt>) -> f64 {
        self.send(Command::Verify(A, attempt)).await;
        seconds()
    }

    fn gaps(&self, from: f64, to: f64) -> Vec<f64> {
        let times = self.told.times("a");
        let times: Vec<_> = times
            .into_iter()
            .filter(|time| (from..to).contains(time))
            .collect();
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn five_minutes_at_a_quick_pace_and_then_as_before() {
    let running = Running::start(Told::new(&[("a", &[Refused])]), config(&["a"]));
    running.pass(20).await;
    let looks = running.told.looks.lock().unwrap().len();
    let before = running.told.log.lock().unwrap().len();
    let began = running.verify(Some(attempt())).await;
    running.pass(400).await;

    let quick = running.gaps(began, began + 30.0);
    assert!((13..=16).contains(&quick.len()), "{quick:?}");
    assert!(quick.iter().all(|gap| (1.85..2.15).contains(gap)));
    assert!(quick.iter().any(|gap| (gap - 2.0).abs() > 0.001), "jitter");
    let less = running.gaps(began + 33.0, began + 299.0);
    assert!(
        less.iter().all(|gap| (3.75..4.25).contains(gap)),
        "{less:?}"
    );
    let after = running.gaps(began + 306.0, began + 400.0);
    assert!(
        !after.is_empty() && after.iter().all(|gap| *gap > 7.0),
        "{after:?}"
    );

    let efforts = running.told.efforts();
    let probes = quick.len() + less.len();
    assert!(
        efforts[before..before + probes]
            .iter()
            .all(|effort| *effort == Effort::Fresh)
    );
    assert_eq!(efforts.last(), Some(&Effort::Routine));
    assert_eq!(
        running.told.looks.lock().unwrap().len(),
        looks,
        "no look is spent"
    );
    let row = running.row(0, |_| true).await;
    let first = Expectation::PortOpen;
    assert!(matches!(ended(&row), Some(Ended::NotFixed { first: found, .. }) if found == first));
}

#[tokio::test(start_paused = true)]
async fn the_first_probe_is_at_once_and_the_fix_ends_it() {
    let mut answers = vec![Refused; 6];
    answers.push(Answering);
    let running = Running::start(Told::new(&[("a", &answers)]), config(&["a"]));
    running.pass(20).await;
    let made = running.told.times("a").len();
    let began = running.verify(Some(attempt())).await;
    let row = running.row(0, |row| ended(row).is_some()).await;
    let times = running.told.times("a");
    assert!(times[made] - began < 0.01, "{times:?}");
    assert_eq!(times.len(), 7);
    let Some(Ended::Fixed { after, by }) = ended(&row) else {
        panic!("{:?}", row.proofs);
    };
    let [after, by] = [after, by].map(|span| span.as_secs_f64());
    let bounds = [times[5] - began, times[6] - began];
    assert!((after - bounds[0]).abs() < 0.1 && (by - bounds[1]).abs() < 0.1);

    let fixed = seconds();
    running.pass(60).await;
    let gaps = running.gaps(fixed + 1.0, fixed + 60.0);
    assert!(gaps.iter().all(|gap| *gap > 7.0), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_engine_is_left_its_ten_seconds() {
    let running = Running::start(Told::new(&[("a", &[Silent])]), config(&["a"]));
    running.pass(23).await;
    let began = running.verify(Some(attempt())).await;
    running.pass(310).await;
    let gaps = running.gaps(0.0, began + 300.0);
    assert!(gaps.len() > 25, "{gaps:?}");
    assert!(gaps.iter().all(|gap| *gap > 9.99), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_runs_into_its_deadline_leaves_some_rest() {
    let told = Told {
        takes: Duration::from_secs(4),
        ..Told::new(&[("a", &[TimedOut])])
    };
    let running = Running::start(told, config(&["a"]));
    running.pass(30).await;
    let began = running.verify(Some(attempt())).await;
    running.pass(100).await;
    let gaps = running.gaps(began + 5.0, began + 100.0);
    assert!(gaps.iter().all(|gap| (4.45..5.1).contains(gap)), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn it_runs_while_paused_and_a_pause_ends_it() {
    let running = Running::start(Told::new(&[("a", &[Refused])]), config(&["a", "other"]));
    running.pass(20).await;
    running.send(Command::Pause(true)).await;
    let began = running.verify(Some(attempt())).await;
    running.pass(20).await;
    assert!(running.gaps(began, began + 20.0).len() >= 8);
    let others = running.told.times("other");
    assert!(others.iter().all(|time| *time <= began), "{others:?}");

    running.send(Command::Pause(false)).await;
    running.pass(10).await;
    let quick = running.gaps(began + 20.0, began + 29.0);
    assert!(quick.iter().all(|gap| *gap < 2.15), "{quick:?}");
    assert!(ended(&*running.row(0, |_| true).await).is_none());

    running.send(Command::Pause(true)).await;
    running
        .row(0, |row| matches!(ended(row), Some(Ended::Untold { .. })))
        .await;
    let made = running.told.log.lock().unwrap().len();
    running.pass(60).await;
    assert_eq!(running.told.log.lock().unwrap().len(), made);
}

#[tokio::test(start_paused = true)]
async fn called_off_the_loop_goes_on() {
    let running = Running::start(Told::new(&[("a", &[Refused])]), config(&["a"]));
    running.pass(20).await;
    running.verify(Some(attempt())).await;
    running.pass(10).await;
    let off = running.verify(None).await;
    running
        .row(0, |row| matches!(ended(row), Some(Ended::Untold { .. })))
        .await;
    running.pass(100).await;
    let gaps = running.gaps(off, off + 100.0);
    assert!(
        gaps.len() >= 4 && gaps.iter().all(|gap| *gap > 7.0),
        "{gaps:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn one_whose_probes_bring_nothing_back_ends_all_the_same() {
    let mut told = Told::new(&[("a", &[Refused])]);
    told.slow.insert("a".to_owned(), Duration::from_secs(30));
    let mut config = config(&["a"]);
    config.probe.interval = Duration::from_secs(3600);
    let running = Running::start(told, config);
    running.pass(100).await;
    running.told.answer("a", [Answer::Panic]);
    let began = running.verify(Some(attempt())).await;
    let row = running.row(0, |row| ended(row).is_some()).await;
    let took = seconds() - began;
    assert!((299.9..302.1).contains(&took), "{took}");
    assert!(matches!(ended(&row), Some(Ended::Untold { .. })));
}
