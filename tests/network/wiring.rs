//! The cables, addresses and routes of the lab.

use std::io::Write;
use std::process::{Command, Stdio};

/// Client, first router, second router, and two servers.
pub const PARTS: [&str; 5] = ["c", "r", "q", "s", "t"];

/// A cable: part, card and last byte of its addresses at either end, and its network.
const CABLES: [(u8, End, End); 4] = [
    (1, ("c", "c0", 2), ("r", "r0", 1)),
    (9, ("r", "r1", 1), ("q", "q0", 2)),
    (2, ("q", "q1", 1), ("s", "s0", 2)),
    (3, ("q", "q2", 1), ("t", "t0", 2)),
];

/// Part, network (as it is written for each family), and the next router.
const ROUTES: [(&str, [&str; 2], [&str; 2]); 6] = [
    (
        "c",
        ["10.77.0.0/16", "fd77::/16"],
        ["10.77.1.1", "fd77:1::1"],
    ),
    (
        "r",
        ["10.77.2.0/24", "fd77:2::/64"],
        ["10.77.9.2", "fd77:9::2"],
    ),
    (
        "r",
        ["10.77.3.0/24", "fd77:3::/64"],
        ["10.77.9.2", "fd77:9::2"],
    ),
    (
        "q",
        ["10.77.1.0/24", "fd77:1::/64"],
        ["10.77.9.1", "fd77:9::1"],
    ),
    (
        "s",
        ["10.77.0.0/16", "fd77::/16"],
        ["10.77.2.1", "fd77:2::1"],
    ),
    (
        "t",
        ["10.77.0.0/16", "fd77::/16"],
        ["10.77.3.1", "fd77:3::1"],
    ),
];

/// Linux limits the rate of ICMP, which would make the tests wait for each other, and looks
/// for a second whether anyone has an IPv6 address before it uses it.
const SWITCHES: &str = "cd /proc/sys/net && echo 1 >ipv4/ip_forward \
    && echo 1 >ipv6/conf/all/forwarding && echo 0 >ipv6/conf/default/accept_dad \
    && echo 0 >ipv4/icmp_ratelimit && echo 0 >ipv6/icmp/ratelimit";

type End = (&'static str, &'static str, u8);

/// Builds the whole network; `name` gives the namespace of a part.
pub fn build(name: impl Fn(&str) -> String) -> Result<(), String> {
    let spaces = PARTS.map(|part| format!("netns add {}", name(part)));
    batch(&[], &spaces)?;
    for part in PARTS {
        run(Command::new("ip").args(["netns", "exec", &name(part), "sh", "-c", SWITCHES]))?;
    }
    let cables = CABLES.map(|(_, (part, card, _), (peer, peer_card, _))| {
        let (part, peer) = (name(part), name(peer));
        format!("link add {card} netns {part} type veth peer name {peer_card} netns {peer}")
    });
    batch(&[], &cables)?;
    for part in PARTS {
        batch(&["-n", &name(part)], &set_up(part))?;
    }
    Ok(())
}

/// Takes it away again.
pub fn remove(name: impl Fn(&str) -> String) {
    for part in PARTS {
        let _ = Command::new("ip")
            .args(["netns", "del", &name(part)])
            .stderr(Stdio::null())
            .status();
    }
}

fn set_up(part: &str) -> Vec<String> {
    let mut lines = vec!["link set lo up".to_owned()];
    let ends = CABLES
        .iter()
        .flat_map(|(network, a, b)| [(network, a), (network, b)]);
    for (network, (_, card, byte)) in ends.filter(|(_, end)| end.0 == part) {
        lines.push(format!("link set {card} up"));
        lines.push(format!("addr add 10.77.{network}.{byte}/24 dev {card}"));
        lines.push(format!(
            "addr add fd77:{network}::{byte}/64 dev {card} nodad"
        ));
    }
    for (_, networks, routers) in ROUTES.iter().filter(|(of, _, _)| *of == part) {
        for (network, router) in networks.iter().zip(routers) {
            lines.push(format!("route add {network} via {router}"));
        }
    }
    lines
}

/// One `ip` for many commands.
fn batch(options: &[&str], lines: &[String]) -> Result<(), String> {
    let mut command = Command::new("ip");
    command.args(options).args(["-batch", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let written = child
        .stdin
        .take()
        .map(|mut stdin| stdin.write_all(lines.join("\n").as_bytes()));
    let output = child.wait_with_output();
    match (written, output) {
        (Some(Ok(())), Ok(output)) if output.status.success() => Ok(()),
        (written, output) => Err(format!("{lines:?}: {written:?} {output:?}")),
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {}", said()))
    }
}
