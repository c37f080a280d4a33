//! `sqlreach config import FILE`: adds the servers of a list or an export.

use std::io::Write;
use std::path::Path;

use anyhow::bail;

use super::LISTED;
use crate::config::edit::Change;
use crate::config::import::{Known, Verdict, read};
use crate::config::{Environment, Loaded, write};

/// Adds what is new, and says what became of the rest. The number is the exit status: 0, or 2
/// where something listed is no server.
pub(super) fn run(
    environment: &Environment,
    given: Option<&Path>,
    file: &Path,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let import = read(file)?;
    let Some(place) = place(environment, given) else {
        bail!("this user has no home directory; name a file: sqlreach --config FILE config import");
    };
    let mut known = Known::default();
    if place.symlink_metadata().is_ok() {
        known.note_all(&Loaded::read(&place)?.config.instances);
    }
    let verdicts = import.verdicts(&known);
    let entries: Vec<_> = (import.items.iter().zip(&verdicts))
        .filter(|(_, verdict)| **verdict == Verdict::New)
        .filter_map(|(item, _)| item.entry.clone().ok())
        .collect();
    let added = entries.len();
    if added > 0 {
        write::change(&place, &Change::Add(entries))?;
    }
    let mut wrong = 0;
    for (item, verdict) in import.items.iter().zip(&verdicts) {
        if let Verdict::Wrong(why) = verdict {
            wrong += 1;
            if wrong <= LISTED {
                let unit = import.unit.unwrap_or("server");
                writeln!(
                    out,
                    "left out: {unit} {}: '{}': {why}",
                    item.number, item.text
                )?;
            }
        }
    }
    if wrong > LISTED {
        writeln!(out, "and {} more", wrong - LISTED)?;
    }
    if import.left_out > 0 {
        writeln!(out, "left out: {} more, too many at once", import.left_out)?;
    }
    if import.passwords > 0 {
        let count = import.passwords;
        writeln!(
            out,
            "passwords left behind: {count}; none is needed, and none is kept"
        )?;
    }
    let there = verdicts.len() - added - wrong;
    writeln!(
        out,
        "added {added} to {}; {there} there already",
        place.display()
    )?;
    Ok(if wrong + import.left_out == 0 { 0 } else { 2 })
}

/// The file that would be used, or the user's own where there is none yet.
fn place(environment: &Environment, given: Option<&Path>) -> Option<std::path::PathBuf> {
    let places = environment.places(given);
    let in_use = places.into_iter().find(|place| place.found);
    let in_use = in_use.map(|place| place.path);
    in_use
        .or_else(|| given.map(Path::to_owned))
        .or_else(|| environment.user_file())
}
