//! What slots, conditions and the platform guess all ask a case about: which address,
//! port and instance is spoken of, and what Browser said about it.

use std::net::IpAddr;

use crate::diagnosis::Case;
use crate::evidence::{Advertised, Attempt, BrowserStatus, ConnectStatus, Look, PreloginStatus};
use crate::target::{DEFAULT_INSTANCE, Host, InstanceName, Kind, Port, Remark};

/// Whether Browser answered with something that can be read.
pub(super) fn browser_answered(case: &Case<'_>) -> bool {
    case.browsers().any(|browser| {
        matches!(
            browser.status,
            BrowserStatus::Ok | BrowserStatus::NotListed | BrowserStatus::NoTcp
        )
    })
}

/// Every instance that Browser lists.
pub(super) fn advertised<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Advertised> {
    case.browsers().flat_map(|browser| &browser.instances)
}

/// The instance that the target names, or that is remembered to own the port that it gives.
pub(super) fn known_instance<'a>(case: &Case<'a>) -> Option<&'a InstanceName> {
    let remembered = case.past.instance_there.as_ref();
    case.target
        .instance
        .as_ref()
        .or(remembered.filter(|_| case.target.port.is_some()))
}

/// The instance that is spoken of; `None` is the default instance.
///
/// A target that gives only a port names no instance: the one that is remembered there is
/// meant, else the one that Browser lists on that port.
pub(super) fn instance(case: &Case<'_>) -> Option<InstanceName> {
    let named = |name: &InstanceName| !name.matches(DEFAULT_INSTANCE);
    if let Some(name) = known_instance(case) {
        return Some(name.clone()).filter(named);
    }
    let port = case.target.port?;
    let owner = advertised(case).find(|entry| entry.tcp == Some(port))?;
    InstanceName::new(owner.instance.raw()).ok().filter(named)
}

/// Whether nobody knows which instance is spoken of: only a port was given, it is not the
/// default instance's, and Browser lists nobody there. Its service has no name then, and
/// a guess could restart another instance.
pub(super) fn instance_is_unknown(case: &Case<'_>) -> bool {
    let target = case.target;
    let named =
        known_instance(case).is_some() || target.remarks.contains(&Remark::DefaultInstanceNamed);
    let Some(port) = target.port.filter(|port| !named && *port != Port::DEFAULT) else {
        return false;
    };
    !advertised(case).any(|entry| entry.tcp == Some(port))
}

/// Browser's own entry for the instance that is spoken of.
pub(super) fn entry<'a>(case: &Case<'a>) -> Option<&'a Advertised> {
    let wanted = instance(case);
    let wanted = wanted
        .as_ref()
        .map_or(DEFAULT_INSTANCE, InstanceName::as_str);
    advertised(case).find(|entry| entry.instance.raw().eq_ignore_ascii_case(wanted))
}

/// The port that Browser gives for the instance.
pub(super) fn advertised_port(case: &Case<'_>) -> Option<Port> {
    case.evidence
        .layers
        .browser
        .port
        .or_else(|| entry(case)?.tcp)
}

/// Where Browser lists the instance of a target that gives another port, unless that one
/// was looked at and does not open.
pub(super) fn moved_port(case: &Case<'_>) -> Option<Port> {
    let given = match &case.target.instance {
        Some(_) => case.target.port?,
        None => case.target.port.unwrap_or(Port::DEFAULT),
    };
    if instance_is_unknown(case) {
        return None;
    }
    let listed = entry(case)?.tcp.filter(|listed| *listed != given)?;
    let looked_at = witness(case, |look| match look {
        Look::Port(attempt) if attempt.endpoint.port() == listed.get() => Some(attempt),
        _ => None,
    });
    looked_at
        .is_none_or(|attempt| attempt.status == ConnectStatus::Open)
        .then_some(listed)
}

/// Whether the administrator connection opened when it was looked at from here. Where even
/// a closed port opens, that says nothing.
pub(super) fn dac_opens(case: &Case<'_>) -> bool {
    let opened = |attempt: Option<&Attempt>| {
        attempt.is_some_and(|attempt| attempt.status == ConnectStatus::Open)
    };
    let dac = witness(case, |look| match look {
        Look::Dac(dac) => dac.attempt.as_ref(),
        _ => None,
    });
    let closed = witness(case, |look| match look {
        Look::ClosedPort(attempt) => Some(attempt),
        _ => None,
    });
    opened(dac) && !opened(closed)
}

/// The port that is spoken of: given, advertised, tried, or 1433 for a default instance.
/// The port of a named instance that nobody gave is not known: 1433 would be a guess.
pub(super) fn port(case: &Case<'_>) -> Option<Port> {
    let tried = || attempt(case).and_then(|attempt| Port::new(attempt.endpoint.port()));
    let default = || instance(case).is_none().then_some(Port::DEFAULT);
    case.target
        .port
        .or_else(|| advertised_port(case))
        .or_else(tried)
        .or_else(default)
}

/// The attempt that is spoken of: the failed one that says most, as the headline has it,
/// or the one whose engine was asked, if the engine is the trouble.
pub(super) fn attempt<'a>(case: &Case<'a>) -> Option<&'a Attempt> {
    let layers = &case.evidence.layers;
    let attempts = &layers.connect.attempts;
    let failed = || {
        attempts
            .iter()
            .filter(|attempt| {
                !matches!(attempt.status, ConnectStatus::Open | ConnectStatus::Skipped)
            })
            .min_by_key(|attempt| (has_no_way(case, attempt), attempt.status.precedence()))
    };
    let asked = || {
        attempts
            .iter()
            .find(|attempt| Some(attempt.endpoint) == layers.prelogin.endpoint)
    };
    // Where the engine itself is the trouble, a dead address beside it is not.
    let engine = !matches!(
        layers.prelogin.status,
        PreloginStatus::Ok | PreloginStatus::Skipped
    );
    let found = if engine {
        asked().or_else(failed)
    } else {
        failed().or_else(asked)
    };
    found.or_else(|| attempts.first())
}

/// This machine has no way out over the attempt's family but over the other one: what
/// failed is no address of the server.
fn has_no_way(case: &Case<'_>, attempt: &Attempt) -> bool {
    let vantage = &case.surroundings.vantage;
    if attempt.endpoint.is_ipv4() {
        !vantage.ipv4 && vantage.ipv6
    } else {
        !vantage.ipv6 && vantage.ipv4
    }
}

/// The last port that worked, unless it is the one that fails now: where Browser gives no
/// port, the probe goes on to the last one, and then that is the one that is spoken of.
pub(super) fn other_last_port(case: &Case<'_>) -> Option<Port> {
    let last = case.past.last_good.as_ref()?.port;
    let is_other = Some(last) != port(case);
    Some(last).filter(|last| is_other || answers_on(case, *last))
}

/// The port to give clients that shall not ask Browser: the last that worked, else where
/// the engine answers now, else where Browser lists the instance and nothing fails.
pub(super) fn port_to_give(case: &Case<'_>) -> Option<Port> {
    let tried = || {
        let mut ports = ports_tried(case);
        ports.find(|port| answers_on(case, *port))
    };
    let listed = || match case.target.port {
        Some(_) => moved_port(case),
        None => {
            advertised_port(case).filter(|listed| ports_tried(case).all(|port| port != *listed))
        }
    };
    other_last_port(case).or_else(tried).or_else(listed)
}

fn ports_tried(case: &Case<'_>) -> impl Iterator<Item = Port> {
    let attempts = &case.evidence.layers.connect.attempts;
    attempts
        .iter()
        .filter_map(|attempt| Port::new(attempt.endpoint.port()))
}

/// The engine answers there, and does not deny to be the instance.
fn answers_on(case: &Case<'_>, port: Port) -> bool {
    let prelogin = &case.evidence.layers.prelogin;
    prelogin.status == PreloginStatus::Ok
        && prelogin.instance_matches != Some(false)
        && prelogin
            .endpoint
            .is_some_and(|endpoint| endpoint.port() == port.get())
}

/// The address that is spoken of.
pub(super) fn address(case: &Case<'_>) -> Option<IpAddr> {
    let literal = || match &case.target.host {
        Host::Address(address) => Some(*address),
        Host::Name(_) | Host::Local => None,
    };
    attempt(case)
        .map(|attempt| attempt.endpoint.ip())
        .or_else(|| case.evidence.layers.resolve.addresses.first().copied())
        .or_else(literal)
}

/// How the instance is built: declared, or a failover cluster instance by Browser's `IsClustered`.
pub(super) fn kind(case: &Case<'_>) -> Option<Kind> {
    let seen = || {
        entry(case)
            .is_some_and(|entry| entry.clustered)
            .then_some(Kind::Fci)
    };
    case.declared.kind.or_else(seen)
}

/// The latest attempt among the witnesses that `wanted` picks.
pub(super) fn witness<'a>(
    case: &Case<'a>,
    wanted: impl Fn(&'a Look) -> Option<&'a Attempt>,
) -> Option<&'a Attempt> {
    case.witnesses
        .iter()
        .rev()
        .find_map(|witness| wanted(&witness.look))
}

/// Whether the server is this machine.
pub(super) fn is_loopback(case: &Case<'_>) -> bool {
    case.target.host == Host::Local || address(case).is_some_and(|address| address.is_loopback())
}
