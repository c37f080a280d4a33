//! The verdicts, as tables of cases.

mod causes;
mod near_misses;
mod next_tests;
mod properties;
mod resets;
mod states;
mod trap;
mod words;
