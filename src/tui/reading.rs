//! The words for the selected row, rendered when it is selected and not before.

use std::sync::Arc;

use super::proving;
use crate::advice::{self, Advice, Fix, NumberedCommand};
use crate::diagnosis::Diagnosis;
use crate::monitor::{InstanceId, Row};
use crate::target::Platform;

/// The words for one row, and the commands as they are numbered on the screen.
#[derive(Clone, Debug)]
pub struct Reading {
    id: InstanceId,
    diagnosis: Option<Arc<Diagnosis>>,
    advice: Advice,
    /// After a fix that worked.
    login: Option<Fix>,
    fixed: bool,
    platform: Platform,
    guessed: bool,
}

impl Reading {
    /// The words for a row; `None` before its first result. `wanted` is the platform the
    /// user chose, kept only where this row has commands for it.
    pub fn of(row: &Row, wanted: Option<Platform>) -> Option<Self> {
        let case = row.case();
        let target = row.instance.target.as_deref().map_err(|error| &**error);
        let read = case.as_ref().zip(row.diagnosis.as_deref());
        let advice = advice::advise_any(target, &row.instance.declared, read)?;
        let guess = case.as_ref().map(advice::platform);
        let guessed_platform = guess.map_or(Platform::Windows, |guess| guess.platform);
        let fixed = proving::is_fixed(row);
        let login = case.as_ref().filter(|_| fixed);
        let login = login.and_then(advice::login_test);
        let platform = wanted
            .filter(|wanted| platforms(&advice, login.as_ref()).contains(wanted))
            .unwrap_or(guessed_platform);
        Some(Self {
            id: row.id,
            diagnosis: row.diagnosis.clone(),
            advice,
            login,
            fixed,
            platform,
            guessed: platform == guessed_platform && guess.is_some_and(|guess| guess.guessed),
        })
    }

    /// Whether it still says what this row says.
    pub fn is_of(&self, row: &Row) -> bool {
        self.id == row.id
            && self.fixed == proving::is_fixed(row)
            && match (&self.diagnosis, &row.diagnosis) {
                (Some(own), Some(its)) => Arc::ptr_eq(own, its),
                (own, its) => own.is_none() && its.is_none(),
            }
    }

    /// The words.
    pub fn advice(&self) -> &Advice {
        &self.advice
    }

    /// The commands in the order of their numbers; the test of a login is the last.
    pub fn commands(&self) -> Vec<NumberedCommand<'_>> {
        let mut commands = advice::commands_for(&self.advice, self.platform);
        if let Some(login) = &self.login {
            advice::add_step(&mut commands, login, self.platform);
        }
        commands
    }

    /// The number of the line that tests a login, after a fix that worked.
    pub fn login_test(&self) -> Option<usize> {
        let commands = self.commands();
        let last = commands.last().filter(|last| last.cause.is_none())?;
        Some(last.number)
    }

    /// The exact text of the command with this number.
    pub fn command(&self, number: u8) -> Option<&str> {
        let at = usize::from(number).checked_sub(1)?;
        self.commands()
            .get(at)
            .map(|numbered| &*numbered.command.text)
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
        let mut found = platforms(&self.advice, self.login.as_ref());
        if !found.contains(&self.platform) {
            found.push(self.platform);
        }
        found
    }
}

fn platforms(advice: &Advice, login: Option<&Fix>) -> Vec<Platform> {
    let offered = |platform: &Platform| {
        let fixes = advice.causes.iter().flat_map(|cause| &cause.fixes);
        fixes.chain(login).any(|fix| {
            fix.commands
                .iter()
                .any(|command| command.platform == *platform)
        })
    };
    Platform::ALL.into_iter().filter(offered).collect()
}
