//! SQL Server Browser on a UDP port: reads a list, as the real one reads the registry.
//!
//! What it lists need not be true: a stopped instance keeps its last port, a moved one
//! the old port, one without TCP/IP has none. Unknown names get no answer.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use super::Owned;
use crate::wire::ssrp::{self, Entry, Reply, Request};

/// Answers that wait for their delay; further requests are dropped, as a flooded host does.
const MAX_WAITING: usize = 64;
/// The largest datagram that IPv4 carries.
const MAX_DATAGRAM: usize = 65_507;

/// A Browser on one address. Dropping it closes the port.
#[derive(Debug)]
pub struct Browser {
    address: SocketAddr,
    _task: Owned,
}

/// One instance that a Browser lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What it says of the instance
    pub entry: Entry,
    /// The port of its dedicated administrator connection; `None`: no answer to that question
    pub dac: Option<u16>,
}

/// How a Browser behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// As it should.
    #[default]
    Answers,
    /// Bound and silent: a datagram that a rule drops.
    Silent,
    /// A reply without any instance.
    Empty,
    /// 32 bytes that are no reply.
    Garbage,
    /// The largest datagram there is: more entries than a host can have, and cut.
    Oversized,
    /// The first half of the right answer, with the size of all of it.
    Truncated,
    /// Whatever is asked for, it answers for its first instance.
    WrongInstance,
    /// The right answer, late.
    Late(Duration),
    /// Answers the n-th request, the 2n-th, and so on; the others are lost.
    EveryNth(u32),
    /// The right answer from another address or port: a cluster, or several network cards.
    FromElsewhere(SocketAddr),
}

impl Listing {
    /// An instance of SQL Server 2022 that listens on `tcp`; `None` has TCP/IP disabled.
    pub fn new(server: &str, instance: &str, tcp: Option<u16>) -> Self {
        let entry = Entry {
            server: server.to_uppercase().into_bytes(),
            instance: instance.as_bytes().to_vec(),
            version: b"16.0.1000.6".to_vec(),
            tcp,
            ..Entry::default()
        };
        Self { entry, dac: None }
    }

    /// The same, of another version than SQL Server 2022: the base level, as the real
    /// Browser has it, not the build.
    #[must_use]
    pub fn of_version(mut self, base: &str) -> Self {
        self.entry.version = base.as_bytes().to_vec();
        self
    }

    /// The same, with a port for its administrator connection.
    #[must_use]
    pub fn with_dac(mut self, port: u16) -> Self {
        self.dac = Some(port);
        self
    }

    /// The same, with a pipe.
    #[must_use]
    pub fn with_pipe(mut self, pipe: &str) -> Self {
        self.entry.pipe = Some(pipe.as_bytes().to_vec());
        self
    }
}

impl Browser {
    /// Listens on `at`; port 0 takes any free one. Fails where a port can't be had.
    pub async fn start(
        at: SocketAddr,
        listings: Vec<Listing>,
        behaviour: Behaviour,
    ) -> io::Result<Self> {
        let socket = Arc::new(UdpSocket::bind(at).await?);
        let address = socket.local_addr()?;
        let speaker = match behaviour {
            Behaviour::FromElsewhere(elsewhere) => Arc::new(UdpSocket::bind(elsewhere).await?),
            _ => Arc::clone(&socket),
        };
        let task = Owned::spawn(serve(socket, speaker, listings, behaviour));
        Ok(Self {
            address,
            _task: task,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(
    socket: Arc<UdpSocket>,
    speaker: Arc<UdpSocket>,
    listings: Vec<Listing>,
    behaviour: Behaviour,
) {
    let mut request = [0; 64];
    let mut waiting = JoinSet::new();
    let mut number: u32 = 0;
    loop {
        while waiting.try_join_next().is_some() {}
        let Ok((length, client)) = socket.recv_from(&mut request).await else {
            // On Windows a client that left is told to the next receive.
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        number = number.wrapping_add(1);
        let Some(answer) = reply(&request[..length], &listings, behaviour, number) else {
            continue;
        };
        if let Behaviour::Late(delay) = behaviour {
            if waiting.len() < MAX_WAITING {
                let speaker = Arc::clone(&speaker);
                waiting.spawn(async move {
                    tokio::time::sleep(delay).await;
                    let _ = speaker.send_to(&answer, client).await;
                });
            }
        } else {
            // A client that is gone, or a datagram too large for the way, is its loss.
            let _ = speaker.send_to(&answer, client).await;
        }
    }
}

/// What goes back for the `number`-th request; `None` is silence.
fn reply(
    request: &[u8],
    listings: &[Listing],
    behaviour: Behaviour,
    number: u32,
) -> Option<Vec<u8>> {
    let right = || right_answer(request, listings);
    match behaviour {
        Behaviour::Answers | Behaviour::Late(_) | Behaviour::FromElsewhere(_) => right(),
        Behaviour::Silent => None,
        Behaviour::Empty => Some(list(&[])),
        Behaviour::Garbage => Some(vec![0xD7; 32]),
        Behaviour::Oversized => Some(oversized()),
        Behaviour::Truncated => right().map(|answer| answer[..answer.len() / 2].to_vec()),
        Behaviour::WrongInstance => listings
            .first()
            .map(|first| list(std::slice::from_ref(first))),
        Behaviour::EveryNth(n) => number.is_multiple_of(n).then(right).flatten(),
    }
}

fn right_answer(request: &[u8], listings: &[Listing]) -> Option<Vec<u8>> {
    let named = |name| listings.iter().find(|listing| listing.entry.is_named(name));
    match Request::decode(request)? {
        Request::List if listings.is_empty() => None,
        Request::List => Some(list(listings)),
        Request::Instance(name) => named(name).map(|listing| list(std::slice::from_ref(listing))),
        Request::Dac(name) => named(name)?.dac.map(|port| ssrp::encode_dac(port).to_vec()),
    }
}

fn list(listings: &[Listing]) -> Vec<u8> {
    let entries = listings
        .iter()
        .map(|listing| listing.entry.clone())
        .collect();
    Reply {
        entries,
        flaws: Vec::new(),
    }
    .encode()
}

fn oversized() -> Vec<u8> {
    let mut answer = list(&vec![Listing::new("flood", "FLOOD", Some(1433)); 2000]);
    answer[1..3].copy_from_slice(&u16::MAX.to_le_bytes());
    answer.resize(MAX_DATAGRAM, b'x');
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::tests::DEADLINE;
    use crate::wire::ssrp::{Flaw, ReplyError};
    use rstest::rstest;
    use tokio::time::timeout;

    fn listings() -> Vec<Listing> {
        let prod = Listing::new("sales01", "PROD", Some(50123)).with_dac(50124);
        let legacy = Listing::new("sales01", "LEGACY", None)
            .with_pipe(r"\\SALES01\pipe\MSSQL$LEGACY\sql\query");
        vec![prod, legacy]
    }

    async fn browser(behaviour: Behaviour) -> (Browser, UdpSocket) {
        let browser = Browser::start("127.0.0.1:0".parse().unwrap(), listings(), behaviour)
            .await
            .unwrap();
        (browser, UdpSocket::bind("127.0.0.1:0").await.unwrap())
    }

    async fn receive(client: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut buffer = vec![0; 65_536];
        let (length, from) = timeout(DEADLINE, client.recv_from(&mut buffer))
            .await
            .expect("silence")
            .unwrap();
        buffer.truncate(length);
        (buffer, from)
    }

    async fn ask(behaviour: Behaviour, request: Request<'_>) -> Vec<u8> {
        let (browser, client) = browser(behaviour).await;
        client
            .send_to(&request.encode(), browser.address())
            .await
            .unwrap();
        receive(&client).await.0
    }

    #[tokio::test]
    async fn the_list_names_every_instance() {
        let reply = Reply::decode(&ask(Behaviour::Answers, Request::List).await).unwrap();
        assert_eq!(reply.entry("prod").unwrap().tcp, Some(50123));
        let legacy = reply.entry("LEGACY").unwrap();
        assert_eq!((legacy.tcp, legacy.pipe.is_some()), (None, true));
    }

    #[tokio::test]
    async fn one_instance_is_answered_alone() {
        let reply =
            Reply::decode(&ask(Behaviour::Answers, Request::Instance("prod")).await).unwrap();
        assert_eq!(reply.entries.len(), 1);
    }

    #[tokio::test]
    async fn the_administrator_port_is_answered_in_six_bytes() {
        assert_eq!(
            ssrp::decode_dac(&ask(Behaviour::Answers, Request::Dac("PROD")).await),
            Some(50124)
        );
    }

    #[tokio::test]
    async fn what_is_unknown_gets_no_answer() {
        let (browser, client) = browser(Behaviour::Answers).await;
        for silent in [
            Request::Instance("PRDO").encode(),
            Request::Dac("LEGACY").encode(),
            b"\x04".to_vec(),
            vec![],
        ] {
            client.send_to(&silent, browser.address()).await.unwrap();
        }
        // One socket answers in order: the first answer is the one to the last question.
        client
            .send_to(&Request::Instance("PROD").encode(), browser.address())
            .await
            .unwrap();
        let reply = Reply::decode(&receive(&client).await.0).unwrap();
        assert!(reply.entries[0].is_named("PROD"));
        assert!(client.try_recv(&mut [0; 8]).is_err());
    }

    #[test]
    fn silence_has_no_answer() {
        assert_eq!(reply(&[3], &listings(), Behaviour::Silent, 1), None);
        assert_eq!(reply(&[3], &[], Behaviour::Answers, 1), None);
    }

    #[tokio::test]
    async fn an_empty_list_is_told_apart_from_silence() {
        let bytes = ask(Behaviour::Empty, Request::List).await;
        assert_eq!(Reply::decode(&bytes), Err(ReplyError::Empty));
    }

    #[tokio::test]
    async fn garbage_is_no_reply() {
        let bytes = ask(Behaviour::Garbage, Request::List).await;
        assert_eq!(Reply::decode(&bytes), Err(ReplyError::NotAReply(0xD7)));
    }

    #[tokio::test]
    async fn an_oversized_reply_arrives_whole_and_is_bounded_by_the_reader() {
        let bytes = ask(Behaviour::Oversized, Request::List).await;
        assert_eq!(bytes.len(), MAX_DATAGRAM);
        let reply = Reply::decode(&bytes).unwrap();
        assert_eq!(reply.entries.len(), ssrp::MAX_ENTRIES);
        assert_eq!(reply.flaws, [Flaw::Truncated, Flaw::TooManyEntries]);
    }

    #[tokio::test]
    async fn a_truncated_reply_says_so() {
        let reply = Reply::decode(&ask(Behaviour::Truncated, Request::List).await).unwrap();
        assert!(reply.flaws.contains(&Flaw::Truncated));
    }

    #[rstest]
    #[case(Request::Instance("LEGACY"))]
    #[case(Request::Instance("NOSUCH"))]
    #[tokio::test]
    async fn the_wrong_instance_is_answered(#[case] request: Request<'_>) {
        let reply = Reply::decode(&ask(Behaviour::WrongInstance, request).await).unwrap();
        assert!(reply.entries[0].is_named("PROD"));
    }

    #[tokio::test]
    async fn a_late_answer_delays_nobody_else() {
        let delay = Duration::from_millis(200);
        let (browser, client) = browser(Behaviour::Late(delay)).await;
        let began = std::time::Instant::now();
        for _ in 0..5 {
            client.send_to(&[3], browser.address()).await.unwrap();
        }
        for _ in 0..5 {
            receive(&client).await;
        }
        assert!(began.elapsed() >= delay, "{:?}", began.elapsed());
        assert!(
            began.elapsed() < delay * 4,
            "one after the other: {:?}",
            began.elapsed()
        );
    }

    #[tokio::test]
    async fn only_the_nth_request_is_answered() {
        let (browser, client) = browser(Behaviour::EveryNth(3)).await;
        for name in ["PROD", "PROD", "LEGACY"] {
            client
                .send_to(&Request::Instance(name).encode(), browser.address())
                .await
                .unwrap();
        }
        assert!(Reply::decode(&receive(&client).await.0).unwrap().entries[0].is_named("LEGACY"));
    }

    #[tokio::test]
    async fn an_answer_may_come_from_elsewhere() {
        let elsewhere = Behaviour::FromElsewhere("127.0.0.1:0".parse().unwrap());
        let (browser, client) = browser(elsewhere).await;
        client.send_to(&[3], browser.address()).await.unwrap();
        let (bytes, from) = receive(&client).await;
        assert_ne!(from, browser.address());
        assert!(Reply::decode(&bytes).is_ok());
    }

    #[tokio::test]
    async fn a_dropped_browser_gives_its_port_back() {
        let (browser, _client) = browser(Behaviour::Answers).await;
        let address = browser.address();
        drop(browser);
        while UdpSocket::bind(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}
