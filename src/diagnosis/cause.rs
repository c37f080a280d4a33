//! The causes, by their stable ids.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $id:literal,)*) => {
        /// One possible reason, by the id that JSON, metrics, playbooks and tests use.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum CauseId {
            $($(#[$doc])* #[serde(rename = $id)] $name,)*
        }

        impl CauseId {
            /// Every cause that can be named.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The id: `service-not-running`.
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

/// Hands the list of all causes to a macro: the one place where they stand.
macro_rules! with_causes {
    ($macro:ident) => {
        $macro! {
            /// No such name.
            NameNotFound = "name-not-found",
            /// The name exists and has no address.
            NameHasNoAddress = "name-has-no-address",
            /// DNS servers answer with failures.
            DnsServerFailing = "dns-server-failing",
            /// DNS servers do not answer.
            DnsTimeout = "dns-timeout",
            /// The name gives an address that is no longer the server's.
            StaleName = "stale-name",
            /// A client alias or hosts entry of this machine overrides the name.
            ClientAlias = "client-alias",
            /// SQL Server Browser is not running.
            BrowserStopped = "browser-stopped",
            /// UDP 1434 is filtered on the way.
            BrowserFiltered = "browser-filtered",
            /// Browser does not know the instance.
            InstanceNotListed = "instance-not-listed",
            /// TCP/IP is disabled for the instance.
            TcpDisabled = "tcp-disabled",
            /// Browser advertises a port that is not (or no longer) the instance's.
            StaleBrowserPort = "stale-browser-port",
            /// Browser answers later than drivers wait.
            BrowserAnswersLate = "browser-answers-late",
            /// Browser's answer cannot be read.
            BrowserReplyMalformed = "browser-reply-malformed",
            /// The SQL Server service is not running.
            ServiceNotRunning = "service-not-running",
            /// The instance listens on another port.
            WrongPort = "wrong-port",
            /// The container runs and its port is not published there.
            PortNotPublished = "port-not-published",
            /// The availability group listener is offline.
            ListenerOffline = "listener-offline",
            /// The cluster group of the instance is offline.
            ClusterGroupOffline = "cluster-group-offline",
            /// A rule or device rejects on purpose.
            RejectRule = "reject-rule",
            /// The accept queue of the engine is full.
            BacklogFull = "backlog-full",
            /// A firewall drops the packets.
            FirewallDrops = "firewall-drops",
            /// The host is down, or nobody has the address.
            HostDown = "host-down",
            /// A router keeps the old neighbour of a moved address.
            StaleArp = "stale-arp",
            /// This machine, or a router, has no route.
            NoRoute = "no-route",
            /// The whole site or subnet is silent.
            SiteUnreachable = "site-unreachable",
            /// This machine's own firewall forbids it.
            LocalFirewall = "local-firewall",
            /// The policy of this machine forbids the network: nothing was sent.
            PolicyForbids = "policy-forbids",
            /// This machine has no local port or descriptor left.
            LocalPortsExhausted = "local-ports-exhausted",
            /// Some addresses of the name do not answer.
            SomeAddressesDead = "some-addresses-dead",
            /// More addresses of the name answer than should.
            MoreAddressesLive = "more-addresses-live",
            /// Something on the way completes every handshake: connect proves nothing.
            PathProxy = "path-proxy",
            /// The engine accepts and does not answer.
            EngineHung = "engine-hung",
            /// A proxy or load balancer without a server behind it.
            ProxyWithoutBackend = "proxy-without-backend",
            /// Another service owns the port.
            NotSqlServer = "not-sql-server",
            /// Another program took the port before the engine could.
            PortTaken = "port-taken",
            /// Another instance owns the port.
            WrongInstanceOnPort = "wrong-instance-on-port",
            /// The server only takes TDS 8.0 (strict encryption).
            StrictOnly = "strict-only",
            /// The client does not trust who signed the server's certificate.
            CertificateUntrusted = "certificate-untrusted",
            /// The server uses the certificate that it makes for itself.
            CertificateSelfGenerated = "certificate-self-generated",
            /// The certificate is for another name.
            CertificateNameMismatch = "certificate-name-mismatch",
            /// The certificate is past its end, or before its beginning.
            CertificateExpired = "certificate-expired",
            /// The certificate ends soon.
            CertificateExpiring = "certificate-expiring",
            /// Client and server share no TLS version or cipher.
            NoCommonTls = "no-common-tls",
            /// The server does not encrypt, and the client insists.
            EncryptionNotSupported = "encryption-not-supported",
            /// The server insists on encryption, and the client does not encrypt.
            EncryptionRequired = "encryption-required",
            /// The server refuses the login.
            LoginRejected = "login-rejected",
            /// The database that was asked for does not open.
            DatabaseUnavailable = "database-unavailable",
            /// Kerberos or NTLM authentication fails.
            KerberosProblem = "kerberos-problem",
            /// The engine starts, upgrades, recovers or shuts down.
            ServerStarting = "server-starting",
            /// The target cannot be parsed.
            TargetSyntax = "target-syntax",
            /// The target cannot be reached over TCP.
            NotTcp = "not-tcp",
            /// The client's own pool has no connection left.
            ClientPoolExhausted = "client-pool-exhausted",
            /// A session that was open was lost.
            SessionDropped = "session-dropped",
            /// Everything answers; the fault is in the client.
            ClientSide = "client-side",
        }
    };
}
pub(crate) use with_causes;

with_causes!(causes);

impl fmt::Display for CauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::CauseId;

    #[test]
    fn the_id_is_the_serialised_form() {
        for cause in CauseId::ALL {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.id());
        }
    }
}
