//! The diagnosis of one case, ranking included: at most 3 µs whatever the state.

use std::hint::black_box;

use criterion::Criterion;
use sqlreach::diagnosis::diagnose;

use crate::fixtures::cases;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diagnosis");
    for scene in cases::common() {
        let case = scene.case();
        group.bench_function(scene.name, |b| b.iter(|| diagnose(black_box(&case))));
    }
}
