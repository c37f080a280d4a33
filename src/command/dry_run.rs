//! `--dry-run`: what would be sent, to whom. Sends nothing.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::config::{Config, Instance, Probe};
use crate::target::{Host, Port, Target};

/// Lists what one cycle over these instances would send.
pub fn list(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let mut asked = HashSet::new();
    for instance in &config.instances {
        self::instance(out, instance, &config.probe, &mut asked)?;
    }
    let probe = &config.probe;
    let rate = match probe.rate {
        Some(rate) => format!("at most {rate} new connections and datagrams a second"),
        None => "no limit to new connections and datagrams a second".to_owned(),
    };
    writeln!(out, "{rate}; nothing was sent")
}

/// Whether anything at all would be sent for it.
pub fn would_probe(instance: &Instance) -> bool {
    instance
        .target
        .as_ref()
        .is_ok_and(|target| target.over_tcp().is_ok())
}

fn instance<'a>(
    out: &mut impl Write,
    instance: &'a Instance,
    probe: &Probe,
    asked: &mut HashSet<&'a Host>,
) -> io::Result<()> {
    writeln!(out, "{}", instance.name)?;
    let target = match &instance.target {
        Ok(target) => target,
        Err(error) => return writeln!(out, "  nothing: {error}"),
    };
    if let Err(why) = target.over_tcp() {
        return writeln!(out, "  nothing: {why}");
    }
    let host = &target.host;
    if let Host::Name(name) = host {
        writeln!(
            out,
            "  resolve   {name} (A and AAAA) at {}",
            resolver(probe)
        )?;
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
        writeln!(
            out,
            "  if it fails: TCP {host} 1, then one of TCP 445 and 22, once each"
        )?;
        if target.needs_browser() {
            let port = probe.browser_port;
            writeln!(
                out,
                "  if Browser does not answer: UDP {host} {port}, its other question, once"
            )?;
        }
    }
    Ok(())
}

fn resolver(probe: &Probe) -> String {
    if probe.dns_servers.is_empty() {
        return "the system's resolver".to_owned();
    }
    let servers: Vec<String> = probe.dns_servers.iter().map(ToString::to_string).collect();
    servers.join(", ")
}

fn port(target: &Target) -> String {
    match (target.port, target.needs_browser()) {
        (Some(port), _) => port.to_string(),
        (None, true) => "on the port that Browser gives".to_owned(),
        (None, false) => Port::DEFAULT.to_string(),
    }
}
