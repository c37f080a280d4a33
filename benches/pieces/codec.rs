//! The codecs: what is written and read once for each probe.

use std::hint::black_box;

use criterion::Criterion;
use sqlreach::wire::ssrp::{Reply, Request};
use sqlreach::wire::tds::{PreloginReply, PreloginRequest, decode_client};

use crate::fixtures::packets;

pub fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec");

    let request = Request::Instance("PROD01");
    group.bench_function("ssrp request", |b| b.iter(|| black_box(&request).encode()));
    for instances in [1, 50] {
        let datagram = packets::list(instances);
        group.bench_function(format!("ssrp reply of {instances}"), |b| {
            b.iter(|| Reply::decode(black_box(&datagram)));
        });
    }
    let reply = Reply::decode(&packets::list(1)).expect("a reply");
    group.bench_function("ssrp reply, written", |b| {
        b.iter(|| black_box(&reply).encode());
    });

    let request = PreloginRequest {
        instance: "PROD01",
        trace: *b"12345678",
    };
    group.bench_function("prelogin request", |b| {
        b.iter(|| black_box(&request).encode());
    });
    let sent = request.encode();
    group.bench_function("prelogin request, as a server reads it", |b| {
        b.iter(|| decode_client(black_box(&sent)));
    });
    let answer = packets::prelogin();
    group.bench_function("prelogin reply", |b| {
        b.iter(|| PreloginReply::decode(black_box(&answer)));
    });
}
