//! What a running prober has written down comes to the same rows when it is replayed.

use std::path::PathBuf;

use super::*;
use crate::config::{Instance, Probe};
use crate::monitor::replay::{Recording, through};
use crate::monitor::{Acknowledged, Header, Rules};

/// A recorder, and the file that it writes.
fn recorder(config: &Config) -> (Recorder, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.jsonl");
    let header = Header::new("jump01", &Rules::from(&config.probe));
    let recorder = Recorder::create(&file, at(0), header).unwrap();
    (recorder, file, folder)
}

/// All of a row that a replay is to show as it was. A probe that is under way is none of it,
/// and windows of maintenance are recorded by what came of them.
fn shown(board: &Board) -> Vec<String> {
    let shown = |row: &Arc<Row>| {
        let mut row = Row::clone(row);
        let mut instance = Instance::clone(&row.instance);
        instance.maintenance = Vec::new();
        row.instance = Arc::new(instance);
        row.probing = false;
        row.auditing = false;
        format!("{row:#?}")
    };
    board.rows().iter().map(shown).collect()
}

fn replayed(file: &std::path::Path) -> Board {
    let board = Board::default();
    through(Recording::open(file).unwrap(), &board, |_| Ok(())).unwrap();
    board
}

#[tokio::test(start_paused = true)]
async fn what_a_prober_records_is_replayed_to_the_same_rows() {
    let told = Told::new(&[
        ("a", &[Answering, Answering, Refused]),
        ("other", &[Answering, TimedOut, Answering]),
    ]);
    let mut config = maintained("a");
    config.probe = super::config(&[]).probe;
    config.instances.push(instance("other"));
    config.instances.push(instance("gone"));
    let watched = config.instances.clone();
    let (recorder, file, _folder) = recorder(&config);
    let running = Running::recorded(told, config.clone(), Memory::default(), Some(recorder));

    let row = running.row(0, |row| row.state == Refused).await;
    assert!(!row.transitions.is_empty());
    let id = InstanceId(0);
    let acknowledge = |reason: &str, until| {
        let reason = reason.into();
        Command::Acknowledge(id, Some(Acknowledged { reason, until }))
    };
    running.send(acknowledge("patching", None)).await;
    running.row(0, |row| row.marks.acknowledged.is_some()).await;
    running.row(0, |row| row.marks.maintenance.is_some()).await;
    let probe = Probe {
        down_after: 1,
        up_after: 3,
        interval: Duration::from_secs(40),
        ..config.probe
    };
    running.send(Command::Configure(Box::new(probe))).await;
    running.pass(90).await;
    running.send(Command::Pause(true)).await;
    running.row(0, |row| row.marks.paused).await;
    let soon = wall() + Duration::from_secs(20);
    running.send(acknowledge("until soon", Some(soon))).await;
    // Its time is over while nobody is probed.
    running.row(0, |row| row.marks.acknowledged.is_none()).await;
    running.send(Command::Pause(false)).await;
    running.pass(20).await;
    running.told.answer("a", [Answer::State(Answering)]);
    let list = vec![
        Arc::clone(&watched[1]),
        instance("new"),
        Arc::clone(&watched[0]),
    ];
    running.send(Command::Replace(list)).await;
    running.row(0, |row| row.state == Answering).await;
    running.row(0, |row| row.marks.maintenance.is_none()).await;

    running.stop.cancel();
    running.task.await.unwrap();
    let rows = running.board;
    let replay = replayed(&file);
    let ids: Vec<_> = replay.rows().iter().map(|row| row.id.0).collect();
    assert_eq!(ids, [1, 3, 0]);
    for (row, replayed) in shown(&rows).iter().zip(shown(&replay)) {
        for (line, replayed) in row.lines().zip(replayed.lines()) {
            assert_eq!(line, replayed, "in {row}");
        }
        assert_eq!(*row, replayed);
    }
    let entries = format!("{:?}", replay.rows()[2].diary);
    for what in ["patching", "patch night", "until soon"] {
        assert!(entries.contains(what), "{what} is in the diary: {entries}");
    }
}

/// Nothing else happens then that would tell a replay that the time is over.
#[tokio::test(start_paused = true)]
async fn an_acknowledgement_that_ends_during_a_pause_ends_in_the_replay_too() {
    let config = config(&["a"]);
    let (recorder, file, _folder) = recorder(&config);
    let told = Told::new(&[("a", &[Refused])]);
    let running = Running::recorded(told, config, Memory::default(), Some(recorder));
    running.row(0, |row| row.state == Refused).await;
    running.send(Command::Pause(true)).await;
    let acknowledged = Acknowledged {
        reason: "until soon".into(),
        until: Some(wall() + Duration::from_secs(20)),
    };
    let command = Command::Acknowledge(InstanceId(0), Some(acknowledged));
    running.send(command).await;
    running.row(0, |row| row.marks.acknowledged.is_some()).await;
    running.row(0, |row| row.marks.acknowledged.is_none()).await;
    running.stop.cancel();
    running.task.await.unwrap();
    let replay = replayed(&file);
    assert_eq!(replay.rows()[0].marks.acknowledged, None);
    assert_eq!(shown(&running.board), shown(&replay));
}
