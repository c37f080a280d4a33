//! The explanation of a name: every candidate, every server, A and AAAA apart.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hickory_proto::rr::{Name, RecordType};

use super::dns::{Answer, Dns};
use super::names::Names;
use crate::evidence::{Asked, ResponseCode};
use crate::probe::rate::Rate;
use crate::target::Untrusted;

/// What DNS says of a name.
#[derive(Clone, Debug, Default)]
pub struct Explanation {
    /// Every question and its answer.
    pub asked: Vec<Asked>,
    /// The addresses of the first candidate that has any, as its first server gave them.
    pub addresses: Vec<IpAddr>,
    /// That server.
    pub server: Option<SocketAddr>,
    /// The canonical name, where the name is an alias.
    pub canonical: Option<Untrusted>,
    /// The aliases between the two.
    pub chain: Vec<Untrusted>,
    /// The smallest time to live, in seconds.
    pub ttl: Option<u32>,
}

/// Asks for each candidate in turn until one has an address; nothing is asked after `within`.
/// When each question was sent is counted from `since`.
pub async fn explain(
    name: &str,
    names: &Names,
    dns: &Dns,
    within: Duration,
    since: Instant,
    rate: &Rate,
) -> Explanation {
    let deadline = Instant::now() + within;
    let mut explanation = Explanation::default();
    for candidate in names.candidates(name) {
        if Instant::now() >= deadline {
            break;
        }
        let answers = ask_all(&candidate, names, dns, deadline, rate).await;
        explanation.asked.extend(answers.iter().map(|answer| Asked {
            started: Some(answer.begun.saturating_duration_since(since).into()),
            ..answer.asked.clone()
        }));
        if explanation.take(&answers) {
            break;
        }
    }
    explanation
}

/// All servers together, each asked for both families.
async fn ask_all(
    candidate: &Name,
    names: &Names,
    dns: &Dns,
    deadline: Instant,
    rate: &Rate,
) -> Vec<Answer> {
    let questions = names.servers.iter().flat_map(|server| {
        [RecordType::A, RecordType::AAAA]
            .map(|record| dns.ask(*server, candidate, record, deadline, rate))
    });
    join_all(questions).await.into_iter().flatten().collect()
}

impl Explanation {
    /// Takes the addresses of the first server that gave any.
    fn take(&mut self, answers: &[Answer]) -> bool {
        let found = answers
            .iter()
            .find(|answer| answer.asked.code == ResponseCode::Ok);
        let Some(server) = found.map(|answer| answer.asked.server) else {
            // An alias that leads nowhere is worth showing, unless a later name has addresses.
            self.take_chain(answers.iter());
            return false;
        };
        let of_server = || {
            answers
                .iter()
                .filter(|answer| answer.asked.server == server)
        };
        self.server = Some(server);
        self.addresses = of_server()
            .flat_map(|answer| answer.asked.addresses.iter().copied())
            .collect();
        self.ttl = of_server().filter_map(|answer| answer.ttl).min();
        (self.canonical, self.chain) = (None, Vec::new());
        self.take_chain(of_server());
        true
    }

    fn take_chain<'a>(&mut self, mut answers: impl Iterator<Item = &'a Answer>) {
        if let Some(answer) = answers.find(|answer| !answer.chain.is_empty()) {
            self.chain.clone_from(&answer.chain);
            self.canonical = self.chain.pop();
        }
    }
}
