//! Whole walks against real sockets on loopback.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::scripted::{Scripted, answer, listing, respond, serve, until_closed};
use super::*;
#[cfg(target_os = "linux")]
use crate::evidence::HopStatus;
use crate::evidence::{
    BrowserForm, BrowserStatus, ConnectStatus, Look, PreloginStatus, ResolveStatus,
};

fn settings() -> Settings {
    Settings {
        deadlines: Deadlines {
            resolve: Duration::from_secs(1),
            browser: Duration::from_millis(400),
            connect: Duration::from_secs(4),
            prelogin: Duration::from_secs(2),
        },
        rate: None,
        browser_port: Port::BROWSER,
        dns_servers: Vec::new(),
        hosts_file: Some("/nowhere/hosts".into()),
        policy: Arc::default(),
        depth: Depth::Prelogin,
    }
}

fn network() -> Network {
    Network::new(settings()).unwrap()
}

fn request(target: &str) -> Request {
    Request {
        target: Arc::new(target.parse().unwrap()),
        effort: Effort::Routine,
        by_hand: false,
        browser: BrowserForm::Name,
        deadlines: None,
        last_port: None,
    }
}

fn at(server: &Scripted) -> Request {
    request(&format!(
        "{},{}",
        server.endpoint.ip(),
        server.endpoint.port()
    ))
}

async fn engine(address: &str) -> Scripted {
    serve(address, |mut stream| async move {
        let mut request = [0; 4096];
        if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
            stream.write_all(&answer().encode()).await.unwrap();
            until_closed(stream).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_named_instance_is_found_through_browser_and_answers() {
    let engine = engine("127.0.0.1:0").await;
    let port = engine.endpoint.port();
    let browser = respond("127.0.0.1:0", move |_, _| {
        Some(listing(&[("PROD", Some(port))]))
    })
    .await;
    let browser_port = Port::new(browser.endpoint.port()).unwrap();
    let network = Network::new(Settings {
        browser_port,
        ..settings()
    })
    .unwrap();
    let layers = network.probe(&request("127.0.0.1\\PROD")).await.layers;
    assert_eq!(layers.resolve.status, ResolveStatus::Literal);
    assert_eq!(
        (layers.browser.status, layers.browser.port),
        (BrowserStatus::Ok, Port::new(port))
    );
    assert_eq!(
        (layers.connect.status, layers.connect.attempts.len()),
        (ConnectStatus::Open, 1)
    );
    assert_eq!(layers.prelogin.status, PreloginStatus::Ok);
    assert_eq!(layers.prelogin.endpoint, Some(engine.endpoint));
}

#[tokio::test]
async fn a_port_that_was_given_wins_and_browser_is_not_asked() {
    let engine = engine("127.0.0.1:0").await;
    let target = format!("127.0.0.1\\PROD,{}", engine.endpoint.port());
    let layers = network().probe(&request(&target)).await.layers;
    assert_eq!(layers.browser.status, BrowserStatus::Skipped);
    assert_eq!(layers.prelogin.status, PreloginStatus::Ok);
}

#[tokio::test]
async fn where_browser_gives_no_port_the_last_good_one_is_tried_and_none_is_guessed() {
    let engine = engine("127.0.0.1:0").await;
    let browser = respond("127.0.0.1:0", |_, _| Some(listing(&[("OTHER", Some(1))]))).await;
    let browser_port = Port::new(browser.endpoint.port()).unwrap();
    let network = Network::new(Settings {
        browser_port,
        ..settings()
    })
    .unwrap();
    let known = Request {
        last_port: Port::new(engine.endpoint.port()),
        ..request("127.0.0.1\\PROD")
    };
    let layers = network.probe(&known).await.layers;
    assert_eq!(
        (layers.browser.status, layers.connect.status),
        (BrowserStatus::NotListed, ConnectStatus::Open)
    );
    let layers = network.probe(&request("127.0.0.1\\PROD")).await.layers;
    assert_eq!(
        (layers.connect.status, layers.connect.attempts.len()),
        (ConnectStatus::Skipped, 0)
    );
}

#[tokio::test]
async fn a_request_may_bring_deadlines_of_its_own() {
    let silent = serve(
        "127.0.0.1:0",
        |stream| async move { until_closed(stream).await },
    )
    .await;
    let network = Network::new(settings()).unwrap();
    let prelogin = Duration::from_millis(30);
    let patient = settings().deadlines;
    assert!(patient.prelogin > 4 * prelogin);
    let hasty = Request {
        deadlines: Some(Deadlines {
            prelogin,
            ..patient
        }),
        ..at(&silent)
    };
    let saw = network.probe(&hasty).await.layers.prelogin;
    assert_eq!(saw.status, PreloginStatus::Silent);
    let waited = saw.elapsed.unwrap().duration();
    assert!(
        prelogin <= waited && waited < patient.prelogin,
        "{waited:?}"
    );
}

#[tokio::test]
async fn two_instances_of_one_host_cost_one_datagram() {
    let engine = engine("127.0.0.1:0").await;
    let port = engine.endpoint.port();
    let browser = respond("127.0.0.1:0", move |_, _| {
        Some(listing(&[("PROD", Some(port)), ("TEST", None)]))
    })
    .await;
    let browser_port = Port::new(browser.endpoint.port()).unwrap();
    let network = Network::new(Settings {
        browser_port,
        ..settings()
    })
    .unwrap();
    let list = |target| Request {
        browser: BrowserForm::List,
        ..request(target)
    };
    let (prod, test) = (list("127.0.0.1\\PROD"), list("127.0.0.1\\TEST"));
    let (prod, test) = tokio::join!(network.probe(&prod), network.probe(&test));
    assert_eq!(prod.layers.browser.status, BrowserStatus::Ok);
    assert_eq!(test.layers.browser.status, BrowserStatus::NoTcp);
    assert_eq!(browser.asked(), [b"\x03".to_vec()]);
}

/// A name with several addresses, given by a hosts file.
fn named(addresses: &[&str]) -> (Network, tempfile::NamedTempFile) {
    let hosts = tempfile::NamedTempFile::new().unwrap();
    let lines: Vec<String> = addresses
        .iter()
        .map(|address| format!("{address} db1.test"))
        .collect();
    std::fs::write(hosts.path(), lines.join("\n")).unwrap();
    let settings = Settings {
        dns_servers: vec!["127.0.0.1:9".parse().unwrap()],
        hosts_file: Some(hosts.path().to_path_buf()),
        ..settings()
    };
    (Network::new(settings).unwrap(), hosts)
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn all_addresses_are_tried_and_one_of_them_is_asked() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let counting = |mut stream: tokio::net::TcpStream| async move {
        let mut request = [0; 4096];
        if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
            ASKED.fetch_add(1, Ordering::SeqCst);
            stream.write_all(&answer().encode()).await.unwrap();
        }
    };
    let one = serve("127.0.0.1:0", counting).await;
    let port = one.endpoint.port();
    let _two = serve(&format!("127.0.0.2:{port}"), counting).await;
    let (network, _hosts) = named(&["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
    let layers = network
        .probe(&request(&format!("db1.test,{port}")))
        .await
        .layers;
    let statuses: Vec<_> = layers
        .connect
        .attempts
        .iter()
        .map(|attempt| attempt.status)
        .collect();
    assert_eq!(
        statuses,
        [
            ConnectStatus::Open,
            ConnectStatus::Open,
            ConnectStatus::Refused
        ]
    );
    assert_eq!(layers.connect.status, ConnectStatus::Open);
    assert_eq!(layers.prelogin.status, PreloginStatus::Ok);
    network.finish().await;
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_endpoint_never_has_two_connections_whoever_asks() {
    static OPEN: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let server = serve("127.0.0.1:0", |mut stream| async move {
        MOST.fetch_max(OPEN.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let mut request = [0; 4096];
        if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
            stream.write_all(&answer().encode()).await.unwrap();
        }
        // Until the client's FIN; our own goes out when the stream is dropped.
        let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        OPEN.fetch_sub(1, Ordering::SeqCst);
    })
    .await;
    let network = network();
    let request = at(&server);
    let test = Test::Port {
        address: server.endpoint.ip(),
        port: Port::new(server.endpoint.port()).unwrap(),
    };
    let (one, two, three, look) = tokio::join!(
        network.probe(&request),
        network.probe(&request),
        network.probe(&request),
        network.look(&request.target, test),
    );
    for evidence in [one, two, three] {
        assert_eq!(evidence.layers.prelogin.status, PreloginStatus::Ok);
    }
    assert_eq!(look.look.attempt().unwrap().status, ConnectStatus::Open);
    network.finish().await;
    assert_eq!(MOST.load(Ordering::SeqCst), 1);
    assert_eq!(network.in_flight.len(), 0);
}

#[tokio::test]
async fn the_verdict_does_not_wait_for_the_close_but_the_next_connection_does() {
    let server = serve("127.0.0.1:0", |mut stream| async move {
        stream.write_all(&answer().encode()).await.unwrap();
        // Never closes.
        std::future::pending::<()>().await;
    })
    .await;
    let network = network();
    let evidence = network.probe(&at(&server)).await;
    assert_eq!(evidence.layers.prelogin.status, PreloginStatus::Ok);
    assert_eq!(network.in_flight.len(), 1);
    network.finish().await;
    assert_eq!(network.in_flight.len(), 0);
}

#[tokio::test]
async fn the_rate_holds_over_all_probes() {
    let network = Network::new(Settings {
        rate: Some(20),
        ..settings()
    })
    .unwrap();
    let requests: Vec<_> = (1..=12)
        .map(|host| request(&format!("127.0.0.{host},1")))
        .collect();
    let begun = Instant::now();
    futures_util::future::join_all(requests.iter().map(|request| network.probe(request))).await;
    // 2 at once, then one every 50 ms.
    assert!(
        begun.elapsed() >= Duration::from_millis(490),
        "{:?}",
        begun.elapsed()
    );
}

#[tokio::test]
async fn a_probe_that_is_dropped_leaves_nothing_behind() {
    let (tell, closed) = tokio::sync::oneshot::channel();
    let tell = std::sync::Mutex::new(Some(tell));
    let server = serve("127.0.0.1:0", move |stream| {
        let tell = tell.lock().unwrap().take();
        async move {
            until_closed(stream).await;
            tell.unwrap().send(()).unwrap();
        }
    })
    .await;
    let network = network();
    let request = at(&server);
    let given_up = tokio::time::timeout(Duration::from_millis(100), network.probe(&request)).await;
    assert!(given_up.is_err());
    closed.await.unwrap();
    assert_eq!(network.in_flight.len(), 0);
}

#[tokio::test]
async fn without_the_engine_layer_the_port_is_only_opened() {
    let engine = engine("127.0.0.1:0").await;
    let network = Network::new(Settings {
        depth: Depth::Connect,
        ..settings()
    })
    .unwrap();
    let layers = network.probe(&at(&engine)).await.layers;
    assert_eq!(
        (layers.connect.status, layers.prelogin.status),
        (ConnectStatus::Open, PreloginStatus::Skipped)
    );
}

#[tokio::test]
async fn a_name_that_cannot_be_resolved_ends_the_walk() {
    let (network, _hosts) = named(&[]);
    let layers = network.probe(&request("db1.test")).await.layers;
    assert_eq!(layers.resolve.status, ResolveStatus::TimedOut);
    assert_eq!(
        (layers.connect.status, layers.browser.status),
        (ConnectStatus::Skipped, BrowserStatus::Skipped)
    );
}

#[tokio::test]
async fn looks_tell_which_port_they_took() {
    let network = network();
    let target = "127.0.0.1\\PROD".parse().unwrap();
    let address: IpAddr = "127.0.0.1".parse().unwrap();
    let closed = network
        .look(&target, Test::ClosedPort { address })
        .await
        .look;
    assert!(matches!(&closed, Look::ClosedPort(attempt) if attempt.endpoint.port() == 1));
    assert_eq!(closed.attempt().unwrap().status, ConnectStatus::Refused);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_path_to_a_port_of_this_machine_has_one_step() {
    let server = serve("127.0.0.1:0", until_closed).await;
    let network = network();
    let target = "127.0.0.1".parse().unwrap();
    let look = network
        .look(
            &target,
            Test::Path {
                endpoint: server.endpoint,
            },
        )
        .await
        .look;
    let Look::Path { hops, .. } = look else {
        panic!("{look:?}")
    };
    assert_eq!(
        (hops.len(), hops[0].ttl, hops[0].status),
        (1, 1, HopStatus::Open)
    );
}

#[test]
fn probes_can_be_spawned() {
    fn spawnable<T: Send>(_: T) {}
    let network = network();
    let request = request("127.0.0.1");
    spawnable(network.probe(&request));
    spawnable(network.look(
        &request.target,
        Test::ClosedPort {
            address: "127.0.0.1".parse().unwrap(),
        },
    ));
}

/// A port that drops every SYN; only Linux can have one.
#[cfg(target_os = "linux")]
fn black_hole() -> crate::simulate::black_hole::BlackHole {
    crate::simulate::black_hole::BlackHole::start("127.0.0.1:0".parse().unwrap()).unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_path_walk_gives_way_between_its_steps() {
    let hole = black_hole();
    let endpoint = hole.address();
    let network = Arc::new(network());
    let walking = Arc::clone(&network);
    let target: Target = "127.0.0.1".parse().unwrap();
    let walk = tokio::spawn(async move { walking.look(&target, Test::Path { endpoint }).await });
    while network.in_flight.len() == 0 {
        tokio::task::yield_now().await;
    }
    // Five silent steps take two rounds; a probe comes in after the first.
    let held = network.in_flight.hold(endpoint).await;
    assert!(!walk.is_finished());
    drop(held);
    let Look::Path { hops, .. } = walk.await.unwrap().look else {
        panic!("no path")
    };
    assert_eq!(hops.len(), 5);
}

#[cfg(target_os = "linux")]
#[tokio::test(start_paused = true)]
async fn a_look_is_given_one_second() {
    let hole = black_hole();
    let network = network();
    let start = tokio::time::Instant::now();
    let test = Test::Port {
        address: hole.address().ip(),
        port: Port::new(hole.address().port()).unwrap(),
    };
    let target = "127.0.0.1".parse().unwrap();
    let witness = network.look(&target, test).await;
    assert_eq!(
        witness.look.attempt().unwrap().status,
        ConnectStatus::TimedOut
    );
    // A second, and the wait for an error that says more than the deadline.
    let took = start.elapsed();
    assert!(took <= Duration::from_millis(1100), "{took:?}");
}

/// When each step of a walk began, on the clock of the probe.
#[tokio::test]
async fn each_step_of_a_walk_knows_when_it_began() {
    let engine = engine("127.0.0.1:0").await;
    let port = engine.endpoint.port();
    let browser = respond("127.0.0.1:0", move |number, _| {
        (number > 1).then(|| listing(&[("PROD", Some(port))]))
    })
    .await;
    let network = Network::new(Settings {
        browser_port: Port::new(browser.endpoint.port()).unwrap(),
        ..settings()
    })
    .unwrap();
    let thorough = Request {
        effort: Effort::Thorough,
        ..request("127.0.0.1\\PROD")
    };
    let evidence = network.probe(&thorough).await;
    let layers = &evidence.layers;
    assert_eq!(layers.browser.tries, Some(2));
    let again = &layers.browser.again;
    let starts = [
        layers.browser.started,
        again.first().copied(),
        layers.connect.attempts[0].started,
        layers.prelogin.started,
    ]
    .map(Option::unwrap);
    assert_eq!(again.len(), 1);
    assert!(starts.is_sorted(), "{starts:?}");
    assert!(starts[3] < evidence.elapsed, "{starts:?}");
    let waited = starts[1].duration().saturating_sub(starts[0].duration());
    assert!(waited >= Duration::from_millis(90), "{starts:?}");

    // A second walk takes what the first one heard: it was sent before this one began.
    let shared = network.probe(&request("127.0.0.1\\PROD")).await.layers;
    assert_eq!(shared.browser.status, BrowserStatus::Ok);
    assert_eq!(
        (shared.browser.started, shared.browser.again.len()),
        (None, 0)
    );
}

#[tokio::test]
async fn evidence_without_starts_is_read_and_its_json_is_as_before() {
    let engine = engine("127.0.0.1:0").await;
    let evidence = network().probe(&at(&engine)).await;
    let mut json = serde_json::to_value(&evidence).unwrap();
    let attempt = json.pointer_mut("/layers/connect/attempts/0").unwrap();
    assert!(attempt["started_ms"].is_number());
    attempt.as_object_mut().unwrap().remove("started_ms");
    let old: crate::evidence::Evidence = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(old.layers.connect.attempts[0].started, None);
    assert_eq!(serde_json::to_value(&old).unwrap(), json);
}

mod policy;
