//! Audits of hosts on loopback.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Barrier;

use super::*;
use crate::evidence::{BrowserStatus, ConnectStatus, ResolveStatus};
use crate::probe::scripted::{Scripted, answer, listing, respond, serve, until_closed};
use crate::probe::{Settings, scripted::Responder};
use crate::simulate::browser::{Behaviour, Browser, Listing as Listed};
use crate::simulate::engine::{Engine, Profile};
use crate::wire::tds::decode_client;

const HOST: &str = "127.0.0.1";

fn network(browser_port: u16) -> Network {
    Network::new(Settings {
        deadlines: Deadlines {
            resolve: Duration::from_secs(1),
            browser: Duration::from_millis(400),
            connect: Duration::from_secs(4),
            prelogin: Duration::from_millis(500),
        },
        rate: None,
        browser_port: Port::new(browser_port).unwrap(),
        dns_servers: Vec::new(),
        hosts_file: Some("/nowhere/hosts".into()),
        policy: Arc::default(),
        depth: Depth::Prelogin,
    })
    .unwrap()
}

fn request(known: &[(Option<&str>, u16)]) -> AuditRequest {
    let pair = |(name, port): &(Option<&str>, u16)| {
        let name = name.map(|name| InstanceName::new(name).unwrap());
        (name, Port::new(*port).unwrap())
    };
    AuditRequest {
        host: Host::Address(HOST.parse().unwrap()),
        known: known.iter().map(pair).collect(),
        deadlines: None,
    }
}

async fn look(browser: &Responder, known: &[(Option<&str>, u16)]) -> Listing {
    let network = network(browser.endpoint.port());
    let mut audit = network.audit(&request(known)).await;
    network.finish().await;
    audit.listings.remove(0)
}

async fn browser(listed: &[(&str, Option<u16>)]) -> Responder {
    let reply = listing(listed);
    respond("127.0.0.1:0", move |_, _| Some(reply.clone())).await
}

async fn engine(instance: &str) -> Engine {
    let profile = Profile {
        instance: instance.to_owned(),
        ..Profile::default()
    };
    Engine::start("127.0.0.1:0".parse().unwrap(), profile)
        .await
        .unwrap()
}

/// An engine without any name of its own, and the names that it was asked for.
async fn nobody() -> (Scripted, Arc<Mutex<Vec<String>>>) {
    let names = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&names);
    let server = serve("127.0.0.1:0", move |mut stream| {
        let heard = Arc::clone(&heard);
        async move {
            let mut packet = [0; 4096];
            let count = stream.read(&mut packet).await.unwrap();
            let asked = decode_client(&packet[..count]).unwrap().unwrap();
            let name = String::from_utf8(asked.instance).unwrap();
            heard.lock().unwrap().push(name);
            let no = crate::wire::tds::PreloginReply {
                instance_matches: Some(false),
                ..answer()
            };
            stream.write_all(&no.encode()).await.unwrap();
            until_closed(stream).await;
        }
    })
    .await;
    (server, names)
}

/// Instance, port, why, and whether the engine says that it is the one.
fn short(door: &Door) -> (Option<&str>, u16, KnownBy, Option<bool>) {
    (
        door.instance.as_ref().map(Untrusted::raw),
        door.port.get(),
        door.known_by,
        door.prelogin.instance_matches,
    )
}

#[tokio::test]
async fn what_is_listed_what_is_known_and_1433_are_tried_in_their_instances_names() {
    let (prod, test) = (engine("PROD").await, engine("TEST").await);
    let [prod, test] = [&prod, &test].map(|engine| engine.address().port());
    let browser = browser(&[("PROD", Some(prod)), ("OLD", None)]).await;
    let seen = look(&browser, &[(None, prod), (Some("TEST"), test)]).await;
    assert_eq!(browser.asked(), [[3]], "the list, once");
    assert_eq!(seen.browser.status, BrowserStatus::Ok);
    let doors: Vec<_> = seen.doors.iter().map(short).collect();
    assert_eq!(
        &doors[..2],
        [
            (Some("PROD"), prod, KnownBy::Browser, Some(true)),
            (Some("TEST"), test, KnownBy::Known, Some(true)),
        ]
    );
    assert_eq!(
        (doors[2].0, doors[2].1, doors[2].2),
        (None, 1433, KnownBy::Default)
    );
    assert_eq!(doors.len(), 3);
}

#[tokio::test]
async fn browser_is_asked_three_times() {
    let listed = vec![Listed::new("db1", "PROD", None)];
    let at = "127.0.0.1:0".parse().unwrap();
    let browser = Browser::start(at, listed, Behaviour::EveryNth(3))
        .await
        .unwrap();
    let audit = network(browser.address().port()).audit(&request(&[])).await;
    assert_eq!(audit.resolve.status, ResolveStatus::Literal);
    assert_eq!(audit.listings[0].browser.tries, Some(3));
}

#[tokio::test]
async fn without_browser_what_is_known_is_tried_all_the_same() {
    let engine = engine("PROD").await;
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let network = network(nobody.local_addr().unwrap().port());
    drop(nobody);
    let known = [(Some("PROD"), engine.address().port())];
    let seen = network.audit(&request(&known)).await.listings.remove(0);
    assert_eq!(seen.browser.status, BrowserStatus::Refused);
    assert_eq!(seen.doors[0].prelogin.status, PreloginStatus::Ok);
}

#[tokio::test]
async fn a_silent_engine_is_connected_to_once_whoever_is_listed_there() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let silent = serve("127.0.0.1:0", move |stream| {
        counted.fetch_add(1, Ordering::SeqCst);
        until_closed(stream)
    })
    .await;
    let port = silent.endpoint.port();
    let names: Vec<String> = (0..12).map(|number| format!("I{number}")).collect();
    let listed: Vec<_> = names.iter().map(|name| (&**name, Some(port))).collect();
    let seen = look(&browser(&listed).await, &[]).await;
    let silences = seen
        .doors
        .iter()
        .filter(|door| door.prelogin.status == PreloginStatus::Silent);
    assert_eq!(
        (silences.count(), connections.load(Ordering::SeqCst)),
        (12, 1)
    );
}

#[tokio::test]
async fn whose_port_it_is_is_asked_in_the_other_names_that_are_listed() {
    let prod = engine("PROD").await;
    let port = prod.address().port();
    let listed = [("TEST", Some(port)), ("MSSQLSERVER", None), ("PROD", None)];
    let seen = look(&browser(&listed).await, &[]).await;
    let doors: Vec<_> = seen.doors.iter().map(short).collect();
    assert_eq!(
        doors[0],
        (Some("TEST"), port, KnownBy::Browser, Some(false))
    );
    assert_eq!(
        doors[2],
        (Some("PROD"), port, KnownBy::Browser, Some(true)),
        "the default instance's name proves nothing and is not asked for"
    );
    assert_eq!(doors.len(), 3);
}

#[tokio::test]
async fn a_stranger_is_asked_for_four_names_at_most() {
    let (stranger, asked) = nobody().await;
    let port = Some(stranger.endpoint.port());
    let listed = ["A", "B", "C", "D", "E", "F"].map(|name| (name, port.filter(|_| name == "A")));
    let seen = look(&browser(&listed).await, &[]).await;
    assert_eq!(*asked.lock().unwrap(), ["A", "B", "C", "D", "E"]);
    assert_eq!(seen.doors.len(), 6);
}

#[tokio::test]
async fn a_listed_name_that_cannot_be_one_is_not_repeated_to_the_engine() {
    let (stranger, asked) = nobody().await;
    let port = Some(stranger.endpoint.port());
    let listed = [("A\x1b[2J", port), ("rm -rf", port), ("Größe", port)];
    let seen = look(&browser(&listed).await, &[]).await;
    assert_eq!(*asked.lock().unwrap(), [""], "one door serves the three");
    assert_eq!(seen.doors[0].instance, None);
    assert_eq!(seen.doors[0].prelogin.status, PreloginStatus::Ok);
}

#[tokio::test]
async fn eight_connections_to_a_host_are_open_at_once_and_no_more() {
    let inside = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let eight = Arc::new(Barrier::new(MOST_AT_ONCE));
    let mut engines = Vec::new();
    for _ in 0..2 * MOST_AT_ONCE {
        let (inside, most, eight) = (inside.clone(), most.clone(), eight.clone());
        let engine = serve("127.0.0.1:0", move |mut stream| {
            let (inside, most, eight) = (inside.clone(), most.clone(), eight.clone());
            async move {
                let mut packet = [0; 4096];
                assert!(stream.read(&mut packet).await.unwrap() > 0);
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                eight.wait().await;
                inside.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(&answer().encode()).await.unwrap();
                until_closed(stream).await;
            }
        });
        engines.push(engine.await);
    }
    let ports = engines.iter().map(|engine| engine.endpoint.port());
    let known: Vec<_> = ports.map(|port| (None, port)).collect();
    let seen = look(&browser(&[("PROD", None)]).await, &known).await;
    let answered = seen
        .doors
        .iter()
        .filter(|door| door.prelogin.status == PreloginStatus::Ok);
    assert!(answered.count() >= known.len());
    assert_eq!(most.load(Ordering::SeqCst), MOST_AT_ONCE);
}

#[tokio::test]
async fn a_name_without_addresses_is_an_audit_without_listings() {
    let request = AuditRequest {
        host: Host::Name(crate::target::HostName::new("absent.invalid").unwrap()),
        ..request(&[])
    };
    let network = Arc::new(network(1434));
    // On a task of its own, as the dashboard has it.
    let audit = tokio::spawn(async move { network.audit(&request).await });
    assert_eq!(audit.await.unwrap().listings, []);
}

fn listed(count: u16) -> Vec<Advertised> {
    (1..=count)
        .map(|port| Advertised {
            server: Untrusted::default(),
            instance: Untrusted::from(format!("I{port}")),
            clustered: false,
            version: Untrusted::default(),
            tcp: Port::new(port),
            pipe: None,
        })
        .collect()
}

#[test]
fn a_flood_of_instances_leaves_room_for_what_is_known_and_for_1433() {
    let known: Vec<_> = (20_000..20_100)
        .map(|port| (None, Port::new(port).unwrap()))
        .collect();
    let wanted = wanted(&listed(256), &known);
    let count = |by| wanted.iter().filter(|door| door.known_by == by).count();
    let counts = [KnownBy::Browser, KnownBy::Known, KnownBy::Default].map(count);
    assert_eq!(counts, [50, 13, 1]);
}

#[test]
fn nothing_is_tried_twice() {
    let mut twice = listed(1);
    twice.extend(listed(1));
    twice[1].instance = Untrusted::from("i1".to_owned());
    let name = InstanceName::new("I1").unwrap();
    let one = Port::new(1).unwrap();
    let known = [(Some(name), one), (None, one), (None, Port::DEFAULT)];
    let wanted = wanted(&twice, &known);
    let ports: Vec<_> = wanted.iter().map(|door| door.port.get()).collect();
    assert_eq!(ports, [1, 1433]);
}

#[test]
fn strangers_are_not_asked_about_beyond_64_doors() {
    let listed = listed(60);
    let doors: Vec<Door> = listed
        .iter()
        .map(|entry| door(entry.instance.clone(), entry.tcp.unwrap()))
        .collect();
    let strangers = strangers(&doors, &listed);
    assert_eq!(strangers.iter().map(Vec::len).sum::<usize>(), 4);
}

/// A port that is another instance's.
fn door(instance: Untrusted, port: Port) -> Door {
    Door {
        instance: Some(instance),
        port,
        known_by: KnownBy::Browser,
        attempt: crate::evidence::Attempt {
            started: None,
            endpoint: SocketAddr::new(HOST.parse().unwrap(), port.get()),
            local: None,
            status: ConnectStatus::Open,
            elapsed: Duration::ZERO.into(),
            os_error: None,
            icmp: None,
            instead_of: None,
        },
        prelogin: crate::evidence::Prelogin {
            status: PreloginStatus::InstanceMismatch,
            instance_matches: Some(false),
            ..Default::default()
        },
    }
}
