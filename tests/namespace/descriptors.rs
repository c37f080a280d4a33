//! Few file descriptors and many names: what the resolver cannot open is no verdict about a
//! name. Without a descriptor glibc says "no such name" of what its hosts file lists.

use std::fmt::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::lab::Lab;

const NAMES: usize = 100;

#[test]
fn names_resolve_with_few_descriptors() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.run("c", "serve 0.0.0.0:1433");
    let hosts = (1..=NAMES).fold(String::new(), |mut hosts, n| {
        writeln!(hosts, "127.0.1.{n} db{n}.corp.test").unwrap();
        hosts
    });
    for limit in ["32", "40", "64"] {
        let home = tempfile::tempdir().unwrap();
        // Nobody answers there, so that DNS is asked as often as it can be.
        let mut command = lab.program(home.path(), &hosts, "nameserver 127.0.0.1");
        command
            .args([
                "sh",
                "-c",
                "ulimit -n \"$1\" && shift && exec \"$@\"",
                "sh",
                limit,
            ])
            .arg(env!("CARGO_BIN_EXE_sqlreach"))
            .args(["check", "--format", "json"])
            .args((1..=NAMES).map(|n| format!("db{n}.corp.test")));
        let output = command.stderr(Stdio::inherit()).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            document["summary"]["answering"], NAMES,
            "{limit}: {:#}",
            document["summary"]
        );
    }
}
