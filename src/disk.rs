//! Files that survive: written beside their place, brought to the disk, and only then named.
//!
//! Whoever is killed on the way leaves a temporary file and the old one whole. The temporary
//! file has a name that nobody else uses, and the next writer in the folder takes it away.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

/// What the name of a temporary file begins with.
const PREFIX: &str = ".sqlreach-";
/// What it ends with.
const SUFFIX: &str = ".tmp";
/// No write takes so long: what is older was left behind.
const STALE: Duration = Duration::from_secs(3600);
/// Of a folder, so many names are looked at.
const LOOKED_AT: usize = 10_000;

/// A temporary file in `folder`, for its owner alone (0600, whatever the umask). It goes away
/// unless it is persisted.
pub fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    sweep(folder, SystemTime::now());
    tempfile::Builder::new()
        .prefix(PREFIX)
        .suffix(SUFFIX)
        .tempfile_in(folder)
}

/// Brings a rename to the disk, which is in the folder. Where a folder cannot be opened as a
/// file, the system looks after that itself.
pub fn settle(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        folder.sync_all().ok();
    }
}

/// Takes away what a program that was killed left behind; what cannot be stays.
fn sweep(folder: &Path, now: SystemTime) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.take(LOOKED_AT).flatten() {
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX));
        // Of a link, this is the link.
        let is_stale = || {
            let found = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            let age = now.duration_since(found.modified().ok()?).ok()?;
            Some(age > STALE)
        };
        if is_ours && is_stale() == Some(true) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_program_left_is_taken_away_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let old = SystemTime::now() - 2 * STALE;
        let make = |name: &str, modified: SystemTime| {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(modified).unwrap();
        };
        make(".sqlreach-abc123.tmp", old);
        make(".sqlreach-def456.tmp", SystemTime::now());
        for kept in [
            ".sqlreach-notes",
            "sqlreach.toml",
            "x.tmp",
            ".other-abc.tmp",
        ] {
            make(kept, old);
        }
        let file = temporary(folder.path()).unwrap();
        let names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(names.len(), 6, "{names:?}");
        assert!(
            !names.contains(&".sqlreach-abc123.tmp".to_owned()),
            "{names:?}"
        );
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let file = temporary(folder.path()).unwrap();
        let mode = file.as_file().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
