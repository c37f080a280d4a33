//! Extra looks, taken after a failure: another port, a closed port, Browser in its
//! other form, the path.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use jiff::Timestamp;

use super::browser::{Patience, Wanted};
use super::connect::{self, Way};
use super::gate;
use super::{Network, path};
use crate::evidence::{Attempt, Browser, BrowserForm, Dac, Look, Test, Witness};
use crate::target::{InstanceName, Port, Target};

/// A look tells two causes apart while somebody waits: it is not given longer.
const PATIENCE: Duration = Duration::from_secs(1);
/// Where the default instance has its administrator connection, if the port is free.
const DAC: Port = Port::literal(1434);
/// TCP 1 (tcpmux), where nobody listens.
const CLOSED: Port = Port::literal(1);

impl Network {
    pub(super) async fn look_at(&self, target: &Target, test: Test) -> Witness {
        let at = Timestamp::now();
        if !self.gate.allows_looks() {
            let look = not_taken(test);
            return Witness { at, look };
        }
        let look = match test {
            Test::ClosedPort { address } => Look::ClosedPort(self.knock(address, CLOSED).await),
            Test::Port { address, port } => Look::Port(self.knock(address, port).await),
            Test::BrowserList { address } => {
                Look::BrowserList(self.ask_browser(target, address, BrowserForm::List).await)
            }
            Test::BrowserName { address } => {
                Look::BrowserName(self.ask_browser(target, address, BrowserForm::Name).await)
            }
            Test::Dac { address } => Look::Dac(self.look_for_dac(target, address).await),
            Test::Path { endpoint } => {
                let here = super::icmp::senders();
                let hops =
                    path::walk(endpoint, here, &self.in_flight, &self.gate, &self.drains).await;
                Look::Path {
                    endpoint,
                    available: hops.is_some(),
                    hops: hops.unwrap_or_default(),
                }
            }
        };
        Witness { at, look }
    }

    async fn knock(&self, address: IpAddr, port: Port) -> Attempt {
        let endpoint = SocketAddr::new(address, port.get());
        let held = self.in_flight.hold(endpoint).await;
        let Some(pass) = self.gate.pass(endpoint).await else {
            return gate::not_sent(endpoint);
        };
        let opening = connect::open(
            pass,
            Way {
                deadline: PATIENCE,
                hops: None,
            },
        )
        .await;
        if let Some(stream) = opening.stream {
            self.drains.end(stream, (held, opening.place));
        }
        opening.attempt
    }

    /// The default instance has TCP 1434; the port of a named one is known to Browser alone.
    async fn look_for_dac(&self, target: &Target, address: IpAddr) -> Dac {
        let (browser, port) = match &target.instance {
            None => (None, Some(DAC)),
            Some(instance) => {
                let browser = self
                    .browser
                    .ask_dac(address, instance.as_str(), PATIENCE, &self.gate)
                    .await;
                let port = browser.port;
                (Some(Box::new(browser)), port)
            }
        };
        let attempt = match port {
            Some(port) => Some(self.knock(address, port).await),
            None => None,
        };
        Dac { browser, attempt }
    }

    async fn ask_browser(&self, target: &Target, address: IpAddr, form: BrowserForm) -> Browser {
        let instance = target.instance.as_ref().map(InstanceName::as_str);
        let wanted = Wanted {
            instance,
            form,
            patience: Patience::Once(PATIENCE),
        };
        self.browser.ask(&[address], wanted, &self.gate).await
    }
}

/// A look that the policy forbids: nothing was sent, and nothing is claimed.
fn not_taken(test: Test) -> Look {
    let not_sent = |address, port: Port| gate::not_sent(SocketAddr::new(address, port.get()));
    match test {
        Test::ClosedPort { address } => Look::ClosedPort(not_sent(address, CLOSED)),
        Test::Port { address, port } => Look::Port(not_sent(address, port)),
        Test::BrowserList { .. } => Look::BrowserList(Browser::default()),
        Test::BrowserName { .. } => Look::BrowserName(Browser::default()),
        Test::Dac { .. } => Look::Dac(Dac {
            browser: None,
            attempt: None,
        }),
        Test::Path { endpoint } => Look::Path {
            endpoint,
            available: false,
            hops: Vec::new(),
        },
    }
}
