use std::collections::HashSet;

use foldhash::HashMap;
use jiff::SignedDuration;

use super::*;
use crate::diagnosis::incident::{Around, Fell, Member, group};
use crate::diagnosis::scene::{ROUTER, Scene, now};
use crate::diagnosis::{Diagnosis, Neighbours, State};
use crate::evidence::{ConnectStatus, PreloginStatus, ResolveStatus, ResponseCode};
use crate::output::fixture::{row, sent};
use crate::target::Untrusted;

/// The incidents of the rows, as the ledger would group them: nine hosts elsewhere are well,
/// and those that refuse answer.
fn incidents(rows: &[Row]) -> Vec<Incident> {
    let fell = Fell {
        last_good: Some(now() - SignedDuration::from_secs(15)),
        first_bad: now(),
    };
    let diagnoses = rows.iter().map(|row| row.diagnosis.as_deref());
    let leading: Vec<_> = diagnoses
        .map(|one| one.map(Diagnosis::leading_ids))
        .collect();
    let members: Vec<Member<'_>> = rows
        .iter()
        .zip(&leading)
        .filter_map(|(row, leading)| Member::of(row.id.0, &row.case()?, leading.as_ref()?, fell))
        .collect();
    let well = Neighbours {
        answering: 9,
        silent: 0,
    };
    let mut subnets: HashMap<_, _> = [(Subnet::V4([10, 0, 1]), well)].into_iter().collect();
    let refuses = |member: &&Member<'_>| member.state == State::Refused;
    let machines: HashSet<_> = members
        .iter()
        .filter(refuses)
        .map(|one| one.machine)
        .collect();
    for machine in machines.iter().flatten() {
        subnets.entry(Subnet::of(*machine)).or_default().answering += 1;
    }
    let all = Neighbours {
        answering: subnets.values().map(|subnet| subnet.answering).sum(),
        silent: 0,
    };
    group(
        &members,
        &Around {
            subnets: &subnets,
            all,
        },
    )
}

fn only_note(rows: &[Row]) -> String {
    let incidents = incidents(rows);
    assert_eq!(incidents.len(), 1, "{incidents:?}");
    note(&incidents[0], rows)
}

/// An instance by address, as its probe sees it.
fn at(address: &str, see: impl FnOnce(Scene) -> Scene) -> Scene {
    sent(see(Scene::new(address)))
}

fn dead(scene: Scene) -> Scene {
    scene
        .timed_out()
        .took(4000)
        .closed(ConnectStatus::TimedOut)
        .port(445, ConnectStatus::TimedOut)
}

#[test]
fn a_host_that_refuses() {
    let seen = |scene: Scene| scene.refused().port(445, ConnectStatus::Open);
    let rows = [
        row(1, "Sales", at("10.0.4.12", seen)),
        row(2, "HR", at("10.0.4.12,50123", seen)),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn a_silent_subnet() {
    let rows = [
        row(1, "db1", at("10.4.7.1", dead)),
        row(
            2,
            "db2",
            at("10.4.7.2", |scene| scene.timed_out().took(4000)),
        ),
        row(
            3,
            "db3",
            at("10.4.7.3,50123", |scene| scene.timed_out().took(4000)),
        ),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn subnets_behind_one_hop() {
    let seen = |scene| dead(scene).path(&[ROUTER, "10.0.8.1"]);
    let rows = [
        row(1, "db1", at("10.4.7.1", seen)),
        row(2, "db2", at("10.4.8.1", seen)),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn a_dns_server_that_fails() {
    let seen = |scene: Scene| {
        scene
            .unresolved(ResolveStatus::ServerFailure)
            .asked(ResponseCode::ServFail)
    };
    let rows = ["db1", "db2"].map(|name| {
        let host = format!("{name}.corp.test");
        row(
            u32::from(name == "db2"),
            name,
            asked_for(&host, seen(Scene::new(&host))),
        )
    });
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn a_device_that_rejects() {
    let seen = |scene: Scene| {
        scene
            .connect(ConnectStatus::Unreachable)
            .icmp(3, 13, ROUTER)
    };
    let rows = [
        row(1, "db1", at("10.4.7.1", seen)),
        row(2, "db2", at("10.5.7.1", seen)),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn a_rule_for_one_port() {
    let seen = |scene: Scene| {
        scene
            .timed_out()
            .took(4000)
            .closed(ConnectStatus::Refused)
            .port(445, ConnectStatus::Open)
    };
    let rows = [
        row(1, "db1", at("10.4.7.1", seen)),
        row(2, "db2", at("10.5.7.1", seen)),
        row(
            3,
            "db3",
            at("10.6.7.1", |scene| scene.timed_out().took(4000)),
        ),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn engines_that_do_not_answer() {
    let seen = |scene: Scene| scene.answer(PreloginStatus::Silent);
    let rows = [
        row(1, "db1", at("10.4.7.1", seen)),
        row(2, "db2", at("10.4.7.1,50123", seen)),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn a_host_that_is_silent() {
    let rows = [
        row(1, "db1", at("10.4.7.1", dead)),
        row(
            2,
            "db2",
            at("10.4.7.1,50123", |scene| scene.timed_out().took(4000)),
        ),
    ];
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn names_that_are_gone() {
    let seen = |scene: Scene| {
        scene
            .unresolved(ResolveStatus::NotFound)
            .asked(ResponseCode::NxDomain)
    };
    let rows = ["db1", "db2"].map(|name| {
        let host = format!("{name}.corp.test");
        row(
            u32::from(name == "db2"),
            name,
            asked_for(&host, seen(Scene::new(&host))),
        )
    });
    insta::assert_snapshot!(only_note(&rows));
}

#[test]
fn one_port_that_three_hosts_refuse() {
    let seen = |scene: Scene| scene.refused().port(445, ConnectStatus::Open);
    let hosts = (1..).zip(["10.4.7.1", "10.5.7.1", "10.6.7.1"]);
    let rows = hosts.map(|(id, host)| row(id, &format!("db{id}"), at(host, seen)));
    insta::assert_snapshot!(only_note(&rows.collect::<Vec<_>>()));
}

/// Each team gets what is its own.
#[test]
fn two_causes_at_once_in_one_subnet() {
    let refused = |scene: Scene| scene.refused().port(445, ConnectStatus::Open);
    let rows = [
        row(1, "db1", at("10.4.7.1", refused)),
        row(2, "db2", at("10.4.7.1,50123", refused)),
        row(3, "db3", at("10.4.7.2", dead)),
        row(4, "db4", at("10.4.7.2,50123", dead)),
    ];
    let notes = incidents(&rows);
    let notes: Vec<String> = notes.iter().map(|one| note(one, &rows)).collect();
    insta::assert_snapshot!(notes.join("\n\n----\n\n"));
}

/// Every question of the scene was for this name.
fn asked_for(host: &str, scene: Scene) -> Scene {
    scene.with(|scene| {
        for asked in &mut scene.evidence.layers.resolve.asked {
            asked.name = Untrusted::from_bytes(format!("{host}.").as_bytes());
        }
    })
}

fn thousand() -> Vec<Row> {
    (0..1000)
        .map(|id| {
            let address = format!("10.4.{}.{}", id % 20, id / 20 + 1);
            let seen = |scene: Scene| match id {
                0..3 => dead(scene).path(&[ROUTER, "10.0.8.1"]),
                _ => scene.timed_out().took(4000),
            };
            row(id, &format!("db{id}"), at(&address, seen))
        })
        .collect()
}

#[test]
fn a_thousand_instances_at_once() {
    let note = only_note(&thousand());
    assert!(note.lines().count() < 100, "{}", note.lines().count());
    insta::assert_snapshot!(note);
}

#[test]
fn hostile_names_stay_text() {
    let name = "x|y`z`\n# h\u{1b}[2J[a](http://b)<img>";
    let seen = |scene: Scene| {
        scene
            .with(|scene| scene.surroundings.vantage.host = "j|`\u{202e}ump\n".to_owned())
            .refused()
    };
    let rows = [
        row(1, name, at("10.0.4.12", seen)),
        row(2, name, at("10.0.4.12,50123", seen)),
    ];
    let note = only_note(&rows);
    assert!(
        !note.chars().any(|c| c.is_control() && c != '\n'),
        "{note:?}"
    );
    assert!(!note.contains('\u{202e}') && !note.contains("<img>") && !note.contains("[a]("));
    let table = note.lines().filter(|line| line.starts_with("| ")).skip(1);
    for line in table {
        let bars = line.replace(r"\|", "").matches('|').count();
        assert_eq!(bars, 7, "{line}");
    }
}

#[test]
fn a_note_ends_without_a_line_break_and_rows_may_come_in_any_order() {
    let mut rows = thousand();
    let incident = incidents(&rows).remove(0);
    let first = note(&incident, &rows);
    rows.reverse();
    rows.push(row(5000, "stranger", at("10.0.4.12", Scene::refused)));
    assert_eq!(note(&incident, &rows), first);
    assert!(!first.ends_with('\n'));
    assert!(!first.contains("stranger"));
}

#[test]
fn without_rows_the_note_still_says_what_happened() {
    let rows = [
        row(1, "db1", at("10.0.4.12", Scene::refused)),
        row(2, "db2", at("10.0.4.12,50123", Scene::refused)),
    ];
    let incident = incidents(&rows).remove(0);
    let note = note(&incident, &[]);
    assert!(note.contains("2 instances on 10.0.4.12 refused"), "{note}");
    assert_eq!(rows[0].state, State::Refused);
}
