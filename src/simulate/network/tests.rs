//! Every member is walked as a client would, with plain sockets, and must be in the state it promises.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::simulate::tests::DEADLINE;
use crate::wire::ssrp::{Reply, Request};
use crate::wire::tds::{Decoded, PreloginReply, PreloginRequest};

/// What nobody answers within this time is silence. Longer than the late Browser takes,
/// and on Windows longer than a refusal, which is asked for three times.
const PATIENCE: Duration = Duration::from_secs(if cfg!(windows) { 4 } else { 2 });
/// What drivers wait for Browser.
const DRIVERS_WAIT: Duration = Duration::from_secs(1);

async fn resolve(dns: SocketAddr, name: &str) -> Vec<IpAddr> {
    if let Ok(literal) = name.trim_matches(['[', ']']).parse() {
        return vec![literal];
    }
    let client = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut found = Vec::new();
    for family in [RecordType::A, RecordType::AAAA] {
        let mut question = Message::new(1, MessageType::Query, OpCode::Query);
        question.add_query(Query::query(
            Name::from_ascii(format!("{name}.")).unwrap(),
            family,
        ));
        client
            .send_to(&question.to_vec().unwrap(), dns)
            .await
            .unwrap();
        let mut buffer = [0; 512];
        let length = timeout(DEADLINE, client.recv(&mut buffer))
            .await
            .expect("DNS is silent")
            .unwrap();
        for record in Message::from_vec(&buffer[..length]).unwrap().answers {
            match record.data {
                RData::A(a) => found.push(IpAddr::V4(a.0)),
                RData::AAAA(aaaa) => found.push(IpAddr::V6(aaaa.0)),
                _ => {}
            }
        }
    }
    found
}

/// The port that Browser tells, and how long it took.
async fn browse(at: SocketAddr, instance: &str) -> Option<(u16, Duration)> {
    let any: SocketAddr = if at.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }
        .parse()
        .unwrap();
    let client = UdpSocket::bind(any).await.unwrap();
    client.connect(at).await.ok()?;
    let began = Instant::now();
    client
        .send(&Request::Instance(instance).encode())
        .await
        .ok()?;
    let mut buffer = [0; 2048];
    let length = timeout(PATIENCE, client.recv(&mut buffer))
        .await
        .ok()?
        .ok()?;
    let port = Reply::decode(&buffer[..length])
        .unwrap()
        .entry(instance)?
        .tcp?;
    Some((port, began.elapsed()))
}

async fn knock(at: SocketAddr, instance: &str) -> &'static str {
    let mut stream = match timeout(PATIENCE, TcpStream::connect(at)).await {
        Err(_) => return "timed-out",
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => return "refused",
        Ok(stream) => stream.unwrap(),
    };
    let _ = stream
        .write_all(
            &PreloginRequest {
                instance,
                trace: [0; 8],
            }
            .encode(),
        )
        .await;
    let mut buffer = Vec::new();
    loop {
        match PreloginReply::decode(&buffer) {
            Decoded::Incomplete => match timeout(PATIENCE, stream.read_buf(&mut buffer)).await {
                Err(_) => return "silent",
                Ok(Ok(0) | Err(_)) => return "hung-up",
                Ok(Ok(_)) => {}
            },
            Decoded::Reply(PreloginReply {
                instance_matches: Some(true),
                ..
            }) => return "answering",
            Decoded::Reply(_) => return "wrong-instance",
            _ => return "not-sql",
        }
    }
}

async fn walk(dns: SocketAddr, browser_port: u16, member: Member) -> &'static str {
    let target = member.target.trim_start_matches("tcp:");
    let (target, port) = target
        .rsplit_once(',')
        .map_or((target, None), |(host, port)| (host, Some(port)));
    let (host, instance) = target.split_once('\\').unwrap_or((target, ""));
    let addresses = resolve(dns, host).await;
    let Some(first) = addresses.first() else {
        return "unresolved";
    };
    let (port, took) = match port {
        Some(port) => (port.parse().unwrap(), Duration::ZERO),
        None if instance.is_empty() => (1433, Duration::ZERO),
        None => match browse(SocketAddr::new(*first, browser_port), instance).await {
            Some(told) => told,
            None => return "not-located",
        },
    };
    let mut states = Vec::new();
    for address in &addresses {
        states.push(knock(SocketAddr::new(*address, port), instance).await);
    }
    match states[..] {
        [state] if state == "answering" && took > DRIVERS_WAIT => "degraded",
        [state] => state,
        _ if member.kind == Kind::AgListener && states.contains(&"answering") => "answering",
        _ => "degraded",
    }
}

async fn states(network: &Network) -> BTreeMap<String, &'static str> {
    let walks = network.members().iter().map(|member| {
        let walk = walk(network.dns(), network.browser_port(), member.clone());
        async { (member.name.clone(), walk.await) }
    });
    futures_util::future::join_all(walks)
        .await
        .into_iter()
        .collect()
}

fn promised(network: &Network) -> BTreeMap<String, &'static str> {
    network
        .members()
        .iter()
        .map(|member| (member.name.clone(), member.state))
        .collect()
}

#[tokio::test]
async fn every_member_is_in_the_state_it_promises() {
    let network = Network::start().await.unwrap();
    assert_eq!(states(&network).await, promised(&network));
    assert_eq!(
        promised(&network).len(),
        network.members().len(),
        "two rows of one name"
    );
}

#[tokio::test]
async fn ports_take_the_place_of_addresses() {
    let network = Network::start_on(Layout::Ports).await.unwrap();
    assert_eq!(states(&network).await, promised(&network));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn every_kind_of_failure_is_there() {
    let wanted = [
        "answering",
        "degraded",
        "refused",
        "timed-out",
        "silent",
        "hung-up",
        "not-sql",
        "wrong-instance",
        "not-located",
        "unresolved",
    ];
    for network in [
        Network::start().await,
        Network::start_on(Layout::Ports).await,
    ] {
        let promised: Vec<_> = promised(&network.unwrap()).into_values().collect();
        for state in wanted {
            assert!(promised.contains(&state), "{state}");
        }
    }
}

#[tokio::test]
async fn two_networks_run_beside_each_other() {
    let (one, other) = tokio::join!(Network::start(), Network::start());
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!((one.layout(), one.dns()), (other.layout(), other.dns()));
}

#[cfg(any(target_os = "linux", windows))]
#[tokio::test]
async fn a_dropped_network_leaves_no_socket_behind() {
    // A layout that no other test takes
    let layout = Layout::Addresses {
        network: 200,
        default_port: 1433,
        browser_port: 1434,
    };
    drop(Network::start_on(layout).await.unwrap());
    // Aborted tasks let go of their sockets when the runtime next runs.
    timeout(DEADLINE, async {
        while Network::start_on(layout).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("its ports are still taken");
}

#[tokio::test]
async fn the_story_stops_an_instance_and_starts_it_again() {
    let mut network = Network::start_on(Layout::Ports).await.unwrap();
    let sales = network.engines[0].address();
    let pace = Pace {
        up: Duration::ZERO,
        jitter: Duration::ZERO,
        down: Duration::from_millis(20),
    };
    let cancel = CancellationToken::new();
    let watch = async {
        while TcpStream::connect(sales).await.is_ok() {}
        while TcpStream::connect(sales).await.is_err() {}
        cancel.cancel();
    };
    timeout(DEADLINE, async {
        tokio::join!(network.run_story(pace, &cancel), watch)
    })
    .await
    .expect("no story");
    assert_eq!(states(&network).await, promised(&network));
}
