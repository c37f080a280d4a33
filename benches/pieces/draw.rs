//! One drawing of the whole screen, 200×60: at most 0.5 ms, however many rows there are
//! beside those that are visible.

use criterion::Criterion;

use crate::fixtures::fleet;
use crate::fixtures::screen::Screen;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("draw");
    for count in [100, 10_000] {
        let mut screen = Screen::of(&fleet::morning(count));
        group.bench_function(format!("{count} rows"), |b| b.iter(|| screen.draw()));
        let name = format!("{count} rows, and what changed of it");
        group.bench_function(name, |b| b.iter(|| screen.show()));
    }
}
