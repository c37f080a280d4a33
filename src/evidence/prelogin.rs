//! The layer `prelogin`: what the engine, or whatever owns the port, answered.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Elapsed, Service};
use crate::target::Untrusted;

/// What answered on the open port.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prelogin {
    /// The outcome.
    pub status: PreloginStatus,
    /// The endpoint that was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<SocketAddr>,
    /// When the request began, counted from the beginning of the probe. `None` where it is not
    /// known: it was seen by another probe, or the recording is older than this field.
    #[serde(
        rename = "started_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub started: Option<Elapsed>,
    /// Time from the request to the last byte of the answer, or of the wait.
    #[serde(
        rename = "elapsed_ms",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub elapsed: Option<Elapsed>,
    /// Product version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Encryption offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<EncryptionOffer>,
    /// INSTOPT: whether the engine owns the instance name that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_matches: Option<bool>,
    /// Multiple active result sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mars: Option<bool>,
    /// Federated authentication required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub federated_authentication: Option<bool>,
    /// The first bytes in hex, where they are no PRELOGIN answer, or only the beginning of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_bytes: Option<Box<str>>,
    /// The service that was recognised instead of SQL Server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// The error that a TDS server answered with, in place of options (`malformed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<ServerError>>,
    /// The error of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_error: Option<i32>,
}

/// The outcome of the layer `prelogin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreloginStatus {
    /// The layer was not reached.
    #[default]
    Skipped,
    /// An engine answered, and nothing contradicts the instance that was wanted.
    Ok,
    /// Nothing, or not enough, came in time.
    Silent,
    /// FIN instead of an answer.
    Closed,
    /// RST instead of an answer.
    Reset,
    /// Another service answered.
    NotTds,
    /// A TDS answer that is none to PRELOGIN: nonsense, or an error.
    Malformed,
    /// An engine answered that is another instance.
    InstanceMismatch,
}

/// An error that a server, or the gateway before it, answered with (\[MS-TDS\] 2.2.7.10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerError {
    /// Its number: 40613 is a database that Azure cannot reach now.
    pub number: u32,
    /// Its text, as it came.
    pub message: Untrusted,
}

/// The encryption offer of an engine ([MS-TDS] 2.2.6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionOffer {
    /// Available, used for the login.
    Off,
    /// On.
    On,
    /// Not supported.
    NotSupported,
    /// Forced by the server.
    Required,
    /// A value the specification does not know.
    Other(u8),
}

/// A product version: `16.0.4105.2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    /// 16 is SQL Server 2022.
    pub major: u8,
    /// 50 marks 2008 R2.
    pub minor: u8,
    /// The build.
    pub build: u16,
    /// The sub-build.
    pub sub_build: u16,
}

/// A text that is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version looks like 16.0.4105.2")]
pub struct VersionError;

impl Version {
    /// `SQL Server 2022`; `None` for a major version that is not known here.
    pub fn product(self) -> Option<&'static str> {
        Some(match (self.major, self.minor) {
            (8, _) => "SQL Server 2000",
            (9, _) => "SQL Server 2005",
            (10, 50..) => "SQL Server 2008 R2",
            (10, _) => "SQL Server 2008",
            (11, _) => "SQL Server 2012",
            // Azure SQL Database and Managed Instance report 12.0 as well.
            (12, _) => "SQL Server 2014 or Azure SQL",
            (13, _) => "SQL Server 2016",
            (14, _) => "SQL Server 2017",
            (15, _) => "SQL Server 2019",
            (16, _) => "SQL Server 2022",
            (17, _) => "SQL Server 2025",
            _ => return None,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            major,
            minor,
            build,
            sub_build,
        } = self;
        write!(f, "{major}.{minor}.{build}.{sub_build}")
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        fn part<T: FromStr>(part: Option<&str>) -> Result<T, VersionError> {
            part.and_then(|part| part.parse().ok()).ok_or(VersionError)
        }
        let mut parts = text.split('.');
        let version = Self {
            major: part(parts.next())?,
            minor: part(parts.next())?,
            build: part(parts.next())?,
            sub_build: part(parts.next())?,
        };
        if parts.next().is_some() {
            Err(VersionError)
        } else {
            Ok(version)
        }
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl TryFrom<String> for Version {
    type Error = VersionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
