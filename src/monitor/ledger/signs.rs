//! What the newest probes say about this machine itself, counted by host.

use crate::diagnosis::{Families, Hosts, OwnNetwork, stopped_here};
use crate::evidence::{Evidence, ResolveStatus, Source, Vantage};

/// What the newest probe of one instance says about this machine. Nothing, for an instance
/// of this machine itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a sign of its own, counted by itself"
)]
pub(super) struct Signs {
    /// Something answered.
    pub(super) through: bool,
    /// The same, from beyond the subnets of this machine.
    pub(super) far: bool,
    /// What of this machine stopped it.
    pub(super) stopped: OwnNetwork,
    /// DNS said something about the name.
    pub(super) named: bool,
    /// It did so before, and that still stands: what it would say now is not known.
    pub(super) remembered: bool,
}

/// How many instances of a host, or how many hosts, show which sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shown([u32; 7]);

/// The hosts that show each sign, and the ways out that this machine had.
#[derive(Clone, Debug, Default)]
pub(super) struct Polled {
    hosts: Shown,
    pub(super) had: Families,
    overruled: Overruled,
}

/// Against which kinds of trouble the signs from before a doubt that was well founded do
/// not count.
#[derive(Clone, Debug, Default)]
struct Overruled {
    firewall: bool,
    no_route: bool,
    no_dns: bool,
}

impl Signs {
    /// The signs of one probe, whose host is within a subnet of this machine or not.
    pub(super) fn of(evidence: &Evidence, answered: bool, near: bool, vantage: &Vantage) -> Self {
        Self {
            through: answered,
            far: answered && !near,
            stopped: if answered {
                OwnNetwork::Fine
            } else {
                stopped_here(evidence, vantage)
            },
            named: is_named(evidence),
            remembered: is_remembered(evidence),
        }
    }

    fn flags(self) -> [bool; 7] {
        [
            self.through,
            self.far,
            self.stopped == OwnNetwork::Firewall,
            self.stopped == OwnNetwork::NoRoute,
            self.named,
            self.stopped == OwnNetwork::NoDns,
            self.remembered,
        ]
    }

    /// Whether it disproves that this machine is stopped so.
    pub(super) fn disproves(self, stopped: OwnNetwork) -> bool {
        match stopped {
            OwnNetwork::Fine => false,
            OwnNetwork::NoRoute => self.far,
            OwnNetwork::NoDns => self.named,
            OwnNetwork::Firewall => self.through,
        }
    }

    /// Whether asking its host again can tell: it disproved it, or may do so.
    pub(super) fn is_worth_asking(self, stopped: OwnNetwork) -> bool {
        self.disproves(stopped) || (stopped == OwnNetwork::NoDns && self.remembered)
    }
}

impl Polled {
    /// An instance of the host whose signs are `shown` came.
    pub(super) fn add(&mut self, shown: &mut Shown, signs: Signs) {
        for (at, flag) in signs.flags().into_iter().enumerate() {
            if flag {
                self.hosts.0[at] += u32::from(shown.0[at] == 0);
                shown.0[at] += 1;
            }
        }
    }

    /// An instance of the host whose signs are `shown` went.
    pub(super) fn take(&mut self, shown: &mut Shown, signs: Signs) {
        for (at, flag) in signs.flags().into_iter().enumerate() {
            if flag {
                shown.0[at] = shown.0[at].saturating_sub(1);
                let last = u32::from(shown.0[at] == 0);
                self.hosts.0[at] = self.hosts.0[at].saturating_sub(last);
            }
        }
    }

    /// What spoke against this kind is from before it.
    pub(super) fn overrule(&mut self, kind: OwnNetwork) {
        match kind {
            OwnNetwork::Fine => {}
            OwnNetwork::Firewall => self.overruled.firewall = true,
            OwnNetwork::NoRoute => self.overruled.no_route = true,
            OwnNetwork::NoDns => self.overruled.no_dns = true,
        }
    }

    /// What disproves a kind of trouble makes all count again that spoke against it.
    pub(super) fn hear(&mut self, signs: Signs) {
        let overruled = &mut self.overruled;
        overruled.firewall &= !signs.disproves(OwnNetwork::Firewall);
        overruled.no_route &= !signs.disproves(OwnNetwork::NoRoute);
        overruled.no_dns &= !signs.disproves(OwnNetwork::NoDns);
    }

    pub(super) fn hosts(&self) -> Hosts {
        let [
            through,
            far,
            forbidden,
            no_route,
            named,
            unnamed,
            remembered,
        ] = self.hosts.0;
        let unless = |overruled: bool, count: u32| if overruled { 0 } else { count };
        Hosts {
            through: unless(self.overruled.firewall, through),
            far: unless(self.overruled.no_route, far),
            forbidden,
            no_route,
            named: unless(self.overruled.no_dns, named),
            unnamed,
            remembered: unless(self.overruled.no_dns, remembered),
        }
    }
}

/// Neither a memory nor a file is an answer of DNS.
fn is_named(evidence: &Evidence) -> bool {
    let resolve = &evidence.layers.resolve;
    match resolve.status {
        ResolveStatus::Ok => !resolve.cached && resolve.source != Some(Source::HostsFile),
        ResolveStatus::NotFound | ResolveStatus::NoAddress => true,
        _ => false,
    }
}

fn is_remembered(evidence: &Evidence) -> bool {
    let resolve = &evidence.layers.resolve;
    let is_of_dns = resolve.source != Some(Source::HostsFile);
    resolve.status == ResolveStatus::Ok && resolve.cached && is_of_dns
}
