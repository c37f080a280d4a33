//! The order of steps and what they risk: looking before acting, from here before on the
//! server, and what weakens something last and with a word about what it gives up.

use super::*;
use crate::advice::numbered::commands_for;
use crate::advice::{Fix, Place};

#[test]
fn what_restarts_a_service_says_so() {
    let mut seen = 0;
    for (scene, advice) in advised() {
        for cause in &advice.causes {
            for fix in &cause.fixes {
                let restarts = |text: &str| {
                    ["Restart-Service", "systemctl restart", "docker restart"]
                        .iter()
                        .any(|verb| text.contains(verb))
                };
                if fix.commands.iter().any(|command| restarts(&command.text)) {
                    seen += 1;
                    let said = matches!(fix.risk, Risk::RestartsService | Risk::Outage);
                    assert!(said, "{} · {} · {}", cause.id, fix.title, scene.target.text);
                }
            }
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_first_thing_to_do_is_to_look() {
    for cause in advised().iter().flat_map(|(_, advice)| &advice.causes) {
        let alone = Advice {
            causes: vec![cause.clone()],
            ..Advice::default()
        };
        for platform in Platform::ALL {
            if let Some(first) = commands_for(&alone, platform).first() {
                let text = &first.command.text;
                assert_eq!(
                    first.fix.risk,
                    Risk::ReadOnly,
                    "{} on {platform:?}: {text}",
                    cause.id
                );
            }
        }
    }
}

#[test]
fn what_weakens_or_stops_something_says_so_in_a_note() {
    for (cause, step) in steps() {
        if matches!(step.risk, Risk::WeakensSecurity | Risk::Outage) {
            assert!(step.note.is_some(), "{cause}: {}", step.title);
        }
    }
}

/// What would change is seen by a probe of TLS, of the login or of the client, and none walks
/// these layers yet.
fn is_seen_by_no_probe(cause: CauseId) -> bool {
    let server = CauseId::CertificateUntrusted..=CauseId::ServerStarting;
    let client = CauseId::ClientPoolExhausted..=CauseId::ClientSide;
    server.contains(&cause) || client.contains(&cause)
}

#[test]
fn only_what_acts_is_expected_to_change_something() {
    for (cause, playbook) in all().filter(|(cause, _)| !is_seen_by_no_probe(*cause)) {
        let acting = || {
            playbook
                .fixes
                .iter()
                .filter(|step| step.risk != Risk::ReadOnly)
        };
        let server = acting().any(|step| step.place != Place::Client);
        assert!(
            !server || acting().any(|step| !step.expects.is_empty()),
            "{cause}: nothing that is done there can be proved"
        );
    }
}

#[test]
fn a_cluster_instance_is_never_started_behind_the_back_of_its_cluster() {
    let clustered = advised()
        .iter()
        .filter(|(scene, _)| Condition::Fci.holds(&scene.case()));
    for (_, advice) in clustered {
        // A listener belongs to a group of ordinary services.
        for cause in advice
            .causes
            .iter()
            .filter(|cause| cause.id != CauseId::ListenerOffline)
        {
            for command in cause.fixes.iter().flat_map(|fix| &fix.commands) {
                let text = command.text.to_lowercase();
                let starts = [
                    "start-service",
                    "restart-service",
                    "stop-service",
                    "set-service",
                    "net start",
                    "sc.exe start",
                    "start= auto",
                ];
                let own =
                    starts.iter().any(|start| text.contains(start)) && !text.contains("sqlbrowser");
                assert!(!own, "{}: {}", cause.id, command.text);
            }
        }
    }
}

#[test]
fn firewall_rules_are_offered_only_against_silence_and_for_one_address() {
    let opens = [
        "new-netfirewallrule",
        "set-netfirewallrule",
        "enable-netfirewallrule",
        "advfirewall firewall add",
        "ufw allow",
        "--add-port",
        "--add-rich-rule",
        "authorize-security-group-ingress",
        "nsg rule create",
        "firewall-rule create",
        "iptables -i",
    ];
    for (cause, step) in steps() {
        let scenes = full_scenes();
        for line in &step.commands {
            let Ok(text) = render::text(line, Slots(Some(&scenes[0].case()))) else {
                continue;
            };
            let text = text.to_lowercase();
            // A rule for what leaves this machine opens nothing on the server.
            if opens.iter().any(|word| text.contains(word)) && !text.contains("outbound") {
                assert_eq!(step.risk, Risk::WeakensSecurity, "{cause}: {text}");
                // Azure SQL refuses an unknown address at login, on a port that is open.
                let login = text.contains("sql server firewall-rule");
                let silence = [Condition::PortSilent, Condition::BrowserSilent];
                assert!(
                    login || step.only.iter().any(|only| silence.contains(only)),
                    "{cause}: {text}"
                );
                if text.contains("new-netfirewallrule") {
                    assert!(text.contains("-remoteaddress"), "{cause}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_refusing_port_is_offered_no_firewall_rule() {
    let scene = Scene::refused("sales01").declared(Some(Platform::Windows), None);
    let advice = advise(&scene.case(), &found(CauseId::ALL));
    for cause in &advice.causes {
        for command in cause.fixes.iter().flat_map(|fix| &fix.commands) {
            let opens =
                command.text.contains("New-NetFirewallRule") && !command.text.contains("Outbound");
            assert!(!opens, "{}: {}", cause.id, command.text);
        }
    }
}

/// The steps of each cause alone in each case and on each platform, as they are numbered.
fn each_list(mut check: impl FnMut(CauseId, Platform, &[(&Fix, &str)])) {
    for (_, advice) in advised() {
        for cause in &advice.causes {
            let alone = Advice {
                causes: vec![cause.clone()],
                ..Advice::default()
            };
            for platform in Platform::ALL {
                let steps = commands_for(&alone, platform);
                let steps: Vec<_> = steps
                    .iter()
                    .map(|step| (step.fix, &*step.command.text))
                    .collect();
                check(cause.id, platform, &steps);
            }
        }
    }
}

fn looks(fix: &Fix) -> bool {
    fix.risk == Risk::ReadOnly
}

/// Looks that come after something was done, and what for.
const LOOKS_BETWEEN_ACTS: &[(&str, &str)] = &[
    ("Know what a restart costs", "read before the last resort"),
    (
        "Make sure that the instance is not clustered",
        "decides between the two ways to start it",
    ),
    (
        "Failover cluster: see who owns the group",
        "the role's name and owner, for the next step",
    ),
    (
        "When it is back: why did it go down?",
        "the machine is down before",
    ),
    (
        "If it does not stay up, read the error log",
        "the failed start is what it reads",
    ),
    (
        "Kubernetes: read the same in the log of the pod",
        "beside the log of docker",
    ),
    (
        "See which ports the instance listens on",
        "shows whether the start helped",
    ),
    (
        "Confirm that it listens now",
        "shows whether the restart helped",
    ),
];

#[test]
fn whatever_can_be_looked_at_is_looked_at_before_something_is_done() {
    let mut broken = BTreeSet::new();
    each_list(|cause, platform, steps| {
        let acting = steps.iter().skip_while(|(fix, _)| looks(fix));
        for (fix, _) in acting.filter(|(fix, _)| looks(fix)) {
            let argued = LOOKS_BETWEEN_ACTS
                .iter()
                .any(|(title, _)| *title == fix.title);
            if !argued {
                broken.insert(format!("{cause} {platform:?}: {}", fix.title));
            }
        }
    });
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Looks from here that need what a look on the server tells first.
const NEEDS_THE_SERVER: &[(&str, &str)] = &[
    ("Connect to the right port", "the port that was just read"),
    (
        "Connect to the port it really listens on",
        "the port that was just read",
    ),
    (
        "Connect to the wanted instance's port",
        "the port that was just read",
    ),
    (
        "Connect to the port that is published",
        "the port that was just read",
    ),
    (
        "Go around Browser: give the port yourself",
        "the port, where nobody knew it before",
    ),
    (
        "DAC from here: look at the schedulers, default instance",
        "one session for all: evidence first",
    ),
    (
        "DAC from here: look at the schedulers, named instance",
        "one session for all: evidence first",
    ),
];

#[test]
fn from_here_comes_before_on_the_server() {
    let mut broken = BTreeSet::new();
    each_list(|cause, platform, steps| {
        let looks = steps.iter().take_while(|(fix, _)| looks(fix));
        let on_server = looks.skip_while(|(fix, _)| fix.place != Place::Server);
        for (fix, text) in on_server.filter(|(fix, _)| fix.place == Place::Client) {
            let argued = NEEDS_THE_SERVER
                .iter()
                .any(|(title, _)| *title == fix.title);
            // Something to fill in that is found out on the server, the account apart.
            let fills = text.replace("<ACCOUNT>", "").contains('<') || text.contains("kubectl");
            if !argued && !fills {
                broken.insert(format!("{cause} {platform:?}: {} ({text})", fix.title));
            }
        }
    });
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What may follow a step that weakens something: what makes it count, and nothing else.
const MAKES_IT_COUNT: [&str; 5] = [
    "Restart, so that the setting counts",
    "Kubernetes: restart the pod",
    "Failover cluster: see who owns the group",
    "Failover cluster: stop the engine's resource",
    "Failover cluster: bring the whole role online",
];

#[test]
fn what_weakens_something_comes_last() {
    let mut broken = BTreeSet::new();
    each_list(|cause, platform, steps| {
        let weak = |fix: &Fix| fix.risk == Risk::WeakensSecurity;
        let after = steps.iter().skip_while(|(fix, _)| !weak(fix));
        for (fix, _) in after.filter(|(fix, _)| !weak(fix)) {
            if !MAKES_IT_COUNT.contains(&fix.title) {
                broken.insert(format!("{cause} {platform:?}: {}", fix.title));
            }
        }
    });
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn browser_is_started_only_after_the_way_around_it() {
    let mut seen = 0;
    each_list(|cause, platform, steps| {
        let starts = |text: &str| {
            text.contains("SQLBrowser")
                && (text.contains("Start-Service") || text.contains("Set-Service"))
        };
        let Some(at) = steps.iter().position(|(_, text)| starts(text)) else {
            return;
        };
        seen += 1;
        let around = steps
            .iter()
            .position(|(_, text)| text.starts_with("sqlcmd -S"));
        assert!(
            around.is_some_and(|around| around < at),
            "{cause} {platform:?}"
        );
        let note = steps[at].0.note.unwrap_or_default().0;
        assert!(
            note.contains("give") || note.contains("harden"),
            "{cause}: {note}"
        );
    });
    assert!(seen > 0);
}

/// `-C` and TrustServerCertificate take any certificate.
#[test]
fn no_certificate_is_trusted_without_a_word_about_it() {
    let mut seen = 0;
    for (cause, step) in steps() {
        for line in &step.commands {
            let Ok(text) = render::text(line, Slots(Some(&full_scenes()[0].case()))) else {
                continue;
            };
            if text.to_lowercase().contains("trustservercertificate=true") {
                seen += 1;
                assert_eq!(step.risk, Risk::WeakensSecurity, "{cause}: {text}");
                assert!(
                    step.note.as_ref().unwrap().contains("no longer checks"),
                    "{cause}"
                );
            }
            let trusts = text.starts_with("sqlcmd ") && text.contains(" -C ");
            let local = ["admin:", "lpc:", "127.0.0.1"];
            if trusts && !local.iter().any(|here| text.contains(here)) {
                let note = step.note.as_deref().unwrap_or_default();
                assert!(note.contains("-C does not check"), "{cause}: {text}");
            }
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_way_that_gives_nothing_up_comes_before_trusting_any_certificate() {
    each_list(|cause, platform, steps| {
        let trusting = steps
            .iter()
            .position(|(_, text)| text.contains("TrustServerCertificate=True"));
        if let Some(at) = trusting {
            let around = steps[..at]
                .iter()
                .any(|(fix, _)| matches!(fix.risk, Risk::ChangesState | Risk::RestartsService));
            let cloud = matches!(platform, Platform::Azure | Platform::Rds);
            assert!(around || cloud, "{cause} {platform:?}");
        }
    });
}

/// A rule for the server is written for one address, and for no other.
#[test]
fn every_rule_that_opens_a_port_names_the_one_address_it_opens_it_for() {
    let scope: &[(&str, &str)] = &[
        ("New-NetFirewallRule", "-RemoteAddress"),
        ("ufw allow", " from "),
        ("ufw allow out", " to "),
        ("--add-rich-rule", "source address="),
        ("nsg rule create", "--source-address-prefixes"),
        ("authorize-security-group-ingress", "--cidr"),
        ("iptables -I", " -s "),
        ("firewall-rule create", "--end-ip-address"),
    ];
    let mut seen = BTreeSet::new();
    each_list(|cause, _, steps| {
        for (_, text) in steps {
            let rule = scope.iter().rev().find(|(rule, _)| text.contains(rule));
            let out = text.contains("ufw allow out");
            let rule = if out { Some(&scope[2]) } else { rule };
            if let Some((rule, scope)) = rule {
                seen.insert(*rule);
                assert!(text.contains(scope), "{cause}: {text}");
                assert!(!text.contains("0.0.0.0"), "{cause}: {text}");
            }
        }
    });
    assert_eq!(seen.len(), scope.len(), "{seen:?}");
}

#[test]
fn the_replica_of_a_group_is_started_like_any_service() {
    let scene =
        Scene::refused(r"sales01\PROD").declared(Some(Platform::Windows), Some(Kind::AgReplica));
    let advice = advise(&scene.case(), &found(&[CauseId::ServiceNotRunning]));
    let commands = commands_for(&advice, Platform::Windows);
    let start = |text: &str| text == "Start-Service -Name 'MSSQL$PROD'";
    assert!(commands.iter().any(|step| start(&step.command.text)));
    assert!(
        commands
            .iter()
            .all(|step| !step.command.text.contains("ClusterGroup"))
    );
}

/// Why a step that acts may promise nothing that a probe would see.
enum Silent {
    /// It prepares a later step of the same playbook, which promises.
    Prepares,
    /// It changes a client, another place's view, or what happens next time.
    Elsewhere,
}

const PROMISES_NOTHING: &[(&str, Silent)] = &[
    ("Put the port into the connection string", Silent::Elsewhere),
    ("Give the instance a fixed port", Silent::Elsewhere),
    ("Let Browser start automatically", Silent::Prepares),
    ("Save what is there before a change", Silent::Elsewhere),
    ("Remove the alias or the hosts line", Silent::Elsewhere),
    ("Keep the evidence before a restart", Silent::Prepares),
    ("Reach a pod for the moment", Silent::Elsewhere),
    (
        "Stop the container, to run it with a port",
        Silent::Prepares,
    ),
    (
        "Keep the old container under another name",
        Silent::Prepares,
    ),
    ("Stop the program that took the port", Silent::Prepares),
    (
        "Reserve the port before the engine starts",
        Silent::Prepares,
    ),
    ("Set the service to start automatically", Silent::Elsewhere),
    ("Start SQL Server Agent again", Silent::Elsewhere),
    (
        "Let the client try all addresses at once",
        Silent::Elsewhere,
    ),
    (
        "Let the listener publish one address only",
        Silent::Elsewhere,
    ),
    (
        "Failover cluster: stop the engine's resource",
        Silent::Prepares,
    ),
    ("Enable TCP/IP and read or set the port", Silent::Prepares),
    (
        "Enable TCP/IP without a desktop (Server Core)",
        Silent::Prepares,
    ),
    ("Show the instance in Browser again", Silent::Prepares),
    ("Take the force off again", Silent::Prepares),
];

#[test]
fn whatever_acts_says_what_it_is_expected_to_change_or_why_nothing_shows() {
    let mut broken = BTreeSet::new();
    for (cause, playbook) in all().filter(|(cause, _)| !is_seen_by_no_probe(*cause)) {
        for (at, step) in playbook.fixes.iter().enumerate() {
            if step.risk == Risk::ReadOnly || !step.expects.is_empty() {
                continue;
            }
            let argued = PROMISES_NOTHING
                .iter()
                .find(|(title, _)| *title == step.title);
            let Some((_, why)) = argued else {
                broken.insert(format!("{cause}: {}", step.title));
                continue;
            };
            let later = playbook.fixes[at..]
                .iter()
                .any(|later| !later.expects.is_empty());
            assert!(
                matches!(why, Silent::Elsewhere) || later,
                "{cause}: {}",
                step.title
            );
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
