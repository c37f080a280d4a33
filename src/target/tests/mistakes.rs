//! Texts that are no target: what is said, where it points, and what would be right.

use super::super::*;

#[test]
#[allow(clippy::too_many_lines)] // a table
fn mistakes_are_named_pointed_at_and_put_right() {
    // text, part of the problem, the text pointed at, part of the hint
    let table: &[(&str, &str, &str, &str)] = &[
        ("", "no server", "", "host"),
        (" \t ", "no server", "   ", "host"),
        ("\"\"", "no server", "\"\"", "host"),
        (
            "db1/PROD",
            "does not separate the instance",
            "/",
            r"use a backslash: db1\PROD",
        ),
        (
            "tcp:db1/PROD,1433",
            "does not separate the instance",
            "/",
            r"tcp:db1\PROD,1433",
        ),
        ("db1//PROD", "no place", "/", r"host\INSTANCE"),
        (
            r"db1\\PROD",
            "two backslashes",
            r"\\",
            r"one backslash: db1\PROD",
        ),
        (r"\\db1\PROD", "named pipe", r"\\", r"db1\PROD"),
        (r"\\db1", "named pipe", r"\\", "db1"),
        ("db1,0", "port 0", "0", "1 to 65535"),
        ("db1,70000", "greater than 65535", "70000", "1 to 65535"),
        ("db1,abc", "not a number", "abc", "1 to 65535"),
        ("db1,+1433", "not a number", "+1433", "1 to 65535"),
        ("db1, 14 33", "not a number", "14 33", "1 to 65535"),
        ("db1,", "no port", "", "1 to 65535"),
        ("db1:", "no port", "", "1 to 65535"),
        ("db1:abc", "not a number", "abc", "1 to 65535"),
        ("db1,1433,1434", "second comma", ",", "db1,1433"),
        ("db1:1433,1434", "second port", ",", "db1,1433"),
        (r"db1,1433\PROD", "port comes last", r"\", r"db1\PROD,1433"),
        (",1433", "no host", ",", ".,1433"),
        (":1433", "no host", ":", ".:1433"),
        ("tcp:", "after the prefix", "tcp:", "tcp:host"),
        ("np:db1,1433", "np: has no port", ",1433", "tcp:db1,1433"),
        ("db1 db2", "no blanks", " ", "one a line"),
        (
            "db1\u{1b}[31m",
            "control character (U+001B)",
            "\u{FFFD}",
            "host",
        ),
        (
            "db1\u{200b}",
            "invisible character (U+200B)",
            "\u{FFFD}",
            "host",
        ),
        (
            "db\u{a0}1",
            "invisible character (U+00A0)",
            "\u{a0}",
            "host",
        ),
        (
            "bü\u{200b}cher",
            "invisible character (U+200B)",
            "\u{FFFD}",
            "host",
        ),
        ("db*", "wildcard", "*", "names and addresses only"),
        ("db?", "wildcard", "?", "names and addresses only"),
        (
            "db[1-3]",
            "'[' has no place",
            "[",
            "names and addresses only",
        ),
        ("db1–x", "a dash of a word processor", "–", ""),
        (
            "10.0.0.0/24,1433",
            "network",
            "/24,1433",
            "one target for each",
        ),
        ("“db1”x", "has no partner", "“", "without it: db1x"),
        ("tcp:np:db1", "second prefix", "np:", ""),
        ("db1;Database=x", "no '='", "db1", "begin with Server="),
        ("[]", "brackets", "[]", "without them: host"),
        ("\\", "no instance", "\\", "host"),
        (";", "';' belongs", ";", "Server=host"),
        ("10.0.0.0/24", "network", "/24", "one target for each"),
        ("[2001:db8::]/64", "network", "/64", "one target for each"),
        ("10.0.0.1-20", "range", "-", "one target for each"),
        ("10.0.0.256", "no IPv4 address", "10.0.0.256", "10.0.4.12"),
        ("010.0.0.1", "no IPv4 address", "010.0.0.1", "10.0.4.12"),
        ("0.0.0.0", "no machine", "0.0.0.0", "localhost"),
        (
            "255.255.255.255",
            "many machines",
            "255.255.255.255",
            "one server",
        ),
        ("239.1.2.3,1433", "many machines", "239.1.2.3", "one server"),
        ("ff02::1", "many machines", "ff02::1", "one server"),
        ("fe80::1%eth0", "scope id", "%eth0", "needs no scope id"),
        (
            "[fe80::1%eth0],1433",
            "scope id",
            "%eth0",
            "needs no scope id",
        ),
        (
            "1:2:3",
            "neither an IPv6 address",
            "1:2:3",
            "[2001:db8::5],1433",
        ),
        ("[::1", "never closed", "[", "[2001:db8::5],1433"),
        ("[db1],1433", "brackets are for IPv6", "[db1]", "db1,1433"),
        ("[::1]1433", "after the bracket", "1", "[::1],1433"),
        ("\"db1", "has no partner", "\"", "db1"),
        ("db1'", "has no partner", "'", "db1"),
        ("{db1}", "no part of a server's name", "{", "db1"),
        (r"db1\", "no instance", r"\", "db1"),
        (r"db1\A\B", "second backslash", r"\", r"host\INSTANCE"),
        ("db1;x", "';' belongs", ";", "Server=db1"),
        (
            "http://db1:1433/",
            "does not reach SQL Server",
            "http://",
            "sqlserver://",
        ),
        (
            "postgres://db1",
            "does not reach SQL Server",
            "postgres://",
            "host,port",
        ),
        (
            "tcp://db1:1433",
            "does not reach SQL Server",
            "tcp://",
            "host,port",
        ),
        ("sqlserver://", "no host", "", "sqlserver://host:1433"),
        (
            "sqlserver://db1,1433",
            "a colon stands before the port",
            ",",
            "db1:1433",
        ),
        ("sqlserver://db1:abc", "not a number", "***", "1 to 65535"),
        (
            "mssql+pyodbc:///?odbc_connect=Server%3Ddb1%2Cabc",
            "not a number",
            "Server%3Ddb1%2Cabc",
            "1 to 65535",
        ),
        (
            "jdbc:sqlserver://db1,1433",
            "a colon stands before the port",
            ",",
            "db1:1433",
        ),
        (
            "jdbc:sqlserver://db1/PROD",
            "does not separate",
            "/",
            r"db1\PROD",
        ),
        (
            "jdbc:sqlserver://;databaseName=x",
            "no server is named",
            "jdbc:sqlserver://",
            "jdbc:sqlserver://host:1433",
        ),
        (
            "jdbc:sqlserver://db1;portNumber=x1",
            "not a number",
            "x1",
            "1 to 65535",
        ),
        (
            "jdbc:sqlserver:db1",
            ":// is missing",
            "jdbc:sqlserver",
            "jdbc:sqlserver://host:1433",
        ),
        (
            "jdbc:mysql://db1",
            "does not reach SQL Server",
            "mysql",
            "jdbc:sqlserver://",
        ),
        (
            "Database=x;Encrypt=yes",
            "no keyword names the server",
            "Database=x;Encrypt=yes",
            "Server=host",
        ),
        ("Sever=db1", "unknown", "Sever", "Server="),
        ("Server=;Database=x", "no value", "Server", "Server=host"),
        ("DSN=sales;UID=sa", "DSN", "DSN=sales", "Server=host"),
        ("Server='db1;Database=x", "never closed", "'", "ends with '"),
        ("Server={db1;Database=x", "never closed", "{", "ends with }"),
        (
            "Password=\"x;Server=db1",
            "never closed",
            "***",
            "ends with \"",
        ),
        (
            "Server=db1/PROD;Database=x",
            "does not separate",
            "/",
            r"db1\PROD",
        ),
        (
            "Server=db1,70000;Database=x",
            "greater than",
            "70000",
            "65535",
        ),
        (
            "sa:geheim@db1",
            "a login is no part",
            "@",
            "the server alone",
        ),
        ("sqlcmd -U sa", "names no server", "sqlcmd -U sa", "-S"),
        ("sqlcmd -S", "no server follows", "-S", ""),
        (r"sqlcmd -S db1/PROD", "does not separate", "/", r"db1\PROD"),
        ("-rf", "neither begins nor ends with '-'", "-", ""),
        (r"db1\-x", "'-' has no place", "-", ""),
        (r"db1\1A", "begins with a letter", "1", ""),
        (r"db1\A B", "no blanks", " ", ""),
        (r"db1\A%41", "'%' has no place", "%", ""),
        ("db1..example", "empty", ".", ""),
        ("12345", "cannot end in a number", "1", ""),
        ("db1.0x7f", "cannot end in a number", "0", ""),
        ("db1$(reboot)", "'$' has no place", "$", ""),
    ];
    for (text, problem, pointed, hint) in table {
        let error = parse(text).expect_err(text);
        assert!(error.problem.contains(problem), "{text}: {error}");
        assert_eq!(&error.text[error.at.clone()], *pointed, "{text}: {error}");
        let given = error.hint.as_deref().unwrap_or_default();
        assert!(given.contains(hint), "{text}: {error}");
        let json = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<TargetError>(&json).unwrap(), error);
    }
}

#[test]
fn a_long_name_is_quoted_in_part_and_its_length_said() {
    let error = parse(&format!("{}.example", "x".repeat(300))).unwrap_err();
    assert!(error.problem.contains("at most 253"), "{error}");
    assert!(error.text.len() < 200 && error.text.contains('…'));

    let error = parse(&format!("db.{}.example", "x".repeat(64))).unwrap_err();
    assert!(
        error.problem.contains("at most 63") && error.problem.contains("64"),
        "{error}"
    );
    assert_eq!(error.at.start, 3);

    assert!(parse(&format!("{}.example", ["x"; 60].join("."))).is_ok());
    let error = parse(&format!(r"db1\{}", "A".repeat(33))).unwrap_err();
    assert!(error.problem.contains("33 bytes"), "{error}");
}

#[test]
fn a_flood_is_refused_at_once() {
    for flood in [
        "a".repeat(1 << 20),
        "Password=".repeat(100_000),
        ";".repeat(100_000),
    ] {
        let error = parse(&flood).unwrap_err();
        assert!(
            error.problem.contains("KiB") && error.text.len() < 1_000,
            "{}",
            error.problem
        );
    }
}

#[test]
fn an_error_from_elsewhere_with_a_wrong_place_still_prints() {
    let error = TargetError {
        text: "dä".into(),
        at: 2..99,
        problem: "p".into(),
        hint: None,
    };
    assert_eq!(error.to_string(), "'dä': p (at 3)");
}
