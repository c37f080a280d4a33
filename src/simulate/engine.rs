//! An engine on a TCP port: answers PRELOGIN as SQL Server does and rejects every login.
//!
//! It never speaks TLS. An engine that offers encryption closes politely where a
//! client would begin its handshake; one that offers none ([`Encryption::NotSupported`])
//! goes on to the login and answers 18456.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Owned;
use super::fault::{self, Fault};
use crate::wire::tds::{self, ClientPrelogin, Encryption, Message, PreloginReply, Version};
use crate::wire::token::ServerError;

/// Connections that are served at once; the next ones wait in the accept queue.
const MAX_CONNECTIONS: usize = 256;
/// No connection lives longer, whatever its client does.
const LIFETIME: Duration = Duration::from_secs(300);
/// How long a close waits for the client's FIN.
const DRAIN: Duration = Duration::from_secs(2);
/// A LOGIN7 is not read further.
const MAX_LOGIN: usize = 64 * 1024;

/// A listening engine. Dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Engine {
    address: SocketAddr,
    profile: Profile,
    listener: Option<Owned>,
    /// Where its administrator connection is, if it can be reached over the network.
    dac: Option<SocketAddr>,
    dac_listener: Option<Owned>,
}

/// What an engine says of itself, and how it behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Product version
    pub version: Version,
    /// What it answers to a client that offers ENCRYPT_OFF: `Off`, `Required` or `NotSupported`.
    pub encryption: Encryption,
    /// The name of its instance; `MSSQLSERVER` is the default instance.
    pub instance: String,
    /// The answer to FEDAUTHREQUIRED, given to clients that send the option
    pub federated: bool,
    /// How long it thinks before it answers
    pub delay: Duration,
    /// What it does instead of answering; `None` is a healthy engine.
    pub fault: Option<Fault>,
}

impl Default for Profile {
    /// A healthy default instance of SQL Server 2022 with a certificate.
    fn default() -> Self {
        Self {
            version: Version {
                major: 16,
                minor: 0,
                build: 4105,
                sub_build: 2,
            },
            encryption: Encryption::Off,
            instance: "MSSQLSERVER".to_owned(),
            federated: false,
            delay: Duration::ZERO,
            fault: None,
        }
    }
}

impl From<Fault> for Profile {
    fn from(fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }
}

impl Engine {
    /// Listens on `at`; port 0 takes any free one. Fails where the address or port can't be had.
    pub async fn start(at: SocketAddr, profile: Profile) -> io::Result<Self> {
        Self::start_at(at, None, profile).await
    }

    /// The same, with its dedicated administrator connection on `dac`: it has a scheduler
    /// of its own, so it answers whatever the engine does, and one session.
    pub async fn start_with_dac(
        at: SocketAddr,
        dac: SocketAddr,
        profile: Profile,
    ) -> io::Result<Self> {
        Self::start_at(at, Some(dac), profile).await
    }

    async fn start_at(
        at: SocketAddr,
        dac: Option<SocketAddr>,
        profile: Profile,
    ) -> io::Result<Self> {
        let mut engine = Self {
            address: at,
            profile,
            listener: None,
            dac,
            dac_listener: None,
        };
        engine.resume().await?;
        Ok(engine)
    }

    /// Where its administrator connection is.
    pub fn dac(&self) -> Option<SocketAddr> {
        self.dac
    }

    /// Where it listens, or listened until it was stopped.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was started with.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Closes the port and every connection, as a service that is stopped. When this
    /// returns, the port refuses.
    pub async fn stop(&mut self) {
        for listener in [self.listener.take(), self.dac_listener.take()]
            .into_iter()
            .flatten()
        {
            listener.stop().await;
        }
    }

    /// Listens again on the same port; nothing changes where it still does.
    pub async fn resume(&mut self) -> io::Result<()> {
        if self.listener.is_none() {
            let socket = TcpListener::bind(self.address).await?;
            self.address = socket.local_addr()?;
            let profile = self.profile.clone();
            self.listener = Some(Owned::spawn(listen(socket, profile, MAX_CONNECTIONS)));
        }
        if let (Some(dac), None) = (self.dac, &self.dac_listener) {
            let socket = TcpListener::bind(dac).await?;
            self.dac = Some(socket.local_addr()?);
            let profile = Profile {
                fault: None,
                ..self.profile.clone()
            };
            self.dac_listener = Some(Owned::spawn(listen(socket, profile, 1)));
        }
        Ok(())
    }
}

impl Profile {
    /// The answer to a client's PRELOGIN.
    pub fn answer(&self, client: &ClientPrelogin) -> PreloginReply {
        PreloginReply {
            version: Some(self.version),
            encryption: Some(negotiate(self.encryption, client.encryption)),
            instance_matches: Some(self.is_meant(&client.instance)),
            mars: client.asks_mars.then_some(false),
            federated_authentication: client.asks_federated.then_some(self.federated),
            other: Vec::new(),
        }
    }

    /// Empty and `MSSQLServer` match every instance (\[MS-TDS\] 2.2.6.5, INSTOPT).
    fn is_meant(&self, wanted: &[u8]) -> bool {
        wanted.is_empty()
            || wanted.eq_ignore_ascii_case(b"MSSQLServer")
            || wanted.eq_ignore_ascii_case(self.instance.as_bytes())
    }

    fn rejection(&self) -> ServerError {
        ServerError {
            number: 18456,
            state: 1,
            class: 14,
            message: "Login failed for user.".to_owned(),
            server: self.instance.clone(),
        }
    }
}

/// What a server answers to a client's offer (\[MS-TDS\] 2.2.6.5, ENCRYPTION).
fn negotiate(own: Encryption, client: Option<Encryption>) -> Encryption {
    match (own, client) {
        (Encryption::Off, Some(Encryption::NotSupported)) => Encryption::NotSupported,
        (Encryption::Off | Encryption::Required, Some(Encryption::On | Encryption::Required)) => {
            Encryption::On
        }
        (own, _) => own,
    }
}

async fn listen(socket: TcpListener, profile: Profile, most: usize) {
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= most {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = socket.accept() => match accepted {
                Ok((stream, _)) => {
                    let profile = profile.clone();
                    connections.spawn(async move {
                        // Whatever a client does to its connection is no concern of the others.
                        let _ = timeout(LIFETIME, serve(stream, &profile)).await;
                    });
                }
                // Out of descriptors, or a client that left already: the next one may do better.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(mut stream: TcpStream, profile: &Profile) -> io::Result<()> {
    if let Some(fault) = &profile.fault {
        return fault::misbehave(stream, fault, profile).await;
    }
    answer(&mut stream, profile).await?;
    hang_up(stream).await
}

async fn answer(stream: &mut TcpStream, profile: &Profile) -> io::Result<()> {
    let mut buffer = Vec::new();
    let Some(client) = read_prelogin(stream, &mut buffer).await? else {
        return Ok(());
    };
    tokio::time::sleep(profile.delay).await;
    stream.write_all(&profile.answer(&client).encode()).await?;

    buffer.drain(..client.length);
    loop {
        match tds::message(&buffer, tds::TYPE_LOGIN7, MAX_LOGIN) {
            Message::Whole { .. } => {
                let no = tds::packet(tds::TYPE_ANSWER, &profile.rejection().encode());
                return stream.write_all(&no).await;
            }
            Message::Incomplete if stream.read_buf(&mut buffer).await? > 0 => {}
            _ => return Ok(()),
        }
    }
}

/// Reads until a PRELOGIN is whole; `None` where the client sent something else, or left.
pub(super) async fn read_prelogin(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
) -> io::Result<Option<ClientPrelogin>> {
    loop {
        match tds::decode_client(buffer) {
            Some(client) => return Ok(client.ok()),
            None if stream.read_buf(buffer).await? == 0 => return Ok(None),
            None => {}
        }
    }
}

/// FIN, then read until the client's: unread bytes would turn the close into a reset.
pub(super) async fn hang_up(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let _ = timeout(DRAIN, drain(&mut stream)).await;
    Ok(())
}

/// Reads and forgets until the client closes.
pub(super) async fn drain(stream: &mut TcpStream) -> io::Result<()> {
    let mut forgotten = [0; 1024];
    while stream.read(&mut forgotten).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::tests::{ask, connect, read_to_end};
    use crate::wire::tds::{Decoded, PreloginRequest};
    use rstest::rstest;

    async fn engine(profile: Profile) -> Engine {
        Engine::start("127.0.0.1:0".parse().unwrap(), profile)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_healthy_engine_says_its_version_and_its_offer() {
        let engine = engine(Profile::default()).await;
        let Decoded::Reply(reply) = ask(engine.address(), "").await else {
            panic!("no reply")
        };
        assert_eq!(reply.version.unwrap().to_string(), "16.0.4105.2");
        assert_eq!(reply.encryption, Some(Encryption::Off));
        assert_eq!(
            (reply.instance_matches, reply.mars),
            (Some(true), Some(false))
        );
    }

    #[rstest]
    #[case("", true)]
    #[case("PROD", true)]
    #[case("prod", true)]
    #[case("MSSQLServer", true)]
    #[case("TEST", false)]
    #[tokio::test]
    async fn an_engine_knows_its_own_name(#[case] wanted: &str, #[case] matches: bool) {
        let engine = engine(Profile {
            instance: "PROD".into(),
            ..Profile::default()
        })
        .await;
        let Decoded::Reply(reply) = ask(engine.address(), wanted).await else {
            panic!("no reply")
        };
        assert_eq!(reply.instance_matches, Some(matches));
    }

    #[rstest]
    #[case(Encryption::Off, Encryption::Off, Encryption::Off)]
    #[case(Encryption::Off, Encryption::On, Encryption::On)]
    #[case(Encryption::Off, Encryption::NotSupported, Encryption::NotSupported)]
    #[case(Encryption::Off, Encryption::Required, Encryption::On)]
    #[case(Encryption::Required, Encryption::Off, Encryption::Required)]
    #[case(Encryption::Required, Encryption::On, Encryption::On)]
    #[case(Encryption::Required, Encryption::NotSupported, Encryption::Required)]
    #[case(Encryption::NotSupported, Encryption::Off, Encryption::NotSupported)]
    #[case(
        Encryption::NotSupported,
        Encryption::Required,
        Encryption::NotSupported
    )]
    fn encryption_is_negotiated_as_specified(
        #[case] own: Encryption,
        #[case] client: Encryption,
        #[case] answer: Encryption,
    ) {
        assert_eq!(negotiate(own, Some(client)), answer);
    }

    #[rstest]
    #[case(false, None)]
    #[case(true, Some(true))]
    fn federated_authentication_is_answered_to_those_who_ask(
        #[case] asks: bool,
        #[case] answer: Option<bool>,
    ) {
        let engine = Profile {
            federated: true,
            ..Profile::default()
        };
        let client = ClientPrelogin {
            asks_federated: asks,
            ..ClientPrelogin::default()
        };
        assert_eq!(engine.answer(&client).federated_authentication, answer);
    }

    #[tokio::test]
    async fn a_slow_engine_answers_after_its_delay() {
        let delay = Duration::from_millis(100);
        let engine = engine(Profile {
            delay,
            ..Profile::default()
        })
        .await;
        let began = std::time::Instant::now();
        assert!(matches!(ask(engine.address(), "").await, Decoded::Reply(_)));
        assert!(began.elapsed() >= delay);
    }

    #[tokio::test]
    async fn a_login_is_rejected_with_18456_and_a_close() {
        let engine = engine(Profile {
            encryption: Encryption::NotSupported,
            ..Profile::default()
        })
        .await;
        let mut stream = connect(engine.address()).await;
        let request = PreloginRequest {
            instance: "",
            trace: [0; 8],
        }
        .encode();
        let login = tds::packet(tds::TYPE_LOGIN7, &[0; 94]);
        // Both at once: what follows a PRELOGIN in the same segment is not lost.
        stream.write_all(&[request, login].concat()).await.unwrap();
        let all = read_to_end(&mut stream).await;
        let Message::Whole { length, .. } = tds::message(&all, tds::TYPE_ANSWER, 4096) else {
            panic!("{all:?}")
        };
        let Message::Whole { payload, .. } = tds::message(&all[length..], tds::TYPE_ANSWER, 4096)
        else {
            panic!("{all:?}")
        };
        let error = ServerError::decode(&payload).unwrap();
        assert_eq!((error.number, error.state, error.class), (18456, 1, 14));
    }

    #[rstest]
    #[case(b"GET / HTTP/1.1\r\n\r\n".to_vec())]
    #[case(b"\x16\x03\x01\x02\x00\x01".to_vec())]
    #[tokio::test]
    async fn what_is_no_prelogin_is_closed_without_a_word(#[case] bytes: Vec<u8>) {
        let engine = engine(Profile::default()).await;
        let mut stream = connect(engine.address()).await;
        stream.write_all(&bytes).await.unwrap();
        assert_eq!(read_to_end(&mut stream).await, b"");
    }

    #[tokio::test]
    async fn a_client_that_begins_tls_sees_a_clean_close() {
        let engine = engine(Profile::default()).await;
        let mut stream = connect(engine.address()).await;
        let hello = tds::packet(tds::TYPE_PRELOGIN, b"\x16\x03\x01\x00\x05hello");
        let request = PreloginRequest {
            instance: "",
            trace: [0; 8],
        }
        .encode();
        stream.write_all(&[request, hello].concat()).await.unwrap();
        let all = read_to_end(&mut stream).await;
        assert!(matches!(PreloginReply::decode(&all), Decoded::Reply(_)));
    }

    #[tokio::test]
    async fn a_stopped_engine_refuses_and_comes_back_on_its_port() {
        let mut engine = engine(Profile::default()).await;
        let at = engine.address();
        let open = connect(at).await;
        engine.stop().await;
        let refused = TcpStream::connect(at).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        drop(open);
        engine.resume().await.unwrap();
        assert_eq!(engine.address(), at);
        assert!(matches!(ask(at, "").await, Decoded::Reply(_)));
    }

    #[tokio::test]
    async fn the_administrator_connection_of_a_hung_engine_answers() {
        let any = "127.0.0.1:0".parse().unwrap();
        let mut hung = Engine::start_with_dac(any, any, Fault::Silent.into())
            .await
            .unwrap();
        let dac = hung.dac().unwrap();
        assert!(matches!(ask(dac, "").await, Decoded::Reply(_)));
        hung.stop().await;
        let refused = TcpStream::connect(dac).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }

    #[tokio::test]
    async fn a_dropped_engine_leaves_nothing_behind() {
        let engine = engine(Fault::Silent.into()).await;
        let at = engine.address();
        let mut open = connect(at).await;
        drop(engine);
        let mut rest = Vec::new();
        // FIN or RST, but an end
        let _ = timeout(Duration::from_secs(5), open.read_to_end(&mut rest))
            .await
            .expect("still open");
        assert_eq!(
            TcpStream::connect(at).await.unwrap_err().kind(),
            io::ErrorKind::ConnectionRefused
        );
    }
}
