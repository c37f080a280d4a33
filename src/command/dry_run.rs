//! `--dry-run`: what would be sent, to whom. Sends nothing.

use std::collections::HashSet;
use std::io::{self, Write};
use std::net::IpAddr;

use crate::config::{Config, Instance, Probe, duration, policy};
use crate::evidence::Senders;
use crate::policy::Policy;
use crate::probe;
use crate::target::{Host, Platform, Port, Target};

/// Open on nearly every Windows server, and on nearly every Linux server.
const SMB: u16 = 445;
const SSH: u16 = 22;
/// The administrator connection of a default instance.
const DAC: u16 = 1434;
/// The longest walk.
const PATH: u8 = 30;

/// Lists what one check of these instances would send at most, and what the dashboard
/// adds. `path`: the check is asked to walk paths.
pub fn list(config: &Config, path: bool, out: &mut impl Write) -> io::Result<()> {
    let mut asked = HashSet::new();
    let probe = &config.probe;
    for instance in &config.instances {
        self::instance(out, instance, config, path, &mut asked)?;
    }
    dashboard(out, probe)?;
    last_line(out, probe, &config.policy)
}

/// A path is walked only where the system names who answers.
fn walks() -> bool {
    probe::senders() == Senders::Named
}

/// How fast it would go, and that it did not.
pub fn last_line(out: &mut impl Write, probe: &Probe, policy: &Policy) -> io::Result<()> {
    if let Some(said) = policy::said(policy) {
        writeln!(
            out,
            "{said}; nothing is sent elsewhere, whatever is listed above"
        )?;
    }
    let rate = match probe.rate {
        Some(rate) => format!("at most {rate} new connections and datagrams a second"),
        None => "no limit to new connections and datagrams a second".to_owned(),
    };
    writeln!(out, "{rate}; nothing was sent")
}

/// Whether anything at all would be sent for it.
pub fn would_probe(instance: &Instance, policy: &Policy) -> bool {
    instance
        .target
        .as_ref()
        .is_ok_and(|target| target.over_tcp().is_ok() && !is_forbidden(&target.host, policy))
}

fn instance<'a>(
    out: &mut impl Write,
    instance: &'a Instance,
    config: &Config,
    path: bool,
    asked: &mut HashSet<&'a Host>,
) -> io::Result<()> {
    let probe = &config.probe;
    writeln!(out, "{}", instance.name)?;
    let target = match &instance.target {
        Ok(target) => target,
        Err(error) => return writeln!(out, "  nothing: {error}"),
    };
    if let Err(why) = target.over_tcp() {
        return writeln!(out, "  nothing: {why}");
    }
    let host = &target.host;
    if is_forbidden(host, &config.policy) {
        return writeln!(out, "  nothing: the policy of this machine forbids {host}");
    }
    if let Host::Name(name) = host {
        resolve(out, name.as_str(), probe)?;
    }
    if target.needs_browser() {
        let port = probe.browser_port;
        let first = asked.insert(host);
        let how = if first {
            "one datagram; while nothing answers, two more"
        } else {
            "the same datagram as above"
        };
        writeln!(out, "  browser   UDP {host} {port}, {how}")?;
    }
    let port = port(target);
    writeln!(
        out,
        "  connect   TCP {host} {port}, one connection to each address, ended by FIN"
    )?;
    writeln!(
        out,
        "  prelogin  one PRELOGIN on the first connection that opens; no login"
    )?;
    if probe.witnesses {
        looks(out, instance, target, probe)?;
        if path {
            administrator(out, instance, target, probe)?;
        }
        if path && walks() && !is_loopback(host) {
            writeln!(
                out,
                "  if it times out, is refused or no route leads there: up to {PATH} SYNs to TCP {host} \
                 {port}, one for each step of the path; if it is refused, as many to another port \
                 that answers"
            )?;
        }
    }
    Ok(())
}

/// Whether the policy is known to forbid a host; what a name stands for is not known yet.
pub fn is_forbidden(host: &Host, policy: &Policy) -> bool {
    match host {
        Host::Address(address) => !policy.allows(*address),
        Host::Local => !policy.allows(IpAddr::from([127, 0, 0, 1])),
        Host::Name(_) => false,
    }
}

/// What DNS itself is asked beside the system's resolver, which gives no reasons.
pub fn resolve(out: &mut impl Write, name: &str, probe: &Probe) -> io::Result<()> {
    if !probe.dns_servers.is_empty() {
        let servers: Vec<String> = probe.dns_servers.iter().map(ToString::to_string).collect();
        let servers = servers.join(", ");
        return writeln!(
            out,
            "  resolve   {name} (A and AAAA) at {servers}; unanswered questions once more"
        );
    }
    writeln!(
        out,
        "  resolve   {name} (A and AAAA) at the system's resolver"
    )?;
    let names = if name.ends_with('.') {
        "the same name"
    } else {
        "the same name, also under the suffixes of the search list (up to 8 names)"
    };
    writeln!(
        out,
        "  explain   {names} at up to 3 of the system's DNS servers; unanswered questions once more"
    )
}

/// The extra looks at what failed.
fn looks(
    out: &mut impl Write,
    instance: &Instance,
    target: &Target,
    probe: &Probe,
) -> io::Result<()> {
    let host = &target.host;
    match telling(instance, target) {
        Some(telling) => writeln!(
            out,
            "  if it fails: TCP {host} 1, then TCP {host} {telling}, once each"
        )?,
        None => writeln!(out, "  if it fails: TCP {host} 1, once")?,
    }
    if target.needs_browser() {
        let port = probe.browser_port;
        writeln!(
            out,
            "  if Browser does not answer: UDP {host} {port}, its other question, once, and TCP \
             {host} on the port where it answered before, if that is known"
        )?;
    } else {
        let port = probe.browser_port;
        writeln!(
            out,
            "  if the port fails: UDP {host} {port}, Browser's list, once, and TCP {host} on the \
             port that it lists for the instance, once"
        )?;
    }
    Ok(())
}

/// Whether the port of the administrator connection opens. Asked for by hand only.
fn administrator(
    out: &mut impl Write,
    instance: &Instance,
    target: &Target,
    probe: &Probe,
) -> io::Result<()> {
    let host = &target.host;
    let is_default = target.port.is_none_or(|port| port == Port::DEFAULT);
    let is_cloud = matches!(
        instance.declared.platform,
        Some(Platform::Azure | Platform::Rds)
    );
    match &target.instance {
        _ if is_cloud => Ok(()),
        Some(_) => {
            let port = probe.browser_port;
            writeln!(
                out,
                "  if the engine is silent or slow: UDP {host} {port}, the question for the port \
                 of the administrator connection, once, and TCP {host} on that port, once; no login"
            )
        }
        None if is_default => writeln!(
            out,
            "  if the engine is silent or slow: TCP {host} {DAC}, the administrator connection, \
             once; no login"
        ),
        None => Ok(()),
    }
}

/// The port that tells whether the host is alive, as far as it is known beforehand.
fn telling(instance: &Instance, target: &Target) -> Option<String> {
    let docker = |v4: &std::net::Ipv4Addr| v4.octets()[..2] == [172, 17];
    let (port, or) = match (instance.declared.platform, &target.host) {
        (_, host) if is_loopback(host) => return None,
        (Some(Platform::Azure | Platform::Rds), _) => return None,
        (Some(Platform::Linux | Platform::Container), _) => (SSH, ""),
        (None, Host::Address(IpAddr::V4(v4))) if docker(v4) => (SSH, ""),
        (Some(Platform::Windows), _) | (None, Host::Address(_)) => (SMB, ""),
        (None, _) => (SMB, " (22 where its address is docker's, 172.17.0.0/16)"),
    };
    (target.port.map(Port::get) != Some(port)).then(|| format!("{port}{or}"))
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Local => true,
        Host::Address(address) => address.is_loopback(),
        Host::Name(name) => name.as_str().eq_ignore_ascii_case("localhost"),
    }
}

/// What a dashboard on the same instances sends beyond one check.
fn dashboard(out: &mut impl Write, probe: &Probe) -> io::Result<()> {
    writeln!(
        out,
        "check sends this once. The dashboard asks Browser once and DNS when a name is new, slow or \
         fails, every {}.\nWhen an instance begins to fail, it sends all of the above again after \
         a second{}",
        duration::text(probe.interval),
        if probe.witnesses { "," } else { "." },
    )?;
    if probe.witnesses {
        writeln!(
            out,
            "and where that times out or no route leads there, up to {PATH} SYNs, one for each step of the path."
        )?;
        if walks() {
            writeln!(
                out,
                "Asked to probe again (r), it walks the path of a port that is refused as well, and that of \
                 another port that answers."
            )?;
        }
        if !probe.witness_ports.is_empty() {
            let ports: Vec<String> = probe.witness_ports.iter().map(Port::to_string).collect();
            writeln!(
                out,
                "Asked to probe again (r), it also looks at TCP {}.",
                ports.join(", ")
            )?;
        }
    }
    Ok(())
}

fn port(target: &Target) -> String {
    match (target.port, target.needs_browser()) {
        (Some(port), _) => port.to_string(),
        (None, true) => "on the port that Browser gives".to_owned(),
        (None, false) => Port::DEFAULT.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Test;
    use rstest::rstest;
    use std::path::Path;

    fn listed(config: &str, path: bool) -> String {
        let config = Config::parse(config, Path::new("sqlreach.toml")).unwrap();
        let mut out = Vec::new();
        list(&config, path, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[rstest]
    #[case::windows(
        "'db1'\nplatform = 'windows'",
        "TCP db1 1, then TCP db1 445, once each"
    )]
    #[case::linux("'db1'\nplatform = 'linux'", "TCP db1 1, then TCP db1 22, once each")]
    #[case::container(
        "'db1'\nplatform = 'container'",
        "TCP db1 1, then TCP db1 22, once each"
    )]
    #[case::cloud("'db1'\nplatform = 'azure'", "TCP db1 1, once")]
    #[case::loopback("'127.0.0.1'", "TCP 127.0.0.1 1, once")]
    #[case::docker("'172.17.0.2'", "TCP 172.17.0.2 1, then TCP 172.17.0.2 22, once each")]
    #[case::undeclared("'db1'", "TCP db1 1, then TCP db1 445 (22 where")]
    #[case::its_own_port("'10.0.0.1,445'", "TCP 10.0.0.1 1, once")]
    fn the_telling_port_is_the_one_that_the_diagnosis_would_ask_for(
        #[case] server: &str,
        #[case] expected: &str,
    ) {
        let said = listed(&format!("[[instance]]\nserver = {server}\n"), false);
        let line = format!("if it fails: {expected}");
        assert!(said.contains(&line), "{said}");
    }

    /// The line that promises a look; a new kind of look does not compile without one.
    fn line(test: Test) -> &'static str {
        match test {
            Test::ClosedPort { .. } => "if it fails: TCP db1 1,",
            Test::Port { .. } => "then TCP db1 445",
            Test::BrowserList { .. } => "if the port fails: UDP db1 1434, Browser's list, once",
            Test::BrowserName { .. } => "if Browser does not answer: UDP db1 1434, its other",
            Test::Dac { .. } => "if the engine is silent or slow: TCP db1 1434, the administrator",
            Test::Path { .. } => "up to 30 SYNs to TCP db1",
        }
    }

    #[test]
    fn every_look_that_a_diagnosis_may_ask_for_has_its_line() {
        let said = listed(
            "[[instance]]\nserver = 'db1'\n[[instance]]\nserver = 'db1\\PROD'\n",
            true,
        );
        let address = IpAddr::from([10, 0, 0, 1]);
        let (port, endpoint) = (Port::DEFAULT, (address, 1433).into());
        let looks = [
            Test::ClosedPort { address },
            Test::Port { address, port },
            Test::BrowserList { address },
            Test::BrowserName { address },
            Test::Dac { address },
        ];
        let walk = walks().then_some(Test::Path { endpoint });
        for test in looks.into_iter().chain(walk) {
            assert!(said.contains(line(test)), "{test:?}: {said}");
        }
    }

    #[rstest]
    #[case::named(r"'db1\PROD'", true, true)]
    #[case::default("'db1'", true, true)]
    #[case::not_asked_for("'db1'", false, false)]
    #[case::a_port_alone_says_nothing_of_it("'db1,1500'", true, false)]
    #[case::a_cloud_has_none("'db1'\nplatform = 'azure'", true, false)]
    fn the_administrator_connection_is_listed_where_it_is_looked_at(
        #[case] server: &str,
        #[case] by_hand: bool,
        #[case] expected: bool,
    ) {
        let said = listed(&format!("[[instance]]\nserver = {server}\n"), by_hand);
        assert_eq!(
            said.contains("administrator connection"),
            expected,
            "{said}"
        );
    }

    #[rstest]
    #[case::the_system("", "explain   the same name, also under the suffixes")]
    #[case::given(
        "[probe]\ndns_servers = ['10.0.0.53']\n",
        "(A and AAAA) at 10.0.0.53:53; unanswered"
    )]
    fn questions_to_dns_servers_are_listed(#[case] probe: &str, #[case] expected: &str) {
        let said = listed(&format!("{probe}[[instance]]\nserver = 'db1'\n"), false);
        assert!(said.contains(expected), "{said}");
    }

    #[rstest]
    #[case::asked_for("'db1'", true, true)]
    #[case::not_asked_for("'db1'", false, false)]
    #[case::nothing_lies_between("'::1'", true, false)]
    fn the_path_walk_of_a_check_is_listed(
        #[case] server: &str,
        #[case] path: bool,
        #[case] expected: bool,
    ) {
        let said = listed(&format!("[[instance]]\nserver = {server}\n"), path);
        assert_eq!(said.contains("  if it times out"), expected, "{said}");
    }

    #[test]
    fn what_the_dashboard_adds_is_listed() {
        let said = listed("[[instance]]\nserver = 'db1'\n", false);
        for part in [
            "every 15s",
            "again after a second",
            "up to 30 SYNs",
            "445, 135, 3389, 5985",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let none = listed(
            "[probe]\nwitnesses = false\n[[instance]]\nserver = 'db1'\n",
            true,
        );
        for part in ["SYNs", "if it fails", "3389"] {
            assert!(!none.contains(part), "{part}: {none}");
        }
    }
}
