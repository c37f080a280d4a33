//! The fault lab: real faults in real networks, and the verdict that belongs to each.
//!
//! Every scenario is one file, `tests/lab/scenarios/NAME.toml`. It says what is broken and what
//! must be said of it; nothing else has to be written to add one. Each runs the real program
//! (`sqlreach check --format json --path`) in network namespaces of its own:
//!
//! ```text
//! client c ── router1 r ── router2 q ─┬─ server s
//!                                     └─ other  t
//! ```
//!
//! ```toml
//! what = "a rule on the server drops port 1433"
//!
//! [[server]]                       # part "s", listen "[::]:1433" unless said otherwise
//! does = "engine"
//!
//! [[rule]]
//! part = "s"
//! hook = "input"
//! rule = "tcp dport 1433 drop"
//!
//! [[expect]]                       # target "{server}" unless said otherwise
//! engine = "hidden"                # the truth: answers, absent, hidden, at-times
//! state = "timed-out"              # or several: ["timed-out", "answering"]
//! first = ["firewall-drops"]       # the causes that share the first place
//! last_hop = "{router2}"
//! ```
//!
//! `scenario.rs` has every table with its fields. Addresses have names (`places.rs`): `{server}`
//! stands for both families, so a target with it is asked over IPv4 and over IPv6 and all that
//! is expected holds for both; `{server4}` and `{server6}` are one address. `learned` tells what
//! was wrong when the scenario was made.
//!
//! Beside its own expectations each scenario keeps what always holds (`invariants.rs`): nothing
//! is wrong in the dangerous direction, deadlines hold, nothing is named that is ruled out, ties
//! are shown as ties, the first fix only looks, and a healthy engine beside the fault, which is
//! asked in the same run, answers at once.
//!
//! `cargo test --test lab` runs all, 8 at a time; `cargo test --test lab -- reject` those with
//! the word in their names, `-- --list` tells the names. It needs root, `ip`, `nft`, `setpriv` and
//! `python3`. Where they are missing all are skipped; with `CI=true` that is a failure.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

#[cfg(target_os = "linux")]
mod compare;
#[cfg(target_os = "linux")]
mod inside;
#[cfg(target_os = "linux")]
mod invariants;
#[cfg(target_os = "linux")]
#[path = "../network/mod.rs"]
mod network;
#[cfg(target_os = "linux")]
mod places;
#[cfg(target_os = "linux")]
mod scenario;
#[cfg(target_os = "linux")]
mod stage;

/// Scenarios that run at once; they mostly wait.
#[cfg(target_os = "linux")]
const AT_ONCE: usize = 8;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("skipped: the fault lab needs the network namespaces of Linux");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    use libtest_mimic::{Arguments, Trial};

    if let Ok(task) = std::env::var(stage::TASK) {
        inside::act(&task);
        return std::process::ExitCode::SUCCESS;
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(AT_ONCE));
    let possible = arguments.list || possible();
    let trials = files().into_iter().map(|(name, path)| {
        let trial = Trial::test(name, move || run(&path));
        trial.with_ignored_flag(!possible)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// Every scenario by its name.
#[cfg(target_os = "linux")]
fn files() -> Vec<(String, std::path::PathBuf)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab/scenarios");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, path)
        })
        .collect();
    files.sort();
    files
}

/// Whether namespaces can be had; a word about it where not.
#[cfg(target_os = "linux")]
fn possible() -> bool {
    match network::Network::build(&["nft", "setpriv", "python3"]) {
        Ok(_) => true,
        Err(why) if network::must_run() => panic!("no network namespaces: {why}"),
        Err(why) => {
            eprintln!("skipped: {why}");
            false
        }
    }
}

#[cfg(target_os = "linux")]
fn run(path: &std::path::Path) -> Result<(), libtest_mimic::Failed> {
    let file = std::fs::read_to_string(path)?;
    let mut scenario: scenario::Scenario =
        toml::from_str(&file).map_err(|error| format!("{}: {error}", path.display()))?;
    let outcome = stage::play(&mut scenario);
    let mut wrong = invariants::broken(&outcome);
    for (number, asked) in outcome.asked.iter().enumerate() {
        let Some(expect) = asked.expect.map(|expect| &scenario.expects[expect]) else {
            continue;
        };
        let row = &outcome.document["instances"][number];
        let differences = compare::differences(expect, asked.family, row);
        wrong.extend(
            differences
                .into_iter()
                .map(|line| format!("{}: {line}", asked.target)),
        );
    }
    if std::env::var_os("SQLREACH_LAB_SHOW").is_some() {
        println!("{}", serde_json::to_string_pretty(&outcome.document)?);
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n  {}", scenario.what, wrong.join("\n  ")).into())
}
