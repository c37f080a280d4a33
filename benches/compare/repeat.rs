//! One piece, so many times over, whose instructions `.ci/instructions` counts.

use std::ffi::OsString;
use std::hint::black_box;

use anyhow::{Context as _, bail};
use sqlreach::diagnosis::diagnose;
use sqlreach::tui::filter::Filter;
use sqlreach::wire::ssrp::{Reply, Request};
use sqlreach::wire::tds::{PreloginReply, PreloginRequest};

use super::fixtures::screen::Screen;
use super::fixtures::{cases, fleet, packets, seen};

/// Instances of a fleet: enough that work which grows with them would show.
const FLEET: u32 = 1_000;

/// The part `repeat`: `PIECE TIMES`.
pub fn run(words: &[OsString]) -> anyhow::Result<()> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let [name, times] = words[..] else {
        bail!("repeat PIECE TIMES");
    };
    let times: u32 = times.parse()?;
    let mut work = piece(name).with_context(|| format!("no piece is called {name}"))?;
    for _ in 0..times {
        work();
    }
    Ok(())
}

fn piece(name: &str) -> Option<Box<dyn FnMut()>> {
    Some(match name {
        // What a probe of a named instance writes and reads.
        "codec" => {
            let (list, answer) = (packets::list(1), packets::prelogin());
            Box::new(move || {
                black_box(Request::Instance(black_box("PROD01")).encode());
                let _ = black_box(Reply::decode(black_box(&list)));
                let request = PreloginRequest {
                    instance: black_box("PROD01"),
                    trace: [7; 8],
                };
                black_box(request.encode());
                black_box(PreloginReply::decode(black_box(&answer)));
            })
        }
        // One case of each common state.
        "diagnosis" => {
            let scenes = cases::common();
            Box::new(move || {
                for scene in &scenes {
                    black_box(diagnose(black_box(&scene.case())));
                }
            })
        }
        "fold" => Box::new(fleet::goes_on(FLEET)),
        // With the copy of the ledger that it is done in.
        "grouping" => {
            let fell = fleet::outage(FLEET);
            Box::new(move || {
                let mut ledger = fell.clone();
                black_box(ledger.regroup());
            })
        }
        "filter" => {
            let rows = fleet::rows(&fleet::morning(FLEET));
            Box::new(move || {
                let filter = Filter::parse(black_box("sql0004 state:refused,silent")).ok();
                let shows = |row| {
                    filter
                        .as_ref()
                        .is_some_and(|one| one.shows(row, seen::dawn()))
                };
                black_box(rows.iter().filter(|row| shows(row)).count());
            })
        }
        "draw" => {
            let mut screen = Screen::of(&fleet::morning(FLEET));
            Box::new(move || screen.draw())
        }
        _ => return None,
    })
}
