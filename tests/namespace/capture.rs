//! What passes a network card, as tcpdump writes it down (pcap).

use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::Child;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use crate::lab::Running;

/// A capture that ends when it is dropped.
pub struct Capture {
    told: Receiver<Packet>,
    _child: Running,
}

/// One packet.
#[derive(Clone, Debug)]
pub struct Packet {
    /// Since the epoch.
    pub at: Duration,
    pub from: IpAddr,
    pub to: IpAddr,
    pub from_client: bool,
    /// Time to live, or hop limit.
    pub ttl: u8,
    pub is_tcp: bool,
    pub is_udp: bool,
    /// The ports that it goes from and to.
    pub ports: Option<(u16, u16)>,
    /// As tcpdump shows them: S, P, F, R and a dot for ACK.
    flags: String,
    /// Bytes that it carries.
    pub length: usize,
}

impl Packet {
    /// An Ethernet frame.
    fn read(at: Duration, frame: &[u8]) -> Option<Self> {
        let (ethernet, packet) = frame.split_at_checked(14)?;
        let (from, to, ttl, protocol, carried) = match ethernet[12..] {
            [0x08, 0x00] => {
                let address =
                    |at: usize| Ipv4Addr::from(<[u8; 4]>::try_from(&packet[at..at + 4]).unwrap());
                let header = usize::from(packet[0] & 15) * 4;
                let all = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
                (
                    IpAddr::V4(address(12)),
                    IpAddr::V4(address(16)),
                    packet[8],
                    packet[9],
                    packet.get(header..all)?,
                )
            }
            [0x86, 0xdd] => {
                let address =
                    |at: usize| Ipv6Addr::from(<[u8; 16]>::try_from(&packet[at..at + 16]).unwrap());
                let all = usize::from(u16::from_be_bytes([packet[4], packet[5]]));
                (
                    IpAddr::V6(address(8)),
                    IpAddr::V6(address(24)),
                    packet[7],
                    packet[6],
                    packet.get(40..40 + all)?,
                )
            }
            _ => return None,
        };
        let (is_tcp, is_udp) = (protocol == 6, protocol == 17);
        let number = |at: usize| u16::from_be_bytes([carried[at], carried[at + 1]]);
        let header = match protocol {
            6 => usize::from(carried[12] >> 4) * 4,
            17 => 8,
            _ => 0,
        };
        let flag = |(bit, sign)| (is_tcp && carried[13] & bit != 0).then_some(sign);
        Some(Self {
            at,
            from,
            to,
            from_client: from.to_string().starts_with("10.77.1.2")
                || from.to_string() == "fd77:1::2",
            ttl,
            is_tcp,
            is_udp,
            ports: (is_tcp || is_udp).then(|| (number(0), number(2))),
            flags: [(1, 'F'), (2, 'S'), (4, 'R'), (8, 'P'), (16, '.')]
                .into_iter()
                .filter_map(flag)
                .collect(),
            length: carried.len() - header,
        })
    }

    /// Whether tcpdump shows this flag: S, P, F, R.
    pub fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    /// Whether it asks for a connection.
    pub fn is_syn(&self) -> bool {
        self.has('S') && !self.has('.')
    }

    /// The port that it goes to; 0 for what has none.
    pub fn port(&self) -> u16 {
        self.ports.map_or(0, |(_, to)| to)
    }
}

impl Capture {
    /// Reads what a tcpdump writes that listens already.
    pub fn of(mut tcpdump: Child) -> Self {
        let mut written = tcpdump.stdout.take().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let _ = written.read_exact(&mut [0; 24]);
            while let Ok((at, frame)) = record(&mut written) {
                if let Some(packet) = Packet::read(at, &frame) {
                    let _ = tell.send(packet);
                }
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
                Ok(packet) => packets.push(packet),
                Err(_) => return packets,
            }
        }
    }
}

/// Seconds, microseconds, bytes that are here, bytes that there were; then the bytes.
fn record(written: &mut impl Read) -> io::Result<(Duration, Vec<u8>)> {
    let mut header = [0; 16];
    written.read_exact(&mut header)?;
    let number = |at: usize| u32::from_ne_bytes(<[u8; 4]>::try_from(&header[at..at + 4]).unwrap());
    let mut frame = vec![0; usize::try_from(number(8)).unwrap()];
    written.read_exact(&mut frame)?;
    let at = Duration::from_secs(number(0).into()) + Duration::from_micros(number(4).into());
    Ok((at, frame))
}
