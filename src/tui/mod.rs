//! The screen: its state, its keys, its panes, and the terminal it is drawn on.
//!
//! A key becomes an [`Action`](action::Action) through the [key map](keymap), the
//! [state](app::App) changes, and [`view::draw`] is a function of that state.

pub mod acknowledging;
pub mod action;
mod alarm;
pub mod app;
pub mod ascii;
pub mod attention;
mod burst;
pub mod cells;
pub mod clipboard;
pub mod columns;
mod filing;
pub mod filter;
pub mod fleet;
pub mod glyph;
mod handing;
pub mod help;
mod importing;
mod input;
mod keeping;
pub mod keymap;
pub mod layout;
pub mod marker;
pub mod menu;
pub mod mouse;
pub mod plain;
pub mod proving;
pub mod reading;
mod run;
mod signals;
pub mod sort;
mod source;
pub mod summary;
mod terminal;
pub mod text;
pub mod theme;
pub mod view;
pub mod waterfall;
pub mod window;

#[cfg(test)]
mod failover_tests;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use app::About;
pub use run::{Ended, run};
pub use source::Source;
pub use theme::{Device, Theme};
