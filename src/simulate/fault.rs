//! What a port does where a healthy engine would answer PRELOGIN.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::engine::{Profile, drain, hang_up, read_prelogin};
use crate::wire::tds::{self, ClientPrelogin};
use crate::wire::token::ServerError;

/// A fault behind an open port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Accepts, reads, and never says a word: a hung engine.
    Silent,
    /// FIN at once, without a byte: a proxy that has no backend.
    Closes,
    /// RST instead of an answer, after the first bytes of the client.
    Resets,
    /// The right answer, one byte at a time.
    Drips {
        /// between two bytes
        every: Duration,
    },
    /// Packets that look like an answer and never end.
    Streams,
    /// 512 bytes that are nothing.
    Garbage,
    /// A packet whose options point outside of it.
    Malformed,
    /// Half of the right answer, then silence.
    Stalls,
    /// Half of the right answer, then FIN.
    HalfThenCloses,
    /// An ERROR token instead of options, as an Azure gateway sends it.
    ErrorToken,
    /// Another service, which speaks first.
    Greets(Greeting),
    /// A web server: `400 Bad Request` to what is no HTTP.
    Http,
    /// PostgreSQL: an ErrorResponse, since a PRELOGIN is no startup packet.
    PostgreSql,
    /// A service that wants TLS from the first byte: a fatal alert.
    TlsFirst,
}

/// A service that greets whoever connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// OpenSSH
    Ssh,
    /// vsftpd
    Ftp,
    /// Postfix
    Smtp,
    /// MySQL 8
    MySql,
}

impl Greeting {
    /// The first bytes of the service.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::Ssh => b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
            Self::Ftp => b"220 (vsFTPd 3.0.3)\r\n",
            Self::Smtp => b"220 mail.demo.test ESMTP Postfix\r\n",
            Self::MySql => {
                b"\x4a\0\0\0\x0a8.0.36\0\x08\0\0\0abcdefgh\0\xff\xff\xff\x02\0\xff\xdf\x15\
                \0\0\0\0\0\0\0\0\0\0abcdefghijkl\0caching_sha2_password\0"
            }
        }
    }
}

const BAD_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n\
    Content-Length: 15\r\nConnection: close\r\n\r\n400 Bad Request";

/// Serves one connection the faulty way.
pub(super) async fn misbehave(
    mut stream: TcpStream,
    fault: &Fault,
    profile: &Profile,
) -> io::Result<()> {
    match *fault {
        Fault::Silent => return drain(&mut stream).await,
        Fault::Closes => {}
        Fault::Resets => {
            heard(&mut stream).await?;
            return stream.set_zero_linger();
        }
        Fault::Drips { every } => {
            for byte in right_answer(&mut stream, profile).await? {
                stream.write_all(&[byte]).await?;
                tokio::time::sleep(every).await;
            }
        }
        Fault::Streams => return stream_for_ever(&mut stream).await,
        Fault::Garbage => {
            heard(&mut stream).await?;
            stream.write_all(&[0xD7; 512]).await?;
        }
        Fault::Malformed => {
            heard(&mut stream).await?;
            // ENCRYPTION at offset 0x40 of a payload of six bytes
            stream
                .write_all(&tds::packet(tds::TYPE_ANSWER, &[1, 0, 0x40, 0, 1, 0xFF]))
                .await?;
        }
        Fault::Stalls => {
            let answer = right_answer(&mut stream, profile).await?;
            stream.write_all(&answer[..answer.len() / 2]).await?;
            return drain(&mut stream).await;
        }
        Fault::HalfThenCloses => {
            let answer = right_answer(&mut stream, profile).await?;
            stream.write_all(&answer[..answer.len() / 2]).await?;
        }
        Fault::ErrorToken => {
            heard(&mut stream).await?;
            stream
                .write_all(&tds::packet(tds::TYPE_ANSWER, &not_available().encode()))
                .await?;
        }
        Fault::Greets(greeting) => {
            stream.write_all(greeting.bytes()).await?;
            heard(&mut stream).await?;
        }
        Fault::Http => {
            heard(&mut stream).await?;
            stream.write_all(BAD_REQUEST).await?;
        }
        Fault::PostgreSql => {
            heard(&mut stream).await?;
            stream
                .write_all(
                    b"E\0\0\0\x3cSFATAL\0VFATAL\0C08P01\0Minvalid length of startup packet\0\0",
                )
                .await?;
        }
        Fault::TlsFirst => {
            heard(&mut stream).await?;
            // fatal alert, protocol_version
            stream.write_all(b"\x15\x03\x03\x00\x02\x02\x46").await?;
        }
    }
    hang_up(stream).await
}

/// Waits for the first bytes of the client, or its end.
async fn heard(stream: &mut TcpStream) -> io::Result<()> {
    stream.read(&mut [0; 512]).await.map(|_| ())
}

/// What a healthy engine would have answered; that to an empty PRELOGIN for what is none.
async fn right_answer(stream: &mut TcpStream, profile: &Profile) -> io::Result<Vec<u8>> {
    let client = read_prelogin(stream, &mut Vec::new()).await?;
    Ok(profile
        .answer(&client.unwrap_or_else(ClientPrelogin::default))
        .encode())
}

/// Packets of an answer without the mark of the last one. Ends when the client has had enough.
async fn stream_for_ever(stream: &mut TcpStream) -> io::Result<()> {
    let mut packet = tds::packet(tds::TYPE_ANSWER, &[0; 504]);
    packet[1] = 0;
    loop {
        stream.write_all(&packet).await?;
    }
}

fn not_available() -> ServerError {
    ServerError {
        number: 40613,
        state: 1,
        class: 17,
        message: "Database 'demo' on server 'demo' is not currently available. Please retry the connection later."
            .to_owned(),
        server: "demo".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::engine::Engine;
    use crate::simulate::tests::{ask, connect, read_to_end};
    use crate::wire::greeting::{Service, recognise};
    use crate::wire::tds::{Decoded, MAX_PACKET, PreloginReply, PreloginRequest};
    use rstest::rstest;
    use tokio::time::timeout;

    const REQUEST: PreloginRequest<'_> = PreloginRequest {
        instance: "",
        trace: [0; 8],
    };

    async fn faulty(fault: Fault) -> (Engine, TcpStream) {
        let engine = Engine::start("127.0.0.1:0".parse().unwrap(), fault.into())
            .await
            .unwrap();
        let mut stream = connect(engine.address()).await;
        if fault != Fault::Closes {
            stream.write_all(&REQUEST.encode()).await.unwrap();
        }
        (engine, stream)
    }

    #[rstest]
    #[case(Fault::Http, Service::Http)]
    #[case(Fault::PostgreSql, Service::PostgreSql)]
    #[case(Fault::TlsFirst, Service::TlsFirst)]
    #[case(Fault::Greets(Greeting::Ssh), Service::Ssh)]
    #[case(Fault::Greets(Greeting::Ftp), Service::Ftp)]
    #[case(Fault::Greets(Greeting::Smtp), Service::Smtp)]
    #[case(Fault::Greets(Greeting::MySql), Service::MySql)]
    #[case(Fault::Garbage, Service::Unknown)]
    #[tokio::test]
    async fn another_service_is_recognised_and_closes_cleanly(
        #[case] fault: Fault,
        #[case] service: Service,
    ) {
        let (_engine, mut stream) = faulty(fault).await;
        let bytes = read_to_end(&mut stream).await;
        assert_eq!(recognise(&bytes), service);
        assert_eq!(PreloginReply::decode(&bytes), Decoded::NotTds);
    }

    #[tokio::test]
    async fn a_postgresql_error_says_its_length() {
        let (_engine, mut stream) = faulty(Fault::PostgreSql).await;
        let bytes = read_to_end(&mut stream).await;
        assert_eq!(usize::from(bytes[4]), bytes.len() - 1);
    }

    #[tokio::test]
    async fn a_mysql_greeting_says_its_length() {
        let bytes = Greeting::MySql.bytes();
        assert_eq!(usize::from(bytes[0]), bytes.len() - 4);
    }

    #[tokio::test]
    async fn a_proxy_without_backend_ends_without_a_byte() {
        let (_engine, mut stream) = faulty(Fault::Closes).await;
        assert_eq!(read_to_end(&mut stream).await, b"");
    }

    #[tokio::test]
    async fn a_reset_is_a_reset() {
        let (_engine, mut stream) = faulty(Fault::Resets).await;
        let error = stream.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_hung_engine_reads_and_says_nothing() {
        let (_engine, mut stream) = faulty(Fault::Silent).await;
        let waited = timeout(Duration::from_millis(100), stream.read(&mut [0; 8])).await;
        assert!(waited.is_err(), "{waited:?}");
    }

    #[tokio::test]
    async fn a_drip_is_whole_in_the_end() {
        let (engine, _) = faulty(Fault::Drips {
            every: Duration::from_millis(1),
        })
        .await;
        assert!(matches!(ask(engine.address(), "").await, Decoded::Reply(_)));
    }

    #[tokio::test]
    async fn a_stream_without_end_is_malformed_at_the_limit() {
        let (_engine, mut stream) = faulty(Fault::Streams).await;
        let mut bytes = vec![0; MAX_PACKET];
        stream.read_exact(&mut bytes).await.unwrap();
        assert!(matches!(
            PreloginReply::decode(&bytes),
            Decoded::Malformed(_)
        ));
    }

    #[tokio::test]
    async fn half_an_answer_is_incomplete_at_the_end() {
        let (_engine, mut stream) = faulty(Fault::HalfThenCloses).await;
        let bytes = read_to_end(&mut stream).await;
        assert!(bytes.len() > 8);
        assert_eq!(PreloginReply::decode(&bytes), Decoded::Incomplete);
    }

    #[tokio::test]
    async fn a_stalled_answer_never_ends() {
        let (_engine, mut stream) = faulty(Fault::Stalls).await;
        let mut bytes = Vec::new();
        while let Ok(read) = timeout(Duration::from_millis(100), stream.read_buf(&mut bytes)).await
        {
            assert_ne!(read.unwrap(), 0, "closed");
        }
        assert!(bytes.len() > 8);
        assert_eq!(PreloginReply::decode(&bytes), Decoded::Incomplete);
    }

    #[tokio::test]
    async fn options_outside_the_packet_are_malformed() {
        let (_engine, mut stream) = faulty(Fault::Malformed).await;
        let bytes = read_to_end(&mut stream).await;
        assert!(matches!(
            PreloginReply::decode(&bytes),
            Decoded::Malformed(_)
        ));
    }

    #[tokio::test]
    async fn a_gateway_answers_with_its_error() {
        let (_engine, mut stream) = faulty(Fault::ErrorToken).await;
        let bytes = read_to_end(&mut stream).await;
        assert!(matches!(
            PreloginReply::decode(&bytes),
            Decoded::ErrorToken { number: 40613, .. }
        ));
    }
}
