//! What the policy forbids is sent to nobody, whoever asks.

use super::*;
use crate::policy::Policy;

/// Sends nothing to 127.0.0.9, and takes no look.
fn policy() -> Arc<Policy> {
    Arc::new(Policy {
        deny_networks: vec!["127.0.0.9".parse().unwrap()],
        ..Policy::default()
    })
}

/// A port at the forbidden address that says whether anybody came.
struct Trap(std::net::TcpListener, std::net::UdpSocket);

impl Trap {
    fn set() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.9:0").unwrap();
        let socket = std::net::UdpSocket::bind(listener.local_addr().unwrap()).unwrap();
        listener.set_nonblocking(true).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self(listener, socket)
    }

    fn port(&self) -> Port {
        Port::new(self.0.local_addr().unwrap().port()).unwrap()
    }

    fn network(&self) -> Network {
        Network::new(Settings {
            policy: policy(),
            browser_port: self.port(),
            ..settings()
        })
        .unwrap()
    }

    fn stays_empty(&self) {
        assert!(self.0.accept().is_err(), "somebody connected");
        assert!(self.1.recv(&mut [0; 64]).is_err(), "somebody asked Browser");
    }
}

#[tokio::test]
async fn a_forbidden_address_is_sent_nothing_and_is_said_at_once() {
    let trap = Trap::set();
    let network = trap.network();
    for target in [
        format!("127.0.0.9,{}", trap.port()),
        r"127.0.0.9\PROD".to_owned(),
    ] {
        let request = Request {
            effort: Effort::Thorough,
            by_hand: true,
            last_port: Some(trap.port()),
            ..request(&target)
        };
        let layers = network.probe(&request).await.layers;
        assert_eq!(layers.connect.status, ConnectStatus::Blocked);
        assert_eq!(
            layers.connect.forbidden,
            ["127.0.0.9".parse::<IpAddr>().unwrap()]
        );
        assert!(layers.connect.attempts.is_empty());
        assert_eq!(layers.browser.status, BrowserStatus::Skipped);
    }
    trap.stays_empty();
}

#[tokio::test]
async fn no_look_and_no_audit_reaches_a_forbidden_address() {
    let trap = Trap::set();
    let network = trap.network();
    let address: IpAddr = "127.0.0.9".parse().unwrap();
    let port = trap.port();
    let looks = [
        Test::ClosedPort { address },
        Test::Port { address, port },
        Test::BrowserList { address },
        Test::BrowserName { address },
        Test::Dac { address },
        Test::Path {
            endpoint: (address, port.get()).into(),
        },
    ];
    let target = r"127.0.0.9\PROD".parse().unwrap();
    for look in looks {
        network.look(&target, look).await;
    }
    let audit = AuditRequest {
        host: "127.0.0.9".parse::<Target>().unwrap().host.clone(),
        known: vec![(None, port)],
        deadlines: None,
    };
    let audit = network.audit(&audit).await;
    let doors = audit.listings.iter().flat_map(|listing| &listing.doors);
    assert!(doors.clone().count() > 0);
    for door in doors {
        assert_eq!(door.attempt.status, ConnectStatus::Blocked);
        assert_eq!(door.attempt.os_error, None);
    }
    trap.stays_empty();
}

#[tokio::test]
async fn where_no_looks_are_allowed_none_is_taken() {
    let trap = Trap::set();
    let network = Network::new(Settings {
        policy: Arc::new(Policy {
            witnesses: false,
            ..Policy::default()
        }),
        browser_port: trap.port(),
        ..settings()
    })
    .unwrap();
    let address: IpAddr = "127.0.0.9".parse().unwrap();
    let target = r"127.0.0.9\PROD".parse().unwrap();
    let port = trap.port();
    for look in [Test::Port { address, port }, Test::BrowserList { address }] {
        network.look(&target, look).await;
    }
    trap.stays_empty();
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn of_a_name_the_allowed_address_is_probed_and_the_other_is_named() {
    let engine = engine("127.0.0.1:0").await;
    let port = engine.endpoint.port();
    let hosts = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(hosts.path(), "127.0.0.9 db1.test\n127.0.0.1 db1.test\n").unwrap();
    let network = Network::new(Settings {
        policy: policy(),
        dns_servers: vec!["127.0.0.1:9".parse().unwrap()],
        hosts_file: Some(hosts.path().to_path_buf()),
        ..settings()
    })
    .unwrap();
    let layers = network
        .probe(&request(&format!("db1.test,{port}")))
        .await
        .layers;
    assert_eq!(layers.prelogin.status, PreloginStatus::Ok);
    assert_eq!(layers.connect.attempts.len(), 1);
    assert_eq!(
        layers.connect.forbidden,
        ["127.0.0.9".parse::<IpAddr>().unwrap()]
    );
    network.finish().await;
}

/// A user may name any DNS server, and what is forbidden is forbidden on port 53 too.
#[tokio::test]
async fn a_dns_server_of_the_settings_is_asked_only_where_it_is_allowed() {
    let trap = Trap::set();
    let network = Network::new(Settings {
        dns_servers: vec![trap.0.local_addr().unwrap()],
        policy: policy(),
        ..settings()
    })
    .unwrap();
    let layers = network.probe(&request("db1.test,1433")).await.layers;
    assert_ne!(layers.resolve.status, ResolveStatus::Ok);
    trap.stays_empty();
}

#[tokio::test]
async fn other_settings_keep_the_policy() {
    let trap = Trap::set();
    let network = trap.network().reconfigured(Settings {
        rate: None,
        ..settings()
    });
    let target = format!("127.0.0.9,{}", trap.port());
    let layers = network.probe(&request(&target)).await.layers;
    assert_eq!(layers.connect.status, ConnectStatus::Blocked);
    trap.stays_empty();
}
