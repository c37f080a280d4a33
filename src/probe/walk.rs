//! One probe: the layers in the order a client walks them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::browser::{Patience, Wanted};
use super::silent::Asker;
use super::visit::Visit;
use super::{Deadlines, Depth, Effort, Network, Request, vantage};
use crate::evidence::{
    Attempt, Browser, Connect, ConnectStatus, Evidence, Layers, Prelogin, Resolve, ResolveStatus,
    Source,
};
use crate::target::{Host, HostName, InstanceName, Port};

impl Network {
    /// Resolve goes on beside the other layers: its explanation need not be waited for.
    pub(super) async fn walk(&self, request: &Request) -> Evidence {
        let at = Timestamp::now();
        let begun = Instant::now();
        let (resolve, layers) = match &request.target.host {
            // Boxed: a sweep of addresses carries no room for names.
            Host::Name(name) => Box::pin(self.walk_by_name(request, name, begun)).await,
            Host::Address(_) | Host::Local => {
                let resolve = literal(&request.target.host);
                let addresses = resolve.addresses.clone();
                let layers = self.beyond_the_name(request, addresses, begun).await;
                (resolve, layers)
            }
        };
        Evidence {
            at,
            elapsed: begun.elapsed().into(),
            layers: Layers { resolve, ..layers },
        }
    }

    async fn walk_by_name(
        &self,
        request: &Request,
        name: &HostName,
        begun: Instant,
    ) -> (Resolve, Layers) {
        let (early, addresses) = oneshot::channel();
        let patience = self.deadlines(request).resolve;
        let resolve = self.ask_name(name, request.effort, patience, early);
        let beyond = async {
            match addresses.await {
                Ok(addresses) => self.beyond_the_name(request, addresses, begun).await,
                Err(_) => Layers::default(),
            }
        };
        tokio::join!(resolve, beyond)
    }

    /// Sends the addresses `early`: the explanation may take longer.
    pub(super) async fn resolve(
        &self,
        host: &Host,
        effort: Effort,
        patience: Duration,
        early: oneshot::Sender<Vec<IpAddr>>,
    ) -> Resolve {
        if let Host::Name(name) = host {
            return self.ask_name(name, effort, patience, early).await;
        }
        let resolve = literal(host);
        // Where the walk has been dropped, nobody listens.
        let _ = early.send(resolve.addresses.clone());
        resolve
    }

    async fn ask_name(
        &self,
        name: &HostName,
        effort: Effort,
        patience: Duration,
        early: oneshot::Sender<Vec<IpAddr>>,
    ) -> Resolve {
        let rate = self.gate.rate();
        let asking = self
            .resolver
            .resolve(name.as_str(), effort, patience, rate, early);
        asking.await
    }

    async fn beyond_the_name(
        &self,
        request: &Request,
        addresses: Vec<IpAddr>,
        begun: Instant,
    ) -> Layers {
        let mut allowed = addresses;
        let forbidden: Vec<_> = allowed
            .extract_if(.., |address| !self.gate.allows(*address))
            .collect();
        if allowed.is_empty() && !forbidden.is_empty() {
            // Browser and a port would be questions to the same addresses.
            return Layers {
                connect: Connect {
                    status: ConnectStatus::Blocked,
                    forbidden,
                    ..Connect::default()
                },
                ..Layers::default()
            };
        }
        let addresses = with_a_way(allowed);
        let (browser, port) = self.locate(request, &addresses, begun).await;
        let (connect, prelogin) = match port {
            Some(port) => self.reach(request, &addresses, port, begun).await,
            None => Default::default(),
        };
        let connect = Connect {
            forbidden,
            ..connect
        };
        Layers {
            resolve: Resolve::default(),
            browser: browser.into(),
            connect,
            prelogin,
        }
    }

    fn deadlines(&self, request: &Request) -> Deadlines {
        request.deadlines.unwrap_or(self.settings.deadlines)
    }

    /// The port: given, said by Browser, or the last good one.
    async fn locate(
        &self,
        request: &Request,
        addresses: &[IpAddr],
        begun: Instant,
    ) -> (Browser, Option<Port>) {
        let target = &request.target;
        if !target.needs_browser() {
            return (
                Browser::default(),
                Some(target.port.unwrap_or(Port::DEFAULT)),
            );
        }
        let all = self.deadlines(request).browser;
        let wanted = Wanted {
            instance: target.instance.as_ref().map(InstanceName::as_str),
            form: request.browser,
            patience: match request.effort {
                Effort::Routine => Patience::Once(all),
                Effort::Fresh => Patience::Anew(all),
                Effort::Thorough => Patience::Thrice(all),
            },
        };
        let asking = self
            .browser
            .ask_within(addresses, wanted, begun, &self.gate);
        let browser = Box::pin(asking).await;
        let port = browser.port.or(request.last_port);
        (browser, port)
    }

    /// All addresses together. PRELOGIN rides on the first connection that opens.
    async fn reach(
        &self,
        request: &Request,
        addresses: &[IpAddr],
        port: Port,
        begun: Instant,
    ) -> (Connect, Prelogin) {
        let first = AtomicBool::new(self.settings.depth == Depth::Prelogin);
        let asker = match request.effort {
            _ if request.by_hand => Asker::Hand,
            Effort::Routine => Asker::Routine,
            // A silence of a while ago is no news of a fix.
            Effort::Fresh | Effort::Thorough => Asker::Confirming,
        };
        let since = Instant::now();
        let visit = |address: &IpAddr| {
            let visit = Visit {
                endpoint: SocketAddr::new(*address, port.get()),
                instance: request.target.instance.as_ref(),
                asker,
                since,
                origin: Some(begun),
                deadlines: self.deadlines(request),
            };
            self.visit(visit, &first)
        };
        let (attempts, prelogin) = match addresses {
            [address] => {
                let (attempt, prelogin) = visit(address).await;
                (vec![attempt], prelogin)
            }
            several => {
                let visits = join_all(several.iter().map(visit)).await;
                let (attempts, preludes): (Vec<Attempt>, Vec<_>) = visits.into_iter().unzip();
                (attempts, preludes.into_iter().flatten().next())
            }
        };
        let status = ConnectStatus::best(attempts.iter().map(|attempt| attempt.status));
        (
            Connect {
                status,
                attempts,
                ..Connect::default()
            },
            prelogin.unwrap_or_default(),
        )
    }
}

/// What there is to say of an address that was given.
fn literal(host: &Host) -> Resolve {
    let address = match host {
        Host::Address(address) => *address,
        Host::Local | Host::Name(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
    };
    Resolve {
        status: ResolveStatus::Literal,
        addresses: vec![address],
        source: Some(Source::Literal),
        ..Resolve::default()
    }
}

/// Leaves out the addresses of a family that this machine has no way out for at all,
/// as long as others remain: an AAAA record is no dead address on a machine without IPv6.
pub(super) fn with_a_way(addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    if addresses.iter().all(IpAddr::is_ipv4) || addresses.iter().all(IpAddr::is_ipv6) {
        return addresses;
    }
    let usable = |v4: bool| {
        let mut of_family = addresses
            .iter()
            .filter(|address| address.is_ipv4() == v4)
            .peekable();
        of_family
            .peek()
            .is_some_and(|like| vantage::has_family(**like))
            || of_family.any(|address| vantage::has_way(*address))
    };
    match (usable(true), usable(false)) {
        (true, false) => addresses.into_iter().filter(IpAddr::is_ipv4).collect(),
        (false, true) => addresses.into_iter().filter(IpAddr::is_ipv6).collect(),
        _ => addresses,
    }
}
