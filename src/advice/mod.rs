//! Words and commands: playbooks, slots, quoting, platforms. Rendered when they are shown.
//!
//! A [`Diagnosis`](crate::diagnosis::Diagnosis) holds ids and values; [`advise`] turns it into sentences
//! and commands for one platform or all. Playbooks are `assets/playbooks/<cause-id>.toml`,
//! compiled in and checked by a test that loads them all.

mod audit;
mod clients;
mod composed;
mod conditions;
mod connecting;
mod facts;
#[cfg(test)]
mod fixture;
mod incident;
#[cfg(test)]
mod kinds_tests;
mod login;
mod message;
mod numbered;
mod platform;
mod playbook;
pub mod proof;
mod prospects;
mod quote;
mod render;
mod said;
pub mod seen;
mod slots;
mod spelled;
mod standing;
mod template;
mod wanted;

pub use audit::{Meaning, meaning};
pub use composed::{Composer, Escape};
pub use connecting::{connection_string, server};
pub use incident::{IncidentWords, TeamCommand, incident, team_commands};
pub use login::login_test;
pub use message::{clients_show_for, commands_to_type, probe_command};
pub use numbered::{NumberedCommand, add_step, commands_for};
pub use platform::platform;
pub use proof::expectation;
pub use prospects::{ClientWould, alike, clients_would};
pub use render::{
    advise, advise_any, advise_causes, advise_not_tcp, advise_syntax, headline, outline,
};
pub use said::{product, service_name};
pub use spelled::Spelled;
pub use standing::{StandingWords, standing};

use std::borrow::Cow;

use serde::Serialize;

use crate::diagnosis::{CauseId, Confidence, Expectation};
use crate::target::Platform;

/// A diagnosis in words, with what to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Advice {
    /// The sentence that a tired person reads first.
    pub headline: String,
    /// What the evidence proves.
    pub proves: Vec<String>,
    /// What it rules out.
    pub rules_out: Vec<String>,
    /// What a client would trip over though the instance answers.
    pub findings: Vec<String>,
    /// Most likely first.
    pub causes: Vec<CauseAdvice>,
    /// How many of the first causes are equally likely.
    pub tied: usize,
    /// The tests that would split the leading causes, in words.
    pub next_tests: Vec<String>,
    /// What common clients show for this.
    pub clients_show: Vec<ClientShows>,
}

/// A cause in words, with its fixes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CauseAdvice {
    /// Its stable id.
    pub id: CauseId,
    /// One line.
    #[serde(serialize_with = "spelled::text")]
    pub title: &'static str,
    /// What it means and why it happens, a few sentences.
    #[serde(serialize_with = "spelled::text")]
    pub means: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
    /// What raised it.
    pub because: Vec<String>,
    /// What lowered it.
    pub against: Vec<String>,
    /// What to do, looking before acting.
    pub fixes: Vec<Fix>,
    /// How to keep it from coming back.
    #[serde(serialize_with = "spelled::all")]
    pub prevent: &'static [String],
}

/// A step that looks into or addresses a cause.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// One line.
    #[serde(serialize_with = "spelled::text")]
    pub title: &'static str,
    /// Where it is carried out.
    #[serde(rename = "where")]
    pub place: Place,
    /// What it risks.
    pub risk: Risk,
    /// What it is expected to change.
    pub expects: &'static [Expectation],
    /// What it gives up, or what to know first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Spelled>,
    /// One for each platform and shell that it applies to.
    pub commands: Vec<Command>,
}

/// One command, ready to paste.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// The platform of the server that it is for.
    pub platform: Platform,
    /// The shell it is written for.
    pub shell: Shell,
    /// The command. No control characters, no newline at its end.
    #[serde(serialize_with = "spelled::command")]
    pub text: Cow<'static, str>,
    /// What the user must fill in before running it (`<RESOURCE_GROUP>`), as shown in `text`.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub edit: Cow<'static, [String]>,
}

/// Where a step is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// On the SQL Server machine.
    Server,
    /// Here, or on the machine of the client.
    Client,
    /// On a firewall, router or load balancer.
    Network,
    /// On a domain controller or DNS server.
    Domain,
    /// In a cloud's console.
    Cloud,
}

/// What a step risks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// It only looks.
    ReadOnly,
    /// It changes something that can be changed back.
    ChangesState,
    /// Sessions of this instance end.
    RestartsService,
    /// More than this instance stops for a while.
    Outage,
    /// It opens or trusts something.
    WeakensSecurity,
}

/// The shell that a command is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// PowerShell 5.1 and 7.
    Powershell,
    /// cmd.exe
    Cmd,
    /// bash or a POSIX shell
    Bash,
    /// Transact-SQL
    Sql,
    /// Not a command: words to follow by hand, or a connection string.
    Text,
}

/// What one client shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientShows {
    /// `SqlClient`, `ODBC` …
    pub client: &'static str,
    /// The number it shows, if any.
    pub code: Option<i64>,
    /// The sentence it shows.
    pub text: String,
}

/// A platform and whether the user declared it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformGuess {
    /// The platform.
    pub platform: Platform,
    /// It is a guess, and shown as one.
    pub guessed: bool,
}
