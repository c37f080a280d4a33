//! Where the file is looked for.

use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

/// The file's name in each of the directories.
const FILE: &str = "sqlreach.toml";

/// The directories of a machine and user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The user's configuration directory; `None` where the user has no home.
    pub user: Option<PathBuf>,
    /// The machine's configuration directory.
    pub system: Option<PathBuf>,
}

/// A place where the file may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// Who decides on this place.
    pub scope: Scope,
    /// Whether there is something. What cannot be looked at counts: reading it says why.
    pub found: bool,
}

/// Who decides on a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// `--config FILE`.
    Given,
    /// The user's directory.
    User,
    /// The machine's.
    System,
}

impl Environment {
    /// This process' user and machine: `$XDG_CONFIG_HOME` or `~/.config`, then `/etc`; on
    /// Windows `%APPDATA%`, then `%ProgramData%`.
    pub fn of_this_process() -> Self {
        let user = etcetera::choose_base_strategy()
            .ok()
            .map(|strategy| strategy.config_dir());
        let system = if cfg!(windows) {
            std::env::var_os("ProgramData")
        } else {
            Some("/etc".into())
        };
        Self {
            user,
            system: system.map(PathBuf::from),
        }
    }

    /// The places in the order in which they are tried. A given file is the only one.
    pub fn places(&self, given: Option<&Path>) -> Vec<Place> {
        if let Some(path) = given {
            return vec![Place::new(path.to_owned(), Scope::Given)];
        }
        let user = self.user_file().map(|path| Place::new(path, Scope::User));
        let system = self
            .system
            .as_ref()
            .map(|path| Place::new(file_in(path), Scope::System));
        user.into_iter().chain(system).collect()
    }

    /// The user's own file, whether it exists or not.
    pub fn user_file(&self) -> Option<PathBuf> {
        self.user.as_deref().map(file_in)
    }
}

impl Place {
    fn new(path: PathBuf, scope: Scope) -> Self {
        let found = match path.symlink_metadata() {
            Ok(_) => true,
            // A directory in the way that is none, or is not there, holds no file.
            Err(error) => !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ),
        };
        Self { path, scope, found }
    }
}

fn file_in(directory: &Path) -> PathBuf {
    directory.join("sqlreach").join(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn environment(root: &Path) -> Environment {
        Environment {
            user: Some(root.join("user")),
            system: Some(root.join("etc")),
        }
    }

    #[test]
    fn the_user_comes_before_the_machine() {
        let root = tempfile::tempdir().unwrap();
        let environment = environment(root.path());
        fs::create_dir_all(root.path().join("etc/sqlreach")).unwrap();
        fs::write(root.path().join("etc/sqlreach/sqlreach.toml"), "").unwrap();
        let places = environment.places(None);
        let seen: Vec<_> = places
            .iter()
            .map(|place| (place.scope, place.found))
            .collect();
        assert_eq!(seen, [(Scope::User, false), (Scope::System, true)]);
        assert_eq!(
            places[0].path,
            root.path().join("user/sqlreach/sqlreach.toml")
        );
    }

    #[test]
    fn a_given_file_is_the_only_place() {
        let root = tempfile::tempdir().unwrap();
        let given = root.path().join("mine.toml");
        let places = environment(root.path()).places(Some(&given));
        assert_eq!(
            places,
            [Place {
                path: given,
                scope: Scope::Given,
                found: false
            }]
        );
    }

    #[test]
    fn without_a_home_the_machine_is_left() {
        let places = Environment {
            user: None,
            system: Some("/nowhere".into()),
        }
        .places(None);
        assert_eq!(
            places.iter().map(|place| place.scope).collect::<Vec<_>>(),
            [Scope::System]
        );
    }

    #[test]
    fn this_process_has_places() {
        let places = Environment::of_this_process().places(None);
        assert!(
            places
                .iter()
                .all(|place| place.path.ends_with("sqlreach/sqlreach.toml")),
            "{places:?}"
        );
        assert_eq!(places.last().map(|place| place.scope), Some(Scope::System));
    }
}
