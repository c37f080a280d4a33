//! What a rule can say, as data: the words are in `assets/messages/said.toml`.
//!
//! A statement holds only what the case itself does not: the renderer has the case at
//! hand and fills `{host}`, `{instance}` and `{me}` from there. So statements are small
//! values, and a diagnosis formats nothing.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ports::Ports;
use crate::evidence::{Elapsed, ResponseCode, Service, Version};
use crate::target::Port;

/// The value of a slot in a statement, for the renderer to write out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// An address without a port.
    Address(IpAddr),
    /// An address with a port.
    Endpoint(SocketAddr),
    /// A port.
    Port(Port),
    /// A number of things.
    Count(u32),
    /// A duration.
    Elapsed(Elapsed),
    /// A moment, shown as the time since.
    Time(Timestamp),
    /// A build.
    Version(Version),
    /// A service that is not SQL Server.
    Service(Service),
    /// An answer of a DNS server.
    Code(ResponseCode),
    /// A few ports.
    Ports(Ports),
}

macro_rules! values {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })*
    };
}

values! {
    IpAddr => Address,
    SocketAddr => Endpoint,
    Port => Port,
    u32 => Count,
    Elapsed => Elapsed,
    Timestamp => Time,
    Version => Version,
    Service => Service,
    ResponseCode => Code,
    Ports => Ports,
}

macro_rules! said {
    ($($(#[$doc:meta])* $name:ident = $key:literal { $($slot:ident: $type:ty),* },)*) => {
        /// One statement about a case. The renderer in `advice` turns it into a sentence.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "said")]
        pub enum Said {
            $($(#[$doc])* #[serde(rename = $key)] $name {
                $(#[doc = concat!("Fills `{", stringify!($slot), "}`.")] $slot: $type,)*
            },)*
        }

        impl Said {
            /// Every statement's key and the slots that it fills.
            pub const VARIANTS: &[(&'static str, &[&'static str])] =
                &[$(($key, &[$(stringify!($slot)),*])),*];

            /// The key of its template in `assets/messages/said.toml`: `port-refused`.
            pub fn key(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $key,)*
                }
            }

            /// The value of a slot, `None` for a slot that this statement does not fill.
            pub fn value(&self, slot: &str) -> Option<Value> {
                match *self {
                    $(Self::$name { $($slot),* } => {
                        $(if slot == stringify!($slot) {
                            return Some(Value::from($slot));
                        })*
                        let _ = slot;
                        None
                    })*
                }
            }
        }

        #[cfg(test)]
        impl Said {
            /// One of each, with values that are at home in documentation.
            pub(crate) fn samples() -> Vec<Self> {
                vec![$(Self::$name { $($slot: <$type as samples::Sample>::sample()),* }),*]
            }
        }
    };
}

said! {
    // What happened: the sentence that a tired person reads first.

    /// DNS says that there is no such name.
    NameDoesNotExist = "name-does-not-exist" {},
    /// The system's resolver finds no such name, and DNS was not heard.
    NameNotFoundHere = "name-not-found-here" {},
    /// The name exists and has no address.
    NameHasNoAddress = "name-has-no-address" {},
    /// A DNS server answers with a failure.
    DnsServerFails = "dns-server-fails" { server: SocketAddr, code: ResponseCode },
    /// Resolving fails on the side of the DNS servers; which one is not known.
    DnsFails = "dns-fails" {},
    /// A DNS server does not answer.
    DnsServerSilent = "dns-server-silent" { server: SocketAddr },
    /// No DNS server answers; which were asked is not known.
    DnsSilent = "dns-silent" {},
    /// ICMP from the host: nothing listens on the Browser port.
    BrowserPortClosed = "browser-port-closed" { browser: SocketAddr },
    /// A device rejected the question to Browser.
    BrowserRejectedBy = "browser-rejected-by" { by: IpAddr, browser: SocketAddr },
    /// No answer from Browser.
    BrowserSilent = "browser-silent" { browser: SocketAddr },
    /// No answer from Browser, and where it was asked is not known.
    BrowserUnheard = "browser-unheard" {},
    /// Browser's answer cannot be read.
    BrowserReplyUnreadable = "browser-reply-unreadable" {},
    /// Browser lists the instance with a TCP port that is none, or is cut off.
    AdvertisedPortUnreadable = "advertised-port-unreadable" {},
    /// Browser lists instances, and not the wanted one.
    InstanceNotInList = "instance-not-in-list" { listed: u32 },
    /// Browser lists the instance without a TCP port.
    InstanceWithoutTcp = "instance-without-tcp" {},
    /// ARP, or neighbour discovery, got no answer.
    NobodyHasAddress = "nobody-has-address" { address: IpAddr },
    /// A router says that the host does not answer it.
    RouterFindsNoHost = "router-finds-no-host" { by: IpAddr, address: IpAddr },
    /// A router says that it has no route.
    RouterHasNoRoute = "router-has-no-route" { by: IpAddr, address: IpAddr },
    /// A router gave up a packet that passed too many others.
    GoesRound = "goes-round" { by: IpAddr, address: IpAddr },
    /// This machine has no route to the address.
    NoRouteFromHere = "no-route-from-here" { address: IpAddr },
    /// The system says that there is no way, and not who said so.
    NoWayTo = "no-way-to" { address: IpAddr },
    /// A device, or the host's own rule, rejects with ICMP.
    RejectedBy = "rejected-by" { by: IpAddr, endpoint: SocketAddr },
    /// This machine's own policy forbids the connection.
    ForbiddenHere = "forbidden-here" { endpoint: SocketAddr },
    /// The policy file of this machine forbids the address.
    PolicyForbids = "policy-forbids" { address: IpAddr },
    /// A prohibiting or blackhole route of this machine looks like its firewall.
    OwnRouteMayForbid = "own-route-may-forbid" {},
    /// This machine has no local port, descriptor or buffer left.
    LocalPortsUsedUp = "local-ports-used-up" {},
    /// One address of this machine has no local port left for the endpoint; another one asked.
    NoPortLeftAt = "no-port-left-at" { own: IpAddr, endpoint: SocketAddr },
    /// Nothing came back.
    NothingCameBack = "nothing-came-back" { endpoint: SocketAddr, waited: Elapsed },
    /// Nothing came back from the port that Browser advertises.
    AdvertisedPortSilent = "advertised-port-silent" { address: IpAddr, port: Port },
    /// The port was refused.
    PortRefused = "port-refused" { address: IpAddr, port: Port },
    /// The port that Browser advertises was refused.
    AdvertisedPortRefused = "advertised-port-refused" { address: IpAddr, port: Port },
    /// The port opens and nothing is said.
    EngineSilent = "engine-silent" { endpoint: SocketAddr },
    /// The port opens, then FIN.
    ClosedInsteadOfAnswer = "closed-instead-of-answer" { endpoint: SocketAddr },
    /// The port opens, then RST.
    ResetInsteadOfAnswer = "reset-instead-of-answer" { endpoint: SocketAddr },
    /// The port opens, an answer began, and its rest never came.
    AnswerStopped = "answer-stopped" { endpoint: SocketAddr },
    /// The port opens, an answer began, then FIN.
    AnswerClosed = "answer-closed" { endpoint: SocketAddr },
    /// The port opens, an answer began, then RST.
    AnswerReset = "answer-reset" { endpoint: SocketAddr },
    /// A TDS server answers with an error.
    ErrorInsteadOfAnswer = "error-instead-of-answer" { endpoint: SocketAddr, number: u32 },
    /// A TDS answer whose PRELOGIN makes no sense.
    AnswerMakesNoSense = "answer-makes-no-sense" { endpoint: SocketAddr },
    /// Another service answers.
    OtherServiceAnswers = "other-service-answers" { endpoint: SocketAddr, service: Service },
    /// What answers is neither SQL Server nor known.
    AnswerIsNotSql = "answer-is-not-sql" { endpoint: SocketAddr },
    /// The engine that answers is another instance.
    OtherInstanceAnswers = "other-instance-answers" { endpoint: SocketAddr },
    /// The engine answers.
    EngineAnswers = "engine-answers" { endpoint: SocketAddr, version: Version },
    /// The engine answers and did not say its build.
    EngineAnswersUnnamed = "engine-answers-unnamed" { endpoint: SocketAddr },
    /// The port opens; deeper layers are switched off.
    PortOpens = "port-opens" { endpoint: SocketAddr },
    /// The engine answers, but some addresses of the name do not.
    SomeAddressesSilent = "some-addresses-silent" { live: u32, total: u32 },
    /// The engine answers, but its own answer was slow.
    EngineSlow = "engine-slow" { endpoint: SocketAddr, took: Elapsed },
    /// Browser answered later than drivers wait.
    BrowserLate = "browser-late" { took: Elapsed },
    /// Browser answered only a later try.
    BrowserAnsweredTry = "browser-answered-try" { tries: u32 },
    /// Browser answered from another address than was asked.
    BrowserFromElsewhere = "browser-from-elsewhere" { from: SocketAddr },
    /// Even a port that nobody uses opens: something completes every handshake.
    EveryPortOpens = "every-port-opens" { address: IpAddr, port: Port },
    /// This machine has no address or no route.
    ThisMachineIsCutOff = "this-machine-is-cut-off" {},
    /// No name resolves here, whatever is asked.
    NoNameResolvesHere = "no-name-resolves-here" {},

    // This machine itself, beside the two above.

    /// Every connection is forbidden here.
    FirewallStopsAll = "firewall-stops-all" {},
    /// No host that was probed has a route here.
    NoRouteToAny = "no-route-to-any" {},
    /// The way out over IPv4 is gone.
    NoWayOverIpv4 = "no-way-over-ipv4" {},
    /// The way out over IPv6 is gone.
    NoWayOverIpv6 = "no-way-over-ipv6" {},
    /// The state is the one from before this machine's own trouble.
    ServerUnknownMeanwhile = "server-unknown-meanwhile" {},

    // What cannot be probed.

    /// The target cannot be parsed.
    TargetCannotBeRead = "target-cannot-be-read" {},
    /// A named pipe.
    TargetIsPipe = "target-is-pipe" {},
    /// Shared memory.
    TargetIsSharedMemory = "target-is-shared-memory" {},
    /// LocalDB.
    TargetIsLocalDb = "target-is-local-db" {},
    /// The dedicated administrator connection.
    TargetIsAdmin = "target-is-admin" {},

    // What is proved.

    /// The name gives addresses.
    NameResolves = "name-resolves" { address: IpAddr, total: u32 },
    /// Something that holds the address answers.
    AddressAnswers = "address-answers" { address: IpAddr },
    /// Packets reach the port and come back.
    HandshakeCompletes = "handshake-completes" { endpoint: SocketAddr, took: Elapsed },
    /// Browser runs, and UDP gets there and back.
    BrowserRuns = "browser-runs" { browser: SocketAddr },
    /// An engine of this build answers PRELOGIN.
    EngineRuns = "engine-runs" { version: Version },
    /// No packet was sent towards the server.
    NothingReachedServer = "nothing-reached-server" {},
    /// A device that is not the server answered for it.
    DeviceAnswered = "device-answered" { by: IpAddr },

    // What is ruled out: short, for a list.

    /// A name that does not resolve.
    OutDns = "out-dns" {},
    /// A firewall that drops this port.
    OutDroppingFirewall = "out-dropping-firewall" {},
    /// A host that is down.
    OutHostDown = "out-host-down" {},
    /// A stopped engine.
    OutStopped = "out-stopped" {},
    /// A closed port.
    OutClosedPort = "out-closed-port" {},
    /// Browser, or its way.
    OutBrowser = "out-browser" {},
    /// Routing.
    OutRouting = "out-routing" {},

    // Why a cause is likely or not.

    /// The shell ate the backslash between host and instance.
    MaybeLostBackslash = "maybe-lost-backslash" {},
    /// The name resolved before.
    ResolvedBefore = "resolved-before" { when: Timestamp },
    /// The name exists, and the one that it is an alias for does not.
    AliasLeadsNowhere = "alias-leads-nowhere" {},
    /// The address comes from DNS alone: the system's own resolver finds none.
    OnlyDnsHasAddress = "only-dns-has-address" { server: SocketAddr },
    /// Some of the DNS servers answered otherwise than "no such name".
    DnsServersDisagree = "dns-servers-disagree" {},
    /// With a search list the system's resolver hides failures as "no such name".
    SearchListHidesFailures = "search-list-hides-failures" {},
    /// Every server that was asked says so.
    EveryServerSaysSo = "every-server-says-so" { asked: u32 },
    /// Other names resolve from here.
    OthersAnswer = "others-answer" { answering: u32 },
    /// It answered at this very endpoint.
    AnsweredHere = "answered-here" { when: Timestamp },
    /// It answered on another port.
    AnsweredOnPort = "answered-on-port" { port: Port, when: Timestamp },
    /// It answered at another address.
    AnsweredAtAddress = "answered-at-address" { address: IpAddr, when: Timestamp },
    /// The addresses of the name changed.
    AddressesChanged = "addresses-changed" { from: IpAddr, when: Timestamp },
    /// The port where it answered before still opens.
    OldPortOpens = "old-port-opens" { port: Port },
    /// The port where it answered before is closed too.
    OldPortClosed = "old-port-closed" { port: Port },
    /// DNS says another address than the system uses.
    DnsSaysOther = "dns-says-other" { address: IpAddr },
    /// The address comes from the hosts file of this machine.
    FromHostsFile = "from-hosts-file" {},
    /// The address comes from a client alias of this machine.
    FromClientAlias = "from-client-alias" {},
    /// The host answers on another port.
    OtherPortOpens = "other-port-opens" { address: IpAddr, port: Port },
    /// The host refuses on another port, so it is there.
    OtherPortRefuses = "other-port-refuses" { address: IpAddr, port: Port },
    /// Another port of the host is silent too.
    OtherPortSilent = "other-port-silent" { address: IpAddr, port: Port },
    /// The host answers RST for a closed port: it hides none.
    ClosedPortResets = "closed-port-resets" { address: IpAddr, port: Port },
    /// The host says nothing for a closed port.
    ClosedPortSilent = "closed-port-silent" { address: IpAddr, port: Port },
    /// A host that is down says nothing, too.
    DeadHostIsSilent = "dead-host-is-silent" {},
    /// A rule that drops says nothing.
    DroppingIsSilent = "dropping-is-silent" {},
    /// The record may be older than the server's address.
    RecordMayBeStale = "record-may-be-stale" {},
    /// ARP passes every firewall.
    NoFirewallStopsArp = "no-firewall-stops-arp" {},
    /// Nobody listens: usually the engine is stopped.
    NobodyListens = "nobody-listens" {},
    /// Windows with its firewall on says nothing for a port that nobody listens on.
    WindowsHidesClosedPorts = "windows-hides-closed-ports" {},
    /// Linux and containers answer RST for a closed port.
    LinuxHidesNoPort = "linux-hides-no-port" {},
    /// Loopback has no stealth and hardly any firewall.
    LoopbackHidesNothing = "loopback-hides-nothing" {},
    /// Linux drops SYNs when the accept queue is full.
    FullQueueIsSilent = "full-queue-is-silent" {},
    /// Browser answers at the address.
    BrowserAnswersThere = "browser-answers-there" { address: IpAddr },
    /// Browser's port answers with ICMP, so the host is there.
    BrowserPortAnswers = "browser-port-answers" { address: IpAddr },
    /// Other instances of the host answer.
    HostAnswersOthers = "host-answers-others" { answering: u32 },
    /// Browser advertises this port for the instance.
    BrowserAdvertises = "browser-advertises" { port: Port },
    /// Browser reads the registry, where the last port of a stopped instance stays.
    BrowserReadsRegistry = "browser-reads-registry" {},
    /// Firewalls opened for 1433 and 1434 do not know a dynamic port.
    DynamicPortUnknownToFirewalls = "dynamic-port-unknown-to-firewalls" { port: Port },
    /// No port was given, so 1433 was tried.
    DefaultPortAssumed = "default-port-assumed" {},
    /// The port was given by hand.
    PortWasGiven = "port-was-given" { port: Port },
    /// An engine with TCP/IP off listens on no port.
    TcpOffMeansNoPort = "tcp-off-means-no-port" {},
    /// A RST came: no firewall drops this port.
    ResetIsNoDrop = "reset-is-no-drop" {},
    /// The refusal came as ICMP from this address, not as RST.
    RefusalIsIcmp = "refusal-is-icmp" { by: IpAddr },
    /// The host hides closed ports and yet refused this one.
    HidesOthersRefusesThis = "hides-others-refuses-this" { port: Port },
    /// A firewall in between may hide the closed port and let the SQL port through.
    FilterMayHideClosedPort = "filter-may-hide-closed-port" {},
    /// The server is declared a container, or looks like one.
    ServerIsContainer = "server-is-container" {},
    /// On loopback the server may be a container.
    LoopbackMayBeContainer = "loopback-may-be-container" {},
    /// Declared an availability group listener.
    DeclaredListener = "declared-listener" {},
    /// Declared a failover cluster instance.
    DeclaredCluster = "declared-cluster" {},
    /// Browser says that the instance is clustered.
    BrowserSaysClustered = "browser-says-clustered" {},
    /// The cluster starts and stops the service.
    ClusterRunsService = "cluster-runs-service" {},
    /// Open and refused took turns.
    OpenAndRefusedTakeTurns = "open-and-refused-take-turns" {},
    /// The engine's answers climbed before the failure.
    EngineClimbed = "engine-climbed" { from: Elapsed, to: Elapsed },
    /// Connecting stays quick while the engine does not answer.
    ConnectIsFlat = "connect-is-flat" { took: Elapsed },
    /// The host's own kernel completes the handshake.
    KernelCompletesHandshake = "kernel-completes-handshake" {},
    /// A full accept queue is answered with RST by Windows.
    FullQueueRefuses = "full-queue-refuses" {},
    /// Other hosts of the subnet answer.
    SubnetAnswers = "subnet-answers" { answering: u32 },
    /// No other host of the subnet answers.
    SubnetSilent = "subnet-silent" { silent: u32 },
    /// Hosts elsewhere answer.
    ElsewhereAnswers = "elsewhere-answers" { answering: u32 },
    /// Nothing answers anywhere.
    ElsewhereSilent = "elsewhere-silent" { silent: u32 },
    /// The last hop that answered.
    PathEndsAfter = "path-ends-after" { hop: IpAddr, ttl: u32 },
    /// The path walk reached the port.
    PathReachesPort = "path-reaches-port" { endpoint: SocketAddr },
    /// Not even the first hop answered.
    PathSilentFromStart = "path-silent-from-start" {},
    /// Clusters move addresses, and a router may keep the old neighbour.
    ClusterMovesAddress = "cluster-moves-address" {},
    /// The server is a cloud service behind a gateway.
    CloudGatewayFilters = "cloud-gateway-filters" {},
    /// On Azure a gateway listens on the port, whatever the database does.
    GatewayListensThere = "gateway-listens-there" {},
    /// No ICMP: an open way would have brought it.
    NoIcmpForClosedUdp = "no-icmp-for-closed-udp" {},
    /// The ICMP message of a closed UDP port may not come through.
    IcmpMayBeLost = "icmp-may-be-lost" {},
    /// Windows hides a closed UDP port too.
    WindowsHidesClosedUdp = "windows-hides-closed-udp" {},
    /// SQL Server on Linux has no Browser.
    LinuxHasNoBrowser = "linux-has-no-browser" {},
    /// Browser does not answer for a name that it does not know.
    BrowserSilentForUnknown = "browser-silent-for-unknown" {},
    /// Browser answers the list and not the name.
    ListAnsweredNameNot = "list-answered-name-not" {},
    /// Browser answers the name and not the list.
    NameAnsweredListNot = "name-answered-list-not" {},
    /// Not even the list was answered.
    ListSilentToo = "list-silent-too" {},
    /// A hidden instance is not listed.
    HiddenIsNotListed = "hidden-is-not-listed" {},
    /// Browser listed it before.
    WasThereBefore = "was-there-before" { when: Timestamp },
    /// An instance that has not started since TCP/IP was enabled has no port.
    NeverStartedSince = "never-started-since" {},
    /// Clients and stateful firewalls drop an answer from another address.
    ClientsDropForeignAnswer = "clients-drop-foreign-answer" {},
    /// Drivers wait a second for Browser.
    DriversWaitOneSecond = "drivers-wait-one-second" {},
    /// This machine's own policy forbids the datagram.
    DatagramForbiddenHere = "datagram-forbidden-here" {},
    /// Behind a proxy the handshake says nothing of the server.
    ProxyCompletesHandshake = "proxy-completes-handshake" {},
    /// docker-proxy accepts for a container that does not listen.
    DockerProxyAccepts = "docker-proxy-accepts" {},
    /// A strict-only server hangs up on a client that does not start with TLS.
    StrictHangsUp = "strict-hangs-up" {},
    /// Strict encryption came with SQL Server 2022.
    StrictNeeds2022 = "strict-needs-2022" { version: Version },
    /// An engine short of workers, or at its limit, hangs up.
    BusyEngineHangsUp = "busy-engine-hangs-up" {},
    /// A service that waits for its client says nothing.
    QuietServiceWaits = "quiet-service-waits" {},
    /// The bytes are those of a known service.
    RecognisedService = "recognised-service" { service: Service },
    /// The bytes are not TDS.
    NotTds = "not-tds" {},
    /// The bytes are a TDS packet, and its content is no PRELOGIN.
    TdsWithoutPrelogin = "tds-without-prelogin" {},
    /// A gateway that cannot reach the database answers in its place.
    GatewayAnswersWithError = "gateway-answers-with-error" { number: u32 },
    /// An engine that is stuck may stop in the middle of its answer.
    StuckEngineStopsHalfway = "stuck-engine-stops-halfway" {},
    /// What inspects the traffic on the way may cut an answer off.
    InspectionCutsAnswers = "inspection-cuts-answers" {},
    /// The engine that answers says that it is not the instance.
    EngineDeniesInstance = "engine-denies-instance" {},
    /// The engine does not start when its port is taken.
    EngineStopsWhenPortTaken = "engine-stops-when-port-taken" {},
    /// Drivers use the port and ignore the name.
    PortWinsOverName = "port-wins-over-name" { port: Port },
    /// A healthy listener has silent addresses: declare it if it is one.
    DeclareListener = "declare-listener" {},
    /// A client that tries addresses one after the other waits for each dead one.
    SerialClientsWait = "serial-clients-wait" {},
    /// Nothing else was heard that would narrow it down.
    NothingNarrowsIt = "nothing-narrows-it" {},

    // Findings and remarks: no causes, worth a line.

    /// The engine was not tested, so it may well run.
    EngineNotTested = "engine-not-tested" {},
    /// The engine answers on the way around Browser.
    WayAroundAnswers = "way-around-answers" { port: Port },
    /// The port where it answered before is open.
    WayAroundOpen = "way-around-open" { port: Port, when: Timestamp },
    /// The way around Browser, not tested.
    WayAroundKnown = "way-around-known" { port: Port, when: Timestamp },
    /// The engine offers no encryption.
    NoEncryptionOffered = "no-encryption-offered" {},
    /// The build changed since it was last seen.
    BuildChanged = "build-changed" { from: Version, to: Version },
    /// Browser and the engine disagree about the version.
    BrowserVersionDiffers = "browser-version-differs" { version: Version },
    /// Browser's answer could be read and has flaws.
    BrowserReplyFlawed = "browser-reply-flawed" {},
    /// Some addresses were left out, since this machine has no way out over their family.
    FamilyWithoutWay = "family-without-way" { address: IpAddr },
    /// The instance name is ignored by drivers, since there is a port.
    RemarkPortWins = "remark-port-wins" { port: Port },
    /// `host\MSSQLSERVER` is refused by SqlClient.
    RemarkDefaultNamed = "remark-default-named" {},
    /// Some drivers do not know an upper-case `TCP:`.
    RemarkUpperCasePrefix = "remark-upper-case-prefix" {},
    /// SqlClient and ODBC want a comma before the port.
    RemarkColonPort = "remark-colon-port" {},
    /// OLE DB takes the blank after `=` as part of the name.
    RemarkBlankAfterEquals = "remark-blank-after-equals" {},
    /// TCP 1434 is the administrator connection's port.
    RemarkDacPort = "remark-dac-port" {},

    // Where walks end, and how far away a RST comes from.

    /// A RST that a device on the way sent in place of the host.
    RefusedOnTheWay = "refused-on-the-way" { address: IpAddr, port: Port, hop: u32, host: u32 },
    /// The RST comes from nearer than the host.
    ResetComesNearer = "reset-comes-nearer" { hop: u32, host: u32 },
    /// The router at the distance from which the RST comes.
    ResetDevice = "reset-device" { device: IpAddr },
    /// The router before it, which may count its hop before it rejects.
    ResetDeviceBefore = "reset-device-before" { device: IpAddr },
    /// A RST from the first hop may be this machine's own.
    ResetMayBeLocal = "reset-may-be-local" {},
    /// The RST comes from as far away as the host.
    ResetFromHostDistance = "reset-from-host-distance" { hop: u32 },
    /// Of the devices on the way only the last one could have sent the RST.
    ResetMayBeRouters = "reset-may-be-routers" { device: IpAddr },
    /// Whether the host or a device sent the RST cannot be told.
    ResetNotToldApart = "reset-not-told-apart" {},
    /// The last hop that answered the walk, and the first that did not.
    WalkEndsAfter = "walk-ends-after" { hop: IpAddr, ttl: u32, silent: u32 },
    /// Every step of the longest walk was answered on the way.
    WalkGoesRound = "walk-goes-round" { ttl: u32 },
    /// A device answered the walk that there is no way.
    WalkEndedBy = "walk-ended-by" { hop: IpAddr, ttl: u32 },
    /// The walk was answered by the host.
    WalkArrives = "walk-arrives" { hop: IpAddr, ttl: u32 },
    /// Nobody answered the walk.
    WalkSilent = "walk-silent" {},
    /// This system names no device that answers, so nothing can be walked.
    WalkNotAvailable = "walk-not-available" {},
    // Names with several addresses.

    /// More addresses answer than should.
    MoreAddressesAnswer = "more-addresses-answer" { live: u32, expected: u32 },
    /// Each address may be another server, and clients land on any of them.
    ClientsLandAnywhere = "clients-land-anywhere" {},
    /// These clients connect, in whatever order they meet the addresses.
    ClientsConnect = "clients-connect" { best: Elapsed },
    /// The order makes a difference.
    ClientsConnectWithin = "clients-connect-within" { best: Elapsed, worst: Elapsed },
    /// These clients fail in some orders.
    ClientsSometimesFail = "clients-sometimes-fail" { best: Elapsed, worst: Elapsed, orders: u32, of: u32 },
    /// These clients fail.
    ClientsFail = "clients-fail" {},
    // The port that moved, the host that came up, and the engine apart from the way to it.

    /// The instance that answered on this port is listed on another one now.
    ListedElsewhere = "listed-elsewhere" { from: Port, port: Port, when: Timestamp },
    /// Browser lists an instance on this port, and which one is wanted is not known.
    SomebodyListedHere = "somebody-listed-here" { port: Port },
    /// Browser lists instances on other ports, and none on this one.
    ListedPorts = "listed-ports" { ports: Ports },
    /// The port where Browser lists the instance now opens.
    ListedPortOpens = "listed-port-opens" { port: Port },
    /// The port where Browser lists the instance now is closed too.
    ListedPortClosed = "listed-port-closed" { port: Port },
    /// The way around: where Browser lists the instance now, not tested.
    WayAroundListed = "way-around-listed" { port: Port },
    /// The way around: where Browser lists the instance now, which opens.
    WayAroundListedOpen = "way-around-listed-open" { port: Port },
    /// It answers, on another port than before.
    PortChanged = "port-changed" { from: Port, port: Port, when: Timestamp },
    /// The host was silent and answers again since minutes.
    HostCameUp = "host-came-up" { when: Timestamp },
    /// Connecting is as quick as ever.
    ConnectStaysFlat = "connect-stays-flat" { usual: Elapsed, took: Elapsed },
    /// The answers of an engine that still answers have climbed.
    EngineClimbs = "engine-climbs" { from: Elapsed, to: Elapsed },
    /// Connecting climbed too.
    WayClimbed = "way-climbed" { from: Elapsed, to: Elapsed },

    // A fix that was tried in vain, by what it did not bring about.

    /// The name still does not resolve.
    TriedNameUnresolved = "tried-name-unresolved" { when: Timestamp },
    /// Browser still does not answer.
    TriedBrowserMute = "tried-browser-mute" { when: Timestamp },
    /// Browser still does not list the instance.
    TriedInstanceUnlisted = "tried-instance-unlisted" { when: Timestamp },
    /// Browser still lists no TCP port.
    TriedTcpUnlisted = "tried-tcp-unlisted" { when: Timestamp },
    /// The port still does not open.
    TriedPortClosed = "tried-port-closed" { when: Timestamp },
    /// Not all addresses open.
    TriedAddressesDead = "tried-addresses-dead" { when: Timestamp },
    /// The engine still does not answer.
    TriedEngineMute = "tried-engine-mute" { when: Timestamp },
    /// The engine is still another instance.
    TriedOtherInstance = "tried-other-instance" { when: Timestamp },
    /// The engine still offers no encryption.
    TriedNoEncryption = "tried-no-encryption" { when: Timestamp },
    /// The way is slow, and with it every answer.
    WayIsSlow = "way-is-slow" { from: Elapsed, to: Elapsed },
    /// The port of the administrator connection opens from here.
    DacOpens = "dac-opens" { endpoint: SocketAddr },
    /// It does not open from here, which is usual.
    DacClosed = "dac-closed" { endpoint: SocketAddr },
    /// Browser names no port for it.
    DacNotNamed = "dac-not-named" {},
    // The place that a name led to before.

    /// Where it answered before the name moved, it still opens.
    OldPlaceOpens = "old-place-opens" { endpoint: SocketAddr },
    /// Where it answered before the name moved, nothing does any more.
    OldPlaceGone = "old-place-gone" { endpoint: SocketAddr },
    // The instance that answers elsewhere.

    /// The instance of this port answered on another one since.
    InstanceAnswersOn = "instance-answers-on" { port: Port },
    // Where Browser is not heard: its last port, and this machine's own firewall.

    /// This machine itself forbids the question to Browser.
    BrowserForbiddenHere = "browser-forbidden-here" { browser: SocketAddr },
    /// No answer from Browser, and the engine answers on its last port.
    BrowserSilentPortAnswers = "browser-silent-port-answers" { browser: SocketAddr, port: Port },
    // The single addresses of a name.

    /// None of the addresses of the name opens, and so many should.
    NoAddressOpens = "no-address-opens" { total: u32, expected: u32 },
    /// One address of several: nothing came back.
    AddressTimedOut = "address-timed-out" { endpoint: SocketAddr },
    /// One address of several refused.
    AddressRefused = "address-refused" { endpoint: SocketAddr },
    /// One address of several is out of reach.
    AddressUnreachable = "address-unreachable" { endpoint: SocketAddr },
    /// One address of several: this machine could not ask.
    AddressNotAsked = "address-not-asked" { endpoint: SocketAddr },
    /// The policy file of this machine forbids one address of the name.
    AddressForbidden = "address-forbidden" { address: IpAddr },
    /// And so many more of them.
    MoreAddressesForbidden = "more-addresses-forbidden" { count: u32 },
    /// So many more addresses do not open.
    MoreAddressesDead = "more-addresses-dead" { count: u32 },
}

#[cfg(test)]
mod samples {
    use super::{
        Elapsed, IpAddr, Port, Ports, ResponseCode, Service, SocketAddr, Timestamp, Version,
    };

    pub(super) trait Sample {
        fn sample() -> Self;
    }

    macro_rules! samples {
        ($($type:ty => $value:expr),* $(,)?) => {
            $(impl Sample for $type {
                fn sample() -> Self {
                    $value
                }
            })*
        };
    }

    samples! {
        IpAddr => "192.0.2.12".parse().unwrap(),
        SocketAddr => "192.0.2.12:50123".parse().unwrap(),
        Port => Port::literal(50123),
        u32 => 2,
        Elapsed => std::time::Duration::from_micros(400).into(),
        Timestamp => "2026-11-22T07:00:00Z".parse().unwrap(),
        Version => "16.0.4105.2".parse().unwrap(),
        Service => Service::Http,
        ResponseCode => ResponseCode::ServFail,
        Ports => [Port::DEFAULT, Port::literal(51001)].into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Said;

    #[test]
    fn the_key_is_the_serialised_tag() {
        for said in Said::samples() {
            let json = serde_json::to_value(said).unwrap();
            assert_eq!(json["said"], said.key());
            assert_eq!(serde_json::from_value::<Said>(json).unwrap(), said);
        }
    }

    #[test]
    fn keys_are_unique_and_slots_have_values() {
        let keys: HashSet<_> = Said::VARIANTS.iter().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), Said::VARIANTS.len());
        for (said, (_, slots)) in Said::samples().iter().zip(Said::VARIANTS) {
            assert!(slots.iter().all(|slot| said.value(slot).is_some()));
            assert_eq!(said.value("no-such-slot"), None);
        }
    }

    #[test]
    fn a_statement_stays_a_small_value() {
        assert!(size_of::<Said>() <= 56, "{}", size_of::<Said>());
    }
}
