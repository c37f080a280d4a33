//! What an instance brings to an incident, read from the same case as its diagnosis.

use rstest::rstest;

use super::{ip, second};
use crate::diagnosis::incident::{DeviceSays, Fell, Life, Member, Ourselves, Outcome};
use crate::diagnosis::scene::{ROUTER, SERVER, Scene};
use crate::diagnosis::{CauseId, OwnNetwork, State};
use crate::evidence::{
    BrowserStatus, ConnectStatus, HopStatus, PreloginStatus, ResolveStatus, ResponseCode,
};

fn outcome(scene: &Scene) -> Option<Outcome> {
    let diagnosis = scene.diagnose();
    let fell = Fell {
        last_good: None,
        first_bad: second(0),
    };
    Member::of(1, &scene.case(), &diagnosis.leading_ids(), fell).map(|member| member.outcome)
}

fn db1() -> Scene {
    Scene::new("db1")
}

fn nothing(every_port: bool, last_hop: Option<&str>) -> Outcome {
    Outcome::Nothing {
        every_port,
        last_hop: last_hop.map(ip),
    }
}

#[rstest]
#[case::unlooked(db1().timed_out(), nothing(false, None))]
#[case::only_the_closed_port(db1().timed_out().closed(ConnectStatus::TimedOut), nothing(false, None))]
#[case::every_port(
    db1().timed_out().closed(ConnectStatus::TimedOut).port(445, ConnectStatus::TimedOut),
    nothing(true, None)
)]
#[case::walked(db1().timed_out().path(&[ROUTER, "10.0.8.1"]), nothing(false, Some("10.0.8.1")))]
#[case::router_misses_it(
    db1().connect(ConnectStatus::Unreachable).icmp(3, 1, ROUTER),
    nothing(false, Some(ROUTER))
)]
#[case::browser_silent(Scene::new(r"db1\P").browser(BrowserStatus::Silent), nothing(false, None))]
#[case::stealth(
    db1().timed_out().closed(ConnectStatus::TimedOut).port(445, ConnectStatus::Open),
    Outcome::NoPort(Some(Life::OtherPort))
)]
#[case::rule(
    db1().timed_out().closed(ConnectStatus::Refused).port(445, ConnectStatus::Open),
    Outcome::NoPort(Some(Life::ClosedPort))
)]
#[case::reset(db1().refused(), Outcome::NoPort(None))]
#[case::browser_lists(
    Scene::new(r"db1\P").advertises(50123).refused(),
    Outcome::NoPort(Some(Life::Browser))
)]
#[case::device(
    db1().refused().icmp(3, 13, ROUTER),
    Outcome::Device { by: ip(ROUTER), says: DeviceSays::Rejects }
)]
#[case::host_rejects_itself(db1().refused().icmp(3, 3, SERVER), Outcome::NoPort(None))]
#[case::router_without_route(
    db1().connect(ConnectStatus::Unreachable).icmp(3, 0, ROUTER),
    Outcome::Device { by: ip(ROUTER), says: DeviceSays::NoRoute }
)]
#[case::reset_on_the_way(
    db1().refused().closed(ConnectStatus::Refused).port(445, ConnectStatus::Open)
        .walked(1433, &[ROUTER], HopStatus::Refused)
        .walked(445, &[ROUTER, "10.0.8.1", "10.0.7.1"], HopStatus::Open),
    Outcome::ResetOnTheWay
)]
#[case::proxy(db1().answer(PreloginStatus::Silent).closed(ConnectStatus::Open), Outcome::Proxied)]
#[case::engine(db1().answer(PreloginStatus::Silent), Outcome::Answer)]
#[case::forbidden(
    db1().connect(ConnectStatus::Blocked),
    Outcome::Ourselves(Ourselves::Forbids)
)]
#[case::exhausted(
    db1().connect(ConnectStatus::Exhausted),
    Outcome::Ourselves(Ourselves::Exhausted)
)]
#[case::no_route(
    db1().connect(ConnectStatus::Unreachable).os_error(101),
    Outcome::Ourselves(Ourselves::NoRoute)
)]
#[case::cut_off(
    db1().timed_out().with(|scene| scene.surroundings.own_network = OwnNetwork::NoRoute),
    Outcome::Ourselves(Ourselves::CutOff)
)]
#[case::no_dns(
    db1().unresolved(ResolveStatus::TimedOut)
        .with(|scene| scene.surroundings.own_network = OwnNetwork::NoDns),
    Outcome::Ourselves(Ourselves::NoDns)
)]
#[case::dns_fails(
    db1().unresolved(ResolveStatus::ServerFailure).asked(ResponseCode::ServFail),
    Outcome::Unnamed { server: Some("10.0.9.53:53".parse().unwrap()), code: ResponseCode::ServFail }
)]
#[case::dns_unheard(
    db1().unresolved(ResolveStatus::TimedOut),
    Outcome::Unnamed { server: None, code: ResponseCode::TimedOut }
)]
fn an_outcome_says_what_came_back_and_from_whom(#[case] scene: Scene, #[case] expected: Outcome) {
    assert_eq!(outcome(&scene), Some(expected));
}

#[rstest]
#[case::well(db1().answers())]
#[case::unknown_name(db1().unresolved(ResolveStatus::NotFound))]
fn what_does_not_fail_or_cannot_be_shared_is_no_member(#[case] scene: Scene) {
    assert_eq!(outcome(&scene), None);
}

#[test]
fn a_member_carries_the_causes_that_lead_its_own_diagnosis() {
    let scene = db1()
        .timed_out()
        .closed(ConnectStatus::TimedOut)
        .port(445, ConnectStatus::Open);
    let diagnosis = scene.diagnose();
    let fell = Fell {
        last_good: None,
        first_bad: second(0),
    };
    let (case, leading) = (scene.case(), diagnosis.leading_ids());
    let member = Member::of(1, &case, &leading, fell).unwrap();
    let tied: Vec<CauseId> = diagnosis.causes[..diagnosis.tied]
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(member.leading, tied);
    assert!(tied.len() > 1, "{tied:?}");
    assert_eq!(member.state, State::TimedOut);
    assert_eq!(member.machine, Some(ip(SERVER)));
}

#[test]
fn two_names_of_one_machine_meet_at_its_smallest_address() {
    let fell = Fell {
        last_good: None,
        first_bad: second(0),
    };
    let scene = db1().timed_out().also("10.0.4.2", ConnectStatus::TimedOut);
    let diagnosis = scene.diagnose();
    let (case, leading) = (scene.case(), diagnosis.leading_ids());
    let member = Member::of(1, &case, &leading, fell).unwrap();
    assert_eq!(member.machine, Some(ip("10.0.4.2")));
}
