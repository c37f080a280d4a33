//! What kind of server and network the state speaks of.

use std::net::IpAddr;

use super::Sight;
use crate::diagnosis::Said;
use crate::target::{Host, Kind, Platform};

impl Sight<'_> {
    /// The address that the state speaks of is on this machine's loopback.
    pub(in crate::diagnosis) fn is_loopback(&self) -> bool {
        self.address.is_some_and(|address| address.is_loopback())
    }

    /// Declared a container, or in the network that docker0 has by default.
    pub(in crate::diagnosis) fn is_container(&self) -> bool {
        match self.case.declared.platform {
            Some(platform) => platform == Platform::Container,
            None => matches!(self.address, Some(IpAddr::V4(v4)) if v4.octets()[..2] == [172, 17]),
        }
    }

    /// A server without Windows' stealth: declared Linux or a container, or on loopback.
    pub(in crate::diagnosis) fn hides_no_port(&self) -> bool {
        self.is_loopback()
            || self.is_container()
            || self.case.declared.platform == Some(Platform::Linux)
    }

    /// A cloud service, whose network rules stand before the engine.
    pub(in crate::diagnosis) fn is_cloud(&self) -> bool {
        match self.case.declared.platform {
            Some(platform) => matches!(platform, Platform::Azure | Platform::Rds),
            None => self.is_azure() || self.name_ends_with(".rds.amazonaws.com"),
        }
    }

    /// Azure, where a gateway answers on the port in place of the engine.
    pub(in crate::diagnosis) fn is_azure(&self) -> bool {
        match self.case.declared.platform {
            Some(platform) => platform == Platform::Azure,
            None => self.name_ends_with(".database.windows.net"),
        }
    }

    fn name_ends_with(&self, suffix: &str) -> bool {
        let name = match &self.case.target.host {
            Host::Name(name) => name.as_str().trim_end_matches('.'),
            Host::Address(_) | Host::Local => "",
        };
        name.len() > suffix.len()
            && name.is_char_boundary(name.len() - suffix.len())
            && name[name.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
    }

    /// What says that the instance is a failover cluster's.
    pub(in crate::diagnosis) fn clustered(&self) -> Option<Said> {
        if let Some(kind) = self.case.declared.kind {
            return (kind == Kind::Fci).then_some(Said::DeclaredCluster {});
        }
        self.advertised()
            .is_some_and(|entry| entry.clustered)
            .then_some(Said::BrowserSaysClustered {})
    }
}
