//! Looks at one host, shared by all its instances: asked once, and folded into each that
//! fails there.

use foldhash::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::looks::WINDOW;
use super::neighbours::HostKey;
use crate::evidence::{Look, Test, Witness};
use crate::target::{InstanceName, Port, Target};

/// Whoever asks by hand is served with nothing older, and a look that is under way for
/// longer was given up by whoever took it.
const FRESH: SignedDuration = SignedDuration::from_secs(5);
/// Fewer looks than this are not worth sorting out.
const FEW: usize = 64;

/// The newest looks.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    looks: HashMap<Test, Taken>,
    /// How many were left when the old ones were dropped last.
    kept: usize,
}

#[derive(Clone, Debug)]
struct Taken {
    at: Timestamp,
    /// Those that wait for it. Whichever of their instances asked may be gone by then.
    hosts: Vec<HostKey>,
    /// `None` while it is under way.
    witness: Option<Witness>,
}

/// Whether a look must be taken.
pub(super) enum Found {
    /// Nobody took it lately.
    Nothing,
    /// Somebody is taking it; its witness comes to all.
    UnderWay,
    /// It was taken.
    Known(Box<Witness>),
}

impl Shared {
    /// Finds a look that is fresh enough, or enters it as under way.
    pub(super) fn find(
        &mut self,
        at: Timestamp,
        host: &HostKey,
        test: Test,
        by_hand: bool,
    ) -> Found {
        if !is_shared(test) {
            return Found::Nothing;
        }
        let age = if by_hand { FRESH } else { WINDOW };
        let taken = self.looks.get(&test);
        if let Some(witness) = taken.and_then(|taken| taken.within(at, age)) {
            return Found::Known(Box::new(witness.clone()));
        }
        let is_under_way = taken.is_some_and(|taken| taken.is_under_way(at));
        let taken = self.entry(at, test);
        if !taken.hosts.contains(host) {
            taken.hosts.push(host.clone());
        }
        if is_under_way {
            return Found::UnderWay;
        }
        taken.at = at;
        taken.witness = None;
        Found::Nothing
    }

    /// A look that was taken lately.
    pub(super) fn known(&self, at: Timestamp, test: &Test) -> Option<&Witness> {
        self.looks.get(test)?.within(at, WINDOW)
    }

    /// A look is back. Returns the hosts that wait for it.
    pub(super) fn took(&mut self, at: Timestamp, witness: &Witness) -> Vec<HostKey> {
        let Some(test) = test_of(&witness.look) else {
            return Vec::new();
        };
        let taken = self.entry(at, test);
        taken.at = at;
        taken.witness = Some(witness.clone());
        std::mem::take(&mut taken.hosts)
    }

    fn entry(&mut self, at: Timestamp, test: Test) -> &mut Taken {
        // Only when they have doubled: a look at each of a thousand hosts walks over the
        // others ten times, not a thousand.
        if self.looks.len() >= 2 * self.kept.max(FEW) {
            self.looks
                .retain(|_, taken| is_within(at, taken.at, WINDOW));
            self.kept = self.looks.len();
        }
        self.looks.entry(test).or_insert(Taken {
            at,
            hosts: Vec::new(),
            witness: None,
        })
    }
}

impl Taken {
    fn within(&self, at: Timestamp, age: SignedDuration) -> Option<&Witness> {
        let is_young = is_within(at, self.at, age);
        self.witness.as_ref().filter(|_| is_young)
    }

    fn is_under_way(&self, at: Timestamp) -> bool {
        self.witness.is_none() && is_within(at, self.at, FRESH)
    }
}

/// The look as another instance of the same host would have taken it; `None` for one that
/// is about a single instance.
pub(in crate::monitor) fn for_sibling(witness: &Witness, target: &Target) -> Option<Witness> {
    let look = match &witness.look {
        Look::BrowserList(browser) => {
            let instance = target.instance.as_ref().map(InstanceName::as_str);
            Look::BrowserList(browser.clone().read_for(instance))
        }
        look => {
            test_of(look)?;
            look.clone()
        }
    };
    Some(Witness {
        look,
        ..witness.clone()
    })
}

/// The path and the question for a name are about one instance alone.
pub(in crate::monitor) fn is_shared(test: Test) -> bool {
    match test {
        Test::ClosedPort { .. } | Test::Port { .. } | Test::BrowserList { .. } => true,
        Test::BrowserName { .. } | Test::Path { .. } | Test::Dac { .. } => false,
    }
}

/// The test that a shared look answers.
pub(super) fn test_of(look: &Look) -> Option<Test> {
    match look {
        Look::ClosedPort(attempt) => Some(Test::ClosedPort {
            address: attempt.endpoint.ip(),
        }),
        Look::Port(attempt) => Some(Test::Port {
            address: attempt.endpoint.ip(),
            port: Port::new(attempt.endpoint.port())?,
        }),
        Look::BrowserList(browser) => Some(Test::BrowserList {
            address: browser.asked?.ip(),
        }),
        Look::BrowserName(_) | Look::Path { .. } | Look::Dac(_) => None,
    }
}

/// The wall clock may have been set back.
fn is_within(at: Timestamp, then: Timestamp, age: SignedDuration) -> bool {
    at.duration_since(then).abs() <= age
}
