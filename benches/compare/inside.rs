//! The pure parts by themselves, in this process. Of many short batches the least counts: what
//! disturbs one only ever adds, and a short one may escape it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use sqlreach::diagnosis::diagnose;

use super::Ground;
use super::fixtures::screen::Screen;
use super::fixtures::{cases, fleet};
use super::table::Line;

/// Rows of a large fleet, and of a small one.
const LARGE: u32 = 10_000;
const SMALL: u32 = 100;

/// One case of each common state, of which the dearest counts.
pub fn diagnosis(_: &Ground) -> anyhow::Result<Vec<Line>> {
    let costs: Vec<(&str, f64)> = cases::common()
        .iter()
        .map(|scene| {
            let case = scene.case();
            let work = || _ = black_box(diagnose(black_box(&case)));
            (scene.name, least(100, 200, work).as_secs_f64() * 1e6)
        })
        .collect();
    let seen: Vec<String> = costs
        .iter()
        .map(|(name, micros)| format!("{name} {micros:.2}"))
        .collect();
    let dearest = costs.iter().map(|(_, micros)| *micros);
    Ok(vec![Line {
        work: "diagnosis of one case, ranking included",
        seen: seen.join(", "),
        got: dearest.max_by(f64::total_cmp).context("there are cases")?,
        most: 3.0,
        unit: "µs",
    }])
}

/// All that follows for the incidents when ten thousand fell.
pub fn grouping(_: &Ground) -> anyhow::Result<Vec<Line>> {
    let fell = fleet::outage(LARGE);
    let mut incidents = 0;
    let times = (0..30).map(|_| {
        let mut ledger = fell.clone();
        let took = took(|| _ = black_box(ledger.regroup()));
        incidents = ledger.incidents().len();
        took
    });
    let least = times.min().context("run at least once")?;
    ensure!(incidents > 1, "nothing was grouped");
    Ok(vec![Line {
        work: "incident grouping of 10,000 changed instances",
        seen: format!("into {incidents} incidents, named and written into the rows"),
        got: least.as_secs_f64() * 1e3,
        most: 10.0,
        unit: "ms",
    }])
}

/// The whole screen, with its causes and commands.
pub fn draw(_: &Ground) -> anyhow::Result<Vec<Line>> {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let [(small, _), (large, shown)] = [SMALL, LARGE].map(|count| {
        let mut screen = Screen::of(&fleet::morning(count));
        let drawn = least(200, 2, || screen.draw());
        (ms(drawn), ms(least(200, 2, || screen.show())))
    });
    Ok(vec![
        Line {
            work: "draw, 10,000 rows, 200×60",
            seen: format!("{shown:.3} ms with ratatui's search for what changed"),
            got: large,
            most: 0.5,
            unit: "ms",
        },
        Line {
            work: "the same",
            seen: format!("{small:.3} ms with 100 rows"),
            got: large / small,
            most: 1.3,
            unit: "of a draw with 100 rows",
        },
    ])
}

/// The time of one, in the best of several batches.
fn least(batches: u32, each: u32, mut work: impl FnMut()) -> Duration {
    let batch = |_| took(|| (0..each).for_each(|_| work())) / each;
    (0..batches).map(batch).min().unwrap_or_default()
}

fn took(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}
