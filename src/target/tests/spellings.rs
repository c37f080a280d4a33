//! Every spelling that works, and what it means.

use super::super::*;

/// `host \INSTANCE ,port protocol +remark`, parts that are absent left out.
fn meaning(target: &Target) -> String {
    let mut parts = vec![match &target.host {
        Host::Name(name) => name.to_string(),
        Host::Address(address) => format!("@{address}"),
        Host::Local => "(local)".to_owned(),
    }];
    parts.extend(
        target
            .instance
            .as_ref()
            .map(|instance| format!(r"\{instance}")),
    );
    parts.extend(target.port.map(|port| format!(",{port}")));
    if target.protocol != Protocol::Any {
        parts.push(word(&target.protocol));
    }
    parts.extend(
        target
            .remarks
            .iter()
            .map(|remark| format!("+{}", word(remark))),
    );
    parts.join(" ")
}

fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value).unwrap() {
        serde_json::Value::String(word) => word,
        serde_json::Value::Object(tagged) => tagged.into_iter().next().unwrap().0,
        other => other.to_string(),
    }
}

fn check(spelling: Spelling, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let target = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(meaning(&target), *expected, "{text}");
        assert_eq!(target.spelling, spelling, "{text}");
        let json = serde_json::to_string(&target).unwrap();
        assert_eq!(
            serde_json::from_str::<Target>(&json).unwrap(),
            target,
            "{text}"
        );
    }
}

#[test]
fn servers() {
    check(
        Spelling::Server,
        &[
            ("db1", "db1"),
            ("  db1\t", "db1"),
            ("\"db1\"", "db1"),
            ("“db1”", "db1"),
            ("\u{FEFF}db1\r\n", "db1"),
            ("db1.corp.example", "db1.corp.example"),
            ("db1.corp.example.", "db1.corp.example."),
            ("DB_1", "DB_1"),
            ("1st.7.example", "1st.7.example"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("db1,1433", "db1 ,1433"),
            ("db1, 50123", "db1 ,50123"),
            ("db1 , 50123", "db1 ,50123"),
            (r"db1\PROD", r"db1 \PROD"),
            (r"db1\SQL$2022", r"db1 \SQL$2022"),
            (r"db1\Größe", r"db1 \Größe"),
            (r"db1\PROD,50123", r"db1 \PROD ,50123 +port-wins"),
            (
                r"db1\PROD:50123",
                r"db1 \PROD ,50123 +colon-port +port-wins",
            ),
            ("db1:1433", "db1 ,1433 +colon-port"),
            ("tcp:db1", "db1 tcp"),
            ("tcp:db1,1433", "db1 ,1433 tcp"),
            ("tcp: db1,1433", "db1 ,1433 tcp"),
            (r"tcp:db1\PROD", r"db1 \PROD tcp"),
            ("TCP:db1,1433", "db1 ,1433 tcp +upper-case-prefix"),
            ("Tcp:db1", "db1 tcp +upper-case-prefix"),
            (r"np:db1\PROD", r"db1 \PROD named-pipes"),
            ("lpc:.", "(local) shared-memory"),
            ("admin:db1", "db1 admin"),
            ("admin:db1,1434", "db1 ,1434 admin"),
            ("ADMIN:db1", "db1 admin +upper-case-prefix"),
            ("db1,1434", "db1 ,1434 +dac-port"),
            (".", "(local)"),
            ("(local)", "(local)"),
            ("(LOCAL)", "(local)"),
            ("localhost", "(local)"),
            (r".\SQLEXPRESS", r"(local) \SQLEXPRESS"),
            (r"(local)\SQLEXPRESS", r"(local) \SQLEXPRESS"),
            (r"\SQLEXPRESS", r"(local) \SQLEXPRESS"),
            (".,50123", "(local) ,50123"),
            ("10.0.4.12", "@10.0.4.12"),
            ("10.0.4.12,1433", "@10.0.4.12 ,1433"),
            (r"10.0.4.12\PROD", r"@10.0.4.12 \PROD"),
            ("::1", "@::1"),
            ("[::1]", "@::1"),
            ("[::1],1433", "@::1 ,1433"),
            ("[::1]:1433", "@::1 ,1433 +colon-port"),
            ("::1,1433", "@::1 ,1433"),
            (r"tcp:[2001:db8::5]\PROD", r"@2001:db8::5 \PROD tcp"),
            (
                r"2001:db8::5\PROD,50123",
                r"@2001:db8::5 \PROD ,50123 +port-wins",
            ),
            (r"db1\MSSQLSERVER", "db1 +default-instance-named"),
            (r"db1\mssqlserver,1433", "db1 ,1433 +default-instance-named"),
            (r"\\db1\pipe\sql\query", "db1 named-pipes"),
            (
                r"np:\\db1\pipe\MSSQL$PROD\sql\query",
                r"db1 \PROD named-pipes",
            ),
            (r"\\.\pipe\sql\query", "(local) named-pipes"),
            (r"(localdb)\MSSQLLocalDB", r"(local) \MSSQLLocalDB local-db"),
            (r"(LocalDB)\v11.0", "(local) local-db"),
            ("db1PROD", "db1PROD +maybe-lost-backslash"),
            (
                "sales01SQLEXPRESS",
                "sales01SQLEXPRESS +maybe-lost-backslash",
            ),
            (
                "db1.corp.localPROD",
                "db1.corp.localPROD +maybe-lost-backslash",
            ),
            ("db1PROD,1433", "db1PROD ,1433 +maybe-lost-backslash"),
            ("DB1PROD", "DB1PROD"),
            ("db1a", "db1a"),
            ("db1P", "db1P"),
            ("db-PROD", "db-PROD"),
        ],
    );
}

#[test]
fn connection_strings() {
    check(
        Spelling::ConnectionString,
        &[
            ("Server=db1", "db1"),
            ("\"Server=db1;Database=x\"", "db1"),
            ("Data Source=db1;Initial Catalog=x", "db1"),
            ("data  source=db1", "db1"),
            ("DATASOURCE=db1", "db1"),
            ("Address=db1", "db1"),
            ("Addr=db1,1433", "db1 ,1433"),
            ("Network Address=db1", "db1"),
            ("  Server = db1 ; Database = x ", "db1 +blank-after-equals"),
            ("Server= db1", "db1 +blank-after-equals"),
            ("Server=db1;;;Database=x;", "db1"),
            ("Server=db1;\r\nDatabase=x;\r\n", "db1"),
            (
                r"Server=tcp:db1\PROD,50123",
                r"db1 \PROD ,50123 tcp +port-wins",
            ),
            (r"Server='db1\PROD'", r"db1 \PROD"),
            (r#"Server="db1\PROD""#, r"db1 \PROD"),
            (r"Server={db1\PROD}", r"db1 \PROD"),
            ("Password=';Server=wrong';Server=right", "right"),
            (r#"Password="a;Server=wrong";Server=right"#, "right"),
            (r#"Password="a"";Server=wrong";Server=right"#, "right"),
            ("PWD={a}};Server=wrong};Server=right", "right"),
            ("Password=a;b;Server=right", "right"),
            // ADO.NET: one keyword with many names, the last one counts.
            ("Server=first;Data Source=second", "second"),
            ("Server=first;Server=second", "second"),
            // ODBC and OLE DB: the first one counts, and Address overrides Server.
            (
                "Driver={ODBC Driver 18 for SQL Server};Server=first;Server=second",
                "first",
            ),
            (
                "Driver={ODBC Driver 18 for SQL Server};Server=first;Addr=second",
                "second",
            ),
            (
                "Provider=MSOLEDBSQL19;Server=first;Address=second",
                "second",
            ),
            (
                "Provider=MSOLEDBSQL19;Data Source=first;Server=second",
                "first",
            ),
            ("Server=db1;Network Library=DBMSSOCN", "db1 tcp"),
            ("Server=db1;Network=dbnmpntw", "db1 named-pipes"),
            ("Server=db1;Net=dbmslpcn", "db1 shared-memory"),
            ("Server=tcp:db1;Net=dbnmpntw", "db1 tcp"),
            ("server=db1;protocol=tcp", "db1 tcp"),
            ("Server=db1;Failover Partner=db2;Database=x", "db1"),
            ("odbc:server=db1;user id=sa;password={foo;bar}", "db1"),
            ("Driver=FreeTDS;Server=db1;Port=50123", "db1 ,50123"),
            ("Driver=FreeTDS;Server=db1,1433;Port=50123", "db1 ,1433"),
            (
                r"Data Source=(localdb)\MSSQLLocalDB;AttachDbFilename=x",
                r"(local) \MSSQLLocalDB local-db",
            ),
            ("Data Source=.;Integrated Security=SSPI", "(local)"),
            ("Data Source=[::1],1433", "@::1 ,1433"),
            ("Server=db1;Password={half open", "db1"),
        ],
    );
}

#[test]
fn jdbc_urls() {
    check(
        Spelling::Jdbc,
        &[
            ("jdbc:sqlserver://db1", "db1"),
            ("jdbc:sqlserver://db1/", "db1"),
            ("jdbc:sqlserver://db1:50123", "db1 ,50123"),
            (r"jdbc:sqlserver://db1\PROD", r"db1 \PROD"),
            (
                r"jdbc:sqlserver://db1\PROD:50123;encrypt=true",
                r"db1 \PROD ,50123 +port-wins",
            ),
            ("JDBC:SQLServer://db1;databaseName=x", "db1"),
            (
                "jdbc:sqlserver://;serverName=db1;portNumber=50123",
                "db1 ,50123",
            ),
            (
                "jdbc:sqlserver://;serverName=db1;instanceName=PROD",
                r"db1 \PROD",
            ),
            (r"jdbc:sqlserver://;serverName=db1\PROD", r"db1 \PROD"),
            (
                "jdbc:sqlserver://;serverName={db1};password={a}};serverName=x}",
                "db1",
            ),
            (
                "jdbc:sqlserver://;serverName=2001:db8::5;portNumber=1433",
                "@2001:db8::5 ,1433",
            ),
            ("jdbc:sqlserver://[::1]:1433", "@::1 ,1433"),
            ("jdbc:sqlserver://db1:1433;user=a@b;password=c", "db1 ,1433"),
            (
                "jdbc:sqlserver://localhost;integratedSecurity=true",
                "(local)",
            ),
            (
                "jdbc:microsoft:sqlserver://db1:1433;DatabaseName=x",
                "db1 ,1433",
            ),
            (
                "jdbc:jtds:sqlserver://db1:50123/sales;instance=PROD",
                r"db1 \PROD ,50123 +port-wins",
            ),
            (
                "jdbc:jtds:sqlserver://db1/sales;instance=PROD",
                r"db1 \PROD",
            ),
        ],
    );
}

#[test]
fn urls() {
    check(
        Spelling::Url,
        &[
            ("sqlserver://db1", "db1"),
            ("sqlserver://sa:geheim@db1", "db1"),
            ("sqlserver://sa@db1:50123?database=x", "db1 ,50123"),
            ("sqlserver://sa:geheim@db1/PROD?database=x", r"db1 \PROD"),
            (
                "sqlserver://sa:geheim@db1:50123/PROD",
                r"db1 \PROD ,50123 +port-wins",
            ),
            ("SQLSERVER://db1", "db1"),
            ("sqlserver://corp%5Csa:x@db1", "db1"),
            ("sqlserver://sa:x@db1%5CPROD", r"db1 \PROD"),
            (r"sqlserver://sa:x@db1\PROD", r"db1 \PROD"),
            ("sqlserver://[2001:db8::5]:1433", "@2001:db8::5 ,1433"),
            (
                "sqlserver://sa:p@ss/w@db1:1433/PROD?database=x@y",
                r"db1 \PROD ,1433 +port-wins",
            ),
            ("sqlserver://db1:1433?user id=a@b", "db1 ,1433"),
            ("sqlserver://db1?protocol=admin", "db1 admin"),
            (
                "azuresql://x.database.windows.net?fedauth=ActiveDirectoryDefault",
                "x.database.windows.net",
            ),
            ("mssql://sa:x@db1/sales", "db1"),
            (
                "mssql+pymssql://sa:x@db1:50123/sales?charset=utf8",
                "db1 ,50123",
            ),
            (
                "mssql+pyodbc://sa:x@db1:123/sales?driver=ODBC+Driver+18+for+SQL+Server",
                "db1 ,123",
            ),
            (
                "mssql+pyodbc:///?odbc_connect=DRIVER%3D%7BODBC+Driver+18%7D%3BSERVER%3Ddb1%2C50123%3BPWD%3Dx",
                "db1 ,50123",
            ),
            ("mssql+aioodbc://sa:x@db1%5CPROD/sales", r"db1 \PROD"),
            ("mssql://sa:x@db1/sales?instanceName=PROD", r"db1 \PROD"),
        ],
    );
}

#[test]
fn command_lines() {
    check(
        Spelling::Server,
        &[
            ("sqlcmd -S db1,1433 -U sa -P x", "db1 ,1433"),
            (r"sqlcmd -S db1\PROD -E", r"db1 \PROD"),
            (r"sqlcmd -Sdb1\PROD -E", r"db1 \PROD"),
            (
                r#"sqlcmd.exe -S "db1\PROD" -Q "select '-S x'""#,
                r"db1 \PROD",
            ),
            (r"C:\Tools\SQLCMD.EXE -S tcp:db1", "db1 tcp"),
            ("-S db1 -U sa -P x", "db1"),
            ("sqlcmd -A -S db1", "db1 admin"),
            ("bcp x.dbo.t out f.txt -S db1 -T", "db1"),
            ("sqlcmd --server db1 --user-name sa", "db1"),
            ("sqlcmd --server=db1", "db1"),
            ("Invoke-Sqlcmd -ServerInstance 'db1' -Query x", "db1"),
        ],
    );
}

#[test]
fn what_is_not_tcp_says_why() {
    for (text, why) in [
        (r"\\db1\pipe\sql\query", NotTcp::NamedPipes),
        ("np:db1", NotTcp::NamedPipes),
        ("lpc:db1", NotTcp::SharedMemory),
        (r"(localdb)\x", NotTcp::LocalDb),
        ("admin:db1", NotTcp::Admin),
    ] {
        assert_eq!(parse(text).unwrap().over_tcp(), Err(why), "{text}");
    }
    assert_eq!(parse("tcp:db1").unwrap().over_tcp(), Ok(()));
}

#[test]
fn browser_is_asked_for_a_name_without_a_port() {
    for (text, asked) in [
        (r"db1\PROD", true),
        (r"db1\PROD,1433", false),
        ("db1", false),
        (r"db1\MSSQLSERVER", false),
    ] {
        assert_eq!(parse(text).unwrap().needs_browser(), asked, "{text}");
    }
}

#[test]
fn the_short_form_is_what_a_dba_would_type() {
    for (text, short) in [
        ("tcp:db1,1433", "db1"),
        ("tcp:db1,50123", "db1,50123"),
        (r"Server=db1\PROD;Password=x", r"db1\PROD"),
        ("(local)", "localhost"),
        (r".\X", r"localhost\X"),
        ("[::1],50123", "::1,50123"),
        (r"(localdb)\x", r"(localdb)\x"),
    ] {
        assert_eq!(parse(text).unwrap().short(), short, "{text}");
    }
}
