//! `--dry-run` lists what would be sent, to whom, and sends nothing.

use std::io::ErrorKind;
use std::net::{TcpListener, UdpSocket};

use crate::binary::{Ended, Home};
use crate::servers::loopback;

/// Every place where something of a probe would arrive. Nothing answers there.
struct Ears {
    engine: TcpListener,
    browser: UdpSocket,
    dns: UdpSocket,
}

impl Ears {
    fn open() -> Self {
        let engine = TcpListener::bind(loopback()).unwrap();
        engine.set_nonblocking(true).unwrap();
        let [browser, dns] = [(); 2].map(|()| UdpSocket::bind(loopback()).unwrap());
        browser.set_nonblocking(true).unwrap();
        dns.set_nonblocking(true).unwrap();
        Self {
            engine,
            browser,
            dns,
        }
    }

    /// What has arrived; on loopback that is all that was sent before.
    fn heard(&self) -> Vec<&'static str> {
        let nothing = |error: std::io::Error| assert_eq!(error.kind(), ErrorKind::WouldBlock);
        let mut byte = [0; 1500];
        [
            (
                "a connection",
                self.engine.accept().map_err(nothing).is_ok(),
            ),
            (
                "a question to Browser",
                self.browser.recv(&mut byte).map_err(nothing).is_ok(),
            ),
            (
                "a question to DNS",
                self.dns.recv(&mut byte).map_err(nothing).is_ok(),
            ),
        ]
        .into_iter()
        .filter_map(|(what, heard)| heard.then_some(what))
        .collect()
    }

    async fn check(&self, home: &Home, option: &str) -> Ended {
        let config = home.path("sqlreach.toml");
        let text = format!(
            "[probe]\ndns_servers = ['{}']\nbrowser_port = {}\ntimeout = {{ resolve = '100ms', browser = '100ms', prelogin = '100ms' }}\n\
            [[instance]]\nserver = '127.0.0.1,{}'\n[[instance]]\nserver = '127.0.0.1\\PROD'\n[[instance]]\nserver = 'crm01.demo.test'\n",
            self.dns.local_addr().unwrap(),
            self.browser.local_addr().unwrap().port(),
            self.engine.local_addr().unwrap().port(),
        );
        std::fs::write(&config, text).unwrap();
        home.sqlreach(&["check", "--config", config.to_str().unwrap(), option])
            .await
    }
}

#[tokio::test]
async fn a_dry_run_sends_nothing_and_keeps_nothing() {
    let (home, ears) = (Home::new(), Ears::open());
    let ended = ears.check(&home, "--dry-run").await;
    assert_eq!((ended.status, ears.heard()), (Some(0), vec![]), "{ended:?}");
    assert!(!home.path("sqlreach").exists());
}

/// The ears hear: what a dry run leaves out is sent by any other.
#[tokio::test]
async fn a_run_that_is_not_dry_sends() {
    let (home, ears) = (Home::new(), Ears::open());
    let ended = ears.check(&home, "--no-witness").await;
    assert_eq!(
        ears.heard(),
        ["a connection", "a question to Browser", "a question to DNS"],
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_dry_run_names_every_receiver() {
    let (home, ears) = (Home::new(), Ears::open());
    let ended = ears.check(&home, "--dry-run").await;
    let receivers = [
        format!("TCP 127.0.0.1 {}", ears.engine.local_addr().unwrap().port()),
        format!(
            "UDP 127.0.0.1 {}",
            ears.browser.local_addr().unwrap().port()
        ),
        "TCP crm01.demo.test 1433".to_owned(),
        ears.dns.local_addr().unwrap().to_string(),
    ];
    for receiver in receivers {
        assert!(ended.out.contains(&receiver), "{receiver}: {}", ended.out);
    }
}

#[tokio::test]
async fn a_dry_run_tells_what_is_wrong_with_a_target() {
    let home = Home::new();
    let ended = home
        .sqlreach(&["check", "--dry-run", "127.0.0.1,9", "db1/PROD"])
        .await;
    assert!(ended.out.contains(r"db1\PROD"), "{}", ended.out);
    assert_eq!(ended.status, Some(0));
}

#[tokio::test]
async fn a_dry_run_without_a_target_that_can_be_read_is_a_usage_error() {
    let ended = Home::new()
        .sqlreach(&["check", "--dry-run", "db1/PROD"])
        .await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
}

/// Browser here hears and never answers: that is when most is sent.
#[tokio::test]
async fn a_dry_run_promises_every_datagram_that_a_silent_browser_gets() {
    let (home, ears) = (Home::new(), Ears::open());
    let promised = ears.check(&home, "--dry-run").await.out;
    for part in ["one datagram", "two more", "its other question, once"] {
        assert!(promised.contains(part), "{part}: {promised}");
    }
    ears.check(&home, "--no-color").await;
    let mut datagram = [0; 64];
    let heard = std::iter::from_fn(|| ears.browser.recv(&mut datagram).ok().map(|_| datagram[0]));
    // CLNT_UCAST_INST, as a driver sends it, and CLNT_UCAST_EX ([MC-SQLR] 2.2.2 and 2.2.3)
    let (named, list): (Vec<u8>, Vec<u8>) = heard.partition(|first| *first == 4);
    assert_eq!((named.len(), list.as_slice()), (3, &[3][..]));
}
