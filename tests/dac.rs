//! The look at the administrator connection, from the question to Browser to the screen's
//! words, with the real network on loopback.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sqlreach::config::{Config, Instance, Probe, Timeout};
use sqlreach::diagnosis::State;
use sqlreach::evidence::{BrowserStatus, ConnectStatus, Dac, Look, Test};
use sqlreach::monitor::{Command, Monitor, Row, Setup, network_settings};
use sqlreach::probe::Network;
use sqlreach::simulate::browser::{Behaviour, Browser, Listing};
use sqlreach::simulate::engine::Engine;
use sqlreach::simulate::fault::Fault;
use sqlreach::target::Port;
use tokio::time::timeout;

/// Longer than any of these takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn any() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// A Browser that lists PROD on `tcp`, and its administrator connection where `dac` is.
async fn browser(tcp: u16, dac: Option<u16>) -> Browser {
    let listing = Listing::new("sales01", "PROD", Some(tcp));
    let listing = match dac {
        Some(port) => listing.with_dac(port),
        None => listing,
    };
    Browser::start(any(), vec![listing], Behaviour::Answers)
        .await
        .unwrap()
}

async fn hung_engine() -> Engine {
    Engine::start_with_dac(any(), any(), Fault::Silent.into())
        .await
        .unwrap()
}

fn probe(browser: &Browser) -> Probe {
    let second = Duration::from_secs(1);
    Probe {
        interval: second,
        rate: None,
        browser_port: Port::new(browser.address().port()).unwrap(),
        witness_ports: Vec::new(),
        timeout: Timeout {
            resolve: second,
            browser: second,
            connect: second,
            prelogin: second / 2,
        },
        ..Probe::default()
    }
}

async fn look(target: &str, dac: Option<u16>) -> Dac {
    let browser = browser(50123, dac).await;
    let network = Network::new(network_settings(
        &probe(&browser),
        &std::sync::Arc::default(),
    ))
    .unwrap();
    let test = Test::Dac {
        address: any().ip(),
    };
    let look = network.look(&target.parse().unwrap(), test).await.look;
    let Look::Dac(dac) = look else {
        panic!("{look:?}")
    };
    dac
}

#[tokio::test]
async fn the_administrator_connection_of_a_named_instance_is_where_browser_says() {
    let hung = hung_engine().await;
    let at = hung.dac().unwrap();
    let dac = look(r"127.0.0.1\PROD", Some(at.port())).await;
    let attempt = dac.attempt.unwrap();
    assert_eq!(
        (attempt.endpoint, attempt.status),
        (at, ConnectStatus::Open)
    );
    let browser = dac.browser.unwrap();
    assert_eq!(browser.port.map(Port::get), Some(at.port()));

    drop(hung);
    let closed = look(r"127.0.0.1\PROD", Some(1)).await;
    assert_eq!(closed.attempt.unwrap().status, ConnectStatus::Refused);
}

#[tokio::test]
async fn an_administrator_connection_that_browser_does_not_name_is_not_guessed() {
    let dac = look(r"127.0.0.1\PROD", None).await;
    assert_eq!(dac.browser.unwrap().status, BrowserStatus::Silent);
    assert_eq!(dac.attempt, None);
}

#[tokio::test]
async fn the_default_instance_has_its_administrator_connection_on_1434() {
    let dac = look("127.0.0.1", Some(9)).await;
    assert!(dac.browser.is_none(), "nobody is asked");
    assert_eq!(dac.attempt.unwrap().endpoint.port(), 1434);
}

async fn until(monitor: &Monitor, wanted: impl Fn(&Row) -> bool) -> Arc<Row> {
    let board = monitor.board();
    let found = timeout(PATIENCE, async {
        loop {
            board.take();
            if let Some(row) = board.rows().first().filter(|row| wanted(row)) {
                return Arc::clone(row);
            }
            board.changed().await;
        }
    });
    found.await.expect("not in time")
}

fn dacs(row: &Row) -> usize {
    let is_dac = |look: &Look| matches!(look, Look::Dac(_));
    row.witnesses
        .iter()
        .filter(|witness| is_dac(&witness.look))
        .count()
}

#[tokio::test]
async fn a_silent_engine_that_is_probed_by_hand_has_its_way_in_looked_at() {
    let hung = hung_engine().await;
    let dac = hung.dac().unwrap();
    let browser = browser(hung.address().port(), Some(dac.port())).await;
    let config = Config {
        probe: probe(&browser),
        instances: vec![Arc::new(Instance::from_text(r"127.0.0.1\PROD"))],
        ..Config::default()
    };
    let monitor = Monitor::start(Setup {
        config,
        memory: None,
    })
    .unwrap();
    // Unasked only the closed port is looked at.
    let unasked = until(&monitor, |row| !row.witnesses.is_empty()).await;
    assert_eq!((unasked.state, dacs(&unasked)), (State::Silent, 0));

    assert!(monitor.send(Command::Probe(vec![unasked.id])));
    let asked = until(&monitor, |row| dacs(row) > 0).await;
    let said = asked.diagnosis.as_ref().unwrap();
    let opens = sqlreach::diagnosis::Said::DacOpens { endpoint: dac };
    assert!(said.findings.contains(&opens), "{said:?}");
    assert_eq!(asked.state, State::Silent);
}
