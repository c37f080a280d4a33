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

use super::CauseId;

/// The causes of TLS, of the login and of the client: no probe walks these layers yet, and only
/// a client's message names them.
fn is_beyond_every_probe(cause: CauseId) -> bool {
    let server = CauseId::CertificateUntrusted..=CauseId::ServerStarting;
    let client = CauseId::ClientPoolExhausted..=CauseId::ClientSide;
    server.contains(&cause) || client.contains(&cause)
}
