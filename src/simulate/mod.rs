//! A small SQL Server network on loopback: real sockets, one file per kind of server.
//!
//! `sqlreach demo` shows it and the tests probe it, so what a newcomer sees is what
//! is tested. Every server is a value that owns its tasks: when it is dropped, its
//! sockets are closed and nothing goes on behind it. All of them must be started
//! inside a tokio runtime with I/O and time.
//!
//! | file | what it is |
//! |---|---|
//! | [`engine`] | an engine that answers PRELOGIN and rejects every login |
//! | [`fault`] | what it does instead: silence, resets, other services, half answers |
//! | [`browser`] | SQL Server Browser, true, false, late or silent |
//! | [`black_hole`] | a port that drops every SYN, without privilege |
//! | [`closed_port`] | a port that refuses, and that nobody else can take |
//! | [`dns`] | a DNS server with a zone and with faults |
//! | [`layout`] | which addresses and ports this machine lets us have |
//! | [`network`] | all of it together: the demo, and what to put in the configuration |

pub mod black_hole;
pub mod browser;
pub mod closed_port;
pub mod dns;
pub mod engine;
pub mod fault;
pub mod layout;
pub mod network;

pub use network::{Kind, Member, Network};

use std::future::Future;

use tokio::task::JoinHandle;

/// A task that ends with its owner.
#[derive(Debug)]
struct Owned(JoinHandle<()>);

impl Owned {
    fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task))
    }

    /// Ends the task and waits until everything that it held is gone, sockets included.
    async fn stop(mut self) {
        self.0.abort();
        let _ = (&mut self.0).await;
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod strangers;
#[cfg(test)]
mod tests;
