//! Which fix would be put to the proof, and which proof of an instance is worth showing.

use jiff::Timestamp;

use super::reading::Reading;
use crate::advice::{NumberedCommand, Risk, proof};
use crate::diagnosis::{Expectation, State};
use crate::monitor::{Attempt, Ended, Proof, Row};

/// The fix to prove: the one whose acting command was copied last, as long as its cause is
/// still among the causes; else the first for a leading cause that acts on the platform that
/// is shown; where there are only looks, that the leading cause is mended in some other way.
/// `None` where no cause is known.
pub fn chosen(reading: &Reading, state: State, copied: Option<&Attempt>) -> Option<Attempt> {
    let advice = reading.advice();
    let causes = &advice.causes;
    let copied = copied.filter(|copied| causes.iter().any(|cause| cause.id == copied.cause));
    if let Some(copied) = copied {
        return Some(copied.clone());
    }
    let leading = &causes[..advice.tied.max(1).min(causes.len())];
    let commands = reading.commands();
    let mut acting = commands.iter().filter_map(attempt);
    if let Some(attempt) = acting.find(|one| leading.iter().any(|cause| cause.id == one.cause)) {
        return Some(attempt);
    }
    let leading = leading.first()?;
    let mut fixes = leading.fixes.iter();
    let fix = fixes.find(|fix| !fix.expects.is_empty());
    Some(Attempt {
        cause: leading.id,
        fix: fix.map_or(leading.title, |fix| fix.title).to_owned(),
        expects: fix.map_or(awaited(state), |fix| fix.expects).to_vec(),
    })
}

/// What anything that mends this state changes, whichever way it is done.
fn awaited(state: State) -> &'static [Expectation] {
    match state {
        State::Unresolved => &[Expectation::NameResolves],
        State::NotLocated => &[
            Expectation::BrowserAnswers,
            Expectation::InstanceListed,
            Expectation::TcpListed,
        ],
        State::Refused | State::TimedOut | State::Unreachable | State::Blocked => {
            &[Expectation::PortOpen]
        }
        State::WrongInstance => &[Expectation::InstanceMatches],
        _ => &[],
    }
}

/// The fix of a command, as something that can be proved; `None` for a look.
pub fn attempt(command: &NumberedCommand<'_>) -> Option<Attempt> {
    let cause = command.cause?;
    let fix = command.fix;
    (fix.risk != Risk::ReadOnly).then(|| Attempt {
        cause: cause.id,
        fix: fix.title.to_owned(),
        expects: fix.expects.to_vec(),
    })
}

/// Why there is nothing to prove in a state; `None` where there is.
pub fn nothing_to_verify(state: State) -> Option<&'static str> {
    match state {
        State::Answering | State::Ready => Some("the engine answers"),
        State::Open => Some("the port opens, and nothing deeper is asked"),
        State::Pending => Some("there is no result yet"),
        State::Invalid => Some("it is not probed"),
        _ => None,
    }
}

/// Whether there is a fix to prove, or a proof to call off.
pub fn can_verify(row: &Row) -> bool {
    row.proofs.last().is_some_and(Proof::is_running) || nothing_to_verify(row.state).is_none()
}

/// The newest proof, while it is watched and for as long as what it ended in still stands.
pub fn shown(row: &Row) -> Option<&Proof> {
    let proof = row.proofs.last()?;
    let Some(ended) = &proof.ended else {
        return Some(proof);
    };
    let at = ended_at(proof, ended);
    let mut later = row
        .transitions
        .iter()
        .filter(|change| change.first_seen > at);
    let stands = match ended {
        // The probe that saw it fixed also changes the state, from one up to another included.
        Ended::Fixed { .. } => row.state.is_up() && later.all(|change| change.to.is_up()),
        Ended::NotFixed { .. } | Ended::Untold { .. } => later.next().is_none(),
    };
    stands.then_some(proof)
}

/// Whether it shows that a fix worked, and the login is what is left to test.
pub fn is_fixed(row: &Row) -> bool {
    shown(row).is_some_and(|proof| matches!(proof.ended, Some(Ended::Fixed { .. })))
}

/// What to say of a row whose proof has just ended; `None` where it was called off, which
/// somebody was told who did.
pub fn outcome(old: &Row, new: &Row) -> Option<String> {
    let proof = new.proofs.last()?;
    let ended = proof.ended.as_ref()?;
    let before = old.proofs.last();
    if before.is_some_and(|before| before.began == proof.began && !before.is_running()) {
        return None;
    }
    let words = match *ended {
        Ended::Fixed { after, by } => proof::fixed(after, by),
        Ended::NotFixed { first, .. } => proof::not_fixed_because(first),
        Ended::Untold { at } if at < proof.until => return None,
        Ended::Untold { .. } => proof::untold().to_owned(),
    };
    Some(format!("{}: {words}", new.instance.name))
}

/// Whether the newest proof ended in knowing whether the fix worked.
pub fn is_told(row: &Row) -> bool {
    let ended = row.proofs.last().and_then(|proof| proof.ended.as_ref());
    matches!(ended, Some(Ended::Fixed { .. } | Ended::NotFixed { .. }))
}

/// When it ended.
fn ended_at(proof: &Proof, ended: &Ended) -> Timestamp {
    match *ended {
        Ended::Fixed { by, .. } => proof.began + by,
        Ended::NotFixed { at, .. } | Ended::Untold { at } => at,
    }
}
