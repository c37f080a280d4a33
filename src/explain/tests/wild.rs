//! Messages that people posted, of clients and wrappers that the corpus does not have.

use serde::Deserialize;

use super::cases::words;
use super::figures::Figures;
use crate::explain::{Layer, explain};

/// `tests/data/explain-wild.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wild {
    seen: Vec<Posted>,
    held_out: Vec<Posted>,
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
    let Wild { seen, held_out } = wild();
    for (which, posted) in [("seen", seen), ("held out", held_out)] {
        let figures = figures(&posted);
        println!("posted, {which}: {figures}");
        assert!(figures.share(figures.right) >= 90.0, "{which}: {figures}");
        assert!(figures.share(figures.wrong) <= 1.0, "{which}: {figures}");
    }
}

/// `tests/data/explain-others.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Others {
    after_login: Vec<String>,
    rows: Vec<String>,
}

fn others() -> Others {
    toml::from_str(include_str!("../../../tests/data/explain-others.toml")).unwrap()
}

#[test]
fn what_is_no_error_of_connecting_is_told_apart() {
    let rows = others().rows;
    assert!(rows.len() >= 60, "{} texts are too few", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|text| {
            let read = explain(text);
            let apart = !read.is_connection_error && read.layer.is_none() && read.state.is_none();
            (!apart).then(|| format!("{:?} {:?}: {text}", read.layer, read.state))
        })
        .collect();
    let count = wrong.len();
    assert!(wrong.is_empty(), "{count} wrong:\n{}", wrong.join("\n"));
}

#[test]
fn a_statement_that_ran_out_of_time_had_a_connection() {
    for text in others().after_login {
        let read = explain(&text);
        assert_eq!(
            (read.layer, read.state),
            (Some(Layer::Session), None),
            "{text}"
        );
    }
}
