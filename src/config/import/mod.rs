//! Servers from elsewhere: a list, registered servers of SSMS, connections of VS Code and Azure
//! Data Studio, another configuration. Pure but for [`read`]; whatever is read is hostile.

mod list;
mod own;
mod ssms;
#[cfg(test)]
mod tests;
mod vscode;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::decode::decode;
use super::edit::{Change, Entry};
use super::{ConfigError, Instance};
use crate::target::{Target, clean, mask_secrets, parse};

pub use list::pasted;

/// No list of servers is larger.
const LARGEST: u64 = 1 << 20;
/// So many servers of a file are read; more are counted.
const MOST_READ: usize = 5_000;
/// So many of a paste, which is read while the screen waits.
const MOST_PASTED: usize = 1_000;
/// Of a text that is no server, so much is shown.
const SHOWN: usize = 200;
/// Secrets are found from the beginning of a text; nobody waits for the end of a long one.
const LOOKED_AT: usize = 4_096;

/// What a text lists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// Everything it lists, in its order.
    pub items: Vec<Item>,
    /// Passwords that were left behind.
    pub passwords: usize,
    /// Servers that were too many, and not read.
    pub left_out: usize,
    /// What the numbers of the items count; `None` where they have none to show.
    pub unit: Option<&'static str>,
}

/// One thing that a text lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its line or number, from 1.
    pub number: usize,
    /// The server as it may be shown.
    pub text: String,
    /// Another name under which it may be watched already.
    pub also: Option<String>,
    /// What would be kept, or why it is no server.
    pub entry: Result<Entry, String>,
}

/// What is to become of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can be added.
    New,
    /// It is watched already, under this name.
    Known(String),
    /// It stands there already, with this number.
    Twice(usize),
    /// It is no server, or none that can be probed.
    Wrong(String),
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not there or cannot be read.
    #[error("{}: cannot be read: {error}; type the path of a file", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// A folder, a pipe, a device.
    #[error("{}: no file; type the path of a list or an export", .0.display())]
    NoFile(PathBuf),
    /// It is larger than any list.
    #[error("{}: larger than 1 MiB, so it is no list of servers; take the part that lists them", .0.display())]
    TooLarge(PathBuf),
    /// It is not what it begins as.
    #[error("{}:{line}: {problem}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A configuration with a mistake.
    #[error("{0}")]
    Config(ConfigError),
    /// It lists nothing.
    #[error("{}: lists no server; see 'import' in docs/configuration.md for what can be read", .0.display())]
    Nothing(PathBuf),
}

/// Reads a file. Blocks: the disk may take its time.
pub fn read(path: &Path) -> Result<Import, ImportError> {
    let unreadable = |error| ImportError::Unreadable {
        path: path.to_owned(),
        error,
    };
    // A pipe would be waited for.
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(ImportError::NoFile(path.to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let mut file = file.take(LARGEST + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(ImportError::TooLarge(path.to_owned()));
    }
    of_bytes(&bytes, path)
}

/// What the bytes of a file list; `path` is named in errors, and tells a configuration.
pub fn of_bytes(bytes: &[u8], path: &Path) -> Result<Import, ImportError> {
    let text = decode(bytes).map_err(|broken| ImportError::Broken {
        path: path.to_owned(),
        line: broken.before.matches('\n').count() + 1,
        problem: format!("{}; save the file as UTF-8", broken.problem),
    })?;
    let broken = |(line, problem): (usize, String)| ImportError::Broken {
        path: path.to_owned(),
        line,
        problem: clean(&problem, SHOWN),
    };
    let begin = text.trim_start();
    let import = if own::is_one(&text, path) {
        own::read(&text, path).map_err(ImportError::Config)?
    } else if begin.starts_with('<') {
        ssms::read(&text, MOST_READ).map_err(broken)?
    } else if begin.starts_with('{') {
        vscode::read(&text, MOST_READ).map_err(broken)?
    } else {
        list::read(&text, MOST_READ)
    };
    if import.items.is_empty() {
        return Err(ImportError::Nothing(path.to_owned()));
    }
    Ok(import)
}

/// The path that somebody typed or dropped: `~` is the home directory, quotes around it go.
pub fn path_of(text: &str) -> PathBuf {
    let text = text.trim();
    let quoted = |quote: char| {
        let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inner.is_empty()).then_some(inner)
    };
    let text = quoted('\'').or_else(|| quoted('"')).unwrap_or(text);
    let in_home = text.strip_prefix('~').and_then(|rest| {
        let rest = rest
            .strip_prefix(['/', '\\'])
            .or(rest.is_empty().then_some(""))?;
        Some(etcetera::home_dir().ok()?.join(rest))
    });
    in_home.unwrap_or_else(|| PathBuf::from(text))
}

/// Under which texts servers are watched, and the name that is shown for each.
#[derive(Clone, Debug, Default)]
pub struct Known(HashMap<String, String>);

impl Known {
    /// Notes an instance.
    pub fn note(&mut self, target: &Target, name: &str) {
        let names = self.0.entry(target.short().to_lowercase());
        names.or_insert_with(|| name.to_owned());
    }

    /// Notes all that are servers.
    pub fn note_all(&mut self, instances: &[Arc<Instance>]) {
        for instance in instances {
            if let Ok(target) = &instance.target {
                self.note(target, &instance.name);
            }
        }
    }

    /// Whether a server is among them.
    pub fn has(&self, target: &Target) -> bool {
        self.name_of(&target.short()).is_some()
    }

    fn name_of(&self, text: &str) -> Option<&String> {
        self.0.get(&text.to_lowercase())
    }
}

impl Import {
    /// A new one, of which the numbers count this.
    pub fn counting(unit: Option<&'static str>) -> Self {
        Self {
            unit,
            ..Self::default()
        }
    }

    /// Takes one, unless there are `most` already.
    fn take(&mut self, number: usize, entry: Entry, most: usize) {
        if self.items.len() >= most {
            self.left_out += 1;
            return;
        }
        let text = shown(&entry.server);
        let entry = self.checked(entry);
        self.items.push(Item {
            number,
            text,
            also: None,
            entry,
        });
    }

    /// Takes what is none, and why.
    pub fn refuse(&mut self, number: usize, text: &str, why: impl Into<String>) {
        self.items.push(Item {
            number,
            text: shown(text),
            also: None,
            entry: Err(why.into()),
        });
    }

    /// Takes a server that was found, and another text that means the same one.
    pub fn found(&mut self, entry: Entry, also: String) {
        let number = self.items.len() + 1;
        self.take(number, entry, MOST_READ);
        if let Some(item) = self.items.last_mut() {
            item.also = Some(also);
        }
    }

    /// How many of them are servers.
    pub fn servers(&self) -> usize {
        self.items.iter().filter(|item| item.entry.is_ok()).count()
    }

    /// The entry as it can be written, without any password.
    fn checked(&mut self, mut entry: Entry) -> Result<Entry, String> {
        let target = parse(&entry.server).map_err(|error| match error.hint {
            Some(hint) => format!("{}; {hint}", error.problem),
            None => error.problem,
        })?;
        target.over_tcp().map_err(|why| why.to_string())?;
        entry.name = entry.name.and_then(|name| self.harmless(&name, 256));
        entry.note = entry.note.and_then(|note| self.harmless(&note, 1_000));
        entry.tags = (entry.tags.iter())
            .filter_map(|tag| self.harmless(tag, 64))
            .map(|tag| tag.split_whitespace().collect::<Vec<_>>().join("-"))
            .filter(|tag| !tag.is_empty())
            .take(16)
            .collect();
        let (entry, had_password) = entry.without_secrets().map_err(|error| error.to_string())?;
        self.passwords += usize::from(had_password);
        // What a file could not hold would be refused later, with all the others.
        let change = Change::Add(vec![entry.clone()]);
        let fits = change.write("", Path::new(""));
        fits.map(|_| entry).map_err(|error| error.to_string())
    }

    /// A word or sentence beside the server, if it may be kept.
    fn harmless(&mut self, text: &str, most: usize) -> Option<String> {
        let cleaned = clean(text.trim(), most);
        if mask_secrets(&cleaned) != cleaned {
            self.passwords += 1;
            return None;
        }
        (!cleaned.is_empty()).then_some(cleaned)
    }

    /// What is to become of each item.
    pub fn verdicts(&self, known: &Known) -> Vec<Verdict> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let verdict = |item: &Item| {
            let entry = match &item.entry {
                Ok(entry) => entry,
                Err(why) => return Verdict::Wrong(why.clone()),
            };
            let short = parse(&entry.server).map_or_else(|_| item.text.clone(), |it| it.short());
            let also = item.also.as_deref().and_then(|also| known.name_of(also));
            if let Some(name) = known.name_of(&short).or(also) {
                return Verdict::Known(name.clone());
            }
            match seen.entry(short.to_lowercase()) {
                std::collections::hash_map::Entry::Occupied(first) => Verdict::Twice(*first.get()),
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(item.number);
                    Verdict::New
                }
            }
        };
        self.items.iter().map(verdict).collect()
    }
}

/// A text that may hold a password and anything else, for the screen.
fn shown(text: &str) -> String {
    let begin: String = text.trim().chars().take(LOOKED_AT).collect();
    clean(mask_secrets(&begin).trim(), SHOWN)
}
