//! Settings that change while the prober runs.

use std::time::Duration;

use super::*;
use crate::config::Probe;

fn every(seconds: u64) -> Probe {
    Probe {
        interval: Duration::from_secs(seconds),
        ..config(&[]).probe
    }
}

impl Running {
    async fn configure(&self, probe: Probe) {
        self.send(Command::Configure(Box::new(probe))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_shorter_interval_does_not_wait_for_the_long_one() {
    let mut slow = config(&["a", "b"]);
    slow.probe = every(600);
    let running = Running::start(Told::new(&[]), slow);
    running.pass(20).await;
    running.configure(every(5)).await;
    running.pass(30).await;
    for target in ["a", "b"] {
        let times = running.told.times(target);
        assert!((6..=8).contains(&times.len()), "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_longer_interval_holds_at_once() {
    let running = Running::start(Told::new(&[]), config(&["a"]));
    running.pass(20).await;
    let before = running.told.times("a").len();
    running.configure(every(3600)).await;
    running.pass(600).await;
    assert!(running.told.times("a").len() <= before + 1);
}

#[tokio::test(start_paused = true)]
async fn the_network_and_the_ledger_go_by_the_new_settings() {
    let told = Told::new(&[("a", &[Answering, Refused])]);
    let running = Running::start(told, config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    let probe = Probe {
        browser_port: crate::target::Port::literal(11_434),
        rate: Some(7),
        down_after: 1,
        ..config(&[]).probe
    };
    running.configure(probe.clone()).await;
    running.configure(probe).await;
    running.pass(16).await;
    let settings = running.told.settings.lock().unwrap().clone();
    assert_eq!(settings.len(), 1, "the same settings again are no news");
    assert_eq!(settings[0].rate, Some(7));
    assert_eq!(settings[0].browser_port.get(), 11_434);
    let rows = running.board.rows();
    assert_eq!(rows[0].state, Refused, "one miss is enough now");
}

/// A miss is confirmed after a second, whatever the interval becomes meanwhile.
#[tokio::test(start_paused = true)]
async fn a_confirming_probe_stays_where_it_is() {
    let told = Told::new(&[("a", &[Answering, Refused])]);
    let running = Running::start(told, config(&["a"]));
    running.row(0, |row| row.raw == Refused).await;
    running.configure(every(3600)).await;
    running.pass(2).await;
    assert_eq!(running.board.rows()[0].state, Refused);
}

#[tokio::test(start_paused = true)]
async fn while_paused_nothing_is_probed_by_the_new_settings_either() {
    let running = Running::start(Told::new(&[]), config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    running.send(Command::Pause(true)).await;
    running.pass(1).await;
    let before = running.told.times("a").len();
    running.configure(every(5)).await;
    running.pass(60).await;
    assert_eq!(running.told.times("a").len(), before);
}
