//! The monitor and the check against real servers on loopback, with the real probe.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream;
use sqlreach::config::{Config, Instance, Probe, Timeout};
use sqlreach::diagnosis::{Expectation, State};
use sqlreach::monitor::check::{Options, check};
use sqlreach::monitor::{Attempt, Command, Ended, Monitor, Row, Setup, network_settings};
use sqlreach::simulate::black_hole::BlackHole;
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::{self, Kind, Member};
use sqlreach::target;
use tokio::time::timeout;

/// Longer than any of these takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn probe() -> Probe {
    let second = Duration::from_secs(1);
    Probe {
        interval: second,
        rate: None,
        timeout: Timeout {
            resolve: 2 * second,
            browser: 3 * second,
            connect: second,
            prelogin: second,
        },
        ..Probe::default()
    }
}

fn setup(probe: Probe, targets: &[String]) -> Setup {
    let instances = targets
        .iter()
        .map(|text| Arc::new(Instance::from_text(text)))
        .collect();
    Setup {
        config: Config {
            probe,
            instances,
            ..Config::default()
        },
        memory: None,
    }
}

/// A member of the simulated network, as a file would configure it.
fn instance(member: &Member) -> Arc<Instance> {
    let mut instance = Instance::from_text(&member.target);
    instance.name.clone_from(&member.name);
    instance.declared.expected_live = member.expected_live;
    instance.declared.kind = Some(match member.kind {
        Kind::Standalone => target::Kind::Standalone,
        Kind::Fci => target::Kind::Fci,
        Kind::AgReplica => target::Kind::AgReplica,
        Kind::AgListener => target::Kind::AgListener,
    });
    Arc::new(instance)
}

async fn until(monitor: &Monitor, wanted: impl Fn(&[Arc<Row>]) -> bool) -> Vec<Arc<Row>> {
    let board = monitor.board();
    let found = timeout(PATIENCE, async {
        loop {
            board.take();
            let rows = board.rows();
            if wanted(&rows) {
                return rows;
            }
            board.changed().await;
        }
    });
    found
        .await
        .unwrap_or_else(|_| panic!("not in time: {:?}", words(&board.rows())))
}

fn words(rows: &[Arc<Row>]) -> BTreeMap<String, &'static str> {
    rows.iter()
        .map(|row| (row.instance.name.clone(), row.state.word()))
        .collect()
}

#[tokio::test]
async fn every_member_of_the_simulated_network_settles_in_its_state() {
    let network = simulate::Network::start().await.unwrap();
    let probe = Probe {
        dns_servers: vec![network.dns()],
        browser_port: target::Port::new(network.browser_port()).unwrap(),
        ..probe()
    };
    let promised: BTreeMap<_, _> = network
        .members()
        .iter()
        .map(|member| (member.name.clone(), member.state))
        .collect();

    let instances: Vec<_> = network.members().iter().map(instance).collect();
    let config = Config {
        probe: probe.clone(),
        instances: instances.clone(),
        ..Config::default()
    };
    let monitor = Monitor::start(Setup {
        config,
        memory: None,
    })
    .unwrap();
    until(&monitor, |rows| {
        rows.iter().all(|row| row.state != State::Pending)
    })
    .await;
    let settled = timeout(
        PATIENCE / 2,
        until(&monitor, |rows| words(rows) == promised),
    )
    .await;
    assert!(
        settled.is_ok(),
        "\n{:#?}\nis not\n{promised:#?}",
        words(&monitor.board().rows())
    );
    drop(monitor);

    let shared =
        Arc::new(sqlreach::probe::Network::new(network_settings(&probe, &Arc::default())).unwrap());
    let namesakes = instances.iter().map(|instance| &**instance).collect();
    let options = Arc::new(Options {
        namesakes,
        witnesses: true,
        ..Options::default()
    });
    let mut rows = Vec::new();
    check(&shared, stream::iter(instances), &options, |done| {
        rows.extend(done);
    })
    .await;
    rows.sort_by_key(|row| row.id);
    assert_eq!(words(&rows), promised);
    assert!(
        rows.iter()
            .enumerate()
            .all(|(n, row)| row.id.0 as usize == n)
    );
}

#[tokio::test]
async fn an_engine_that_stops_and_starts_goes_down_and_comes_up() {
    let mut engine = Engine::start("127.0.0.1:0".parse().unwrap(), Profile::default())
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join("memory.json");
    let mut setup = setup(probe(), &[engine.address().to_string()]);
    setup.memory = Some(memory.clone());
    let monitor = Monitor::start(setup).unwrap();
    let is = |state| move |rows: &[Arc<Row>]| rows[0].state == state;
    let well = until(&monitor, is(State::Answering)).await;
    let version = well[0].evidence.as_ref().unwrap().layers.prelogin.version;
    assert_eq!(version.unwrap().to_string(), "16.0.4105.2");

    engine.stop().await;
    let down = until(&monitor, is(State::Refused)).await;
    let since = down[0].since;
    assert!(since.last_other.unwrap() < since.first_seen.unwrap());
    assert_eq!(
        down[0].past.last_good.as_ref().unwrap().at,
        since.last_other.unwrap()
    );

    engine.resume().await.unwrap();
    let ids = vec![down[0].id];
    assert!(monitor.send(Command::Probe(ids)));
    let up = until(&monitor, is(State::Answering)).await;
    assert_eq!(up[0].transitions.last().unwrap().from, State::Refused);
    assert!(
        up[0]
            .history
            .raw()
            .any(|sample| sample.state == State::Refused)
    );
    assert!(monitor.memory_problem().is_none() && monitor.is_running());
    drop(monitor);
    assert!(
        std::fs::read_to_string(&memory)
            .unwrap()
            .contains("last_good")
    );
}

#[tokio::test]
async fn a_closed_engine_that_is_opened_is_proved_to_be_fixed() {
    let mut engine = Engine::start("127.0.0.1:0".parse().unwrap(), Profile::default())
        .await
        .unwrap();
    engine.stop().await;
    let probe = Probe {
        // Only the proof is quick enough for this test.
        interval: Duration::from_secs(600),
        ..probe()
    };
    let monitor = Monitor::start(setup(probe, &[engine.address().to_string()])).unwrap();
    let down = until(&monitor, |rows| rows[0].state == State::Refused).await;
    let attempt = Attempt {
        cause: down[0].diagnosis.as_ref().unwrap().causes[0].id,
        fix: "Start the service".to_owned(),
        expects: vec![Expectation::PortOpen, Expectation::EngineAnswers],
    };
    let asked = Instant::now();
    assert!(monitor.send(Command::Verify(down[0].id, Some(attempt))));
    let proof = |rows: &[Arc<Row>]| rows[0].proofs.last().cloned();
    until(&monitor, |rows| {
        proof(rows).is_some_and(|proof| proof.probes > 0)
    })
    .await;
    let opened = asked.elapsed();
    engine.resume().await.unwrap();

    let up = until(&monitor, |rows| {
        proof(rows).is_some_and(|proof| !proof.is_running())
    })
    .await;
    let took = asked.elapsed();
    let proof = proof(&up).unwrap();
    let Some(Ended::Fixed { after, by }) = proof.ended else {
        panic!("{proof:?}")
    };
    assert!(after <= by && by.unsigned_abs() <= took && by.unsigned_abs() >= opened);
    let met: Vec<_> = proof.expected.iter().filter_map(|one| one.met).collect();
    assert_eq!(met.len(), 2, "{proof:?}");
    assert!(
        met.iter()
            .all(|met| met.after.is_some_and(|after| after <= met.by))
    );
    assert_eq!(up[0].state, State::Answering);
}

#[tokio::test]
async fn dropping_the_monitor_ends_it_within_a_second_whatever_hangs() {
    // A DNS server that never answers, and, where the system can have one, a port that drops.
    let dns = UdpSocket::bind("127.0.0.1:0").unwrap();
    let hole = BlackHole::start("127.0.0.1:0".parse().unwrap()).ok();
    let long = Duration::from_secs(60);
    let probe = Probe {
        dns_servers: vec![dns.local_addr().unwrap()],
        timeout: Timeout {
            resolve: long,
            browser: long,
            connect: long,
            prelogin: long,
        },
        ..probe()
    };
    let mut targets = vec!["nobody.example".to_owned()];
    targets.extend(hole.as_ref().map(|hole| hole.address().to_string()));
    let monitor = Monitor::start(setup(probe, &targets)).unwrap();
    let ids: Vec<_> = until(&monitor, |rows| rows.len() == targets.len())
        .await
        .iter()
        .map(|row| row.id)
        .collect();
    assert!(monitor.send(Command::Probe(ids)));
    until(&monitor, |rows| rows.iter().all(|row| row.probing)).await;
    let before = Instant::now();
    drop(monitor);
    assert!(
        before.elapsed() < Duration::from_secs(1),
        "{:?}",
        before.elapsed()
    );
}

#[tokio::test]
async fn a_damaged_memory_is_said_and_the_monitor_starts() {
    let folder = tempfile::tempdir().unwrap();
    let memory = folder.path().join("memory.json");
    std::fs::write(&memory, "{ half a").unwrap();
    let mut setup = setup(probe(), &["127.0.0.1,1".to_owned()]);
    setup.memory = Some(memory);
    let monitor = Monitor::start(setup).unwrap();
    let problem = monitor.memory_problem().unwrap().to_string();
    assert!(problem.contains("memory.json.bad"), "{problem}");
    until(&monitor, |rows| rows[0].state == State::Refused).await;
}
