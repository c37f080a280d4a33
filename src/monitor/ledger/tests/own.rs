//! Is it this machine? Events of each kind of its own trouble, and near misses.

use rstest::rstest;

use super::{Told, confirms, looks, unresolved};
use crate::diagnosis::State::{Answering, Pending, Refused, TimedOut, Unresolved};
use crate::diagnosis::{CauseId, OwnNetwork, Said, Standing, State};
use crate::evidence::{ConnectStatus, Evidence, ResolveStatus, Source, Vantage};
use crate::monitor::ledger::{Change, Event};
use crate::monitor::tests::{at, saw, vantage};
use crate::monitor::{Acknowledged, InstanceId};

/// What a probe sees that this machine stops with this error.
pub(super) fn stopped(address: &str, error: i32) -> Evidence {
    let mut evidence = saw(address, TimedOut);
    let status = match error {
        1 | 13 => ConnectStatus::Blocked,
        _ => ConnectStatus::Unreachable,
    };
    let connect = &mut evidence.layers.connect;
    connect.status = status;
    connect.attempts[0].status = status;
    connect.attempts[0].os_error = Some(error);
    evidence
}

fn cached(address: &str) -> Evidence {
    let mut evidence = saw(address, Answering);
    evidence.layers.resolve.cached = true;
    evidence
}

fn of_hosts_file(address: &str) -> Evidence {
    let mut evidence = cached(address);
    evidence.layers.resolve.source = Some(Source::HostsFile);
    evidence
}

const EPERM: i32 = 1;
pub(super) const ENETUNREACH: i32 = 101;
const FAR: [&str; 3] = ["10.0.4.1", "10.0.5.1", "10.0.6.1"];

/// Three hosts that answer, and this machine's own network is as it should be.
fn three() -> Told {
    let mut told = Told::new(&["a", "b", "c"]);
    let vantage = vantage(true);
    told.event(0, Event::Vantage { vantage });
    for (id, address) in (0..).zip(FAR) {
        told.probed(1, id, saw(address, Answering));
    }
    told
}

fn many(count: u32) -> Told {
    let names: Vec<_> = (0..count).map(|n| format!("db{n}")).collect();
    let mut told = Told::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let vantage = vantage(true);
    told.event(0, Event::Vantage { vantage });
    told
}

/// The address of one of many.
fn far(id: u32) -> String {
    format!("10.1.{id}.1")
}

impl Told {
    fn standing(&self) -> Standing {
        self.ledger.standing()
    }

    fn stale(&self) -> Vec<bool> {
        let order = self.ledger.order();
        order.iter().map(|id| self.row(id.0).marks.stale).collect()
    }

    fn states(&self) -> Vec<State> {
        let order = self.ledger.order();
        order.iter().map(|id| self.row(id.0).state).collect()
    }

    fn lead(&self, id: u32) -> Option<CauseId> {
        let row = self.row(id);
        let diagnosis = row.diagnosis.as_deref()?;
        diagnosis.causes.first().map(|cause| cause.id)
    }
}

fn asked(changes: &[Change]) -> Vec<u32> {
    let asked = changes.iter().filter_map(|change| match change {
        Change::Ask(ids) => Some(ids.iter().map(|id| id.0).collect::<Vec<_>>()),
        _ => None,
    });
    asked.flatten().collect()
}

/// What the whole stands at, each time it is another.
fn standings(changes: &[Change]) -> Vec<OwnNetwork> {
    let standings = changes.iter().filter_map(|change| match change {
        Change::Standing(standing) => Some(standing.own_network),
        _ => None,
    });
    let mut standings: Vec<_> = standings.collect();
    standings.dedup();
    standings
}

fn turns(changes: &[Change]) -> usize {
    changes
        .iter()
        .filter(|change| matches!(change, Change::State(..)))
        .count()
}

#[rstest]
#[case::firewall(EPERM, OwnNetwork::Firewall, CauseId::LocalFirewall, Said::FirewallStopsAll {})]
#[case::no_route(ENETUNREACH, OwnNetwork::NoRoute, CauseId::NoRoute, Said::NoRouteToAny {})]
fn all_are_stopped_alike_and_keep_their_states(
    #[case] error: i32,
    #[case] own_network: OwnNetwork,
    #[case] cause: CauseId,
    #[case] said: Said,
) {
    let mut told = three();
    let mut changes = told.probed(15, 0, stopped(FAR[0], error));
    assert_eq!(asked(&changes), [1, 2], "whether the others still answer");
    for second in [16, 31, 46] {
        for (id, address) in (0..).zip(FAR) {
            changes.extend(told.probed(second, id, stopped(address, error)));
        }
    }
    assert_eq!(turns(&changes), 0);
    assert_eq!(looks(&changes), []);
    assert_eq!(told.states(), [Answering; 3]);
    assert_eq!(told.stale(), [true; 3]);
    let standing = told.standing();
    assert_eq!(
        (standing.own_network, standing.cause, standing.said),
        (own_network, Some(cause), Some(said))
    );
    assert_eq!((standing.since, standing.affected), (Some(at(16)), 3));
    for id in 0..3 {
        let row = told.row(id);
        assert_eq!(told.lead(id), Some(cause), "the row leads with it");
        assert_eq!(row.history.raw().count(), 1, "no false failure");
        assert_eq!(row.past.changed, None);
        assert_eq!(row.past.last_good.as_ref().unwrap().at, at(1));
        assert!(row.witnesses.is_empty());
    }
}

#[test]
fn rows_come_back_by_their_next_probe() {
    let mut told = three();
    for (id, address) in (0..).zip(FAR) {
        told.probed(15, id, stopped(address, EPERM));
    }
    let changes = told.probed(30, 1, saw(FAR[1], Answering));
    let fine = Standing::default();
    assert!(changes.contains(&Change::Standing(fine)), "{changes:?}");
    assert_eq!(told.stale(), [true, false, true]);
    assert_eq!(told.lead(0), None, "nothing more is said of this machine");
    told.probed(31, 0, saw(FAR[0], Answering));
    // One that failed meanwhile fails by two of two, as ever.
    assert_eq!(confirms(&told.probed(31, 2, saw(FAR[2], Refused))), 1);
    assert_eq!(told.stale(), [false; 3]);
    assert_eq!(told.states(), [Answering; 3]);
    told.probed(32, 2, saw(FAR[2], Refused));
    assert_eq!(told.states(), [Answering, Answering, Refused]);
}

#[test]
fn one_that_is_forbidden_beside_others_that_answer_is_blocked() {
    let mut told = three();
    let changes = told.probed(15, 0, stopped(FAR[0], EPERM));
    assert_eq!(confirms(&changes), 1, "it waits for what the others say");
    assert_eq!(told.stale(), [true, false, false]);
    for (id, address) in [(1, FAR[1]), (2, FAR[2])] {
        told.probed(15, id, saw(address, Answering));
    }
    assert_eq!(confirms(&told.probed(16, 0, stopped(FAR[0], EPERM))), 1);
    assert_eq!(told.stale(), [false; 3]);
    let changes = told.probed(17, 0, stopped(FAR[0], EPERM));
    assert_eq!((turns(&changes), asked(&changes)), (1, vec![]));
    assert_eq!(told.states(), [State::Blocked, Answering, Answering]);
    assert_eq!(told.lead(0), Some(CauseId::LocalFirewall));
    assert!(told.standing().is_fine());
}

#[test]
fn two_that_are_forbidden_beside_one_that_answers_are_no_trouble_of_all() {
    let mut told = three();
    for second in [15, 16, 17, 30] {
        for id in [0, 1] {
            let address = FAR[usize::try_from(id).unwrap()];
            told.probed(second, id, stopped(address, EPERM));
        }
        told.probed(second, 2, saw(FAR[2], Answering));
    }
    assert!(told.standing().is_fine());
    assert_eq!(told.states(), [State::Blocked, State::Blocked, Answering]);
}

#[test]
fn a_row_waits_no_longer_than_the_others_take() {
    let mut told = three();
    told.probed(15, 0, stopped(FAR[0], EPERM));
    told.probed(30, 0, stopped(FAR[0], EPERM));
    assert_eq!(told.stale(), [true, false, false]);
    told.probed(46, 0, stopped(FAR[0], EPERM));
    told.probed(47, 0, stopped(FAR[0], EPERM));
    assert_eq!(
        told.states()[0],
        State::Blocked,
        "nobody answered for half a minute"
    );
}

#[test]
fn a_site_that_is_unreachable_is_not_this_machine() {
    let mut told = three();
    for second in [15, 16, 31] {
        for (id, address) in (0..).zip(FAR) {
            told.probed(second, id, saw(address, TimedOut));
        }
    }
    assert!(told.standing().is_fine(), "silence accuses nobody");
    assert_eq!(told.states(), [TimedOut; 3]);
}

#[test]
fn a_neighbour_needs_no_route() {
    let mut told = three();
    told.probed(2, 2, saw("10.0.9.30", Answering));
    for second in [15, 16] {
        told.probed(second, 0, stopped(FAR[0], ENETUNREACH));
        told.probed(second, 1, stopped(FAR[1], ENETUNREACH));
        told.probed(second, 2, saw("10.0.9.30", Answering));
    }
    assert_eq!(told.standing().own_network, OwnNetwork::NoRoute);
    assert_eq!(told.stale(), [true, true, false]);
}

#[test]
fn without_dns_only_the_rows_whose_names_fail_are_affected() {
    let mut told = Told::new(&["a", "b", "10.0.6.1", "d"]);
    told.probed(1, 0, saw(FAR[0], Answering));
    told.probed(1, 1, saw(FAR[1], Answering));
    let mut literal = saw(FAR[2], Answering);
    literal.layers.resolve.status = ResolveStatus::Literal;
    told.probed(1, 2, literal.clone());
    told.probed(1, 3, of_hosts_file("10.0.7.1"));
    let mut changes = told.probed(15, 0, unresolved(ResolveStatus::TimedOut));
    assert_eq!(asked(&changes), [1]);
    for second in [16, 31] {
        for id in [0, 1] {
            changes.extend(told.probed(second, id, unresolved(ResolveStatus::ServerFailure)));
        }
        told.probed(second, 2, literal.clone());
        told.probed(second, 3, of_hosts_file("10.0.7.1"));
    }
    assert_eq!(turns(&changes), 0);
    assert_eq!(told.states(), [Answering; 4]);
    assert_eq!(told.stale(), [true, true, false, false]);
    let standing = told.standing();
    assert_eq!(
        (standing.own_network, standing.cause, standing.affected),
        (OwnNetwork::NoDns, Some(CauseId::DnsServerFailing), 2)
    );
    // A literal address that fails is a matter of its server.
    told.probed(46, 2, saw(FAR[2], Refused));
    told.probed(47, 2, saw(FAR[2], Refused));
    assert_eq!(told.states()[2], Refused);
}

#[test]
fn a_name_that_fails_beside_one_that_resolves_is_its_own_matter() {
    let mut told = three();
    for second in [15, 16, 17] {
        told.probed(second, 0, unresolved(ResolveStatus::ServerFailure));
        told.probed(second, 1, saw(FAR[1], Answering));
    }
    assert!(told.standing().is_fine());
    assert_eq!(told.states(), [Unresolved, Answering, Answering]);
}

/// Ten hosts whose names were asked for in the first second and are remembered since.
fn ten_remembered() -> Told {
    let mut told = many(10);
    for id in 0..10 {
        told.probed(1, id, saw(&far(id), Answering));
        told.probed(16, id, cached(&far(id)));
    }
    told
}

#[test]
fn names_of_a_broken_zone_beside_remembered_ones_are_their_own_matter() {
    let mut told = ten_remembered();
    let mut changes = Vec::new();
    for second in [31, 46, 61, 76, 91] {
        for id in 0..2 {
            let failing = told.probed(second, id, unresolved(ResolveStatus::ServerFailure));
            for other in asked(&failing) {
                told.probed(second, other, saw(&far(other), Answering));
            }
            changes.extend(failing);
        }
        for id in 2..10 {
            changes.extend(told.probed(second, id, cached(&far(id))));
        }
    }
    assert_eq!(standings(&changes), [], "never this machine");
    assert_eq!(told.states()[..3], [Unresolved, Unresolved, Answering]);
    assert_eq!(told.stale(), [false; 10]);
}

#[test]
fn remembered_names_that_fail_when_asked_afresh_are_no_answer() {
    let mut told = ten_remembered();
    let mut waiting = vec![0];
    let mut changes = Vec::new();
    while let Some(id) = waiting.pop() {
        let failing = told.probed(31, id, unresolved(ResolveStatus::TimedOut));
        waiting.extend(asked(&failing));
        changes.extend(failing);
    }
    for id in 0..2 {
        changes.extend(told.probed(32, id, unresolved(ResolveStatus::TimedOut)));
    }
    assert_eq!(standings(&changes), [OwnNetwork::NoDns]);
    assert_eq!(turns(&changes), 0);
}

fn out_over(ipv4: bool, ipv6: bool) -> Event {
    let vantage = Vantage {
        ipv4,
        ipv6,
        ..vantage(true)
    };
    Event::Vantage { vantage }
}

#[test]
fn a_lost_family_dims_its_own_rows() {
    let mut told = Told::new(&["10.0.4.1", "fd00:4::1"]);
    told.event(0, out_over(true, true));
    told.probed(1, 0, saw("10.0.4.1", Answering));
    told.probed(1, 1, saw("fd00:4::1", Answering));
    told.event(10, out_over(false, true));
    assert_eq!(told.stale(), [true, false]);
    let standing = told.standing();
    assert_eq!(
        (standing.said, standing.affected),
        (Some(Said::NoWayOverIpv4 {}), 1)
    );
    told.probed(15, 0, stopped("10.0.4.1", ENETUNREACH));
    told.probed(16, 0, stopped("10.0.4.1", ENETUNREACH));
    // A server that goes down over the family that is left goes down.
    told.probed(15, 1, saw("fd00:4::1", Refused));
    told.probed(16, 1, saw("fd00:4::1", Refused));
    assert_eq!(told.states(), [Answering, Refused]);
    told.event(20, out_over(true, true));
    assert!(told.standing().is_fine());
    assert_eq!(told.stale(), [true, false]);
    told.probed(21, 0, saw("10.0.4.1", Answering));
    assert_eq!(told.stale(), [false, false]);
}

#[test]
fn a_family_that_was_never_there_is_not_lost() {
    let mut told = Told::new(&["10.0.4.1", "fd00:4::1"]);
    told.event(0, out_over(true, false));
    told.probed(1, 0, saw("10.0.4.1", Answering));
    told.probed(1, 1, stopped("fd00:4::1", ENETUNREACH));
    told.probed(2, 1, stopped("fd00:4::1", ENETUNREACH));
    assert!(told.standing().is_fine());
    assert_eq!(told.states(), [Answering, State::Unreachable]);
    assert_eq!(told.lead(1), Some(CauseId::NoRoute));
}

#[test]
fn started_into_it_the_rows_show_the_verdict_and_are_stale() {
    let mut told = Told::new(&["a", "b", "localhost"]);
    told.event(
        0,
        Event::Vantage {
            vantage: vantage(true),
        },
    );
    assert_eq!(told.states(), [Pending; 3]);
    told.probed(1, 2, saw("127.0.0.1", Answering));
    let mut changes = Vec::new();
    for second in [1, 2] {
        changes.extend(told.probed(second, 0, stopped(FAR[0], EPERM)));
        changes.extend(told.probed(second, 1, stopped(FAR[1], EPERM)));
    }
    assert_eq!(
        told.states(),
        [State::Blocked, State::Blocked, Answering],
        "this machine itself is not far"
    );
    assert_eq!(told.stale(), [true, true, false]);
    assert_eq!(
        (told.lead(0), told.lead(1)),
        (Some(CauseId::LocalFirewall), Some(CauseId::LocalFirewall))
    );
    assert_eq!(told.standing().affected, 2);
    assert_eq!(looks(&changes), []);
}

#[test]
fn many_are_believed_before_the_last_of_them_was_asked() {
    let mut told = many(100);
    for id in 0..100 {
        told.probed(1, id, saw(&far(id), Answering));
    }
    let mut waiting = vec![0];
    let mut probed = 0;
    while let Some(id) = waiting.pop() {
        let changes = told.probed(15, id, stopped(&far(id), EPERM));
        waiting.extend(asked(&changes));
        probed += 1;
    }
    assert!(probed <= 17, "{probed} were asked before their time");
    assert_eq!(told.standing().own_network, OwnNetwork::Firewall);
    assert_eq!(told.states(), vec![Answering; 100]);
    told.probed(16, 99, saw(&far(99), Answering));
    assert!(
        told.standing().is_fine(),
        "one that gets through disproves it"
    );
}

#[test]
fn sixteen_are_asked_in_all_and_each_of_them_once() {
    let mut told = many(200);
    for id in 0..200 {
        told.probed(1, id, saw(&far(id), Answering));
    }
    let mut all = Vec::new();
    let mut standings_seen = Vec::new();
    for id in 100..200 {
        let second = 15 + i64::from(id - 100) / 10;
        let mut changes = told.probed(second, id, stopped(&far(id), EPERM));
        for other in asked(&changes) {
            all.push(other);
            changes.extend(told.probed(second, other, saw(&far(other), Answering)));
        }
        standings_seen.extend(standings(&changes));
    }
    all.sort_unstable();
    assert_eq!(all, (0..16).collect::<Vec<_>>());
    assert_eq!(standings_seen, []);
}

#[test]
fn an_answer_that_was_under_way_does_not_end_the_doubt() {
    let mut told = many(20);
    for id in 0..20 {
        told.probed(1, id, saw(&far(id), Answering));
    }
    let mut waiting = asked(&told.probed(15, 0, stopped(&far(0), EPERM)));
    let mut changes = told.probed(15, 19, saw(&far(19), Answering));
    while let Some(id) = waiting.pop() {
        let next = told.probed(15, id, stopped(&far(id), EPERM));
        waiting.extend(asked(&next));
        changes.extend(next);
    }
    for id in 0..20 {
        changes.extend(told.probed(16, id, stopped(&far(id), EPERM)));
    }
    assert_eq!(turns(&changes), 0);
    assert_eq!(standings(&changes), [OwnNetwork::Firewall]);
}

#[test]
fn a_neighbour_that_answers_time_and_again_says_nothing_of_the_route() {
    const NEAR: &str = "10.0.9.30";
    let mut told = many(101);
    for id in 0..100 {
        told.probed(1, id, saw(&far(id), Answering));
    }
    told.probed(1, 100, saw(NEAR, Answering));
    let mut changes = Vec::new();
    for id in 0..100 {
        changes.extend(told.probed(15, id, stopped(&far(id), ENETUNREACH)));
        changes.extend(told.probed(15, 100, saw(NEAR, Answering)));
    }
    assert_eq!(standings(&changes), [OwnNetwork::NoRoute]);
}

#[test]
fn by_hand_while_paused_waits_for_nobody() {
    let mut told = three();
    told.event(2, Event::Paused { paused: true });
    for second in [15, 20] {
        let id = InstanceId(0);
        told.event(second, Event::Asked { id });
        let changes = told.probed(second, 0, stopped(FAR[0], EPERM));
        assert_eq!(asked(&changes).len(), 0);
        assert_eq!(told.row(0).raw, State::Blocked);
        assert!(!told.row(0).marks.stale);
    }
    assert_eq!(told.states()[0], State::Blocked, "two of two");
}

#[test]
fn instances_of_one_host_are_one_host() {
    let mut told = Told::new(&["a", "a,5000", "b"]);
    told.probed(1, 2, saw(FAR[2], TimedOut));
    for second in [1, 2] {
        told.probed(second, 0, stopped(FAR[0], EPERM));
        told.probed(second, 1, stopped(FAR[0], EPERM));
    }
    assert!(told.standing().is_fine());
    assert_eq!(told.stale(), [false; 3]);
}

#[test]
fn rows_that_are_no_longer_watched_are_not_counted() {
    let mut told = three();
    for (id, address) in (0..).zip(FAR) {
        told.probed(15, id, stopped(address, EPERM));
    }
    assert_eq!(told.standing().affected, 3);
    let instances = ["a", "b"].map(crate::monitor::tests::instance);
    told.ledger.replace(at(16), &instances);
    assert_eq!(told.standing().affected, 2);
    told.ledger.replace(at(17), &[]);
    assert!(told.standing().is_fine());
}

#[test]
fn a_clock_that_is_set_back_takes_the_trouble_along() {
    let mut told = three();
    for (id, address) in (0..).zip(FAR) {
        told.probed(3600, id, stopped(address, EPERM));
    }
    told.probed(3660, 0, stopped(FAR[0], EPERM));
    told.probed(60, 0, stopped(FAR[0], EPERM));
    assert_eq!(told.standing().since, Some(at(0)));
}

#[test]
fn an_acknowledgement_outlives_it() {
    let mut told = three();
    let acknowledged = Some(Acknowledged {
        reason: "known".into(),
        until: None,
    });
    let id = InstanceId(0);
    told.event(2, Event::Acknowledged { id, acknowledged });
    for (id, address) in (0..).zip(FAR) {
        told.probed(15, id, stopped(address, EPERM));
    }
    assert!(told.row(0).marks.acknowledged.is_some());
}
