//! Which client wrote it.

use super::found::Found;
use super::signals::Signals;

/// The first client of the file that one of its marks is there of.
pub(super) fn client(signals: &'static Signals, found: &Found) -> Option<&'static str> {
    let marked = found.clients.iter().position(|marked| *marked)?;
    Some(&signals.clients[marked].name)
}
