use std::net::TcpListener;
#[cfg(target_os = "linux")]
use std::net::TcpStream as Blocking;

use super::*;

const WAY: Way = Way {
    deadline: Duration::from_secs(5),
    hops: None,
};

#[tokio::test]
async fn a_port_that_accepts_is_open_and_the_connection_can_be_used() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = listener.local_addr().unwrap();
    let opening = open(Pass::towards(endpoint), WAY).await;
    assert_eq!(opening.attempt.status, ConnectStatus::Open);
    assert_eq!(opening.attempt.os_error, None);
    let (_, peer) = listener.accept().unwrap();
    assert_eq!(opening.attempt.local, Some(peer));
    assert_eq!(opening.stream.unwrap().peer_addr().unwrap(), endpoint);
}

#[tokio::test]
async fn ipv6_works_as_well() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        return;
    };
    let opening = open(Pass::towards(listener.local_addr().unwrap()), WAY).await;
    assert_eq!(opening.attempt.status, ConnectStatus::Open);
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_refused_without_icmp() {
    let endpoint = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let opening = open(Pass::towards(endpoint), WAY).await;
    assert_eq!(opening.attempt.status, ConnectStatus::Refused);
    assert_eq!(opening.attempt.icmp, None);
    assert!(opening.attempt.os_error.is_some());
    assert!(opening.stream.is_none());
}

/// The kernel drops the SYN when nobody accepts and the queue is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_backlog_times_out_at_the_deadline() {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket
        .bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into())
        .unwrap();
    socket.listen(0).unwrap();
    let endpoint = socket.local_addr().unwrap().as_socket().unwrap();
    let _queued = Blocking::connect(endpoint).unwrap();
    let deadline = Duration::from_millis(300);
    let opening = open(
        Pass::towards(endpoint),
        Way {
            deadline,
            hops: None,
        },
    )
    .await;
    assert_eq!(opening.attempt.status, ConnectStatus::TimedOut);
    assert_eq!(opening.attempt.os_error, None);
    assert!(opening.attempt.elapsed.duration() >= deadline);
    assert!(opening.attempt.local.is_some());
}
