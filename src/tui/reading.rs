//! The words for the selected row, rendered when it is selected and not before.

use std::sync::Arc;

use crate::advice::{self, Advice, NumberedCommand};
use crate::diagnosis::Diagnosis;
use crate::monitor::{InstanceId, Row};
use crate::target::Platform;

/// The words for one row, and the commands as they are numbered on the screen.
#[derive(Clone, Debug)]
pub struct Reading {
    id: InstanceId,
    diagnosis: Option<Arc<Diagnosis>>,
    advice: Advice,
    platform: Platform,
    guessed: bool,
}

impl Reading {
    /// The words for a row; `None` before its first result. `wanted` is the platform the
    /// user chose, kept only where this row has commands for it.
    pub fn of(row: &Row, wanted: Option<Platform>) -> Option<Self> {
        let case = row.case();
        let target = row.instance.target.as_deref();
        let read = case.as_ref().zip(row.diagnosis.as_deref());
        let advice = advice::advise_any(target, &row.instance.declared, read)?;
        let guess = case.as_ref().map(advice::platform);
        let guessed_platform = guess.map_or(Platform::Windows, |guess| guess.platform);
        let platform = wanted
            .filter(|wanted| platforms(&advice).contains(wanted))
            .unwrap_or(guessed_platform);
        Some(Self {
            id: row.id,
            diagnosis: row.diagnosis.clone(),
            advice,
            platform,
            guessed: platform == guessed_platform && guess.is_some_and(|guess| guess.guessed),
        })
    }

    /// Whether it still says what this row says.
    pub fn is_of(&self, row: &Row) -> bool {
        self.id == row.id
            && match (&self.diagnosis, &row.diagnosis) {
                (Some(own), Some(its)) => Arc::ptr_eq(own, its),
                (own, its) => own.is_none() && its.is_none(),
            }
    }

    /// The words.
    pub fn advice(&self) -> &Advice {
        &self.advice
    }

    /// The commands in the order of their numbers.
    pub fn commands(&self) -> Vec<NumberedCommand<'_>> {
        advice::commands_for(&self.advice, self.platform)
    }

    /// The exact text of the command with this number.
    pub fn command(&self, number: u8) -> Option<&str> {
        let at = usize::from(number).checked_sub(1)?;
        self.commands()
            .get(at)
            .map(|numbered| numbered.command.text.as_str())
    }

    /// The platform whose commands are shown.
    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// Whether that platform is a guess.
    pub fn is_guessed(&self) -> bool {
        self.guessed
    }

    /// The platforms that there are commands for, in their usual order; the one that
    /// is shown is always among them.
    pub fn platforms(&self) -> Vec<Platform> {
        let mut found = platforms(&self.advice);
        if !found.contains(&self.platform) {
            found.push(self.platform);
        }
        found
    }
}

fn platforms(advice: &Advice) -> Vec<Platform> {
    let offered = |platform: &Platform| {
        let mut fixes = advice.causes.iter().flat_map(|cause| &cause.fixes);
        fixes.any(|fix| {
            fix.commands
                .iter()
                .any(|command| command.platform == *platform)
        })
    };
    Platform::ALL.into_iter().filter(offered).collect()
}
