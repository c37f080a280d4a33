//! The demo network: some twenty instances, each healthy or broken in its own way.

mod scenes;
mod stage;
mod story;

use std::io;
use std::net::SocketAddr;

pub use story::Pace;

use super::black_hole::BlackHole;
use super::browser::Browser;
use super::closed_port::ClosedPort;
use super::dns::Dns;
use super::engine::Engine;
use super::layout::Layout;
use stage::Stage;

/// The running network. Dropping it closes every socket.
#[derive(Debug)]
pub struct Network {
    layout: Layout,
    dns: Dns,
    browsers: Vec<Browser>,
    engines: Vec<Engine>,
    members: Vec<Member>,
    _closed: Vec<ClosedPort>,
    _black_holes: Vec<BlackHole>,
}

/// One instance of the network, as it goes into a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name of its row
    pub name: String,
    /// The server, as a client would write it
    pub target: String,
    /// Tags
    pub tags: Vec<String>,
    /// What sort of instance it is declared to be
    pub kind: Kind,
    /// How many of its addresses should answer, where that is declared
    pub expected_live: Option<u16>,
    /// The note that its owner left
    pub note: String,
    /// What it shows, in one sentence
    pub shows: &'static str,
    /// The word for the state that it is in, when no story has stopped it
    pub state: &'static str,
}

/// What an instance is declared to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One engine on one machine
    Standalone,
    /// A failover cluster instance
    Fci,
    /// A replica of an availability group
    AgReplica,
    /// The listener of an availability group
    AgListener,
}

impl Kind {
    /// The word in a configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::Fci => "fci",
            Self::AgReplica => "ag-replica",
            Self::AgListener => "ag-listener",
        }
    }
}

impl Network {
    /// Starts everything, in the most lifelike layout that this machine allows; takes
    /// about 100 ms. Fails where not even one address has free ports.
    pub async fn start() -> io::Result<Self> {
        let mut last = io::Error::other("there is no layout to try");
        for layout in Layout::candidates() {
            match Self::start_on(layout).await {
                Ok(network) => return Ok(network),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Starts everything in one layout. Fails where an address or a port can't be had.
    pub async fn start_on(layout: Layout) -> io::Result<Self> {
        let mut stage = Stage::new(layout).await?;
        scenes::play(&mut stage).await?;
        stage.open().await
    }

    /// Where its hosts are.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The DNS server that knows its names.
    pub fn dns(&self) -> SocketAddr {
        self.dns.address()
    }

    /// The UDP port on which the Browsers of all its hosts answer.
    pub fn browser_port(&self) -> u16 {
        self.browsers
            .first()
            .map_or(1434, |browser| browser.address().port())
    }

    /// What to put into a configuration, in the order to show.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
}

#[cfg(test)]
mod tests;
