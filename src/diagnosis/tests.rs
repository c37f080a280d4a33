//! The verdicts, as tables of cases.

mod causes;
mod contradictions;
mod engine;
mod listeners;
mod near_misses;
mod next_tests;
mod past;
mod properties;
mod resets;
mod rules;
mod shown;
mod states;
mod trap;
mod words;

use super::{CauseId, Scene};

/// The causes of TLS, of the login and of the client: no probe walks these layers yet, and only
/// a client's message names them.
pub(crate) fn is_beyond_every_probe(cause: CauseId) -> bool {
    let server = CauseId::CertificateUntrusted..=CauseId::ServerStarting;
    let client = CauseId::ClientPoolExhausted..=CauseId::ClientSide;
    server.contains(&cause) || client.contains(&cause)
}

/// What happened, and the cause that comes first: every cause that a probe can find.
pub(crate) fn scenes() -> Vec<(&'static str, Scene, CauseId)> {
    let mut scenes = causes::table();
    scenes.extend(listeners::leading());
    scenes
}
