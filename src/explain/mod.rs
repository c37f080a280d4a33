//! A client's error message, read: the layer it speaks of, what it proves and what not.
//!
//! Nobody can list the sentences of all clients in all their versions and languages, so no
//! sentence is listed. `signals` holds what they are made of: numbers of
//! operating systems and of SQL Server, short phrases, names of providers, each standing for
//! one *fact* (`assets/messages/signals.toml`). Reading a text is then
//!
//! 1. finding the server that it names (`named`), so that a host called `refused` accuses nobody;
//! 2. finding the facts, in one pass over the text, wherever they stand in it (`found`);
//! 3. weighing them (`weigh`): the most specific wins, and where two that are equally
//!    specific contradict each other, only what they share is said.
//!
//! What comes out is what the text *proves*. `53` from the pipe provider says little about
//! TCP, `Login timeout expired` is no proof of a time-out, and a message may name no layer.

mod buckets;
mod client;
mod found;
mod json;
mod layer;
mod named;
mod numbers;
mod signals;
#[cfg(test)]
mod tests;
mod told;
mod view;
mod weigh;

pub use layer::Layer;
pub use told::{Told, told};

use self::found::Found;
use self::signals::Signals;
use self::view::View;
use self::weigh::Verdict;
use crate::advice::{self, ClientShows};
use crate::diagnosis::{CauseId, State};
use crate::target::{Port, Target};

/// More than this of a text is not read.
pub const MAX_BYTES: usize = 64 * 1024;

/// What a message says about a connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    /// Where it broke. `None`: the text does not say.
    pub layer: Option<Layer>,
    /// The state that it speaks of. `None`: the text does not say.
    pub state: Option<State>,
    /// The numbers that were understood, in the order of the text.
    pub codes: Vec<i64>,
    /// The client that wrote it.
    pub client: Option<&'static str>,
    /// The server that it names.
    pub target: Option<Target>,
    /// What it comes to, in a sentence or two.
    pub means: &'static str,
    /// What the text proves.
    pub proves: Vec<&'static str>,
    /// What one might read into it, and what it does not prove.
    pub proves_not: Vec<&'static str>,
    /// The causes that it allows, most likely first.
    pub causes: Vec<CauseId>,
    /// Whether it is an error of connecting to SQL Server, or of a connection that was lost.
    pub is_connection_error: bool,
}

impl Explanation {
    /// What other clients show for the same failure.
    pub fn clients_show(&self) -> Vec<ClientShows> {
        let show = |state| {
            advice::clients_show_for(self.target.as_ref(), state, &self.codes, &self.causes)
        };
        self.state.map_or_else(Vec::new, show)
    }

    /// The command that probes the server it names.
    pub fn probe_command(&self) -> Option<String> {
        self.target.as_ref().and_then(advice::probe_command)
    }
}

/// Reads a message: any text, in any language that leaves the numbers alone. Sends nothing.
///
/// ```
/// use sqlreach::diagnosis::State;
/// use sqlreach::explain::{Layer, explain};
///
/// let read = explain(
///     "Failed to connect to db1:1433 - connect ECONNREFUSED 10.0.4.12:1433",
/// );
/// assert_eq!(read.layer, Some(Layer::Connect));
/// assert_eq!(read.state, Some(State::Refused));
/// assert_eq!(read.target.unwrap().short(), "db1");
///
/// let read = explain("Login timeout expired");
/// assert!(read.is_connection_error && read.layer.is_none() && read.state.is_none());
/// ```
pub fn explain(text: &str) -> Explanation {
    explain_with(Signals::all(), text)
}

fn explain_with(signals: &'static Signals, text: &str) -> Explanation {
    let text = view::bounded(text, MAX_BYTES);
    let names = named::names(text);
    let view = View::new(text, &names);
    let found = Found::in_view(signals, &view);
    let client = client::client(signals, &found);
    let Verdict {
        layer,
        mut state,
        is_error,
        words,
    } = weigh::weigh(signals, &found, &view);
    let target = names.target;
    // Such a client asks Browser first, and counts that into the same time.
    let waits_for_browser = target.as_ref().is_some_and(Target::needs_browser);
    if layer.is_none() && waits_for_browser {
        state = None;
    }
    let mut causes = words.causes;
    // Nobody asks Browser for the usual port of a default instance. Another port may be one
    // that the client had from it, though it prints the port alone.
    let needs_no_browser = |target: &Target| {
        target.instance.is_none() && target.port.is_none_or(|port| port == Port::DEFAULT)
    };
    if target.as_ref().is_some_and(needs_no_browser) {
        causes.retain(|cause| *cause != CauseId::StaleBrowserPort);
    }
    Explanation {
        layer,
        state,
        codes: found.codes,
        client,
        target,
        means: words.means,
        proves: words.proves,
        proves_not: words.proves_not,
        causes,
        is_connection_error: is_error,
    }
}
