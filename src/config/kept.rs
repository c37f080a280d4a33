//! Where the instances that are watched are kept, and what lies over them.

use std::path::{Path, PathBuf};

use super::edit::{Change, EditError, Entry};
use super::import::Known;
use super::write::{self, WriteError};
use super::{Config, LoadError, Loaded, Overrides};

/// The instances that are watched, and the file that they are kept in, if any. Everything
/// here may wait for the disk.
#[derive(Clone, Debug)]
pub struct Kept {
    file: Option<PathBuf>,
    /// Where the instances would be written, where nothing is kept.
    could_be: Option<PathBuf>,
    config: Config,
    overrides: Overrides,
}

impl Kept {
    /// What is in force, the file it is kept in (`None`: for this session only), and what
    /// the command line lays over it.
    pub fn new(file: Option<PathBuf>, config: Config, overrides: Overrides) -> Self {
        Self {
            file,
            could_be: None,
            config,
            overrides,
        }
    }

    /// The same, where what lasts for this session only can be written on request.
    #[must_use]
    pub fn could_be_in(self, could_be: Option<PathBuf>) -> Self {
        Self { could_be, ..self }
    }

    /// The file that [`Kept::save`] writes to.
    pub fn could_be(&self) -> Option<&Path> {
        self.could_be.as_deref()
    }

    /// Writes what is watched to the file, what it lists already left out, and what is no
    /// server. What is in force stays. Returns how many were new.
    pub fn save(&self) -> Result<usize, WriteError> {
        let Some(file) = &self.could_be else {
            return Ok(0);
        };
        let mut known = Known::default();
        if file.symlink_metadata().is_ok() {
            let loaded = Loaded::read(file).map_err(|error| WriteError::Unread {
                error: Box::new(error),
            })?;
            known.note_all(&loaded.config.instances);
        }
        let mut entries = Vec::new();
        for instance in &self.config.instances {
            let Ok(target) = &instance.target else {
                continue;
            };
            if target.over_tcp().is_ok() && !known.has(target) {
                known.note(target, &instance.name);
                let (entry, _) = Entry::of(instance).without_secrets()?;
                entries.push(entry);
            }
        }
        let count = entries.len();
        if count > 0 {
            write::change(file, &Change::Add(entries))?;
        }
        Ok(count)
    }

    /// The file, whether it exists or not; `None` where changes last for this session only.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What is in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Makes a change. The file, if there is one, is written first; what it says is in force
    /// then.
    pub fn change(&mut self, change: &Change) -> Result<(), WriteError> {
        let Some(file) = &self.file else {
            check(change)?;
            change.apply(&mut self.config.instances)?;
            self.config.apply(&self.overrides);
            self.config.probe.hold_to(&self.config.policy);
            return Ok(());
        };
        write::change(file, change)?;
        self.reload().map(drop).map_err(|error| WriteError::Reread {
            path: self.file.clone().unwrap_or_default(),
            error: Box::new(error),
        })
    }

    /// Reads the file again. Where it cannot be read or holds a mistake, everything stays as
    /// it was. Returns whether anything is different now.
    pub fn reload(&mut self) -> Result<bool, LoadError> {
        let Some(file) = &self.file else {
            return Ok(false);
        };
        if self.config.file.is_none() && file.symlink_metadata().is_err() {
            // There never was one.
            return Ok(false);
        }
        let mut loaded = Loaded::read(file)?;
        loaded.apply(&self.overrides);
        // Whatever the file says now: the policy that the program began with holds.
        loaded.hold_to(&self.config.policy)?;
        let is_new = loaded.config != self.config;
        self.config = loaded.config;
        Ok(is_new)
    }
}

/// Whether a file could hold what is added, since nothing else would say so.
fn check(change: &Change) -> Result<(), EditError> {
    let entries = match change {
        Change::Add(entries) => entries.clone(),
        Change::Edit(_, entry) => vec![entry.clone()],
        Change::Remove(_) => return Ok(()),
    };
    Change::Add(entries).write("", Path::new("")).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::*;
    use crate::policy::Policy;

    #[test]
    fn a_file_that_is_read_again_does_not_loosen_the_policy() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sqlreach.toml");
        fs::write(&file, "[probe]\nrate = 3\n").unwrap();
        let mut loaded = Loaded::read(&file).unwrap();
        let policy = Policy {
            file: Some("/etc/sqlreach/policy.toml".into()),
            networks: Some(vec!["10.77.2.0/24".parse().unwrap()]),
            witnesses: false,
            rate: Some(5),
            ..Policy::default()
        };
        loaded.hold_to(&Arc::new(policy.clone())).unwrap();
        assert_eq!(loaded.config.probe.rate, Some(3), "a smaller rate holds");
        let mut kept = Kept::new(Some(file.clone()), loaded.config, Overrides::default());
        fs::write(&file, "[probe]\nrate = 'max'\nwitnesses = true\n").unwrap();
        assert!(kept.reload().unwrap());
        assert_eq!(kept.config().probe.rate, Some(5));
        assert!(!kept.config().probe.witnesses);
        assert_eq!(*kept.config().policy, policy);
        fs::write(&file, "[probe]\ndns_servers = ['10.9.9.9']\n").unwrap();
        let said = kept.reload().unwrap_err().to_string();
        assert!(said.contains("policy.toml forbids it"), "{said}");
        assert_eq!(kept.config().probe.rate, Some(5), "what was in force stays");
    }
}
