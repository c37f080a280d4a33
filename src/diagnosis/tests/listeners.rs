//! Verdicts about names with several addresses: none live, too few, too many.

use crate::diagnosis::scene::{ME, Scene};
use crate::diagnosis::{CauseId, Diagnosis, Said, State};
use crate::evidence::ConnectStatus::{Open, Refused, TimedOut, Unreachable};
use crate::target::Kind;

fn name() -> Scene {
    Scene::new("aglist01.corp.test,1433")
}

fn listener() -> Scene {
    name().kind(Kind::AgListener)
}

fn expects(live: u16) -> impl FnOnce(&mut Scene) {
    move |scene| scene.declared.expected_live = Some(live)
}

/// Cases and the cause that leads.
#[rustfmt::skip]
pub(super) fn leading() -> Vec<(&'static str, Scene, CauseId)> {
    use CauseId as C;
    vec![
        ("a listener, both addresses refuse", listener().refused().also("10.0.5.12", Refused), C::ListenerOffline),
        ("a listener, both addresses silent", listener().timed_out().also("10.0.5.12", TimedOut).closed(TimedOut).port(445, TimedOut), C::ListenerOffline),
        ("a listener, one refuses and one is silent", listener().refused().also("10.0.5.12", TimedOut), C::ListenerOffline),
        ("an FCI, both addresses refuse", name().kind(Kind::Fci).refused().also("10.0.5.12", Refused), C::ClusterGroupOffline),
        ("an FCI, nobody has either address", name().kind(Kind::Fci).connect(Unreachable).icmp(3, 1, ME).also("10.0.5.12", Unreachable).icmp(3, 1, ME), C::ClusterGroupOffline),
        ("fewer than expected", listener().answers().also("10.0.5.12", TimedOut).with(expects(2)), C::SomeAddressesDead),
        ("a listener with two live addresses", listener().answers().also("10.0.5.12", Open), C::MoreAddressesLive),
        ("two live where one is expected", name().answers().also("10.0.5.12", Open).with(expects(1)), C::MoreAddressesLive),
        ("two live in one family, one in the other", listener().answers().also("10.0.5.12", Open).also("fd00::12", Open).with(expects(2)), C::MoreAddressesLive),
    ]
}

/// Cases where more addresses answer than one, as they should.
#[rustfmt::skip]
pub(super) fn not_named() -> Vec<(&'static str, Scene, CauseId)> {
    vec![
        ("one machine answers over both families", listener().answers().also("fd00::12", Open), CauseId::MoreAddressesLive),
        ("the same, with the number declared", listener().answers().also("fd00::12", Open).with(expects(1)), CauseId::MoreAddressesLive),
        ("two network cards of a server", name().answers().also("10.0.5.12", Open), CauseId::MoreAddressesLive),
        ("two network cards of a replica", name().kind(Kind::AgReplica).answers().also("10.0.5.12", Open), CauseId::MoreAddressesLive),
        ("two live as expected", listener().answers().also("10.0.5.12", Open).with(expects(2)), CauseId::MoreAddressesLive),
        ("one live and one dead, as a listener's are", listener().answers().also("10.0.5.12", TimedOut), CauseId::MoreAddressesLive),
    ]
}

#[test]
fn the_number_of_live_addresses_leads_to_its_cause() {
    for (what, scene, cause) in leading() {
        let diagnosis = scene.diagnose();
        let first = diagnosis.causes.first().map(|first| first.id);
        assert_eq!(first, Some(cause), "{what}: {diagnosis:?}");
    }
}

#[test]
fn more_live_addresses_than_expected_are_a_reason_to_look() {
    let diagnosis = listener().answers().also("10.0.5.12", Open).diagnose();
    assert_eq!(diagnosis.state, State::Degraded);
    assert_eq!(
        diagnosis.headline.unwrap().key(),
        "more-addresses-answer",
        "the headline says it"
    );
}

#[test]
fn an_honest_surplus_of_addresses_is_no_split_brain() {
    for (what, scene, _) in not_named() {
        let diagnosis = scene.diagnose();
        assert_eq!(diagnosis.state, State::Answering, "{what}");
        assert_eq!(diagnosis.causes, [], "{what}");
    }
}

fn rules_out(diagnosis: &Diagnosis, said: Said) -> bool {
    diagnosis.rules_out.contains(&said)
}

#[test]
fn nothing_is_ruled_out_that_holds_for_one_address_only() {
    let ways = [
        Said::OutDroppingFirewall {},
        Said::OutHostDown {},
        Said::OutRouting {},
        Said::OutStopped {},
    ];
    let both = name().answers().also("10.0.5.12", Open).diagnose();
    let one = name().answers().also("10.0.5.12", TimedOut).diagnose();
    for said in ways {
        assert!(rules_out(&both, said), "{both:?}");
        assert!(!rules_out(&one, said), "{said:?}: {one:?}");
    }
}

#[test]
fn a_refusal_of_one_address_tells_nothing_of_the_silent_one() {
    let diagnosis = name()
        .refused()
        .also("10.0.5.12", TimedOut)
        .closed(Refused)
        .diagnose();
    assert_eq!(diagnosis.state, State::Refused);
    assert!(!rules_out(&diagnosis, Said::OutDroppingFirewall {}));
    assert!(!rules_out(&diagnosis, Said::OutHostDown {}));
}

#[test]
fn an_address_without_a_way_from_here_keeps_nothing_from_being_ruled_out() {
    let diagnosis = name()
        .answers()
        .also("fd00::12", Unreachable)
        .with(|scene| scene.surroundings.vantage.ipv6 = false)
        .diagnose();
    assert!(rules_out(&diagnosis, Said::OutHostDown {}));
}

#[test]
fn the_address_that_is_spoken_of_is_the_one_that_the_name_is_said_to_lead_to() {
    let diagnosis = name().timed_out().also("10.0.5.12", Refused).diagnose();
    let address = "10.0.5.12".parse().unwrap();
    assert!(
        diagnosis
            .proves
            .contains(&Said::NameResolves { address, total: 2 })
    );
}

#[test]
fn each_dead_address_is_named_with_what_it_did() {
    let diagnosis = name()
        .answers()
        .also("10.0.5.12", TimedOut)
        .also("10.0.6.12", Refused)
        .diagnose();
    let endpoint = |text: &str| text.parse().unwrap();
    let silent = Said::AddressTimedOut {
        endpoint: endpoint("10.0.5.12:1433"),
    };
    let closed = Said::AddressRefused {
        endpoint: endpoint("10.0.6.12:1433"),
    };
    assert!(diagnosis.findings.contains(&silent), "{diagnosis:?}");
    assert!(diagnosis.findings.contains(&closed), "{diagnosis:?}");
}

#[test]
fn of_many_dead_addresses_a_few_are_named_and_the_others_counted() {
    let many = (20..27).fold(name().answers(), |scene, last| {
        scene.also(&format!("10.0.5.{last}"), TimedOut)
    });
    let findings = many.diagnose().findings;
    let named = |said: &&Said| matches!(said, Said::AddressTimedOut { .. });
    assert_eq!(findings.iter().filter(named).count(), 4);
    assert!(findings.contains(&Said::MoreAddressesDead { count: 3 }));
}

#[test]
fn the_dead_address_of_a_healthy_listener_is_not_worth_a_line() {
    let diagnosis = listener().answers().also("10.0.5.12", TimedOut).diagnose();
    assert_eq!(diagnosis.findings, []);
}

#[test]
fn that_no_address_of_a_cluster_opens_is_said() {
    let none = Said::NoAddressOpens {
        total: 2,
        expected: 1,
    };
    let dead = || name().timed_out().also("10.0.5.12", TimedOut);
    for scene in [
        dead().kind(Kind::AgListener),
        dead().kind(Kind::Fci),
        dead().with(expects(1)),
    ] {
        let diagnosis = scene.diagnose();
        assert!(diagnosis.findings.contains(&none), "{diagnosis:?}");
    }
    let undeclared = dead().diagnose();
    assert!(!undeclared.findings.contains(&none), "{undeclared:?}");
}
