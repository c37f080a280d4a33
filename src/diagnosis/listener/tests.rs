use std::time::Duration;

use rstest::rstest;

use super::{DRIVERS, Driver, Family, Listener, Outlook, Standing, Way};
use crate::diagnosis::scene::{ROUTER, Scene};
use crate::evidence::ConnectStatus::{self, Blocked, Open, Refused, TimedOut, Unreachable};

fn name() -> Scene {
    Scene::new("aglist01.corp.test,1433").answers().took(12)
}

/// The listener of a scene with these addresses beside the live one of `name`.
fn listener(beside: &[(&str, ConnectStatus)]) -> Option<Listener> {
    let scene = beside.iter().fold(name(), |scene, (address, status)| {
        scene.also(address, *status).took(12)
    });
    Listener::of(&scene.case())
}

fn told(outlook: Outlook) -> String {
    match outlook {
        Outlook::Connects { best, worst } => format!("{best} to {worst}"),
        Outlook::SometimesFails {
            orders,
            of,
            best,
            worst,
        } => {
            format!("{orders} of {of} fail, {best} to {worst}")
        }
        Outlook::Fails => "fails".to_owned(),
    }
}

/// What all at once, the first and then all, and one by one end in.
fn three(listener: &Listener) -> [String; 3] {
    ["MultiSubnetFailover=True", "JDBC", "SqlClient on .NET"].map(|client| {
        let mut found = listener.prospects.iter();
        told(
            found
                .find(|prospect| prospect.client == client)
                .unwrap()
                .outlook,
        )
    })
}

#[rstest]
#[case::both_live(&[("10.0.5.12", Open)], ["12.0 ms to 12.0 ms", "12.0 ms to 12.0 ms", "12.0 ms to 12.0 ms"])]
#[case::one_of_two_silent(&[("10.0.5.12", TimedOut)], ["12.0 ms to 12.0 ms", "12.0 ms to 512 ms", "1 of 2 fail, 12.0 ms to 21.01 s"])]
#[case::one_of_two_refuses(&[("10.0.5.12", Refused)], ["12.0 ms to 12.0 ms", "12.0 ms to 512 ms", "12.0 ms to 2.01 s"])]
#[case::two_of_three_silent(&[("10.0.5.12", TimedOut), ("10.0.6.12", TimedOut)], ["12.0 ms to 12.0 ms", "12.0 ms to 512 ms", "2 of 3 fail, 12.0 ms to 42.01 s"])]
#[case::one_of_three_silent(&[("10.0.5.12", Open), ("10.0.6.12", TimedOut)], ["12.0 ms to 12.0 ms", "12.0 ms to 512 ms", "1 of 3 fail, 12.0 ms to 21.01 s"])]
#[case::one_of_each(&[("10.0.5.12", Refused), ("10.0.6.12", TimedOut)], ["12.0 ms to 12.0 ms", "12.0 ms to 512 ms", "1 of 2 fail, 12.0 ms to 23.01 s"])]
#[case::ipv6_behind_ipv4(&[("fd00::12", TimedOut)], ["12.0 ms to 12.0 ms", "12.0 ms to 12.0 ms", "12.0 ms to 12.0 ms"])]
fn what_clients_would_experience(
    #[case] beside: &[(&str, ConnectStatus)],
    #[case] expected: [&str; 3],
) {
    assert_eq!(three(&listener(beside).unwrap()), expected);
}

#[test]
fn the_system_puts_ipv6_first_and_a_client_that_goes_one_by_one_then_fails_always() {
    let listener = listener(&[("fd00::12", TimedOut)]).unwrap();
    let tedious = listener.prospects.last().unwrap();
    assert_eq!(tedious.client, "tedious, node-mssql");
    assert_eq!(tedious.outlook, Outlook::Fails);
}

#[test]
fn a_head_start_for_a_dead_family_is_lost_in_every_order() {
    let scene = Scene::new("aglist01.corp.test,1433")
        .timed_out()
        .also("fd00::12", Open)
        .took(12);
    let listener = Listener::of(&scene.case()).unwrap();
    let [at_once, head_start, one_by_one] = three(&listener);
    assert_eq!(at_once, "12.0 ms to 12.0 ms");
    assert_eq!(head_start, "512 ms to 512 ms");
    assert_eq!(one_by_one, "fails");
}

#[test]
fn where_no_address_is_live_every_client_fails() {
    let scene = Scene::new("aglist01.corp.test,1433")
        .timed_out()
        .also("10.0.5.12", Refused);
    let listener = Listener::of(&scene.case()).unwrap();
    assert_eq!(listener.live(), 0);
    assert!(
        listener
            .prospects
            .iter()
            .all(|prospect| prospect.outlook == Outlook::Fails)
    );
}

#[test]
fn many_refusals_take_up_the_budget_of_a_client_on_windows() {
    let beside: Vec<String> = (1..=8).map(|net| format!("10.1.{net}.12")).collect();
    let beside: Vec<_> = beside
        .iter()
        .map(|address| (address.as_str(), Refused))
        .collect();
    // Eight refusals of 2 s are more than 15 s; they come before the live one in 1 of 9 orders.
    let [_, _, one_by_one] = three(&listener(&beside).unwrap());
    assert_eq!(one_by_one, "1 of 9 fail, 12.0 ms to 16.01 s");
}

#[test]
fn a_client_with_more_patience_waits_for_the_dead_address() {
    let patient = Driver {
        client: "patient",
        way: Way::OneByOne,
        budget: Some(Duration::from_secs(30)),
        first: Family::Ipv4,
    };
    let two = listener(&[("10.0.5.12", TimedOut)]).unwrap();
    assert_eq!(told(patient.outlook(&two.addresses)), "12.0 ms to 21.01 s");
    let three = listener(&[("10.0.5.12", TimedOut), ("10.0.6.12", TimedOut)]).unwrap();
    let outlook = patient.outlook(&three.addresses);
    assert_eq!(told(outlook), "1 of 3 fail, 12.0 ms to 42.01 s");
}

#[test]
fn one_address_is_no_listener() {
    assert_eq!(listener(&[]), None);
}

#[test]
fn an_address_without_a_way_from_here_is_marked_and_not_counted() {
    let without_ipv6 = |scene: &mut Scene| {
        scene.surroundings.vantage.ipv4 = true;
        scene.surroundings.vantage.ipv6 = false;
    };
    let scene = name()
        .also("10.0.5.12", TimedOut)
        .also("fd00::12", TimedOut);
    let listener = Listener::of(&scene.with(without_ipv6).case()).unwrap();
    assert_eq!(listener.addresses[2].standing, Standing::NotAsked);
    let tedious = listener.prospects.last().unwrap();
    assert!(told(tedious.outlook).starts_with("1 of 2 fail"));
    // With one address left there is nothing to choose from.
    let scene = name().also("fd00::12", TimedOut).with(without_ipv6);
    assert_eq!(Listener::of(&scene.case()), None);
}

#[test]
fn this_machine_s_own_policy_says_nothing_about_an_address() {
    assert_eq!(listener(&[("10.0.5.12", Blocked)]), None);
}

#[test]
fn an_address_that_a_router_cannot_reach_costs_what_the_router_took() {
    let scene = name()
        .also("10.0.5.12", Unreachable)
        .icmp(3, 1, ROUTER)
        .took(300);
    let listener = Listener::of(&scene.case()).unwrap();
    let took = Duration::from_millis(300).into();
    assert_eq!(listener.addresses[1].standing, Standing::TurnsAway(took));
    assert_eq!(three(&listener)[2], "12.0 ms to 312 ms");
}

#[test]
fn each_client_is_named_once() {
    let mut names: Vec<_> = DRIVERS.iter().map(|driver| driver.client).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), DRIVERS.len());
}

#[test]
fn hundreds_of_addresses_are_counted_as_far_as_they_can_be() {
    let scene = (0..300).fold(name(), |scene, host| {
        let address = format!("10.9.{}.{}", host / 250, host % 250 + 1);
        scene.also(&address, if host % 2 == 0 { TimedOut } else { Refused })
    });
    let listener = Listener::of(&scene.case()).unwrap();
    assert_eq!(listener.addresses.len(), super::MOST);
    assert!(matches!(
        listener.prospects.last().unwrap().outlook,
        Outlook::SometimesFails { orders, of, .. } if orders < of && of < u32::MAX
    ));
}
