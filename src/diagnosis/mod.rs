//! A case in, a diagnosis out. Pure: no I/O, no clock, no words for the screen.
//!
//! Each rule (`rules/`, one file for each layer) raises or lowers causes and says by
//! what; one step (`weigh`) ranks them. Where two causes stay equal, the diagnosis says
//! so and names the tests that would split them.

pub mod audit;
mod case;
mod cause;
mod distance;
mod expectation;
mod findings;
mod headline;
mod heard;
pub mod incident;
pub mod listener;
mod next;
mod ports;
mod recent;
mod ruled_out;
mod rules;
mod said;
mod sight;
mod standing;
mod state;
mod subnet;
mod weigh;

#[cfg(test)]
pub(crate) mod scene;
#[cfg(test)]
pub(crate) mod tests;

pub use case::{Case, Good, Neighbours, OwnNetwork, Past, Surroundings, Tried};
pub use cause::CauseId;
pub(crate) use cause::with_causes;
pub use expectation::Expectation;
pub use ports::Ports;
pub use recent::Recent;
pub use ruled_out::RuledOut;
pub use said::{Said, Value};
pub use standing::{Families, Felt, Grounds, Hosts, Standing, stopped_here};
pub use state::State;
pub use subnet::Subnet;

#[cfg(test)]
pub(crate) use scene::Scene;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use self::sight::Sight;
use crate::evidence::Test;
use crate::target::{NotTcp, TargetError};

/// What a case proves, what it rules out, why it probably is so, and what to look at next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The one word for the instance, from this evidence alone.
    pub state: State,
    /// The sentence that a tired person reads first.
    pub headline: Option<Said>,
    /// What the evidence proves.
    pub proves: Vec<Said>,
    /// What it rules out.
    pub rules_out: RuledOut,
    /// What a client would trip over though the instance answers (`degraded`), and
    /// remarks that are no cause.
    pub findings: Vec<Said>,
    /// The causes, most likely first. Empty for an instance that answers without a finding.
    pub causes: Vec<Cause>,
    /// How many of the first causes are equally likely (0 or 1: there is one leader).
    pub tied: usize,
    /// The tests that would split the leading causes, most telling first.
    pub next_tests: Vec<Test>,
}

/// One possible reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// Its stable id.
    pub id: CauseId,
    /// How sure the evidence makes it.
    pub confidence: Confidence,
    /// What raised it.
    pub because: Vec<Said>,
    /// What lowered it.
    pub against: Vec<Said>,
}

/// How sure a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Possible.
    Low,
    /// Likely, or one of several that are.
    Medium,
    /// The evidence fits nothing else nearly as well.
    High,
}

/// Reads a case.
pub fn diagnose(case: &Case<'_>) -> Diagnosis {
    if let Err(not_tcp) = case.target.over_tcp() {
        return Diagnosis::not_tcp(not_tcp);
    }
    let sight = Sight::of(case);
    let (mut causes, tied) = rules::weigh(&sight).rank();
    let headline = headline::headline(&sight);
    for cause in causes.iter_mut().filter(|cause| cause.because.len() > 1) {
        // It stands right above the reasons.
        cause.because.retain(|said| Some(*said) != headline);
    }
    Diagnosis {
        state: sight.state,
        headline,
        proves: headline::proves(&sight),
        rules_out: headline::rules_out(&sight, &causes),
        findings: findings::findings(&sight),
        next_tests: next::tests(&sight),
        causes,
        tied,
    }
}

/// The address that the state of a case speaks of, where its tests are taken.
pub fn address_of(case: &Case<'_>) -> Option<IpAddr> {
    sight::address_of(case, sight::spoken_of(case))
}

impl Diagnosis {
    /// The causes that share the first place.
    pub fn leading(&self) -> &[Cause] {
        &self.causes[..self.tied.max(1).min(self.causes.len())]
    }

    /// Which they are, for whoever keeps no more of it.
    pub fn leading_ids(&self) -> Box<[CauseId]> {
        self.leading().iter().map(|cause| cause.id).collect()
    }

    /// Gives back the room that lists grew into: a diagnosis may be kept for days.
    pub fn shrink(&mut self) {
        for said in [&mut self.proves, &mut self.findings] {
            said.shrink_to_fit();
        }
        self.causes.shrink_to_fit();
        for cause in &mut self.causes {
            cause.because.shrink_to_fit();
            cause.against.shrink_to_fit();
        }
        self.next_tests.shrink_to_fit();
    }

    /// For a target that cannot be parsed: what is wrong is in the error itself.
    pub fn unreadable(_: &TargetError) -> Self {
        Self::invalid(CauseId::TargetSyntax, Said::TargetCannotBeRead {})
    }

    /// For a target that cannot be reached over TCP.
    pub fn not_tcp(why: NotTcp) -> Self {
        let said = match why {
            NotTcp::NamedPipes => Said::TargetIsPipe {},
            NotTcp::SharedMemory => Said::TargetIsSharedMemory {},
            NotTcp::LocalDb => Said::TargetIsLocalDb {},
            NotTcp::Admin => Said::TargetIsAdmin {},
        };
        Self::invalid(CauseId::NotTcp, said)
    }

    fn invalid(id: CauseId, said: Said) -> Self {
        let cause = Cause {
            id,
            confidence: Confidence::High,
            because: vec![said],
            against: Vec::new(),
        };
        Self {
            state: State::Invalid,
            headline: Some(said),
            causes: vec![cause],
            tied: 1,
            ..Self::default()
        }
    }
}
