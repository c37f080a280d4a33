//! What is written, what is not, and what is read back.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use super::format::{Entry, Header, Line, Watched};
use super::{QUEUE, Recorder};
use crate::config::Instance;
use crate::diagnosis::State::{Answering, Refused};
use crate::evidence::{ConnectStatus, Look, Witness};
use crate::monitor::tests::{at, attempt, audit, saw, vantage};
use crate::monitor::{Acknowledged, Event, InstanceId, Rules};
use crate::target::Untrusted;

/// A file in memory.
#[derive(Clone, Default)]
pub(in crate::monitor) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(in crate::monitor) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<Line> {
        let bytes = self.bytes();
        let lines = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let lines = lines.split(|byte| *byte == b'\n');
        lines.map(|line| Line::read(line).unwrap()).collect()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that takes the first line, and nothing more before it is let go.
struct Stuck {
    paper: Paper,
    first: bool,
    go: Receiver<()>,
}

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !std::mem::take(&mut self.first) {
            self.go.recv().ok();
        }
        self.paper.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A disk that is full after the first line.
struct Full(bool);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::replace(&mut self.0, true) {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(in crate::monitor) fn header() -> Header {
    Header::new("jump01", &Rules::default())
}

fn asked(id: u32) -> Event {
    Event::Asked { id: InstanceId(id) }
}

fn stuck() -> (Recorder, Paper, SyncSender<()>) {
    let paper = Paper::default();
    let (let_go, go) = sync_channel(1);
    let disk = Stuck {
        paper: paper.clone(),
        first: true,
        go,
    };
    (Recorder::to(disk, at(0), header()).unwrap(), paper, let_go)
}

/// One of each kind.
fn events() -> Vec<Event> {
    let id = InstanceId(3);
    let look = Look::Port(attempt("10.0.4.12:445", ConnectStatus::Open));
    vec![
        Event::Probed {
            id,
            evidence: Box::new(saw("10.0.4.12", Refused)),
        },
        Event::Witnessed {
            id,
            witness: Witness { at: at(1), look },
        },
        asked(3),
        Event::Overdue { id },
        Event::Paused { paused: true },
        Event::Acknowledged {
            id,
            acknowledged: Some(Acknowledged {
                reason: "Änderung läuft".into(),
                until: Some(at(60)),
            }),
        },
        Event::Vantage {
            vantage: vantage(true),
        },
        Event::Verified { id, attempt: None },
        Event::Audited {
            id,
            audit: Box::new(audit(5)),
        },
    ]
}

#[test]
fn every_event_is_read_as_it_was_written() {
    let paper = Paper::default();
    let mut recorder = Recorder::to(paper.clone(), at(0), header()).unwrap();
    for (second, event) in (1..).zip(events()) {
        recorder.event(at(second), &event);
    }
    drop(recorder);
    let lines = paper.lines();
    assert_eq!(lines[0].entry, Entry::Recording(header()));
    for (second, (line, event)) in (1..).zip(lines[1..].iter().zip(events())) {
        let entry = Entry::Event(event);
        assert_eq!(
            *line,
            Line {
                at: at(second),
                entry
            }
        );
    }
    assert_eq!(lines.len(), events().len() + 1);
}

#[test]
fn what_the_disk_was_too_slow_for_is_a_gap() {
    let (mut recorder, paper, let_go) = stuck();
    let mut sent: u32 = 0;
    let missing = |recorder: &Recorder| recorder.missing.lock().unwrap().is_some();
    let mut write_one = |recorder: &mut Recorder| {
        recorder.event(at(sent.into()), &asked(sent));
        sent += 1;
    };
    while !missing(&recorder) {
        write_one(&mut recorder);
    }
    write_one(&mut recorder);
    drop(let_go);
    while missing(&recorder) {
        write_one(&mut recorder);
    }
    drop(recorder);

    let lines = paper.lines();
    let mut next: u32 = 0;
    let mut gaps = 0;
    for line in &lines[1..] {
        match &line.entry {
            Entry::Gap(gap) => {
                assert_eq!(gap.from, at(next.into()));
                next += u32::try_from(gap.lines).unwrap();
                assert_eq!((gap.to, line.at), (at((next - 1).into()), gap.to));
                gaps += 1;
            }
            entry => {
                assert_eq!(*entry, Entry::Event(asked(next)), "in the order as it came");
                next += 1;
            }
        }
    }
    // A disk that has only just caught up may be too slow once more.
    assert!(gaps >= 1, "no gap");
    assert_eq!(next, sent, "nothing is missing that no gap tells");
    assert!(lines.len() > QUEUE);
}

#[test]
fn what_is_missing_at_the_end_is_a_gap_too() {
    let (mut recorder, paper, let_go) = stuck();
    while recorder.missing.lock().unwrap().is_none() {
        recorder.event(at(7), &asked(0));
    }
    drop(let_go);
    drop(recorder);
    let last = paper.lines().pop().unwrap();
    assert!(
        matches!(last.entry, Entry::Gap(gap) if gap.lines == 1),
        "{last:?}"
    );
}

#[test]
fn a_list_of_instances_that_cannot_be_told_ends_the_recording() {
    let (mut recorder, _paper, let_go) = stuck();
    while recorder.missing.lock().unwrap().is_none() {
        recorder.event(at(7), &asked(0));
    }
    recorder.watch(at(8), &[], |_| None);
    let reason = recorder.trouble().reason().unwrap().to_owned();
    assert!(reason.contains("the disk does not keep up"), "{reason}");
    drop(let_go);
}

#[test]
fn a_disk_that_is_full_ends_the_recording_and_nothing_else() {
    let mut recorder = Recorder::to(Full(false), at(0), header()).unwrap();
    let trouble = recorder.trouble();
    // More than is kept before it is written.
    for second in 0..200 {
        recorder.event(at(second), &events()[0]);
    }
    recorder.lines = None;
    recorder.done.recv().unwrap_err();
    let reason = trouble.reason().unwrap();
    assert_eq!(
        reason,
        io::Error::from(io::ErrorKind::StorageFull).to_string()
    );
    recorder.event(at(300), &asked(0));
}

#[test]
fn a_disk_that_is_full_from_the_start_is_an_error_of_the_command() {
    let error = Recorder::to(Full(true), at(0), header()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn a_file_that_is_there_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    std::fs::write(&file, "mine").unwrap();
    let error = Recorder::create(&file, at(0), header()).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_a_recording() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.jsonl");
    drop(Recorder::create(&file, at(0), header()).unwrap());
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_password_is_written() {
    let mut instance = Instance::from_text("Server=db1;User ID=sa;Password=geheim1");
    instance.name = "db1 Password=geheim2".into();
    instance.tags = vec!["pwd=geheim3".into()];
    instance.note = Some("sqlcmd -S db1 -U sa -P geheim4".into());
    let broken = Instance::from_text("Server=db1/;Password=geheim5");
    let paper = Paper::default();
    let mut recorder = Recorder::to(paper.clone(), at(0), header()).unwrap();
    recorder.watch(at(0), &[instance.into(), broken.into()], |_| None);
    let acknowledged = Some(Acknowledged {
        reason: "restarted with Password=geheim6".into(),
        until: None,
    });
    let id = InstanceId(0);
    recorder.event(at(1), &Event::Acknowledged { id, acknowledged });
    let window = Some(crate::monitor::Maintained {
        name: "patch night, Password=geheim7".into(),
        until: at(60),
    });
    recorder.event(at(2), &Event::Maintained { id, window });
    drop(recorder);
    let text = String::from_utf8(paper.bytes()).unwrap();
    assert!(!text.contains("geheim"), "{text}");
    assert!(text.contains("User ID=sa;Password=***"), "{text}");
}

#[test]
fn an_instance_is_watched_again_as_it_was() {
    for text in [
        r"sales01\PROD",
        "tcp:db1,1433",
        "Server=db1;User ID=sa;Password=geheim",
        "sqlserver://sa:geheim@db1:1433",
        "db1/PROD",
    ] {
        let mut instance = Instance::from_text(text);
        instance.tags = vec!["prod".into()];
        instance.note = Some("call ext. 4711".into());
        instance.interval = Some(std::time::Duration::from_secs(5));
        instance.declared.expected_live = Some(1);
        let entry = Entry::Watch(vec![Watched::new(&instance, None)]);
        let mut text = Vec::new();
        Line { at: at(0), entry }.write(&mut text).unwrap();
        let Some(Entry::Watch(watched)) = Line::read(text.trim_ascii_end()).map(|l| l.entry) else {
            panic!("{}", String::from_utf8_lossy(&text));
        };
        assert_eq!(*watched[0].instance(), instance);
    }
}

#[test]
fn no_text_that_was_tampered_with_steers_the_terminal() {
    let mut evidence = saw("10.0.4.12", Answering);
    evidence.layers.resolve.canonical = Some(Untrusted::from_bytes(b"x\x1b]0;pwned\x07"));
    evidence.layers.resolve.system_error = Some("y\u{202e}\u{9b}31m".into());
    let id = InstanceId(0);
    let mut host = vantage(true);
    host.host = "z\u{1b}[2J".into();
    let mut instance = Instance::from_text("db1");
    instance.name = "n\u{7f}\u{200b}".into();
    for entry in [
        Entry::Event(Event::Probed {
            id,
            evidence: Box::new(evidence),
        }),
        Entry::Event(Event::Vantage { vantage: host }),
        Entry::Watch(vec![Watched::new(&instance, None)]),
    ] {
        let mut text = Vec::new();
        Line { at: at(0), entry }.write(&mut text).unwrap();
        let line = Line::read(text.trim_ascii_end()).unwrap();
        let read = serde_json::to_string(&line).unwrap();
        assert!(read.contains('\u{fffd}'), "{read}");
        let hides = |c: char| c.is_control() || matches!(c, '\u{200b}' | '\u{202e}');
        assert!(!read.contains(hides) && !read.contains("\\u"), "{read}");
    }
}
