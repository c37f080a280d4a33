//! The functions that the fuzzer calls are those that the tests call.

#[path = "../../tests/fuzzed/bodies.rs"]
pub mod bodies;
