//! One probe more, taken into the ledger of a fleet that is well: the steady path, diagnosis
//! and history included.

use criterion::Criterion;

use crate::fixtures::fleet;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fold");
    for count in [100, 10_000] {
        let mut probe = fleet::goes_on(count);
        group.bench_function(format!("a probe, {count} watched"), |b| b.iter(&mut probe));
    }
}
