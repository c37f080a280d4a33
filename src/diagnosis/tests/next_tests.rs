//! Which looks are asked for, and that they come to an end.

use std::net::IpAddr;

use crate::diagnosis::OwnNetwork;
use crate::diagnosis::scene::{ME, ROUTER, SERVER, Scene};
use crate::evidence::{
    Browser, BrowserStatus, ConnectStatus, Dac, Look, PreloginStatus, ResolveStatus, Test,
};
use crate::target::{Platform, Port};

use ConnectStatus::{Blocked, Refused, TimedOut, Unreachable};

fn db1() -> Scene {
    Scene::new("db1.corp.test,1433")
}

fn prod() -> Scene {
    Scene::new(r"sales01\PROD")
}

fn closed() -> Test {
    Test::ClosedPort { address: address() }
}

fn port(number: u16) -> Test {
    Test::Port {
        address: address(),
        port: Port::new(number).unwrap(),
    }
}

fn path(endpoint: &str) -> Test {
    Test::Path {
        endpoint: endpoint.parse().unwrap(),
    }
}

fn address() -> IpAddr {
    SERVER.parse().unwrap()
}

#[test]
fn each_state_asks_for_what_splits_its_causes() {
    let list = Test::BrowserList { address: address() };
    #[rustfmt::skip]
    let table = vec![
        ("silence", db1().timed_out(), vec![closed(), port(445), path("10.0.4.12:1433")]),
        ("silence of Linux", db1().platform(Platform::Linux).timed_out(), vec![closed(), port(22), path("10.0.4.12:1433")]),
        ("silence of a container", db1().platform(Platform::Container).timed_out(), vec![closed(), port(22), path("10.0.4.12:1433")]),
        ("silence of a cloud", db1().platform(Platform::Azure).timed_out(), vec![closed(), path("10.0.4.12:1433")]),
        ("a refusal", db1().refused(), vec![closed(), port(445), list, path("10.0.4.12:1433")]),
        ("a refusal where the port changed", prod().advertises(50123).refused().good(SERVER, 49777), vec![closed(), port(49777), path("10.0.4.12:50123")]),
        ("a refusal by ICMP", db1().refused().icmp(3, 3, ROUTER), vec![]),
        ("no route at a router", db1().connect(Unreachable).icmp(3, 0, ROUTER), vec![path("10.0.4.12:1433")]),
        ("ARP failed", db1().connect(Unreachable).icmp(3, 1, ME), vec![]),
        ("our own policy", db1().connect(Blocked).os_error(1), vec![]),
        ("Browser silent", prod().browser(BrowserStatus::Silent), vec![list, closed(), port(445)]),
        ("Browser silent, last port known", prod().browser(BrowserStatus::Silent).good(SERVER, 50123), vec![list, closed(), port(50123)]),
        ("Browser stopped, last port known", prod().browser(BrowserStatus::Refused).good(SERVER, 50123), vec![port(50123)]),
        ("not listed", prod().browser(BrowserStatus::NotListed), vec![]),
        ("the engine is silent", db1().answer(PreloginStatus::Silent), vec![closed(), Test::Dac { address: address() }]),
        ("hung up", db1().answer(PreloginStatus::Closed), vec![closed()]),
        ("not SQL", db1().answer(PreloginStatus::NotTds), vec![]),
        ("no name", db1().unresolved(ResolveStatus::NotFound), vec![]),
        ("answering", db1().answers(), vec![]),
        ("loopback, silent", Scene::new("127.0.0.5,1433").timed_out(), vec![Test::ClosedPort { address: "127.0.0.5".parse().unwrap() }]),
        ("loopback, refused", Scene::new("127.0.0.5,1433").refused(), vec![Test::BrowserList { address: "127.0.0.5".parse().unwrap() }]),
        ("cut off", db1().timed_out().with(|s| s.surroundings.own_network = OwnNetwork::NoRoute), vec![]),
    ];
    for (what, scene, tests) in table {
        assert_eq!(scene.diagnose().next_tests, tests, "{what}");
    }
}

#[test]
fn a_second_round_asks_only_for_what_the_first_made_worth_asking() {
    let first = Scene::new("db1.corp.test,1435")
        .timed_out()
        .good(SERVER, 1433);
    assert_eq!(
        first.diagnose().next_tests,
        [closed(), port(445), path("10.0.4.12:1435")]
    );
    let second = first
        .closed(TimedOut)
        .port(445, ConnectStatus::Open)
        .path(&[ROUTER]);
    let list = Test::BrowserList { address: address() };
    assert_eq!(second.diagnose().next_tests, [port(1433), list]);
    let third = second.port(1433, Refused);
    assert_eq!(third.diagnose().next_tests, [list]);
    let all = third.list(BrowserStatus::Silent, vec![]);
    assert_eq!(all.diagnose().next_tests, []);
}

/// Takes every test that is asked for, always with the same outcome.
fn taken(scene: Scene, test: &Test, outcome: ConnectStatus) -> Scene {
    match *test {
        Test::ClosedPort { .. } => scene.closed(outcome),
        Test::Port { port, .. } => scene.port(port.get(), outcome),
        Test::Path { .. } => scene.path(&[ROUTER]),
        Test::BrowserList { .. } => scene.list(BrowserStatus::Silent, vec![]),
        Test::Dac { .. } => scene.look(Look::Dac(Dac::default())),
        Test::BrowserName { .. } => scene.look(Look::BrowserName(Browser::default())),
    }
}

#[test]
fn after_two_rounds_nothing_is_asked_for() {
    let scenes = [
        db1().timed_out(),
        db1().timed_out().good(SERVER, 1444),
        db1().refused().good(SERVER, 1444),
        prod().browser(BrowserStatus::Silent),
        prod().browser(BrowserStatus::Silent).good(SERVER, 50123),
        prod().advertises(50123).timed_out().good(SERVER, 49777),
        db1().answer(PreloginStatus::Silent),
        db1().connect(Unreachable).os_error(10065),
    ];
    for scene in scenes {
        for outcome in [ConnectStatus::Open, Refused, TimedOut, Unreachable] {
            let mut scene = scene.clone();
            for _ in 0..2 {
                for test in scene.diagnose().next_tests {
                    scene = taken(scene, &test, outcome);
                }
            }
            assert_eq!(
                scene.diagnose().next_tests,
                [],
                "{outcome:?}: {:?}",
                scene.evidence.layers
            );
        }
    }
}
