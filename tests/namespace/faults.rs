//! Every fault that the lab can make, and the verdict that belongs to it: a table.

use crate::lab::{Lab, Running};

/// An address in both families.
pub type Both = [&'static str; 2];

const CLIENT: Both = ["10.77.1.2", "fd77:1::2"];
const ROUTER_1: Both = ["10.77.1.1", "fd77:1::1"];
const ROUTER_2: Both = ["10.77.9.2", "fd77:9::2"];
const SERVER: Both = ["10.77.2.2", "fd77:2::2"];
const OTHER_SERVER: Both = ["10.77.3.2", "fd77:3::2"];
/// Nobody has these addresses.
const NOBODY: Both = ["10.77.2.99", "fd77:2::99"];
const NO_NEIGHBOUR: Both = ["10.77.1.99", "fd77:1::99"];
/// No router knows these networks, and not even the client knows the last one.
const LOST: Both = ["10.77.5.2", "fd77:5::2"];
const NOWHERE: Both = ["10.99.0.1", "fd99::1"];

/// A row: what is broken, and what must be said of it.
pub struct Fault {
    pub what: &'static str,
    pub make: fn(&Lab) -> Vec<Running>,
    pub target: Both,
    pub state: &'static str,
    /// The causes that share the first place.
    pub first: &'static [&'static str],
    /// Type and code in each family, and who sent them.
    pub icmp: Option<([(u8, u8); 2], Both)>,
    /// The last device on the way that answered the walk.
    pub last_hop: Option<Both>,
    /// Devices that the diagnosis must name.
    pub names: &'static [Both],
    /// What must stand in the diagnosis.
    pub says: &'static [&'static str],
    /// What must not.
    pub never: &'static [&'static str],
}

const FAULT: Fault = Fault {
    what: "",
    make: nothing,
    target: SERVER,
    state: "",
    first: &[],
    icmp: None,
    last_hop: None,
    names: &[],
    says: &[],
    never: &[],
};

const TIE: &[&str] = &["service-not-running", "wrong-port", "firewall-drops"];

fn nothing(_: &Lab) -> Vec<Running> {
    Vec::new()
}

/// The host opens another port.
fn files(lab: &Lab) -> Vec<Running> {
    vec![lab.server("[::]:445")]
}

fn files_and_engine(lab: &Lab) -> Vec<Running> {
    vec![lab.server("[::]:445"), lab.server("[::]:1433")]
}

/// Everything that arrives at the first router is answered there.
fn proxy(lab: &Lab, but: &str) -> Vec<Running> {
    let proxy = lab.run("r", "hang-up [::]:9999");
    lab.nft("r", "add table inet proxy");
    lab.nft(
        "r",
        "add chain inet proxy pre { type nat hook prerouting priority -100 ; }",
    );
    let rule = format!("add rule inet proxy pre meta l4proto tcp {but} redirect to :9999");
    lab.nft("r", &rule);
    vec![proxy]
}

fn reject_at(lab: &Lab, part: &str, hook: &str, with: &str) -> Vec<Running> {
    let rule = format!("tcp dport 1433 reject with {with}");
    lab.rule(part, hook, &rule);
    files(lab)
}

/// The world of the host by its closed port, the SQL port and another one. The rows of the
/// table by which silence and refusal are read.
pub const WORLDS: &[Fault] = &[
    Fault {
        what: "closed port RST, SQL port RST: nothing listens",
        make: files,
        state: "refused",
        first: &["service-not-running"],
        says: &["as far away as the host itself (hop 3)"],
        never: &["firewall-drops", "reject-rule"],
        ..FAULT
    },
    Fault {
        what: "closed port RST, SQL port silent: a rule drops this port",
        make: |lab| {
            lab.rule("s", "input", "tcp dport 1433 drop");
            files_and_engine(lab)
        },
        state: "timed-out",
        first: &["firewall-drops"],
        last_hop: Some(ROUTER_2),
        names: &[ROUTER_2],
        says: &["hop 3 is the first that does not"],
        ..FAULT
    },
    Fault {
        what: "all closed ports hidden, other port open, service off: stealth",
        make: |lab| {
            lab.rule("s", "input", "tcp dport != 445 drop");
            files(lab)
        },
        state: "timed-out",
        first: TIE,
        last_hop: Some(ROUTER_2),
        ..FAULT
    },
    Fault {
        what: "all closed ports hidden, other port open, service on and dropped: stealth",
        make: |lab| {
            lab.rule("s", "input", "tcp dport != 445 drop");
            files_and_engine(lab)
        },
        state: "timed-out",
        first: TIE,
        last_hop: Some(ROUTER_2),
        ..FAULT
    },
    Fault {
        what: "closed port silent, SQL port RST: somebody rejects on purpose",
        make: |lab| {
            lab.rule("s", "input", "tcp dport 1433 reject with tcp reset");
            lab.add("s", "input", "meta l4proto tcp drop");
            Vec::new()
        },
        state: "refused",
        first: &["reject-rule"],
        says: &["does not tell whether the host itself"],
        ..FAULT
    },
    Fault {
        what: "closed port, SQL port and other port silent: nobody is heard",
        make: |lab| {
            lab.rule("s", "input", "meta l4proto tcp drop");
            Vec::new()
        },
        state: "timed-out",
        first: &["host-down"],
        last_hop: Some(ROUTER_2),
        names: &[ROUTER_2],
        ..FAULT
    },
    Fault {
        what: "closed port open: a router completes every handshake",
        make: |lab| proxy(lab, ""),
        state: "hung-up",
        first: &["path-proxy"],
        says: &["completes every handshake"],
        never: &["completes the handshake in", "a closed port", "host down"],
        ..FAULT
    },
    Fault {
        what: "closed port open, SQL port silent: a router completes every other handshake",
        make: |lab| {
            lab.rule("q", "forward", "tcp dport 1433 drop");
            proxy(lab, "tcp dport != 1433")
        },
        state: "timed-out",
        first: &["path-proxy"],
        last_hop: Some(ROUTER_2),
        says: &["completes every handshake"],
        ..FAULT
    },
];

pub const REFUSALS: &[Fault] = &[
    Fault {
        what: "an engine answers",
        make: |lab| vec![lab.server("[::]:1433")],
        state: "answering",
        ..FAULT
    },
    Fault {
        what: "one server is dropped for, the other behind the same router answers",
        make: |lab| {
            lab.rule("s", "input", "meta l4proto tcp drop");
            vec![lab.run("t", "serve [::]:1433")]
        },
        target: OTHER_SERVER,
        state: "answering",
        ..FAULT
    },
    Fault {
        what: "the first router rejects: port unreachable",
        make: |lab| reject_at(lab, "r", "forward", "icmpx type port-unreachable"),
        state: "refused",
        first: &["reject-rule"],
        icmp: Some(([(3, 3), (1, 4)], ROUTER_1)),
        names: &[ROUTER_1],
        ..FAULT
    },
    Fault {
        what: "the first router rejects: host unreachable",
        make: |lab| reject_at(lab, "r", "forward", "icmpx type host-unreachable"),
        state: "unreachable",
        first: &["host-down"],
        icmp: Some(([(3, 1), (1, 3)], ROUTER_1)),
        last_hop: Some(ROUTER_1),
        names: &[ROUTER_1],
        says: &["(hop 1) says that it goes no further"],
        ..FAULT
    },
    Fault {
        what: "the first router rejects: no route",
        make: |lab| reject_at(lab, "r", "forward", "icmpx type no-route"),
        state: "unreachable",
        first: &["no-route"],
        icmp: Some(([(3, 0), (1, 0)], ROUTER_1)),
        last_hop: Some(ROUTER_1),
        names: &[ROUTER_1],
        ..FAULT
    },
    Fault {
        what: "the first router rejects: prohibited",
        make: |lab| reject_at(lab, "r", "forward", "icmpx type admin-prohibited"),
        state: "unreachable",
        first: &["reject-rule"],
        icmp: Some(([(3, 13), (1, 1)], ROUTER_1)),
        last_hop: Some(ROUTER_1),
        names: &[ROUTER_1],
        ..FAULT
    },
    Fault {
        what: "the second router rejects: prohibited",
        make: |lab| reject_at(lab, "q", "forward", "icmpx type admin-prohibited"),
        state: "unreachable",
        first: &["reject-rule"],
        icmp: Some(([(3, 13), (1, 1)], ROUTER_2)),
        last_hop: Some(ROUTER_2),
        names: &[ROUTER_2],
        ..FAULT
    },
    Fault {
        what: "the first router resets",
        make: |lab| reject_at(lab, "r", "forward", "tcp reset"),
        state: "refused",
        first: &["reject-rule"],
        names: &[ROUTER_1],
        says: &["RST comes from hop 2", "answers from hop 3"],
        ..FAULT
    },
    Fault {
        what: "the second router resets",
        make: |lab| reject_at(lab, "q", "prerouting", "tcp reset"),
        state: "refused",
        first: &["reject-rule"],
        names: &[ROUTER_2],
        says: &["RST comes from hop 2", "answers from hop 3"],
        never: &["holds"],
        ..FAULT
    },
    // What a router sends after it has counted its hop comes from as far as the next one.
    Fault {
        what: "the last router resets after its hop: as far away as the host, which is said",
        make: |lab| {
            lab.rule("q", "forward", "tcp dport 1433 reject with tcp reset");
            lab.add("q", "forward", "tcp dport 1 drop");
            files(lab)
        },
        state: "refused",
        first: &["service-not-running", "reject-rule"],
        names: &[ROUTER_2],
        says: &["as far away as the host itself (hop 3)"],
        ..FAULT
    },
    Fault {
        what: "the second router resets, and a closed port is all there is to compare",
        make: |lab| {
            lab.rule("q", "prerouting", "tcp dport 1433 reject with tcp reset");
            Vec::new()
        },
        state: "refused",
        first: &["reject-rule"],
        names: &[ROUTER_2],
        ..FAULT
    },
    Fault {
        what: "the second router resets everything: nothing to compare with",
        make: |lab| {
            let rule = "meta l4proto tcp tcp flags syn reject with tcp reset";
            lab.rule("q", "prerouting", rule);
            Vec::new()
        },
        state: "refused",
        first: &["service-not-running"],
        says: &["does not tell whether the host itself"],
        ..FAULT
    },
];

pub const SILENCES: &[Fault] = &[
    Fault {
        what: "the first router drops this port",
        make: |lab| {
            lab.rule("r", "forward", "tcp dport 1433 drop");
            files_and_engine(lab)
        },
        state: "timed-out",
        first: &["firewall-drops"],
        last_hop: Some(ROUTER_1),
        names: &[ROUTER_1],
        says: &["hop 2 is the first that does not"],
        ..FAULT
    },
    Fault {
        what: "this machine's own rule drops: the walk does not even leave",
        make: |lab| {
            lab.rule("c", "output", "tcp dport 1433 drop");
            files_and_engine(lab)
        },
        state: "timed-out",
        first: &["firewall-drops"],
        says: &["not even the first"],
        ..FAULT
    },
    Fault {
        what: "a dead host behind the second router",
        target: NOBODY,
        state: "unreachable",
        first: &["host-down"],
        icmp: Some(([(3, 1), (1, 3)], ROUTER_2)),
        last_hop: Some(ROUTER_2),
        names: &[ROUTER_2],
        ..FAULT
    },
    Fault {
        what: "a dead neighbour",
        target: NO_NEIGHBOUR,
        state: "unreachable",
        first: &["host-down"],
        icmp: Some(([(3, 1), (1, 3)], CLIENT)),
        ..FAULT
    },
    Fault {
        what: "no route from here",
        target: NOWHERE,
        state: "unreachable",
        first: &["no-route"],
        ..FAULT
    },
    Fault {
        what: "no route at the first router",
        target: LOST,
        state: "unreachable",
        first: &["no-route"],
        icmp: Some(([(3, 0), (1, 0)], ROUTER_1)),
        last_hop: Some(ROUTER_1),
        names: &[ROUTER_1],
        ..FAULT
    },
    Fault {
        what: "this machine's own rule rejects",
        make: |lab| reject_at(lab, "c", "output", "icmpx type admin-prohibited"),
        state: "blocked",
        first: &["local-firewall"],
        icmp: Some(([(3, 13), (1, 1)], CLIENT)),
        ..FAULT
    },
];
