//! What holds for any fleet.

use std::collections::HashSet;

use proptest::prelude::*;

use super::{Fleet, fleet, hidden, member, refused, silent, unnamed};
use crate::diagnosis::State;
use crate::diagnosis::incident::{Incident, Life, Member, Outcome, Shared, Verdict};
use crate::evidence::ResponseCode;

/// One failing instance in a small world, so that much is shared.
fn any_member() -> impl Strategy<Value = Member<'static>> {
    (
        0..8_u32,
        0..3_u8,
        1..4_u8,
        0..3_u16,
        0..120_i64,
        0..20_i64,
        any::<bool>(),
    )
        .prop_map(|(kind, subnet, host, port, from, width, flapping)| {
            let address = format!("10.4.{subnet}.{host}");
            let one = match kind {
                0 => refused(0, &address),
                1 => hidden(0, &address, Life::ClosedPort),
                2 => silent(0, &address),
                3 => silent(0, &address).walked_to("10.0.9.1"),
                4 => unnamed(0, Some("10.0.9.53:53"), ResponseCode::ServFail),
                5 => member(0, &address, State::Silent, Outcome::Answer),
                6 => member(0, &address, State::Refused, Outcome::NoPort(None)),
                _ => silent(0, &address).walked_to("10.0.9.2"),
            };
            let flapping = flapping && kind == 0;
            Member {
                flapping,
                ..one.on(1433 + port).fell(from, from + width)
            }
        })
}

fn any_members() -> impl Strategy<Value = Vec<Member<'static>>> {
    proptest::collection::vec(any_member(), 0..40).prop_map(|mut members| {
        for (id, member) in (0..).zip(&mut members) {
            member.id = id;
        }
        members
    })
}

fn any_fleet() -> impl Strategy<Value = Fleet> {
    (0..2_u32, 0..2_u32, 0..2_u32).prop_map(|(one, two, elsewhere)| {
        fleet(&[
            ("10.4.0.1", one, 2),
            ("10.4.1.1", two, 2),
            ("10.0.1.1", elsewhere, 0),
        ])
    })
}

fn of<'m>(incident: &Incident, members: &'m [Member<'m>]) -> Vec<&'m Member<'m>> {
    let ids: HashSet<u32> = incident.members.iter().copied().collect();
    members
        .iter()
        .filter(|member| ids.contains(&member.id))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_instance_is_in_one_incident_at_most(members in any_members(), fleet in any_fleet()) {
        let mut seen = HashSet::new();
        for incident in fleet.incidents(&members) {
            prop_assert!(incident.members.len() >= 2);
            prop_assert_eq!(incident.facts.instances, incident.members.len());
            prop_assert!(incident.members.iter().all(|id| seen.insert(*id)));
        }
    }

    #[test]
    fn the_order_of_the_instances_does_not_matter(
        (members, shuffled) in any_members().prop_flat_map(|members| {
            (Just(members.clone()), Just(members).prop_shuffle())
        }),
        fleet in any_fleet(),
    ) {
        prop_assert_eq!(fleet.incidents(&members), fleet.incidents(&shuffled));
    }

    #[test]
    fn no_incident_claims_more_than_its_instances_carry(members in any_members(), fleet in any_fleet()) {
        for incident in fleet.incidents(&members) {
            let its = of(&incident, &members);
            prop_assert!(its.iter().all(|one| !one.flapping));
            let looked = |one: &&Member<'_>| matches!(one.outcome, Outcome::Nothing { every_port: true, .. });
            let alive = |one: &&Member<'_>| matches!(one.outcome, Outcome::NoPort(Some(_)));
            match incident.verdict {
                Verdict::SubnetSilent | Verdict::SubnetOrWaySilent | Verdict::HostSilent
                | Verdict::HostSilentAlone => prop_assert!(its.iter().any(looked)),
                Verdict::HostRefuses | Verdict::HostRule | Verdict::HostHides | Verdict::PortRule
                | Verdict::PortSilent | Verdict::PortRefused => prop_assert!(its.iter().any(alive)),
                _ => {}
            }
            if let Shared::Subnet(subnet) = incident.shared {
                let counted = fleet.subnets.get(&subnet).copied().unwrap_or_default();
                prop_assert_eq!(counted.answering, 0);
            }
            let first = its.iter().map(|one| one.fell.first_bad).max();
            prop_assert_eq!(Some(incident.began.by), first);
        }
    }
}
