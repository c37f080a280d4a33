//! What leaves this machine, captured and held against the table of `docs/footprint.md`.

mod promise;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::time::Duration;

use sqlreach::evidence::{ConnectStatus, PreloginStatus};

use self::promise::{
    DATAGRAM, DROPPED, DROPPED_BY_HAND, HEALTHY, NOT_LOOKED_AT, NOTHING, REFUSED, REFUSED_BY_HAND,
    SIBLINGS_OF_A_SUBNET, SILENT_BROWSER, SILENT_ENGINE, SILENT_ENGINE_BY_HAND, Sent, VERIFIED,
    VERIFIED_BROWSER, most_in_a_second, news,
};
use crate::capture::Packet;
use crate::fleet::{MARKER_PORT, Watched};
use crate::lab::{Lab, Running};

/// Every connection is asked for in vain, and those that exist go on.
const NO_NEW: &str = "tcp flags & (fin|syn|rst|ack) == syn drop";

fn host(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 77, 2, number))
}

/// A configuration, for `[probe]` and one instance for each target.
fn config<T: AsRef<str>>(probe: &str, targets: impl IntoIterator<Item = T>) -> String {
    let mut text = format!("[probe]\n{probe}\n");
    for target in targets {
        let server = target.as_ref();
        writeln!(text, "[[instance]]\nserver = '{server}'").unwrap();
    }
    text
}

/// Plays a script; what the rows were in the end, and all that passed meanwhile.
fn play(lab: &Lab, script: &str, config: &str) -> (Vec<Watched>, Vec<Packet>) {
    let capture = lab.capture();
    let rows = lab.saw(&format!("fleet {script}\n{config}"), None);
    (
        serde_json::from_str(&rows).unwrap(),
        capture.packets(|packets| !packets.is_empty()),
    )
}

/// The same for a script in two parts: between them is a marker, and something breaks.
fn play_until_and_after(
    lab: &Lab,
    [before, after]: [&str; 2],
    break_it: impl Fn(),
    config: &str,
) -> (Vec<Watched>, Vec<Packet>) {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("go");
    let made = Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let script = format!("{before} mark signal={} {after}", pipe.display());
    let capture = lab.capture();
    std::thread::scope(|scope| {
        let fleet = scope.spawn(|| lab.saw(&format!("fleet {script}\n{config}"), None));
        let mut packets = capture.packets(|packets| packets.iter().any(is_marker));
        break_it();
        std::fs::write(&pipe, "").unwrap();
        let rows = serde_json::from_str(&fleet.join().unwrap()).unwrap();
        packets.extend(capture.packets(|packets| !packets.is_empty()));
        (rows, packets)
    })
}

fn site(lab: &Lab, lines: &[String]) -> Running {
    lab.run("s", &format!("site {}", lines.join("\n")))
}

fn is_marker(packet: &Packet) -> bool {
    packet.from_client && packet.port() == MARKER_PORT
}

/// What lies behind the n-th marker.
fn behind(packets: &[Packet], marker: usize) -> &[Packet] {
    let mut markers = (0..packets.len()).filter(|place| is_marker(&packets[*place]));
    &packets[markers.nth(marker).unwrap() + 1..]
}

/// Connections that both sides ended with FIN.
fn closed_in_order(packets: &[Packet], host: IpAddr) -> usize {
    let ends = |from_client: bool| -> BTreeSet<(u16, u16)> {
        packets
            .iter()
            .filter(|packet| packet.has('F') && packet.from_client == from_client)
            .filter(|packet| packet.from == host || packet.to == host)
            .filter_map(|packet| packet.ports)
            .map(|(from, to)| if from_client { (from, to) } else { (to, from) })
            .collect()
    };
    ends(true).intersection(&ends(false)).count()
}

/// Hosts whose answers nobody else's test depends on, and what is sent to nobody else.
fn nothing_else(packets: &[Packet], hosts: &BTreeSet<IpAddr>) {
    let strangers: Vec<_> = news(packets)
        .filter(|packet| !hosts.contains(&packet.to))
        .collect();
    assert!(strangers.is_empty(), "{strangers:#?}");
}

#[test]
fn a_healthy_fleet_costs_what_the_table_says() {
    const CYCLES: usize = 4;
    let Some(lab) = Lab::new() else { return };
    let mut lines = Vec::new();
    let mut targets = Vec::new();
    // Twelve alone on their hosts, two named on hosts of their own, six named on one host.
    for number in 10..22 {
        lines.push(format!("engine {}:1433", host(number)));
        targets.push(host(number).to_string());
    }
    for (number, names) in [(30, 1), (31, 1), (32, 6)] {
        let instances: Vec<_> = (0..names).map(|n| (format!("I{n}"), 50_000 + n)).collect();
        let listed: Vec<_> = instances
            .iter()
            .map(|(name, port)| format!("{name}={port}"))
            .collect();
        lines.push(format!(
            "browser {}:1434 {}",
            host(number),
            listed.join(" ")
        ));
        for (name, port) in instances {
            lines.push(format!("engine {}:{port} {name}", host(number)));
            targets.push(format!(r"{}\{name}", host(number)));
        }
    }
    let _site = site(&lab, &lines);
    // Longer than the two seconds for which an answer of Browser serves its host.
    let config = config("interval = '2500ms'", &targets);
    let script = format!("probed={CYCLES} pause rest=500");
    let (rows, packets) = play(&lab, &script, &config);
    assert_eq!(rows.len(), 20);
    let hosts: BTreeSet<_> = rows.iter().map(Watched::address).collect();
    for host in &hosts {
        let rows: Vec<_> = rows.iter().filter(|row| row.address() == *host).collect();
        let probes = rows.iter().map(|row| row.probes).sum::<usize>();
        let cycles = rows.iter().map(|row| row.probes).max().unwrap();
        let is_named = *host >= self::host(30);
        let datagrams = DATAGRAM * if is_named { cycles } else { 0 };
        assert!(rows.iter().all(|row| row.state == "answering"), "{rows:?}");
        assert_eq!(
            Sent::to(*host, &packets),
            HEALTHY.of(probes) + datagrams,
            "{host}: {rows:?}"
        );
        assert_eq!(closed_in_order(&packets, *host), probes, "{host}");
        assert!((CYCLES..=CYCLES + 1).contains(&cycles), "{rows:?}");
    }
    nothing_else(&packets, &hosts);
    let resets: Vec<_> = packets.iter().filter(|packet| packet.has('R')).collect();
    assert!(resets.is_empty(), "{resets:#?}");
}

#[test]
fn a_failing_fleet_costs_its_looks_once() {
    let Some(lab) = Lab::new() else { return };
    let [refused, dropped] = [40, 41].map(host);
    let _site = site(
        &lab,
        &[refused, dropped].map(|host| format!("engine {host}:50001")),
    );
    lab.rule("s", "input", &format!("ip daddr {dropped} drop"));
    let targets = [
        format!("{refused}"),
        format!("{refused},1500"),
        format!("{dropped}"),
    ];
    let config = config("interval = '1s'\ntimeout = { connect = '500ms' }", targets);
    let (rows, packets) = play(&lab, "probed=5 witnessed=10 pause rest=1500", &config);
    // Both rows of the refusing host share its looks.
    for (host, state, promise) in [
        (refused, "refused", REFUSED),
        (dropped, "timed-out", DROPPED),
    ] {
        let rows: Vec<_> = rows.iter().filter(|row| row.address() == host).collect();
        let probes = rows.iter().map(|row| row.probes).sum();
        assert!(rows.iter().all(|row| row.state == state), "{rows:?}");
        assert_eq!(Sent::to(host, &packets), promise.of(probes), "{rows:?}");
    }
    nothing_else(&packets, &[refused, dropped].into());
}

#[test]
fn a_silent_engine_gets_one_connection_in_ten_seconds_however_many_rows_lead_to_it() {
    let Some(lab) = Lab::new() else { return };
    let silent = host(42);
    let _site = site(&lab, &[format!("silent {silent}:1433")]);
    let targets = ["", ",1433", ", 1433"].map(|port| format!("{silent}{port}"));
    let config = config("interval = '1s'\ntimeout = { prelogin = '500ms' }", targets);
    // The confirmation waits until the ten seconds are over.
    let (rows, packets) = play(&lab, "probed=2 pause rest=1000", &config);
    assert!(rows.iter().all(|row| row.state == "silent"), "{rows:?}");
    let connections: Vec<_> = news(&packets)
        .filter(|packet| packet.port() == 1433)
        .map(|packet| packet.at)
        .collect();
    let [first, second] = connections[..] else {
        panic!("{connections:?}")
    };
    // From the moment before the first SYN to the moment before the second.
    let apart = second.saturating_sub(first);
    assert!(apart > Duration::from_millis(9_900), "{apart:?}");
    assert_eq!(Sent::to(silent, &packets), SILENT_ENGINE.of(2));
    nothing_else(&packets, &[silent].into());
}

#[test]
fn a_silent_browser_gets_one_datagram_a_cycle_and_three_on_the_change() {
    let Some(lab) = Lab::new() else { return };
    let host = host(43);
    let _site = site(&lab, &[format!("engine {host}:50001")]);
    lab.rule("s", "input", "udp dport 1434 drop");
    let config = config(
        "interval = '3500ms'\ntimeout = { browser = '800ms' }",
        [format!(r"{host}\PROD")],
    );
    let (rows, packets) = play(&lab, "probed=4 pause rest=1000", &config);
    assert_eq!(rows[0].state, "not-located");
    assert_eq!(Sent::to(host, &packets), SILENT_BROWSER.of(rows[0].probes));
    nothing_else(&packets, &[host].into());
}

#[test]
fn a_name_is_asked_for_once_in_its_time_to_live() {
    let Some(lab) = Lab::new() else { return };
    let _dns = lab.run("s", "dns 10.77.2.2:53");
    let _engine = lab.server("10.77.2.2:1433");
    let config = config(
        "interval = '1s'\ndns_servers = ['10.77.2.2:53']",
        ["good.corp.test"],
    );
    let (rows, packets) = play(&lab, "probed=4 pause rest=500", &config);
    assert_eq!(rows[0].state, "answering");
    // A and AAAA, of the one name that was asked for.
    let expected = Sent {
        dns: 2,
        ..HEALTHY.of(rows[0].probes)
    };
    assert_eq!(Sent::to(host(2), &packets), expected);
    nothing_else(&packets, &[host(2)].into());
}

#[test]
fn a_probe_by_hand_takes_every_look_once() {
    let Some(lab) = Lab::new() else { return };
    let host = host(44);
    let _site = site(&lab, &[format!("engine {host}:1433")]);
    let config = config(
        "interval = '60s'\ntimeout = { connect = '500ms' }",
        [host.to_string()],
    );
    // The one by hand, its confirmation, and what follows from that.
    let script = ["probed=1", "hand probed=3 witnessed=6 rest=2500"];
    let silence = || lab.rule("s", "input", NO_NEW);
    let (rows, packets) = play_until_and_after(&lab, script, silence, &config);
    assert_eq!((rows[0].state.as_str(), rows[0].probes), ("timed-out", 3));
    assert_eq!(Sent::to(host, behind(&packets, 0)), DROPPED_BY_HAND.of(2));
    nothing_else(&packets, &[host].into());
}

#[test]
fn each_probe_by_hand_looks_anew_and_once_a_failure_at_the_administrator_connection() {
    const BY_HAND: usize = 2;
    let Some(lab) = Lab::new() else { return };
    let [refused, silent] = [45, 46].map(host);
    let lines = [
        format!("engine {refused}:50001"),
        format!("silent {silent}:1433"),
    ];
    let _site = site(&lab, &lines);
    let config = config(
        "interval = '60s'\ntimeout = { prelogin = '500ms' }",
        [refused, silent].map(|host| host.to_string()),
    );
    // Whoever asks within five seconds is served with the looks that were just taken.
    let script = "probed=2 witnessed=4 rest=5500 mark \
        hand probed=3 witnessed=14 rest=5500 hand probed=4 rest=3000";
    let (rows, packets) = play(&lab, script, &config);
    assert!(rows.iter().all(|row| row.probes == 2 + BY_HAND), "{rows:?}");
    for (row, state, promise) in [
        (&rows[0], "refused", REFUSED_BY_HAND),
        (&rows[1], "silent", SILENT_ENGINE_BY_HAND),
    ] {
        assert_eq!(row.state, state);
        let sent = Sent::to(row.address(), behind(&packets, 0));
        assert_eq!(sent, promise.of(BY_HAND), "{row:?}");
    }
    nothing_else(&packets, &[refused, silent].into());
}

#[test]
fn a_fix_that_is_put_to_the_proof_costs_a_probe_in_two_seconds_and_no_look() {
    const SECONDS: usize = 24;
    let Some(lab) = Lab::new() else { return };
    let [refused, silent, unlisted] = [47, 48, 49].map(host);
    let lines = [
        format!("engine {refused}:50001"),
        format!("silent {silent}:1433"),
        format!("engine {unlisted}:50001"),
    ];
    let _site = site(&lab, &lines);
    lab.rule("s", "input", "udp dport 1434 drop");
    let config = config(
        "interval = '60s'\ntimeout = { browser = '800ms', prelogin = '500ms' }",
        [
            refused.to_string(),
            silent.to_string(),
            format!(r"{unlisted}\PROD"),
        ],
    );
    // The first and its confirmation, which leaves the silent engine its ten seconds.
    let script = format!(
        "probed=2 witnessed=7 rest=1500 mark verify rest={SECONDS}000 \
        pause rest=1000 mark rest=3000"
    );
    let (rows, packets) = play(&lab, &script, &config);
    let after = behind(&packets, 1);
    let proof = behind(&packets, 0);
    let proof = &proof[..proof.len() - after.len() - 1];
    let quick = SECONDS / 2 - 2..=SECONDS / 2 + 2;
    for (row, state, promise, probes) in [
        (&rows[0], "refused", VERIFIED, quick.clone()),
        (&rows[1], "silent", VERIFIED, 2..=3),
        (&rows[2], "not-located", VERIFIED_BROWSER, quick),
    ] {
        assert_eq!(row.state, state);
        let sent = Sent::to(row.address(), proof);
        // Before the mark each was probed and confirmed, and perhaps asked early as a sibling.
        let made = sent.sql.max(sent.browser);
        assert!(made + 2 <= row.probes && row.probes <= made + 3, "{row:?}");
        assert!(probes.contains(&made), "{row:?}");
        assert_eq!(sent, promise.of(made), "{row:?}");
    }
    let connections: Vec<_> = news(&packets)
        .filter(|packet| packet.to == silent && packet.port() == 1433)
        .map(|packet| packet.at)
        .collect();
    for pair in connections.windows(2) {
        let apart = pair[1].saturating_sub(pair[0]);
        assert!(apart > Duration::from_millis(9_900), "{apart:?}");
    }
    assert_eq!(news(after).count(), 0, "a pause ends it: {after:#?}");
    nothing_else(&packets, &[refused, silent, unlisted].into());
}

#[test]
fn of_hosts_that_go_silent_together_three_are_looked_at_and_the_rate_is_kept() {
    const RATE: usize = 20;
    const SILENT: usize = 12;
    const LOOKED_AT: usize = 3;
    let Some(lab) = Lab::new() else { return };
    let hosts: Vec<_> = (50..80).map(host).collect();
    let (silent, well) = hosts.split_at(SILENT);
    let lines: Vec<_> = hosts
        .iter()
        .map(|host| format!("engine {host}:1433"))
        .collect();
    let _site = site(&lab, &lines);
    // No probe but the first, one after the pause, and the confirmation.
    let config = config(
        &format!("interval = '60s'\nrate = {RATE}\ntimeout = {{ connect = '500ms' }}"),
        hosts.iter().map(IpAddr::to_string),
    );
    let script = ["probed=1 pause", "resume probed=2 witnessed=12 rest=2500"];
    let rule = format!("ip daddr {}-{} {NO_NEW}", silent[0], silent[SILENT - 1]);
    let silence = || lab.rule("s", "input", &rule);
    let (rows, packets) = play_until_and_after(&lab, script, silence, &config);
    let failing = behind(&packets, 0);
    let probes = |host: &IpAddr| {
        rows.iter()
            .find(|row| row.address() == *host)
            .unwrap()
            .probes
            - 1
    };
    for host in well {
        assert_eq!(Sent::to(*host, failing), HEALTHY.of(1), "{host}");
    }
    let mut looked_at = 0;
    for host in silent {
        assert_eq!(probes(host), 2, "one, and one confirmation");
        let sent = Sent::to(*host, failing);
        let is_looked_at = sent != NOT_LOOKED_AT.of(2);
        let promise = if is_looked_at { DROPPED } else { NOT_LOOKED_AT };
        assert_eq!(sent, promise.of(2), "{host}");
        looked_at += usize::from(is_looked_at);
    }
    assert_eq!(looked_at, LOOKED_AT);
    let most = most_in_a_second(&packets);
    assert!(most <= RATE + RATE / 10, "{most} in a second");
    nothing_else(&packets, &hosts.into_iter().collect());
}

#[test]
fn its_siblings_are_probed_once_before_their_time_when_one_falls_silent() {
    let Some(lab) = Lab::new() else { return };
    let hosts: Vec<_> = (100..120).map(host).collect();
    let (silent, others) = hosts.split_last().unwrap();
    let lines: Vec<_> = hosts
        .iter()
        .map(|host| format!("engine {host}:1433"))
        .collect();
    let _site = site(&lab, &lines);
    // Only the last one, which falls silent, comes to its next turn.
    let mut config = config(
        "interval = '60s'\ntimeout = { connect = '500ms' }",
        hosts.iter().map(IpAddr::to_string),
    );
    config.push_str("interval = '1s'\n");
    let silence = || lab.rule("s", "input", &format!("ip daddr {silent} {NO_NEW}"));
    let (rows, packets) = play_until_and_after(&lab, ["probed=1", "rest=6000"], silence, &config);
    assert_eq!(rows.last().unwrap().state, "timed-out");
    let since = behind(&packets, 0);
    let sent = others.iter().map(|host| Sent::to(*host, since));
    let asked: Vec<_> = sent.filter(|sent| *sent != NOTHING).collect();
    assert_eq!(asked, [HEALTHY.of(1); SIBLINGS_OF_A_SUBNET]);
    nothing_else(&packets, &hosts.iter().copied().collect());
}

#[test]
fn of_the_others_four_are_asked_before_their_time_when_one_is_stopped_on_this_machine() {
    const ASKED: usize = 4;
    let Some(lab) = Lab::new() else { return };
    let hosts: Vec<_> = (90..98).map(host).collect();
    let (stopped, others) = hosts.split_last().unwrap();
    let lines: Vec<_> = hosts
        .iter()
        .map(|host| format!("engine {host}:1433"))
        .collect();
    let _site = site(&lab, &lines);
    // Only the last one, which is stopped, comes to its next turn.
    let mut config = config("interval = '60s'", hosts.iter().map(IpAddr::to_string));
    config.push_str("interval = '1s'\n");
    let rule =
        format!("ip daddr {stopped} meta l4proto tcp reject with icmp type admin-prohibited");
    let stop = || lab.rule("c", "output", &rule);
    let script = ["probed=1", "rest=6000"];
    let (rows, packets) = play_until_and_after(&lab, script, stop, &config);
    let states: Vec<_> = rows.iter().map(|row| row.state.as_str()).collect();
    assert_eq!(states, [["answering"; 7].as_slice(), &["blocked"]].concat());
    let since = behind(&packets, 0);
    let sent = |host: &IpAddr| Sent::to(*host, since);
    let asked: Vec<_> = others
        .iter()
        .map(sent)
        .filter(|sent| *sent != NOTHING)
        .collect();
    assert_eq!(asked, [HEALTHY.of(1); ASKED]);
    nothing_else(&packets, &hosts.iter().copied().collect());
}

#[test]
fn without_witnesses_nothing_is_looked_at_not_even_by_hand() {
    let Some(lab) = Lab::new() else { return };
    let [refused, dropped] = [80, 81].map(host);
    let _site = site(
        &lab,
        &[refused, dropped].map(|host| format!("engine {host}:50001")),
    );
    lab.rule("s", "input", &format!("ip daddr {dropped} drop"));
    let config = config(
        "witnesses = false\ninterval = '1s'\ntimeout = { connect = '500ms' }",
        [refused, dropped].map(|host| host.to_string()),
    );
    let (rows, packets) = play(&lab, "probed=3 hand probed=5 pause rest=1500", &config);
    for row in &rows {
        let sent = Sent::to(row.address(), &packets);
        assert_eq!(sent, NOT_LOOKED_AT.of(row.probes), "{row:?}");
    }
    nothing_else(&packets, &[refused, dropped].into());
}

#[test]
fn while_paused_nothing_leaves() {
    let Some(lab) = Lab::new() else { return };
    let [well, refused] = [82, 83].map(host);
    let _site = site(
        &lab,
        &[
            format!("engine {well}:1433"),
            format!("engine {refused}:50001"),
        ],
    );
    let config = config("interval = '1s'", [well.to_string(), refused.to_string()]);
    let script = "probed=2 pause rest=500 mark rest=3500 mark resume probed=6";
    let (_, packets) = play(&lab, script, &config);
    let after = behind(&packets, 1);
    let paused = behind(&packets, 0);
    let paused = &paused[..paused.len() - after.len()];
    assert_eq!(news(paused).count(), 0, "{paused:#?}");
    assert!(news(after).count() > 0, "and then it goes on");
}

#[test]
fn a_healthy_instance_gets_one_syn_one_prelogin_and_a_clean_close() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    let capture = lab.capture();
    let evidence = lab.probe("10.77.2.2");
    assert_eq!(evidence.layers.prelogin.status, PreloginStatus::Ok);
    let packets =
        capture.packets(|packets| packets.iter().filter(|packet| packet.has('F')).count() == 2);
    let of = |flag: char| -> Vec<bool> {
        packets
            .iter()
            .filter(|packet| packet.has(flag))
            .map(|packet| packet.from_client)
            .collect()
    };
    assert_eq!(of('S'), [true, false], "one SYN, one answer: {packets:#?}");
    assert_eq!(
        of('P'),
        [true, false],
        "one PRELOGIN, one answer: {packets:#?}"
    );
    assert_eq!(of('F').len(), 2, "both sides close: {packets:#?}");
    assert_eq!(of('R'), [false; 0], "and nobody resets: {packets:#?}");
    assert!(
        packets.iter().all(|packet| packet.is_tcp),
        "nothing else leaves: {packets:#?}"
    );
    let sent: usize = packets
        .iter()
        .filter(|packet| packet.from_client)
        .map(|packet| packet.length)
        .sum();
    let request = sqlreach::wire::tds::PreloginRequest {
        instance: "",
        trace: [0; 8],
    }
    .encode();
    assert_eq!(sent, request.len());
}

#[test]
fn a_failing_instance_gets_one_syn_and_nothing_else() {
    let Some(lab) = Lab::new() else { return };
    let capture = lab.capture();
    let evidence = lab.probe("10.77.2.2");
    assert_eq!(evidence.layers.connect.status, ConnectStatus::Refused);
    let packets = capture.packets(|packets| packets.iter().any(|packet| packet.has('R')));
    assert_eq!(packets.len(), 2, "{packets:#?}");
    assert!(packets[0].from_client && packets[0].has('S'));
    assert!(!packets[1].from_client && packets[1].has('R'));
}

#[test]
fn a_silent_browser_costs_one_datagram_in_the_loop() {
    let Some(lab) = Lab::new() else { return };
    lab.rule("s", "input", "udp dport 1434 drop");
    let capture = lab.capture();
    lab.probe("10.77.2.2\\PROD");
    let packets = capture.packets(|packets| !packets.is_empty());
    assert_eq!(packets.len(), 1, "{packets:#?}");
    assert!(packets[0].from_client && !packets[0].is_tcp);
}

/// How many connections the client tried to each port. The system repeats an unanswered
/// SYN: a connection is told by its ports.
fn connections(packets: &[Packet]) -> BTreeMap<u16, usize> {
    let connections: BTreeSet<_> = packets
        .iter()
        .filter(|packet| packet.from_client && packet.is_syn())
        .filter_map(|packet| packet.ports)
        .collect();
    let mut to = BTreeMap::new();
    for (_, port) in connections {
        *to.entry(port).or_default() += 1;
    }
    to
}

#[test]
fn who_sent_a_reset_costs_two_walks_and_only_where_they_are_asked_for() {
    let Some(lab) = Lab::new() else { return };
    let _files = lab.server("10.77.2.2:445");
    let home = tempfile::tempdir().unwrap();
    let sent = |arguments: &[&str]| {
        let capture = lab.capture();
        lab.sqlreach(home.path(), arguments);
        connections(&capture.packets(|packets| !packets.is_empty()))
    };
    let looks = [(1, 1), (445, 1), (1433, 1)];
    assert_eq!(sent(&["check", "10.77.2.2"]), looks.into());
    // The host is three steps away, and three go out together.
    let walks = [(1, 1), (445, 1 + 3), (1433, 1 + 3)];
    assert_eq!(sent(&["check", "--path", "10.77.2.2"]), walks.into());
}
