//! Which names a name stands for: the search list, applied as resolvers apply it.

use std::net::SocketAddr;

use hickory_proto::rr::Name;

/// No more candidates and servers are asked (glibc takes three servers, six suffixes).
const MOST_CANDIDATES: usize = 8;
const MOST_SERVERS: usize = 3;

/// What the system's configuration says about names.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The DNS servers, in their order.
    pub servers: Vec<SocketAddr>,
    /// Suffixes that are tried.
    pub search: Vec<Name>,
    /// A name with so many dots is first tried as it is.
    pub dots: usize,
}

impl Names {
    /// Reads the system's configuration; empty where there is none.
    pub fn of_the_system() -> Self {
        let Ok((config, options)) = hickory_resolver::system_conf::read_system_conf() else {
            return Self {
                dots: 1,
                ..Self::default()
            };
        };
        let mut servers = Vec::new();
        for server in config.name_servers() {
            let port = server
                .connections
                .first()
                .map_or(53, |connection| connection.port);
            let server = SocketAddr::new(server.ip, port);
            if !servers.contains(&server) {
                servers.push(server);
            }
        }
        servers.truncate(MOST_SERVERS);
        let search = match (config.search(), config.domain()) {
            ([], Some(domain)) if !domain.is_root() => vec![domain.clone()],
            (search, _) => search.to_vec(),
        };
        Self {
            servers,
            search,
            dots: options.ndots,
        }
    }

    /// These servers and nothing else: no search list.
    pub fn of_servers(servers: Vec<SocketAddr>) -> Self {
        Self {
            servers,
            search: Vec::new(),
            dots: 1,
        }
    }

    /// The fully qualified names that `name` may stand for, in the order they are tried.
    /// None for a name that DNS cannot carry.
    pub fn candidates(&self, name: &str) -> Vec<Name> {
        let dots = name.trim_end_matches('.').matches('.').count();
        let Some(plain) = qualified(name) else {
            return Vec::new();
        };
        if name.ends_with('.') {
            return vec![plain];
        }
        let suffixed = self.search.iter().filter_map(|suffix| {
            let mut relative = plain.clone();
            relative.set_fqdn(false);
            relative.append_domain(suffix).ok()
        });
        let mut candidates: Vec<Name> = suffixed.take(MOST_CANDIDATES - 1).collect();
        let place = if dots >= self.dots {
            0
        } else {
            candidates.len()
        };
        candidates.insert(place, plain);
        for candidate in &mut candidates {
            candidate.set_fqdn(true);
        }
        candidates
    }
}

/// The relaxed parser takes underscores, which Windows machines carry in their names.
fn qualified(name: &str) -> Option<Name> {
    let mut name = Name::from_str_relaxed(name).ok()?;
    name.set_fqdn(true);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::short("db1", &["db1.corp.test.", "db1.lab.test.", "db1."])]
    #[case::dotted("db1.corp.test", &["db1.corp.test.", "db1.corp.test.corp.test.", "db1.corp.test.lab.test."])]
    #[case::qualified("db1.", &["db1."])]
    #[case::underscore("sql_01", &["sql_01.corp.test.", "sql_01.lab.test.", "sql_01."])]
    fn a_name_is_tried_with_each_suffix(#[case] name: &str, #[case] expected: &[&str]) {
        let search = ["corp.test.", "lab.test."]
            .map(|suffix| qualified(suffix).unwrap())
            .to_vec();
        let names = Names {
            search,
            dots: 1,
            ..Names::default()
        };
        let candidates: Vec<String> = names
            .candidates(name)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(candidates, expected);
    }

    #[test]
    fn a_label_that_is_too_long_is_no_name() {
        assert!(Names::default().candidates(&"a".repeat(64)).is_empty());
    }
}
