//! The server asked over both transports, by messages of hickory-proto.

use super::*;
use crate::simulate::tests::{DEADLINE, connect};
use hickory_proto::op::{MessageType, OpCode, Query};
use rstest::rstest;

fn zone() -> Zone {
    let both = vec!["127.77.0.11".parse().unwrap(), "::1".parse().unwrap()];
    let many = (0..200).map(|n| IpAddr::from([127, 77, 1, n])).collect();
    Zone::default()
        .with("sales01.demo.test", Answer::Addresses(both))
        .with(
            "sales_01.demo.test",
            Answer::Addresses(vec![IpAddr::from([127, 77, 0, 12])]),
        )
        .with("many.demo.test", Answer::Addresses(many))
        .with("alias.demo.test", Answer::Alias("sales01.demo.test".into()))
        .with("dangling.demo.test", Answer::Alias("gone.demo.test".into()))
        .with("loop.demo.test", Answer::Alias("loop.demo.test".into()))
        .with("empty.demo.test", Answer::Addresses(vec![]))
        .with("failing.demo.test", Answer::ServerFailure)
        .with("refused.demo.test", Answer::Refused)
        .with("gone.demo.test", Answer::NotFound)
        .with("silent.demo.test", Answer::Silence)
        .with(
            "large.demo.test",
            Answer::OverTcp(vec![IpAddr::from([127, 77, 0, 13])]),
        )
}

fn question(name: &str, record_type: RecordType) -> Message {
    let mut message = Message::new(77, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = true;
    let mut name = Name::from_str_relaxed(name).unwrap();
    name.set_fqdn(true);
    message.add_query(Query::query(name, record_type));
    message
}

async fn start() -> Dns {
    Dns::start("127.0.0.1:0".parse().unwrap(), zone())
        .await
        .unwrap()
}

async fn over_udp(dns: &Dns, question: &Message) -> Message {
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    client
        .send_to(&question.to_vec().unwrap(), dns.address())
        .await
        .unwrap();
    let mut buffer = vec![0; 65_536];
    let length = timeout(DEADLINE, client.recv(&mut buffer))
        .await
        .expect("silence")
        .unwrap();
    Message::from_vec(&buffer[..length]).unwrap()
}

async fn over_tcp(dns: &Dns, question: &Message) -> Message {
    let mut stream = connect(dns.address()).await;
    let bytes = question.to_vec().unwrap();
    stream
        .write_u16(u16::try_from(bytes.len()).unwrap())
        .await
        .unwrap();
    stream.write_all(&bytes).await.unwrap();
    let length = timeout(DEADLINE, stream.read_u16())
        .await
        .expect("silence")
        .unwrap();
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.unwrap();
    Message::from_vec(&answer).unwrap()
}

fn addresses(message: &Message) -> Vec<String> {
    let address = |record: &Record| match &record.data {
        RData::A(a) => Some(a.0.to_string()),
        RData::AAAA(aaaa) => Some(aaaa.0.to_string()),
        _ => None,
    };
    message.answers.iter().filter_map(address).collect()
}

#[rstest]
#[case("sales01.demo.test", RecordType::A, &["127.77.0.11"])]
#[case("SALES01.Demo.Test", RecordType::A, &["127.77.0.11"])]
#[case("sales01.demo.test", RecordType::AAAA, &["::1"])]
#[case("sales_01.demo.test", RecordType::A, &["127.77.0.12"])]
#[case("alias.demo.test", RecordType::A, &["127.77.0.11"])]
#[case("empty.demo.test", RecordType::A, &[])]
#[case("sales01.demo.test", RecordType::TXT, &[])]
#[tokio::test]
async fn a_name_has_its_addresses(
    #[case] name: &str,
    #[case] wanted: RecordType,
    #[case] expected: &[&str],
) {
    let dns = start().await;
    for answer in [
        over_udp(&dns, &question(name, wanted)).await,
        over_tcp(&dns, &question(name, wanted)).await,
    ] {
        assert_eq!(addresses(&answer), expected);
        assert_eq!(answer.metadata.response_code, ResponseCode::NoError);
        assert_eq!(answer.metadata.id, 77);
    }
}

#[rstest]
#[case("nosuch.demo.test", ResponseCode::NXDomain)]
#[case("gone.demo.test", ResponseCode::NXDomain)]
#[case("dangling.demo.test", ResponseCode::NXDomain)]
#[case("failing.demo.test", ResponseCode::ServFail)]
#[case("refused.demo.test", ResponseCode::Refused)]
#[tokio::test]
async fn a_name_fails_with_its_code(#[case] name: &str, #[case] code: ResponseCode) {
    let dns = start().await;
    let answer = over_udp(&dns, &question(name, RecordType::A)).await;
    assert_eq!(answer.metadata.response_code, code);
    assert_eq!(addresses(&answer), Vec::<String>::new());
}

#[tokio::test]
async fn a_loop_of_aliases_ends() {
    let answer = over_udp(&start().await, &question("loop.demo.test", RecordType::A)).await;
    assert_eq!(answer.answers.len(), MAX_CHAIN);
}

#[rstest]
#[case("large.demo.test", 1)]
#[case("many.demo.test", 200)]
#[tokio::test]
async fn an_answer_that_is_cut_over_udp_is_whole_over_tcp(
    #[case] name: &str,
    #[case] count: usize,
) {
    let dns = start().await;
    let cut = over_udp(&dns, &question(name, RecordType::A)).await;
    assert!(cut.metadata.truncation && cut.answers.is_empty());
    assert_eq!(
        addresses(&over_tcp(&dns, &question(name, RecordType::A)).await).len(),
        count
    );
}

#[tokio::test]
async fn a_slow_or_silent_name_delays_no_other() {
    let slow = Entry {
        delay: Duration::from_secs(3600),
        ..Answer::NotFound.into()
    };
    let dns = Dns::start(
        "127.0.0.1:0".parse().unwrap(),
        zone().with("slow.demo.test", slow),
    )
    .await
    .unwrap();
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for name in ["slow.demo.test", "silent.demo.test", "sales01.demo.test"] {
        client
            .send_to(
                &question(name, RecordType::A).to_vec().unwrap(),
                dns.address(),
            )
            .await
            .unwrap();
    }
    let mut buffer = [0; 512];
    let length = timeout(DEADLINE, client.recv(&mut buffer))
        .await
        .expect("silence")
        .unwrap();
    assert_eq!(
        addresses(&Message::from_vec(&buffer[..length]).unwrap()),
        ["127.77.0.11"]
    );
}

#[tokio::test]
async fn garbage_is_ignored() {
    let dns = start().await;
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for bytes in [&b"garbage"[..], &[], &[0xFF; 600]] {
        client.send_to(bytes, dns.address()).await.unwrap();
    }
    assert_eq!(
        addresses(&over_udp(&dns, &question("sales01.demo.test", RecordType::A)).await).len(),
        1
    );
}

#[tokio::test]
async fn a_ttl_is_given_as_it_is() {
    let short = Entry {
        ttl: 7,
        ..Answer::Addresses(vec![IpAddr::from([127, 0, 0, 1])]).into()
    };
    let zone = Zone::default().with("short.demo.test", short);
    let dns = Dns::start("127.0.0.1:0".parse().unwrap(), zone)
        .await
        .unwrap();
    assert_eq!(
        over_udp(&dns, &question("short.demo.test", RecordType::A))
            .await
            .answers[0]
            .ttl,
        7
    );
}

#[tokio::test]
async fn one_family_of_a_name_can_fail_alone() {
    let zone = zone().with_only("sales01.demo.test", Only::Aaaa, Answer::ServerFailure);
    let dns = Dns::start("127.0.0.1:0".parse().unwrap(), zone)
        .await
        .unwrap();
    let four = over_udp(&dns, &question("sales01.demo.test", RecordType::A)).await;
    assert_eq!(addresses(&four).len(), 1);
    let six = over_udp(&dns, &question("sales01.demo.test", RecordType::AAAA)).await;
    assert_eq!(six.metadata.response_code, ResponseCode::ServFail);
}
