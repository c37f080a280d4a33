//! A filter over ten thousand rows, as with every letter that is typed into its field.

use std::hint::black_box;

use criterion::Criterion;
use sqlreach::tui::filter::Filter;

use crate::fixtures::{fleet, seen};

pub fn benches(criterion: &mut Criterion) {
    let rows = fleet::rows(&fleet::morning(10_000));
    let mut group = criterion.benchmark_group("filter");
    for text in [
        "sql00420",
        "state:refused,timed-out tag:prod",
        "cause:firewall-drops since:<10m",
        "platform:windows -host:sql0004",
    ] {
        group.bench_function(format!("parse {text}"), |b| {
            b.iter(|| Filter::parse(black_box(text)));
        });
        let filter = Filter::parse(text).expect("a filter");
        group.bench_function(format!("10000 rows, {text}"), |b| {
            b.iter(|| {
                let shown = rows.iter().filter(|row| filter.shows(row, seen::dawn()));
                shown.count()
            });
        });
    }
}
