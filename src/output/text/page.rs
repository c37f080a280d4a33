//! One instance after the other: what many have alike is said once.

use std::io::{self, Write};
use std::sync::Arc;

use super::Dress;
use crate::advice;
use crate::config::Instance;
use crate::diagnosis::{CauseId, Confidence, Diagnosis, Said, State, diagnose};
use crate::monitor::{InstanceId, Row};

/// So many instances with the same causes are told in full, one after the other.
const IN_FULL: usize = 10;

/// The instances of one check, one after the other. What was told in full of many alike is
/// not told again of the next: thousands of equal paragraphs are read by nobody.
#[derive(Debug)]
pub struct Page {
    dress: Dress,
    verdicts: Vec<Verdict>,
}

/// A verdict, and who has it.
#[derive(Debug)]
struct Verdict {
    state: State,
    tied: usize,
    causes: Vec<(CauseId, Confidence)>,
    /// How many wait with their diagnosis.
    whole: usize,
    /// How many were told in full, and who was the first.
    told: usize,
    first: Option<Arc<Instance>>,
    /// The last that was not told in full.
    shortened: Option<Arc<Instance>>,
}

/// An instance that is told at the end, when it is known who failed together. Of many with
/// the same verdict most wait without what can be worked out again.
#[derive(Debug)]
pub struct Waiting {
    row: Arc<Row>,
    /// Which of the page's; `None`: it has none that others could share.
    verdict: Option<usize>,
    headline: Option<Said>,
}

impl Waiting {
    /// Which it is.
    pub fn id(&self) -> InstanceId {
        self.row.id
    }

    /// How many looks were taken at it.
    pub(super) fn looks(&self) -> usize {
        self.row.witnesses.len()
    }

    /// The row with its diagnosis.
    pub(super) fn whole(&self) -> Arc<Row> {
        let mut row = Arc::clone(&self.row);
        if row.diagnosis.is_none() {
            let diagnosis = row.case().map(|case| Arc::new(diagnose(&case)));
            Arc::make_mut(&mut row).diagnosis = diagnosis;
        }
        row
    }
}

impl Page {
    /// An empty page.
    pub fn new(dress: Dress) -> Self {
        Self {
            dress,
            verdicts: Vec::new(),
        }
    }

    /// How it is dressed.
    pub(super) fn dress(&self) -> Dress {
        self.dress
    }

    /// Writes an instance that need not wait.
    pub fn row(&self, out: &mut impl Write, row: &Row) -> io::Result<()> {
        super::row(out, row, self.dress)
    }

    /// Takes an instance that is told later.
    pub fn wait(&mut self, mut row: Arc<Row>) -> Waiting {
        let verdict = self.verdict(&row);
        let headline = row.diagnosis.as_deref().and_then(|read| read.headline);
        if let Some(at) = verdict {
            let verdict = &mut self.verdicts[at];
            // What this machine hides is not what its case says.
            if verdict.whole < IN_FULL || row.marks.stale {
                verdict.whole += 1;
            } else {
                let lean = Arc::make_mut(&mut row);
                lean.diagnosis = None;
                lean.outages = Arc::default();
                lean.transitions = Arc::default();
            }
        }
        Waiting {
            row,
            verdict,
            headline,
        }
    }

    /// Writes an instance that has waited.
    pub fn waited(&mut self, out: &mut impl Write, waiting: &Waiting) -> io::Result<()> {
        let Some(at) = waiting.verdict else {
            return self.row(out, &waiting.row);
        };
        let verdict = &mut self.verdicts[at];
        if let (Some(first), IN_FULL..) = (&verdict.first, verdict.told) {
            verdict.shortened = Some(Arc::clone(&waiting.row.instance));
            return alike(out, waiting, &first.name, self.dress);
        }
        verdict.told += 1;
        let instance = &waiting.row.instance;
        verdict.first.get_or_insert_with(|| Arc::clone(instance));
        self.row(out, &waiting.whole())
    }

    /// Writes one instance of an incident, which explains it with the others.
    pub fn member(&self, out: &mut impl Write, waiting: &Waiting) -> io::Result<()> {
        super::member(out, &waiting.row, self.dress)
    }

    /// Says how to see the rest of what was not told in full.
    pub fn end(&self, out: &mut impl Write) -> io::Result<()> {
        let mut shortened = self
            .verdicts
            .iter()
            .filter_map(|verdict| verdict.shortened.as_ref());
        let target = shortened.find_map(|one| one.target.as_deref().ok());
        match target.and_then(advice::probe_command) {
            Some(command) => writeln!(
                out,
                "\nFor the causes and commands of one of many alike: {command}"
            ),
            None => Ok(()),
        }
    }

    /// The causes that share the first place.
    pub(super) fn leading(&self, waiting: &Waiting) -> impl Iterator<Item = CauseId> {
        let verdict = waiting.verdict.map(|at| &self.verdicts[at]);
        verdict.into_iter().flat_map(|verdict| {
            let leading = verdict.causes.iter().take(verdict.tied.max(1));
            leading.map(|(cause, _)| *cause)
        })
    }

    /// Finds the verdict of an instance that fails, or enters it.
    fn verdict(&mut self, row: &Row) -> Option<usize> {
        let diagnosis = row.diagnosis.as_deref()?;
        if !row.state.is_failing() || row.evidence.is_none() {
            return None;
        }
        let is_same = |verdict: &Verdict| {
            (verdict.state, verdict.tied) == (row.state, diagnosis.tied)
                && causes(diagnosis).eq(verdict.causes.iter().copied())
        };
        let known = self.verdicts.iter().position(is_same);
        Some(known.unwrap_or_else(|| {
            self.verdicts.push(Verdict {
                state: row.state,
                tied: diagnosis.tied,
                causes: causes(diagnosis).collect(),
                whole: 0,
                told: 0,
                first: None,
                shortened: None,
            });
            self.verdicts.len() - 1
        }))
    }
}

/// Writes an instance whose causes are those of the `first`.
fn alike(out: &mut impl Write, waiting: &Waiting, first: &str, dress: Dress) -> io::Result<()> {
    let row = &waiting.row;
    super::member(out, row, dress)?;
    let case = row.case();
    let headline = case.map_or_else(String::new, |case| {
        advice::headline(&case, waiting.headline)
    });
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
    use crate::evidence::{ConnectStatus, PreloginStatus, ResolveStatus};
    use crate::output::fixture;

    fn printed(count: usize) -> String {
        let (mut page, mut out) = (Page::new(Dress::Plain), Vec::new());
        for n in 0..count {
            let target = format!("10.0.4.{n},1444");
            let id = u32::try_from(n).unwrap();
            let row = fixture::row(id, &target, Scene::new(&target).refused());
            let waiting = page.wait(Arc::new(row));
            page.waited(&mut out, &waiting).unwrap();
        }
        page.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// What waits lean is told as if it had not: a diagnosis of the same case is the same.
    #[test]
    fn what_is_worked_out_again_is_what_was_there() {
        let scenes = [
            Scene::new("10.0.4.12,1444").refused(),
            Scene::new("10.0.4.12,1444").timed_out(),
            Scene::new("10.0.4.12")
                .timed_out()
                .closed(ConnectStatus::Refused),
            Scene::new("db1").answer(PreloginStatus::Silent),
            Scene::new("db1,1500").unresolved(ResolveStatus::NotFound),
            Scene::new(r"db1\PROD").refused().advertises(50123),
        ];
        for scene in scenes {
            let mut page = Page::new(Dress::Plain);
            let row = Arc::new(fixture::row(0, "db1", scene));
            let last = (0..=IN_FULL).map(|_| page.wait(Arc::clone(&row))).last();
            let last = last.unwrap();
            assert!(last.row.diagnosis.is_none(), "{:?}", row.state);
            assert_eq!(last.whole().diagnosis, row.diagnosis);
        }
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
