//! What the user declares about a server, because no packet can tell.

use serde::{Deserialize, Serialize};

use super::HostName;

/// What the user declares about an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// What the server runs on; `None` is `auto`: a guess from evidence, shown as one.
    pub platform: Option<Platform>,
    /// How it is built; `None` is `auto`.
    pub kind: Option<Kind>,
    /// The machines of a cluster or listener.
    pub nodes: Vec<HostName>,
    /// How many addresses should answer. `None`: 1 for a listener, else all.
    pub expected_live: Option<u16>,
}

/// What a server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Windows Server.
    Windows,
    /// SQL Server on Linux.
    Linux,
    /// A container, under docker or Kubernetes.
    Container,
    /// Azure SQL Database or Managed Instance.
    Azure,
    /// Amazon RDS.
    Rds,
}

/// How an instance is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One machine.
    Standalone,
    /// A failover cluster instance.
    Fci,
    /// A replica of an availability group.
    AgReplica,
    /// The listener of an availability group.
    AgListener,
}

impl Platform {
    /// All platforms, in the order they are shown.
    pub const ALL: [Self; 5] = [
        Self::Windows,
        Self::Linux,
        Self::Container,
        Self::Azure,
        Self::Rds,
    ];
}
