//! What a DBA and a script get to see.

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::advice::fixture::{Scene, attempt, found};
use crate::advice::playbook::Playbook;
use crate::advice::{Risk, commands_for};
use crate::diagnosis::diagnose;
use crate::evidence::{
    BrowserStatus, ConnectStatus, Dac, Look, PreloginStatus, ResolveStatus, Test,
};

/// Lives as long as those that are compiled in.
fn playbook_with(command: &str) -> &'static mut Playbook {
    let fix = "title = \"T\"\nmeans = \"M\"\n[[fix]]\ntitle = \"Look\"\nwhere = \"client\"\nrisk = \"read-only\"\nexpects = [\"port-open\"]\n";
    Box::leak(toml::from_str(&format!("{fix}{command}")).unwrap())
}

/// The text of the one command, or why it is withheld.
fn rendered(scene: &Scene, command: &str) -> Result<String, Withheld> {
    let playbook = playbook_with(&format!("[[fix.command]]\non = [\"windows\"]\n{command}"));
    text(&playbook.fixes[0].commands[0], Slots(Some(&scene.case())))
}

/// Browser is silent, and the port where it answered last was tried.
fn silent_browser(status: ConnectStatus, answer: PreloginStatus) -> Scene {
    let mut scene = Scene::new(r"sales01\CRM")
        .browser(BrowserStatus::Silent)
        .tried("10.0.4.12:51001", status)
        .last_good("10.0.4.12:51001");
    let prelogin = &mut scene.evidence.layers.prelogin;
    prelogin.status = answer;
    prelogin.endpoint = scene.evidence.layers.connect.attempts[0].endpoint.into();
    scene
}

const GIVE_THE_PORT: &str = "shell = \"text\"\nraw = \"tcp:{host},{known:PORT}\"";

#[rstest]
#[case::it_answers(silent_browser(ConnectStatus::Open, PreloginStatus::Ok), "51001")]
#[case::it_fails(
    silent_browser(ConnectStatus::Refused, PreloginStatus::Skipped),
    "<PORT>"
)]
#[case::not_tried(Scene::new(r"sales01\CRM").last_good("10.0.4.12:51001"), "51001")]
#[case::listed(Scene::new(r"sales01\CRM").listed("CRM", Some(51002), false), "51002")]
#[case::moved(Scene::refused(r"sales01\CRM,50123").listed("CRM", Some(51002), false), "51002")]
#[case::nobody_knows(Scene::new(r"sales01\CRM"), "<PORT>")]
fn the_port_to_give_is_filled_where_it_is_known(#[case] scene: Scene, #[case] port: &str) {
    assert_eq!(
        rendered(&scene, GIVE_THE_PORT),
        Ok(format!("tcp:sales01,{port}"))
    );
}

#[test]
fn what_is_known_is_nothing_to_fill_in() {
    let scene = silent_browser(ConnectStatus::Open, PreloginStatus::Ok);
    let advice = advise(&scene.case(), &found(&[CauseId::BrowserFiltered]));
    let around = |fix: &Fix| fix.title == "Go around Browser: the last port that worked";
    assert!(advice.causes[0].fixes.iter().any(around));
    let edits = advice.causes[0].fixes.iter().flat_map(|fix| &fix.commands);
    let to_fill: Vec<_> = edits.flat_map(|command| command.edit.iter()).collect();
    assert!(!to_fill.iter().any(|edit| *edit == "<PORT>"), "{to_fill:?}");
}

#[rstest]
#[case::named(
    r"sales01\PROD",
    "shell = \"powershell\"\nrun = [\"sc.exe\", \"{unc}\", \"queryex\", \"{service}\"]",
    r"sc.exe \\sales01 queryex 'MSSQL$PROD'"
)]
#[case::default(
    "sales01",
    "shell = \"powershell\"\nrun = [\"sc.exe\", \"{unc}\", \"queryex\", \"{service}\"]",
    r"sc.exe \\sales01 queryex MSSQLSERVER"
)]
#[case::cmd(
    r"sales01\PROD",
    "shell = \"cmd\"\nrun = [\"net\", \"start\", \"{service}\"]",
    "net start \"MSSQL$PROD\""
)]
#[case::bash(
    r"sales01\PROD",
    "shell = \"bash\"\nrun = [\"net\", \"-S\", \"{service}\"]",
    "net -S 'MSSQL$PROD'"
)]
#[case::raw_powershell(
    r"sales01\PROD",
    "shell = \"powershell\"\nraw = \"Get-Service -Name {service} | Format-List\"",
    "Get-Service -Name 'MSSQL$PROD' | Format-List"
)]
#[case::number(
    "sales01",
    "shell = \"powershell\"\nraw = \"Get-X -LocalPort {port}\"",
    "Get-X -LocalPort 1433"
)]
#[case::sql(
    r"sales01\PROD",
    "shell = \"sql\"\nraw = \"SELECT {instance}, {port}\"",
    "SELECT N'PROD', 1500"
)]
#[case::words(
    r"sales01\PROD",
    "shell = \"text\"\nraw = \"Protocols for {instance}\"",
    "Protocols for PROD"
)]
#[case::inside_an_argument(
    "sales01",
    "shell = \"bash\"\nrun = [\"docker\", \"ps\", \"publish={port}\"]",
    "docker ps publish=1433"
)]
#[case::to_edit(
    "sales01",
    "shell = \"bash\"\nrun = [\"ssh\", \"{edit:ACCOUNT}@{host}\"]",
    "ssh '<ACCOUNT>@sales01'"
)]
#[case::to_edit_in_sql(
    "sales01",
    "shell = \"sql\"\nraw = \"ALTER AVAILABILITY GROUP [{edit:AG}] FAILOVER\"",
    "ALTER AVAILABILITY GROUP [<AG>] FAILOVER"
)]
fn a_command_holds_the_values_of_its_case(
    #[case] target: &str,
    #[case] command: &str,
    #[case] line: &str,
) {
    let mut scene = Scene::new(target);
    if command.contains("sql\"") {
        scene.target.port = crate::target::Port::new(1500);
    }
    assert_eq!(rendered(&scene, command).unwrap(), line);
}

#[test]
fn a_value_that_is_not_known_withholds_the_command() {
    let withheld = rendered(
        &Scene::new(r"sales01\PROD"),
        "shell = \"bash\"\nrun = [\"nc\", \"{host}\", \"{port}\"]",
    );
    assert_eq!(withheld, Err(Withheld::Unknown(Slot::Port)));
}

#[test]
fn a_fix_without_a_command_left_is_withheld() {
    let playbook = playbook_with(
        "[[fix.command]]\non = [\"windows\"]\nshell = \"bash\"\nrun = [\"nc\", \"{last_port}\"]",
    );
    let scene = Scene::new("sales01");
    assert_eq!(fix(&playbook.fixes[0], Some(&scene.case())), None);
    let scene = scene.last_good("10.0.4.12:51001");
    assert!(fix(&playbook.fixes[0], Some(&scene.case())).is_some());
}

#[test]
fn a_value_cannot_become_an_option() {
    let mut scene = Scene::new("sales01");
    scene.surroundings.vantage.host = "-oProxyCommand".into();
    let withheld = rendered(&scene, "shell = \"bash\"\nrun = [\"ssh\", \"{my_host}\"]");
    // A host name that begins so is refused by its token already, or here.
    assert!(withheld.is_err());
}

#[test]
fn what_the_user_must_fill_in_is_listed_once() {
    let playbook = playbook_with(
        "[[fix.command]]\non = [\"azure\"]\nshell = \"bash\"\nrun = [\"az\", \"{edit:SERVER}\", \"{edit:NSG}\", \"{edit:SERVER}\"]",
    );
    let scene = Scene::new("sales01");
    let fix = fix(&playbook.fixes[0], Some(&scene.case())).unwrap();
    assert_eq!(*fix.commands[0].edit, ["<SERVER>", "<NSG>"]);
    assert!(
        fix.commands[0]
            .edit
            .iter()
            .all(|edit| fix.commands[0].text.contains(edit))
    );
}

const BOTH: &str = "[[fix.command]]\non = [\"windows\", \"linux\"]\nshell = \"powershell\"\nrun = [\"a\"]\n[[fix.command]]\non = [\"windows\", \"linux\"]\nshell = \"bash\"\nrun = [\"b\"]";

#[rstest]
#[case(Os::Linux, Shell::Bash)]
#[case(Os::MacOs, Shell::Bash)]
#[case(Os::Windows, Shell::Powershell)]
fn what_is_typed_here_comes_first_for_the_shell_of_this_system(
    #[case] os: Os,
    #[case] shell: Shell,
) {
    let mut scene = Scene::new("sales01");
    scene.surroundings.vantage.os = os;
    let fix = fix(&playbook_with(BOTH).fixes[0], Some(&scene.case())).unwrap();
    assert_eq!(fix.commands[0].shell, shell);
    assert_eq!(fix.commands.len(), 4);
}

#[test]
fn the_command_line_of_a_cloud_is_typed_here() {
    let playbook = playbook_with(BOTH);
    playbook.fixes[0].place = Place::Cloud;
    let scene = Scene::new("sales01");
    let fix = fix(&playbook.fixes[0], Some(&scene.case())).unwrap();
    assert_eq!(fix.commands[0].shell, Shell::Bash);
}

#[test]
fn what_is_typed_on_the_server_keeps_the_order_of_the_playbook() {
    let playbook = playbook_with(BOTH);
    playbook.fixes[0].place = Place::Server;
    let scene = Scene::new("sales01");
    assert_eq!(
        fix(&playbook.fixes[0], Some(&scene.case()))
            .unwrap()
            .commands[0]
            .shell,
        Shell::Powershell
    );
}

#[test]
fn the_platform_of_the_case_comes_first_and_the_others_stay() {
    let scene = Scene::new("sales01").declared(Some(Platform::Linux), None);
    let commands = fix(&playbook_with(BOTH).fixes[0], Some(&scene.case()))
        .unwrap()
        .commands;
    let platforms: Vec<_> = commands.iter().map(|command| command.platform).collect();
    assert_eq!(
        platforms,
        [
            Platform::Linux,
            Platform::Linux,
            Platform::Windows,
            Platform::Windows
        ]
    );
}

#[test]
fn the_json_has_the_names_that_scripts_rely_on() {
    let scene = Scene::new(r"sales01\PROD");
    let fix = fix(
        &playbook_with("[[fix.command]]\non = [\"windows\"]\nshell = \"powershell\"\nrun = [\"Get-Service\", \"{service}\"]").fixes[0],
        Some(&scene.case()),
    );
    assert_eq!(
        serde_json::to_value(fix.unwrap()).unwrap(),
        json!({ "title": "Look", "where": "client", "risk": "read-only", "expects": ["port-open"],
            "commands": [{ "platform": "windows", "shell": "powershell", "text": "Get-Service 'MSSQL$PROD'" }] })
    );
    let advice = advise(&scene.case(), &found(&[CauseId::ServiceNotRunning]));
    let json = serde_json::to_value(&advice).unwrap();
    for key in [
        "headline",
        "proves",
        "rules_out",
        "causes",
        "next_tests",
        "clients_show",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    let cause = &json["causes"][0];
    assert_eq!(cause["id"], "service-not-running");
    assert_eq!(cause["confidence"], "medium");
    for key in ["title", "because", "against", "fixes"] {
        assert!(cause.get(key).is_some(), "{key}");
    }
}

#[test]
fn a_stopped_named_instance_is_looked_at_from_here_before_it_is_started() {
    let scene = Scene::refused(r"sales01\PROD").declared(Some(Platform::Windows), None);
    let mut scene = scene;
    scene.surroundings.vantage.os = Os::Windows;
    let advice = advise(&scene.case(), &found(&[CauseId::ServiceNotRunning]));
    let numbered = commands_for(&advice, Platform::Windows);
    assert_eq!(
        numbered[0].command.text,
        r"sc.exe \\sales01 queryex 'MSSQL$PROD'"
    );
    let start = numbered
        .iter()
        .position(|numbered| numbered.command.text.starts_with("Start-Service"));
    assert!(start.is_some_and(|start| start > 0 && numbered[start].fix.risk == Risk::ChangesState));
}

#[test]
fn the_tests_that_are_wanted_are_said() {
    let scene = Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::TimedOut);
    let mut diagnosis = found(&[]);
    diagnosis.next_tests = vec![Test::ClosedPort {
        address: "10.0.4.12".parse().unwrap(),
    }];
    assert!(advise(&scene.case(), &diagnosis).next_tests[0].contains("10.0.4.12"));
}

#[test]
fn a_target_that_cannot_be_parsed_is_answered_with_the_message_of_the_parser() {
    let error = "db1/PROD".parse::<Target>().unwrap_err();
    let advice = advise_syntax(&error);
    assert_eq!(advice.headline, error.to_string());
    let cause = &advice.causes[0];
    assert_eq!(
        (cause.id, cause.confidence),
        (CauseId::TargetSyntax, Confidence::High)
    );
    assert_eq!(cause.because[0], error.problem);
    assert!(cause.because.len() == 1 + usize::from(error.hint.is_some()));
}

#[test]
fn a_target_beyond_tcp_is_answered_with_what_to_write_instead() {
    let target: Target = r"np:\\sales01\pipe\sql\query".parse().unwrap();
    let reason = target.over_tcp().unwrap_err();
    let advice = advise_not_tcp(&target, &Declared::default(), reason);
    assert!(
        advice.headline.contains("tcp:HOST,PORT"),
        "{}",
        advice.headline
    );
    assert_eq!(advice.causes[0].id, CauseId::NotTcp);
}

fn unresolved(status: ResolveStatus) -> Scene {
    let mut scene = Scene::new("sales01");
    scene.evidence.layers.resolve.status = status;
    scene
}

fn answered(status: PreloginStatus) -> Scene {
    let mut scene = Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::Open);
    scene.evidence.layers.prelogin.status = status;
    scene.evidence.layers.prelogin.endpoint = Some("10.0.4.12:1433".parse().unwrap());
    scene
}

fn named(status: BrowserStatus) -> Scene {
    let mut scene = Scene::new(r"sales01\PROD").browser(status);
    scene.evidence.layers.resolve.status = ResolveStatus::Ok;
    scene.evidence.layers.resolve.addresses = vec!["10.0.4.12".parse().unwrap()];
    scene.evidence.layers.browser.asked = Some("10.0.4.12:1434".parse().unwrap());
    scene
}

#[rstest]
#[case(unresolved(ResolveStatus::NotFound))]
#[case(unresolved(ResolveStatus::NoAddress))]
#[case(unresolved(ResolveStatus::ServerFailure))]
#[case(unresolved(ResolveStatus::TimedOut))]
#[case(named(BrowserStatus::Silent))]
#[case(named(BrowserStatus::Refused))]
#[case(named(BrowserStatus::Malformed))]
#[case(named(BrowserStatus::NotListed))]
#[case(named(BrowserStatus::NoTcp))]
#[case(Scene::refused("sales01,50123"))]
#[case(Scene::refused(r"sales01\PROD").listed("PROD", Some(50123), false))]
#[case(Scene::refused(r"sales01\PROD").listed("PROD", Some(50123), true))]
#[case(Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::TimedOut))]
#[case(Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::Unreachable))]
#[case(Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::Blocked))]
#[case(Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::Exhausted))]
#[case(Scene::new("localhost").tried("127.0.0.1:1433", ConnectStatus::Refused))]
#[case(answered(PreloginStatus::Silent))]
#[case(answered(PreloginStatus::Closed))]
#[case(answered(PreloginStatus::Reset))]
#[case(answered(PreloginStatus::NotTds))]
#[case(answered(PreloginStatus::InstanceMismatch))]
fn whatever_fails_there_is_a_sentence_a_cause_and_a_look(#[case] scene: Scene) {
    let case = scene.case();
    let diagnosis = diagnose(&case);
    let advice = advise(&case, &diagnosis);
    assert!(!advice.headline.is_empty());
    assert!(!advice.clients_show.is_empty(), "{:?}", diagnosis.state);
    let first = advice.causes.first().expect("a cause");
    let platform = platform::platform(&case).platform;
    let alone = Advice {
        causes: vec![first.clone()],
        ..Advice::default()
    };
    let commands = commands_for(&alone, platform);
    assert!(
        !commands.is_empty(),
        "{} has no command for {platform:?}",
        first.id
    );
    assert_eq!(commands[0].fix.risk, Risk::ReadOnly, "{}", first.id);
}

/// The commands of one cause on a Windows server, in their order.
fn commands_of(scene: &Scene, cause: CauseId) -> Vec<String> {
    let advice = advise(&scene.case(), &found(&[cause]));
    let commands = commands_for(&advice, Platform::Windows);
    commands
        .iter()
        .map(|numbered| numbered.command.text.to_string())
        .collect()
}

#[test]
fn the_port_where_browser_lists_the_instance_now_is_the_first_command() {
    let scene = Scene::refused("sales01,50123").owned_by("PROD");
    let first = &commands_of(
        &scene.listed("PROD", Some(51001), false),
        CauseId::WrongPort,
    )[0];
    assert!(first.contains("tcp:sales01,51001"), "{first}");
    let scene = Scene::refused("sales01,50123").owned_by("PROD");
    let same = commands_of(
        &scene.listed("PROD", Some(50123), false),
        CauseId::WrongPort,
    );
    assert!(!same[0].contains("tcp:sales01,"), "{same:?}");
}

#[test]
fn the_remembered_instance_of_a_port_names_its_service() {
    let scene = Scene::refused("sales01,50123").owned_by("PROD");
    let commands = commands_of(&scene, CauseId::ServiceNotRunning);
    assert!(commands[0].contains("MSSQL$PROD"), "{commands:?}");
}

#[test]
fn after_a_boot_the_first_advice_is_to_wait() {
    for cause in [CauseId::ServiceNotRunning, CauseId::BrowserStopped] {
        let mut scene = Scene::refused("sales01");
        let before = commands_of(&scene, cause);
        scene.past.host_came_up = Some(scene.evidence.at);
        let after = commands_of(&scene, cause);
        assert!(after[0].starts_with("Probe sales01 again"), "{after:?}");
        assert!(!before[0].starts_with("Probe"), "{before:?}");
    }
}

#[test]
fn the_administrator_connection_is_offered_from_here_only_where_it_opened() {
    for (target, server) in [
        ("sales01", "admin:sales01"),
        (r"sales01\PROD", r"admin:sales01\PROD"),
    ] {
        for (status, offered) in [
            (Some(ConnectStatus::Open), true),
            (Some(ConnectStatus::Refused), false),
            (None, false),
        ] {
            let attempt = status.map(|status| attempt(([10, 0, 4, 12], 1434).into(), status));
            let dac = Dac {
                browser: None,
                attempt,
            };
            let scene = Scene::new(target).witness(Look::Dac(dac));
            let commands = commands_of(&scene, CauseId::EngineHung);
            let of = |server: &str| commands.iter().position(|text| text.contains(server));
            let local = of("admin:localhost").unwrap();
            assert_eq!(
                of(server).is_some_and(|here| here < local),
                offered,
                "{target}"
            );
            let log = commands
                .iter()
                .position(|text| text.contains("17883"))
                .unwrap();
            assert!(log < local, "evidence comes first");
            let costs = of("A restart ends every session").unwrap();
            assert!(costs < of("Restart-Service").unwrap());
        }
    }
}

#[test]
fn a_question_to_browser_that_this_machine_forbids_is_mended_from_here_in_its_own_shell() {
    let mut scene = Scene::new(r"sales01\CRM").browser(BrowserStatus::Refused);
    scene.evidence.layers.resolve.status = ResolveStatus::Ok;
    scene.evidence.layers.resolve.addresses = vec!["10.0.4.12".parse().unwrap()];
    let advice = advise(&scene.case(), &found(&[CauseId::LocalFirewall]));
    let commands = commands_for(&advice, crate::target::Platform::Windows);
    let texts: Vec<_> = commands
        .iter()
        .map(|numbered| &*numbered.command.text)
        .collect();
    assert_eq!(texts.first(), Some(&"sudo nft list ruleset"));
    assert!(
        texts
            .iter()
            .any(|text| text.contains("proto udp to 10.0.4.12 port 1434"))
    );
    assert!(
        texts.iter().all(|text| !text.contains("NetFirewallRule")),
        "{texts:?}"
    );
}
