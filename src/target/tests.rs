//! The room from outside: tables of spellings, mistakes and secrets, and what must hold for any text.

mod mistakes;
mod properties;
mod secrets;
mod spellings;
mod tokens;
