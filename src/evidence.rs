//! What can be seen, as plain serialisable values. No opinions.
//!
//! A probe walks the layers and leaves one [`Evidence`]; an extra look taken after
//! a failure leaves a [`Witness`]. The serde form of [`Layers`] and [`Witness`] is
//! the JSON that scripts read and recordings hold.

mod audit;
mod browser;
mod connect;
mod elapsed;
mod prelogin;
mod resolve;
mod seldom;
mod vantage;
mod witness;

pub use audit::{Audit, Door, KnownBy, Listing};
pub use browser::{Advertised, Browser, BrowserForm, BrowserStatus};
pub use connect::{Attempt, Connect, ConnectStatus, Icmp};
pub use elapsed::{Elapsed, in_few_letters};
pub use prelogin::{EncryptionOffer, Prelogin, PreloginStatus, ServerError, Version};
pub use resolve::{Asked, Resolve, ResolveStatus, ResponseCode, Source};
pub use seldom::{Absent, Seldom};
pub use vantage::{Os, Senders, Vantage};
pub use witness::{Dac, Hop, HopStatus, Look, Test, Witness};

/// A service that is not SQL Server, as its greeting tells.
pub use crate::wire::greeting::Service;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything one probe saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// When the probe began.
    pub at: Timestamp,
    /// How long the whole walk took.
    #[serde(rename = "elapsed_ms")]
    pub elapsed: Elapsed,
    /// Each layer's own record.
    pub layers: Layers,
}

impl Evidence {
    /// Gives back the room that lists grew into: the newest evidence is kept until the next.
    pub fn shrink(&mut self) {
        let Layers {
            resolve, connect, ..
        } = &mut self.layers;
        resolve.addresses.shrink_to_fit();
        connect.attempts.shrink_to_fit();
    }
}

/// The record of each layer, in the order a client walks them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layers {
    /// Name to addresses.
    pub resolve: Resolve,
    /// Instance to port.
    pub browser: Seldom<Browser>,
    /// Address and port to connection.
    pub connect: Connect,
    /// Connection to engine.
    pub prelogin: Prelogin,
}
