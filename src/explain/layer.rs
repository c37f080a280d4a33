//! Where a message says that it broke.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the six layers of a probe, or one of the two ends that no probe walks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The connection string: nothing was sent.
    Target,
    /// The name.
    Resolve,
    /// SQL Server Browser.
    Browser,
    /// The TCP connection.
    Connect,
    /// The engine's first answer.
    Prelogin,
    /// The TLS handshake.
    Tls,
    /// The login.
    Login,
    /// After the login: the connection had worked.
    Session,
}

impl Layer {
    /// The word, as it stands on the screen and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Resolve => "resolve",
            Self::Browser => "browser",
            Self::Connect => "connect",
            Self::Prelogin => "prelogin",
            Self::Tls => "tls",
            Self::Login => "login",
            Self::Session => "session",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
