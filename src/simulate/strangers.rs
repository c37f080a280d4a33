//! Programs that nobody here wrote take the simulated engine for SQL Server: nmap and
//! FreeTDS (Debian: nmap, freetds-bin). Where one is not installed, its test says so.

use std::process::{Command, Output};

use crate::simulate::engine::{Engine, Profile};
use crate::wire::tds::{Encryption, Version};

/// Runs beside the servers, which live on the runtime of the test; `None` where it is not installed.
async fn run(mut command: Command) -> Option<String> {
    let name = command.get_program().to_owned();
    match tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
    {
        Ok(Output { stdout, stderr, .. }) => {
            Some(String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
        }
        Err(error) => {
            eprintln!("not tested: {} does not run: {error}", name.display());
            None
        }
    }
}

async fn engine() -> Engine {
    let version = Version {
        major: 15,
        minor: 0,
        build: 2000,
        sub_build: 0,
    };
    let profile = Profile {
        version,
        encryption: Encryption::NotSupported,
        ..Profile::default()
    };
    Engine::start("127.0.0.1:0".parse().unwrap(), profile)
        .await
        .unwrap()
}

fn tsql(arguments: &[&str]) -> Command {
    let mut tsql = Command::new("tsql");
    tsql.env("TDSVER", "7.4")
        .args(arguments)
        .args(["-U", "sa", "-P", "x"]);
    tsql.stdin(std::process::Stdio::null());
    tsql
}

#[tokio::test]
async fn freetds_gets_past_prelogin_and_reads_the_rejection() {
    let engine = engine().await;
    let port = engine.address().port().to_string();
    if let Some(said) = run(tsql(&["-H", "127.0.0.1", "-p", &port])).await {
        assert!(said.contains("Msg 18456 (severity 14, state 1)"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn freetds_finds_a_named_instance_through_browser_and_misses_a_stopped_one() {
    let network = crate::simulate::Network::start().await.unwrap();
    if network.browser_port() != 1434 {
        return eprintln!("not tested: UDP 1434 is taken");
    }
    for (host, instance, expected) in [
        (11, "PROD", "Unexpected EOF"), // past PRELOGIN, which demands TLS
        (13, "PAYROLL", "Connection refused"), // the port that Browser remembers
    ] {
        let server = format!("{}\\{instance}", network.layout().host(host));
        if let Some(said) = run(tsql(&["-S", &server])).await {
            assert!(said.contains(expected), "{server}: {said}");
        }
    }
}

#[tokio::test]
async fn nmap_takes_it_for_sql_server() {
    let engine = engine().await;
    let port = engine.address().port().to_string();
    let mut nmap = Command::new("nmap");
    // Without --version-all the right probe is not sent to a port that is not 1433.
    nmap.args([
        "-sV",
        "-Pn",
        "-n",
        "--version-all",
        "-p",
        &port,
        "127.0.0.1",
    ]);
    if let Some(said) = run(nmap).await {
        assert!(
            said.contains("ms-sql-s Microsoft SQL Server 2019"),
            "{said}"
        );
    }
}
