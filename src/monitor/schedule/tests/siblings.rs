//! How far a failure goes is known within seconds, and costs no more than it promises.

use super::*;

/// Instances that answer every minute.
fn every_minute(targets: &[String]) -> Running {
    let mut config = config(&targets.iter().map(String::as_str).collect::<Vec<_>>());
    config.probe.interval = Duration::from_secs(60);
    Running::start(Told::new(&[]), config)
}

impl Running {
    fn dies(&self, targets: &[String]) {
        for target in targets {
            self.told.answer(target, [Answer::State(Refused)]);
        }
    }

    /// How many probes began in this span.
    fn probes(&self, span: std::ops::Range<f64>) -> usize {
        let log = self.told.log.lock().unwrap();
        log.iter()
            .filter(|entry| span.contains(&entry.second))
            .count()
    }
}

/// Where the intervals are long, one asks by hand, and all are known seconds later.
#[tokio::test(start_paused = true)]
async fn all_of_a_subnet_that_dies_are_known_within_three_seconds_of_the_first() {
    let hosts = (0..3).map(|n| format!("10.0.4.{}", n + 1));
    let targets: Vec<_> = hosts
        .flat_map(|host| [format!("{host},1433"), format!("{host},1444")])
        .take(5)
        .collect();
    let running = every_minute(&targets);
    running.pass(20).await;
    running.dies(&targets);
    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.row(0, |row| row.raw == Refused).await;
    let first = seconds();
    for id in 0..5 {
        running.row(id, |row| row.state == Refused).await;
    }
    assert!(seconds() - first < 3.0, "{}", seconds() - first);
    let row = running.row(4, |row| row.incident.is_some()).await;
    assert_eq!(
        running.board.incidents()[&row.incident.unwrap()]
            .members
            .len(),
        5
    );
}

#[tokio::test(start_paused = true)]
async fn a_thousand_that_fail_at_once_ask_no_more_than_promised() {
    let targets: Vec<_> = (0..1000)
        .map(|n| format!("10.{}.{}.1", n % 4, n / 4))
        .collect();
    let (calm, stormy) = (every_minute(&targets), every_minute(&targets));
    calm.pass(100).await;
    stormy.dies(&targets);
    let began = seconds();
    stormy.pass(30).await;
    let span = began..began + 30.0;
    // Each that is probed in its turn is confirmed once.
    let (usual, sent) = (calm.probes(span.clone()), stormy.probes(span));
    assert!(sent <= 2 * (usual + 64), "{sent} instead of {usual}");
}

#[tokio::test(start_paused = true)]
async fn what_is_brought_forward_is_twenty_a_second() {
    let targets: Vec<_> = (1..41).map(|n| format!("10.0.4.{n}")).collect();
    let running = every_minute(&targets);
    running.pass(20).await;
    running.dies(&targets[..1]);
    let began = seconds();
    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.pass(2).await;
    let log = running.told.log.lock().unwrap();
    let own = &targets[0];
    let others = log
        .iter()
        .filter(|entry| entry.second >= began && entry.target != *own);
    let times: Vec<_> = others.map(|entry| entry.second).collect();
    assert_eq!(times.len(), 16);
    assert!(
        times.windows(2).all(|pair| pair[1] - pair[0] > 0.045),
        "{times:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn while_paused_nothing_is_brought_forward() {
    let targets: Vec<_> = (1..6).map(|n| format!("10.0.4.{n}")).collect();
    let running = every_minute(&targets);
    running.pass(20).await;
    running.dies(&targets);
    running.send(Command::Pause(true)).await;
    let began = seconds();
    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.pass(30).await;
    assert_eq!(running.probes(began..began + 30.0), 1);
}
