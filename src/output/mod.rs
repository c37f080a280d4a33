//! The other faces: a row as text for people, as JSON for scripts.

pub mod handoff;
mod harmless;
pub mod json;
mod markdown;
pub mod text;

use crate::advice::{self, Advice};
use crate::monitor::Row;

/// The words for a row; `None` before its first result.
fn advice(row: &Row) -> Option<Advice> {
    let case = row.case();
    let target = row.instance.target.as_deref();
    advice::advise_any(
        target,
        &row.instance.declared,
        case.as_ref().zip(row.diagnosis.as_deref()),
    )
}
