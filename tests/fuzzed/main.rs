//! What the fuzzer starts from, and what it found: each must hold without it, too.
//!
//! `fuzz/corpus/NAME/` has the seeds, `fuzz/findings/NAME/` the inputs that once broke
//! something. How they are run by the fuzzer itself is in `fuzz/README.md`.

// A test that cannot go on has failed.
#![allow(clippy::unwrap_used)]

mod bodies;
mod tampered;

use std::fs;
use std::path::{Path, PathBuf};

/// The files of a folder; none where there is no such folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn what_was_found_once_holds() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    for (name, body) in bodies::BODIES {
        let corpus = files(&fuzz.join("corpus").join(name));
        assert!(!corpus.is_empty(), "no corpus for {name}");
        for file in corpus
            .iter()
            .chain(&files(&fuzz.join("findings").join(name)))
        {
            println!("{}", file.display());
            body(&fs::read(file).unwrap());
        }
    }
}

#[test]
fn every_body_is_fuzzed() {
    let manifest = include_str!("../../fuzz/Cargo.toml");
    for (name, _) in bodies::BODIES {
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{name} is not in fuzz/Cargo.toml"
        );
    }
}
