//! What rules a cause out, whatever else was seen: read from the evidence itself, and not
//! with the eyes of the rules.

use super::rules::scenes;
use crate::diagnosis::CauseId;
use crate::diagnosis::scene::Scene;
use crate::evidence::{
    Attempt, BrowserStatus, ConnectStatus, Look, PreloginStatus, ResolveStatus, Source,
};
use crate::target::{Host, Kind};

/// What holds for a case, and how it is said.
type Excludes = (fn(&Scene) -> bool, &'static str);

/// Why this cause cannot be named for this case, if so. Of several addresses or of none
/// only what holds for all of them is asked.
pub(super) fn contradiction(cause: CauseId, scene: &Scene) -> Option<&'static str> {
    use CauseId as C;
    let excludes: &[Excludes] = match cause {
        C::TargetSyntax | C::NotTcp => &[(|_| true, "the target could be read")],
        C::NameNotFound | C::NameHasNoAddress => &[(has_addresses, "the name has addresses")],
        C::DnsServerFailing | C::DnsTimeout => {
            &[(the_system_found_it, "the system found addresses")]
        }
        C::StaleName => &[(is_literal, "an address has no record")],
        C::ClientAlias => &[(is_not_overridden, "nothing here overrides the name")],
        C::BrowserStopped => &[
            (browser_answered, "Browser answered"),
            (browser_skipped, "Browser was not asked"),
        ],
        C::BrowserFiltered
        | C::BrowserAnswersLate
        | C::BrowserReplyMalformed
        | C::InstanceNotListed => &[(browser_skipped, "Browser was not asked")],
        C::StaleBrowserPort => &[(browser_gave_no_port, "Browser gave no port")],
        C::PortNotPublished => &[
            (
                browser_was_read,
                "Browser answered, so this is no container",
            ),
            (is_connected, "it opens"),
        ],
        // Browser's word that there is no TCP stands beside a port that it does not know of.
        C::TcpDisabled | C::ServiceNotRunning => &[(opens_where_tcp_is_on, "it opens")],
        C::NoRoute => &[(opens_by_itself, "it opens")],
        C::ListenerOffline => &[
            (
                |scene| scene.declared.kind != Some(Kind::AgListener),
                "it is not declared a listener",
            ),
            (engine_answers, "the engine answered"),
        ],
        C::ClusterGroupOffline => &[
            (
                |scene| {
                    matches!(
                        scene.declared.kind,
                        Some(Kind::Standalone | Kind::AgReplica)
                    )
                },
                "it is declared to be no cluster",
            ),
            (engine_answers, "the engine answered"),
        ],
        C::FirewallDrops => &[
            (port_was_reset, "the port answered RST"),
            (is_connected, "it opens"),
        ],
        C::HostDown | C::SiteUnreachable | C::StaleArp => &[
            (port_was_reset, "the port answered RST"),
            (opens_by_itself, "it opens"),
            (host_answered, "the host answered"),
        ],
        // A rule of this machine's may stop the datagram alone.
        C::LocalFirewall => &[(opens_and_no_datagram_failed, "it opens")],
        C::LocalPortsExhausted => &[(opens_as_ever, "it opens from where programs here send")],
        C::RejectRule | C::PolicyForbids => &[(is_connected, "it opens")],
        C::MoreAddressesLive => &[(fewer_than_two_open, "fewer than two addresses open")],
        C::SomeAddressesDead => &[(all_attempts_alike, "no address differs from the others")],
        C::PathProxy => &[(no_closed_port_opened, "no closed port opened")],
        C::EngineHung
        | C::ProxyWithoutBackend
        | C::NotSqlServer
        | C::PortTaken
        | C::WrongInstanceOnPort
        | C::StrictOnly => &[(|scene| !is_connected(scene), "nothing opened")],
        C::WrongPort | C::BacklogFull => &[(engine_answers, "the engine answered")],
        C::CertificateUntrusted
        | C::CertificateSelfGenerated
        | C::CertificateNameMismatch
        | C::CertificateExpired
        | C::CertificateExpiring
        | C::NoCommonTls
        | C::EncryptionNotSupported
        | C::EncryptionRequired
        | C::LoginRejected
        | C::DatabaseUnavailable
        | C::KerberosProblem
        | C::ServerStarting
        | C::ClientPoolExhausted
        | C::SessionDropped
        | C::ClientSide => &[(|_| true, "no probe reaches its layer")],
    };
    excludes
        .iter()
        .find(|(holds, _)| holds(scene))
        .map(|(_, why)| *why)
}

#[test]
fn no_case_of_the_tables_names_a_cause_that_its_evidence_rules_out() {
    for (what, scene) in scenes() {
        for cause in scene.diagnose().causes {
            let excluded = contradiction(cause.id, &scene);
            assert_eq!(excluded, None, "{what}: {}", cause.id);
        }
    }
}

fn has_addresses(scene: &Scene) -> bool {
    let resolve = &scene.evidence.layers.resolve;
    matches!(resolve.status, ResolveStatus::Ok | ResolveStatus::Literal)
        && !resolve.addresses.is_empty()
}

fn the_system_found_it(scene: &Scene) -> bool {
    has_addresses(scene) && scene.evidence.layers.resolve.system_error.is_none()
}

fn is_literal(scene: &Scene) -> bool {
    matches!(scene.target.host, Host::Address(_))
}

fn is_not_overridden(scene: &Scene) -> bool {
    let source = scene.evidence.layers.resolve.source;
    !matches!(source, Some(Source::HostsFile | Source::ClientAlias))
}

fn browser_skipped(scene: &Scene) -> bool {
    scene.evidence.layers.browser.status == BrowserStatus::Skipped
}

fn browser_answered(scene: &Scene) -> bool {
    use BrowserStatus::{Malformed, NoTcp, NotListed, Ok};
    matches!(
        scene.evidence.layers.browser.status,
        Ok | NotListed | NoTcp | Malformed
    )
}

/// What cannot be read may have come from anything.
fn browser_was_read(scene: &Scene) -> bool {
    browser_answered(scene)
        && scene.evidence.layers.resolve.addresses.len() == 1
        && scene.evidence.layers.browser.status != BrowserStatus::Malformed
}

fn browser_gave_no_port(scene: &Scene) -> bool {
    scene.evidence.layers.browser.port.is_none()
}

fn attempts(scene: &Scene) -> &[Attempt] {
    &scene.evidence.layers.connect.attempts
}

fn is_connected(scene: &Scene) -> bool {
    attempts(scene)
        .iter()
        .any(|attempt| attempt.status == ConnectStatus::Open)
}

/// RST, and no device's ICMP.
fn is_reset(attempt: &Attempt) -> bool {
    attempt.status == ConnectStatus::Refused && attempt.icmp.is_none()
}

fn port_was_reset(scene: &Scene) -> bool {
    has_addresses(scene) && no_closed_port_opened(scene) && attempts(scene).iter().any(is_reset)
}

fn engine_answers(scene: &Scene) -> bool {
    is_connected(scene) && scene.evidence.layers.prelogin.status == PreloginStatus::Ok
}

/// And not as everything does on this way.
fn opens_by_itself(scene: &Scene) -> bool {
    is_connected(scene) && no_closed_port_opened(scene)
}

fn opens_as_ever(scene: &Scene) -> bool {
    let is_spared = |attempt: &Attempt| attempt.instead_of.is_some();
    is_connected(scene) && !attempts(scene).iter().any(is_spared)
}

fn opens_where_tcp_is_on(scene: &Scene) -> bool {
    is_connected(scene) && scene.evidence.layers.browser.status != BrowserStatus::NoTcp
}

fn opens_and_no_datagram_failed(scene: &Scene) -> bool {
    let browser = &scene.evidence.layers.browser;
    is_connected(scene) && browser.icmp.is_none() && browser.os_error.is_none()
}

/// ARP failed, which outweighs what was heard before.
fn has_no_neighbour(scene: &Scene) -> bool {
    let here = &scene.surroundings.vantage.addresses;
    let icmp = attempts(scene).iter().filter_map(|attempt| attempt.icmp);
    icmp.map(|icmp| icmp.from).any(|from| here.contains(&from))
}

/// Another port of the only address answered, and not as something on the way does that
/// opens them all.
fn host_answered(scene: &Scene) -> bool {
    let [address] = scene.evidence.layers.resolve.addresses[..] else {
        return false;
    };
    let tried: Vec<u16> = attempts(scene)
        .iter()
        .map(|one| one.endpoint.port())
        .collect();
    let of_host = |attempt: &Attempt| {
        attempt.endpoint.ip() == address && !tried.contains(&attempt.endpoint.port())
    };
    !has_no_neighbour(scene)
        && no_closed_port_opened(scene)
        && scene.witnesses.iter().any(|witness| match &witness.look {
            Look::Port(attempt) => {
                of_host(attempt) && (is_reset(attempt) || attempt.status == ConnectStatus::Open)
            }
            Look::ClosedPort(attempt) => of_host(attempt) && is_reset(attempt),
            _ => false,
        })
}

fn no_closed_port_opened(scene: &Scene) -> bool {
    !scene.witnesses.iter().any(|witness| {
        matches!(&witness.look, Look::ClosedPort(attempt) if attempt.status == ConnectStatus::Open)
    })
}

fn fewer_than_two_open(scene: &Scene) -> bool {
    let connect = &scene.evidence.layers.connect;
    connect.ended(ConnectStatus::Open).count() < 2
}

fn all_attempts_alike(scene: &Scene) -> bool {
    let open = attempts(scene)
        .iter()
        .filter(|one| one.status == ConnectStatus::Open)
        .count();
    open == 0 || open == attempts(scene).len()
}
