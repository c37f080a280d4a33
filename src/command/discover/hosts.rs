//! The hosts of the command line, and what is known of their ports.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use anyhow::bail;

use crate::config::Instance;
use crate::monitor::Memory;
use crate::probe::AuditRequest;
use crate::target::{Host, InstanceName, Port, Target, clean, parse};

/// What is shown of a text that is refused.
const SHOWN: usize = 64;

/// One host to audit, and where its instances should be.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub host: Host,
    pub known: Vec<(Option<InstanceName>, Port)>,
}

/// What makes two hosts one: the case of a name does not tell them apart.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Name(String),
    Other(Host),
}

impl From<&Host> for Key {
    fn from(host: &Host) -> Self {
        match host {
            Host::Name(name) => Self::Name(name.as_str().to_ascii_lowercase()),
            other => Self::Other(other.clone()),
        }
    }
}

impl Asked {
    pub fn request(&self) -> AuditRequest {
        AuditRequest {
            host: self.host.clone(),
            known: self.known.clone(),
            deadlines: None,
        }
    }

    fn learn(&mut self, instance: &Instance, target: &Target, memory: Option<&Memory>) {
        let remembered = memory.and_then(|memory| memory.recall(instance)?.last_good);
        let remembered = remembered.map(|good| good.port);
        for port in target.port.into_iter().chain(remembered) {
            let pair = (target.instance.clone(), port);
            if !self.known.contains(&pair) {
                self.known.push(pair);
            }
        }
    }
}

/// Reads the hosts, each once and in their order. What the command line says of their
/// ports is known, and what the configuration and the memory say.
pub fn read(
    texts: &[String],
    configured: &[Arc<Instance>],
    memory: Option<&Memory>,
) -> anyhow::Result<Vec<Asked>> {
    let mut hosts: Vec<Asked> = Vec::new();
    let mut places = HashMap::new();
    for text in texts {
        refuse_range(text)?;
        let target = parse(text)?;
        target.over_tcp()?;
        let at = *places.entry(Key::from(&target.host)).or_insert_with(|| {
            hosts.push(Asked {
                host: target.host.clone(),
                known: Vec::new(),
            });
            hosts.len() - 1
        });
        hosts[at].learn(&Instance::from_text(text), &target, memory);
    }
    if hosts.is_empty() {
        bail!("no host to ask: standard input has none");
    }
    for instance in configured {
        let Ok(target) = &instance.target else {
            continue;
        };
        let at = places.get(&Key::from(&target.host));
        if let Some(&at) = at.filter(|_| target.over_tcp().is_ok()) {
            hosts[at].learn(instance, target, memory);
        }
    }
    Ok(hosts)
}

/// One host is asked what it has; who wants to know what is in a network has other tools.
fn refuse_range(text: &str) -> anyhow::Result<()> {
    if is_range(text) {
        bail!(
            "'{}' is a range: ranges are never scanned, name each host",
            clean(text.trim(), SHOWN)
        );
    }
    Ok(())
}

/// CIDR, wildcards, brackets, and two addresses with a dash between them.
fn is_range(text: &str) -> bool {
    let text = text.trim();
    let text = text.strip_prefix("tcp:").unwrap_or(text);
    // Connection strings, URLs and options may hold such characters, in a password above all.
    let is_option = |word: &str| word.starts_with('-') && word.len() > 1;
    if text.contains('=') || text.contains("://") || text.split_whitespace().any(is_option) {
        return false;
    }
    let host = text.split([',', '\\']).next().unwrap_or(text).trim();
    let is_address = |text: &str| text.trim().parse::<IpAddr>().is_ok();
    let is_numeric = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.');
    let cidr = host.split_once('/').is_some_and(|(network, mask)| {
        (is_address(network) || is_numeric(network)) && is_numeric(mask)
    });
    let between = host.split_once(['-', '–', '—']).is_some_and(|(from, to)| {
        is_address(from.trim()) && (is_address(to) || is_numeric(to.trim()))
            || from.contains('.') && is_numeric(from.trim()) && is_numeric(to.trim())
    });
    // `[::1]` is an address, `db[1-9]` are many hosts.
    let many = host.contains(['*', '?', '{']) || host.find('[').is_some_and(|at| at > 0);
    cidr || between || many
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn read_all(texts: &[&str], configured: &[&str]) -> anyhow::Result<Vec<Asked>> {
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        let configured = configured.iter().map(|text| Instance::from_text(text));
        read(&texts, &configured.map(Arc::new).collect::<Vec<_>>(), None)
    }

    #[rstest]
    #[case("10.0.0.0/24")]
    #[case("tcp:10.0.0.0/24")]
    #[case("10.0.0/24")]
    #[case("fd00::/64")]
    #[case("10.0.0.0/255.255.255.0")]
    #[case("10.0.0.*")]
    #[case("10.0.?.1")]
    #[case("*.corp.example")]
    #[case("10.0.0.1-10.0.0.9")]
    #[case("10.0.0.1 - 10.0.0.9")]
    #[case("10.0.0.1-50")]
    #[case("10.0.0-5.1")]
    #[case("10.0.0.1–9")]
    #[case("fd00::1-fd00::9")]
    #[case("db[1-9]")]
    #[case("db{1,2}")]
    #[case("10.0.0.1-9,1433")]
    #[case("10.0.0.*\\PROD")]
    fn ranges_are_refused(#[case] text: &str) {
        let error = read_all(&["db1", text], &[]).unwrap_err().to_string();
        assert!(error.contains("ranges are never scanned"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }

    #[rstest]
    #[case("db-1")]
    #[case("db01-prod.corp.example")]
    #[case("10-0-0-1.corp.example")]
    #[case("10.0.0.1")]
    #[case("[::1]")]
    #[case("[fd00::1],1433")]
    #[case("Server=db1;User ID=app;Password=10.0.0.*")]
    #[case("sqlcmd -S db1 -U app -P pa*?ss")]
    fn a_host_is_no_range(#[case] text: &str) {
        assert_eq!(read_all(&[text], &[]).unwrap().len(), 1);
    }

    #[test]
    fn what_is_said_of_one_host_comes_together() {
        let hosts = read_all(
            &[r"db1\PROD,50123", "tcp:DB1,1435", "db2", r"db1\PROD,50123"],
            &[
                r"db1\TEST,50999",
                r"db1\OTHER",
                "db3,1",
                "db1/bad",
                r"np:\\db1\pipe\sql\query",
            ],
        );
        let name = |name| Some(InstanceName::new(name).unwrap());
        let [db1, db2] = &hosts.unwrap()[..] else {
            panic!("two hosts")
        };
        assert_eq!(
            db1.known,
            [
                (name("PROD"), Port::literal(50123)),
                (None, Port::literal(1435)),
                (name("TEST"), Port::literal(50999)),
            ]
        );
        assert_eq!(
            (db2.host.to_string().as_str(), &db2.known[..]),
            ("db2", &[][..])
        );
    }

    #[rstest]
    #[case("db1/PROD")]
    #[case("admin:db1")]
    #[case("")]
    fn what_cannot_be_asked_is_an_error_of_one_line(#[case] text: &str) {
        let error = read_all(&[text], &[]).unwrap_err();
        assert!(!format!("{error:#}").contains('\n'), "{error:#}");
    }
}
