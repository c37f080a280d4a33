//! One instance after the other: what many have alike is said once.

use std::io::{self, Write};
use std::sync::Arc;

use super::Dress;
use crate::advice;
use crate::config::Instance;
use crate::diagnosis::{CauseId, Confidence, Diagnosis, State};
use crate::monitor::Row;

/// So many instances with the same causes are told in full, one after the other.
const IN_FULL: usize = 10;

/// The instances of one check, one after the other. What was told in full of many alike is
/// not told again of the next: thousands of equal paragraphs are read by nobody.
#[derive(Debug)]
pub struct Page {
    dress: Dress,
    told: Vec<Told>,
}

/// A verdict, and who had it.
#[derive(Debug)]
struct Told {
    state: State,
    tied: usize,
    causes: Vec<(CauseId, Confidence)>,
    first: String,
    times: usize,
    /// The last that was not told in full.
    shortened: Option<Arc<Instance>>,
}

impl Page {
    /// An empty page.
    pub fn new(dress: Dress) -> Self {
        Self {
            dress,
            told: Vec::new(),
        }
    }

    /// Writes the next instance.
    pub fn row(&mut self, out: &mut impl Write, row: &Row) -> io::Result<()> {
        let dress = self.dress;
        match self.like(row) {
            Some(first) => alike(out, row, first, dress),
            None => super::row(out, row, dress),
        }
    }

    /// Writes one instance of an incident, which explains it with the others.
    pub fn member(&self, out: &mut impl Write, row: &Row) -> io::Result<()> {
        super::member(out, row, self.dress)
    }

    /// Says how to see the rest of what was not told in full.
    pub fn end(&self, out: &mut impl Write) -> io::Result<()> {
        let mut shortened = self.told.iter().filter_map(|told| told.shortened.as_ref());
        let target = shortened.find_map(|one| one.target.as_deref().ok());
        match target.and_then(advice::probe_command) {
            Some(command) => writeln!(
                out,
                "\nFor the causes and commands of one of many alike: {command}"
            ),
            None => Ok(()),
        }
    }

    /// The first with the same verdict, where enough with it have been told in full.
    fn like(&mut self, row: &Row) -> Option<&str> {
        let diagnosis = row.diagnosis.as_deref()?;
        if !row.state.is_failing() || row.evidence.is_none() {
            return None;
        }
        let is_same = |told: &Told| {
            (told.state, told.tied) == (row.state, diagnosis.tied)
                && causes(diagnosis).eq(told.causes.iter().copied())
        };
        let Some(at) = self.told.iter().position(is_same) else {
            self.told.push(Told {
                state: row.state,
                tied: diagnosis.tied,
                causes: causes(diagnosis).collect(),
                first: row.instance.name.clone(),
                times: 1,
                shortened: None,
            });
            return None;
        };
        let told = &mut self.told[at];
        told.times += 1;
        if told.times <= IN_FULL {
            return None;
        }
        told.shortened = Some(Arc::clone(&row.instance));
        Some(&told.first)
    }
}

/// Writes an instance whose causes are those of the `first`.
fn alike(out: &mut impl Write, row: &Row, first: &str, dress: Dress) -> io::Result<()> {
    super::member(out, row, dress)?;
    let case = row.case();
    let read = case.as_ref().zip(row.diagnosis.as_deref());
    let headline = read.map_or_else(String::new, |(case, read)| advice::headline(case, read));
    writeln!(out, "    {headline} Causes and commands as for {first}.")
}

fn causes(diagnosis: &Diagnosis) -> impl Iterator<Item = (CauseId, Confidence)> {
    diagnosis
        .causes
        .iter()
        .map(|cause| (cause.id, cause.confidence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::scene::Scene;
    use crate::output::fixture;

    fn printed(count: usize) -> String {
        let (mut page, mut out) = (Page::new(Dress::Plain), Vec::new());
        for n in 0..count {
            let target = format!("10.0.4.{n},1444");
            let id = u32::try_from(n).unwrap();
            let row = fixture::row(id, &target, Scene::new(&target).refused());
            page.row(&mut out, &row).unwrap();
        }
        page.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn as_many_as_anybody_reads_are_told_in_full() {
        let text = printed(IN_FULL);
        assert_eq!(text.matches("Most likely:").count(), IN_FULL);
        assert!(!text.contains("alike"), "{text}");
    }

    #[test]
    fn the_others_have_their_line_and_where_the_rest_is_said() {
        let text = printed(IN_FULL + 2);
        assert_eq!(text.matches("Most likely:").count(), IN_FULL);
        assert_eq!(
            text.matches("Causes and commands as for 10.0.4.0,1444.")
                .count(),
            2
        );
        let last =
            "\nFor the causes and commands of one of many alike: sqlreach check 10.0.4.11,1444\n";
        assert!(text.ends_with(last), "{text}");
    }
}
