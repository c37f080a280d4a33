//! Who sent a RST, as two walks tell it, and what follows for the causes.

use crate::diagnosis::scene::{ROUTER, SERVER, Scene};
use crate::diagnosis::{CauseId, Confidence, Diagnosis, Said};
use crate::evidence::{BrowserStatus, ConnectStatus, HopStatus, Test};

use HopStatus::{Open, Refused};

/// The second router of the way.
const INNER: &str = "10.0.7.1";

/// Refused, and the host itself refuses TCP 1 and opens 445.
fn refused() -> Scene {
    Scene::new("db1.corp.test,1433")
        .refused()
        .closed(ConnectStatus::Refused)
        .port(445, ConnectStatus::Open)
}

/// The walk to the host's own port.
fn to_host(scene: Scene) -> Scene {
    scene.walked(445, &[ROUTER, INNER], Open)
}

fn score(diagnosis: &Diagnosis, id: CauseId) -> Option<usize> {
    diagnosis.causes.iter().position(|cause| cause.id == id)
}

fn walk(endpoint: &str) -> Test {
    Test::Path {
        endpoint: endpoint.parse().unwrap(),
    }
}

/// The same, and the host does not say what is closed.
fn hidden() -> Scene {
    Scene::new("db1.corp.test,1433")
        .refused()
        .closed(ConnectStatus::TimedOut)
        .port(445, ConnectStatus::Open)
}

/// Cases for what is asked of all.
pub(super) fn scenes() -> Vec<(&'static str, Scene)> {
    vec![
        (
            "a RST from nearer than the host",
            to_host(refused().walked(1433, &[ROUTER], Refused)),
        ),
        (
            "a RST from the first hop",
            to_host(refused().walked(1433, &[], Refused)),
        ),
        (
            "a RST from as far as the host",
            to_host(hidden().walked(1433, &[ROUTER, INNER], Refused)),
        ),
    ]
}

#[test]
fn a_reset_from_nearer_than_the_host_is_a_devices() {
    let diagnosis = to_host(refused().walked(1433, &[ROUTER], Refused)).diagnose();
    let first = &diagnosis.causes[0];
    assert_eq!(
        (first.id, first.confidence, diagnosis.tied),
        (CauseId::RejectRule, Confidence::High, 1)
    );
    let device = |text: &str| text.parse().unwrap();
    for said in [
        Said::ResetComesNearer { hop: 2, host: 3 },
        Said::ResetDevice {
            device: device(INNER),
        },
        Said::ResetDeviceBefore {
            device: device(ROUTER),
        },
    ] {
        assert!(first.because.contains(&said), "{:?}", first.because);
    }
    let proves_the_host_refused = Said::AddressAnswers {
        address: device(SERVER),
    };
    assert!(!diagnosis.proves.contains(&proves_the_host_refused));
    assert_eq!(diagnosis.headline.unwrap().key(), "refused-on-the-way");
}

#[test]
fn a_reset_at_the_first_hop_may_be_this_machines_own() {
    let diagnosis = to_host(refused().walked(1433, &[], Refused)).diagnose();
    assert_eq!(score(&diagnosis, CauseId::RejectRule), Some(0));
    assert_eq!(score(&diagnosis, CauseId::LocalFirewall), Some(1));
    assert_eq!(diagnosis.tied, 1);
}

#[test]
fn a_reset_from_as_far_as_the_host_speaks_against_a_device() {
    let against = |diagnosis: &Diagnosis| {
        let at = score(diagnosis, CauseId::RejectRule).unwrap();
        diagnosis.causes[at].against.clone()
    };
    let before = hidden().diagnose();
    let after = to_host(hidden().walked(1433, &[ROUTER, INNER], Refused)).diagnose();
    let said = Said::ResetFromHostDistance { hop: 3 };
    assert!(!against(&before).contains(&said) && against(&after).contains(&said));
    assert_eq!(after.findings, []);
}

#[test]
fn where_every_answer_is_a_reset_from_one_place_nobody_is_blamed_for_it() {
    let all_reset = || {
        Scene::new("db1.corp.test,1433")
            .refused()
            .closed(ConnectStatus::Refused)
            .walked(1433, &[ROUTER], Refused)
    };
    let diagnosis = all_reset().walked(1, &[ROUTER], Refused).diagnose();
    assert_eq!(diagnosis.findings, [Said::ResetNotToldApart {}]);
    assert_eq!(diagnosis.causes, all_reset().diagnose().causes);
}

#[test]
fn the_second_walk_goes_to_a_port_that_opens_and_only_after_the_first() {
    let before = refused().diagnose().next_tests;
    let list = Test::BrowserList {
        address: SERVER.parse().unwrap(),
    };
    assert_eq!(before, [list, walk("10.0.4.12:1433")]);
    let scene = refused()
        .list(BrowserStatus::Silent, vec![])
        .walked(1433, &[ROUTER], Refused);
    assert_eq!(scene.diagnose().next_tests, [walk("10.0.4.12:445")]);
    assert_eq!(to_host(scene).diagnose().next_tests, []);
}

#[test]
fn a_port_that_opens_after_the_second_walk_asks_for_no_third() {
    let walked = to_host(refused().walked(1433, &[ROUTER], Refused));
    let later = walked
        .list(BrowserStatus::Silent, vec![])
        .port(80, ConnectStatus::Open)
        .diagnose();
    assert_eq!(later.next_tests, []);
    assert_eq!(later.causes[0].id, CauseId::RejectRule);
}

#[test]
fn a_device_that_refuses_by_icmp_is_named_without_a_walk() {
    let diagnosis = refused().icmp(3, 3, ROUTER).diagnose();
    assert_eq!(diagnosis.next_tests, []);
}
