//! What `discover` prints: for each address of a host what Browser says, what the port
//! did and what answers there, side by side; as a table for people, as JSON for scripts.

mod document;
mod table;

pub use document::document;
pub use table::{host, summary};

use crate::evidence::Audit;

/// One host that was audited.
#[derive(Clone, Debug)]
pub struct Audited {
    /// The host as it was given.
    pub host: String,
    /// What was seen.
    pub audit: Audit,
}
