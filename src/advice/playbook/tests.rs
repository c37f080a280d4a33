//! Every playbook that is compiled in, held against the rules of the format.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use super::*;
use crate::advice::fixture::{Scene, attempt, found};
use crate::advice::numbered::commands_for;
use crate::advice::render::Withheld;
use crate::advice::render::{self, advise};
use crate::advice::slots::{Slot, Slots};
use crate::advice::{Advice, Place};
use crate::evidence::{Asked, BrowserStatus, ConnectStatus, Dac, Elapsed, Look, ResponseCode};
use crate::target::{Host, Kind, Untrusted};

fn all() -> impl Iterator<Item = (CauseId, &'static Playbook)> {
    CauseId::ALL.iter().map(|cause| (*cause, playbook(*cause)))
}

fn steps() -> impl Iterator<Item = (CauseId, &'static Step)> {
    all().flat_map(|(cause, playbook)| playbook.fixes.iter().map(move |step| (cause, step)))
}

/// Cases in which every slot has a value: default and named, IPv4 and IPv6.
fn full_scenes() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for (target, endpoint) in [
        ("sales01.corp.example", "10.0.4.12:1433"),
        (r"sales01.corp.example\PROD", "10.0.4.12:50123"),
        ("[2001:db8:4::12]:1433", "[2001:db8:4::12]:1433"),
        (r"[2001:db8:4::12]\PROD", "[2001:db8:4::12]:50123"),
    ] {
        for status in [
            ConnectStatus::Refused,
            ConnectStatus::TimedOut,
            ConnectStatus::Unreachable,
        ] {
            let mut scene = Scene::new(target)
                .tried(endpoint, status)
                .icmp_from("192.0.2.1")
                .canonical("node1.corp.example")
                .last_good("10.0.4.12:51001");
            scene.evidence.layers.resolve.asked = vec![Asked {
                name: Untrusted::from_bytes(b"sales01.corp.example."),
                record: "A".into(),
                server: "10.0.0.53:53".parse().unwrap(),
                code: ResponseCode::ServFail,
                addresses: Vec::new(),
                elapsed: Elapsed::default(),
            }];
            scenes.push(scene);
        }
    }
    scenes
}

/// The full cases with everything added that a condition asks for, and the advice for
/// every cause in each.
fn advised() -> &'static [(Scene, Advice)] {
    static ADVISED: LazyLock<Vec<(Scene, Advice)>> = LazyLock::new(|| {
        let mut scenes = full_scenes();
        for status in [ConnectStatus::Refused, ConnectStatus::TimedOut] {
            let port_alone = Scene::new("sales01,50123").tried("10.0.4.12:50123", status);
            scenes.push(port_alone.last_good("10.0.4.12:51001"));
        }
        scenes.push(Scene::new("localhost").tried("127.0.0.1:1433", ConnectStatus::Refused));
        scenes.push(Scene::new("localhost").tried("127.0.0.1:1433", ConnectStatus::TimedOut));
        let moved = Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::Refused);
        let mut moved = moved.listed("MSSQLSERVER", Some(14330), false);
        moved.past.host_came_up = Some(moved.evidence.at);
        scenes.push(moved);
        for target in ["sales01", r"sales01\PROD"] {
            let dac = Look::Dac(Dac {
                browser: None,
                attempt: Some(attempt(([10, 0, 4, 12], 1434).into(), ConnectStatus::Open)),
            });
            scenes.push(Scene::new(target).witness(dac));
        }
        let closed = |status| Look::ClosedPort(attempt(([10, 0, 4, 12], 1).into(), status));
        let mut advised = Vec::new();
        for scene in scenes {
            let of_kind = |kind| scene.clone().declared(None, Some(kind));
            let listed = |clustered| scene.clone().listed("PROD", Some(50123), clustered);
            let silent = scene.clone().browser(BrowserStatus::Silent);
            for scene in [
                silent.witness(closed(ConnectStatus::TimedOut)),
                listed(false).witness(closed(ConnectStatus::Refused)),
                listed(true),
                of_kind(Kind::Fci),
                of_kind(Kind::AgReplica),
                of_kind(Kind::AgListener),
                scene,
            ] {
                let advice = advise(&scene.case(), &found(CauseId::ALL));
                advised.push((scene, advice));
            }
        }
        advised
    });
    &ADVISED
}

/// Each command that some case shows, once.
fn shown() -> BTreeSet<(CauseId, &'static str, &'static str, &'static str)> {
    let mut shown = BTreeSet::new();
    for cause in advised().iter().flat_map(|(_, advice)| &advice.causes) {
        for fix in &cause.fixes {
            for command in &fix.commands {
                let shell = match command.shell {
                    Shell::Powershell => "powershell",
                    Shell::Cmd => "cmd",
                    Shell::Bash => "bash",
                    Shell::Sql => "sql",
                    Shell::Text => "text",
                };
                shown.insert((cause.id, fix.title.as_str(), shell, command.text.as_str()));
            }
        }
    }
    shown
}

#[test]
fn every_cause_has_a_file_that_reads_and_every_file_a_cause() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/playbooks");
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let read = Playbook::parse(&std::fs::read_to_string(&path).unwrap());
        assert!(read.is_ok(), "{}: {}", path.display(), read.unwrap_err());
        files.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    let causes = CauseId::ALL
        .iter()
        .map(|cause| cause.id().to_owned())
        .collect();
    assert_eq!(files, causes);
}

#[test]
fn every_cause_reads_its_own_file() {
    for (cause, playbook) in all() {
        let path = format!(
            "{}/assets/playbooks/{}.toml",
            env!("CARGO_MANIFEST_DIR"),
            cause.id()
        );
        assert_eq!(
            Playbook::parse(&std::fs::read_to_string(path).unwrap())
                .unwrap()
                .means,
            playbook.means
        );
    }
}

#[test]
fn words_are_of_a_length_that_a_screen_holds() {
    let line = |what: &str, text: &str, most: usize| {
        assert!(
            !text.is_empty() && text.chars().count() <= most,
            "{what}: {} {text:?}",
            text.chars().count()
        );
        assert!(
            !text.chars().any(char::is_control) && text.trim() == text,
            "{what}: {text:?}"
        );
    };
    let heading = |what: &str, text: &str| {
        line(what, text, 60);
        assert!(
            !text.ends_with('.') && !text.starts_with(|c: char| c.is_ascii_lowercase()),
            "{what}: {text:?}"
        );
    };
    let sentences = |what: &str, text: &str, most| {
        line(what, text, most);
        assert!(
            text.ends_with(['.', '?', ')']),
            "{what}: {text:?} does not end"
        );
    };
    for (cause, playbook) in all() {
        let what = cause.id();
        heading(what, &playbook.title);
        sentences(what, &playbook.means, 800);
        assert!(
            playbook.means.matches(". ").count() >= 1,
            "{what}: one sentence explains little"
        );
        assert!(playbook.prevent.len() <= 5, "{what}");
        playbook
            .prevent
            .iter()
            .for_each(|text| sentences(what, text, 160));
        assert!(!playbook.fixes.is_empty(), "{what}");
        for step in &playbook.fixes {
            heading(what, &step.title);
            step.note.iter().for_each(|text| sentences(what, text, 400));
        }
    }
}

#[test]
fn titles_within_a_playbook_differ() {
    for (cause, playbook) in all() {
        let titles: BTreeSet<_> = playbook.fixes.iter().map(|step| &step.title).collect();
        assert_eq!(titles.len(), playbook.fixes.len(), "{cause}");
    }
}

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
fn every_command_renders_in_a_case_that_knows_every_value() {
    for scene in full_scenes() {
        for (cause, step) in steps() {
            for line in &step.commands {
                let text = render::text(line, Slots(Some(&scene.case())));
                let text = match text {
                    Ok(text) => text,
                    Err(Withheld::Unknown(Slot::Name))
                        if matches!(scene.target.host, Host::Address(_)) =>
                    {
                        continue;
                    }
                    // Only where Browser lists another port than the target gives.
                    Err(Withheld::Unknown(Slot::ListedEndpoint)) => continue,
                    Err(withheld) => panic!(
                        "{cause} · {} · {}: {withheld:?}",
                        step.title, scene.target.text
                    ),
                };
                assert!(!text.is_empty() && text.trim() == text, "{cause}: {text:?}");
                assert!(!text.chars().any(char::is_control), "{cause}: {text:?}");
            }
        }
    }
}

#[test]
fn every_fix_is_shown_in_some_case() {
    let shown: BTreeSet<_> = shown()
        .into_iter()
        .map(|(cause, title, ..)| (cause, title))
        .collect();
    for (cause, step) in steps() {
        assert!(
            shown.contains(&(cause, step.title.as_str())),
            "{cause}: {:?} never holds: {:?}",
            step.title,
            step.only
        );
    }
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

#[test]
fn bash_can_read_every_command_for_it() {
    for (cause, _, _, text) in shown()
        .into_iter()
        .filter(|(_, _, shell, _)| *shell == "bash")
    {
        let output = Command::new("bash")
            .args(["--norc", "-n", "-c", text])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{cause}: {text}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn powershell_can_read_every_command_for_it() {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .unwrap();
    for (cause, _, _, text) in shown()
        .into_iter()
        .filter(|(_, _, shell, _)| *shell == "powershell")
    {
        let tree = parser.parse(text, None).unwrap();
        assert!(
            !tree.root_node().has_error(),
            "{cause}: {text}\n{}",
            tree.root_node().to_sexp()
        );
    }
}

/// Quoted, such a word would be one string; PowerShell would have to read a list or an
/// expression. Those belong into `raw`.
#[test]
fn a_cmdlet_gets_no_expression_in_quotes() {
    for (cause, step) in steps() {
        for line in step
            .commands
            .iter()
            .filter(|line| line.shell == Shell::Powershell)
        {
            let Script::Run(words) = &line.script else {
                continue;
            };
            let literal = |word: &Template| match word.0.as_slice() {
                [Piece::Text(text)] => text.clone(),
                _ => String::new(),
            };
            let program = literal(&words[0]);
            if program.contains('-') && !program.contains('.') {
                for word in words.iter().map(literal) {
                    assert!(
                        !word.contains([',', '$', '@', '{', '(']),
                        "{cause}: {program} {word}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_command_speaks_of_a_slot_or_a_brace_that_was_meant_as_one() {
    for (cause, _, _, text) in shown() {
        assert!(
            !text.contains("{edit") && !text.contains("{port") && !text.contains("{host"),
            "{cause}: {text}"
        );
    }
}

const FIX: &str = "title = \"T\"\nmeans = \"M\"\n[[fix]]\ntitle = \"F\"\nwhere = \"client\"\nrisk = \"read-only\"\nexpects = []\n[[fix.command]]\non = [\"windows\"]\n";

#[rstest::rstest]
#[case::unknown_slot("shell = \"bash\"\nrun = [\"nc\", \"{prot}\"]", "{prot} is no slot")]
#[case::unknown_slot_in_raw("shell = \"bash\"\nraw = \"nc {prot}\"", "{prot} is no slot")]
#[case::slot_in_quotes(
    "shell = \"powershell\"\nraw = \"Get-Service '{service}'\"",
    "stand alone"
)]
#[case::slot_in_a_word(
    "shell = \"powershell\"\nraw = \"Get-Item HKLM:x{instance}\"",
    "stand alone"
)]
#[case::slot_before_a_word("shell = \"bash\"\nraw = \"nc {host}.example 1\"", "stand alone")]
#[case::lower_case_edit("shell = \"bash\"\nrun = [\"ssh\", \"{edit:host}\"]", "UPPER_SNAKE")]
#[case::line_end("shell = \"bash\"\nraw = \"a\\nb\"", "one line")]
#[case::both("shell = \"bash\"\nrun = [\"a\"]\nraw = \"a\"", "either")]
#[case::neither("shell = \"bash\"", "either")]
#[case::list_for_sql("shell = \"sql\"\nrun = [\"a\"]", "list of arguments")]
#[case::unknown_key("shell = \"bash\"\nrun = [\"a\"]\nsudo = true", "unknown field")]
#[case::unknown_shell("shell = \"zsh\"\nrun = [\"a\"]", "unknown variant")]
fn a_broken_command_is_an_error(#[case] command: &str, #[case] problem: &str) {
    let error = Playbook::parse(&format!("{FIX}{command}\n"))
        .unwrap_err()
        .to_string();
    assert!(error.contains(problem), "{error}");
}

#[test]
fn braces_of_the_shell_are_left_alone() {
    let command =
        "shell = \"bash\"\nraw = \"docker ps --format '{{.Names}} {x: .y}' --filter {port}\"";
    let playbook = Playbook::parse(&format!("{FIX}{command}\n")).unwrap();
    let scene = Scene::new("sales01");
    let text = render::text(&playbook.fixes[0].commands[0], Slots(Some(&scene.case())));
    assert_eq!(
        text.unwrap(),
        "docker ps --format '{{.Names}} {x: .y}' --filter 1433"
    );
}
