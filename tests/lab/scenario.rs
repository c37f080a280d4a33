//! A scenario as it stands in its file: what is set up, and what must be said of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One line: what is broken.
    pub what: String,
    /// What this scenario taught when it was made: a verdict that was wrong, and what was done.
    #[serde(default)]
    #[allow(dead_code, reason = "for the reader of the file")]
    pub learned: String,
    #[serde(default, rename = "server")]
    pub servers: Vec<Server>,
    #[serde(default)]
    pub dns: Vec<Dns>,
    /// A DNS server that nobody here wrote, on port 53.
    #[serde(default)]
    pub dnsmasq: Vec<Dnsmasq>,
    #[serde(default, rename = "browser")]
    pub browsers: Vec<Browser>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    #[serde(default)]
    pub ip: Vec<Ip>,
    #[serde(default)]
    pub link: Link,
    #[serde(default)]
    pub client: Client,
    #[serde(default)]
    pub run: Run,
    #[serde(rename = "expect")]
    pub expects: Vec<Expect>,
}

/// What listens on a TCP port.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    #[serde(default = "at_server")]
    pub part: String,
    #[serde(default = "on_1433")]
    pub listen: String,
    pub does: Does,
    /// The bytes of `does = "bytes"`, in hex.
    #[serde(default)]
    pub hex: String,
    /// Between two bytes of `does = "drips"`.
    #[serde(default = "a_second")]
    pub every_ms: u64,
    /// How long an engine thinks before it answers.
    #[serde(default)]
    pub delay_ms: u64,
    /// The instance that an engine is.
    #[serde(default = "default_instance")]
    pub instance: String,
}

/// What it does with whoever connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// Answers PRELOGIN as SQL Server does.
    Engine,
    /// Accepts, reads and says nothing.
    Silent,
    /// FIN at once.
    Closes,
    /// FIN after the first bytes of the client: a proxy that has nobody behind it.
    HangsUp,
    /// RST after the first bytes of the client.
    Resets,
    /// RST at once.
    ResetsAtOnce,
    /// Its accept queue is full: every SYN is dropped.
    FullBacklog,
    /// The right answer, one byte at a time.
    Drips,
    /// Packets of an answer that never ends.
    Streams,
    /// Bytes that are nothing.
    Garbage,
    /// Options that point outside of their packet.
    Malformed,
    /// Half of the right answer, then silence.
    Stalls,
    /// Half of the right answer, then FIN.
    HalfThenCloses,
    /// An ERROR token, as an Azure gateway sends it.
    ErrorToken,
    Ssh,
    Ftp,
    Smtp,
    Mysql,
    Postgresql,
    Http,
    /// A service that wants TLS from the first byte.
    TlsFirst,
    /// These bytes after the first ones of the client, then FIN.
    Bytes,
}

/// A DNS server.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    #[serde(default = "at_server")]
    pub part: String,
    #[serde(default = "on_53")]
    pub listen: String,
    #[serde(default, rename = "name")]
    pub names: Vec<DnsName>,
}

/// dnsmasq, which knows only what it is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dnsmasq {
    #[serde(default = "at_server")]
    pub part: String,
    /// `address=/db1.corp.test/{server}`: as in its configuration.
    pub options: Vec<String>,
}

/// What it does when it is asked for a name; every other name does not exist.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DnsName {
    pub name: String,
    pub answer: Answer,
    /// Only when it is asked for this type; the entry without a type answers the others.
    #[serde(default)]
    pub only: Option<RecordType>,
    #[serde(default = "half_a_minute")]
    pub ttl: u32,
    #[serde(default)]
    pub delay_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordType {
    A,
    Aaaa,
}

/// `"not-found"`, `{ addresses = ["{server}"] }`, `{ alias = "db2.corp.test" }` …
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// An empty list is an answer without addresses (NODATA).
    Addresses(Vec<String>),
    Alias(String),
    NotFound,
    ServerFailure,
    Refused,
    Silence,
    /// Cut over UDP, these addresses over TCP.
    OverTcp(Vec<String>),
}

/// A SQL Server Browser.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Browser {
    #[serde(default = "at_server")]
    pub part: String,
    #[serde(default = "on_1434")]
    pub listen: String,
    #[serde(default)]
    pub behaviour: Behaviour,
    #[serde(default, rename = "instance")]
    pub instances: Vec<Listed>,
}

/// `"answers"`, `"silent"`, `{ late = 1500 }` (milliseconds), `{ every-nth = 3 }`,
/// `{ from-elsewhere = "{other4}:1434" }` …
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Behaviour {
    #[default]
    Answers,
    Silent,
    Empty,
    Garbage,
    Oversized,
    Truncated,
    WrongInstance,
    Late(u64),
    EveryNth(u32),
    FromElsewhere(String),
}

/// What it lists, true or not.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    #[serde(default = "db1")]
    pub server: String,
    pub name: String,
    #[serde(default)]
    pub tcp: Option<u16>,
    #[serde(default)]
    pub pipe: Option<String>,
    #[serde(default)]
    pub version: Option<String>,
    #[serde(default)]
    pub clustered: bool,
}

/// One nftables rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub part: String,
    /// `input`, `output`, `forward`, `prerouting` or `postrouting`.
    pub hook: String,
    /// `tcp dport 1433 drop`: as after `nft add rule inet lab input`.
    #[serde(rename = "rule")]
    pub text: String,
    /// Of a chain that translates addresses.
    #[serde(default)]
    pub nat: bool,
}

/// One `ip` command in one part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ip {
    pub part: String,
    /// `route add blackhole 10.98.0.0/24`
    pub run: String,
}

/// The way from the client beyond its router.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Every packet of the client takes so much longer.
    #[serde(default)]
    pub delay_ms: u64,
    /// So many of a hundred packets are lost, in either direction.
    #[serde(default)]
    pub loss: u8,
    /// Larger packets are lost without a word, in either direction.
    #[serde(default)]
    pub largest: Option<u16>,
}

/// What the client's system is set to.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Where it asks for names.
    #[serde(default)]
    pub nameservers: Vec<String>,
    #[serde(default)]
    pub search: Vec<String>,
    /// `timeout:1 attempts:1`
    #[serde(default)]
    pub options: String,
    /// Lines of its hosts file.
    #[serde(default)]
    pub hosts: Vec<String>,
}

/// How the program is started.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    #[serde(default)]
    pub arguments: Vec<String>,
    /// Whether the ways are walked too.
    #[serde(default = "yes")]
    pub path: bool,
    /// The part whose engine must go on answering on port 14330 beside the fault.
    #[serde(default = "at_other")]
    pub control: String,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            arguments: Vec::new(),
            path: yes(),
            control: at_other(),
        }
    }
}

/// What must be said of one target.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Any spelling; with a place in it that is not of one family, both are asked.
    #[serde(default = "the_server")]
    pub target: String,
    #[serde(default)]
    pub families: Families,
    /// Whether an engine really answers there.
    pub engine: Engine,
    /// One word, or several where luck decides.
    pub state: OneOf,
    /// The causes that share the first place, in no order.
    #[serde(default)]
    pub first: Option<Vec<String>>,
    /// The message that answered the first connect; without one there must be none.
    #[serde(default)]
    pub icmp: Option<Icmp>,
    /// Who answered last on the way to the port, if it was walked.
    #[serde(default)]
    pub last_hop: Option<String>,
    /// The status of each layer that matters.
    #[serde(default)]
    pub layers: BTreeMap<String, OneOf>,
    /// Devices that the diagnosis names.
    #[serde(default)]
    pub names: Vec<String>,
    /// Words that stand in the diagnosis.
    #[serde(default)]
    pub says: Vec<String>,
    /// Words that must not.
    #[serde(default)]
    pub never: Vec<String>,
    /// Causes that must not be named at all.
    #[serde(default)]
    pub never_cause: Vec<String>,
    /// Any other value of the row: a JSON pointer and what stands there.
    #[serde(default)]
    pub values: BTreeMap<String, toml::Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Families {
    #[default]
    Both,
    V4,
    V6,
}

/// What is true of the endpoint, whatever the program says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// It is there and answers this client: only `answering` and `degraded` are right.
    Answers,
    /// It is not there: they are wrong.
    Absent,
    /// It is there, and the fault keeps this client from it: they are wrong.
    Hidden,
    /// Now and then something arrives: nothing is wrong by itself.
    AtTimes,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOf {
    One(String),
    Several(Vec<String>),
}

impl OneOf {
    pub fn allows(&self, word: &str) -> bool {
        match self {
            Self::One(one) => one == word,
            Self::Several(several) => several.iter().any(|one| one == word),
        }
    }
}

/// Type and code in each family that is asked over (`"3/13"`), and who sent it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Icmp {
    #[serde(default)]
    pub v4: String,
    #[serde(default)]
    pub v6: String,
    pub from: String,
}

fn at_server() -> String {
    "s".to_owned()
}
fn at_other() -> String {
    "t".to_owned()
}
fn the_server() -> String {
    "{server}".to_owned()
}
fn on_1433() -> String {
    "[::]:1433".to_owned()
}
fn on_1434() -> String {
    "[::]:1434".to_owned()
}
fn on_53() -> String {
    "[::]:53".to_owned()
}
fn db1() -> String {
    "DB1".to_owned()
}
fn default_instance() -> String {
    "MSSQLSERVER".to_owned()
}
fn a_second() -> u64 {
    1000
}
fn half_a_minute() -> u32 {
    30
}
fn yes() -> bool {
    true
}
