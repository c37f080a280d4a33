//! What passes a network card, as tcpdump tells it.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::lab::Running;

/// A capture that ends when it is dropped.
pub struct Capture {
    told: Receiver<String>,
    _child: Running,
}

/// One packet.
#[derive(Debug)]
pub struct Packet {
    pub from_client: bool,
    pub is_tcp: bool,
    /// The ports that a TCP packet goes from and to.
    pub ports: Option<(u16, u16)>,
    flags: String,
    pub length: usize,
}

impl Packet {
    /// `12:00:00.000000 IP 10.77.1.2.40000 > 10.77.2.2.1433: Flags [P.], seq 1:89, …, length 88`
    fn read(line: &str) -> Self {
        let flags = line
            .split_once("Flags [")
            .and_then(|(_, rest)| rest.split_once(']'))
            .map(|(flags, _)| flags);
        let length = line
            .rsplit_once("length ")
            .and_then(|(_, length)| length.split(':').next()?.trim().parse().ok());
        Self {
            from_client: line.contains("10.77.1.2.") && line.find("10.77.1.2") < line.find('>'),
            is_tcp: flags.is_some(),
            ports: flags.and_then(|_| ports(line)),
            flags: flags.unwrap_or_default().to_owned(),
            length: length.unwrap_or_default(),
        }
    }

    /// Whether tcpdump shows this flag: S, P, F, R.
    pub fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }
}

fn ports(line: &str) -> Option<(u16, u16)> {
    let (from, to) = line.split_once(" > ")?;
    let port = |end: &str| end.rsplit_once('.')?.1.parse().ok();
    Some((port(from)?, port(to.split_once(':')?.0)?))
}

impl Capture {
    /// Reads what a tcpdump says that listens already.
    pub fn of(mut tcpdump: Child) -> Self {
        let lines = BufReader::new(tcpdump.stdout.take().unwrap()).lines();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        Self {
            told,
            _child: Running(tcpdump),
        }
    }

    /// The packets until `whole` is satisfied, and those that follow within half a second.
    pub fn packets(&self, whole: impl Fn(&[Packet]) -> bool) -> Vec<Packet> {
        let mut packets = Vec::new();
        loop {
            let patience = if whole(&packets) {
                Duration::from_millis(500)
            } else {
                Duration::from_secs(10)
            };
            match self.told.recv_timeout(patience) {
                Ok(line) => packets.push(Packet::read(&line)),
                Err(_) => return packets,
            }
        }
    }
}
