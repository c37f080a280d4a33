//! One-shot checks against a network that answers as it is told, while time is paused.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream;

use super::shared::SharedLooks;
use super::{Options, check_by};
use crate::config::Instance;
use crate::diagnosis::State::{self, Answering, Invalid, Pending, Refused, TimedOut};
use crate::evidence::{BrowserForm, Look, Test};
use crate::monitor::schedule::Walk;
use crate::monitor::schedule::tests::Told;
use crate::monitor::tests::instance;
use crate::monitor::{Memory, Row};
use crate::probe::Effort;

fn options() -> Options {
    Options {
        witnesses: true,
        ..Options::default()
    }
}

async fn rows(told: &Arc<Told>, targets: &[&str], options: Options) -> Vec<Arc<Row>> {
    let instances: Vec<Arc<Instance>> = targets.iter().map(|text| instance(text)).collect();
    let mut rows = Vec::new();
    check_by(told, stream::iter(instances), &Arc::new(options), |done| {
        rows.extend(done);
    })
    .await;
    rows
}

fn states(rows: &[Arc<Row>]) -> Vec<(u32, State)> {
    rows.iter().map(|row| (row.id.0, row.state)).collect()
}

#[tokio::test(start_paused = true)]
async fn ids_count_the_list_with_what_is_invalid() {
    let told = Arc::new(Told::new(&[("a", &[TimedOut])]));
    let mut rows = rows(&told, &["a", "db1/PROD", "c"], options()).await;
    rows.sort_by_key(|row| row.id);
    assert_eq!(states(&rows), [(0, TimedOut), (1, Invalid), (2, Answering)]);
    assert!(rows[0].diagnosis.is_some() && rows[0].case().is_some());
}

#[tokio::test(start_paused = true)]
async fn rows_come_as_they_are_done() {
    let told = Arc::new(Told::new(&[("a", &[TimedOut])]));
    let rows = rows(&told, &["a", "b"], options()).await;
    assert_eq!(
        states(&rows),
        [(1, Answering), (0, TimedOut)],
        "the first one is looked at"
    );
}

#[tokio::test(start_paused = true)]
async fn each_is_probed_once_and_what_failed_is_looked_at() {
    let told = Arc::new(Told::new(&[("a", &[TimedOut])]));
    let mut rows = rows(&told, &["a", "b"], options()).await;
    rows.sort_by_key(|row| row.id);
    assert_eq!(told.log.lock().unwrap().len(), 2);
    assert!(
        told.log
            .lock()
            .unwrap()
            .iter()
            .all(|entry| entry.effort == Effort::Thorough)
    );
    assert!(!rows[0].witnesses.is_empty());
    assert!(rows[1].witnesses.is_empty());
    let looks = told.looks.lock().unwrap();
    assert!(
        looks
            .iter()
            .any(|test| matches!(test, Test::ClosedPort { .. }))
    );
    assert!(
        !looks.iter().any(|test| matches!(test, Test::Path { .. })),
        "only when asked for"
    );
}

#[tokio::test(start_paused = true)]
async fn a_look_at_a_host_serves_all_that_fail_there() {
    let targets = ["a,1501", "a,1502", "a,1503", "a,1504"];
    let told = Arc::new(Told::new(&targets.map(|target| (target, &[TimedOut][..]))));
    let rows = rows(&told, &targets, options()).await;
    let looks = told.looks.lock().unwrap();
    let closed = looks
        .iter()
        .filter(|test| matches!(test, Test::ClosedPort { .. }));
    assert_eq!(closed.count(), 1, "{looks:?}");
    let is_shown = |row: &Arc<Row>| {
        let mut looks = row.witnesses.iter().map(|witness| &witness.look);
        looks.any(|look| matches!(look, Look::ClosedPort(_)))
    };
    assert!(rows.iter().all(is_shown));
}

#[tokio::test(start_paused = true)]
async fn a_look_stands_for_half_a_minute_and_by_hand_for_five_seconds() {
    let walk = Told::new(&[]);
    let test = Test::ClosedPort {
        address: "10.0.4.12".parse().unwrap(),
    };
    let target = "a".parse().unwrap();
    let shared = SharedLooks::default();
    for (by_hand, taken) in [(false, 1), (false, 1), (true, 2), (false, 2)] {
        shared
            .take(test, &target, by_hand, || walk.look(&target, test))
            .await;
        assert_eq!(walk.looks.lock().unwrap().len(), taken);
        tokio::time::advance(Duration::from_secs(4)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn witnesses_switched_off_send_nothing() {
    let told = Arc::new(Told::new(&[("a", &[TimedOut])]));
    rows(&told, &["a"], Options::default()).await;
    assert_eq!(*told.looks.lock().unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_panics_is_a_row_without_a_result() {
    let told = Arc::new(Told::new(&[]).panicking("a"));
    let rows = rows(&told, &["a", "b"], options()).await;
    assert_eq!(states(&rows), [(0, Pending), (1, Answering)]);
    assert!(rows[0].marks.stale);
}

#[tokio::test(start_paused = true)]
async fn what_is_remembered_is_used_and_what_is_learned_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (memory, _) = Memory::open(&folder.path().join("memory.json"));
    let memory = Arc::new(Mutex::new(memory));
    let told = Arc::new(Told::new(&[("a", &[Answering, Refused])]));
    let remembering = || Options {
        memory: Some(Arc::clone(&memory)),
        ..options()
    };
    rows(&told, &["a"], remembering()).await;
    let rows = rows(&told, &["a"], remembering()).await;
    assert_eq!(rows[0].state, Refused);
    let good = rows[0].past.last_good.as_ref().unwrap();
    assert_eq!(rows[0].since.last_other, Some(good.at));
}

#[tokio::test(start_paused = true)]
async fn known_namesakes_share_one_list() {
    let told = Arc::new(Told::new(&[]));
    let known = ["h\\A", "h\\B", "h,1433"].map(instance);
    let namesakes = known.iter().map(|instance| &**instance).collect();
    rows(
        &told,
        &["h\\A", "other\\A"],
        Options {
            namesakes,
            ..options()
        },
    )
    .await;
    let forms: Vec<_> = told
        .log
        .lock()
        .unwrap()
        .iter()
        .map(|entry| entry.form)
        .collect();
    assert_eq!(forms, [BrowserForm::List, BrowserForm::Name]);
}

#[tokio::test(start_paused = true)]
async fn a_long_list_is_never_held_as_a_whole() {
    let told = Arc::new(Told::new(&[]));
    let read = Arc::new(Mutex::new(0_usize));
    let counted = Arc::clone(&read);
    let all = 2 * super::in_flight_limit(None);
    let instances = stream::iter((0..all).map(move |n| {
        *counted.lock().unwrap() += 1;
        instance(&format!("db{n}"))
    }));
    let (mut done, mut ahead) = (0, 0);
    check_by(&told, instances, &Arc::new(options()), |rows| {
        done += rows.len();
        ahead = ahead.max(*read.lock().unwrap() - done);
    })
    .await;
    assert_eq!(done, all);
    assert!(ahead <= super::in_flight_limit(None), "{ahead}");
}
