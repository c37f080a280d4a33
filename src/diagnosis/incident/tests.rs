//! Who is grouped with whom, and what is not.

mod outcomes;
mod properties;

use std::net::IpAddr;
use std::time::Instant;

use foldhash::{HashMap, HashMapExt as _};
use jiff::{SignedDuration, Timestamp};

use super::{
    Around, DeviceSays, Fell, Incident, Life, Member, Ourselves, Outcome, Shared, Verdict, group,
};
use crate::diagnosis::{CauseId, Neighbours, State, Subnet};
use crate::evidence::ResponseCode;
use crate::target::{Host, Port};

/// Seconds of the tests' own day.
fn second(second: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-22T14:00:00Z".parse().unwrap();
    noon + SignedDuration::from_secs(second)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// An instance at an address on 1433 that fell between 14:00:02 and 14:00:17.
fn member(id: u32, address: &str, state: State, outcome: Outcome) -> Member<'static> {
    Member {
        id,
        host: Box::leak(Box::new(Host::Address(ip(address)))),
        machine: Some(ip(address)),
        port: Some(Port::DEFAULT),
        state,
        fell: Fell {
            last_good: Some(second(2)),
            first_bad: second(17),
        },
        flapping: false,
        outcome,
        leading: &[],
    }
}

/// Nothing came back, and nobody looked further.
fn silent(id: u32, address: &str) -> Member<'static> {
    let outcome = Outcome::Nothing {
        every_port: false,
        last_hop: None,
    };
    member(id, address, State::TimedOut, outcome)
}

/// Nothing came back, on any port.
fn dead(id: u32, address: &str) -> Member<'static> {
    let outcome = Outcome::Nothing {
        every_port: true,
        last_hop: None,
    };
    member(id, address, State::TimedOut, outcome)
}

/// Silent on a host that is there.
fn hidden(id: u32, address: &str, life: Life) -> Member<'static> {
    member(id, address, State::TimedOut, Outcome::NoPort(Some(life)))
}

/// Refused by a host that is there.
fn refused(id: u32, address: &str) -> Member<'static> {
    member(
        id,
        address,
        State::Refused,
        Outcome::NoPort(Some(Life::OtherPort)),
    )
}

fn unnamed(id: u32, server: Option<&str>, code: ResponseCode) -> Member<'static> {
    let server = server.map(|server| server.parse().unwrap());
    let name = format!("db{id}.corp.example")
        .parse::<crate::target::Target>()
        .unwrap();
    Member {
        host: Box::leak(Box::new(name.host)),
        machine: None,
        port: None,
        ..member(
            id,
            "0.0.0.0",
            State::Unresolved,
            Outcome::Unnamed { server, code },
        )
    }
}

impl Member<'_> {
    fn on(self, port: u16) -> Self {
        Self {
            port: Port::new(port),
            ..self
        }
    }

    fn fell(self, last_good: i64, first_bad: i64) -> Self {
        let fell = Fell {
            last_good: Some(second(last_good)),
            first_bad: second(first_bad),
        };
        Self { fell, ..self }
    }

    fn walked_to(self, hop: &str) -> Self {
        let outcome = Outcome::Nothing {
            every_port: true,
            last_hop: Some(ip(hop)),
        };
        Self { outcome, ..self }
    }
}

/// What the watched hosts say: a subnet's address, how many answer there, how many do not.
#[derive(Debug)]
struct Fleet {
    subnets: HashMap<Subnet, Neighbours>,
    all: Neighbours,
}

fn fleet(counts: &[(&str, u32, u32)]) -> Fleet {
    let mut fleet = Fleet {
        subnets: HashMap::new(),
        all: Neighbours::default(),
    };
    for (address, answering, silent) in counts.iter().copied() {
        let counted = Neighbours { answering, silent };
        fleet.subnets.insert(Subnet::of(ip(address)), counted);
        fleet.all.answering += answering;
        fleet.all.silent += silent;
    }
    fleet
}

/// Nine hosts elsewhere are well.
fn well() -> Fleet {
    fleet(&[("10.0.1.1", 9, 0)])
}

impl Fleet {
    fn incidents(&self, members: &[Member<'_>]) -> Vec<Incident> {
        group(
            members,
            &Around {
                subnets: &self.subnets,
                all: self.all,
            },
        )
    }

    /// Which sentence is said of which instances.
    fn told(&self, members: &[Member<'_>]) -> Vec<(&'static str, Vec<u32>)> {
        let told = self.incidents(members).into_iter();
        let mut told: Vec<_> = told.map(|one| (one.verdict.key(), one.members)).collect();
        told.sort_by(|one, other| one.1.cmp(&other.1));
        told
    }
}

#[test]
fn instances_of_one_host_are_one_incident() {
    let members = [refused(1, "10.0.4.7"), refused(2, "10.0.4.7").on(50123)];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2])]);
}

#[test]
fn two_spellings_of_one_endpoint_are_one_incident() {
    let members = [refused(1, "10.0.4.7"), refused(2, "10.0.4.7")];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2])]);
}

#[test]
fn one_instance_is_no_incident() {
    assert_eq!(well().told(&[refused(1, "10.0.4.7")]), []);
}

#[test]
fn refusals_of_two_hosts_share_nothing_but_the_moment() {
    let members = [refused(1, "10.0.4.7"), refused(2, "10.0.5.8")];
    assert_eq!(well().told(&members), []);
}

#[test]
fn two_causes_at_once_are_two_incidents() {
    let members = [
        refused(1, "10.0.4.7"),
        refused(2, "10.0.4.7").on(50123),
        dead(3, "10.4.7.1"),
        silent(4, "10.4.7.2"),
        silent(5, "10.4.7.3"),
        unnamed(6, Some("10.0.9.53:53"), ResponseCode::ServFail),
        unnamed(7, Some("10.0.9.53:53"), ResponseCode::ServFail),
    ];
    assert_eq!(
        well().told(&members),
        [
            ("host-refuses", vec![1, 2]),
            ("subnet-silent", vec![3, 4, 5]),
            ("dns-failing", vec![6, 7]),
        ]
    );
}

#[test]
fn two_causes_at_once_in_one_subnet_are_two_incidents() {
    let members = [
        refused(1, "10.4.7.1"),
        refused(2, "10.4.7.1").on(50123),
        dead(3, "10.4.7.2"),
        silent(4, "10.4.7.2").on(50123),
        member(5, "10.4.7.3", State::Silent, Outcome::Answer),
        member(6, "10.4.7.3", State::Silent, Outcome::Answer).on(50123),
    ];
    let fleet = fleet(&[("10.4.7.1", 2, 1), ("10.0.1.1", 9, 0)]);
    assert_eq!(
        fleet.told(&members),
        [
            ("host-refuses", vec![1, 2]),
            ("host-silent-alone", vec![3, 4]),
            ("engines-silent", vec![5, 6]),
        ]
    );
}

#[test]
fn two_hosts_of_a_subnet_that_fail_in_different_ways_share_nothing() {
    let members = [refused(1, "10.4.7.1"), dead(2, "10.4.7.2")];
    assert_eq!(well().told(&members), []);
}

#[test]
fn names_that_are_lost_do_not_take_those_along_that_need_no_dns() {
    let members = [
        unnamed(1, Some("10.0.9.53:53"), ResponseCode::ServFail),
        unnamed(2, Some("10.0.9.53:53"), ResponseCode::ServFail),
        refused(3, "10.0.4.7"),
        silent(4, "10.0.5.7"),
    ];
    assert_eq!(well().told(&members), [("dns-failing", vec![1, 2])]);
}

#[test]
fn one_machine_under_two_names_is_called_by_its_address() {
    let named = |id, name: &str, port| {
        let target = name.parse::<crate::target::Target>().unwrap();
        Member {
            host: Box::leak(Box::new(target.host)),
            ..refused(id, "10.0.4.7").on(port)
        }
    };
    let shared = |members: &[Member<'_>]| well().incidents(members).remove(0).shared;
    let two = [
        named(1, "sql07", 1433),
        named(2, "sales.corp.example", 50123),
    ];
    assert_eq!(shared(&two), Shared::Host(Host::Address(ip("10.0.4.7"))));
    let one = [named(1, "sql07", 1433), named(2, "sql07", 50123)];
    assert_eq!(shared(&one), Shared::Host(one[0].host.clone()));
}

#[test]
fn a_straggler_within_the_interval_joins() {
    let straggler = refused(3, "10.0.4.7").on(3).fell(17, 32);
    let members = [
        refused(1, "10.0.4.7"),
        refused(2, "10.0.4.7").on(2),
        straggler,
    ];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2, 3])]);
    assert_eq!(well().incidents(&members)[0].began.by, second(32));
}

#[test]
fn a_straggler_is_left_out() {
    let straggler = refused(3, "10.0.4.7").on(3).fell(48, 63);
    let members = [
        refused(1, "10.0.4.7"),
        refused(2, "10.0.4.7").on(2),
        straggler,
    ];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2])]);
}

#[test]
fn falls_half_a_minute_apart_are_chained() {
    let members = [
        refused(1, "10.0.4.7").on(1).fell(2, 17),
        refused(2, "10.0.4.7").on(2).fell(47, 62),
        refused(3, "10.0.4.7").on(3).fell(92, 107),
    ];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2, 3])]);
}

#[test]
fn a_long_interval_reaches_over_the_short_ones_within_it() {
    let members = [
        refused(1, "10.0.4.7").on(1).fell(0, 300),
        refused(2, "10.0.4.7").on(2).fell(10, 20),
        refused(3, "10.0.4.7").on(3).fell(310, 320),
    ];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2, 3])]);
}

#[test]
fn a_fall_that_nobody_saw_begin_counts_from_when_it_was_seen() {
    let mut unseen = refused(2, "10.0.4.7").on(2);
    unseen.fell = Fell {
        last_good: None,
        first_bad: second(100),
    };
    let members = [refused(1, "10.0.4.7"), unseen];
    assert_eq!(well().told(&members), []);
    unseen.fell.first_bad = second(20);
    let incidents = well().incidents(&[refused(1, "10.0.4.7"), unseen]);
    assert_eq!(incidents[0].began.after, None);
    assert_eq!(incidents[0].began.by, second(20));
}

#[test]
fn a_flapper_belongs_to_nobody() {
    let mut flapper = refused(3, "10.0.4.7").on(3);
    flapper.flapping = true;
    let members = [
        refused(1, "10.0.4.7"),
        refused(2, "10.0.4.7").on(2),
        flapper,
    ];
    assert_eq!(well().told(&members), [("host-refuses", vec![1, 2])]);
}

#[test]
fn silent_hosts_of_a_silent_subnet_are_one_incident() {
    let members = [
        dead(1, "10.4.7.1"),
        silent(2, "10.4.7.2"),
        silent(3, "10.4.7.3"),
    ];
    assert_eq!(well().told(&members), [("subnet-silent", vec![1, 2, 3])]);
}

#[test]
fn every_port_is_claimed_only_where_it_was_tried() {
    let members = [
        silent(1, "10.4.7.1"),
        silent(2, "10.4.7.2"),
        silent(3, "10.4.7.3"),
    ];
    assert_eq!(well().told(&members), [("subnet-quiet", vec![1, 2, 3])]);
}

#[test]
fn two_silent_hosts_or_nothing_else_that_answers_leave_the_way_in_doubt() {
    let two = [dead(1, "10.4.7.1"), silent(2, "10.4.7.2")];
    assert_eq!(well().told(&two), [("subnet-or-way-silent", vec![1, 2])]);
    let three = [
        dead(1, "10.4.7.1"),
        silent(2, "10.4.7.2"),
        silent(3, "10.4.7.3"),
    ];
    let alone = fleet(&[("10.4.7.1", 0, 3)]);
    assert_eq!(
        alone.told(&three),
        [("subnet-or-way-silent", vec![1, 2, 3])]
    );
}

#[test]
fn a_subnet_with_one_answering_host_is_not_to_blame() {
    let members = [
        dead(1, "10.4.7.1"),
        dead(2, "10.4.7.2"),
        dead(3, "10.4.7.3"),
        dead(4, "10.4.7.3").on(50123),
    ];
    let fleet = fleet(&[("10.4.7.1", 1, 3), ("10.0.1.1", 9, 0)]);
    assert_eq!(fleet.told(&members), [("host-silent-alone", vec![3, 4])]);
}

#[test]
fn a_failing_host_that_shows_life_clears_its_subnet_too() {
    let members = [
        dead(1, "10.4.7.1"),
        dead(2, "10.4.7.2"),
        refused(3, "10.4.7.3"),
    ];
    assert_eq!(well().told(&members), []);
}

#[test]
fn silent_instances_of_one_host_are_about_the_host() {
    let members = [dead(1, "10.4.7.1"), silent(2, "10.4.7.1").on(50123)];
    assert_eq!(well().told(&members), [("host-silent", vec![1, 2])]);
    let members = [silent(1, "10.4.7.1"), silent(2, "10.4.7.1").on(50123)];
    assert_eq!(well().told(&members), [("host-quiet", vec![1, 2])]);
}

#[test]
fn silent_subnets_behind_one_hop_are_one_incident() {
    let members = [
        silent(1, "10.4.7.1").walked_to("10.0.9.1"),
        silent(2, "10.4.8.1").walked_to("10.0.9.1"),
        silent(3, "10.4.9.1"),
        silent(4, "10.4.9.2"),
        silent(5, "10.4.10.1"),
    ];
    // A whole silent subnet goes with them, though nobody walked there; a single host does not.
    assert_eq!(well().told(&members), [("behind-hop", vec![1, 2, 3, 4])]);
}

#[test]
fn silent_subnets_behind_two_hops_are_not_mixed() {
    let members = [
        silent(1, "10.4.7.1").walked_to("10.0.9.1"),
        silent(2, "10.4.8.1").walked_to("10.0.9.1"),
        silent(3, "10.5.7.1").walked_to("10.0.9.2"),
        silent(4, "10.5.8.1").walked_to("10.0.9.2"),
        silent(5, "10.6.7.1"),
        silent(6, "10.6.7.2"),
    ];
    assert_eq!(
        well().told(&members),
        [
            ("behind-hop", vec![1, 2]),
            ("behind-hop", vec![3, 4]),
            ("subnet-quiet", vec![5, 6]),
        ]
    );
}

#[test]
fn silent_subnets_at_different_times_are_not_mixed() {
    let members = [
        silent(1, "10.4.7.1").walked_to("10.0.9.1"),
        silent(2, "10.4.8.1").walked_to("10.0.9.1").fell(100, 115),
    ];
    assert_eq!(well().told(&members), []);
}

#[test]
fn where_nothing_answers_this_machine_is_suspected_first() {
    let members = [
        dead(1, "10.4.7.1"),
        dead(2, "10.4.8.1"),
        silent(3, "10.4.9.1"),
    ];
    let nothing = fleet(&[("10.4.7.1", 0, 1), ("10.4.8.1", 0, 1), ("10.4.9.1", 0, 1)]);
    assert_eq!(nothing.told(&members), [("hears-nothing", vec![1, 2, 3])]);
    assert_eq!(well().told(&members), []);
}

#[test]
fn names_are_grouped_by_the_dns_server_and_its_answer() {
    let members = [
        unnamed(1, Some("10.0.9.53:53"), ResponseCode::ServFail),
        unnamed(2, Some("10.0.9.53:53"), ResponseCode::Refused),
        unnamed(3, Some("10.0.9.54:53"), ResponseCode::ServFail),
        unnamed(4, Some("10.0.9.53:53"), ResponseCode::NxDomain),
        unnamed(5, None, ResponseCode::TimedOut),
        unnamed(6, None, ResponseCode::TimedOut),
        unnamed(7, None, ResponseCode::NxDomain),
        unnamed(8, None, ResponseCode::NxDomain),
    ];
    assert_eq!(
        well().told(&members),
        [
            ("dns-failing", vec![1, 2]),
            ("dns-silent-unnamed", vec![5, 6])
        ]
    );
}

#[test]
fn refusals_by_one_device_are_one_incident() {
    let rejected = |id, address, by| {
        let outcome = Outcome::Device {
            by: ip(by),
            says: DeviceSays::Rejects,
        };
        member(id, address, State::Refused, outcome)
    };
    let members = [
        rejected(1, "10.0.4.1", "10.0.9.1"),
        rejected(2, "10.0.5.1", "10.0.9.1"),
        rejected(3, "10.0.6.1", "10.0.9.2"),
    ];
    assert_eq!(well().told(&members), [("device-rejects", vec![1, 2])]);
}

#[test]
fn what_this_machine_forbids_is_about_this_machine() {
    let outcome = Outcome::Ourselves(Ourselves::Forbids);
    let members = [
        member(1, "10.0.4.1", State::Blocked, outcome),
        member(2, "10.0.5.1", State::Blocked, outcome),
    ];
    assert_eq!(well().told(&members), [("forbidden-here", vec![1, 2])]);
}

#[test]
fn one_port_of_three_living_hosts_is_about_the_port() {
    let members = [
        hidden(1, "10.0.4.1", Life::OtherPort),
        hidden(2, "10.0.5.1", Life::OtherPort),
        hidden(3, "10.0.6.1", Life::ClosedPort),
    ];
    assert_eq!(well().told(&members[..2]), []);
    assert_eq!(well().told(&members), [("port-rule", vec![1, 2, 3])]);
    let stealth = members.map(|one| hidden(one.id, &one.host.to_string(), Life::OtherPort));
    assert_eq!(well().told(&stealth), [("port-silent", vec![1, 2, 3])]);
    let refused = members.map(|one| refused(one.id, &one.host.to_string()));
    assert_eq!(well().told(&refused), [("port-refused", vec![1, 2, 3])]);
}

#[test]
fn a_silent_host_that_nobody_looked_at_goes_with_its_port() {
    let members = [
        hidden(1, "10.0.4.1", Life::OtherPort),
        hidden(2, "10.0.5.1", Life::OtherPort),
        silent(3, "10.0.6.1"),
        silent(4, "10.0.6.2"),
        silent(5, "10.0.6.3").on(50123),
        dead(6, "10.0.7.1"),
        silent(7, "10.0.7.2"),
    ];
    assert_eq!(
        well().told(&members),
        [
            ("port-silent", vec![1, 2, 3, 4]),
            ("subnet-or-way-silent", vec![6, 7])
        ]
    );
}

#[test]
fn browser_that_gives_no_port_on_three_living_hosts_is_one_incident() {
    let lost = |id, address, outcome| Member {
        port: None,
        ..member(id, address, State::NotLocated, outcome)
    };
    let alive = Outcome::NoPort(Some(Life::OtherPort));
    let unlooked = silent(0, "10.0.4.1").outcome;
    let members = [
        lost(1, "10.0.4.1", alive),
        lost(2, "10.0.5.1", alive),
        lost(3, "10.0.6.1", unlooked),
    ];
    assert_eq!(well().told(&members), [("browser-gone", vec![1, 2, 3])]);
    assert_eq!(well().told(&members[..2]), []);
}

#[test]
fn several_ports_of_a_host_are_about_the_host_and_not_about_one_port() {
    let members = [
        hidden(1, "10.0.4.1", Life::OtherPort),
        hidden(2, "10.0.4.1", Life::OtherPort).on(50123),
        hidden(3, "10.0.5.1", Life::OtherPort),
        hidden(4, "10.0.6.1", Life::OtherPort),
    ];
    assert_eq!(well().told(&members), [("host-hides", vec![1, 2])]);
}

#[test]
fn other_failures_are_grouped_by_host_and_state() {
    let answer = |id, address, state| member(id, address, state, Outcome::Answer);
    let members = [
        answer(1, "10.0.4.1", State::Silent),
        answer(2, "10.0.4.1", State::Silent),
        answer(3, "10.0.4.1", State::NotSql),
        answer(4, "10.0.5.1", State::Silent),
    ];
    assert_eq!(well().told(&members), [("engines-silent", vec![1, 2])]);
}

#[test]
fn an_incident_has_the_causes_that_lead_for_most() {
    let tie = [CauseId::ServiceNotRunning, CauseId::WrongPort];
    let single = [CauseId::ServiceNotRunning];
    let leading = |id, port, leading| Member {
        leading,
        ..refused(id, "10.0.4.7").on(port)
    };
    let members = [leading(1, 1, &tie[..]), leading(2, 2, &tie[..])];
    let causes = |members: &[Member<'_>]| well().incidents(members)[0].causes.clone();
    assert_eq!(causes(&members), tie);
    let members = [leading(1, 1, &tie[..]), leading(2, 2, &single[..])];
    assert_eq!(causes(&members), [CauseId::ServiceNotRunning]);
    let members = [
        leading(1, 1, &single[..]),
        leading(2, 2, &[]),
        leading(3, 3, &[]),
    ];
    assert_eq!(causes(&members), []);
}

/// A thousand instances in forty subnets; three of their hosts were looked at.
fn thousand() -> Vec<Member<'static>> {
    (0..1000)
        .map(|id| {
            let address = format!("10.{}.{}.{}", 4 + id / 500, id % 20, id / 20 + 1);
            let one = silent(id, &address).fell(i64::from(id % 15), i64::from(id % 15) + 15);
            if id < 3 {
                one.walked_to("10.0.9.1")
            } else {
                one
            }
        })
        .collect()
}

#[test]
fn a_thousand_instances_that_fail_at_once_are_one_incident() {
    let incidents = well().incidents(&thousand());
    assert_eq!(incidents.len(), 1);
    assert_eq!(incidents[0].verdict, Verdict::BehindHop);
    assert_eq!(incidents[0].members.len(), 1000);
    assert_eq!(incidents[0].facts.walked, 3);
}

/// `cargo test --release --lib group_ten_thousand -- --ignored --nocapture`
#[test]
#[ignore = "a measurement: prints the time that grouping takes"]
fn group_ten_thousand_changed_instances() {
    for count in [1000, 10_000, 40_000] {
        let members: Vec<_> = (0..count).map(any_failure).collect();
        let fleet = well();
        let mut took: Vec<_> = (0..10)
            .map(|_| {
                let began = Instant::now();
                std::hint::black_box(fleet.incidents(&members));
                began.elapsed()
            })
            .collect();
        took.sort_unstable();
        println!(
            "{count} instances: least {:?}, worst {:?}",
            took[0], took[9]
        );
    }
}

fn any_failure(id: u32) -> Member<'static> {
    let address = format!("10.{}.{}.{}", id % 7, id % 251, id / 251 % 255);
    let fell = i64::from(id % 600);
    match id % 4 {
        0 => refused(id, &address),
        1 => hidden(id, &address, Life::OtherPort),
        2 => unnamed(id, Some("10.0.9.53:53"), ResponseCode::TimedOut),
        _ => silent(id, &address),
    }
    .fell(fell, fell + 15)
}
