//! How often messages of real clients against real faults are read right, and how often when
//! everything that was learnt from the one client at hand is forgotten.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::cases::words;
use super::figures::Figures;
use crate::diagnosis::State;
use crate::explain::signals::Signals;
use crate::explain::{Layer, explain_with};

/// One line of the corpus.
#[derive(Deserialize)]
struct Message {
    client: String,
    fault: String,
    text: String,
}

/// `tests/data/faults.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Truth {
    #[serde(rename = "fault")]
    faults: Vec<Fault>,
    poorer: Vec<Poorer>,
}

#[derive(Deserialize)]
struct Fault {
    is: String,
    names: Vec<String>,
}

/// A text that says less, or something else, than its fault.
#[derive(Deserialize)]
struct Poorer {
    clients: Vec<String>,
    faults: Option<Vec<String>>,
    text: Option<String>,
    not_text: Option<String>,
    #[serde(default)]
    whole: bool,
    says: String,
}

fn messages() -> Vec<Message> {
    include_str!("../../../tests/data/client-errors.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn truth() -> Truth {
    toml::from_str(include_str!("../../../tests/data/faults.toml")).unwrap()
}

impl Truth {
    /// What a text proves: its own row, or the fault it comes from.
    fn of(&self, message: &Message) -> (Option<Layer>, Option<State>) {
        let poorer = self.poorer.iter().find(|row| row.fits(message));
        match poorer {
            Some(row) if row.says != "fault" => words(&row.says),
            _ => self.fault(message),
        }
    }

    fn fault(&self, message: &Message) -> (Option<Layer>, Option<State>) {
        let fault = self
            .faults
            .iter()
            .find(|fault| fault.names.contains(&message.fault))
            .unwrap_or_else(|| panic!("{} has no row", message.fault));
        words(&fault.is)
    }
}

impl Poorer {
    fn fits(&self, message: &Message) -> bool {
        let text = message.text.to_lowercase();
        let holds = |part: &String| text.contains(&part.to_lowercase());
        self.clients.contains(&message.client)
            && self
                .faults
                .as_ref()
                .is_none_or(|faults| faults.contains(&message.fault))
            && self.text.as_ref().is_none_or(holds)
            && !self.not_text.as_ref().is_some_and(holds)
            && (!self.whole || Some(&message.text) == self.text.as_ref())
    }
}

/// Reads every message that `of` takes, and holds it against what its text proves.
fn figures(signals: &'static Signals, of: impl Fn(&Message) -> bool) -> Figures {
    let truth = truth();
    compared(signals, of, |message| truth.of(message))
}

fn compared(
    signals: &'static Signals,
    of: impl Fn(&Message) -> bool,
    expect: impl Fn(&Message) -> (Option<Layer>, Option<State>),
) -> Figures {
    let mut figures = Figures::default();
    for message in messages().iter().filter(|message| of(message)) {
        let read = explain_with(signals, &message.text);
        figures.add(
            &message.client,
            &message.fault,
            expect(message),
            (read.layer, read.state),
        );
    }
    figures
}

/// The corpus' names of clients, and the names that signals carry.
const CLIENTS: [(&str, &str); 7] = [
    ("msodbcsql18", "odbc"),
    ("mssql-jdbc", "jdbc"),
    ("tedious", "tedious"),
    ("go-mssqldb", "go"),
    ("tiberius", "tiberius"),
    ("freetds-tsql", "freetds"),
    ("pymssql", "pymssql"),
];

#[test]
fn messages_of_real_clients_are_read_right() {
    let figures = figures(Signals::all(), |_| true);
    println!("all clients: {figures}");
    assert!(figures.share(figures.right) >= 97.0, "{figures}");
    assert!(figures.share(figures.wrong) <= 1.0, "{figures}");
}

/// The same against the fault itself, as though every text told everything: most of what
/// differs are clients that do not look at what is broken (a certificate) and fail elsewhere.
#[test]
fn most_messages_tell_the_very_fault() {
    let truth = truth();
    let figures = compared(Signals::all(), |_| true, |message| truth.fault(message));
    println!("against the bare faults: {figures}");
    assert!(figures.share(figures.right) >= 65.0, "{figures}");
}

#[test]
fn a_client_that_nobody_has_seen_is_read_nearly_as_well() {
    for (client, learnt) in CLIENTS {
        let without = Signals::read(|from| from.iter().any(|source| source != learnt)).unwrap();
        let figures = figures(Box::leak(Box::new(without)), |message| {
            message.client == client
        });
        println!("{client} left out: {figures}");
        assert!(figures.share(figures.right) >= 86.0, "{client}: {figures}");
        assert!(figures.share(figures.wrong) <= 1.0, "{client}: {figures}");
    }
}

/// pymssql is FreeTDS with another voice: leaving out the one alone leaves the other's numbers.
#[test]
fn the_clients_of_one_library_are_left_out_together_too() {
    let learnt = ["freetds", "pymssql"];
    let without =
        Signals::read(|from| from.iter().any(|source| !learnt.contains(&source.as_str()))).unwrap();
    let figures = figures(Box::leak(Box::new(without)), |message| {
        ["freetds-tsql", "pymssql"].contains(&message.client.as_str())
    });
    println!("FreeTDS and pymssql left out: {figures}");
    assert!(figures.share(figures.right) >= 85.0, "{figures}");
    assert!(figures.share(figures.wrong) <= 3.0, "{figures}");
}

#[test]
fn what_leaves_a_client_out_really_forgets_something() {
    let count = |signals: &Signals| {
        signals
            .facts
            .iter()
            .map(|fact| fact.signals.len())
            .sum::<usize>()
    };
    for (client, learnt) in CLIENTS
        .into_iter()
        .filter(|(client, _)| *client != "pymssql")
    {
        let without = Signals::read(|from| from.iter().any(|source| source != learnt)).unwrap();
        assert!(count(&without) < count(Signals::all()), "{client}");
    }
}

#[test]
fn a_client_that_got_through_has_no_connection_error() {
    for message in messages() {
        let succeeded = message.text.starts_with("OK connected")
            || message.client == "freetds-tsql" && message.text.ends_with("1>");
        if succeeded {
            let read = explain_with(Signals::all(), &message.text);
            assert!(!read.is_connection_error, "{}", message.text);
        }
    }
}

#[test]
fn the_client_is_recognised() {
    let expected = BTreeMap::from([
        ("msodbcsql18", "ODBC"),
        ("mssql-jdbc", "JDBC"),
        ("freetds-tsql", "FreeTDS"),
        ("pymssql", "pymssql"),
    ]);
    for message in messages() {
        let read = explain_with(Signals::all(), &message.text);
        let named = read.layer.is_some() && message.text.len() > 60;
        if let Some(client) = expected.get(message.client.as_str()).filter(|_| named) {
            assert_eq!(read.client, Some(*client), "{}", message.text);
        }
    }
}
