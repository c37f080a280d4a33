//! One question to one Browser: what came back, and from whom.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::ears::Ears;
use crate::evidence::{Elapsed, Icmp};
use crate::probe::descriptors;
use crate::probe::errno::is_port_unreachable;
use crate::probe::gate::{Gate, Pass};
use crate::wire::ssrp::Reply;

/// What was heard after a question.
#[derive(Clone, Debug)]
pub struct Heard {
    /// When the wait ended.
    pub at: Instant,
    /// Where the question went.
    pub asked: SocketAddr,
    /// When the first datagram was sent.
    pub begun: Instant,
    /// When each further one was.
    pub again: Vec<Instant>,
    /// How many datagrams were sent.
    pub tries: u8,
    /// Since the last of them; since the first where nothing came.
    pub elapsed: Duration,
    /// What it was.
    pub sound: Sound,
}

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Sound {
    /// A datagram, which need not make sense.
    Answer {
        /// Its sender.
        from: SocketAddr,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// Nothing.
    Silence,
    /// ICMP, or this machine's own refusal to send.
    Rejected {
        /// The ICMP message.
        icmp: Option<Icmp>,
        /// The system's error number.
        os_error: Option<i32>,
        /// It says that nothing listens on the port.
        refused: bool,
    },
}

impl Heard {
    /// Something answered.
    pub fn is_answer(&self) -> bool {
        matches!(self.sound, Sound::Answer { .. })
    }

    /// When the first datagram was sent, counted from `since`; `None` where that was before.
    pub fn started(&self, since: Instant) -> Option<Elapsed> {
        Some(self.begun.checked_duration_since(since)?.into())
    }

    /// When each further datagram was sent, counted the same. Empty where the first was
    /// sent for another probe, and where one was enough: then nothing is allocated.
    pub fn sent_again(&self, since: Instant) -> Vec<Elapsed> {
        if self.begun < since {
            return Vec::new();
        }
        let again = self.again.iter();
        again.map(|sent| (*sent - since).into()).collect()
    }

    /// Which of several addresses of one host tells more.
    pub fn tells(&self) -> u8 {
        match self.sound {
            Sound::Answer { .. } => 3,
            Sound::Rejected { refused: true, .. } => 2,
            Sound::Rejected { .. } => 1,
            Sound::Silence => 0,
        }
    }
}

/// Sends `datagram` once for each of `waits`, until something comes back.
pub async fn ask(asked: SocketAddr, datagram: &[u8], waits: Vec<Duration>, gate: &Gate) -> Heard {
    let _place = descriptors::place().await;
    let begun = Instant::now();
    let mut sent = begun;
    let mut first = begun;
    let mut tries = 0;
    let mut again = Vec::new();
    let mut sound = Sound::Silence;
    match Ears::open(asked) {
        Err(error) => sound = rejected(&error, None),
        Ok(ears) => {
            for wait in waits {
                let Some(pass) = gate.pass(asked).await else {
                    break;
                };
                tries += 1;
                sent = Instant::now();
                if tries == 1 {
                    first = sent;
                } else {
                    again.push(sent);
                }
                sound = once(&ears, pass, datagram, sent + wait).await;
                if sound != Sound::Silence {
                    break;
                }
            }
        }
    }
    let elapsed = if sound == Sound::Silence {
        begun.elapsed()
    } else {
        sent.elapsed()
    };
    Heard {
        at: Instant::now(),
        asked,
        begun: first,
        again,
        tries,
        elapsed,
        sound,
    }
}

async fn once(ears: &Ears, pass: Pass, datagram: &[u8], until: Instant) -> Sound {
    let asked = pass.to();
    if let Err(error) = ears.send(pass, datagram).await {
        return rejected(&error, ears.icmp());
    }
    let listening = async {
        loop {
            match ears.hear().await {
                // Anybody may send to this port; from elsewhere only a real answer counts.
                Ok((bytes, from)) if from == asked || Reply::decode(&bytes).is_ok() => {
                    return Sound::Answer { from, bytes };
                }
                Ok(_) => {}
                Err(error) => return rejected(&error, ears.icmp()),
            }
        }
    };
    tokio::time::timeout_at(until.into(), listening)
        .await
        .unwrap_or(Sound::Silence)
}

fn rejected(error: &io::Error, icmp: Option<Icmp>) -> Sound {
    let refused = match icmp {
        Some(icmp) => is_port_unreachable(icmp),
        // Winsock says "reset" where others say "refused".
        None => matches!(
            error.kind(),
            io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset
        ),
    };
    Sound::Rejected {
        icmp,
        os_error: error.raw_os_error(),
        refused,
    }
}
