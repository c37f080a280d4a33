//! Writes a text to a new file: never over another, whole or not at all, for this user alone.

use std::fs::DirBuilder;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Zoned;

use crate::disk;

/// Two files of one second get numbers; so many are enough.
const MOST: u32 = 99;
/// Longer names make paths that some systems refuse.
const LONGEST: usize = 64;

/// The name of a file without its folder: `sqlreach-NAME-20261122-140322.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    stem: String,
}

impl Name {
    /// From what it is about, which may hold anything, and the time of day.
    pub fn new(about: &str, at: &Zoned) -> Self {
        let time = at.strftime("%Y%m%d-%H%M%S");
        let about = sanitised(about);
        Self {
            stem: format!("sqlreach-{about}-{time}"),
        }
    }

    /// The first name, or with a number the next ones.
    fn numbered(&self, number: u32) -> String {
        match number {
            1 => format!("{}.md", self.stem),
            _ => format!("{}-{number}.md", self.stem),
        }
    }
}

/// Writes the text to the first of the folders that takes it, and returns the full path.
/// The error is one line.
pub fn write(folders: &[PathBuf], name: &Name, text: &str) -> Result<PathBuf, String> {
    let mut problems = Vec::new();
    for folder in folders {
        match write_into(folder, name, text) {
            Ok(path) => return Ok(path),
            Err(error) => problems.push(format!("{}: {error}", folder.display())),
        }
    }
    if problems.is_empty() {
        problems.push("there is no folder to write to".to_owned());
    }
    Err(problems.join("; "))
}

fn write_into(folder: &Path, name: &Name, text: &str) -> io::Result<PathBuf> {
    create(folder)?;
    // Mode 0600, under a name of its own until it is whole.
    let mut file = disk::temporary(folder)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    for number in 1..=MOST {
        let path = folder.join(name.numbered(number));
        match file.persist_noclobber(&path) {
            Ok(_) => {
                disk::settle(folder);
                return Ok(path);
            }
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(error.error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The user's state directory may not be there yet.
fn create(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Letters, digits, `.`, `_` and `-`; everything else becomes one `-`.
fn sanitised(about: &str) -> String {
    let mut name = String::new();
    for c in about.chars() {
        if c.is_ascii_alphanumeric() || c == '_' || (c == '.' && !name.ends_with('.')) {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
        if name.len() >= LONGEST {
            break;
        }
    }
    let name = name.trim_matches(['-', '.']);
    if name.is_empty() { "text" } else { name }.to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use rstest::rstest;

    use super::*;

    fn name(about: &str) -> Name {
        let at: Zoned = "2026-11-22T14:03:22+01:00[Europe/Berlin]".parse().unwrap();
        Name::new(about, &at)
    }

    #[rstest]
    #[case("Sales", "sqlreach-Sales-20261122-140322.md")]
    #[case(r"sales01\PROD", "sqlreach-sales01-PROD-20261122-140322.md")]
    #[case("../../etc/passwd", "sqlreach-etc-passwd-20261122-140322.md")]
    #[case("a: b*?\u{202e}\u{1b}c", "sqlreach-a-b-c-20261122-140322.md")]
    #[case("日本", "sqlreach-text-20261122-140322.md")]
    fn names_hold_nothing_that_a_path_could_mean(#[case] about: &str, #[case] file: &str) {
        assert_eq!(name(about).numbered(1), file);
    }

    #[test]
    fn a_long_name_is_cut() {
        assert!(name(&"x".repeat(500)).numbered(1).len() < 100);
    }

    #[test]
    fn a_file_that_is_there_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        let first = write(&folders, &name("Sales"), "one").unwrap();
        let second = write(&folders, &name("Sales"), "two").unwrap();
        assert_ne!(first, second);
        assert_eq!(fs::read_to_string(first).unwrap(), "one\n");
        assert_eq!(fs::read_to_string(&second).unwrap(), "two\n");
        assert!(second.ends_with("sqlreach-Sales-20261122-140322-2.md"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_this_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = write(&[folder.path().to_owned()], &name("a"), "x").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn where_the_first_folder_takes_nothing_the_second_does_and_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let state = folder.path().join("state/sqlreach");
        let path = write(&[file.join("x"), state.clone()], &name("a"), "x").unwrap();
        assert!(path.starts_with(state));
        let problem = write(&[file.join("x")], &name("a"), "x").unwrap_err();
        assert!(
            !problem.contains('\n') && problem.contains("file/x"),
            "{problem}"
        );
        assert!(write(&[], &name("a"), "x").is_err());
    }
}
