//! Messages that people posted, of clients and wrappers that the corpus does not have.

use serde::Deserialize;

use super::cases::words;
use super::figures::Figures;
use crate::explain::explain;

/// `tests/data/explain-wild.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wild {
    seen: Vec<Posted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    writer: String,
    source: String,
    says: String,
    text: String,
}

fn wild() -> Wild {
    toml::from_str(include_str!("../../../tests/data/explain-wild.toml")).unwrap()
}

fn figures(posted: &[Posted]) -> Figures {
    let mut figures = Figures::default();
    for Posted {
        writer,
        source,
        says,
        text,
    } in posted
    {
        let read = explain(text);
        figures.add(writer, source, words(says), (read.layer, read.state));
    }
    figures
}

#[test]
fn messages_that_people_posted_are_read_right() {
    let figures = figures(&wild().seen);
    println!("posted, seen: {figures}");
    assert!(figures.share(figures.right) >= 90.0, "{figures}");
    assert!(figures.share(figures.wrong) <= 1.0, "{figures}");
}
