//! The other faces: a row, or an audit, as text for people and as JSON for scripts.

pub mod audit;
mod connections;
pub mod explanation;
#[cfg(test)]
pub(crate) mod fixture;
pub mod handoff;
mod harmless;
pub mod json;
mod markdown;
mod moments;
pub mod report;
mod script;
pub mod text;

use crate::advice::{self, Advice, ClientWould};
use crate::monitor::Row;

/// The words for a row; `None` before its first result.
fn advice(row: &Row) -> Option<Advice> {
    let case = row.case();
    let target = row.instance.target.as_deref().map_err(|error| &**error);
    advice::advise_any(
        target,
        &row.instance.declared,
        case.as_ref().zip(row.diagnosis.as_deref()),
    )
}

/// What clients would experience at a name with several addresses; empty for others.
fn clients_would(row: &Row) -> Vec<ClientWould> {
    let case = row.case();
    case.map_or_else(Vec::new, |case| advice::clients_would(&case))
}
