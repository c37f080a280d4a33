//! The vectors of the specification and of real servers, and any bytes at all.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// \[MS-TDS\] 4.1
const SAMPLE_REQUEST: &[u8] = &[
    0x12, 0x01, 0x00, 0x2F, 0, 0, 1, 0, // header
    0, 0, 0x1A, 0, 6, 1, 0, 0x20, 0, 1, 2, 0, 0x21, 0, 1, 3, 0, 0x22, 0, 4, 4, 0, 0x26, 0, 1,
    0xFF, // options
    9, 0, 0, 0, 0, 0, 1, 0, 0xB8, 0x0D, 0, 0, 1,
];
/// SQL Server 2014 SP3, as it answered.
const REPLY_2014: &[u8] = &[
    0x04, 0x01, 0x00, 0x25, 0, 0, 1, 0, // header
    0, 0, 0x15, 0, 6, 1, 0, 0x1B, 0, 1, 2, 0, 0x1C, 0, 1, 3, 0, 0x1D, 0, 0, 0xFF, // options
    0x0C, 0, 0x17, 0x88, 0, 0, 0, 0,
];

fn reply_2014() -> PreloginReply {
    PreloginReply {
        version: Some(Version {
            major: 12,
            minor: 0,
            build: 6024,
            sub_build: 0,
        }),
        encryption: Some(Encryption::Off),
        instance_matches: Some(true),
        ..PreloginReply::default()
    }
}

/// The same message in packets of `size` bytes of payload.
fn fragments(packet: &[u8], size: usize) -> Vec<u8> {
    let pieces: Vec<_> = packet[HEADER..].chunks(size).collect();
    let mut out = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        let length = u16::try_from(HEADER + piece.len()).unwrap().to_be_bytes();
        let status = u8::from(number + 1 == pieces.len());
        out.extend_from_slice(&[packet[0], status, length[0], length[1], 0, 0, 1, 0]);
        out.extend_from_slice(piece);
    }
    out
}

#[test]
fn the_answer_of_a_real_server_is_read_and_written() {
    assert_eq!(
        PreloginReply::decode(REPLY_2014),
        Decoded::Reply(reply_2014())
    );
    assert_eq!(reply_2014().encode(), REPLY_2014);
}

#[rstest]
#[case([0x0B, 0, 0x08, 0x34, 0, 0], "11.0.2100")]
#[case([0x0A, 0x32, 0x06, 0x40, 0, 0], "10.50.1600")]
#[case([0x10, 0, 0x10, 0x09, 0, 2], "16.0.4105.2")]
fn versions_are_written_as_the_field_does(#[case] bytes: [u8; 6], #[case] text: &str) {
    let mut answer = REPLY_2014.to_vec();
    answer[HEADER + 21..HEADER + 27].copy_from_slice(&bytes);
    let Decoded::Reply(reply) = PreloginReply::decode(&answer) else {
        panic!("no reply")
    };
    assert_eq!(reply.version.unwrap().to_string(), text);
}

#[test]
fn the_sample_of_the_specification_is_read_as_a_server_does() {
    let client = decode_client(SAMPLE_REQUEST).unwrap().unwrap();
    assert_eq!(client.encryption, Some(Encryption::On));
    assert_eq!(
        (client.instance.as_slice(), client.trace, client.length),
        (&b""[..], None, 47)
    );
    assert!(client.asks_mars && !client.asks_federated);
}

#[test]
fn a_probe_carries_its_instance_and_its_mark() {
    let bytes = PreloginRequest {
        instance: "PROD",
        trace: *b"12345678",
    }
    .encode();
    assert_eq!(
        usize::from(u16::from_be_bytes([bytes[2], bytes[3]])),
        bytes.len()
    );
    let client = decode_client(&bytes).unwrap().unwrap();
    assert_eq!(client.instance, b"PROD");
    assert_eq!(client.encryption, Some(Encryption::Off));
    assert_eq!(client.trace, Some(*b"sqlreach12345678"));
    // both ids carry the mark, and the sequence number follows them
    assert!(bytes.ends_with(b"sqlreach12345678sqlreach12345678\x01\0\0\0"));
}

#[test]
fn a_probe_for_the_default_instance_sends_a_lone_nul() {
    let bytes = PreloginRequest {
        instance: "",
        trace: [0; 8],
    }
    .encode();
    assert_eq!(bytes.len(), HEADER + 6 * 5 + 1 + 6 + 1 + 1 + 4 + 1 + 36);
    assert_eq!(bytes[HEADER..HEADER + 5], [0, 0, 31, 0, 6]);
}

#[test]
fn options_that_are_missing_stay_unknown() {
    let answer = packet(TYPE_ANSWER, &write_options(&[(0, &[17, 0, 4, 1, 0, 0])]));
    let Decoded::Reply(reply) = PreloginReply::decode(&answer) else {
        panic!("no reply")
    };
    assert_eq!(
        (reply.encryption, reply.instance_matches, reply.mars),
        (None, None, None)
    );
    assert_eq!(reply.version.unwrap().major, 17);
}

#[rstest]
#[case(0x00, Encryption::Off)]
#[case(0x03, Encryption::Required)]
#[case(0x20, Encryption::Other(0x20))]
#[case(0x83, Encryption::Other(0x83))]
fn an_offer_is_kept_as_it_came(#[case] byte: u8, #[case] offer: Encryption) {
    assert_eq!(Encryption::from(byte), offer);
    assert_eq!(offer.byte(), byte);
}

#[test]
fn an_instance_answer_that_is_neither_is_not_guessed() {
    for data in [&[7][..], &[0, 0], b"PROD\0", &[]] {
        let answer = packet(
            TYPE_ANSWER,
            &write_options(&[(0, &[12, 0, 0, 0, 0, 0]), (2, data)]),
        );
        let Decoded::Reply(reply) = PreloginReply::decode(&answer) else {
            panic!("no reply")
        };
        assert_eq!(reply.instance_matches, None);
    }
}

#[test]
fn an_answer_byte_by_byte_is_incomplete_until_its_last() {
    for answer in [
        REPLY_2014.to_vec(),
        fragments(REPLY_2014, 7),
        fragments(REPLY_2014, 1),
    ] {
        for end in 0..answer.len() {
            assert_eq!(
                PreloginReply::decode(&answer[..end]),
                Decoded::Incomplete,
                "{end}"
            );
        }
        assert_eq!(PreloginReply::decode(&answer), Decoded::Reply(reply_2014()));
    }
}

#[test]
fn what_follows_an_answer_is_left_alone() {
    let more = [REPLY_2014, b"garbage"].concat();
    assert_eq!(PreloginReply::decode(&more), Decoded::Reply(reply_2014()));
}

#[rstest]
#[case(b"HTTP/1.1 400 Bad Request")]
#[case(b"\x15\x03\x03\0\x02\x02\x46")]
#[case(b"\xff")]
fn another_service_is_not_tds(#[case] bytes: &[u8]) {
    assert_eq!(PreloginReply::decode(bytes), Decoded::NotTds);
}

#[rstest]
#[case::length_below_the_header(&[4, 1, 0, 7, 0, 0, 1, 0])]
#[case::length_beyond_the_limit(&[4, 1, 0x10, 0x01])]
#[case::nothing_in_it(&[4, 1, 0, 8, 0, 0, 1, 0])]
#[case::no_options(&[4, 1, 0, 9, 0, 0, 1, 0, 0xFF])]
#[case::no_terminator(&[4, 1, 0, 13, 0, 0, 1, 0, 0, 0, 0, 0, 0])]
#[case::data_outside(&[4, 1, 0, 14, 0, 0, 1, 0, 1, 0, 6, 0, 1, 0xFF])]
#[case::short_version(&[4, 1, 0, 16, 0, 0, 1, 0, 0, 0, 6, 0, 2, 0xFF, 9, 0])]
#[case::another_type_behind(&[4, 0, 0, 9, 0, 0, 1, 0, 0, 0x12])]
fn an_answer_that_makes_no_sense_is_malformed(#[case] bytes: &[u8]) {
    let decoded = PreloginReply::decode(bytes);
    assert!(matches!(decoded, Decoded::Malformed(_)), "{decoded:?}");
}

#[test]
fn an_error_instead_of_options_is_read() {
    let error = ServerError {
        number: 40613,
        message: "not available".into(),
        ..ServerError::default()
    };
    let answer = packet(TYPE_ANSWER, &error.encode());
    let expected = Decoded::ErrorToken {
        number: 40613,
        message: "not available".into(),
    };
    assert_eq!(PreloginReply::decode(&answer), expected);
}

#[rstest]
#[case(b"\x16\x03\x01\x02\0")] // TLS first
#[case(b"GET / HTTP/1.1\r\n")]
#[case(&[0x12, 1, 0, 14, 0, 0, 1, 0, 1, 0, 6, 0, 0, 0xFF])] // ENCRYPTION before VERSION
fn a_server_refuses_what_is_no_prelogin(#[case] bytes: &[u8]) {
    assert!(decode_client(bytes).unwrap().is_err());
}

#[test]
fn endless_packets_end_at_the_limit() {
    let empty = [4, 0, 0, 8, 0, 0, 1, 0].repeat(MAX_PACKET);
    assert!(matches!(
        PreloginReply::decode(&empty),
        Decoded::Malformed(_)
    ));
    assert!(matches!(
        PreloginReply::decode(&empty[..MAX_PACKET]),
        Decoded::Malformed(_)
    ));
}

prop_compose! {
    fn reply()(
        version: Option<(u8, u8, u16, u16)>, encryption: Option<u8>, instance_matches: Option<bool>,
        mars: Option<bool>, federated_authentication: Option<bool>,
        other in proptest::collection::vec(8..0xFFu8, 0..6),
    ) -> PreloginReply {
        PreloginReply {
            version: version.map(|(major, minor, build, sub_build)| Version { major, minor, build, sub_build }),
            encryption: encryption.map(Encryption::from),
            instance_matches, mars, federated_authentication, other,
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = PreloginReply::decode(&bytes);
        let _ = decode_client(&bytes);
        let _ = PreloginReply::decode(&packet(TYPE_ANSWER, &bytes));
        let _ = decode_client(&packet(TYPE_PRELOGIN, &bytes));
    }

    #[test]
    fn what_is_written_is_read_back(reply in reply(), size in 1..60usize) {
        let bytes = reply.encode();
        prop_assert_eq!(PreloginReply::decode(&bytes), Decoded::Reply(reply.clone()));
        prop_assert_eq!(PreloginReply::decode(&fragments(&bytes, size)), Decoded::Reply(reply));
    }

    #[test]
    fn a_changed_byte_never_panics(reply in reply(), at: proptest::sample::Index, byte: u8) {
        let mut bytes = reply.encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = PreloginReply::decode(&bytes);
        bytes[0] = TYPE_PRELOGIN;
        let _ = decode_client(&bytes);
    }

    #[test]
    fn a_full_buffer_is_never_incomplete(head in proptest::collection::vec(any::<u8>(), 0..64), fill: u8) {
        let mut bytes = vec![TYPE_ANSWER];
        bytes.extend(head);
        bytes.resize(MAX_PACKET, fill);
        prop_assert_ne!(PreloginReply::decode(&bytes), Decoded::Incomplete);
    }

    #[test]
    fn a_request_is_read_by_a_server(instance in "[A-Za-z0-9$_#@]{0,32}", trace: [u8; 8]) {
        let bytes = PreloginRequest { instance: &instance, trace }.encode();
        let client = decode_client(&bytes).unwrap().unwrap();
        prop_assert_eq!(client.instance, instance.as_bytes());
        prop_assert_eq!(client.length, bytes.len());
    }
}

#[test]
fn the_page_says_how_to_find_us_as_we_are() {
    let page = include_str!("../../../docs/footprint.md");
    let bytes = TRACE_PREFIX.map(|byte| format!("{byte:02x}"));
    let filter = bytes.join(":");
    assert!(
        page.contains(&format!("-Y 'frame contains {filter}'")),
        "{filter}"
    );
    let spaced = filter.replace(':', " ");
    assert!(
        page.contains(&format!("connection id `{spaced}`")),
        "{spaced}"
    );
    // As Windows writes a GUID.
    let turned = |part: &[String]| part.iter().rev().cloned().collect::<String>();
    let parts = [&bytes[..4], &bytes[4..6], &bytes[6..]].map(turned);
    let guid = format!("{}-", parts.join("-")).to_uppercase();
    assert!(page.contains(&format!("LIKE '{guid}%'")), "{guid}");
    let word = std::str::from_utf8(&TRACE_PREFIX).unwrap();
    assert!(page.contains(&format!("grep -a {word}")));
}
