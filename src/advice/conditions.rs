//! When a fix applies: a closed set of questions to a case, all of which must hold.

use serde::Deserialize;

use super::facts;
use crate::diagnosis::Case;
use crate::evidence::{BrowserStatus, ConnectStatus, Look};
use crate::target::Kind;

/// One question to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Condition {
    /// A named instance.
    Named,
    /// The default instance, or whatever answers on the given port.
    Default,
    /// A failover cluster instance, declared or listed as clustered.
    Fci,
    /// Declared a replica of an availability group.
    AgReplica,
    /// Declared the listener of an availability group.
    AgListener,
    /// Neither a failover cluster instance nor a listener, as far as known.
    NotClustered,
    /// Neither declared nor seen how it is built.
    KindUnknown,
    /// The SQL port gave no answer at all: a firewall rule may help.
    PortSilent,
    /// The SQL port answered RST: a firewall rule does not help.
    PortRefused,
    /// The host answers RST for a port that is surely closed.
    ClosedPortsAnswer,
    /// The host says nothing about a port that is surely closed.
    ClosedPortsHidden,
    /// Browser did not answer.
    BrowserSilent,
    /// Browser did not answer, or something said no in its place.
    BrowserUnheard,
    /// Browser answered.
    BrowserAnswers,
    /// The target gives the port.
    PortGiven,
    /// Browser gave the port.
    PortFromBrowser,
    /// The server is this machine.
    Loopback,
    /// The server is another machine.
    Remote,
    /// The address is an IPv4 one.
    Ipv4,
    /// The address is an IPv6 one.
    Ipv6,
    /// The port that answered last is remembered, and is not the one that fails now.
    LastPortKnown,
    /// Only a port was given, and nobody lists an instance there.
    InstanceUnknown,
    /// Browser lists the instance on another port than the target gives.
    PortMoved,
    /// The host came up minutes ago.
    HostCameUp,
    /// The administrator connection opens from here.
    DacOpen,
}

impl Condition {
    /// Whether it holds.
    pub(super) fn holds(self, case: &Case<'_>) -> bool {
        let kind = || facts::kind(case);
        let connect = &case.evidence.layers.connect;
        match self {
            Self::Named => facts::instance(case).is_some(),
            Self::Default => facts::instance(case).is_none(),
            Self::Fci => kind() == Some(Kind::Fci),
            Self::AgReplica => kind() == Some(Kind::AgReplica),
            Self::AgListener => kind() == Some(Kind::AgListener),
            Self::NotClustered => !matches!(kind(), Some(Kind::Fci | Kind::AgListener)),
            Self::KindUnknown => kind().is_none(),
            Self::PortSilent => {
                !connect.attempts.is_empty()
                    && connect.ended(ConnectStatus::Refused).next().is_none()
                    && no_answer(facts::attempt(case).map(|attempt| attempt.status))
            }
            Self::PortRefused => connect.ended(ConnectStatus::Refused).next().is_some(),
            Self::ClosedPortsAnswer => closed_port(case) == Some(ConnectStatus::Refused),
            Self::ClosedPortsHidden => closed_port(case) == Some(ConnectStatus::TimedOut),
            Self::BrowserSilent => {
                case.evidence.layers.browser.status == BrowserStatus::Silent
                    && !facts::browser_answered(case)
            }
            Self::BrowserUnheard => {
                let status = case.evidence.layers.browser.status;
                matches!(status, BrowserStatus::Silent | BrowserStatus::Refused)
                    && !facts::browser_answered(case)
            }
            Self::BrowserAnswers => facts::browser_answered(case),
            Self::PortGiven => case.target.port.is_some(),
            Self::PortFromBrowser => {
                case.target.port.is_none() && facts::advertised_port(case).is_some()
            }
            Self::Loopback => facts::is_loopback(case),
            Self::Remote => !facts::is_loopback(case),
            Self::Ipv4 => facts::address(case).is_some_and(|address| address.is_ipv4()),
            Self::Ipv6 => facts::address(case).is_some_and(|address| address.is_ipv6()),
            Self::LastPortKnown => facts::other_last_port(case).is_some(),
            Self::InstanceUnknown => facts::instance_is_unknown(case),
            Self::PortMoved => facts::moved_port(case).is_some(),
            Self::HostCameUp => case.host_came_up_lately().is_some(),
            Self::DacOpen => facts::dac_opens(case),
        }
    }
}

/// Silence, or a device that answered in the server's place.
fn no_answer(status: Option<ConnectStatus>) -> bool {
    matches!(
        status,
        Some(ConnectStatus::TimedOut | ConnectStatus::Unreachable)
    )
}

fn closed_port(case: &Case<'_>) -> Option<ConnectStatus> {
    let closed = facts::witness(case, |look| match look {
        Look::ClosedPort(attempt) => Some(attempt),
        _ => None,
    });
    closed.map(|attempt| attempt.status)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Condition::{self, *};
    use crate::advice::fixture::{Scene, attempt};
    use crate::evidence::{BrowserStatus, ConnectStatus, Dac, Look};
    use crate::target::Kind;

    fn kind(kind: Kind) -> Scene {
        Scene::new("sales01").declared(None, Some(kind))
    }

    fn tried(status: ConnectStatus) -> Scene {
        Scene::new("sales01").tried("10.0.4.12:1433", status)
    }

    fn closed_look(status: ConnectStatus) -> Look {
        Look::ClosedPort(attempt(([10, 0, 4, 12], 1).into(), status))
    }

    fn closed(status: ConnectStatus) -> Scene {
        Scene::new("sales01").witness(closed_look(status))
    }

    /// The default instance is listed there, and the port was looked at.
    fn looked_at(port: u16, status: ConnectStatus) -> Scene {
        Scene::new("a")
            .listed("MSSQLSERVER", Some(port), false)
            .witness(Look::Port(attempt(([10, 0, 4, 12], port).into(), status)))
    }

    fn up_for(seconds: i64) -> Scene {
        let mut scene = Scene::new("a");
        let ago = jiff::SignedDuration::from_secs(seconds);
        scene.past.host_came_up = Some(scene.evidence.at - ago);
        scene
    }

    fn dac(status: ConnectStatus) -> Scene {
        Scene::new("a").witness(Look::Dac(Dac {
            browser: None,
            attempt: Some(attempt(([10, 0, 4, 12], 1434).into(), status)),
        }))
    }

    #[rstest]
    #[case(Scene::new(r"a\X"), &[Named, NotClustered, KindUnknown, Remote], &[Default, Fci, PortGiven, PortFromBrowser])]
    #[case(Scene::new(r"a\X").browser(BrowserStatus::Refused), &[BrowserUnheard], &[BrowserSilent, BrowserAnswers])]
    #[case(Scene::new(r"a\X").browser(BrowserStatus::Silent), &[BrowserUnheard, BrowserSilent], &[BrowserAnswers])]
    #[case(Scene::new("a"), &[], &[BrowserUnheard])]
    #[case(Scene::new("a,1500"), &[Default, PortGiven], &[Named])]
    #[case(Scene::new(r"a\MSSQLSERVER"), &[Default], &[Named])]
    #[case(kind(Kind::Fci), &[Fci], &[NotClustered, KindUnknown, AgListener])]
    #[case(kind(Kind::AgListener), &[AgListener], &[NotClustered, Fci])]
    #[case(kind(Kind::AgReplica), &[AgReplica, NotClustered], &[KindUnknown, Fci])]
    #[case(Scene::new(r"a\X").listed("X", Some(50123), true), &[Fci, PortFromBrowser, BrowserAnswers], &[NotClustered, KindUnknown])]
    #[case(Scene::new(r"a\X").listed("Y", Some(50123), true), &[NotClustered, BrowserAnswers], &[Fci, PortFromBrowser])]
    #[case(tried(ConnectStatus::Refused), &[PortRefused], &[PortSilent])]
    #[case(tried(ConnectStatus::TimedOut), &[PortSilent], &[PortRefused])]
    #[case(tried(ConnectStatus::Open), &[], &[PortSilent, PortRefused])]
    #[case(tried(ConnectStatus::TimedOut).tried("10.0.5.12:1433", ConnectStatus::Refused), &[PortRefused], &[PortSilent])]
    #[case(Scene::new("a"), &[], &[PortSilent, PortRefused, ClosedPortsAnswer, ClosedPortsHidden, BrowserSilent])]
    #[case(closed(ConnectStatus::Refused), &[ClosedPortsAnswer], &[ClosedPortsHidden])]
    #[case(closed(ConnectStatus::TimedOut), &[ClosedPortsHidden], &[ClosedPortsAnswer])]
    #[case(Scene::new(r"a\X").browser(BrowserStatus::Silent), &[BrowserSilent], &[BrowserAnswers])]
    #[case(Scene::new("localhost"), &[Loopback], &[Remote])]
    #[case(Scene::new("::1"), &[Loopback, Ipv6], &[Remote, Ipv4])]
    #[case(Scene::new("10.0.4.12"), &[Ipv4, Remote], &[Ipv6])]
    #[case(Scene::new("a").last_good("10.0.4.12:1433"), &[], &[LastPortKnown])]
    #[case(Scene::new("a,1500").last_good("10.0.4.12:1433"), &[LastPortKnown, InstanceUnknown], &[])]
    #[case(Scene::new("a,1500").listed("X", Some(1500), false), &[], &[InstanceUnknown])]
    #[case(Scene::new("a,1500").owned_by("X"), &[Named], &[InstanceUnknown, PortMoved])]
    #[case(Scene::new("a,1500").owned_by("X").listed("X", Some(1501), false), &[PortMoved, Named], &[])]
    #[case(Scene::new("a,1500").owned_by("X").listed("X", Some(1500), false), &[], &[PortMoved])]
    #[case(Scene::new("a,1500").listed("X", Some(1501), false), &[], &[PortMoved])]
    #[case(Scene::new("a").listed("MSSQLSERVER", Some(1501), false), &[PortMoved], &[])]
    #[case(looked_at(1501, ConnectStatus::Open), &[PortMoved], &[])]
    #[case(looked_at(1501, ConnectStatus::Refused), &[], &[PortMoved])]
    #[case(Scene::new(r"a\X").listed("X", Some(1501), false), &[], &[PortMoved])]
    #[case(up_for(60), &[HostCameUp], &[])]
    #[case(up_for(901), &[], &[HostCameUp])]
    #[case(Scene::new("a"), &[], &[HostCameUp, DacOpen])]
    #[case(dac(ConnectStatus::Open), &[DacOpen], &[])]
    #[case(dac(ConnectStatus::Refused), &[], &[DacOpen])]
    #[case(dac(ConnectStatus::Open).witness(closed_look(ConnectStatus::Open)), &[], &[DacOpen])]
    fn conditions_hold_or_not(
        #[case] scene: Scene,
        #[case] holding: &[Condition],
        #[case] not: &[Condition],
    ) {
        for condition in holding {
            assert!(condition.holds(&scene.case()), "{condition:?}");
        }
        for condition in not {
            assert!(!condition.holds(&scene.case()), "not {condition:?}");
        }
    }

    #[test]
    fn a_declared_kind_wins_over_what_browser_says() {
        let scene = Scene::new(r"a\X")
            .listed("X", Some(50123), true)
            .declared(None, Some(Kind::Standalone));
        assert!(!Fci.holds(&scene.case()));
    }
}
