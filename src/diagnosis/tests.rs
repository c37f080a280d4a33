//! The verdicts, as tables of cases.

mod causes;
mod listeners;
mod near_misses;
mod next_tests;
mod properties;
mod states;
mod trap;
mod words;
