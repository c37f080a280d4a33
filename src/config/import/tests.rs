//! Every format, and what somebody could make of each.

use std::path::Path;

use rstest::rstest;

use super::*;

fn of(text: &str) -> Import {
    of_bytes(text.as_bytes(), Path::new("servers.txt")).unwrap()
}

fn servers(import: &Import) -> Vec<&str> {
    let entries = import
        .items
        .iter()
        .filter_map(|item| item.entry.as_ref().ok());
    entries.map(|entry| entry.server.as_str()).collect()
}

#[test]
fn a_list_has_comments_blank_lines_and_columns_of_a_spreadsheet() {
    let import = of(
        "\u{feff}# ours\r\nServer\tName\r\n\r\ndb1\r\ndb2,1433  # ask Ann\r\nsales01\\PROD\tSales\tprod, emea\truns all\r\ndb 9\r\n",
    );
    assert_eq!(servers(&import), ["db1", "db2,1433", r"sales01\PROD"]);
    let entry = |at: usize| import.items[at].entry.as_ref().unwrap();
    assert_eq!(entry(1).note.as_deref(), Some("ask Ann"));
    assert_eq!(entry(2).name.as_deref(), Some("Sales"));
    assert_eq!(entry(2).tags, ["prod", "emea"]);
    assert_eq!(entry(2).note.as_deref(), Some("runs all"));
    let wrong = import.items.last().unwrap();
    assert_eq!((wrong.number, wrong.entry.is_err()), (7, true));
}

#[rstest]
#[case::semicolons("db1; db2,1433;db3\\PROD;", &["db1", "db2,1433", "db3\\PROD"])]
#[case::commas("db1, db2,1433, db3\\PROD", &["db1", "db2,1433", "db3\\PROD"])]
#[case::addresses("10.0.4.12,10.0.4.13,1500", &["10.0.4.12", "10.0.4.13,1500"])]
#[case::lines("db1\ndb2", &["db1", "db2"])]
#[case::lines_of_a_terminal("db1\rdb2\r", &["db1", "db2"])]
fn what_lists_several_servers_is_a_list(#[case] text: &str, #[case] wanted: &[&str]) {
    assert_eq!(servers(&pasted(text).unwrap()), wanted);
}

#[rstest]
#[case::a_port("db1,1433")]
#[case::a_port_with_a_letter("db1,143O")]
#[case::a_port_and_a_blank("db1, 1433")]
#[case::one("db1\n# the only one\n")]
#[case::a_connection_string("Server=db1;Database=a;Password=b")]
#[case::one_over_lines("Server=db1;\nPassword=hunter2;\n")]
#[case::a_word_below_prose("quiet please\nq")]
#[case::prose("Call Ann about it, please; today")]
#[case::a_poem(
    "so much depends\nupon\na red wheel\nbarrow glazed with\nrain water\nbeside the white\nchickens, too and more"
)]
#[case::nothing("\n\n")]
fn what_is_one_server_or_none_is_no_list(#[case] text: &str) {
    assert_eq!(pasted(text), None);
}

#[test]
fn no_password_is_kept_or_shown_wherever_it_stands() {
    let text = "Server=db1;User ID=app;Password=hunter2 # hunter2\n\
                db2 # Password=hunter2\n\
                db3\tPassword=hunter2\n\
                Sever=db4;Password=hunter2\n";
    let import = of(text);
    assert_eq!(servers(&import), ["db1", "db2", "db3"]);
    assert_eq!(import.passwords, 3);
    assert!(!format!("{import:?}").contains("hunter2"), "{import:?}");
}

#[test]
fn new_known_twice_and_wrong_are_told_apart() {
    let mut known = Known::default();
    known.note(&parse("DB1").unwrap(), "crm");
    known.note(&parse("db4,50123").unwrap(), "four");
    let mut import = of("db1\ndb2\ntcp:DB2\ndb 3\n");
    let entry = Entry {
        server: r"db4\PROD".to_owned(),
        ..Entry::default()
    };
    import.found(entry, "db4,50123".to_owned());
    let verdicts = import.verdicts(&known);
    assert_eq!(verdicts[0], Verdict::Known("crm".to_owned()));
    assert_eq!(verdicts[1], Verdict::New);
    assert_eq!(verdicts[2], Verdict::Twice(2));
    assert!(matches!(&verdicts[3], Verdict::Wrong(_)));
    assert_eq!(verdicts[4], Verdict::Known("four".to_owned()));
}

#[test]
fn what_is_too_many_is_counted() {
    let lines: Vec<String> = (0..MOST_PASTED + 7).map(|n| format!("db{n}")).collect();
    let import = pasted(&lines.join("\n")).unwrap();
    assert_eq!((import.items.len(), import.left_out), (MOST_PASTED, 7));
}

const EXPORT: &str = r#"<?xml version="1.0"?>
<model xmlns="http://schemas.serviceml.org/smlif/2007/02">
 <xs:bufferSchema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <definitions xmlns:sfc="http://schemas.microsoft.com/sqlserver/sfc/serialization/2007/08">
   <document><data>
    <RegisteredServers:ServerGroup xmlns:RegisteredServers="http://schemas.microsoft.com/sqlserver/RegisteredServers/2007/08">
     <RegisteredServers:Name type="string">Prod</RegisteredServers:Name>
    </RegisteredServers:ServerGroup>
   </data></document>
   <document><data>
    <RegisteredServers:RegisteredServer xmlns:RegisteredServers="http://schemas.microsoft.com/sqlserver/RegisteredServers/2007/08" xmlns:sml="http://schemas.serviceml.org/sml/2007/02">
     <RegisteredServers:Parent><sfc:Reference sml:ref="true">
      <sml:Uri>/RegisteredServersStore/ServerGroup/DatabaseEngineServerGroup/ServerGroup/Prod</sml:Uri>
     </sfc:Reference></RegisteredServers:Parent>
     <RegisteredServers:Name type="string">Sales</RegisteredServers:Name>
     <RegisteredServers:Description type="string">ask Ann</RegisteredServers:Description>
     <RegisteredServers:ServerName type="string">sales01\PROD</RegisteredServers:ServerName>
     <RegisteredServers:ServerType type="ServerType">DatabaseEngine</RegisteredServers:ServerType>
     <RegisteredServers:ConnectionStringWithEncryptedPassword type="string">server=sales01\PROD;uid=app;password=AQAAANCMnd8BFdERjHoAwE;pooling=false</RegisteredServers:ConnectionStringWithEncryptedPassword>
    </RegisteredServers:RegisteredServer>
   </data></document>
   <document><data>
    <RegisteredServers:RegisteredServer xmlns:RegisteredServers="http://schemas.microsoft.com/sqlserver/RegisteredServers/2007/08">
     <RegisteredServers:ServerName>cube01</RegisteredServers:ServerName>
     <RegisteredServers:ServerType>AnalysisServices</RegisteredServers:ServerType>
    </RegisteredServers:RegisteredServer>
   </data></document>
  </definitions>
 </xs:bufferSchema>
</model>"#;

#[test]
fn an_export_of_ssms_gives_server_name_group_and_note_and_no_password() {
    let import = of(EXPORT);
    assert_eq!(servers(&import), [r"sales01\PROD"]);
    let entry = import.items[0].entry.as_ref().unwrap();
    assert_eq!(entry.name.as_deref(), Some("Sales"));
    assert_eq!(
        (entry.tags.as_slice(), entry.note.as_deref()),
        (&["Prod".to_owned()][..], Some("ask Ann"))
    );
    assert_eq!((import.items[0].number, import.passwords), (11, 1));
    assert!(!format!("{import:?}").contains("AQAAAN"));
    assert!(
        import.items[1]
            .entry
            .as_ref()
            .unwrap_err()
            .contains("AnalysisServices")
    );
}

#[test]
fn settings_of_vs_code_and_of_azure_data_studio_are_read_with_their_comments() {
    let import = of(r#"{
        // mine
        "editor.fontSize": 12,
        "mssql.connectionGroups": [{ "name": "prod", "id": "7" }],
        "mssql.connections": [
            { "server": "tcp:db1.corp.test", "port": 1444, "profileName": "One", "groupId": "7", "password": "hunter2" },
            { "connectionString": "Server=db2;Password=hunter2" }, /* the old one */
            { "user": "sa" },
        ],
        "datasource.connectionGroups": [{ "name": "ROOT", "id": "r" }, { "name": "Test lab", "id": "t" }],
        "datasource.connections": [
            { "options": { "server": "db3\\X", "connectionName": "" }, "groupId": "t", "providerName": "MSSQL" },
            { "options": { "server": "pg1" }, "groupId": "r", "providerName": "PGSQL" },
        ],
    }"#);
    assert_eq!(
        servers(&import),
        ["tcp:db1.corp.test,1444", "db2", r"db3\X"]
    );
    assert_eq!((import.passwords, import.unit), (2, Some("connection")));
    let entry = |at: usize| import.items[at].entry.as_ref().unwrap();
    assert_eq!(
        (entry(0).name.as_deref(), entry(0).tags.as_slice()),
        (Some("One"), &["prod".to_owned()][..])
    );
    assert_eq!(entry(3).tags, ["Test-lab"]);
    assert!(
        import.items[4]
            .entry
            .as_ref()
            .unwrap_err()
            .contains("PGSQL")
    );
    assert!(!format!("{import:?}").contains("hunter2"));
}

#[test]
fn another_configuration_gives_what_can_be_typed() {
    let text = "[probe]\nrate = 7\n[[instance]]\nserver = 'db1'\nname = 'One'\ntags = ['a']\nplatform = 'linux'\n[[instance]]\nserver = 'db2'\n";
    let import = of(text);
    assert_eq!(servers(&import), ["db1", "db2"]);
    let entry = import.items[0].entry.as_ref().unwrap();
    assert_eq!(
        (entry.name.as_deref(), entry.platform.is_some()),
        (Some("One"), true)
    );
    let error = of_bytes(
        b"[[instance]]\nserver = 'db1'\nnme = 'x'\n",
        Path::new("f.toml"),
    )
    .unwrap_err();
    assert!(
        error.to_string().starts_with("f.toml:3:1: unknown key"),
        "{error}"
    );
}

/// Each is refused or empty, in no time, on the stack of a test.
#[rstest]
#[case::billion_laughs(r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><l>&b;</l>"#.to_owned())]
#[case::an_outside_entity(r#"<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><RegisteredServer><ServerName>&a;</ServerName></RegisteredServer>"#.to_owned())]
#[case::deep_xml("<a>".repeat(300_000))]
#[case::deep_closed_xml(format!("{}{}", "<a>".repeat(140_000), "</a>".repeat(140_000)))]
#[case::deep_json(format!("{{\"a\":{}", "[".repeat(500_000)))]
#[case::half_a_comment("{ /* ".to_owned())]
#[case::nothing(String::new())]
#[case::comments("# a\n# b\n".to_owned())]
#[case::other_xml("<html><body>hello</body></html>".to_owned())]
#[case::other_json("{\"a\": 1}".to_owned())]
fn what_lists_nothing_is_an_error_in_one_line(#[case] text: String) {
    let error = of_bytes(text.as_bytes(), Path::new("f"))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("f:") && !error.contains('\n'), "{error}");
    assert!(error.len() < 400, "{error}");
}

#[rstest]
#[case::nul(b"db1\0\nd\0b2\n".to_vec())]
#[case::bidi("db1\u{202e}x\ndb2\n".as_bytes().to_vec())]
#[case::escape(b"db1 # \x1b[2J\x1b]52;c;x\x07 hello\ndb2\x1b[31m\n".to_vec())]
#[case::one_long_line(vec![b'x'; 900_000])]
#[case::a_long_comment([b"db1 # ".to_vec(), vec![b'y'; 900_000]].concat())]
fn what_would_reach_the_screen_or_the_file_is_clean_and_short(#[case] bytes: Vec<u8>) {
    let import = of_bytes(&bytes, Path::new("f")).unwrap();
    for item in &import.items {
        assert!(
            !item
                .text
                .contains(|c: char| c.is_control() || c == '\u{202e}')
        );
        assert!(item.text.chars().count() <= SHOWN);
        if let Ok(entry) = &item.entry {
            let all = [
                Some(entry.server.clone()),
                entry.name.clone(),
                entry.note.clone(),
            ];
            for text in all.into_iter().flatten() {
                assert!(!text.contains(char::is_control), "{text:?}");
                assert!(text.chars().count() <= LONGEST_KEPT);
            }
        }
    }
}

const LONGEST_KEPT: usize = 4_000;

#[test]
fn a_file_that_is_none_or_too_large_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let said = |path: &Path| read(path).unwrap_err().to_string();
    assert!(said(folder.path()).contains("no file"));
    assert!(said(&folder.path().join("x")).contains("cannot be read"));
    let large = folder.path().join("large");
    std::fs::write(&large, vec![b'\n'; (1 << 20) + 1]).unwrap();
    assert!(said(&large).contains("larger than 1 MiB"));
}

#[test]
fn a_path_may_begin_at_home_and_stand_in_quotes() {
    let home = etcetera::home_dir().unwrap();
    assert_eq!(path_of("~/a b"), home.join("a b"));
    assert_eq!(path_of(" '/tmp/a b' "), Path::new("/tmp/a b"));
    assert_eq!(path_of("~ann/x"), Path::new("~ann/x"));
    assert_eq!(path_of("'"), Path::new("'"));
}
