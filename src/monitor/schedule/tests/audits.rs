//! A host is asked for everything it has when somebody says so, and never else.

use super::*;

/// An audit takes a while: the network is asked about one port after the other.
const TAKES: Duration = Duration::from_secs(3);

fn told() -> Told {
    Told {
        audit_takes: TAKES,
        ..Told::new(&[])
    }
}

async fn discover(running: &Running, ids: &[u32]) {
    for id in ids {
        running.send(Command::Discover(InstanceId(*id))).await;
    }
}

/// The hosts that were asked, in order.
fn asked(running: &Running) -> Vec<String> {
    let audits = running.told.audits.lock().unwrap();
    let hosts = audits.iter().map(|request| request.host.to_string());
    hosts.collect()
}

fn is_audited(row: &Row) -> bool {
    row.audit.is_some() && !row.auditing
}

#[tokio::test(start_paused = true)]
async fn every_row_of_the_host_says_that_it_is_asked_and_then_what_it_said() {
    let running = Running::start(told(), config(&["h\\A", "h\\B", "other-db"]));
    running.row(2, |row| row.state == Answering).await;
    discover(&running, &[1]).await;
    for id in [0, 1] {
        let row = running.row(id, |row| row.auditing).await;
        assert_eq!(row.audit, None);
    }
    for id in [0, 1] {
        running.row(id, is_audited).await;
    }
    let other = &running.board.rows()[2];
    assert_eq!((&other.audit, other.auditing), (&None, false));
    assert_eq!(asked(&running), ["h"]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_asked_unasked() {
    let told = Told::new(&[("a", &[Answering, TimedOut])]);
    let running = Running::start(told, config(&["a", "h\\B"]));
    running.send(Command::Probe(vec![InstanceId(0)])).await;
    running.pass(600).await;
    assert_eq!(asked(&running), [] as [&str; 0]);
}

#[tokio::test(start_paused = true)]
async fn asked_again_while_it_is_under_way_nothing_more_is_sent() {
    let running = Running::start(told(), config(&["h\\A", "h\\B"]));
    running.row(1, |row| row.state == Answering).await;
    discover(&running, &[0, 1, 0]).await;
    running.row(0, is_audited).await;
    assert_eq!(asked(&running).len(), 1);
    discover(&running, &[1]).await;
    running.row(0, |row| row.auditing).await;
    running.row(0, is_audited).await;
    assert_eq!(asked(&running).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn two_hosts_at_once_and_the_others_wait_their_turn() {
    let names = [
        "10.0.4.21",
        "10.0.4.22",
        "10.0.4.23",
        "10.0.4.24",
        "10.0.4.25",
    ];
    let running = Running::start(told(), config(&names));
    // Before the first probe: each stands at the address that its target gives.
    discover(&running, &[3, 1, 0, 2]).await;
    running.row(2, |row| row.auditing).await;
    assert_eq!(asked(&running), ["10.0.4.24", "10.0.4.22"]);
    let began = seconds();
    running.row(2, is_audited).await;
    assert_eq!(asked(&running).len(), 4);
    assert!(seconds() - began >= 2.0 * TAKES.as_secs_f64() - 0.1);
}

#[tokio::test(start_paused = true)]
async fn a_pause_does_not_keep_it_from_being_asked_by_hand() {
    let running = Running::start(told(), config(&["a"]));
    running.row(0, |row| row.state == Answering).await;
    running.send(Command::Pause(true)).await;
    discover(&running, &[0]).await;
    running
        .row(0, |row| row.marks.paused && is_audited(row))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_audit_that_panics_or_never_ends_leaves_the_row_as_it_was() {
    for told in [
        Told {
            audit_panics: true,
            ..told()
        },
        Told {
            audit_takes: Duration::from_secs(3600),
            ..told()
        },
    ] {
        let running = Running::start(told, config(&["a", "other"]));
        discover(&running, &[0]).await;
        running.row(0, |row| row.auditing).await;
        let row = running.row(0, |row| !row.auditing).await;
        assert_eq!(row.audit, None);
        assert!(!row.marks.stale, "probing goes on");
        // Its place is free again.
        discover(&running, &[0]).await;
        running.row(0, |row| row.auditing).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_cannot_be_probed_is_not_asked() {
    let running = Running::start(told(), config(&["db1/PROD", "np:b", "a"]));
    discover(&running, &[0, 1, 9]).await;
    running.row(2, |row| row.state == Answering).await;
    assert_eq!(asked(&running), [] as [&str; 0]);
    assert!(running.board.rows().iter().all(|row| !row.auditing));
}

#[tokio::test(start_paused = true)]
async fn the_ports_that_are_configured_and_those_that_answered_are_looked_at() {
    let targets = ["h\\A", "h,1500", "h\\B,1600", "h", "other-db,1700"];
    let running = Running::start(told(), config(&targets));
    running.row(4, |row| row.state == Answering).await;
    discover(&running, &[0]).await;
    running.row(0, is_audited).await;
    let known = running.told.audits.lock().unwrap()[0].known.clone();
    let mut known: Vec<_> = known
        .into_iter()
        .map(|(instance, port)| {
            let instance = instance.map_or(String::new(), |name| name.to_string());
            format!("{instance}:{port}")
        })
        .collect();
    known.sort();
    // A probe of the tests always answers on 1433.
    assert_eq!(known, [":1433", ":1500", "A:1433", "B:1433", "B:1600"]);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_is_taken_off_the_list_takes_its_audit_along() {
    let running = Running::start(told(), config(&["h\\A", "h\\B", "c", "d"]));
    running.row(3, |row| row.state == Answering).await;
    discover(&running, &[0]).await;
    running.row(1, |row| row.auditing).await;
    running.send(Command::Replace(vec![instance("h\\B")])).await;
    let row = running.row(1, |row| !row.auditing).await;
    assert_eq!(row.audit, None);
    running.pass(60).await;
    assert_eq!(running.board.rows().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_host_said_stays_when_the_list_is_replaced() {
    let running = Running::start(told(), config(&["a", "other"]));
    discover(&running, &[0]).await;
    let before = running.row(0, is_audited).await;
    running
        .send(Command::Replace(vec![instance("c"), instance("a")]))
        .await;
    running.row(2, |row| row.state == Answering).await;
    let after = running.row(0, |_| true).await;
    assert_eq!(after.audit, before.audit);
}
