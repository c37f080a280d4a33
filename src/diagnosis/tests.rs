//! The verdicts, as tables of cases.

mod causes;
mod contradictions;
mod engine;
mod listeners;
mod near_misses;
mod next_tests;
mod past;
mod properties;
mod resets;
mod rules;
mod shown;
mod states;
mod trap;
mod words;
