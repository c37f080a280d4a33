//! The vectors of the specification, what real servers and drivers send, and any bytes at all.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

const YUKONSTD: &str =
    "ServerName;ILSUNG1;InstanceName;YUKONSTD;IsClustered;No;Version;9.00.1399.06;tcp;57137;;";
const YUKONDEV: &str = "ServerName;ILSUNG1;InstanceName;YUKONDEV;IsClustered;No;Version;9.00.1399.06;\
     np;\\\\ILSUNG1\\pipe\\MSSQL$YUKONDEV\\sql\\query;;";
const DEFAULT: &str = "ServerName;ILSUNG1;InstanceName;MSSQLSERVER;IsClustered;No;Version;9.00.1399.06;\
     tcp;1433;np;\\\\ILSUNG1\\pipe\\sql\\query;;";

fn datagram(size: usize, data: &[u8]) -> Vec<u8> {
    let size = u16::try_from(size).unwrap().to_le_bytes();
    [&[5], &size[..], data].concat()
}

fn reply(data: &str) -> Reply {
    Reply::decode(&datagram(data.len(), data.as_bytes())).unwrap()
}

#[rstest]
#[case(Request::List, b"\x03")]
#[case(Request::Instance("YUKONSTD"), b"\x04YUKONSTD\0")]
#[case(Request::Dac("YUKONSTD"), b"\x0f\x01YUKONSTD\0")]
fn requests_are_those_of_the_specification(#[case] request: Request<'_>, #[case] bytes: &[u8]) {
    assert_eq!(request.encode(), bytes);
    assert_eq!(Request::decode(bytes), Some(request));
}

#[rstest]
#[case(b"\x02", Some(Request::List))] // tedious
#[case(b"\x04PROD", Some(Request::Instance("PROD")))] // JDBC, tiberius
#[case(b"", None)]
#[case(b"\x03\x00", None)]
#[case(b"\x04", None)]
#[case(b"\x04\0", None)]
#[case(b"\x04A\0B\0", None)]
#[case(b"\x04\xff\xfe\0", None)]
#[case(b"\x04123456789012345678901234567890123\0", None)]
#[case(b"\x0f\x02PROD\0", None)]
#[case(b"\x05\x00\x00", None)]
fn a_server_answers_what_it_can_read_and_ignores_the_rest(
    #[case] bytes: &[u8],
    #[case] request: Option<Request<'_>>,
) {
    assert_eq!(Request::decode(bytes), request);
}

#[test]
fn a_long_name_is_cut_at_a_character() {
    let name = format!("{}é", "x".repeat(31));
    assert_eq!(Request::Instance(&name).encode().len(), 1 + 31 + 1);
}

#[test]
fn the_answer_for_one_instance_is_read() {
    let reply = Reply::decode(&datagram(0x58, YUKONSTD.as_bytes())).unwrap();
    assert_eq!(reply.flaws, []);
    assert_eq!(
        reply.entries,
        [Entry {
            server: b"ILSUNG1".to_vec(),
            instance: b"YUKONSTD".to_vec(),
            version: b"9.00.1399.06".to_vec(),
            tcp: Some(57137),
            ..Entry::default()
        }]
    );
}

#[test]
fn the_list_of_the_specification_is_read_and_written() {
    let bytes = datagram(0x147, [YUKONSTD, YUKONDEV, DEFAULT].concat().as_bytes());
    let reply = Reply::decode(&bytes).unwrap();
    let ports: Vec<_> = reply.entries.iter().map(|entry| entry.tcp).collect();
    assert_eq!(ports, [Some(57137), None, Some(1433)]);
    assert_eq!(
        reply.entries[1].pipe.as_deref(),
        Some(&br"\\ILSUNG1\pipe\MSSQL$YUKONDEV\sql\query"[..])
    );
    assert_eq!(reply.flaws, []);
    assert_eq!(reply.encode(), bytes);
}

#[test]
fn an_instance_without_tcp_is_listed_without_a_port() {
    let reply = reply(
        "ServerName;DSHOOK-BCPC;InstanceName;SQLSERVER;IsClustered;No;Version;10.50.4000.0;;",
    );
    assert_eq!(reply.entry("sqlserver").unwrap().tcp, None);
    assert_eq!(reply.flaws, []);
}

#[test]
fn two_semicolons_inside_data_do_not_end_the_entry() {
    let reply = reply(
        "ServerName;S;InstanceName;I;IsClustered;Yes;Version;8.00.194;bv;;@COMPNAME;;tcp;1433;;",
    );
    let entry = &reply.entries[0];
    assert_eq!((entry.tcp, entry.clustered), (Some(1433), true));
    assert_eq!(entry.other, [(b"bv".to_vec(), b";@COMPNAME;".to_vec())]);
}

/// Cut as one, the three values would lose a semicolon, and what follows would change places.
#[test]
fn three_values_are_cut_one_by_one() {
    let long = "x".repeat(MAX_VALUE_BYTES + 1);
    let data = format!("ServerName;S;bv;I;{long};O;via;ServerName;tcp;1433;;");
    let first = reply(&data);
    let kept = ["I", &long[1..], "O"].join(";");
    let (key, value) = &first.entries[0].other[0];
    assert_eq!((&key[..], &value[..]), (&b"bv"[..], kept.as_bytes()));
    assert_eq!(Reply::decode(&first.encode()), Ok(first));
}

#[test]
fn keys_are_read_in_any_case_and_order() {
    let reply = reply("SERVERNAME;S;NP;p;TCP;50123;instancename;Prod;;");
    let entry = reply.entry("PROD").unwrap();
    assert_eq!(
        (entry.tcp, entry.pipe.as_deref()),
        (Some(50123), Some(&b"p"[..]))
    );
}

#[test]
fn a_port_that_was_cut_is_not_taken_for_a_port() {
    let cut = &YUKONSTD[..YUKONSTD.len() - 4];
    assert!(cut.ends_with(";571"));
    let reply = Reply::decode(&datagram(0x58, cut.as_bytes())).unwrap();
    assert_eq!(reply.entries[0].tcp, None);
    assert_eq!(reply.flaws, [Flaw::Truncated]);
}

#[test]
fn bytes_behind_the_data_are_said_and_not_read() {
    let reply = Reply::decode(&datagram(0x58, [YUKONSTD, DEFAULT].concat().as_bytes())).unwrap();
    assert_eq!(
        (reply.entries.len(), &reply.flaws[..]),
        (1, &[Flaw::TrailingBytes][..])
    );
}

#[rstest]
#[case("0")]
#[case("65536")]
#[case("+1433")]
#[case("")]
#[case("14 33")]
#[case("99999999999999999999")]
fn a_port_that_is_none_is_a_flaw(#[case] port: &str) {
    let reply = reply(&format!("ServerName;S;InstanceName;I;tcp;{port};;"));
    assert_eq!(
        (reply.entries[0].tcp, &reply.flaws[..]),
        (None, &[Flaw::BadPort][..])
    );
}

#[test]
fn entries_beyond_the_limit_are_dropped_and_said() {
    let reply = reply(&"ServerName;S;InstanceName;I;tcp;1433;;".repeat(MAX_ENTRIES + 1));
    assert_eq!(
        (reply.entries.len(), &reply.flaws[..]),
        (MAX_ENTRIES, &[Flaw::TooManyEntries][..])
    );
}

#[test]
fn names_in_a_code_page_survive_as_bytes() {
    let data = b"ServerName;S;InstanceName;M\xfcnchen;tcp;1433;;";
    let reply = Reply::decode(&datagram(data.len(), data)).unwrap();
    assert_eq!(reply.entries[0].instance, b"M\xfcnchen");
}

#[rstest]
#[case(b"", ReplyError::Short)]
#[case(b"\x05\x00", ReplyError::Short)]
#[case(b"\x04\x00\x00", ReplyError::NotAReply(4))]
#[case(b"\x05\x00\x00", ReplyError::Empty)]
#[case(b"\x05\x06\x00\x01\x32\xdf", ReplyError::Empty)]
#[case(b"\x05\x08\x00garbage!", ReplyError::Empty)]
fn what_is_no_reply_is_refused(#[case] bytes: &[u8], #[case] error: ReplyError) {
    assert_eq!(Reply::decode(bytes), Err(error));
}

#[test]
fn a_reply_never_grows_over_its_size_field() {
    let entry = Entry {
        server: vec![b's'; 255],
        instance: b"I".to_vec(),
        ..Entry::default()
    };
    let long = Reply {
        entries: vec![entry; 300],
        flaws: vec![],
    }
    .encode();
    assert!(long.len() <= 3 + MAX_DATA_BYTES);
    assert_eq!(Reply::decode(&long).unwrap().flaws, []);
}

#[test]
fn the_administrator_port_of_the_specification_is_read() {
    assert_eq!(decode_dac(b"\x05\x06\x00\x01\x32\xdf"), Some(57138));
    assert_eq!(encode_dac(57138), *b"\x05\x06\x00\x01\x32\xdf");
}

#[rstest]
#[case(b"\x05\x06\x00\x01\x32")]
#[case(b"\x05\x06\x00\x01\x32\xdf\x00")]
#[case(b"\x05\x03\x00\x01\x32\xdf")]
#[case(b"\x05\x06\x00\x02\x32\xdf")]
#[case(b"\x05\x06\x00\x01\x00\x00")]
fn a_wrong_administrator_answer_has_no_port(#[case] bytes: &[u8]) {
    assert_eq!(decode_dac(bytes), None);
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(
        any::<u8>().prop_filter("ends a value", |b| *b != b';'),
        0..40,
    )
}

prop_compose! {
    fn entry()(
        server in value(), instance in value(), clustered: bool, version in value(),
        tcp in proptest::option::of(1..=u16::MAX), pipe in proptest::option::of(value()),
    ) -> Entry {
        Entry { server, instance, clustered, version, tcp, pipe, other: vec![] }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = Reply::decode(&bytes);
        let _ = Request::decode(&bytes);
        let _ = decode_dac(&bytes);
        let _ = Reply::decode(&[&[5, 0xff, 0xff], &bytes[..]].concat());
    }

    #[test]
    fn what_is_written_is_read_back(entries in proptest::collection::vec(entry(), 1..8)) {
        let reply = Reply { entries, flaws: vec![] };
        prop_assert_eq!(Reply::decode(&reply.encode()), Ok(reply));
    }

    #[test]
    fn a_cut_reply_never_invents_an_instance_or_a_port(
        entries in proptest::collection::vec(entry(), 1..8), part in 0.0..1.0f64,
    ) {
        let whole = Reply { entries, flaws: vec![] };
        let bytes = whole.encode();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let cut = (bytes.len() as f64 * part) as usize;
        if let Ok(reply) = Reply::decode(&bytes[..cut]) {
            prop_assert_eq!(&reply.flaws, &[Flaw::Truncated]);
            for (read, written) in reply.entries.iter().zip(&whole.entries) {
                prop_assert!(read.tcp.is_none() || read.tcp == written.tcp);
                prop_assert!(read.instance.is_empty() || read.instance == written.instance);
            }
        }
    }

    #[test]
    fn a_changed_byte_never_panics(
        entries in proptest::collection::vec(entry(), 1..4), at: proptest::sample::Index, byte: u8,
    ) {
        let mut bytes = Reply { entries, flaws: vec![] }.encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(reply) = Reply::decode(&bytes) {
            prop_assert!(reply.entries.len() <= MAX_ENTRIES);
        }
    }

    #[test]
    fn any_name_is_asked_for_within_bounds(name in ".{0,80}") {
        let bytes = Request::Instance(&name).encode();
        prop_assert!(bytes.len() <= MAX_INSTANCE_BYTES + 2);
        prop_assert_eq!(bytes.last(), Some(&0));
    }
}
