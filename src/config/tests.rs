//! The room from outside: what every kind of file gives.

mod any_file;
mod changes;
mod mistakes;
mod secrets;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::target::{HostName, Kind, Platform};

const FULL: &str = r#"
[[instance]]
server = 'sales01\PROD'
name = "Sales"
tags = ["prod", "emea"]
platform = "windows"
kind = "ag-listener"
nodes = ["sales01a", "sales01b"]
expected_live = 1
note = """owner: team Sales
runbook 12"""
interval = "1m"
timeout = { connect = "1s500ms" }

[[instance]]
server = "db2,1433"
platform = "auto"
kind = "auto"

[probe]
interval = "1h30m"
rate = "max"
browser_port = 11434
witness_ports = [445, 22, 445]
witnesses = false
dns_servers = ["10.0.0.53", "127.0.0.1:5353", "fd00::53", "[fd00::54]", "[::1]:5353"]
down_after = 3
up_after = 2
timeout.resolve = "500ms"

[screen]
columns = ["state", "cause", "instance"]
sort = "-since"
group = "host"
filter = "tag:prod"
clock = "utc"
bell = true
notify = "osc9"
flash = false
theme = "dark"
glyphs = "ascii"
clipboard = "tmux"
plain = true
"#;

fn parse(text: &str) -> Loaded {
    Loaded::parse(text, Path::new("sqlreach.toml")).unwrap()
}

#[test]
fn an_empty_file_is_the_defaults() {
    let config = parse("").config;
    assert_eq!(config.probe, Probe::default());
    assert_eq!(config.instances, []);
    assert_eq!(config.file.as_deref(), Some(Path::new("sqlreach.toml")));
}

#[test]
fn every_key_is_read() {
    let config = parse(FULL).config;
    let addresses = [
        "10.0.0.53:53",
        "127.0.0.1:5353",
        "[fd00::53]:53",
        "[fd00::54]:53",
        "[::1]:5353",
    ]
    .map(|text| {
        let address: SocketAddr = text.parse().unwrap();
        address
    });
    let timeout = Timeout {
        resolve: Duration::from_millis(500),
        ..Timeout::default()
    };
    let probe = Probe {
        interval: Duration::from_secs(5400),
        rate: None,
        browser_port: Port::literal(11434),
        witness_ports: vec![Port::literal(445), Port::literal(22)],
        witnesses: false,
        dns_servers: addresses.to_vec(),
        timeout,
        down_after: 3,
        up_after: 2,
    };
    assert_eq!(config.probe, probe);
    let screen = Screen {
        columns: vec![Column::State, Column::Cause, Column::Instance],
        sort: Order {
            column: Column::Since,
            reversed: true,
        },
        group: Group::Host,
        filter: "tag:prod".to_owned(),
        clock: Clock::Utc,
        bell: true,
        notify: Notify::Osc9,
        flash: false,
        theme: theme::Chosen::called("dark".to_owned()),
        glyphs: Glyphs::Ascii,
        clipboard: Clipboard::Tmux,
        mouse: true,
        plain: true,
    };
    assert_eq!(config.screen, screen);

    let sales = Instance {
        target: Ok(Arc::new(r"sales01\PROD".parse().unwrap())),
        name: "Sales".to_owned(),
        tags: vec!["prod".to_owned(), "emea".to_owned()],
        declared: Declared {
            platform: Some(Platform::Windows),
            kind: Some(Kind::AgListener),
            nodes: ["sales01a", "sales01b"]
                .map(|name| HostName::new(name).unwrap())
                .to_vec(),
            expected_live: Some(1),
        },
        note: Some("owner: team Sales\nrunbook 12".to_owned()),
        interval: Some(Duration::from_secs(60)),
        timeout: Some(Box::new(Timeout {
            connect: Duration::from_millis(1500),
            ..timeout
        })),
        maintenance: config.maintenance.clone(),
    };
    assert_eq!(*config.instances[0], sales);
    let plain = Instance {
        name: "db2".to_owned(),
        ..Instance::from_text("db2,1433")
    };
    assert_eq!(*config.instances[1], plain);
}

#[test]
fn a_server_that_is_none_does_not_stop_the_others() {
    let loaded = parse(
        "[[instance]]\nserver = 'db1/PROD'\n[[instance]]\nserver = 'db2'\n[[instance]]\nserver = 'np:db3'",
    );
    let [bad, good, pipe] = &loaded.config.instances[..] else {
        panic!("three instances")
    };
    assert!(bad.target.is_err() && good.target.is_ok() && pipe.target.is_ok());
    assert_eq!(bad.name, "db1/PROD");
    assert_eq!(
        loaded
            .invalid
            .iter()
            .map(|error| (error.line, error.column))
            .collect::<Vec<_>>(),
        [(2, 10), (6, 10)]
    );
    assert!(
        loaded.invalid[1].problem.contains("named pipes"),
        "{}",
        loaded.invalid[1]
    );
}

#[test]
fn the_same_server_twice_is_a_warning() {
    let text = "[[instance]]\nserver='db1'\n[[instance]]\nserver='tcp:DB1,1434'\n[[instance]]\nserver='DB1,1433'\n";
    let loaded = parse(text);
    assert_eq!(loaded.config.instances.len(), 3);
    let [warning] = &loaded.warnings[..] else {
        panic!("{:?}", loaded.warnings)
    };
    assert_eq!(
        (warning.line, warning.problem.as_str()),
        (6, "'DB1,1433' is on line 2 already")
    );
}

#[test]
fn shown_settings_can_be_read_again() {
    for text in ["", FULL, EXAMPLE] {
        let config = parse(text).config;
        assert_eq!(
            parse(&parse(text).show()).config,
            config,
            "{}",
            parse(text).show()
        );
    }
}

#[test]
fn shown_settings_have_their_origin() {
    let mut loaded = parse(FULL);
    loaded.apply(&Overrides {
        timeout: Some(Duration::from_secs(9)),
        ..Overrides::default()
    });
    let shown = loaded.show();
    insta::assert_snapshot!(shown, @r#"
    # file: sqlreach.toml

    [probe]
    interval = "1h30m"                        # sqlreach.toml:21
    rate = "max"                              # sqlreach.toml:22
    browser_port = 11434                      # sqlreach.toml:23
    witness_ports = [445, 22]                 # sqlreach.toml:24
    witnesses = false                         # sqlreach.toml:25
    dns_servers = ["10.0.0.53:53", "127.0.0.1:5353", "[fd00::53]:53", "[fd00::54]:53", "[::1]:5353"]  # sqlreach.toml:26
    down_after = 3                            # sqlreach.toml:27
    up_after = 2                              # sqlreach.toml:28
    timeout.resolve = "9s"                    # command line
    timeout.browser = "9s"                    # command line
    timeout.connect = "9s"                    # command line
    timeout.prelogin = "9s"                   # command line

    [screen]
    columns = ["state", "cause", "instance"]  # sqlreach.toml:32
    sort = "-since"                           # sqlreach.toml:33
    group = "host"                            # sqlreach.toml:34
    filter = "tag:prod"                       # sqlreach.toml:35
    clock = "utc"                             # sqlreach.toml:36
    bell = true                               # sqlreach.toml:37
    notify = "osc9"                           # sqlreach.toml:38
    flash = false                             # sqlreach.toml:39
    theme = "dark"                            # sqlreach.toml:40
    glyphs = "ascii"                          # sqlreach.toml:41
    clipboard = "tmux"                        # sqlreach.toml:42
    mouse = true                              # default
    plain = true                              # sqlreach.toml:43

    [keys]
    # what is not here has the keys of docs/keys.md

    [[instance]]                              # sqlreach.toml:2
    server = 'sales01\PROD'                   # sqlreach.toml:3
    name = "Sales"                            # sqlreach.toml:4
    tags = ["prod", "emea"]                   # sqlreach.toml:5
    platform = "windows"                      # sqlreach.toml:6
    kind = "ag-listener"                      # sqlreach.toml:7
    nodes = ["sales01a", "sales01b"]          # sqlreach.toml:8
    expected_live = 1                         # sqlreach.toml:9
    note = """
    owner: team Sales
    runbook 12"""  # sqlreach.toml:10
    interval = "1m"                           # sqlreach.toml:12

    [[instance]]                              # sqlreach.toml:15
    server = "db2,1433"                       # sqlreach.toml:16
    name = "db2"                              # default
    tags = []                                 # default
    platform = "auto"                         # sqlreach.toml:17
    kind = "auto"                             # sqlreach.toml:18
    nodes = []                                # default
    "#);
    assert_eq!(parse(&shown).config, loaded.config);
}

#[test]
fn the_command_line_wins_over_the_file_and_its_instances() {
    let mut loaded = parse(FULL);
    loaded.apply(&Overrides {
        interval: Some(Duration::from_secs(5)),
        timeout: Some(Duration::from_secs(2)),
        rate: Some(Rate(Some(7))),
        browser_port: Port::new(1435),
        witnesses: Some(true),
        platform: Some(PlatformChoice(Some(Platform::Linux))),
    });
    let Config {
        probe, instances, ..
    } = &loaded.config;
    assert_eq!(probe.interval, Duration::from_secs(5));
    assert_eq!(probe.timeout, Timeout::all(Duration::from_secs(2)));
    assert_eq!(
        (probe.rate, probe.browser_port.get(), probe.witnesses),
        (Some(7), 1435, true)
    );
    for instance in instances {
        assert_eq!(
            (instance.interval, instance.timeout.as_deref()),
            (None, None)
        );
        assert_eq!(instance.declared.platform, Some(Platform::Linux));
    }
    assert_eq!(parse(&loaded.show()).config, loaded.config);
}

#[test]
fn no_override_changes_nothing() {
    let mut loaded = parse(FULL);
    loaded.apply(&Overrides::default());
    assert_eq!(loaded, parse(FULL));
}

#[test]
fn named_targets_replace_the_list_and_keep_what_the_file_knows() {
    let mut loaded = parse(FULL);
    loaded.watch_only([r"tcp:SALES01\prod", "db9"]);
    let [sales, new] = &loaded.config.instances[..] else {
        panic!("two instances")
    };
    assert_eq!(
        (sales.text(), sales.name.as_str()),
        (r"tcp:SALES01\prod", "Sales")
    );
    assert_eq!(sales.tags, ["prod", "emea"]);
    assert_eq!(**new, Instance::from_text("db9"));
    let shown = loaded.show();
    let server = shown
        .lines()
        .find(|line| line.starts_with("server"))
        .unwrap();
    assert!(server.ends_with("# command line"), "{shown}");
    assert_eq!(parse(&shown).config, loaded.config);
}

#[test]
fn a_target_of_the_command_line_is_named_by_its_short_spelling() {
    assert_eq!(Instance::from_text("tcp:db1,1433").name, "db1");
    assert_eq!(
        Instance::from_text(r"Server=db1\PROD;Password=x").name,
        r"db1\PROD"
    );
    let bad = Instance::from_text("db1/PROD");
    assert!(bad.target.is_err());
    assert_eq!((bad.name.as_str(), bad.text()), ("db1/PROD", "db1/PROD"));
}

#[test]
fn words_of_the_command_line() {
    assert_eq!(
        "0".parse::<Rate>().unwrap_err(),
        "a rate is a number of connections a second, 1 or more, or 'max'"
    );
    assert_eq!(
        "linx".parse::<PlatformChoice>().unwrap_err(),
        "'linx' is no platform; did you mean 'linux'?"
    );
    assert_eq!("auto".parse(), Ok(PlatformChoice(None)));
}

#[test]
fn files_of_notepad_are_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sqlreach.toml");
    let text = "[probe]\r\nrate = 7\r\n[[instance]]\r\nserver = 'db1'\r\nname = 'Größe'\r\n";
    let utf16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        utf16,
    ] {
        std::fs::write(&path, bytes).unwrap();
        let loaded = Loaded::read(&path).unwrap();
        assert_eq!(loaded.config.probe.rate, Some(7));
        assert_eq!(loaded.config.instances[0].name, "Größe");
    }
    std::fs::write(&path, b"[probe]\n# M\xFCnchen").unwrap();
    let said = Loaded::read(&path).unwrap_err().to_string();
    assert!(
        said.ends_with(
            "sqlreach.toml:2:4: the byte 0xFC is not UTF-8; save the file as UTF-8  | # M"
        ),
        "{said}"
    );
}

#[test]
fn no_file_anywhere_is_the_defaults_but_a_given_one_must_exist() {
    let root = tempfile::tempdir().unwrap();
    let environment = Environment {
        user: Some(root.path().to_owned()),
        system: None,
    };
    assert_eq!(Loaded::load(&environment, None).unwrap(), Loaded::default());
    let error = Loaded::load(&environment, Some(&root.path().join("x.toml"))).unwrap_err();
    assert!(matches!(error, LoadError::Missing(_)), "{error}");
    let error = Loaded::load(&environment, Some(root.path())).unwrap_err();
    assert!(matches!(error, LoadError::Unreadable { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_refused() {
    let error = Loaded::read(Path::new("/dev/zero")).unwrap_err();
    assert!(matches!(error, LoadError::TooLarge(_)), "{error}");
}

#[test]
fn one_line_tells_that_there_is_more() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("f.toml");
    std::fs::write(&path, "a = 1\nb = 2\nc = 3").unwrap();
    let said = Loaded::read(&path).unwrap_err().to_string();
    assert!(
        said.ends_with("| a = 1  (and 2 more: sqlreach config check)"),
        "{said}"
    );
}
