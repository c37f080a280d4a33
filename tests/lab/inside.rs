//! What runs inside a part of the network: its servers, until nobody holds it any more.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlreach::simulate::black_hole::BlackHole;
use sqlreach::simulate::browser::{self as ssrp, Listing};
use sqlreach::simulate::dns::{self, Zone};
use sqlreach::simulate::engine::{Engine, Profile};
use sqlreach::simulate::fault::{Fault, Greeting};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::places;
use crate::scenario::{Answer, Behaviour, Browser, Dns, DnsName, Does, RecordType, Server};

/// What one part has to do.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Task {
    pub servers: Vec<Server>,
    pub dns: Vec<Dns>,
    pub browsers: Vec<Browser>,
}

/// What keeps a port as long as it lives.
enum Held {
    Engine(#[allow(dead_code)] Engine),
    Hole(#[allow(dead_code)] BlackHole),
    Other,
}

/// Serves until the standard input ends.
pub fn act(task: &str) {
    let task: Task = serde_json::from_str(task).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut held = Vec::new();
        for server in &task.servers {
            held.push(start(server).await);
        }
        let mut names = Vec::new();
        for dns in &task.dns {
            names.push(dns::Dns::start(at(&dns.listen), zone(dns)).await.unwrap());
        }
        let mut browsers = Vec::new();
        for browser in &task.browsers {
            let listings = browser.instances.iter().map(listing).collect();
            let behaviour = behaviour(&browser.behaviour);
            let started = ssrp::Browser::start(at(&browser.listen), listings, behaviour);
            browsers.push(started.await.unwrap());
        }
        println!("READY");
        io::stdout().flush().unwrap();
        let ended = tokio::task::spawn_blocking(|| io::stdin().read_to_end(&mut Vec::new()));
        let _ = ended.await;
    });
}

fn at(endpoint: &str) -> SocketAddr {
    let filled = places::fill(endpoint, 0);
    let parsed = filled.parse();
    parsed.unwrap_or_else(|error| panic!("{endpoint}: {error}"))
}

async fn start(server: &Server) -> Held {
    let address = at(&server.listen);
    let profile = Profile {
        instance: server.instance.clone(),
        delay: Duration::from_millis(server.delay_ms),
        fault: fault(server),
        ..Profile::default()
    };
    match server.does {
        Does::FullBacklog => Held::Hole(BlackHole::start(address).unwrap()),
        does @ (Does::HangsUp | Does::ResetsAtOnce | Does::Bytes) => {
            let listener = TcpListener::bind(address).await.unwrap();
            let bytes = unhex(&server.hex);
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(by_hand(stream, does, bytes.clone()));
                }
            });
            Held::Other
        }
        _ => Held::Engine(Engine::start(address, profile).await.unwrap()),
    }
}

/// What no simulated server does.
async fn by_hand(mut stream: TcpStream, does: Does, bytes: Vec<u8>) {
    if does == Does::ResetsAtOnce {
        let _ = stream.set_zero_linger();
        return;
    }
    // A client that goes away is no reason to fail.
    let _ = stream.read(&mut [0; 4096]).await;
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

fn fault(server: &Server) -> Option<Fault> {
    Some(match server.does {
        Does::Engine | Does::FullBacklog | Does::HangsUp | Does::ResetsAtOnce | Does::Bytes => {
            return None;
        }
        Does::Silent => Fault::Silent,
        Does::Closes => Fault::Closes,
        Does::Resets => Fault::Resets,
        Does::Drips => Fault::Drips {
            every: Duration::from_millis(server.every_ms),
        },
        Does::Streams => Fault::Streams,
        Does::Garbage => Fault::Garbage,
        Does::Malformed => Fault::Malformed,
        Does::Stalls => Fault::Stalls,
        Does::HalfThenCloses => Fault::HalfThenCloses,
        Does::ErrorToken => Fault::ErrorToken,
        Does::Ssh => Fault::Greets(Greeting::Ssh),
        Does::Ftp => Fault::Greets(Greeting::Ftp),
        Does::Smtp => Fault::Greets(Greeting::Smtp),
        Does::Mysql => Fault::Greets(Greeting::MySql),
        Does::Postgresql => Fault::PostgreSql,
        Does::Http => Fault::Http,
        Does::TlsFirst => Fault::TlsFirst,
    })
}

fn zone(dns: &Dns) -> Zone {
    dns.names.iter().fold(Zone::default(), |zone, name| {
        let entry = entry(name);
        match name.only {
            None => zone.with(&name.name, entry),
            Some(RecordType::A) => zone.with_only(&name.name, dns::Only::A, entry),
            Some(RecordType::Aaaa) => zone.with_only(&name.name, dns::Only::Aaaa, entry),
        }
    })
}

fn entry(name: &DnsName) -> dns::Entry {
    let addresses = |list: &[String]| {
        let filled = list.iter().flat_map(|text| places::fill_both(text));
        filled.map(|text| text.parse().unwrap()).collect()
    };
    let answer = match &name.answer {
        Answer::Addresses(list) => dns::Answer::Addresses(addresses(list)),
        Answer::OverTcp(list) => dns::Answer::OverTcp(addresses(list)),
        Answer::Alias(alias) => dns::Answer::Alias(alias.clone()),
        Answer::NotFound => dns::Answer::NotFound,
        Answer::ServerFailure => dns::Answer::ServerFailure,
        Answer::Refused => dns::Answer::Refused,
        Answer::Silence => dns::Answer::Silence,
    };
    dns::Entry {
        answer,
        ttl: name.ttl,
        delay: Duration::from_millis(name.delay_ms),
    }
}

fn listing(listed: &crate::scenario::Listed) -> Listing {
    let mut listing = Listing::new(&listed.server, &listed.name, listed.tcp);
    if let Some(version) = &listed.version {
        listing = listing.of_version(version);
    }
    if let Some(pipe) = &listed.pipe {
        listing = listing.with_pipe(pipe);
    }
    listing.entry.clustered = listed.clustered;
    listing
}

fn behaviour(told: &Behaviour) -> ssrp::Behaviour {
    match told {
        Behaviour::Answers => ssrp::Behaviour::Answers,
        Behaviour::Silent => ssrp::Behaviour::Silent,
        Behaviour::Empty => ssrp::Behaviour::Empty,
        Behaviour::Garbage => ssrp::Behaviour::Garbage,
        Behaviour::Oversized => ssrp::Behaviour::Oversized,
        Behaviour::Truncated => ssrp::Behaviour::Truncated,
        Behaviour::WrongInstance => ssrp::Behaviour::WrongInstance,
        Behaviour::Late(ms) => ssrp::Behaviour::Late(Duration::from_millis(*ms)),
        Behaviour::EveryNth(n) => ssrp::Behaviour::EveryNth(*n),
        Behaviour::FromElsewhere(endpoint) => ssrp::Behaviour::FromElsewhere(at(endpoint)),
    }
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}
