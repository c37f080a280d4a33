//! Which service it is that answers on a port where SQL Server was expected.

use serde::{Deserialize, Serialize};

/// A service recognised by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// `HTTP/1.1 400 …`
    Http,
    /// `SSH-2.0-…`
    Ssh,
    /// `220 …` that speaks of FTP
    Ftp,
    /// `220 …` that speaks of SMTP
    Smtp,
    /// a MySQL or MariaDB greeting
    MySql,
    /// PostgreSQL's `E` or `N`
    PostgreSql,
    /// a TLS alert or handshake record: a service that wants TLS first
    TlsFirst,
    /// none of these
    Unknown,
}

/// Names the service by the first bytes it sent.
///
/// Only the first bytes count, so it may be asked again as more of them arrive:
/// [`Service::Unknown`] can become a name, a name does not become another one
/// (except where `220` needs the rest of its line).
pub fn recognise(first: &[u8]) -> Service {
    match first {
        [b'2', b'2', b'0', b' ' | b'-', rest @ ..] => service_ready(rest),
        // RFC 8446 5.1: content type alert or handshake, legacy version 3.x
        [0x15 | 0x16, 0x03, 0x00..=0x04, ..] => Service::TlsFirst,
        _ if is_postgresql(first) => Service::PostgreSql,
        _ if is_mysql(first) => Service::MySql,
        _ if first.starts_with(b"SSH-") => Service::Ssh,
        _ if is_web(first) => Service::Http,
        _ => Service::Unknown,
    }
}

/// FTP and SMTP both begin with `220` (RFC 959 4.2, RFC 5321 4.2); the line tells them apart.
/// A mail host may well be called `ftp`, so its protocol is looked for first.
fn service_ready(line: &[u8]) -> Service {
    let says = |words: &[&[u8]]| words.iter().any(|word| holds(line, word));
    if says(&[b"smtp", b"postfix", b"exim", b"sendmail"]) {
        Service::Smtp
    } else if says(&[b"ftp", b"filezilla"]) {
        Service::Ftp
    } else {
        Service::Unknown
    }
}

/// PostgreSQL manual 54.7: ErrorResponse, whose first field is the severity; a plain
/// text from before protocol 3; or the one byte that answers a request for TLS.
fn is_postgresql(first: &[u8]) -> bool {
    matches!(first, [b'E', 0, 0, _, _, b'S', ..] | [b'N']) || first.starts_with(b"EFATAL:")
}

/// A packet of MySQL begins with its length in 24 bits and a sequence number, 0 in a
/// greeting: protocol 10 follows, or an error (host not allowed, 1040 too many
/// connections). Its X Protocol greets with a notice frame instead.
fn is_mysql(first: &[u8]) -> bool {
    match first {
        [5, 0, 0, 0, 0x0B, ..] | [_, _, 0, 0, 0x0A, ..] | [_, _, 0, 0, 0xFF, 0x10, 0x04, ..] => {
            true
        }
        [_, _, 0, 0, 0xFF, text @ ..] => holds(text, b"mysql") || holds(text, b"mariadb"),
        _ => false,
    }
}

/// A status line, or the bare page that some servers send to what is no HTTP request.
fn is_web(first: &[u8]) -> bool {
    let begins = |word: &[u8]| {
        first
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    begins(b"HTTP/") || begins(b"<html") || begins(b"<!doctype html")
}

/// Whether `word` (lower case) occurs in `text`, in any case.
fn holds(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len())
        .any(|window| window.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(b"HTTP/1.1 400 Bad Request\r\n", Service::Http)]
    #[case(b"<!DOCTYPE HTML PUBLIC", Service::Http)]
    #[case(b"SSH-2.0-OpenSSH_9.2p1\r\n", Service::Ssh)]
    #[case(b"220 (vsFTPd 3.0.3)\r\n", Service::Ftp)]
    #[case(b"220-FileZilla Server 1.8\r\n", Service::Ftp)]
    #[case(b"220 mail.example.test ESMTP Postfix\r\n", Service::Smtp)]
    #[case(b"220 ftp.example.test ESMTP\r\n", Service::Smtp)]
    #[case(b"220 welcome\r\n", Service::Unknown)]
    #[case(b"\x4a\0\0\0\x0a8.0.36\0", Service::MySql)]
    #[case(
        b"\x45\0\0\0\xff\x6a\x04Host '10.0.0.1' is not allowed to connect to this MySQL server",
        Service::MySql
    )]
    #[case(b"\x17\0\0\0\xff\x10\x04Too many connections", Service::MySql)]
    #[case(b"\x05\0\0\0\x0b\x08\x05\x1a\0", Service::MySql)]
    #[case(b"E\0\0\0\x7bSFATAL\0", Service::PostgreSql)]
    #[case(b"EFATAL:  unsupported frontend protocol", Service::PostgreSql)]
    #[case(b"N", Service::PostgreSql)]
    #[case(b"\x15\x03\x03\0\x02\x02\x46", Service::TlsFirst)]
    #[case(b"\x16\x03\x01\x02\0", Service::TlsFirst)]
    #[case(b"", Service::Unknown)]
    #[case(b"ERR unknown command", Service::Unknown)]
    #[case(b"\x04\x01\0\x25\0\0\x01\0", Service::Unknown)]
    #[case(b"-ERR unknown command\r\n", Service::Unknown)]
    fn a_service_is_known_by_its_first_bytes(#[case] first: &[u8], #[case] service: Service) {
        assert_eq!(recognise(first), service);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = recognise(&bytes);
        }
    }
}
