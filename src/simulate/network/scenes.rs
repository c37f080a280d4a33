//! The instances of the demo, one function each: what is set up, and what it shows.

use std::io;
use std::net::Ipv6Addr;
use std::time::Duration;

use super::Kind;
use super::stage::{Stage, unknown};
use crate::simulate::browser::{Behaviour, Listing};
use crate::simulate::engine::Profile;
use crate::simulate::fault::Fault;
use crate::simulate::layout::Layout;
use crate::wire::tds::{Encryption, Version};

/// Longer than the second that drivers wait for Browser, shorter than a probe's patience.
const LATE: Duration = Duration::from_millis(1300);

/// Sets all of them up, in the order to show.
pub async fn play(stage: &mut Stage) -> io::Result<()> {
    sales(stage).await?;
    stopped_default_instance(stage)?;
    stopped_named_instance(stage)?;
    stale_browser_port(stage).await?;
    tcp_disabled(stage);
    browser_off(stage).await?;
    dropped(stage)?;
    hung_engine(stage).await?;
    proxy_without_backend(stage).await?;
    web_server(stage).await?;
    another_instance(stage).await?;
    names_with_a_dead_address(stage).await?;
    unknown_name(stage);
    late_browser(stage).await?;
    ipv6(stage).await
}

fn profile(instance: &str, major: u8, build: u16) -> Profile {
    let version = Version {
        major,
        minor: 0,
        build,
        sub_build: 0,
    };
    Profile {
        instance: instance.to_owned(),
        version,
        ..Profile::default()
    }
}

/// One host with a default and a named instance, and a name that somebody mistyped.
async fn sales(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("sales01", 11);
    let port = stage.engine(host, 1433, Profile::default()).await?;
    stage.lists(host, Listing::new("sales01", "MSSQLSERVER", Some(port)));
    stage
        .member("Sales", &name, port)
        .shows("answering", "A healthy default instance.")
        .tagged(&["prod", "sales"])
        .noted("Web shop and tills. Call the sales duty before any restart.");

    let forced = Profile {
        encryption: Encryption::Required,
        ..profile("PROD", 15, 4430)
    };
    let port = stage.engine(host, 50_123, forced).await?;
    stage.lists(
        host,
        Listing::new("sales01", "PROD", Some(port)).of_version("15.0.2000.5"),
    );
    stage
        .named_member("Sales PROD", &name, "PROD")
        .shows(
            "answering",
            "A healthy named instance on a dynamic port, which Browser knows.",
        )
        .tagged(&["prod", "sales"]);
    stage
        .named_member("Sales PRDO", &name, "PRDO")
        .shows(
            "not-located",
            "A wrong instance name: Browser stays silent about it and lists the others.",
        )
        .tagged(&["prod", "sales"])
        .noted("From the ticket, as the developer typed it.");
    Ok(())
}

fn stopped_default_instance(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("erp01", 12);
    let port = stage.closed(host, 1433)?;
    stage
        .member("ERP", &name, port)
        .shows(
            "refused",
            "Error 10061: the host answers and nothing listens on 1433.",
        )
        .tagged(&["prod", "finance"]);
    Ok(())
}

fn stopped_named_instance(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("hr01", 13);
    let port = stage.closed(host, 50_321)?;
    stage.lists(host, Listing::new("hr01", "PAYROLL", Some(port)));
    stage
        .named_member("Payroll", &name, "PAYROLL")
        .shows(
            "refused",
            "A stopped named instance: Browser still lists its last port, which refuses.",
        )
        .tagged(&["prod", "hr"]);
    Ok(())
}

async fn stale_browser_port(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("crm01", 14);
    stage.engine(host, 50_445, profile("CRM", 16, 4236)).await?;
    let former = stage.closed(host, 50_444)?;
    stage.lists(host, Listing::new("crm01", "CRM", Some(former)));
    stage
        .named_member("CRM", &name, "CRM")
        .shows(
            "refused",
            "Browser advertises a stale port: the engine runs on another one.",
        )
        .tagged(&["prod", "sales"])
        .noted("The port was changed on Friday.");
    Ok(())
}

fn tcp_disabled(stage: &mut Stage) {
    let (name, host) = stage.host("legacy01", 15);
    let listing = Listing::new("legacy01", "SQL2008", None)
        .of_version("10.50.6000.34")
        .with_pipe(r"\\LEGACY01\pipe\MSSQL$SQL2008\sql\query");
    stage.lists(host, listing);
    stage
        .named_member("Legacy", &name, "SQL2008")
        .shows(
            "not-located",
            "TCP/IP is disabled: Browser lists the instance without a port.",
        )
        .tagged(&["test"]);
}

async fn browser_off(stage: &mut Stage) -> io::Result<()> {
    let host = stage.layout.lonely_host(16);
    let name = stage.named("fin01", &[host]);
    // A machine without IPv6 has no second host where ports take the place of addresses.
    let running = stage
        .engine(host, 50_555, profile("LEDGER", 16, 1135))
        .await;
    if running.is_ok() || matches!(stage.layout, Layout::Addresses { .. }) {
        running?;
        stage
            .named_member("Ledger", &name, "LEDGER")
            .shows(
                "not-located",
                "Browser is off: the instance runs, and nobody tells its port.",
            )
            .tagged(&["prod", "finance"]);
    }
    Ok(())
}

fn dropped(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("dmz01", 17);
    if let Some(port) = stage.black_hole(host, 1433)? {
        stage
            .member("Partner", &name, port)
            .shows(
                "timed-out",
                "Something on the way drops every packet to the port.",
            )
            .tagged(&["prod", "dmz"]);
    }
    Ok(())
}

async fn hung_engine(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("bi01", 18);
    let port = stage.engine_with_dac(host, Fault::Silent).await?;
    stage
        .member("Warehouse", &name, port)
        .shows(
            "silent",
            "A hung engine: the port opens and nothing answers.",
        )
        .tagged(&["prod", "bi"])
        .is_a(Kind::Fci)
        .noted("Failover cluster BI01A, BI01B.");
    Ok(())
}

async fn proxy_without_backend(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("k8s01", 19);
    let port = stage.engine(host, 1433, Fault::Closes).await?;
    stage
        .member("Orders", &name, port)
        .shows(
            "hung-up",
            "A proxy without a backend: it opens and closes at once.",
        )
        .tagged(&["test", "kubernetes"]);
    Ok(())
}

async fn web_server(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("web01", 20);
    let port = stage.engine(host, 8080, Fault::Http).await?;
    stage
        .target("Intranet", format!("{name},{port}"))
        .shows("not-sql", "A web server holds the port.")
        .tagged(&["test"]);
    Ok(())
}

async fn another_instance(stage: &mut Stage) -> io::Result<()> {
    let (name, host) = stage.host("test01", 21);
    let port = stage.engine(host, 50_666, profile("DEV", 14, 3456)).await?;
    stage.lists(host, Listing::new("test01", "QA", Some(port)));
    stage
        .named_member("QA", &name, "QA")
        .shows(
            "wrong-instance",
            "Another instance took the port: many drivers would connect to it.",
        )
        .tagged(&["test"]);
    Ok(())
}

/// Two names, each with one address that answers and one that does not: a fault for one,
/// the nature of the other.
async fn names_with_a_dead_address(stage: &mut Stage) -> io::Result<()> {
    let live = stage.layout.host(22);
    let dead = stage.layout.lonely_host(23);
    let port = stage
        .engine(live, 1433, profile("MSSQLSERVER", 16, 4165))
        .await?;
    // In one layout the port is the host's, in the other any: the dead one needs the same.
    // Where nothing can drop, an address on which nothing listens is as dead.
    if matches!(stage.layout, Layout::Addresses { .. }) && stage.black_hole(dead, 1433)?.is_none() {
        stage.closed(dead, 1433)?;
    }

    let name = stage.named("aglist01", &[live, dead]);
    let listener = stage.member("Billing", &name, port);
    listener.expected_live = Some(1);
    listener
        .is_a(Kind::AgListener)
        .shows("answering", "A listener over two subnets: one of its addresses is always silent, and that is right.")
        .tagged(&["prod", "finance"]);

    let name = stage.named("reports01", &[live, dead]);
    stage
        .member("Reports", &name, port)
        .shows(
            "degraded",
            "One of two addresses is dead: clients that try it first time out.",
        )
        .tagged(&["prod", "bi"]);
    Ok(())
}

fn unknown_name(stage: &mut Stage) {
    stage
        .member("Archive", &unknown("archive01"), 1433)
        .shows("unresolved", "The name does not exist in DNS.")
        .tagged(&["test"]);
}

async fn late_browser(stage: &mut Stage) -> io::Result<()> {
    // One address has one Browser, so a second one needs a second address.
    if stage.layout == Layout::Ports {
        return Ok(());
    }
    let (name, host) = stage.host("ops01", 24);
    let port = stage.engine(host, 50_777, profile("OPS", 13, 6300)).await?;
    stage.lists_with(
        host,
        Behaviour::Late(LATE),
        Listing::new("ops01", "OPS", Some(port)).of_version("13.0.6300.2"),
    );
    stage
        .named_member("Operations", &name, "OPS")
        .shows(
            "degraded",
            "Browser answers after 1.3 seconds: most drivers give up after one.",
        )
        .tagged(&["prod"]);
    Ok(())
}

async fn ipv6(stage: &mut Stage) -> io::Result<()> {
    let host = Ipv6Addr::LOCALHOST.into();
    let container = || Profile {
        encryption: Encryption::NotSupported,
        ..profile("MSSQLSERVER", 17, 4045)
    };
    // There is one ::1 for all networks of this machine, so its port may be any; or none, without IPv6.
    let mut port = stage.engine(host, 1433, container()).await;
    if port.is_err() {
        port = stage.engine_anywhere(host, container()).await;
    }
    if let Ok(port) = port {
        stage
            .target("Container", format!("tcp:[::1],{port}"))
            .shows(
                "answering",
                "A healthy instance on IPv6, without a certificate.",
            )
            .tagged(&["dev"]);
    }
    Ok(())
}
