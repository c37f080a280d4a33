//! `check` over thousands of addresses, beside nmap and the bare loop.

use std::fs;
use std::time::Duration;

use super::Ground;
use super::measure::{Cost, Run};
use super::table::Line;

/// Addresses of a sweep.
const COUNT: u32 = 10_000;
/// Runs of each, of which the least counts.
const TIMES: usize = 5;

impl Ground {
    /// `check` of so many targets, which take these ports in turn.
    pub fn check(
        &self,
        format: &str,
        more: &[&str],
        count: u32,
        ports: &[u16],
    ) -> anyhow::Result<Run> {
        let list = self.lists.targets_of(count, ports)?;
        let check = Run::of(&self.sqlreach)
            .arguments(["check", "--rate", "max", "--no-witness", "--format", format])
            .arguments(more)
            .arguments(["-"]);
        Ok(check.input(&list))
    }

    fn nmap(&self, how: &[&str], count: u32, port: u16) -> anyhow::Result<Run> {
        let port = port.to_string();
        Ok(Run::of("nmap")
            .arguments(["-sT", "-Pn", "-n", "-p", &port])
            .arguments(how)
            .arguments(["-iL"])
            .arguments([self.lists.addresses(count)?]))
    }

    fn bare(kind: &str, count: u32, port: u16) -> anyhow::Result<Run> {
        let (count, port) = (count.to_string(), port.to_string());
        Ok(Run::part("bare")?.arguments([kind, &count, &port]))
    }
}

/// 10,000 addresses that refuse.
pub fn refused(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let port = ground.fleet.ports.refused;
    let text = ground.check("text", &[], COUNT, &[port])?.least(TIMES)?;
    let jsonl = ground.check("jsonl", &[], COUNT, &[port])?.least(TIMES)?;
    let nmap = ground.nmap(&[], COUNT, port)?.least(TIMES)?;
    let bare = Ground::bare("refused", COUNT, port)?.least(TIMES)?;
    let seen = format!(
        "an address: text {}, jsonl {}, nmap {}, bare {}",
        each(text),
        each(jsonl),
        each(nmap),
        each(bare)
    );
    Ok(vec![
        Line {
            work: "10,000 that refuse, text, processor time",
            seen,
            got: of(text, nmap),
            most: 0.75,
            unit: "of nmap",
        },
        Line {
            work: "the same",
            seen: String::new(),
            got: of(text, bare),
            most: 1.5,
            unit: "of the bare loop",
        },
        Line {
            work: "the same as jsonl",
            seen: String::new(),
            got: of(jsonl, nmap),
            most: 1.2,
            unit: "of nmap",
        },
    ])
}

/// 10,000 healthy engines that are asked.
pub fn healthy(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let port = ground.fleet.ports.healthy;
    let text = ground.check("text", &[], COUNT, &[port])?.least(TIMES)?;
    let bare = Ground::bare("healthy", COUNT, port)?.least(TIMES)?;
    Ok(vec![Line {
        work: "10,000 healthy, PRELOGIN included, text, processor time",
        seen: format!("an address: text {}, bare {}", each(text), each(bare)),
        got: of(text, bare),
        most: 2.5,
        unit: "of the bare loop with a write and a read",
    }])
}

/// 200 engines by version. nmap is not waited for longer than tells the two apart.
pub fn identified(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let port = ground.fleet.ports.healthy;
    let text = ground.check("text", &[], 200, &[port])?.least(TIMES)?;
    let enough = text.wall * 100 + Duration::from_secs(1);
    let nmap = ground.nmap(&["-sV", "--version-light"], 200, port)?;
    let nmap = nmap.at_most(enough).once()?;
    let more = if nmap.wall < enough { "" } else { "more than " };
    Ok(vec![Line {
        work: "200 healthy with version, wall time",
        seen: format!("{:.1?}, and nmap {more}{:.1?}", text.wall, nmap.wall),
        got: text.wall.as_secs_f64() / nmap.wall.as_secs_f64(),
        most: 0.01,
        unit: "of nmap -sV --version-light",
    }])
}

/// 10,000 of which three in ten drop.
pub fn dropped(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let (drops, refused) = (ground.fleet.ports.drops, ground.fleet.ports.refused);
    let ports = [
        drops, refused, refused, drops, refused, refused, drops, refused, refused, refused,
    ];
    let text = ground.check("text", &[], COUNT, &ports)?.once()?;
    let beyond = text.wall.saturating_sub(Duration::from_secs(4));
    Ok(vec![Line {
        work: "10,000 of which 30% drop, wall time beyond the deadline of 4 s",
        seen: format!("{:.2?} in all, processor {:.2?}", text.wall, text.processor),
        got: beyond.as_secs_f64(),
        most: 1.5,
        unit: "s",
    }])
}

/// From a thousand to a hundred thousand.
pub fn growth(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    let port = ground.fleet.ports.refused;
    let of = |count, times| ground.check("jsonl", &[], count, &[port])?.least(times);
    let (small, middle, large) = (of(1_000, 5)?, of(10_000, 3)?, of(100_000, 1)?);
    let marginal = |less: Cost, more: Cost, addresses: f64| {
        (more.processor.saturating_sub(less.processor)).as_secs_f64() * 1e6 / addresses
    };
    let (first, then) = (
        marginal(small, middle, 9_000.0),
        marginal(middle, large, 90_000.0),
    );
    let resident = [small, middle, large].map(|cost| cost.resident_kib);
    Ok(vec![
        Line {
            work: "processor time an address, from 10,000 to 100,000",
            seen: format!("jsonl: {first:.1} µs up to 10,000, then {then:.1} µs"),
            got: then / first,
            most: 1.15,
            unit: "of that from 1,000 to 10,000",
        },
        Line {
            work: "memory of jsonl at 100,000",
            seen: format!("{resident:?} KiB at 1,000, 10,000 and 100,000"),
            got: large.resident_kib as f64 / middle.resident_kib as f64,
            most: 1.1,
            unit: "of that at 10,000",
        },
    ])
}

/// The program itself.
pub fn binary(ground: &Ground) -> anyhow::Result<Vec<Line>> {
    Ok(vec![Line {
        work: "binary",
        seen: String::new(),
        got: fs::metadata(&ground.sqlreach)?.len() as f64 / 1e6,
        most: 8.0,
        unit: "MB",
    }])
}

fn of(ours: Cost, theirs: Cost) -> f64 {
    ours.processor.as_secs_f64() / theirs.processor.as_secs_f64()
}

fn each(cost: Cost) -> String {
    format!(
        "{:.1} µs",
        cost.processor.as_secs_f64() * 1e6 / f64::from(COUNT)
    )
}
