//! The tokens by themselves: what would be dangerous in a packet or a command is refused.

use super::super::*;

#[test]
fn host_names() {
    for good in [
        "a",
        "db1",
        "DB_1",
        "1a.2.3c",
        "db1.corp.example.",
        "xn--bcher-kva.example",
        "_sql.example",
        "a--b",
    ] {
        assert_eq!(HostName::new(good).unwrap().as_str(), good);
    }
    for (bad, at) in [
        ("", 0),
        ("-a", 0),
        ("a-", 0),
        ("a.-b", 2),
        (".", 0),
        (".a", 0),
        ("a..", 2),
        ("a..b", 2),
        ("a b", 1),
        ("a\n", 1),
        ("a;b", 1),
        ("a\"b", 1),
        ("a$b", 1),
        ("a`b", 1),
        ("a/b", 1),
        ("a\\b", 1),
        ("a:b", 1),
        ("a,b", 1),
        ("a%b", 1),
        ("a\0", 1),
        ("1.2.3", 4),
        ("a.0x1F", 2),
        ("7", 0),
        ("x\u{ad}y", 1),
        ("x\u{202e}y", 1),
        ("a／b", 1),
        ("a．\u{2f}b", 1),
        ("℀", 0),
    ] {
        assert_eq!(HostName::new(bad).expect_err(bad).at, at, "{bad:?}");
    }
    assert_eq!(
        HostName::new("Bücher.Example").unwrap().as_str(),
        "xn--bcher-kva.example"
    );
    assert_eq!(HostName::new("ｄｂ１").unwrap().as_str(), "db1");
}

#[test]
fn instance_names() {
    for good in [
        "PROD",
        "_x",
        "SQL$2022",
        "a#1",
        "a@b",
        "Größe",
        "имя",
        "日本",
        &"A".repeat(32),
    ] {
        assert_eq!(InstanceName::new(good).unwrap().as_str(), good);
    }
    for (bad, at) in [
        ("", 0),
        ("-P", 0),
        ("$x", 0),
        ("1A", 0),
        ("#x", 0),
        ("@x", 0),
        ("a b", 1),
        ("a\\b", 1),
        ("a,b", 1),
        ("a;b", 1),
        ("a:b", 1),
        ("a/b", 1),
        ("a'b", 1),
        ("a\"b", 1),
        ("a`b", 1),
        ("a\u{2019}b", 1),
        ("a\u{201c}b", 1),
        ("a%b", 1),
        ("a&b", 1),
        ("a|b", 1),
        ("a>b", 1),
        ("a(b", 1),
        ("a-b", 1),
        ("a.b", 1),
        ("a\nb", 1),
        ("a\u{0}", 1),
        ("a\u{200b}", 1),
        ("a\u{202e}", 1),
        ("a\u{2ba}", 1),
        ("a\u{2bc}", 1),
        ("a\u{3164}", 1),
    ] {
        assert_eq!(InstanceName::new(bad).expect_err(bad).at, at, "{bad:?}");
    }
    assert_eq!(InstanceName::new(&"ä".repeat(17)).unwrap_err().at, 32);
    assert!(InstanceName::new("Größe").unwrap().matches("GRÖßE"));
}

#[test]
fn tokens_from_a_file_are_checked_too() {
    assert!(serde_json::from_str::<HostName>("\"-rf\"").is_err());
    assert!(serde_json::from_str::<InstanceName>("\"a;b\"").is_err());
    assert!(serde_json::from_str::<Port>("0").is_err());
    assert_eq!(serde_json::to_string(&Port::DEFAULT).unwrap(), "1433");
}
