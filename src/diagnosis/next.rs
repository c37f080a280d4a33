//! The tests that would tell the leading causes apart.
//!
//! All of a first round follow from the evidence alone, and one of a second from what the
//! first found. A test that was taken is not asked for again, so there is no third round.

use std::net::IpAddr;

use super::distance;
use super::heard::Heard;
use super::sight::Sight;
use super::{OwnNetwork, State};
use crate::evidence::{BrowserForm, BrowserStatus, Test};
use crate::target::{Platform, Port};

/// Open on nearly every Windows server.
const SMB: Port = Port::literal(445);
/// Open on nearly every Linux server.
const SSH: Port = Port::literal(22);

/// The tests to take next, most telling first.
pub(super) fn tests(sight: &Sight<'_>) -> Vec<Test> {
    // Where this machine itself is cut off, no look at a server tells anything.
    let Some(address) = sight
        .address
        .filter(|_| sight.case.surroundings.own_network == OwnNetwork::Fine)
    else {
        return Vec::new();
    };
    let closed = Some(Test::ClosedPort { address });
    let telling = telling_port(sight).map(|port| Test::Port { address, port });
    let old = old_port(sight).map(|port| Test::Port { address, port });
    let old_place = sight.led_elsewhere().map(|good| Test::Port {
        address: good.address,
        port: good.port,
    });
    let path = sight
        .endpoint()
        .filter(|_| !sight.is_loopback())
        .map(|endpoint| Test::Path { endpoint });
    let list = Some(Test::BrowserList { address }).filter(|_| sight.is_worth_a_list());
    let listed = sight
        .listed_elsewhere()
        .map(|(port, _)| Test::Port { address, port });
    let dac = Some(Test::Dac { address }).filter(|_| sight.has_dac());
    let wanted = match sight.state {
        State::NotLocated if sight.case.evidence.layers.browser.status == BrowserStatus::Silent => {
            vec![Some(other_form(sight, address)), closed, old.or(telling)]
        }
        State::NotLocated => vec![old],
        State::TimedOut => {
            let is_there = |_: &Test| sight.alive.is_some();
            // Browser may be the first to show that a host is there that hides its ports.
            let may_be_there = sight.closed.is_some() && sight.all_silent().is_none();
            let list = list.filter(|test| may_be_there || is_there(test));
            vec![
                old_place,
                closed,
                telling,
                path,
                old.filter(is_there),
                list,
                listed.filter(is_there),
            ]
        }
        State::Refused if sight.heard == Heard::Reset && sight.is_loopback() => {
            vec![listed.or(old), list]
        }
        State::Refused if sight.heard == Heard::Reset => {
            // Then the walk to a port that is the host's own, to compare how far away they are.
            let reference = distance::reference_walk(sight);
            let other = listed.or(old).or(telling);
            vec![old_place, closed, other, list, path, reference]
        }
        State::Unreachable => match sight.heard {
            Heard::NoWay => vec![closed, path],
            Heard::HostUnreachable { .. }
            | Heard::Rejected { .. }
            | Heard::NoRoute { by: Some(_) } => vec![path],
            _ => vec![],
        },
        State::Silent => vec![closed, dac],
        State::HungUp => vec![closed],
        State::Degraded if sight.engine_slow().is_some() => vec![dac],
        _ => vec![],
    };
    wanted
        .into_iter()
        .flatten()
        .filter(|test| !taken(sight, test))
        .collect()
}

/// A form of the question that was not put yet: a list that is too long for one datagram
/// may be lost on the way, and a name that Browser does not know is met with silence.
fn other_form(sight: &Sight<'_>, address: IpAddr) -> Test {
    match sight.case.evidence.layers.browser.form {
        Some(BrowserForm::List) => Test::BrowserName { address },
        _ => Test::BrowserList { address },
    }
}

/// A port that is open on the kind of server that this probably is. On loopback there is
/// nothing to learn, and a cloud's gateway opens none.
fn telling_port(sight: &Sight<'_>) -> Option<Port> {
    if sight.is_loopback() || sight.is_cloud() {
        return None;
    }
    let port = match sight.case.declared.platform {
        Some(Platform::Linux | Platform::Container) => SSH,
        None if sight.is_container() => SSH,
        _ => SMB,
    };
    (port != sight.port).then_some(port)
}

/// Where it answered before, if that port was not the one that was tried.
fn old_port(sight: &Sight<'_>) -> Option<Port> {
    let good = sight.case.past.last_good.as_ref()?;
    (sight.attempt.is_none() || good.port != sight.port).then_some(good.port)
}

fn taken(sight: &Sight<'_>, test: &Test) -> bool {
    sight
        .case
        .witnesses
        .iter()
        .any(|witness| witness.look.answers(test))
}
