//! Every playbook that is compiled in, held against the rules of the format.

mod matrix;
mod order;
mod shells;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use super::*;
use crate::advice::Advice;
use crate::advice::fixture::{Scene, attempt, found};
use crate::advice::render::Withheld;
use crate::advice::render::{self, advise};
use crate::advice::slots::{Slot, Slots};
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
                started: None,
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
                shown.insert((cause.id, fix.title, shell, &*command.text));
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
