//! The incidents of what is watched, as the screen and the reports read them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::diagnosis::incident::Incident;

/// Which incident: stays the same while instances join and leave, as long as some stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u32);

/// The incidents of this moment, in the order in which they were found. The numbers of
/// their members are those of the rows.
pub type Incidents = BTreeMap<IncidentId, Arc<Incident>>;
