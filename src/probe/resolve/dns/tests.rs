use std::sync::Arc;

use hickory_proto::op::OpCode;
use hickory_proto::rr::Record;
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

/// What a DNS server of a test does with a question.
#[derive(Clone)]
pub enum Says {
    Addresses(Vec<&'static str>),
    /// Aliases, each to the next, and the addresses of the last.
    Alias(Vec<&'static str>, Vec<&'static str>),
    Code(Code),
    Silence,
    /// Cut in a datagram, whole by TCP.
    Cut(Vec<&'static str>),
    /// Cut in a datagram, and nothing by TCP.
    CutAlone,
    WrongId,
    Garbage,
}

/// A DNS server on loopback that ends with the test.
pub struct Answerer {
    pub server: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Answerer {
    /// `name. A`, as they came.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub async fn answerer(zone: impl Fn(&str, RecordType) -> Says + Send + Sync + 'static) -> Answerer {
    let (udp, tcp) = loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let server = udp.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let zone = Arc::new(zone);
    let mut tasks = JoinSet::new();
    tasks.spawn({
        let (asked, zone) = (Arc::clone(&asked), Arc::clone(&zone));
        async move {
            let mut buffer = [0; 4096];
            while let Ok((count, client)) = udp.recv_from(&mut buffer).await {
                let query = Message::from_vec(&buffer[..count]).unwrap();
                let question = &query.queries[0];
                asked
                    .lock()
                    .unwrap()
                    .push(format!("{} {}", question.name, question.query_type));
                let says = zone(&question.name.to_ascii(), question.query_type);
                if let Some(bytes) = reply(&query, &says, true) {
                    udp.send_to(&bytes, client).await.unwrap();
                }
            }
        }
    });
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let mut message = vec![0; stream.read_u16().await.unwrap().into()];
            stream.read_exact(&mut message).await.unwrap();
            let query = Message::from_vec(&message).unwrap();
            let says = zone(
                &query.queries[0].name.to_ascii(),
                query.queries[0].query_type,
            );
            let Some(bytes) = reply(&query, &says, false) else {
                continue;
            };
            stream
                .write_u16(u16::try_from(bytes.len()).unwrap())
                .await
                .unwrap();
            stream.write_all(&bytes).await.unwrap();
        }
    });
    Answerer {
        server,
        asked,
        _tasks: tasks,
    }
}

fn reply(query: &Message, says: &Says, by_udp: bool) -> Option<Vec<u8>> {
    let mut reply = Message::response(query.metadata.id, OpCode::Query);
    reply.add_query(query.queries[0].clone());
    let owner = query.queries[0].name.clone();
    let record = query.queries[0].query_type;
    match says {
        Says::Cut(_) | Says::CutAlone if by_udp => reply.metadata.truncation = true,
        Says::Silence | Says::CutAlone => return None,
        Says::Garbage => {
            let mut bytes = reply.to_vec().unwrap();
            bytes.truncate(12);
            bytes[7] = 9;
            return Some(bytes);
        }
        Says::WrongId => reply.metadata.id ^= 1,
        Says::Code(code) => reply.metadata.response_code = *code,
        Says::Addresses(addresses) | Says::Cut(addresses) => {
            add(&mut reply, &owner, record, addresses);
        }
        Says::Alias(chain, addresses) => {
            let mut owner = owner;
            for alias in chain {
                let alias = Name::from_ascii(alias).unwrap();
                reply.add_answer(Record::from_rdata(
                    owner,
                    30,
                    RData::CNAME(CNAME(alias.clone())),
                ));
                owner = alias;
            }
            add(&mut reply, &owner, record, addresses);
        }
    }
    Some(reply.to_vec().unwrap())
}

fn add(reply: &mut Message, owner: &Name, record: RecordType, addresses: &[&str]) {
    for address in addresses {
        let data = match (address.parse().unwrap(), record) {
            (IpAddr::V4(v4), RecordType::A) => RData::A(A(v4)),
            (IpAddr::V6(v6), RecordType::AAAA) => RData::AAAA(AAAA(v6)),
            _ => continue,
        };
        reply.add_answer(Record::from_rdata(owner.clone(), 60, data));
    }
}

async fn answer(says: Says) -> Answer {
    let answerer = answerer(move |_, _| says.clone()).await;
    let name = Name::from_ascii("db1.test.").unwrap();
    let deadline = Instant::now() + Duration::from_millis(300);
    Dns::default()
        .ask(
            answerer.server,
            &name,
            RecordType::A,
            deadline,
            &Rate::new(None),
        )
        .await
        .unwrap()
}

#[tokio::test]
async fn every_kind_of_answer_has_its_code() {
    for (says, expected) in [
        (Says::Addresses(vec!["10.0.0.1"]), ResponseCode::Ok),
        (Says::Addresses(vec![]), ResponseCode::Empty),
        (Says::Code(Code::NXDomain), ResponseCode::NxDomain),
        (Says::Code(Code::ServFail), ResponseCode::ServFail),
        (Says::Code(Code::Refused), ResponseCode::Refused),
        (Says::Code(Code::NotImp), ResponseCode::Other),
        (Says::Code(Code::FormErr), ResponseCode::Other),
        (Says::Garbage, ResponseCode::Other),
        (Says::CutAlone, ResponseCode::Cut),
        (Says::Silence, ResponseCode::TimedOut),
        (Says::WrongId, ResponseCode::TimedOut),
        (
            Says::Alias(vec!["a.test.", "b.test.", "a.test."], vec![]),
            ResponseCode::Other,
        ),
    ] {
        assert_eq!(answer(says).await.asked.code, expected);
    }
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_by_tcp() {
    let cut = answer(Says::Cut(vec!["10.0.0.1", "10.0.0.2"])).await;
    assert_eq!(
        (cut.asked.code, cut.asked.addresses.len()),
        (ResponseCode::Ok, 2)
    );
}

#[tokio::test]
async fn aliases_are_followed_and_the_smallest_time_to_live_counts() {
    let answer = answer(Says::Alias(
        vec!["old.test.", "new.test."],
        vec!["10.0.0.1"],
    ))
    .await;
    let chain: Vec<&str> = answer.chain.iter().map(Untrusted::raw).collect();
    assert_eq!(chain, ["old.test.", "new.test."]);
    assert_eq!((answer.ttl, answer.asked.addresses.len()), (Some(30), 1));
}

#[tokio::test]
async fn a_server_that_is_not_there_did_not_answer() {
    let server = std::net::UdpSocket::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let name = Name::from_ascii("db1.test.").unwrap();
    let deadline = Instant::now() + Duration::from_millis(300);
    let answer = Dns::default()
        .ask(server, &name, RecordType::A, deadline, &Rate::new(None))
        .await;
    assert_eq!(answer.unwrap().asked.code, ResponseCode::TimedOut);
}

/// Many names behind one server that is silent: those whose turn does not come in time end
/// in time, and do not say that the server was silent to them.
#[tokio::test]
async fn a_question_whose_turn_does_not_come_is_not_asked_and_ends_in_time() {
    let silent = answerer(|_, _| Says::Silence).await;
    let name = Name::from_ascii("db1.test.").unwrap();
    let (dns, rate) = (Dns::default(), Rate::new(None));
    let begun = Instant::now();
    let deadline = begun + Duration::from_millis(500);
    let questions =
        (0..3 * TOGETHER).map(|_| dns.ask(silent.server, &name, RecordType::A, deadline, &rate));
    let answers = futures_util::future::join_all(questions).await;
    assert_eq!(answers.iter().flatten().count(), TOGETHER);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
}
