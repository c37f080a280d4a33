//! Changes to the text of the file. Every byte that a change is not about stays as it is:
//! comments, order, blanks, line ends.
//!
//! The places come from the parser, the text is cut and joined here, and what comes out is
//! read again: a text that would not say exactly what was meant is never returned.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::section::Given;
use super::value::platform_word;
use super::{Instance, Loaded};
use crate::target::{Platform, TargetError, mask_secrets, parse};

/// What of an instance can be typed on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The server, in any spelling.
    pub server: String,
    /// Its name; `None` leaves it to the server.
    pub name: Option<String>,
    /// Its labels.
    pub tags: Vec<String>,
    /// What it runs on; `None` is `auto`.
    pub platform: Option<Platform>,
    /// What to know about it.
    pub note: Option<String>,
}

/// What is to become of the instances.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Watch these too.
    Add(Vec<Entry>),
    /// Of this instance what differs from what it was.
    Edit(Arc<Instance>, Entry),
    /// Watch this one no longer.
    Remove(Arc<Instance>),
}

/// Why a change cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The file as it is cannot be read.
    #[error("{0}")]
    Broken(ConfigError),
    /// It does not list the instance any more.
    #[error("the file lists no '{0}' any more")]
    Gone(String),
    /// Something would be written down that looks like a secret.
    #[error("the {0} looks as if it held a password, and none is written to the file")]
    Secret(&'static str),
    /// The server cannot be parsed.
    #[error("{0}")]
    Server(TargetError),
    /// A value is none that the file may hold.
    #[error("{0}")]
    Value(String),
    /// The instances are written in a way that cannot be changed piece by piece.
    #[error("the file writes its instances in a way that only a text editor can change")]
    Shape,
}

impl Entry {
    /// What can be typed of an instance, as it is.
    pub fn of(instance: &Instance) -> Self {
        let given = Instance::from_text(instance.text()).name != instance.name;
        Self {
            server: instance.text().to_owned(),
            name: given.then(|| instance.name.clone()),
            tags: instance.tags.clone(),
            platform: instance.declared.platform,
            note: instance.note.clone(),
        }
    }

    /// The same without the password of a pasted connection string, and whether there was
    /// one. The server is then written in its shortest spelling: what is written down never
    /// holds a secret, nor `***` in its place.
    pub fn without_secrets(mut self) -> Result<(Self, bool), EditError> {
        let named = self.name.iter().map(|name| ("name", name));
        let tagged = self.tags.iter().map(|tag| ("tag", tag));
        let noted = self.note.iter().map(|note| ("note", note));
        for (what, text) in named.chain(tagged).chain(noted) {
            if mask_secrets(text) != *text {
                return Err(EditError::Secret(what));
            }
        }
        let target = parse(&self.server).map_err(EditError::Server)?;
        let has_secret = self.server.contains("***") || mask_secrets(&self.server) != self.server;
        self.server = if has_secret {
            target.short()
        } else {
            self.server.trim().to_owned()
        };
        Ok((self, has_secret))
    }

    /// The instance that it becomes; what cannot be typed stays as it was.
    fn laid_over(&self, was: &Instance, base: &Instance) -> Instance {
        let before = Self::of(was);
        let mut instance = base.clone();
        if self.server != before.server {
            let fresh = Instance::from_text(&self.server);
            // A name that came from the server goes with it.
            if Self::of(base).name.is_none() {
                instance.name = fresh.name;
            }
            instance.target = fresh.target;
        }
        if self.name != before.name {
            let own = Instance::from_text(instance.text()).name;
            instance.name = self.name.clone().unwrap_or(own);
        }
        if self.tags != before.tags {
            instance.tags.clone_from(&self.tags);
        }
        if self.platform != before.platform {
            instance.declared.platform = self.platform;
        }
        if self.note != before.note {
            instance.note.clone_from(&self.note);
        }
        instance
    }

    fn fresh(&self) -> Instance {
        let mut instance = Instance::from_text(&self.server);
        if let Some(name) = &self.name {
            instance.name.clone_from(name);
        }
        instance.tags.clone_from(&self.tags);
        instance.declared.platform = self.platform;
        instance.note.clone_from(&self.note);
        instance
    }

    /// The lines of it, each with its key and its value as it is written.
    fn settings(&self) -> [(&'static str, Option<String>); 5] {
        let list = |tags: &[String]| {
            let tags: Vec<String> = tags.iter().map(|tag| quoted(tag)).collect();
            format!("[{}]", tags.join(", "))
        };
        let platform = self.platform.map(|known| platform_word(Some(known)));
        [
            ("server", Some(quoted(&self.server))),
            ("name", self.name.as_deref().map(quoted)),
            ("tags", (!self.tags.is_empty()).then(|| list(&self.tags))),
            ("platform", platform.map(quoted)),
            ("note", self.note.as_deref().map(quoted)),
        ]
    }
}

impl Change {
    /// What it makes of a list of instances.
    pub fn apply(&self, instances: &mut Vec<Arc<Instance>>) -> Result<(), EditError> {
        match self {
            Self::Add(entries) => {
                instances.extend(entries.iter().map(|entry| Arc::new(entry.fresh())));
            }
            Self::Edit(was, entry) => {
                let at = find(instances, was)?;
                instances[at] = Arc::new(entry.laid_over(was, &instances[at]));
            }
            Self::Remove(was) => {
                instances.remove(find(instances, was)?);
            }
        }
        Ok(())
    }

    /// The text of a file with this change made. `file` is named in errors only.
    pub fn write(&self, text: &str, file: &Path) -> Result<String, EditError> {
        let broken = |mistakes: Vec<ConfigError>| {
            let first = mistakes.into_iter().next();
            first.map_or(EditError::Shape, EditError::Broken)
        };
        let mut wanted = Loaded::parse(text, file).map_err(broken)?.config;
        let new = match self {
            Self::Add(entries) => added(text, entries),
            Self::Edit(was, entry) => {
                let at = find(&wanted.instances, was)?;
                edited(text, &pieces(text)?[at], &Entry::of(was), entry)?
            }
            Self::Remove(was) => {
                let at = find(&wanted.instances, was)?;
                removed(text, &pieces(text)?[at])?
            }
        };
        self.apply(&mut wanted.instances)?;
        match Loaded::parse(&new, file) {
            Ok(written) if written.config == wanted => Ok(new),
            Ok(_) => Err(EditError::Shape),
            Err(mistakes) => Err(refused(&mistakes)),
        }
    }
}

/// What is wrong with a value that was to be written, without the place it never got.
fn refused(mistakes: &[ConfigError]) -> EditError {
    mistakes.first().map_or(EditError::Shape, |first| {
        let hint = first.hint.iter().map(|hint| format!("; {hint}"));
        EditError::Value(first.problem.clone() + &hint.collect::<String>())
    })
}

/// Which of the list it is: the one that is alike in all that is shown, else the first of its
/// server and name.
fn find(instances: &[Arc<Instance>], was: &Instance) -> Result<usize, EditError> {
    let is_it = |known: &Instance| (known.text(), &known.name) == (was.text(), &was.name);
    let is_alike = |known: &Instance| (&known.tags, &known.note) == (&was.tags, &was.note);
    let place = instances
        .iter()
        .position(|known| is_it(known) && is_alike(known))
        .or_else(|| instances.iter().position(|known| is_it(known)));
    place.ok_or_else(|| EditError::Gone(was.name.clone()))
}

/// Where one instance stands.
struct Piece {
    header: usize,
    /// Its keys and values.
    keys: Vec<(String, Range<usize>, Range<usize>)>,
    /// Behind its last value.
    end: usize,
}

fn pieces(text: &str) -> Result<Vec<Piece>, EditError> {
    let document = DeTable::parse(text).map_err(|_| EditError::Shape)?;
    let Some(DeValue::Array(list)) = document.get_ref().get("instance").map(Given::get_ref) else {
        return Ok(Vec::new());
    };
    let piece = |given: &Given<'_>| {
        let header = given.span();
        let DeValue::Table(table) = given.get_ref() else {
            return Err(EditError::Shape);
        };
        // Within one line of tables, nothing can be cut line by line.
        if !text[header.start..].starts_with("[[") {
            return Err(EditError::Shape);
        }
        let keys = table.iter().map(|(key, value)| {
            let name = key.get_ref().to_string();
            (name, key.span(), value.span())
        });
        Ok(Piece {
            header: header.start,
            keys: keys.collect(),
            end: end_of(given),
        })
    };
    list.iter().map(piece).collect()
}

/// The end of a value or of the last one inside it.
fn end_of(given: &Given<'_>) -> usize {
    let inner = match given.get_ref() {
        DeValue::Table(table) => table.iter().map(|(_, value)| end_of(value)).max(),
        _ => None,
    };
    inner.unwrap_or(0).max(given.span().end)
}

fn added(text: &str, entries: &[Entry]) -> String {
    let end = line_end(text);
    let mut new = text.to_owned();
    if !new.is_empty() && !new.ends_with('\n') {
        new.push_str(end);
    }
    for entry in entries {
        if !new.is_empty() && !ends_in_a_blank_line(&new) {
            new.push_str(end);
        }
        write!(new, "[[instance]]{end}").ok();
        for (key, value) in entry.settings() {
            if let Some(value) = value {
                write!(new, "{key} = {value}{end}").ok();
            }
        }
    }
    new
}

fn edited(text: &str, piece: &Piece, before: &Entry, after: &Entry) -> Result<String, EditError> {
    let end = line_end(text);
    let mut splices: Vec<(Range<usize>, String)> = Vec::new();
    // New keys come behind the one before them.
    let mut behind = piece.header;
    for ((key, old), (_, new)) in before.settings().into_iter().zip(after.settings()) {
        let known = piece.keys.iter().find(|(name, ..)| name == key);
        match (known, new) {
            (Some((_, _, value)), new) if old == new => behind = value.end,
            (None, new) if old == new => {}
            (Some((_, _, value)), Some(new)) => {
                behind = value.end;
                splices.push((value.clone(), new));
            }
            (Some((_, at, value)), None) => {
                let lines = line_begin(text, at.start)..line_after(text, value.end);
                if !text[lines.start..at.start].trim().is_empty() {
                    return Err(EditError::Shape);
                }
                splices.push((lines, String::new()));
            }
            (None, Some(new)) => {
                let at = line_after(text, behind);
                let line = if text[..at].ends_with('\n') {
                    format!("{key} = {new}{end}")
                } else {
                    format!("{end}{key} = {new}")
                };
                splices.push((at..at, line));
            }
            (None, None) => {}
        }
    }
    // New keys before what goes at the same place; stable, so that they stay in order.
    splices.sort_by_key(|(range, _)| (range.start, range.end));
    let mut new = String::with_capacity(text.len());
    let mut from = 0;
    for (range, with) in splices {
        new.push_str(text.get(from..range.start).ok_or(EditError::Shape)?);
        new.push_str(&with);
        from = range.end;
    }
    new.push_str(&text[from..]);
    Ok(new)
}

/// Without its lines, from its header to its last value. Comments above it and below it stay.
fn removed(text: &str, piece: &Piece) -> Result<String, EditError> {
    let begin = line_begin(text, piece.header);
    let mut end = line_after(text, piece.end);
    let before = &text[..begin];
    if !text[begin..piece.header].trim().is_empty() {
        return Err(EditError::Shape);
    }
    // Of the blank lines around it one is left, and none at the end.
    if ends_in_a_blank_line(before) && end == text.len() {
        let last = line_begin(before, before.len() - 1);
        return Ok(before[..last].to_owned());
    }
    if before.is_empty() || ends_in_a_blank_line(before) {
        let blank = line_after(text, end);
        if text[end..blank].trim().is_empty() {
            end = blank;
        }
    }
    Ok(format!("{before}{}", &text[end..]))
}

/// A text as TOML has it. What holds a backslash comes in single quotes, as people write it.
fn quoted(text: &str) -> String {
    let is_plain = !text.contains(|c: char| c.is_control() || c == '\'');
    if is_plain && text.contains(['\\', '"']) {
        format!("'{text}'")
    } else if is_plain {
        format!("\"{text}\"")
    } else {
        toml::Value::String(text.to_owned()).to_string()
    }
}

/// The end of a line as the text has it.
fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text[..at].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

fn line_begin(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

/// Behind the line that `at` is on, its end included.
fn line_after(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

fn ends_in_a_blank_line(text: &str) -> bool {
    text.strip_suffix('\n').is_some_and(|rest| {
        let last = &rest[line_begin(rest, rest.len())..];
        last.trim().is_empty()
    })
}
