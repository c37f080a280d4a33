use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::advice::fixture::Scene;
use crate::diagnosis::incident::{Code, DeviceSays, Ourselves};
use crate::diagnosis::{CauseId, Neighbours, Subnet};
use crate::target::{Port, Target};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// What an incident with this sentence would share.
fn shared(verdict: Verdict) -> Shared {
    let device = "10.0.9.1".parse().unwrap();
    let server = Some("10.0.9.53:53".parse().unwrap());
    let dns = |server, code| Shared::DnsServer { server, code };
    match verdict {
        Verdict::CutOff => Shared::ThisMachine(Ourselves::CutOff),
        Verdict::NoDns => Shared::ThisMachine(Ourselves::NoDns),
        Verdict::ForbiddenHere => Shared::ThisMachine(Ourselves::Forbids),
        Verdict::ExhaustedHere => Shared::ThisMachine(Ourselves::Exhausted),
        Verdict::NoRouteHere => Shared::ThisMachine(Ourselves::NoRoute),
        Verdict::HearsNothing => Shared::ThisMachine(Ourselves::HearsNothing),
        Verdict::DnsSilent => dns(server, Code::Silent),
        Verdict::DnsSilentUnnamed => dns(None, Code::Silent),
        Verdict::DnsFailing => dns(server, Code::Failing),
        Verdict::DnsFailingUnnamed => dns(None, Code::Failing),
        Verdict::NoSuchNames => dns(server, Code::NoSuchName),
        Verdict::NoAddresses => dns(server, Code::NoAddress),
        Verdict::DeviceRejects => Shared::Device {
            by: device,
            says: DeviceSays::Rejects,
        },
        Verdict::DeviceHasNoRoute => Shared::Device {
            by: device,
            says: DeviceSays::NoRoute,
        },
        Verdict::BehindHop => Shared::Hop(device),
        Verdict::SubnetSilent | Verdict::SubnetOrWaySilent | Verdict::SubnetQuiet => {
            Shared::Subnet(Subnet::V4([10, 4, 7]))
        }
        Verdict::PortRule | Verdict::PortSilent | Verdict::PortRefused => {
            Shared::Port(Port::DEFAULT)
        }
        Verdict::BrowserGone => Shared::Browser,
        _ => Shared::Host("sql07".parse::<Target>().unwrap().host),
    }
}

fn state(verdict: Verdict) -> State {
    match verdict {
        Verdict::NoDns
        | Verdict::DnsSilent
        | Verdict::DnsSilentUnnamed
        | Verdict::DnsFailing
        | Verdict::DnsFailingUnnamed
        | Verdict::NoSuchNames
        | Verdict::NoAddresses => State::Unresolved,
        Verdict::ForbiddenHere | Verdict::ExhaustedHere => State::Blocked,
        Verdict::NoRouteHere | Verdict::DeviceRejects | Verdict::DeviceHasNoRoute => {
            State::Unreachable
        }
        Verdict::PortRefused
        | Verdict::HostRefuses
        | Verdict::AddressRefuses
        | Verdict::HostResetOnTheWay => State::Refused,
        Verdict::EnginesSilent | Verdict::HostProxied => State::Silent,
        Verdict::EnginesHangUp => State::HungUp,
        Verdict::HostTogether => State::NotSql,
        Verdict::BrowserGone => State::NotLocated,
        _ => State::TimedOut,
    }
}

fn sample(verdict: Verdict) -> Incident {
    Incident {
        members: (0..14).collect(),
        shared: shared(verdict),
        began: Began {
            after: Some(at("2026-11-22T14:00:02Z")),
            by: at("2026-11-22T14:00:17Z"),
        },
        causes: vec![CauseId::ServiceNotRunning],
        verdict,
        facts: Facts {
            instances: 14,
            hosts: 9,
            subnets: vec![Subnet::V4([10, 4, 7]), Subnet::V4([10, 4, 8])],
            states: vec![(state(verdict), 14)],
            life: BTreeMap::new(),
            nothing: 0,
            every_port: 0,
            walked: 3,
            subnet: Neighbours::default(),
            elsewhere: Neighbours {
                answering: 40,
                silent: 0,
            },
        },
    }
}

fn sentence(incident: &Incident) -> String {
    super::incident(incident, &TimeZone::UTC).sentence
}

#[test]
fn every_verdict_has_a_sentence_and_a_question_and_nothing_else_has() {
    let verdicts: BTreeSet<&str> = Verdict::ALL.iter().map(|verdict| verdict.key()).collect();
    let sentences: BTreeSet<&str> = WORDS.sentence.keys().map(String::as_str).collect();
    assert_eq!(verdicts, sentences);
    let questions: BTreeSet<&str> = WORDS.ask.keys().map(String::as_str).collect();
    assert_eq!(verdicts, questions);
}

#[test]
fn every_slot_of_a_sentence_is_filled() {
    for verdict in Verdict::ALL {
        let (said, asked) = (&WORDS.sentence[verdict.key()], &WORDS.ask[verdict.key()]);
        let template = format!("{said} {asked}");
        let incident = sample(*verdict);
        let slots = Slots {
            incident: &incident,
            zone: &TimeZone::UTC,
        };
        for slot in template.split('{').skip(1) {
            let slot = slot.split_once('}').unwrap().0;
            assert!(slots.value(slot, None).is_some(), "{verdict:?}: {slot}");
        }
    }
}

#[test]
fn sentences_are_whole_and_none_is_long() {
    for verdict in Verdict::ALL {
        let sentence = sentence(&sample(*verdict));
        assert!(
            sentence.ends_with('.') && !sentence.contains("  "),
            "{sentence}"
        );
        assert!(
            sentence.len() <= 220,
            "{} is long: {sentence}",
            verdict.key()
        );
    }
}

#[test]
fn the_sentences_read_well() {
    let all: Vec<String> = Verdict::ALL
        .iter()
        .map(|verdict| {
            let words = super::incident(&sample(*verdict), &TimeZone::UTC);
            format!("{}\n  {}\n  {}", verdict.key(), words.sentence, words.ask)
        })
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn a_host_that_refuses_is_told_in_one_sentence() {
    let mut incident = sample(Verdict::HostRefuses);
    incident.began = Began {
        after: Some(at("2026-11-22T13:00:02Z")),
        by: at("2026-11-22T13:00:17Z"),
    };
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    assert_eq!(
        super::incident(&incident, &zone).sentence,
        "14 instances on sql07 refused since between 14:00:02 and 14:00:17; the host, or a \
         device in front of it, answers: its SQL Server services are down or moved, or that \
         device refuses their ports."
    );
}

#[test]
fn several_states_are_counted() {
    let mut incident = sample(Verdict::HostHides);
    incident.facts.states = vec![(State::NotLocated, 2), (State::Refused, 12)];
    let sentence = sentence(&incident);
    assert!(
        sentence.contains("failing (2 not-located, 12 refused) since"),
        "{sentence}"
    );
}

#[test]
fn a_time_is_told_as_far_as_it_is_known() {
    let zone = TimeZone::fixed(jiff::tz::offset(1));
    let by = at("2026-11-22T14:00:17Z");
    for (after, told) in [
        (None, "15:00:17 or earlier"),
        (Some(by), "15:00:17"),
        (
            Some(at("2026-11-22T14:00:02Z")),
            "between 15:00:02 and 15:00:17",
        ),
        (
            Some(at("2026-11-21T14:00:02Z")),
            "between 2026-11-21 15:00:02 and 2026-11-22 15:00:17",
        ),
    ] {
        assert_eq!(since(Began { after, by }, &zone), told);
    }
    let told = since(Began { after: None, by }, &TimeZone::UTC);
    assert_eq!(told, "14:00:17 UTC or earlier");
}

#[test]
fn thousands_are_set_apart() {
    assert_eq!(several(1, "host"), "1 host");
    assert_eq!(several(1000, "host"), "1,000 hosts");
    assert_eq!(several(10_045, "host"), "10,045 hosts");
}

#[test]
fn a_team_is_asked_to_look_and_never_to_change() {
    let scene = Scene::refused("sql07");
    let commands = team_commands(&sample(Verdict::HostRefuses), &scene.case(), 9);
    assert!(!commands.is_empty());
    assert!(commands.iter().all(|one| one.place == Place::Server));
    let fixes = &playbook(CauseId::ServiceNotRunning).fixes;
    for one in &commands {
        let step = fixes.iter().find(|step| step.title == one.title).unwrap();
        assert_eq!(step.risk, Risk::ReadOnly);
    }
}

#[test]
fn the_network_team_is_asked_about_the_network_where_a_playbook_has_that() {
    let mut incident = sample(Verdict::DeviceRejects);
    incident.causes = vec![CauseId::RejectRule];
    let scene = Scene::refused("sql07").icmp_from("10.0.9.1");
    let commands = team_commands(&incident, &scene.case(), 9);
    assert!(!commands.is_empty());
    assert!(commands.iter().all(|one| one.place == Place::Network));
}
