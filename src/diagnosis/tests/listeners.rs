//! Verdicts about names with several addresses: none live, too few, too many.

use crate::diagnosis::scene::{ME, Scene};
use crate::diagnosis::{CauseId, State};
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
