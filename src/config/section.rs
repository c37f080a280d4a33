//! One table of the file, read key by key. Asking for a key makes it known, so that what was
//! never asked for is a mistake, and no second list of keys exists.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Source, shown};
use super::file::home_of;
use super::keys::nearest;
use super::origin::{Origin, Origins};
use super::plain::Field;

/// A value of the file and where it stands.
pub(super) type Given<'t> = Spanned<DeValue<'t>>;

/// After so many mistakes the file is something else; each costs a look at its line.
const MOST_MISTAKES: usize = 100;
/// A table has room for so many keys at once.
const USUAL_KEYS: usize = 16;

/// Why a value is not accepted.
pub(super) struct Wrong {
    /// The part that is wrong, where it is not the whole value.
    pub at: Option<Range<usize>>,
    pub problem: String,
    pub hint: Option<String>,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self {
            at: None,
            problem: problem.into(),
            hint: None,
        }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }

    pub(super) fn at(self, at: Range<usize>) -> Self {
        Self {
            at: Some(at),
            ..self
        }
    }
}

/// The file while it is read: its text, and the mistakes found so far.
pub(super) struct Reading<'s> {
    pub source: &'s Source<'s>,
    pub mistakes: Vec<(usize, ConfigError)>,
    /// Room for the keys that a table is asked for, from one table to the next.
    room: Vec<&'static str>,
}

impl<'s> Reading<'s> {
    pub(super) fn new(source: &'s Source<'s>) -> Self {
        Self {
            source,
            mistakes: Vec::new(),
            room: Vec::new(),
        }
    }

    /// Takes the list of keys back from who has no use for it.
    pub(super) fn reuse(&mut self, mut keys: Vec<&'static str>) {
        keys.clear();
        self.room = keys;
    }

    pub(super) fn mistake(&mut self, at: usize, problem: impl Into<String>, hint: Option<String>) {
        if !self.is_full() {
            self.mistakes
                .push((at, self.source.error(at, problem.into(), hint)));
        }
    }

    /// Whether further mistakes are no longer kept.
    pub(super) fn is_full(&self) -> bool {
        self.mistakes.len() >= MOST_MISTAKES
    }

    /// The mistakes in the order of the file.
    pub(super) fn into_mistakes(mut self) -> Vec<ConfigError> {
        self.mistakes.sort_by_key(|(at, _)| *at);
        self.mistakes
            .into_iter()
            .map(|(_, mistake)| mistake)
            .collect()
    }
}

/// The keys and values of a table.
#[derive(Clone, Copy)]
pub(super) enum Fields<'t> {
    /// As a parser found them.
    Parsed(&'t DeTable<'t>),
    /// Of a plain table.
    Plain(&'t [Field<'t>]),
}

impl<'t> Fields<'t> {
    /// The line of a key, and its value.
    fn get(self, key: &str, source: &Source<'_>) -> Option<(usize, &'t Given<'t>)> {
        match self {
            Self::Parsed(table) => {
                let (place, value) = table.get_key_value(key)?;
                Some((source.line(place.span().start), value))
            }
            Self::Plain(fields) => {
                let field = fields.iter().find(|field| field.key == key)?;
                Some((field.line, &field.value))
            }
        }
    }

    fn has(self, key: &str) -> bool {
        match self {
            Self::Parsed(table) => table.contains_key(key),
            Self::Plain(fields) => fields.iter().any(|field| field.key == key),
        }
    }

    /// The keys, and where each stands.
    fn keys(self) -> impl Iterator<Item = (usize, &'t str)> {
        let (parsed, plain) = match self {
            Self::Parsed(table) => (Some(table), &[][..]),
            Self::Plain(fields) => (None, fields),
        };
        let parsed = parsed.into_iter().flat_map(DeTable::keys);
        let parsed = parsed.map(|key| (key.span().start, &**key.get_ref()));
        parsed.chain(plain.iter().map(|field| (field.at, field.key)))
    }
}

impl<'t> From<&'t DeTable<'t>> for Fields<'t> {
    fn from(table: &'t DeTable<'t>) -> Self {
        Self::Parsed(table)
    }
}

/// One table of the file.
pub(super) struct Section<'r, 's, 't> {
    /// As it is called in messages: `[probe]`.
    name: &'static str,
    fields: Fields<'t>,
    reading: &'r mut Reading<'s>,
    asked: Vec<&'static str>,
    /// How many fields of a plain table nobody has asked for; of another one that is not counted.
    unread: usize,
    origins: Origins,
}

/// What reading a table gives besides the values.
#[derive(Default)]
pub(super) struct Known {
    /// Every key that exists, given or not.
    pub keys: Vec<&'static str>,
    /// Where the given ones come from.
    pub origins: Origins,
}

impl<'s, 't> Section<'_, 's, 't> {
    /// Reads a table; what `read` does not ask for is reported.
    pub(super) fn read<T>(
        name: &'static str,
        fields: impl Into<Fields<'t>>,
        reading: &mut Reading<'s>,
        read: impl FnOnce(&mut Section<'_, 's, 't>) -> T,
    ) -> (T, Known) {
        let fields = fields.into();
        let mut asked = std::mem::take(&mut reading.room);
        asked.reserve(USUAL_KEYS);
        let mut section = Section {
            name,
            fields,
            reading,
            asked,
            unread: match fields {
                Fields::Parsed(_) => usize::MAX,
                Fields::Plain(fields) => fields.len(),
            },
            origins: Origins::default(),
        };
        let value = read(&mut section);
        section.report_unknown();
        (
            value,
            Known {
                keys: section.asked,
                origins: section.origins,
            },
        )
    }

    /// The value of a key; `None` if it is absent or wrong. A key of an inner table is written
    /// out (`timeout.connect`).
    pub(super) fn ask<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&'t Given<'t>) -> Result<T, Wrong>,
    ) -> Option<T> {
        let value = self.given(key)?;
        match read(value) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let at = wrong.at.unwrap_or_else(|| value.span()).start;
                self.reading
                    .mistake(at, format!("{key}: {}", wrong.problem), wrong.hint);
                None
            }
        }
    }

    /// The same for a key that must be there; `at` is the place of the table.
    pub(super) fn require<T>(
        &mut self,
        key: &'static str,
        at: usize,
        read: impl FnOnce(&'t Given<'t>) -> Result<T, Wrong>,
    ) -> Option<T> {
        if !self.has(key) {
            self.reading
                .mistake(at, format!("{} has no '{key}'", self.name), None);
        }
        self.ask(key, read)
    }

    /// Whether a key is there, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.fields.has(key)
    }

    /// A mistake of the table as a whole, or of several of its keys.
    pub(super) fn mistake(&mut self, at: usize, problem: &str, hint: &str) {
        let problem = format!("{} {problem}", self.name);
        self.reading.mistake(at, problem, Some(hint.to_owned()));
    }

    /// The value as it stands; for tables within tables.
    pub(super) fn given(&mut self, key: &'static str) -> Option<&'t Given<'t>> {
        self.asked.push(key);
        if self.unread == 0 {
            return None;
        }
        let (line, value) = self.fields.get(last_part(key), self.reading.source)?;
        let is_new = self.origins.set(key, Origin::File { line });
        self.unread -= usize::from(is_new);
        Some(value)
    }

    /// Reads a table within this one.
    pub(super) fn inside<T>(
        &mut self,
        key: &'static str,
        name: &'static str,
        read: impl FnOnce(&mut Section<'_, 's, 't>) -> T,
    ) -> Option<T> {
        let value = self.given(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            let hint = Some(format!("write {key} = {{ … }}"));
            self.reading.mistake(
                value.span().start,
                format!("{key}: {} is no table", describe(value)),
                hint,
            );
            return None;
        };
        let (value, known) = Section::read(name, table, self.reading, read);
        self.asked.extend(known.keys);
        self.origins.extend(known.origins);
        Some(value)
    }

    fn report_unknown(&mut self) {
        if self.unread == 0 {
            return;
        }
        for (at, given) in self.fields.keys() {
            if self.reading.is_full() {
                return;
            }
            let asked = || self.asked.iter().map(|key| last_part(key));
            if asked().any(|known| known == given) {
                continue;
            }
            let hint = nearest(given, asked())
                .map(|known| format!("did you mean '{known}'?"))
                .or_else(|| home_of(given))
                .unwrap_or_else(|| format!("known are {}", asked().collect::<Vec<_>>().join(", ")));
            let problem = format!("unknown key '{}' in {}", shown(given), self.name);
            self.reading.mistake(at, problem, Some(hint));
        }
    }
}

/// A value as it is called in a message: `"15"`, `15`, `a list`.
pub(super) fn describe(value: &Given<'_>) -> String {
    match value.get_ref() {
        DeValue::String(text) => format!("\"{}\"", shown(text)),
        DeValue::Integer(number) => shown(&number.to_string()),
        DeValue::Float(number) => shown(number.as_str()),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn last_part(key: &'static str) -> &'static str {
    match key.bytes().rposition(|byte| byte == b'.') {
        Some(dot) => &key[dot + 1..],
        None => key,
    }
}
