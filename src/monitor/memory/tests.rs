use std::fs;
use std::sync::Arc;

use jiff::Timestamp;

use super::{Memory, MemoryError, key};
use crate::diagnosis::{Good, Past};
use crate::monitor::tests::instance;
use crate::target::Port;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_096_800 + second).unwrap()
}

fn past(second: i64) -> Arc<Past> {
    let address = "10.0.4.12".parse().unwrap();
    Arc::new(Past {
        last_good: Some(Good {
            at: at(second),
            addresses: vec![address],
            address,
            port: Port::literal(50123),
            version: Some("16.0.4105.2".parse().unwrap()),
        }),
        usual_engine_ms: Some(1.8),
        ..Past::default()
    })
}

#[test]
fn what_is_remembered_is_there_in_the_next_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/memory.json");
    let (mut memory, error) = Memory::open(&path);
    assert!(error.is_none());
    memory.remember(at(1), &instance("sales01\\PROD"), past(1));
    memory.save().unwrap();

    let (memory, error) = Memory::open(&path);
    assert!(error.is_none());
    assert_eq!(
        memory.recall(&instance("tcp:SALES01\\prod")),
        Some(past(1).as_ref().clone())
    );
    assert_eq!(memory.recall(&instance("sales01")), None);
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(left.len(), 1, "no temporary file stays behind");
}

#[test]
fn what_is_remembered_and_what_a_row_says_are_one_copy_and_no_reason_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let (mut memory, _) = Memory::open(&folder.path().join("memory.json"));
    let (db1, db2) = (instance("db1"), instance("db2"));
    memory.remember(at(1), &db1, past(1));
    memory.save().unwrap();
    let newer = past(9);
    memory.renew(&db1, &newer);
    memory.renew(&db2, &newer);
    assert_eq!(Arc::strong_count(&newer), 2);
    memory.renew(&db1, &past(5));
    assert_eq!(memory.recall(&db1), Some(past(9).as_ref().clone()));
    assert_eq!(memory.recall(&db2), None);
    assert!(memory.snapshot().is_none());
}

#[test]
fn spellings_of_one_instance_share_a_memory() {
    let same = [
        "db1",
        "tcp:db1,1433",
        "DB1",
        "Server=db1;Password=geheim",
        "jdbc:sqlserver://db1:1433",
    ];
    for text in same {
        assert_eq!(key(&instance(text)), "db1,1433", "{text}");
    }
    assert_eq!(key(&instance("db1\\PROD")), "db1\\prod");
    assert_eq!(key(&instance("db1\\PROD,50123")), "db1,50123");
}

#[test]
fn no_password_reaches_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (mut memory, _) = Memory::open(&path);
    for text in [
        "Server=db1;User Id=sa;Password=geheim",
        "Server=;Password=geheim;=",
        "sqlserver://sa:geheim@db1",
    ] {
        memory.remember(at(1), &instance(text), past(1));
    }
    memory.save().unwrap();
    assert!(!fs::read_to_string(&path).unwrap().contains("geheim"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    fs::write(&path, "{\"version\":1,\"instances\":[]}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (mut memory, _) = Memory::open(&path);
    memory.remember(at(1), &instance("db1"), past(1));
    memory.save().unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn a_reader_sees_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (mut memory, _) = Memory::open(&path);
    memory.remember(at(1), &instance("db1"), past(1));
    memory.save().unwrap();
    let mut old = fs::File::open(&path).unwrap();
    memory.remember(at(2), &instance("db2"), past(2));
    memory.save().unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut old, &mut text).unwrap();
    assert!(
        text.contains("db1") && !text.contains("db2"),
        "the old file was not written into"
    );
}

#[test]
fn a_damaged_file_is_kept_aside_and_the_next_one_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    for damaged in [
        "",
        "{",
        "[]",
        "{\"version\":1,\"instances\":[{\"target\":7}]}",
        "\u{0}\u{1b}[31m",
    ] {
        fs::write(&path, damaged).unwrap();
        let (mut memory, error) = Memory::open(&path);
        assert!(
            matches!(error, Some(MemoryError::Damaged { .. })),
            "{damaged}: {error:?}"
        );
        assert_eq!(
            fs::read_to_string(folder.path().join("memory.json.bad")).unwrap(),
            damaged
        );
        memory.remember(at(1), &instance("db1"), past(1));
        memory.save().unwrap();
        assert!(Memory::open(&path).0.recall(&instance("db1")).is_some());
    }
}

#[test]
fn the_file_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let newer = "{\"version\":2,\"instances\":{}}";
    fs::write(&path, newer).unwrap();
    let (mut memory, error) = Memory::open(&path);
    assert!(matches!(error, Some(MemoryError::Unreadable { .. })));
    memory.remember(at(1), &instance("db1"), past(1));
    memory.save().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
}

#[test]
fn two_runs_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (mut one, _) = Memory::open(&path);
    let (mut other, _) = Memory::open(&path);
    one.remember(at(1), &instance("db1"), past(1));
    one.remember(at(1), &instance("both"), past(1));
    one.save().unwrap();
    other.remember(at(2), &instance("db2"), past(2));
    other.remember(at(2), &instance("both"), past(2));
    other.save().unwrap();
    let (memory, _) = Memory::open(&path);
    let good = |text| {
        memory
            .recall(&instance(text))
            .and_then(|past| past.last_good)
            .map(|good| good.at)
    };
    assert_eq!(
        (good("db1"), good("db2"), good("both")),
        (Some(at(1)), Some(at(2)), Some(at(2)))
    );
    assert!(other.recall(&instance("db1")).is_some());
}

#[test]
fn the_oldest_are_forgotten_and_the_bound_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (mut memory, _) = Memory::open(&path);
    let count = i64::try_from(Memory::MAX).unwrap() + 10;
    for n in 0..count {
        memory.remember(at(n), &instance(&format!("db{n}")), past(n));
    }
    memory.save().unwrap();
    let (memory, _) = Memory::open(&path);
    assert_eq!(memory.known.len(), Memory::MAX);
    assert!(memory.recall(&instance("db9")).is_none());
    assert!(memory.recall(&instance("db10")).is_some());
}

#[test]
fn a_disk_that_fails_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let blocker = folder.path().join("state");
    fs::write(&blocker, "a file where the folder should be").unwrap();
    let path = blocker.join("memory.json");
    let mut memory = Memory {
        path: Some(path.clone()),
        ..Memory::default()
    };
    memory.remember(at(1), &instance("db1"), past(1));
    assert!(memory.save().is_err());
    fs::remove_file(&blocker).unwrap();
    memory.save().unwrap();
    assert!(Memory::open(&path).0.recall(&instance("db1")).is_some());
}

#[test]
fn nothing_is_written_when_nothing_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let (mut memory, _) = Memory::open(&path);
    memory.remember(at(1), &instance("db1"), Arc::default());
    assert!(memory.snapshot().is_none());
    memory.save().unwrap();
    assert!(!path.exists());
}

/// As it was written before connect times, instances of ports and hosts that came up were kept.
#[test]
fn a_file_of_an_older_program_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.json");
    let old = r#"{"version":1,"instances":[{"target":"sales01,50123","at":"2026-11-20T08:00:00Z","past":{
        "last_good":{"at":"2026-11-20T08:00:00Z","addresses":["10.0.4.12"],"address":"10.0.4.12","port":50123,"version":"16.0.4105.2"},
        "changed":null,"moved_from":null,"usual_engine_ms":1.8,"recent_engine_ms":[1.8],"flapping":false}}]}"#;
    fs::write(&path, old).unwrap();
    let (mut memory, error) = Memory::open(&path);
    assert!(error.is_none(), "{error:?}");
    let target = instance("sales01,50123");
    let past = memory.recall(&target).unwrap();
    assert_eq!(
        (past.instance_there.clone(), past.host_came_up),
        (None, None)
    );
    assert_eq!((past.usual_connect_ms, past.port_before), (None, None));

    let newer = Past {
        instance_there: Some(crate::target::InstanceName::new("PROD").unwrap()),
        instance_on: Some(Port::literal(51001)),
        host_came_up: Some(at(5)),
        port_before: Some((at(4), Port::literal(50200))),
        usual_connect_ms: Some(0.4),
        recent_connect_ms: vec![0.4].into(),
        ..past
    };
    memory.remember(at(6), &target, Arc::new(newer.clone()));
    memory.save().unwrap();
    assert_eq!(Memory::open(&path).0.recall(&target), Some(newer));
}
