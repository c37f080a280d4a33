//! The whole file: its tables, and what is in each.
//!
//! A new key is one `ask`; a new section is a function that asks for its keys, and its name
//! in [`read`].

use std::path::Path;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::target::{self, Declared, Target, TargetError};

use super::error::{ConfigError, Source};
use super::origin::{Origin, Origins};
use super::plain;
use super::section::{Fields, Given, Known, Reading, Section, Wrong, describe};
use super::{
    Bound, Instance, Maintenance, Probe, Screen, Timeout, Written, bound, maintenance, name_of,
    syntax, value,
};

const PROBE: &str = "[probe]";
const SCREEN: &str = "[screen]";
const KEYS: &str = "[keys]";
const INSTANCE: &str = "[[instance]]";
const MAINTENANCE: &str = "[[maintenance]]";

/// What a file says, and where it says it.
#[derive(Default)]
pub(super) struct Found {
    pub probe: Probe,
    pub probe_origins: Origins,
    pub screen: Screen,
    pub screen_origins: Origins,
    /// The filter of the screen, whose words are not known here.
    pub filter: Option<Written>,
    pub keys: Vec<Bound>,
    pub instances: Vec<FoundInstance>,
    pub maintenance: Vec<FoundMaintenance>,
}

/// One window of the file.
pub(super) struct FoundMaintenance {
    pub maintenance: Arc<Maintenance>,
    /// Where its table begins.
    pub at: Origin,
    pub origins: Origins,
}

/// One instance of the file.
pub(super) struct FoundInstance {
    pub instance: Arc<Instance>,
    /// Where its table begins.
    pub at: Origin,
    pub origins: Origins,
    /// Where its server stands, as a byte offset.
    pub server_at: usize,
}

/// What a text says, or every mistake in it.
pub(super) fn read(source: &Source<'_>) -> Result<Found, Vec<ConfigError>> {
    match apart(source) {
        Some(found) => Ok(found),
        None => whole(source),
    }
}

/// What a text says that is taken apart: its plain instances, and the rest. `None` where there
/// is any mistake, which only the whole of it tells right.
fn apart(source: &Source<'_>) -> Option<Found> {
    let mut instances = Vec::new();
    let mut reading = Reading::new(source);
    // No plain table has deadlines of its own.
    let probe = Probe::default();
    let rest = plain::split(source.text(), |table| {
        let fields = Fields::Plain(table.fields);
        let instance = instance_in(fields, (table.at, table.line), &probe, &mut reading);
        instances.extend(instance);
        reading.mistakes.is_empty()
    })?;
    let (document, errors) = DeTable::parse_recoverable(&rest.text);
    if !errors.is_empty() {
        return None;
    }
    let source = Source::with_gaps(&rest.text, source.file(), &rest.gaps);
    let mut reading = Reading::new(&source);
    let mut found = document_of(document.get_ref(), &mut reading);
    for found in &mut found.instances {
        found.server_at = source.place(found.server_at);
    }
    found.instances.append(&mut instances);
    found.instances.sort_by_key(|found| found.server_at);
    reading.mistakes.is_empty().then_some(found)
}

/// What a text says, or every mistake in it, as a parser reads it.
pub(super) fn whole(source: &Source<'_>) -> Result<Found, Vec<ConfigError>> {
    let (document, errors) = DeTable::parse_recoverable(source.text());
    let mut reading = Reading::new(source);
    for error in &errors {
        let (at, problem, hint) = syntax::explain(error, source);
        reading.mistake(at, problem, hint);
    }
    // What follows from broken syntax would be noise.
    let found = if errors.is_empty() {
        document_of(document.get_ref(), &mut reading)
    } else {
        Found::default()
    };
    let mistakes = reading.into_mistakes();
    if mistakes.is_empty() {
        Ok(found)
    } else {
        Err(mistakes)
    }
}

fn document_of<'t>(document: &'t DeTable<'t>, reading: &mut Reading<'_>) -> Found {
    let ((probe_given, screen_given, keys_given, instances_given, maintenance_given), _) =
        Section::read("the file", document, reading, |section| {
            (
                section.given("probe"),
                section.given("screen"),
                section.given("keys"),
                section.given("instance"),
                section.given("maintenance"),
            )
        });
    let (probe, probe_known) = table(PROBE, probe_given, reading, probe);
    let (screen, screen_known) = table(SCREEN, screen_given, reading, Screen::read);
    let mut found = Found {
        probe,
        probe_origins: probe_known.origins,
        screen,
        screen_origins: screen_known.origins,
        filter: screen_given.and_then(|given| written_filter(given, reading.source)),
        keys: bound_keys(keys_given, reading),
        instances: Vec::new(),
        maintenance: Vec::new(),
    };
    for element in maintenance_given
        .map(|given| elements(MAINTENANCE, given, reading))
        .unwrap_or_default()
    {
        let window = maintenance_of(element, reading);
        found.maintenance.extend(window);
    }
    for element in instances_given
        .map(|given| elements(INSTANCE, given, reading))
        .unwrap_or_default()
    {
        found
            .instances
            .extend(instance_of(element, &found.probe, reading));
    }
    found
}

/// The table of keys, whose names are not known here.
fn bound_keys<'t>(given: Option<&'t Given<'t>>, reading: &mut Reading<'_>) -> Vec<Bound> {
    match given.map(|given| (given, given.get_ref())) {
        None => Vec::new(),
        Some((_, DeValue::Table(table))) => bound::read(table, reading),
        Some((given, _)) => {
            no_table(KEYS, given, reading);
            Vec::new()
        }
    }
}

fn written_filter(screen: &Given<'_>, source: &Source<'_>) -> Option<Written> {
    let filter = screen.get_ref().get("filter")?;
    let text = filter.get_ref().as_str()?;
    Some(Written::new(text, filter.span().start, source))
}

fn no_table(name: &'static str, given: &Given<'_>, reading: &mut Reading<'_>) {
    let hint = format!("write {name} on a line of its own, and the settings below it");
    let key = name.trim_matches(['[', ']']);
    let problem = format!("{key} is no table");
    reading.mistake(given.span().start, problem, Some(hint));
}

/// One table of settings; the defaults where it is absent or no table.
fn table<'s, 't, T: Default>(
    name: &'static str,
    given: Option<&'t Given<'t>>,
    reading: &mut Reading<'s>,
    read: impl FnOnce(&mut Section<'_, 's, 't>) -> T,
) -> (T, Known) {
    match given.map(|given| (given, given.get_ref())) {
        None => Default::default(),
        Some((_, DeValue::Table(table))) => Section::read(name, table, reading, read),
        Some((given, _)) => {
            no_table(name, given, reading);
            Default::default()
        }
    }
}

fn elements<'t>(
    name: &'static str,
    given: &'t Given<'t>,
    reading: &mut Reading<'_>,
) -> Vec<&'t Given<'t>> {
    if let DeValue::Array(elements) = given.get_ref() {
        return elements.iter().collect();
    }
    let key = name.trim_matches(['[', ']']);
    let hint = format!("write {name}, with double brackets, above each {key}");
    let problem = format!("{key} is no list of tables");
    reading.mistake(given.span().start, problem, Some(hint));
    Vec::new()
}

fn maintenance_of<'t>(given: &'t Given<'t>, reading: &mut Reading<'_>) -> Option<FoundMaintenance> {
    let at = given.span().start;
    let DeValue::Table(table) = given.get_ref() else {
        let hint = "write [[maintenance]] and below it name, every and lasts";
        let problem = format!("{} is no maintenance", describe(given));
        reading.mistake(at, problem, Some(hint.to_owned()));
        return None;
    };
    let (read, known) = Section::read(MAINTENANCE, table, reading, |section| {
        maintenance::read(section, at)
    });
    let at = Origin::File {
        line: reading.source.line(at),
    };
    Some(FoundMaintenance {
        maintenance: Arc::new(read?),
        at,
        origins: known.origins,
    })
}

fn instance_of<'t>(
    given: &'t Given<'t>,
    probe: &Probe,
    reading: &mut Reading<'_>,
) -> Option<FoundInstance> {
    let at = given.span().start;
    let DeValue::Table(table) = given.get_ref() else {
        let hint = "write [[instance]] and below it server = 'host'";
        reading.mistake(
            at,
            format!("{} is no instance", describe(given)),
            Some(hint.to_owned()),
        );
        return None;
    };
    let line = reading.source.line(at);
    instance_in(table.into(), (at, line), probe, reading)
}

/// The instance that a table gives which begins at `at`, on `line`.
fn instance_in(
    fields: Fields<'_>,
    (at, line): (usize, usize),
    probe: &Probe,
    reading: &mut Reading<'_>,
) -> Option<FoundInstance> {
    let source = reading.source;
    let (read, known) = Section::read(INSTANCE, fields, reading, |section| {
        instance(section, at, source, probe)
    });
    reading.reuse(known.keys);
    let (instance, server_at) = read?;
    Some(FoundInstance {
        instance: Arc::new(instance),
        at: Origin::File { line },
        origins: known.origins,
        server_at,
    })
}

fn probe(section: &mut Section<'_, '_, '_>) -> Probe {
    let default = Probe::default();
    Probe {
        interval: section
            .ask("interval", value::interval)
            .unwrap_or(default.interval),
        rate: section.ask("rate", value::rate).unwrap_or(default.rate),
        browser_port: section
            .ask("browser_port", value::port)
            .unwrap_or(default.browser_port),
        witness_ports: section
            .ask("witness_ports", value::witness_ports)
            .unwrap_or(default.witness_ports),
        witnesses: section
            .ask("witnesses", value::yes_or_no)
            .unwrap_or(default.witnesses),
        dns_servers: section
            .ask("dns_servers", value::dns_servers)
            .unwrap_or(default.dns_servers),
        timeout: timeout(section, "timeout of [probe]", default.timeout).unwrap_or(default.timeout),
        down_after: section
            .ask("down_after", value::agreeing)
            .unwrap_or(default.down_after),
        up_after: section
            .ask("up_after", value::agreeing)
            .unwrap_or(default.up_after),
    }
}

/// The deadlines that are given, the others as in `base`. `None` where there is no such table.
fn timeout(
    section: &mut Section<'_, '_, '_>,
    name: &'static str,
    base: Timeout,
) -> Option<Timeout> {
    section.inside("timeout", name, |section| Timeout {
        resolve: section
            .ask("timeout.resolve", value::timeout)
            .unwrap_or(base.resolve),
        browser: section
            .ask("timeout.browser", value::timeout)
            .unwrap_or(base.browser),
        connect: section
            .ask("timeout.connect", value::timeout)
            .unwrap_or(base.connect),
        prelogin: section
            .ask("timeout.prelogin", value::timeout)
            .unwrap_or(base.prelogin),
    })
}

/// The instance, and where its server stands. A server that cannot be parsed is no mistake of
/// the file: it is kept and shown as invalid, and the others run.
fn instance(
    section: &mut Section<'_, '_, '_>,
    at: usize,
    source: &Source<'_>,
    probe: &Probe,
) -> Option<(Instance, usize)> {
    let server = section.require("server", at, |given| server(given, source));
    let name = section.ask("name", value::name);
    let tags = section.ask("tags", value::tags).unwrap_or_default();
    let declared = Declared {
        platform: section.ask("platform", value::platform).flatten(),
        kind: section.ask("kind", value::kind).flatten(),
        nodes: section.ask("nodes", value::nodes).unwrap_or_default(),
        expected_live: section.ask("expected_live", value::live),
    };
    let note = section.ask("note", value::note);
    let interval = section.ask("interval", value::interval);
    let timeout = timeout(section, "timeout of [[instance]]", probe.timeout)
        .filter(|own| *own != probe.timeout)
        .map(Box::new);
    let (target, server_at) = server?;
    let name = name.unwrap_or_else(|| name_of(&target));
    Some((
        Instance {
            target,
            name,
            tags,
            declared,
            note,
            interval,
            timeout,
            maintenance: Vec::new(),
        },
        server_at,
    ))
}

/// A target, or why it is none.
type Parsed = Result<Arc<Target>, Box<TargetError>>;

fn server(given: &Given<'_>, source: &Source<'_>) -> Result<(Parsed, usize), Wrong> {
    let text = value::raw_text(given)?;
    let mut parsed = target::parse(text).map(Arc::new).map_err(Box::new);
    if let Err(error) = &mut parsed
        && has_eaten_a_backslash(text, source.slice(given.span()))
    {
        error.hint = Some(syntax::USE_SINGLE_QUOTES.to_owned());
    }
    Ok((parsed, given.span().start))
}

/// In TOML `"db1\new"` is two lines, and `"db1\test"` holds a tab.
fn has_eaten_a_backslash(text: &str, written: &str) -> bool {
    written.starts_with('"') && written.contains('\\') && text.contains(char::is_control)
}

/// Where a key belongs that is unknown where it stands, as a hint.
pub(super) fn home_of(key: &str) -> Option<String> {
    let Keys {
        probe,
        screen,
        instance,
    } = keys();
    match key {
        "instances" => Some(format!("each instance is a table of its own, {INSTANCE}")),
        key if probe.contains(&key) => Some(format!("it belongs under {PROBE}")),
        key if screen.contains(&key) => Some(format!("it belongs under {SCREEN}")),
        key if instance.contains(&key) => Some(format!("it belongs under {INSTANCE}")),
        _ => None,
    }
}

/// The keys of each table.
pub(super) struct Keys {
    pub probe: Vec<&'static str>,
    pub screen: Vec<&'static str>,
    pub instance: Vec<&'static str>,
}

/// The keys that each table has: what it asks of an empty one.
pub(super) fn keys() -> Keys {
    let nothing = Source::new("", Path::new(""));
    let mut reading = Reading::new(&nothing);
    let empty = DeTable::new();
    let default = Probe::default();
    let of_instance = |section: &mut Section<'_, '_, '_>| instance(section, 0, &nothing, &default);
    let (_, probe) = Section::read(PROBE, &empty, &mut reading, probe);
    let (_, screen) = Section::read(SCREEN, &empty, &mut reading, Screen::read);
    let (_, instance) = Section::read(INSTANCE, &empty, &mut reading, of_instance);
    Keys {
        probe: probe.keys,
        screen: screen.keys,
        instance: instance.keys,
    }
}
