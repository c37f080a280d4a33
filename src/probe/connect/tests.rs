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
    let opening = open(Pass::towards(closed("127.0.0.1")), WAY).await;
    assert_eq!(opening.attempt.status, ConnectStatus::Refused);
    assert_eq!(opening.attempt.icmp, None);
    assert!(opening.attempt.os_error.is_some());
    assert!(opening.stream.is_none());
}

/// A port whose queue is full: the kernel drops the SYN while nobody accepts.
#[cfg(target_os = "linux")]
fn silent() -> (SocketAddr, [Socket; 2]) {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let anywhere: SocketAddr = "127.0.0.1:0".parse().unwrap();
    listener.bind(&anywhere.into()).unwrap();
    listener.listen(0).unwrap();
    let endpoint = listener.local_addr().unwrap().as_socket().unwrap();
    let queued = Blocking::connect(endpoint).unwrap();
    (endpoint, [listener, queued.into()])
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_backlog_times_out_at_the_deadline() {
    let (endpoint, _full) = silent();
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

/// A port of this machine where nothing listens.
fn closed(address: &str) -> SocketAddr {
    let listener = TcpListener::bind((address, 0)).unwrap();
    listener.local_addr().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_socket_that_was_refused_serves_the_next_attempts_whatever_comes_of_them() {
    let (silent_at, _full) = silent();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let listens_at = listener.local_addr().unwrap();
    let nowhere = "224.0.0.1:1433".parse().unwrap();
    let way = Way {
        deadline: Duration::from_millis(200),
        ..WAY
    };
    for (endpoint, status) in [
        (listens_at, ConnectStatus::Open),
        (silent_at, ConnectStatus::TimedOut),
        (nowhere, ConnectStatus::Unreachable),
        (closed("127.0.0.2"), ConnectStatus::Refused),
    ] {
        let refused = open(Pass::towards(closed("127.0.0.1")), way).await;
        assert_eq!(refused.attempt.status, ConnectStatus::Refused);
        assert!(spare::is_kept());
        let next = open(Pass::towards(endpoint), way).await;
        assert_eq!(next.attempt.status, status, "{endpoint}");
        assert_eq!(next.stream.is_some(), status == ConnectStatus::Open);
        if status == ConnectStatus::Open {
            assert_eq!(listener.accept().unwrap().1, next.attempt.local.unwrap());
        }
    }
}

#[tokio::test]
async fn a_socket_of_one_family_does_not_serve_the_other() {
    if TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    for address in ["::1", "127.0.0.1", "::1", "127.0.0.1"] {
        let opening = open(Pass::towards(closed(address)), WAY).await;
        assert_eq!(opening.attempt.status, ConnectStatus::Refused);
        let local = opening.attempt.local.unwrap();
        assert_eq!(local.ip(), opening.attempt.endpoint.ip());
    }
}

/// A socket with a time to live of its own would give it to the next attempt.
#[tokio::test]
async fn a_socket_that_walks_a_path_is_not_kept() {
    let way = Way {
        hops: Some(1),
        ..WAY
    };
    let opening = open(Pass::towards(closed("127.0.0.1")), way).await;
    assert_eq!(opening.attempt.status, ConnectStatus::Refused);
    assert!(!spare::is_kept());
}
