//! Who may use whom: the house keeps its walls.
//!
//! Reads the `crate::room` paths of every source file and compares them with the table.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room and the rooms it may use. `command` and the binary may use all.
const MAY_USE: &[(&str, &[&str])] = &[
    ("target", &[]),
    ("wire", &[]),
    ("policy", &[]),
    ("disk", &[]),
    ("config", &["disk", "policy", "target"]),
    ("evidence", &["target", "wire"]),
    ("probe", &["evidence", "policy", "wire", "target"]),
    ("diagnosis", &["evidence", "target"]),
    ("advice", &["diagnosis", "evidence", "target"]),
    ("explain", &["advice", "diagnosis", "target"]),
    (
        "monitor",
        &[
            "probe",
            "diagnosis",
            "disk",
            "evidence",
            "policy",
            "target",
            "config",
        ],
    ),
    ("simulate", &["wire"]),
    (
        "output",
        &[
            "monitor",
            "explain",
            "advice",
            "diagnosis",
            "evidence",
            "target",
            "config",
        ],
    ),
    (
        "tui",
        &[
            "disk",
            "monitor",
            "explain",
            "advice",
            "diagnosis",
            "evidence",
            "target",
            "config",
        ],
    ),
];

#[test]
fn no_room_uses_another_that_it_may_not() {
    let mut broken = Vec::new();
    for (room, may_use) in MAY_USE {
        for file in files_of(room) {
            let text = fs::read_to_string(&file).unwrap();
            for used in rooms_used(outside_tests(&text)) {
                if used != *room && !may_use.contains(&used.as_str()) {
                    broken.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_room_of_the_library_is_in_the_table() {
    let library = fs::read_to_string("src/lib.rs").unwrap();
    let free = ["cli", "command"];
    for module in library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
    {
        let module = module.trim_end_matches(';');
        let known = MAY_USE.iter().any(|(room, _)| *room == module) || free.contains(&module);
        assert!(known, "{module} has no row in the table");
    }
}

/// `src/room.rs` and everything below `src/room/`, files of tests left out.
fn files_of(room: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let single = PathBuf::from(format!("src/{room}.rs"));
    if single.is_file() {
        files.push(single);
    }
    let folder = PathBuf::from(format!("src/{room}"));
    if folder.is_dir() {
        collect(&folder, &mut files);
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if matches!(name, "tests" | "sample") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Tests may use any room, simulated servers above all.
fn outside_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

fn rooms_used(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|path| {
            path.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}
