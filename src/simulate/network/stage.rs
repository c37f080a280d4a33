//! Where the scenes set up their hosts; opened, it is the network.

use std::io;
use std::net::{IpAddr, SocketAddr};

use super::{Kind, Member, Network};
use crate::simulate::black_hole::BlackHole;
use crate::simulate::browser::{Behaviour, Browser, Listing};
use crate::simulate::closed_port::ClosedPort;
use crate::simulate::dns::{Answer, Claim, Dns, Zone};
use crate::simulate::engine::{Engine, Profile};
use crate::simulate::layout::Layout;

/// Where a default instance has its administrator connection.
const DAC: u16 = 1434;

/// The domain of all hosts. `.test` is nobody's (RFC 6761).
const DOMAIN: &str = "demo.test";

/// A network that is being built.
pub struct Stage {
    pub layout: Layout,
    /// The DNS server, whose zone is not known yet. It is bound first: of two networks
    /// that start at once, one finds the layout taken.
    dns: Claim,
    zone: Zone,
    listings: Vec<(IpAddr, Behaviour, Vec<Listing>)>,
    engines: Vec<Engine>,
    members: Vec<Member>,
    closed: Vec<ClosedPort>,
    black_holes: Vec<BlackHole>,
}

impl Stage {
    pub async fn new(layout: Layout) -> io::Result<Self> {
        Ok(Self {
            layout,
            dns: Dns::claim(layout.dns()).await?,
            zone: Zone::default(),
            listings: Vec::new(),
            engines: Vec::new(),
            members: Vec::new(),
            closed: Vec::new(),
            black_holes: Vec::new(),
        })
    }

    /// Starts the Browsers and the DNS server, whose contents are complete now.
    pub async fn open(self) -> io::Result<Network> {
        let mut browsers: Vec<Browser> = Vec::new();
        for (host, behaviour, listings) in self.listings {
            let at = SocketAddr::new(host, self.layout.port(1434));
            browsers.push(Browser::start(at, listings, behaviour).await?);
        }
        Ok(Network {
            layout: self.layout,
            dns: self.dns.answer(self.zone),
            browsers,
            engines: self.engines,
            members: self.members,
            _closed: self.closed,
            _black_holes: self.black_holes,
        })
    }

    /// The full name of a host; the name gets these addresses.
    pub fn named(&mut self, host: &str, addresses: &[IpAddr]) -> String {
        let name = unknown(host);
        let zone = std::mem::take(&mut self.zone);
        self.zone = zone.with(&name, Answer::Addresses(addresses.to_vec()));
        name
    }

    /// A host with a name and an address.
    pub fn host(&mut self, host: &str, number: u8) -> (String, IpAddr) {
        let address = self.layout.host(number);
        (self.named(host, &[address]), address)
    }

    /// An engine; returns its port.
    pub async fn engine(
        &mut self,
        host: IpAddr,
        port: u16,
        profile: impl Into<Profile>,
    ) -> io::Result<u16> {
        self.listen(
            SocketAddr::new(host, self.layout.port(port)),
            profile.into(),
        )
        .await
    }

    /// An engine on any free port; returns it.
    pub async fn engine_anywhere(
        &mut self,
        host: IpAddr,
        profile: impl Into<Profile>,
    ) -> io::Result<u16> {
        self.listen(SocketAddr::new(host, 0), profile.into()).await
    }

    async fn listen(&mut self, at: SocketAddr, profile: Profile) -> io::Result<u16> {
        let engine = Engine::start(at, profile).await?;
        let port = engine.address().port();
        self.engines.push(engine);
        Ok(port)
    }

    /// A default instance whose administrator connection can be reached from afar; returns
    /// its port.
    pub async fn engine_with_dac(
        &mut self,
        host: IpAddr,
        profile: impl Into<Profile>,
    ) -> io::Result<u16> {
        let at = |port| SocketAddr::new(host, self.layout.port(port));
        let engine = Engine::start_with_dac(at(1433), at(DAC), profile.into()).await?;
        let port = engine.address().port();
        self.engines.push(engine);
        Ok(port)
    }

    /// A port on which nothing listens; returns it.
    pub fn closed(&mut self, host: IpAddr, port: u16) -> io::Result<u16> {
        let closed = ClosedPort::start(SocketAddr::new(host, self.layout.port(port)))?;
        let port = closed.address().port();
        self.closed.push(closed);
        Ok(port)
    }

    /// A port that drops; `None` where this system can't have one.
    pub fn black_hole(&mut self, host: IpAddr, port: u16) -> io::Result<Option<u16>> {
        if !BlackHole::SUPPORTED {
            return Ok(None);
        }
        let hole = BlackHole::start(SocketAddr::new(host, self.layout.port(port)))?;
        let port = hole.address().port();
        self.black_holes.push(hole);
        Ok(Some(port))
    }

    /// The Browser of `host` lists an instance.
    pub fn lists(&mut self, host: IpAddr, listing: Listing) {
        self.lists_with(host, Behaviour::Answers, listing);
    }

    /// The same with a Browser that misbehaves; the first listing of a host decides.
    pub fn lists_with(&mut self, host: IpAddr, behaviour: Behaviour, listing: Listing) {
        match self
            .listings
            .iter_mut()
            .find(|(address, ..)| *address == host)
        {
            Some((.., listings)) => listings.push(listing),
            None => self.listings.push((host, behaviour, vec![listing])),
        }
    }

    /// A default instance as clients write it: the port only where it is not 1433.
    pub fn member(&mut self, name: &str, host: &str, port: u16) -> &mut Member {
        let target = if port == 1433 {
            host.to_owned()
        } else {
            format!("{host},{port}")
        };
        self.target(name, target)
    }

    /// A named instance as clients write it.
    pub fn named_member(&mut self, name: &str, host: &str, instance: &str) -> &mut Member {
        self.target(name, format!("{host}\\{instance}"))
    }

    /// Any other spelling.
    pub fn target(&mut self, name: &str, target: String) -> &mut Member {
        self.members.push(Member {
            name: name.to_owned(),
            target,
            tags: Vec::new(),
            kind: Kind::Standalone,
            expected_live: None,
            note: String::new(),
            shows: "",
            state: "",
        });
        self.members.last_mut().expect("it was just pushed")
    }
}

/// The full name of a host that nobody knows.
pub fn unknown(host: &str) -> String {
    format!("{host}.{DOMAIN}")
}

impl Member {
    /// What it is there for, and the state that a probe finds it in.
    pub(super) fn shows(&mut self, state: &'static str, shows: &'static str) -> &mut Self {
        self.state = state;
        self.shows = shows;
        self
    }

    pub(super) fn tagged(&mut self, tags: &[&str]) -> &mut Self {
        self.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        self
    }

    pub(super) fn noted(&mut self, note: &str) -> &mut Self {
        note.clone_into(&mut self.note);
        self
    }

    pub(super) fn is_a(&mut self, kind: Kind) -> &mut Self {
        self.kind = kind;
        self
    }
}
