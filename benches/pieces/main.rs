//! The pure parts by themselves: `cargo bench --bench pieces`, with the name of one to run
//! it alone.

mod codec;
mod diagnosis;
mod draw;
mod filter;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod fold;
mod grouping;

use std::time::Duration;

use criterion::{Criterion, criterion_main};

fn pieces() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    codec::benches(&mut criterion);
    diagnosis::benches(&mut criterion);
    fold::benches(&mut criterion);
    grouping::benches(&mut criterion);
    filter::benches(&mut criterion);
    draw::benches(&mut criterion);
    criterion.final_summary();
}

criterion_main!(pieces);
