//! The verdicts, as tables of cases.

mod causes;
mod engine;
mod near_misses;
mod next_tests;
mod past;
mod properties;
mod states;
mod trap;
mod words;
