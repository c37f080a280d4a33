//! A password that somebody pastes: it is dropped at the door.

use std::fs;
use std::path::{Path, PathBuf};

use rstest::rstest;
use sqlreach::simulate::engine::{Engine, Profile};

use crate::binary::{Ended, Home, run};
use crate::servers::{engine, instances, states};

const PASSWORD: &str = "hunter2-Geheim";

/// What users paste, with a good server and with one that cannot be read.
fn pasted(engine: &Engine) -> Vec<String> {
    let port = engine.address().port();
    vec![
        format!("Server=tcp:127.0.0.1,{port};User Id=sa;Password={PASSWORD};Encrypt=true"),
        format!(
            "Driver={{ODBC Driver 18 for SQL Server}};Server=127.0.0.1,{port};UID=sa;PWD={{{PASSWORD}}}"
        ),
        format!("jdbc:sqlserver://127.0.0.1:{port};user=sa;password={PASSWORD}"),
        format!("mssql+pyodbc://sa:{PASSWORD}@127.0.0.1:{port}/master"),
        format!("sqlcmd -S 127.0.0.1,{port} -U sa -P {PASSWORD}"),
        format!("Server=127.0.0.1/PROD;Password={PASSWORD}"),
        format!("jdbc:sqlserver://127.0.0.1:notaport;password={PASSWORD}"),
    ]
}

const GOOD: usize = 5;

/// Everything that the program printed, and every file that it left.
fn traces(home: &Home, ended: &Ended) -> Vec<(String, String)> {
    let mut traces = vec![
        ("standard output".to_owned(), ended.out.clone()),
        ("standard error".to_owned(), ended.err.clone()),
    ];
    for file in files(&home.path("")) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        traces.push((file.display().to_string(), text));
    }
    traces
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn assert_untold(home: &Home, ended: &Ended) {
    for (place, text) in traces(home, ended) {
        assert!(
            !text.contains(PASSWORD),
            "{place} tells the password: {text}"
        );
    }
}

#[rstest]
#[tokio::test]
async fn a_password_on_the_command_line_is_nowhere(
    #[values(
        "--format=text",
        "--format=json",
        "--format=jsonl",
        "--format=markdown",
        "--dry-run"
    )]
    how: &str,
) {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let pasted = pasted(&engine);
    let log = home.path("sqlreach.log");
    let mut arguments = vec!["check", how, "--log-file", log.to_str().unwrap()];
    arguments.extend(pasted.iter().map(String::as_str));
    let ended = home.sqlreach(&arguments).await;
    assert!(ended.out.contains("127.0.0.1"), "{ended:?}");
    assert_untold(&home, &ended);
}

#[rstest]
#[tokio::test]
async fn a_password_on_standard_input_is_nowhere(
    #[values("json", "jsonl", "markdown")] format: &str,
) {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let list = pasted(&engine).join("\n");
    let ended = run(home.command(&["check", "--format", format, "-"]), list).await;
    assert!(ended.out.contains("answering"), "{ended:?}");
    assert_untold(&home, &ended);
}

/// The file that the user wrote has it; nothing else may. With a mistake, its line is quoted.
#[rstest]
#[case::good("", 0)]
#[case::a_key_that_nobody_knows(&format!("pasword = '{PASSWORD}'\n"), 2)]
#[case::a_target_that_cannot_be_read(&format!("[[instance]]\nserver = 'Server=db1/PROD;Password={PASSWORD}'\n"), 2)]
#[case::no_toml(&format!("[[instance]]\nserver = Server=db1;Password={PASSWORD}\n"), 2)]
#[tokio::test]
async fn a_password_in_the_configuration_is_nowhere_else(#[case] more: &str, #[case] status: i32) {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let servers: Vec<_> = pasted(&engine)
        .into_iter()
        .take(GOOD)
        .map(|server| format!("server = '{server}'\n"))
        .collect();
    let text = format!("[[instance]]\n{}{more}", servers.join("[[instance]]\n"));
    let elsewhere = tempfile::tempdir().unwrap();
    let config = elsewhere.path().join("sqlreach.toml");
    fs::write(&config, text).unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let ended = home
        .sqlreach(&[&["config", "check"], &config[..]].concat())
        .await;
    assert_eq!(ended.status, Some(status), "{ended:?}");
    assert_untold(&home, &ended);
    for command in [
        &["check"][..],
        &["check", "--format=json"],
        &["config", "show"],
    ] {
        assert_untold(&home, &home.sqlreach(&[command, &config].concat()).await);
    }
}

/// A connection string where something else belongs: the complaint does not repeat it whole.
#[rstest]
#[case(&["demo"], &[])]
#[case(&["config"], &[])]
#[case(&["config", "check"], &[])]
#[case(&["check", "--interval"], &["db1"])]
#[case(&["check", "--rate"], &["db1"])]
#[case(&["check", "--platform"], &["db1"])]
#[case(&["check", "--config"], &["db1"])]
#[case(&["check", "--log-file"], &["db1"])]
#[case(&[], &["check", "db1"])]
#[tokio::test]
async fn a_password_in_the_wrong_place_is_not_repeated(
    #[case] before: &[&str],
    #[case] after: &[&str],
) {
    // No file can have this name, so that none is written.
    let text = format!("/nowhere/Server=db1;Password={PASSWORD};Encrypt=true");
    let home = Home::new();
    let ended = home.sqlreach(&[before, &[&text], after].concat()).await;
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(!ended.err.is_empty());
    assert_untold(&home, &ended);
}

#[tokio::test]
async fn what_was_pasted_is_probed_and_shown_with_stars() {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let pasted = pasted(&engine);
    let mut arguments = vec!["check", "--format=json"];
    arguments.extend(pasted.iter().map(String::as_str));
    let document = home.sqlreach(&arguments).await.document();
    assert_eq!(
        states(&document),
        [vec!["answering"; GOOD], vec!["invalid"; 2]].concat()
    );
    for row in instances(&document) {
        assert!(
            row["target"].as_str().unwrap().contains("***"),
            "{}",
            row["target"]
        );
    }
}

#[cfg(unix)]
#[tokio::test]
async fn memory_and_log_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;

    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let log = home.path("sqlreach.log");
    let arguments = [
        "check",
        "--log-file",
        log.to_str().unwrap(),
        &crate::servers::target(&engine),
    ];
    assert_eq!(home.sqlreach(&arguments).await.status, Some(0));
    let memory = home.path("sqlreach/memory.json");
    for file in [memory, log] {
        let mode = fs::metadata(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

/// What every spelling below holds, however it is quoted or encoded.
const CORE: &str = "Geheim";

/// Every spelling of a secret that clients and their messages have, for a port where nobody is.
fn spellings() -> Vec<String> {
    [
        "Server=127.0.0.1,1;User Id=sa;Password=hunter2-Geheim;Encrypt=true",
        "Server=127.0.0.1,1;Uid=sa;PWD=hunter2-Geheim",
        "Server=127.0.0.1,1;pwd = hunter2-Geheim ;uid=sa",
        "Server=127.0.0.1,1;Password=\"hun;ter'2-Geheim\";User Id=sa",
        "Server=127.0.0.1,1;Password='hun;ter\"2-Geheim';User Id=sa",
        "Driver={ODBC Driver 18 for SQL Server};Server=127.0.0.1,1;UID=sa;PWD={hun;ter}}2-Geheim}",
        "Server=127.0.0.1,1;AccessToken=eyJ0eXAi.Geheim.abc",
        "jdbc:sqlserver://127.0.0.1:1;user=sa;password=hunter2-Geheim",
        "jdbc:sqlserver://127.0.0.1:1;user=sa;password={hun;ter2-Geheim};encrypt=true",
        "jdbc:sqlserver://127.0.0.1:1;user=sa;pwd=hunter2-Geheim",
        "jdbc:sqlserver://127.0.0.1:1;user=sa;accessToken=eyJ0eXAi.Geheim",
        "mssql+pyodbc://sa:hunter2-Geheim@127.0.0.1:1/master",
        "mssql://sa:hunter2%2DGeheim%3B@127.0.0.1:1/master",
        "sqlserver://sa:hunter2-Geheim@127.0.0.1:1?database=master",
        "sqlcmd -S 127.0.0.1,1 -U sa -P hunter2-Geheim",
        "sqlcmd -S 127.0.0.1,1 -U sa -P 'hunter2 Geheim'",
        "sqlcmd -S 127.0.0.1,1 -U sa -Phunter2-Geheim",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// One table of spellings, and every place where text of the program may end up: both of its
/// outputs, its log, memory, recording, configuration, documents and reports.
#[tokio::test]
async fn no_spelling_of_a_secret_reaches_any_output_or_file() {
    let all = spellings();
    let texts: Vec<&str> = all.iter().map(String::as_str).collect();
    let elsewhere = tempfile::tempdir().unwrap();
    let listed = elsewhere.path().join("list");
    fs::write(&listed, all.join("\n")).unwrap();
    let mut told = Vec::new();
    let mut look = |what: &str, home: &Home, ended: &Ended| {
        for (place, text) in traces(home, ended) {
            let lines = text.lines().filter(|line| line.contains(CORE));
            told.extend(lines.map(|line| format!("{what}: {place}: {line}")));
        }
    };
    for how in [
        "--format=text",
        "--format=json",
        "--format=jsonl",
        "--format=markdown",
        "--dry-run",
    ] {
        let home = Home::new();
        let log = home.path("sqlreach.log");
        let arguments = [
            &["check", how, "--log-file", log.to_str().unwrap()],
            &texts[..],
        ]
        .concat();
        look(how, &home, &home.sqlreach(&arguments).await);
    }
    let home = Home::new();
    look(
        "discover",
        &home,
        &home
            .sqlreach(&[&["discover", "--dry-run"], &texts[..]].concat())
            .await,
    );
    let import = ["config", "import", listed.to_str().unwrap()];
    look("import", &home, &home.sqlreach(&import).await);
    look("show", &home, &home.sqlreach(&["config", "show"]).await);
    for text in &texts {
        let home = Home::new();
        let message = format!("Connection to {text} failed: error 10061, actively refused it");
        for format in ["--format=text", "--format=json"] {
            look(
                text,
                &home,
                &home.sqlreach(&["explain", format, &message]).await,
            );
        }
        look(
            text,
            &home,
            &home.sqlreach(&["discover", "--dry-run", text]).await,
        );
        let wrong = home.sqlreach(&["check", "--rate", text, "db1"]).await;
        look(text, &home, &wrong);
        // The dashboard in lines, recorded, is told to end by the end of its output.
        let broken = format!("{text};Port=none/such");
        look(text, &home, &home.sqlreach(&["check", &broken]).await);
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
