//! What runs inside a namespace: a probe that prints what it saw, or a server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, OpCode, ResponseCode as Code};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{RData, Record, RecordType};
use sqlreach::config::{Config, Instance, Probe, Timeout};
use sqlreach::diagnosis::State;
use sqlreach::evidence::BrowserForm;
use sqlreach::monitor::{Board, Monitor, Setup};
use sqlreach::probe::{Deadlines, Depth, Effort, Network, Request, Settings};
use sqlreach::target::{Port, Target};
use sqlreach::wire::tds::{Encryption, PreloginReply, Version};

use crate::lab::{HOSTS, MARK};

/// Does `VERB ARGUMENT`.
pub fn act(task: &str) {
    let (verb, rest) = task.split_once(' ').unwrap();
    match verb {
        "serve" => serve(rest),
        "dns" => serve_dns(rest),
        "stand" => stand(rest),
        "watch" => println!("\n{MARK}{}", watch(rest)),
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

/// Watches a target with the whole monitor until it was probed so often.
fn watch(what: &str) -> String {
    let (probes, target) = what.split_once(' ').unwrap();
    let probes: usize = probes.parse().unwrap();
    let second = Duration::from_secs(1);
    let probe = Probe {
        interval: second,
        timeout: Timeout {
            connect: second,
            ..Timeout::default()
        },
        ..Probe::default()
    };
    let config = Config {
        probe,
        instances: vec![Arc::new(Instance::from_text(target))],
        file: None,
    };
    let monitor = Monitor::start(Setup {
        config,
        memory: None,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let board = monitor.board();
    runtime.block_on(async {
        loop {
            board.take();
            let rows = board.rows();
            if rows[0].history.raw().count() >= probes {
                return rows[0].state.word().to_owned();
            }
            board.changed().await;
        }
    })
}

/// `WORD,WORD TARGET...`: watches the targets until this machine stands as each word says,
/// one after the other, and tells each time how the rows are. The word `down` is not of
/// this machine: a row timed out.
fn stand(what: &str) {
    let (words, targets) = what.split_once(' ').unwrap();
    let probe = Probe {
        interval: Duration::from_secs(1),
        timeout: Timeout {
            connect: Duration::from_secs(1),
            ..Timeout::default()
        },
        ..Probe::default()
    };
    let instances = targets
        .split(' ')
        .map(|target| Arc::new(Instance::from_text(target)));
    let config = Config {
        probe,
        instances: instances.collect(),
        file: None,
    };
    let monitor = Monitor::start(Setup {
        config,
        memory: None,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for word in words.split(',') {
        let reached = until(monitor.board(), word);
        let in_time = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(25), reached)
                .await
                .is_ok()
        });
        let rows: Vec<_> = monitor
            .board()
            .rows()
            .iter()
            .map(|row| {
                let diagnosis = row.diagnosis.as_ref();
                let cause = diagnosis.and_then(|diagnosis| diagnosis.causes.first());
                let cause = cause.map(|cause| cause.id);
                let failures = row.history.raw().filter(|one| one.state.is_failing());
                serde_json::json!({
                    "state": row.state, "stale": row.marks.stale, "cause": cause,
                    "failures": failures.count(), "witnesses": row.witnesses.len(),
                })
            })
            .collect();
        let standing = monitor.board().standing();
        let saw = serde_json::json!({ "in_time": in_time, "standing": standing, "rows": rows });
        println!("\n{MARK}{saw}");
    }
}

/// Waits until this machine stands so, and the rows have heard of it.
async fn until(board: &Board, word: &str) {
    loop {
        board.take();
        let rows = board.rows();
        let standing = board.standing();
        let stale = rows.iter().filter(|row| row.marks.stale).count();
        let own = serde_json::to_value(standing.own_network).unwrap();
        let known = rows.iter().all(|row| row.state != State::Pending);
        let reached = match word {
            "down" => rows.iter().any(|row| row.state == State::TimedOut),
            "fine" => own == word && stale == 0,
            _ => own == word && standing.affected > 1,
        };
        if known && reached {
            return;
        }
        board.changed().await;
    }
}

fn serve(endpoint: &str) {
    let listener = TcpListener::bind(endpoint).unwrap();
    println!("\nREADY");
    std::io::stdout().flush().unwrap();
    for stream in listener.incoming() {
        // A client that goes away is no reason to stop.
        let _ = answer(stream.unwrap());
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
