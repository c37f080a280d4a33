//! Which server a message names.

use rstest::rstest;
use serde::Deserialize;

use crate::explain::explain;
use crate::target::{InstanceName, Port};

#[rstest]
#[case(
    "Failed to connect to lab.test:1433 in 15000ms",
    "lab.test",
    None,
    Some(1433)
)]
#[case(r"Failed to connect to db1\PROD in 15000ms", "db1", Some("PROD"), None)]
#[case(
    "Failed to connect to db1:1500 - connect ECONNREFUSED 10.0.4.12:1500",
    "db1",
    None,
    Some(1500)
)]
#[case(
    "A network-related or instance-specific error has occurred while establishing a connection to db1,1433. Server is not found",
    "db1",
    None,
    Some(1433)
)]
#[case(
    r"while establishing a connection to db1\PROD. Server is not found",
    "db1",
    Some("PROD"),
    None
)]
#[case(
    "The TCP/IP connection to the host db1, port 1500 has failed.",
    "db1",
    None,
    Some(1500)
)]
#[case(
    "The connection to the host db1, named instance prod failed.",
    "db1",
    Some("prod"),
    None
)]
#[case(
    "unable to open tcp connection with host 'db1:1500': dial tcp 10.0.0.1:1500: connect: connection refused",
    "db1",
    None,
    Some(1500)
)]
#[case("dial tcp 10.0.0.1:1433: i/o timeout", "10.0.0.1", None, Some(1433))]
#[case(
    "dial tcp [2001:db8::11]:1433: connect: connection refused",
    "2001:db8::11",
    None,
    Some(1433)
)]
#[case(
    "lookup db9.corp on 10.0.0.53:53: no such host",
    "db9.corp",
    None,
    None
)]
#[case("getaddrinfo ENOTFOUND db9", "db9", None, None)]
#[case(
    "no instance matching 'PROD' returned from host 'db1'",
    "db1",
    Some("PROD"),
    None
)]
#[case("Port for PROD not found in db1", "db1", Some("PROD"), None)]
#[case("Instance PROD not found on server db1", "db1", Some("PROD"), None)]
#[case(
    "Unable to connect: TDS server is unavailable or does not exist (db1)",
    "db1",
    None,
    None
)]
#[case(
    "Cannot connect to db1\\PROD.\nADDITIONAL INFORMATION:",
    "db1",
    Some("PROD"),
    None
)]
#[case(
    "pytds: Cannot connect to server 'db1': [Errno 111]",
    "db1",
    None,
    None
)]
#[case(
    "unable to get instances from Sql Server Browser on host db1: i/o timeout",
    "db1",
    None,
    None
)]
#[case("java.net.UnknownHostException: db9.corp", "db9.corp", None, None)]
#[case(
    "could not connect: Server=tcp:db1,1500;User ID=sa;Password=geheim;",
    "db1",
    None,
    Some(1500)
)]
#[case(
    "jdbc:sqlserver://db1:1500;databaseName=x failed",
    "db1",
    None,
    Some(1500)
)]
#[case(r"sqlcmd -S db1\PROD -U sa -P geheim", "db1", Some("PROD"), None)]
#[case(
    "mssql+pyodbc://sa:geheim@db1:1500/x?driver=y timed out",
    "db1",
    None,
    Some(1500)
)]
fn the_server_is_found(
    #[case] text: &str,
    #[case] host: &str,
    #[case] instance: Option<&str>,
    #[case] port: Option<u16>,
) {
    let target = explain(text)
        .target
        .unwrap_or_else(|| panic!("nothing in {text}"));
    assert_eq!(target.host.to_string(), host, "{text}");
    assert_eq!(
        target.instance.as_ref().map(InstanceName::as_str),
        instance,
        "{text}"
    );
    assert_eq!(target.port.map(Port::get), port, "{text}");
    assert!(!target.text.contains("geheim"), "{}", target.text);
}

#[rstest]
#[case("error 10061")]
#[case(
    "A network-related or instance-specific error occurred while establishing a connection to SQL Server. The server was not found"
)]
#[case("Unable to connect to the server")]
#[case("Login timeout expired")]
#[case("[unixODBC][FreeTDS][SQL Server]Unable to connect to data source")]
#[case("could not connect to the remote server: connection refused")]
fn where_no_server_is_named_none_is_invented(#[case] text: &str) {
    assert_eq!(explain(text).target, None);
}

/// One line of the corpus.
#[derive(Deserialize)]
struct Message {
    target: String,
    text: String,
}

#[test]
fn the_server_is_found_wherever_a_real_client_names_it() {
    let (mut named, mut missed) = (0_usize, Vec::new());
    for line in include_str!("../../../tests/data/client-errors.jsonl").lines() {
        let Message { target, text } = serde_json::from_str(line).unwrap();
        let server = target.split(' ').next().unwrap();
        let host = server.split([':', '\\']).next().unwrap();
        let read = explain(&text);
        let is_server = crate::target::parse(host).is_ok();
        if !read.is_connection_error || !text.contains(host) || !is_server {
            continue;
        }
        named += 1;
        let found = read.target.map(|target| target.host.to_string());
        if found.as_deref() != Some(host) {
            missed.push(format!("{server}, got {found:?}: {text}"));
        }
    }
    println!("{} of {named} servers found", named - missed.len());
    assert!(named > 200);
    assert!(missed.len() * 50 <= named, "{}", missed.join("\n\n"));
}
