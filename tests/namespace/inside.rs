//! What runs inside a namespace: a probe that prints what it saw, or a server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, OpCode, ResponseCode as Code};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use sqlreach::evidence::BrowserForm;
use sqlreach::probe::{Deadlines, Depth, Effort, Network, Request, Settings};
use sqlreach::target::{Port, Target};
use sqlreach::wire::tds::{Encryption, PreloginReply, Version};

use crate::lab::{HOSTS, MARK};
use crate::{fleet, stand};

/// Does `VERB ARGUMENT`.
pub fn act(task: &str) {
    let (verb, rest) = task.split_once(' ').unwrap();
    match verb {
        "serve" => serve(rest),
        "dns" => serve_dns(rest),
        "hold-ports" => hold_ports(rest, true),
        "hold-tcp-ports" => hold_ports(rest, false),
        "fleet" => println!("\n{MARK}{}", fleet::watch(rest)),
        "site" => fleet::serve(rest),
        "stand" => stand::stand(rest),
        _ => println!("\n{MARK}{}", see(verb, rest)),
    }
}

fn see(verb: &str, rest: &str) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let hosts_file = std::env::var(HOSTS).ok().map(Into::into);
    let settings = Settings {
        deadlines: Deadlines {
            resolve: Duration::from_secs(3),
            browser: Duration::from_secs(1),
            connect: Duration::from_secs(4),
            prelogin: Duration::from_secs(5),
        },
        rate: Some(100),
        browser_port: Port::BROWSER,
        dns_servers: if verb == "system" {
            Vec::new()
        } else {
            vec!["127.0.0.1:9".parse().unwrap()]
        },
        hosts_file,
        policy: std::sync::Arc::default(),
        depth: Depth::Prelogin,
    };
    runtime.block_on(async {
        let network = Network::new(settings).unwrap();
        let saw = if verb == "look" {
            let target = "10.77.2.2".parse().unwrap();
            let test = serde_json::from_str(rest).unwrap();
            serde_json::to_string(&network.look(&target, test).await)
        } else {
            let target: Target = rest.parse().unwrap();
            let request = Request {
                target: Arc::new(target),
                effort: Effort::Routine,
                by_hand: false,
                browser: BrowserForm::Name,
                deadlines: None,
                last_port: None,
            };
            serde_json::to_string(&network.probe(&request).await)
        };
        network.finish().await;
        saw.unwrap()
    })
}

fn serve(endpoint: &str) {
    let listener = TcpListener::bind(endpoint).unwrap();
    println!("\nREADY");
    std::io::stdout().flush().unwrap();
    for stream in listener.incoming() {
        let stream = stream.unwrap();
        // A client that goes away is no reason to stop, nor is one that says nothing.
        std::thread::spawn(|| answer(stream));
    }
}

fn serve_dns(endpoint: &str) {
    let socket = UdpSocket::bind(endpoint).unwrap();
    println!("\nREADY");
    std::io::stdout().flush().unwrap();
    let mut buffer = [0; 4096];
    loop {
        let (count, client) = socket.recv_from(&mut buffer).unwrap();
        let query = Message::from_vec(&buffer[..count]).unwrap();
        let question = query.queries[0].clone();
        let mut reply = Message::response(query.metadata.id, OpCode::Query);
        reply.add_query(question.clone());
        match (question.name.to_ascii().as_str(), question.query_type) {
            ("good.corp.test.", RecordType::A) => {
                let address = RData::A(A(Ipv4Addr::new(10, 77, 2, 2)));
                reply.add_answer(Record::from_rdata(question.name, 60, address));
            }
            // Names that are asked afresh with every probe.
            ("brief.corp.test.", RecordType::A) => {
                let address = RData::A(A(Ipv4Addr::new(10, 77, 2, 2)));
                reply.add_answer(Record::from_rdata(question.name, 0, address));
            }
            ("brief-router.corp.test.", RecordType::A) => {
                let address = RData::A(A(Ipv4Addr::new(10, 77, 1, 1)));
                reply.add_answer(Record::from_rdata(question.name, 0, address));
            }
            ("good.corp.test." | "brief.corp.test." | "brief-router.corp.test.", _) => {}
            ("servfail.test.", _) => reply.metadata.response_code = Code::ServFail,
            _ => reply.metadata.response_code = Code::NXDomain,
        }
        socket.send_to(&reply.to_vec().unwrap(), client).unwrap();
    }
}

/// Takes every local port that a connection to `endpoint` could have from the usual address, and
/// all for datagrams. They are let go without a trace when this process ends.
fn hold_ports(endpoint: &str, datagrams_too: bool) {
    let endpoint: SocketAddr = endpoint.parse().unwrap();
    let connect = || {
        let stream = TcpStream::connect(endpoint)?;
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        std::io::Result::Ok(stream)
    };
    let connections: Vec<_> = std::iter::from_fn(|| connect().ok()).collect();
    let datagrams = std::iter::from_fn(|| UdpSocket::bind("0.0.0.0:0").ok());
    let datagrams: Vec<_> = datagrams.take_while(|_| datagrams_too).collect();
    assert!(!connections.is_empty() && datagrams_too != datagrams.is_empty());
    println!("\nREADY");
    std::io::stdout().flush().unwrap();
    loop {
        std::thread::park();
    }
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 4096];
    if stream.read(&mut request)? > 0 {
        let version = Version {
            major: 16,
            minor: 0,
            build: 4105,
            sub_build: 2,
        };
        let reply = PreloginReply {
            version: Some(version),
            encryption: Some(Encryption::Off),
            instance_matches: Some(true),
            ..PreloginReply::default()
        };
        stream.write_all(&reply.encode())?;
        std::io::copy(&mut stream, &mut std::io::sink())?;
    }
    Ok(())
}
