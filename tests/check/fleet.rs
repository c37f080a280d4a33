//! Many instances at once: the demo network, where each is in the state that it promises, and a
//! host with fifty of them.

use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sqlreach::simulate::Network;
use sqlreach::simulate::engine::Profile;
use sqlreach::wire::ssrp::{Entry, Reply, Request};

use crate::binary::Home;
use crate::servers::{configuration, engine, instances, loopback, states};

#[tokio::test]
async fn each_instance_of_the_demo_is_in_the_state_it_promises() {
    let (home, network) = (Home::new(), Network::start().await.unwrap());
    let config = configuration(&home, &network);
    let arguments = [
        "check",
        "--format=json",
        "--config",
        config.to_str().unwrap(),
    ];
    let ended = home.sqlreach(&arguments).await;
    let document = ended.document();
    let found: BTreeMap<_, _> = instances(&document)
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["state"].as_str().unwrap(),
            )
        })
        .collect();
    let promised: BTreeMap<_, _> = network
        .members()
        .iter()
        .map(|member| (member.name.as_str(), member.state))
        .collect();
    assert_eq!(found, promised);
    assert_eq!(ended.status, Some(1), "some of them fail");
}

#[tokio::test]
async fn the_demo_without_a_terminal_prints_what_check_prints_and_leaves_no_trace() {
    let home = Home::new();
    let ended = home.sqlreach(&["demo"]).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    for (state, name) in [
        ("answering", "Sales"),
        ("refused", "ERP"),
        ("unresolved", "Archive"),
    ] {
        let row =
            |line: &str| line.contains(&format!(" {state} ")) && line.contains(&format!(" {name}"));
        assert!(ended.out.lines().any(row), "{name}: {}", ended.out);
    }
    let summary = |line: &str| line.contains(" instances: ") && line.contains("answering");
    assert!(ended.out.lines().any(summary), "{}", ended.out);
    assert_eq!(std::fs::read_dir(home.path("")).unwrap().count(), 0);
}

#[tokio::test]
async fn fifty_instances_of_one_host_are_one_question_and_connections_at_the_rate() {
    const ALL: usize = 50;
    const RATE: usize = 50;
    let (mut engines, mut entries, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..ALL {
        let instance = format!("APP{number:02}");
        let profile = Profile {
            instance: instance.clone(),
            ..Profile::default()
        };
        let engine = engine(profile).await;
        targets.push(format!("127.0.0.1\\{instance}"));
        entries.push(Entry {
            server: b"DB1".to_vec(),
            instance: instance.into_bytes(),
            version: b"16.0.1000.6".to_vec(),
            tcp: Some(engine.address().port()),
            ..Entry::default()
        });
        engines.push(engine);
    }
    let list = Reply {
        entries,
        flaws: Vec::new(),
    };
    let browser = UdpSocket::bind(loopback()).unwrap();
    let port = format!("--browser-port={}", browser.local_addr().unwrap().port());
    let (question, questions) = mpsc::channel();
    std::thread::spawn(move || {
        let mut datagram = [0; 64];
        while let Ok((length, from)) = browser.recv_from(&mut datagram) {
            let is_list = Request::decode(&datagram[..length]) == Some(Request::List);
            if question.send(is_list).is_err() {
                return;
            }
            browser.send_to(&list.encode(), from).unwrap();
        }
    });
    let rate = format!("--rate={RATE}");
    let mut arguments = vec!["check", "--format=json", &port, &rate];
    arguments.extend(targets.iter().map(String::as_str));
    let begun = Instant::now();
    let ended = Home::new().sqlreach(&arguments).await;
    let took = begun.elapsed();
    let document = ended.document();
    assert_eq!(states(&document), ["answering"; ALL], "{ended:?}");
    assert_eq!(questions.try_iter().collect::<Vec<_>>(), [true]);
    // A tenth of a second's worth may leave at once.
    let packets = u32::try_from(ALL - RATE / 10).unwrap();
    let at_least = packets * Duration::from_secs(1) / u32::try_from(RATE).unwrap();
    assert!(took >= at_least, "{took:?}");
}
