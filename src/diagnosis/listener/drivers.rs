//! The generations of clients, and in which way each tries the addresses of a name.
//!
//! Read in the drivers' own sources where they are open; each row says where.

use std::time::Duration;

/// A generation of clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Driver {
    /// As people name it.
    pub client: &'static str,
    /// In which way it tries several addresses.
    pub way: Way,
    /// How long it tries in all by default. `None`: until its system gives up.
    pub budget: Option<Duration>,
    /// Which family it tries first.
    pub first: Family,
}

/// In which way a client tries several addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// All at once; the first that opens wins.
    AllAtOnce,
    /// One for so long, then all at once.
    FirstThenAll(Duration),
    /// One after the other, each for as long as its system waits.
    OneByOne,
}

/// Which family a client tries first. DNS turns the addresses of a family, never the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The driver sorts: IPv4.
    Ipv4,
    /// The system sorts: IPv6 as a rule (RFC 6724).
    Ipv6,
}

const BUDGET: Option<Duration> = Some(Duration::from_secs(15));
const HEAD_START: Duration = Duration::from_millis(500);

/// All generations, those that get on best with several addresses first.
pub const DRIVERS: &[Driver] = &[
    // SqlClient SniTcpHandle.ParallelConnect, ODBC "Using Transparent Network IP Resolution"
    // (sequence 1), JDBC SocketFinder.findSocket with useParallel, tedious connectInParallel.
    Driver {
        client: "MultiSubnetFailover=True",
        way: Way::AllAtOnce,
        budget: BUDGET,
        first: Family::Ipv4,
    },
    // go-mssqldb protocol.go DialSqlConnection: parallel, since conn_str.go sets
    // MultiSubnetFailover where it is not given; DialTimeout 15 s.
    Driver {
        client: "go-mssqldb",
        way: Way::AllAtOnce,
        budget: BUDGET,
        first: Family::Ipv6,
    },
    // FreeTDS src/tds/net.c tds_open_socket: one poll over a socket for each address; no
    // time-out by itself (0 waits for ever).
    Driver {
        client: "FreeTDS, pymssql",
        way: Way::AllAtOnce,
        budget: None,
        first: Family::Ipv6,
    },
    // JDBC SocketFinder.findSocket: the first address for TNIR_FIRST_ATTEMPT_TIMEOUT_MS,
    // then all; SQLServerDriver.java: TransparentNetworkIPResolution true, loginTimeout 30.
    Driver {
        client: "JDBC",
        way: Way::FirstThenAll(HEAD_START),
        budget: Some(Duration::from_secs(30)),
        first: Family::Ipv4,
    },
    // ODBC 13.1 and later, OLE DB 18 and later: TransparentNetworkIPResolution is enabled by
    // default, "one IP is attempted, followed by all IPs in parallel". The documents do not
    // give the time of the first; SqlClient's half a second is taken.
    Driver {
        client: "ODBC, OLE DB",
        way: Way::FirstThenAll(HEAD_START),
        budget: BUDGET,
        first: Family::Ipv4,
    },
    // SqlConnectionStringBuilder.TransparentNetworkIPResolution, on by default there: not
    // connected within half a second, it tries the others in parallel. (In the source of
    // Microsoft.Data.SqlClient the parallel round comes first: half a second is the most.)
    Driver {
        client: "SqlClient on .NET Framework",
        way: Way::FirstThenAll(HEAD_START),
        budget: BUDGET,
        first: Family::Ipv4,
    },
    // SniTcpHandle.Connect: each address for what is left of Connect Timeout, IPv4 first.
    Driver {
        client: "SqlClient on .NET",
        way: Way::OneByOne,
        budget: BUDGET,
        first: Family::Ipv4,
    },
    // tedious connector.ts connectInSequence, connectTimeout 15 s over all; multiSubnetFailover
    // is false by default.
    Driver {
        client: "tedious, node-mssql",
        way: Way::OneByOne,
        budget: BUDGET,
        first: Family::Ipv6,
    },
];
