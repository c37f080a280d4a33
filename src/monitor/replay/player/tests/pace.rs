//! How long it takes to go back. Run by hand, for the numbers in docs/recording.md:
//! `cargo test --release --lib how_long_going_back_takes -- --ignored --nocapture`, with the
//! hours in `HOURS`.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use super::*;
use crate::monitor::recorder::tests::header;
use crate::monitor::recorder::{Entry, Line, Watched};
use crate::monitor::replay::Recording;
use crate::monitor::tests::{instance, saw};
use crate::monitor::{Event, InstanceId};

const INSTANCES: u32 = 200;

/// All are probed every 15 seconds, and now and then one is down for a while.
fn generate(file: &Path, hours: i64) -> u64 {
    let mut out = BufWriter::new(File::create(file).unwrap());
    let mut write = |second: i64, entry: Entry| {
        let line = Line {
            at: at(second),
            entry,
        };
        line.write(&mut out).unwrap();
    };
    write(0, Entry::Recording(header()));
    let address = |id: u32| format!("10.7.{}.{}", id / 20, id % 20 + 1);
    let watched = (0..INSTANCES).map(|id| Watched::new(&instance(&address(id)), None));
    write(0, Entry::Watch(watched.collect()));
    let mut lines = 0;
    for round in 0..hours * 240 {
        for id in 0..INSTANCES {
            let is_down = (round + i64::from(id) * 7) % 400 > 390;
            let mut evidence = saw(&address(id), if is_down { Refused } else { Answering });
            let second = 1 + round * 15 + i64::from(id) * 15 / i64::from(INSTANCES);
            evidence.at = at(second);
            let event = Event::Probed {
                id: InstanceId(id),
                evidence: Box::new(evidence),
            };
            write(second, Entry::Event(event));
            lines += 1;
        }
    }
    out.flush().unwrap();
    lines
}

/// What the process holds in memory, in kilobytes, where that can be asked for.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.unwrap_or_default().to_owned()
}

#[test]
#[ignore = "measures"]
#[expect(clippy::print_stdout, reason = "the numbers are what it is for")]
fn how_long_going_back_takes() {
    let hours = std::env::var("HOURS").map_or(1, |hours| hours.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.jsonl");
    let lines = generate(&file, hours);
    let bytes = std::fs::metadata(&file).unwrap().len();
    println!("{hours} h: {lines} probes, {} MB", bytes / 1_000_000);
    let begin = Instant::now();
    drop(Recording::open(&file).unwrap());
    println!("opening it: {:?}", begin.elapsed());
    for (name, every) in [("from the beginning", u64::MAX), ("by checkpoints", 2_048)] {
        let now = Instant::now();
        let play = Play::new(Recording::open(&file).unwrap(), Arc::default(), now);
        let board = Arc::clone(&play.board);
        let mut cinema = Cinema { play, board, now };
        cinema.play.checkpoints = Checkpoints::every(every);
        println!("{name}, {}", memory());
        for (what, control) in [
            ("to the end", Control::End),
            ("10 s back", Control::Skip(-10)),
            ("1 min back", Control::Skip(-60)),
            ("5 min back", Control::Skip(-300)),
            ("to the beginning", Control::Start),
            ("to the end again", Control::End),
            ("to the change before", Control::PreviousChange),
        ] {
            let begin = Instant::now();
            cinema.press(control);
            println!("  {what}: {:?}", begin.elapsed());
        }
        println!(
            "  {}; kept after {:?}",
            memory(),
            cinema.play.checkpoints.lines()
        );
    }
}
