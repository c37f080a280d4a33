//! What must hold for any text.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::explain::{MAX_BYTES, explain};

/// Pieces that signals are made of, and what breaks parsers.
const PIECES: [&str; 28] = [
    "Connection refused",
    "TLS handshake failed",
    "os error ",
    "111",
    "error: ",
    "26 - ",
    "0x",
    "2749",
    "[",
    "(",
    "'",
    "\"",
    "\\n",
    "\\",
    "\u{202e}",
    "\u{0}",
    "é",
    "拒绝",
    "Server=",
    ";Password=",
    "failed to connect to ",
    "dial tcp ",
    "db1.corp:1433",
    "initialization=",
    "handshake=",
    "\n",
    " ",
    "-",
];

const SAMPLES: [&str; 7] = [
    "[HYT00] native=0 (0x0) [Microsoft][ODBC Driver 18 for SQL Server]Login timeout expired\n[08001] native=10057 (0x2749) [Microsoft][ODBC Driver 18 for SQL Server]TCP Provider: Error code 0x2749\n[08001] native=10057 (0x2749) [Microsoft][ODBC Driver 18 for SQL Server]A network-related or instance-specific error has occurred while establishing a connection to db1,1433.",
    "Error: Failed to connect to db1:1433 - Could not connect (sequence) [code=ESOCKET]\n  cause: AggregateError: Could not connect (sequence)\n  cause:   Error: connect EHOSTUNREACH 198.18.0.15:1433 [code=EHOSTUNREACH] [errno=-113]",
    "Msg 4060 (severity 11, state 1) from SQLPROD01 Line 1:\n\t\"Cannot open database \"master\" requested by the login. The login failed.\"\nError 20002 (severity 9):\n\tAdaptive Server connection failed\nThere was a problem connecting to the server",
    "javax.net.ssl.SSLHandshakeException: PKIX path validation failed\n  caused by: java.security.cert.CertPathValidatorException: validity check failed\n  caused by: java.security.cert.CertificateExpiredException: NotAfter: Fri Jan 01 00:00:00 UTC 2021",
    "Sqlcmd: Error: Microsoft ODBC Driver 17 for SQL Server : TCP Provider: Error code 0x2746.\nSqlcmd: Error: Microsoft ODBC Driver 17 for SQL Server : Client unable to establish connection.",
    "lookup db9.corp on 198.18.0.53:53: server misbehaving\n*net.DNSError",
    "A transport-level error has occurred when receiving results from the server.\n(provider: TCP Provider, error: 0 - An existing connection was forcibly closed by the remote host.)\n(Microsoft SQL Server, Error: 10054)",
];

const PREFIXES: [&str; 7] = [
    "08:00:00,123 [53] ERROR App.Data - ",
    "Nov 22 08:00:00 app01 billing[233]: ",
    "2026-11-22 08:00:00,123 ERROR [main] c.e.App: ",
    "Nov 22 08:00:00 app01 billing[4711]: ",
    "> ",
    "level=error ts=2026-11-22T08:00:00Z caller=db.go:42 msg=",
    "08:00:00.123 | ERR | ",
];

proptest! {
    #[test]
    fn no_text_makes_it_panic_and_the_same_text_reads_the_same(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let text = String::from_utf8_lossy(&bytes);
        prop_assert_eq!(explain(&text), explain(&text));
    }

    #[test]
    fn no_pile_of_pieces_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        let read = explain(&pieces.concat());
        prop_assert!(read.codes.len() <= 16 && read.causes.len() <= 5);
    }

    #[test]
    fn the_order_of_the_lines_does_not_matter(sample in prop::sample::select(&SAMPLES[..]), seed in any::<u64>()) {
        let mut lines: Vec<&str> = sample.lines().collect();
        let count = lines.len();
        lines.rotate_left(usize::try_from(seed % 97).unwrap() % count);
        if seed % 2 == 0 {
            lines.reverse();
        }
        let (read, turned) = (explain(sample), explain(&lines.join("\n")));
        prop_assert_eq!((read.layer, read.state), (turned.layer, turned.state));
    }

    #[test]
    fn what_a_log_writes_before_each_line_does_not_matter(
        sample in prop::sample::select(&SAMPLES[..]),
        prefix in prop::sample::select(&PREFIXES[..]),
    ) {
        let logged: Vec<String> = sample.lines().map(|line| format!("{prefix}{line}")).collect();
        let (read, wrapped) = (explain(sample), explain(&logged.join("\n")));
        prop_assert_eq!((read.layer, read.state), (wrapped.layer, wrapped.state), "{}", logged.join("\n"));
    }
}

/// Long enough for a debug build on a busy machine, short enough for quadratic time to show.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
fn the_longest_and_nastiest_texts_are_read_in_linear_time() {
    let hostile = [
        "a",
        "1",
        "0x",
        "\n",
        " ",
        "\\",
        "'",
        "-",
        "é",
        "tls ",
        "server=",
        "host ",
        "server '",
        "a.-",
        "failed to connect to ",
        "packet ",
        "packet\n",
        "error 10061 ",
        "os error 111 ",
        "initialization=",
        "[",
        "(1)",
        ": ",
        "x=",
        "拒绝",
        "\u{0}",
        "certificate not valid for ",
        "Password=",
        "user:p@",
    ];
    for piece in hostile {
        let text = piece.repeat(MAX_BYTES / piece.len() + 10);
        let begun = Instant::now();
        let _ = explain(&text);
        assert!(
            begun.elapsed() < PATIENCE,
            "{piece:?} took {:?}",
            begun.elapsed()
        );
    }
}

#[test]
fn what_is_beyond_the_limit_is_not_read() {
    let text = format!("{}é ECONNREFUSED", "x".repeat(MAX_BYTES - 1));
    assert!(!explain(&text).is_connection_error);
}
