//! Which cause has which steps on which platform and for which kind, as one table.
//! `cargo test --lib matrix -- --nocapture` prints it.

use std::fmt::Write as _;

use super::*;
use crate::advice::Place;
use crate::advice::numbered::commands_for;

/// Where the commands go: containers are two, since `docker` and `kubectl` are two worlds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    Windows,
    Linux,
    Docker,
    Kubectl,
    Azure,
    Rds,
}

use CauseId::*;
use On::{Azure, Docker, Kubectl, Linux, Rds, Windows};

const ON: [On; 6] = [Windows, Linux, Docker, Kubectl, Azure, Rds];
const KINDS: [Kind; 4] = [
    Kind::Standalone,
    Kind::Fci,
    Kind::AgReplica,
    Kind::AgListener,
];

/// What one cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    steps: usize,
    first: Option<Risk>,
    acts: bool,
}

fn cell(cause: CauseId, on: On, kind: Kind) -> Cell {
    let platform = match on {
        Windows => Platform::Windows,
        Linux => Platform::Linux,
        Docker | Kubectl => Platform::Container,
        Azure => Platform::Azure,
        Rds => Platform::Rds,
    };
    let scene = Scene::new(r"sales01.corp.example\PROD")
        .tried("10.0.4.12:50123", ConnectStatus::TimedOut)
        .browser(BrowserStatus::Silent)
        .canonical("node1.corp.example")
        .last_good("10.0.4.12:51001")
        .icmp_from("192.0.2.1")
        .declared(Some(platform), Some(kind));
    let advice = advise(&scene.case(), &found(&[cause]));
    let steps = commands_for(&advice, platform);
    let steps: Vec<_> = steps
        .iter()
        .filter(|step| {
            let begins = |word: &str| {
                let text = step.command.text.trim_start_matches("sudo ");
                text.starts_with(word)
            };
            match on {
                Docker => !begins("kubectl"),
                // What is typed on docker's host does not exist there.
                Kubectl => {
                    step.fix.place != Place::Server
                        || matches!(step.command.shell, Shell::Text | Shell::Sql)
                }
                _ => true,
            }
        })
        .collect();
    Cell {
        steps: steps.len(),
        first: steps.first().map(|step| step.fix.risk),
        acts: steps.iter().any(|step| step.fix.risk != Risk::ReadOnly),
    }
}

/// Azure SQL and RDS are managed: nobody declares clusters there. Failover cluster instances
/// in containers are not supported.
fn exists(on: On, kind: Kind) -> bool {
    match on {
        Windows | Linux => true,
        Docker | Kubectl => kind != Kind::Fci,
        Azure | Rds => kind == Kind::Standalone,
    }
}

/// Where there is nothing to do but look, or nothing at all, and why that is right.
const GAPS: &[(&[CauseId], &[On], &str)] = &[
    (
        &[BrowserAnswersLate, BrowserReplyMalformed, InstanceNotListed],
        &[Linux, Docker, Kubectl, Azure, Rds],
        "only Windows has a Browser; what is offered is the way past it",
    ),
    (
        &[ClusterGroupOffline, ListenerOffline, MoreAddressesLive],
        &[Docker, Kubectl, Azure, Rds],
        "the cluster is Windows' or Pacemaker's, on machines that one administers",
    ),
    (
        &[PortNotPublished],
        &[Windows, Linux, Azure, Rds],
        "only a container publishes its port",
    ),
    (
        &[PortTaken],
        &[Azure, Rds],
        "nobody else starts programs on a managed server",
    ),
    (
        &[TcpDisabled],
        &[Linux, Docker, Kubectl, Azure, Rds],
        "it shows in Browser's answer, and TCP/IP can be switched off on Windows alone",
    ),
    (
        &[EncryptionNotSupported, StrictOnly],
        &[Azure, Rds],
        "a managed server always encrypts and has no such switch",
    ),
    (&[StrictOnly], &[Docker], "a listener has no container"),
    (&[CertificateExpiring], &[Azure], "Microsoft renews it"),
    (
        &[DatabaseUnavailable, EngineHung],
        &[Azure],
        "a move passes and a paused database wakes by itself; the engine is Microsoft's to restart",
    ),
    (
        &[ServiceNotRunning],
        &[Windows, Linux, Docker, Azure],
        "a listener has no service (listener-offline starts the replica's); Azure has none to start",
    ),
    (
        &[ServerStarting],
        &ON,
        "waiting is the cure; single-user mode of a cluster's instance is taken back by who set it",
    ),
    (
        &[HostDown],
        &[Docker, Kubectl, Azure],
        "the host of containers is another team's, and Azure SQL has no host to start",
    ),
    (
        &[FirewallDrops],
        &[Kubectl],
        "a network policy is changed in its manifest",
    ),
    (
        &[RejectRule],
        &[Windows, Docker, Kubectl, Azure, Rds],
        "Windows Firewall never refuses: the device that does is its owner's",
    ),
    (
        &[NameHasNoAddress, NameNotFound],
        &[Docker, Kubectl, Azure, Rds],
        "the platform writes the records: what is wrong is the name, or the zone that is asked",
    ),
    (
        &[StaleArp],
        &[Docker, Kubectl, Azure, Rds],
        "routers know the host's address, not the container's; a cloud has no such table",
    ),
    (
        &[KerberosProblem],
        &[Docker, Kubectl, Azure, Rds],
        "the key table is built into the image or kept by the cloud",
    ),
    (
        &[DnsServerFailing, DnsTimeout],
        &ON,
        "the DNS servers are another team's; what is offered is to look and to go around",
    ),
    (
        &[
            PathProxy,
            ProxyWithoutBackend,
            SiteUnreachable,
            SessionDropped,
        ],
        &ON,
        "who can act is found by looking: the proxy's, the link's or the firewall's owner",
    ),
    (
        &[PolicyForbids],
        &ON,
        "whoever keeps the machine changes its policy, and nobody else",
    ),
    (
        &[ClientSide, NotTcp, TargetSyntax],
        &ON,
        "nothing is wrong with a server: what changes is the client's own text",
    ),
];

#[test]
fn every_cause_has_steps_wherever_it_can_lead() {
    let mut table =
        String::from("steps, first risk, + where one acts; - where the kind does not exist\n");
    let mut unargued = Vec::new();
    let mut idle: Vec<_> = GAPS
        .iter()
        .flat_map(|(causes, on, _)| {
            causes
                .iter()
                .flat_map(move |cause| on.iter().map(move |on| (*cause, *on)))
        })
        .collect();
    for cause in CauseId::ALL {
        write!(table, "{:<26}", cause.id()).unwrap();
        for on in ON {
            write!(table, " {on:?}").unwrap();
            for kind in KINDS {
                if !exists(on, kind) {
                    table.push_str("  -  ");
                    continue;
                }
                let cell = cell(*cause, on, kind);
                let first = cell
                    .first
                    .map_or('.', |risk| if risk == Risk::ReadOnly { 'r' } else { '!' });
                let acts = if cell.acts { '+' } else { ' ' };
                write!(table, " {:>2}{first}{acts}", cell.steps).unwrap();
                if !cell.acts {
                    unargued.push((*cause, on, kind));
                }
            }
        }
        table.push('\n');
    }
    println!("{table}");
    let argued = |cause: CauseId, on: On| {
        GAPS.iter()
            .any(|(causes, places, _)| causes.contains(&cause) && places.contains(&on))
    };
    idle.retain(|(cause, on)| !unargued.iter().any(|(c, o, _)| c == cause && o == on));
    unargued.retain(|(cause, on, _)| !argued(*cause, *on));
    assert!(
        unargued.is_empty(),
        "nothing acts, and nothing says why: {unargued:?}"
    );
    assert!(idle.is_empty(), "argued, and no gap: {idle:?}");
}
