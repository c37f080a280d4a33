//! Ten thousand instances that failed together, grouped into incidents that have names and
//! are written into their rows: at most 10 ms.

use criterion::{BatchSize, Criterion};

use crate::fixtures::fleet;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("grouping");
    group.sample_size(20);
    for count in [1_000, 10_000] {
        let ledger = fleet::outage(count);
        group.bench_function(format!("{count} changed instances"), |b| {
            b.iter_batched_ref(
                || ledger.clone(),
                sqlreach::monitor::Ledger::regroup,
                BatchSize::PerIteration,
            );
        });
    }
}
