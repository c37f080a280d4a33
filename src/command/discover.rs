//! `sqlreach discover`: what Browser on these hosts lists, and whether it is true.

mod hosts;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write, stdout};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;

use self::hosts::Asked;
use super::{ALL_WELL, SOME_FAIL, dress, dry_run, setup};
use crate::cli::{Common, Discover, DocumentFormat};
use crate::config::Config;
use crate::diagnosis::audit::{anything_answers, compare};
use crate::monitor::{Memory, network_settings};
use crate::output::audit::{self, Audited};
use crate::output::text::Dress;
use crate::probe::Network;
use crate::target::{Host, Port};

/// Hosts that are audited at a time; each has at most eight connections.
const MOST_HOSTS: usize = 16;

/// Audits the hosts. Nothing is sent to any of them where one cannot be read.
pub fn run(options: &Discover, common: &Common) -> anyhow::Result<u8> {
    let config = setup::config(&[], common)?;
    let memory = setup::memory_file().map(|path| Memory::open(&path).0);
    let texts = setup::texts(&options.hosts)?;
    let hosts = hosts::read(&texts, &config.instances, memory.as_ref())?;
    let mut out = BufWriter::new(stdout());
    if common.dry_run {
        list(&hosts, &config, &mut out)?;
        return Ok(ALL_WELL);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut printer = Printer {
        format: options.format,
        dress: dress(common),
        out,
        started: Timestamp::now(),
        hosts: Vec::new(),
        count: 0,
        differences: 0,
        silent: 0,
    };
    let ended = runtime.block_on(async {
        let network = Network::new(network_settings(&config.probe, &config.policy))?;
        let mut audits = stream::iter(&hosts)
            .map(|asked| {
                let network = &network;
                async move { (asked, network.audit(&asked.request()).await) }
            })
            .buffered(MOST_HOSTS);
        let mut written = Ok(());
        while let Some((asked, audit)) = audits.next().await {
            written = printer.take(Audited {
                host: asked.host.to_string(),
                audit,
            });
            // Nobody reads: then nothing more is sent.
            if written.is_err() {
                break;
            }
        }
        drop(audits);
        network.finish().await;
        anyhow::Ok(written)
    });
    // A detached getaddrinfo may still hang; nobody waits for it.
    runtime.shutdown_background();
    ended??;
    printer.end()
}

/// Prints hosts as they come, and counts.
struct Printer {
    format: DocumentFormat,
    dress: Dress,
    out: BufWriter<io::Stdout>,
    started: Timestamp,
    /// Kept for the one document only.
    hosts: Vec<Audited>,
    count: usize,
    differences: usize,
    /// Hosts on which nothing answered.
    silent: usize,
}

impl Printer {
    fn take(&mut self, audited: Audited) -> io::Result<()> {
        self.count += 1;
        self.silent += usize::from(!anything_answers(&audited.audit));
        let compared = compare(&audited.audit);
        self.differences += compared
            .iter()
            .map(|compared| compared.all().count())
            .sum::<usize>();
        match self.format {
            DocumentFormat::Text => {
                audit::host(&mut self.out, &audited, &compared, self.dress)?;
                // Whoever waits for a list of hosts sees each as soon as it is known.
                self.out.flush()
            }
            DocumentFormat::Json => {
                self.hosts.push(audited);
                Ok(())
            }
        }
    }

    fn end(mut self) -> anyhow::Result<u8> {
        match self.format {
            DocumentFormat::Text => audit::summary(&mut self.out, self.count, self.differences)?,
            DocumentFormat::Json => {
                let vantage = setup::vantage();
                audit::document(&mut self.out, &vantage, self.started, &self.hosts)?;
            }
        }
        self.out.flush()?;
        Ok(if self.differences + self.silent == 0 {
            ALL_WELL
        } else {
            SOME_FAIL
        })
    }
}

/// `--dry-run`: what would be sent, to whom.
fn list(hosts: &[Asked], config: &Config, out: &mut impl Write) -> io::Result<()> {
    let probe = &config.probe;
    for Asked { host, known } in hosts {
        writeln!(out, "{host}")?;
        if dry_run::is_forbidden(host, &config.policy) {
            writeln!(out, "  nothing: the policy of this machine forbids it")?;
            continue;
        }
        if let Host::Name(name) = host {
            dry_run::resolve(out, name.as_str(), probe)?;
        }
        let port = probe.browser_port;
        writeln!(
            out,
            "  browser   UDP {host} {port}, the question for all instances, to at most 4 addresses; \
             while nothing answers, two more"
        )?;
        let known = known.iter().map(|(_, port)| port.get());
        let ports: BTreeSet<u16> = known.chain([Port::DEFAULT.get()]).collect();
        let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
        let ports = ports.join(", ");
        writeln!(
            out,
            "  connect   TCP {host} {ports}, and each port that Browser lists: one connection for \
             each instance there, ended by FIN, at most 64 an address and 8 at a time"
        )?;
        writeln!(
            out,
            "  prelogin  one PRELOGIN on each, in its instance's name; no login. Where another \
             instance answers, up to 4 more to learn which"
        )?;
    }
    dry_run::last_line(out, probe, &config.policy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_lists_each_port_once() {
        let texts = ["db1,1433", "db1,1500", r"db1\A,1433"].map(str::to_owned);
        let hosts = hosts::read(&texts, &[], None).unwrap();
        let mut out = Vec::new();
        list(&hosts, &Config::default(), &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        assert!(said.contains("TCP db1 1433, 1500, and each"), "{said}");
    }
}
