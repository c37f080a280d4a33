//! The Windows trap: with its firewall on, Windows says nothing for a closed port. The six
//! rows of closed port, SQL port, other port, and what is known before any look.

use crate::diagnosis::scene::{SERVER, Scene};
use crate::diagnosis::{CauseId, Confidence, Diagnosis, Said, State};
use crate::evidence::{ConnectStatus, Test};
use crate::target::{Platform, Port};

use CauseId as C;
use ConnectStatus::{Open, Refused, TimedOut};

fn row(closed: ConnectStatus, sql: ConnectStatus, other: ConnectStatus) -> Diagnosis {
    Scene::new("db1.corp.test,1433")
        .connect(sql)
        .closed(closed)
        .port(445, other)
        .diagnose()
}

fn first(diagnosis: &Diagnosis) -> Vec<CauseId> {
    diagnosis.causes[..diagnosis.tied]
        .iter()
        .map(|cause| cause.id)
        .collect()
}

fn has(diagnosis: &Diagnosis, cause: CauseId) -> bool {
    diagnosis.causes.iter().any(|named| named.id == cause)
}

#[test]
fn before_any_look_silence_is_a_tie_of_three_and_asks_for_looks() {
    let diagnosis = Scene::new("db1.corp.test,1433").timed_out().diagnose();
    let address = SERVER.parse().unwrap();
    assert_eq!(
        first(&diagnosis),
        [C::ServiceNotRunning, C::FirewallDrops, C::HostDown]
    );
    assert!(diagnosis.causes[0].confidence <= Confidence::Medium);
    assert_eq!(
        diagnosis.next_tests[..2],
        [
            Test::ClosedPort { address },
            Test::Port {
                address,
                port: Port::literal(445)
            }
        ]
    );
}

#[test]
fn rst_rst_any_nothing_listens_and_no_firewall_rule_helps() {
    for other in [Open, Refused, TimedOut] {
        let diagnosis = row(Refused, Refused, other);
        assert_eq!(first(&diagnosis), [C::ServiceNotRunning]);
        assert!(has(&diagnosis, C::WrongPort) && has(&diagnosis, C::TcpDisabled));
        assert!(!has(&diagnosis, C::FirewallDrops));
        assert!(diagnosis.rules_out.contains(&Said::OutDroppingFirewall {}));
    }
}

#[test]
fn rst_silence_any_a_rule_drops_this_port() {
    for other in [Open, Refused, TimedOut] {
        let diagnosis = row(Refused, TimedOut, other);
        assert_eq!(first(&diagnosis), [C::FirewallDrops]);
        assert_eq!(diagnosis.causes[0].confidence, Confidence::High);
        assert!(!diagnosis.rules_out.contains(&Said::OutStopped {}));
        assert!(diagnosis.rules_out.contains(&Said::OutHostDown {}));
    }
}

#[test]
fn silence_silence_open_is_a_tie_of_three() {
    let diagnosis = row(TimedOut, TimedOut, Open);
    assert_eq!(
        first(&diagnosis),
        [C::WrongPort, C::ServiceNotRunning, C::FirewallDrops].sorted()
    );
    assert!(
        diagnosis.causes[..3]
            .iter()
            .all(|cause| cause.confidence == Confidence::Medium)
    );
    assert!(!has(&diagnosis, C::HostDown));
}

#[test]
fn silence_rst_any_someone_rejects_on_purpose() {
    for other in [Open, TimedOut] {
        let diagnosis = row(TimedOut, Refused, other);
        assert_eq!(first(&diagnosis), [C::RejectRule]);
        assert!(
            has(&diagnosis, C::ServiceNotRunning),
            "a device may hide the closed port only"
        );
        assert!(!has(&diagnosis, C::FirewallDrops));
    }
}

#[test]
fn silence_silence_silence_is_a_host_that_is_down_or_elsewhere() {
    let diagnosis = row(TimedOut, TimedOut, TimedOut);
    assert_eq!(first(&diagnosis), [C::HostDown]);
    assert!(has(&diagnosis, C::StaleName) && has(&diagnosis, C::FirewallDrops));
    assert!(!diagnosis.rules_out.contains(&Said::OutHostDown {}));
}

#[test]
fn open_any_any_voids_what_connect_says() {
    for sql in [Open, Refused, TimedOut] {
        for other in [Open, Refused, TimedOut] {
            let scene = match sql {
                Open => {
                    Scene::new("db1.corp.test,1433").answer(crate::evidence::PreloginStatus::Silent)
                }
                sql => Scene::new("db1.corp.test,1433").connect(sql),
            };
            let diagnosis = scene.closed(Open).port(445, other).diagnose();
            assert_eq!(first(&diagnosis), [C::PathProxy]);
            assert!(matches!(
                diagnosis.headline,
                Some(Said::EveryPortOpens { .. })
            ));
            let voided = |said: &Said| {
                matches!(
                    said,
                    Said::HandshakeCompletes { .. }
                        | Said::AddressAnswers { .. }
                        | Said::OtherPortOpens { .. }
                )
            };
            assert!(
                !diagnosis.proves.iter().any(voided),
                "{:?}",
                diagnosis.proves
            );
            assert_eq!(diagnosis.rules_out, []);
        }
    }
}

#[test]
fn an_engine_that_answers_is_believed_through_any_proxy() {
    let diagnosis = Scene::new("db1.corp.test,1433")
        .answers()
        .closed(Open)
        .diagnose();
    assert_eq!(
        (diagnosis.state, diagnosis.causes.len()),
        (State::Answering, 0)
    );
}

#[test]
fn a_browser_that_is_silent_is_no_matter_of_handshakes() {
    let lost = Scene::new(r"sales01\PROD").browser(crate::evidence::BrowserStatus::Silent);
    let diagnosis = lost.closed(Open).diagnose();
    assert!(matches!(
        diagnosis.headline,
        Some(Said::BrowserSilent { .. })
    ));
    assert!(!has(&diagnosis, C::PathProxy));
}

#[test]
fn loopback_and_linux_have_no_stealth() {
    let loopback = Scene::new("127.0.0.5,1433").timed_out().diagnose();
    assert!(!has(&loopback, C::ServiceNotRunning) && has(&loopback, C::BacklogFull));
    let linux = Scene::new("db1.corp.test,1433")
        .platform(Platform::Linux)
        .timed_out();
    assert_eq!(linux.diagnose().causes[0].id, C::FirewallDrops);
    let and_ssh = linux.port(22, Open).diagnose();
    assert_eq!(first(&and_ssh), [C::FirewallDrops]);
}

#[test]
fn the_port_that_browser_gave_takes_the_place_of_the_wrong_port() {
    let diagnosis = Scene::new(r"sales01\PROD")
        .advertises(1433)
        .timed_out()
        .closed(TimedOut)
        .port(445, Open);
    let diagnosis = diagnosis.diagnose();
    assert_eq!(
        first(&diagnosis),
        [C::StaleBrowserPort, C::ServiceNotRunning, C::FirewallDrops]
    );
    assert!(!has(&diagnosis, C::WrongPort));
}

#[test]
fn a_dynamic_port_points_at_firewalls_unless_it_answered_there() {
    let silent = Scene::new(r"sales01\PROD")
        .advertises(50123)
        .timed_out()
        .closed(TimedOut)
        .port(445, Open);
    assert_eq!(first(&silent.diagnose()), [C::FirewallDrops]);
    let answered_before = silent.good(SERVER, 50123).diagnose();
    assert_eq!(
        first(&answered_before),
        [C::ServiceNotRunning, C::FirewallDrops]
    );
}

#[test]
fn witnesses_of_an_address_that_the_name_left_are_not_heard() {
    let moved = Scene::new("db1.corp.test,1433")
        .closed(Refused)
        .port(445, Open)
        .with(|scene| {
            scene.evidence.layers.resolve.addresses = vec!["10.0.4.77".parse().unwrap()];
        });
    let diagnosis = moved.timed_out().diagnose();
    assert_eq!(diagnosis.tied, 3);
    assert!(diagnosis.next_tests.contains(&Test::ClosedPort {
        address: "10.0.4.77".parse().unwrap()
    }));
}

/// The order that equal causes keep: that of `CauseId::ALL`.
trait Sorted {
    fn sorted(self) -> Vec<CauseId>;
}

impl<const N: usize> Sorted for [CauseId; N] {
    fn sorted(self) -> Vec<CauseId> {
        let mut causes = self.to_vec();
        causes.sort();
        causes
    }
}
