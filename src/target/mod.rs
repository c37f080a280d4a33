//! Every spelling of a server, parsed into one [`Target`].
//!
//! What a user, a config file or a connection string calls a server comes in
//! here as text and leaves as checked tokens ([`HostName`], [`InstanceName`],
//! [`Port`]). Nothing else in the program turns text into a command or a
//! packet. Passwords are dropped at the door: [`Target::text`] holds `***`.

mod declared;
mod error;
mod parse;
mod plainly;
mod secret;
mod shown;
#[cfg(test)]
mod tests;
mod token;
mod untrusted;

pub use declared::{Declared, Kind, Platform};
pub use error::TargetError;
pub use parse::parse;
pub(crate) use plainly::Plainly;
pub use secret::mask_secrets;
pub use token::{Host, HostName, InstanceName, Port, TokenError};
pub(crate) use untrusted::is_invisible;
pub use untrusted::{Untrusted, clean};

use serde::{Deserialize, Serialize};

/// The instance that clients mean when they name none.
pub const DEFAULT_INSTANCE: &str = "MSSQLSERVER";

/// What the user wants to reach, parsed from any spelling that a client accepts.
///
/// ```
/// use sqlreach::target::{Remark, Target};
///
/// let target: Target = r"Server=tcp:sales01\PROD;User ID=app;Password=geheim".parse()?;
/// assert_eq!(target.short(), r"sales01\PROD");
/// assert_eq!(target.text, r"Server=tcp:sales01\PROD;User ID=app;Password=***");
/// assert!(target.needs_browser() && target.over_tcp().is_ok());
///
/// let target: Target = "db1:1433".parse()?;
/// assert_eq!(target.remarks, [Remark::ColonPort]);
/// # Ok::<(), sqlreach::target::TargetError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The text as given, with passwords replaced by `***`.
    pub text: String,
    /// The machine, by name or address.
    pub host: Host,
    /// The named instance; `None` is the default instance (or whatever answers on `port`).
    pub instance: Option<InstanceName>,
    /// The TCP port that was given. `None`: 1433, or what Browser says for a named instance.
    pub port: Option<Port>,
    /// The protocol that a prefix or keyword asked for.
    pub protocol: Protocol,
    /// The spelling that the text was written in.
    pub spelling: Spelling,
    /// What a client would trip over in this spelling, though it parses.
    pub remarks: Vec<Remark>,
}

/// The protocol that a target asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// No prefix: a client tries TCP (and may try shared memory and named pipes).
    #[default]
    Any,
    /// `tcp:`
    Tcp,
    /// `np:` or a `\\host\pipe\…` path. Cannot be probed over TCP.
    NamedPipes,
    /// `lpc:`, shared memory on this machine. Cannot be probed over TCP.
    SharedMemory,
    /// `admin:`, the dedicated administrator connection. Never opened unasked.
    Admin,
    /// `(localdb)\name`. Cannot be probed over TCP.
    LocalDb,
}

/// The family of spellings that a text belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spelling {
    /// `host\INST,port` as sqlcmd and SSMS take it.
    #[default]
    Server,
    /// An ADO.NET, ODBC or OLE DB connection string.
    ConnectionString,
    /// `jdbc:sqlserver://…`
    Jdbc,
    /// `sqlserver://…` or SQLAlchemy's `mssql+driver://…`
    Url,
}

/// Something a client would trip over in a target that parses all the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Remark {
    /// Both instance and port: drivers connect to the port and ignore the name.
    PortWins {
        /// The instance that drivers ignore.
        instance: InstanceName,
        /// The port that they use.
        port: Port,
    },
    /// `host\MSSQLSERVER`: SqlClient refuses it (error 25); it means the default instance.
    DefaultInstanceNamed,
    /// An upper-case `TCP:` prefix, which some drivers do not recognise.
    UpperCasePrefix,
    /// `host:port`, as URLs and FreeTDS write it; SqlClient and ODBC want a comma.
    ColonPort,
    /// No backslash, but the text looks as if a shell had eaten one (`db1PROD`).
    MaybeLostBackslash,
    /// A blank after `=` in a connection string: OLE DB takes it as part of the name.
    BlankAfterEquals,
    /// TCP 1434 is the port of the dedicated administrator connection.
    DacPort,
}

/// Why a target that parses cannot be probed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTcp {
    /// A named pipe.
    #[error(
        "named pipes run over SMB (TCP 445), which this tool does not probe; write tcp:HOST,PORT"
    )]
    NamedPipes,
    /// Shared memory.
    #[error(
        "shared memory (lpc:) never leaves the machine, so there is nothing to probe; write tcp:HOST,PORT"
    )]
    SharedMemory,
    /// LocalDB.
    #[error(
        "LocalDB starts with the application and listens on no TCP port, so there is nothing to probe"
    )]
    LocalDb,
    /// The dedicated administrator connection.
    #[error(
        "admin: is the single emergency session of a server and is never opened unasked; write the server without admin:"
    )]
    Admin,
}

impl Target {
    /// Whether the target can be reached over TCP, and if not, why.
    pub fn over_tcp(&self) -> Result<(), NotTcp> {
        match self.protocol {
            Protocol::Any | Protocol::Tcp => Ok(()),
            Protocol::NamedPipes => Err(NotTcp::NamedPipes),
            Protocol::SharedMemory => Err(NotTcp::SharedMemory),
            Protocol::LocalDb => Err(NotTcp::LocalDb),
            Protocol::Admin => Err(NotTcp::Admin),
        }
    }

    /// Whether a client would ask SQL Server Browser for the port:
    /// a named instance without a port (a port always wins).
    pub fn needs_browser(&self) -> bool {
        self.instance.is_some() && self.port.is_none()
    }

    /// `host`, `host\INST`, `host,port`: the shortest spelling a DBA would use.
    /// Parsed again, it gives the same host, instance and port (1433 is left out).
    pub fn short(&self) -> String {
        let mut short = match (self.protocol, &self.instance) {
            (Protocol::LocalDb, Some(_)) => "(localdb)".to_owned(),
            _ => self.host.to_string(),
        };
        if let Some(instance) = &self.instance {
            short.push('\\');
            short.push_str(instance.as_str());
        }
        let port = self
            .port
            .filter(|port| self.instance.is_some() || *port != Port::DEFAULT);
        if let Some(port) = port {
            short.push(',');
            short.push_str(&port.to_string());
        }
        short
    }
}

impl std::str::FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text)
    }
}
