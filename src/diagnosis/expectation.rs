//! What a fix is expected to change, as something that evidence can answer.

use serde::{Deserialize, Serialize};

use super::Case;
use super::heard::Heard;
use super::sight::{Sight, without_way};
use crate::evidence::{
    BrowserStatus, ConnectStatus, EncryptionOffer, PreloginStatus, ResolveStatus,
};

/// What a fix is expected to change: a closed set, so that a fix can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expectation {
    /// The name gives an address.
    NameResolves,
    /// Browser answers.
    BrowserAnswers,
    /// Browser lists the instance.
    InstanceListed,
    /// Browser lists a TCP port for it.
    TcpListed,
    /// The port opens.
    PortOpen,
    /// The engine answers PRELOGIN.
    EngineAnswers,
    /// The engine is the instance that was wanted.
    InstanceMatches,
    /// The engine offers encryption.
    EncryptionOffered,
    /// Every address of the name opens.
    AllAddressesOpen,
}

impl Expectation {
    /// Whether it holds in this case; `None` where the evidence does not say
    /// (a layer that was skipped, an option that the engine did not send).
    pub fn holds(self, case: &Case<'_>) -> Option<bool> {
        let layers = &case.evidence.layers;
        match self {
            Self::NameResolves => match layers.resolve.status {
                ResolveStatus::Skipped => None,
                ResolveStatus::Ok | ResolveStatus::Literal => {
                    Some(!layers.resolve.addresses.is_empty())
                }
                _ => Some(false),
            },
            Self::BrowserAnswers | Self::InstanceListed | Self::TcpListed => {
                self.holds_in_browser(case)
            }
            Self::PortOpen => {
                let sight = Sight::of(case);
                // What opens to another address of this machine does not open to programs here.
                let opens = sight.heard == Heard::Open && sight.no_port_left().is_none();
                (sight.heard != Heard::Nothing).then_some(opens)
            }
            Self::AllAddressesOpen => all_addresses_open(case),
            Self::EngineAnswers => match layers.prelogin.status {
                PreloginStatus::Skipped => None,
                status => Some(matches!(
                    status,
                    PreloginStatus::Ok | PreloginStatus::InstanceMismatch
                )),
            },
            Self::InstanceMatches => match layers.prelogin.status {
                PreloginStatus::InstanceMismatch => Some(false),
                _ => layers.prelogin.instance_matches,
            },
            Self::EncryptionOffered => match layers.prelogin.encryption? {
                EncryptionOffer::Off | EncryptionOffer::On | EncryptionOffer::Required => {
                    Some(true)
                }
                EncryptionOffer::NotSupported => Some(false),
                EncryptionOffer::Other(_) => None,
            },
        }
    }

    /// A silent Browser says nothing about what it would list.
    fn holds_in_browser(self, case: &Case<'_>) -> Option<bool> {
        let answers = self == Self::BrowserAnswers;
        match case.evidence.layers.browser.status {
            BrowserStatus::Skipped => None,
            BrowserStatus::Silent | BrowserStatus::Refused => answers.then_some(false),
            BrowserStatus::Malformed => answers.then_some(true),
            BrowserStatus::Ok => Some(true),
            BrowserStatus::NotListed => Some(answers),
            BrowserStatus::NoTcp => Some(self != Self::TcpListed),
        }
    }
}

/// Without the addresses that this machine has no way out to.
fn all_addresses_open(case: &Case<'_>) -> Option<bool> {
    let attempts = &case.evidence.layers.connect.attempts;
    let mut counted = attempts
        .iter()
        .filter(|attempt| !without_way(case, attempt))
        .peekable();
    counted.peek()?;
    Some(counted.all(|attempt| attempt.status == ConnectStatus::Open))
}

#[cfg(test)]
mod tests {
    use super::Expectation as E;
    use crate::diagnosis::scene::{ME, Scene};
    use crate::evidence::{
        BrowserStatus, ConnectStatus, EncryptionOffer, PreloginStatus, ResolveStatus,
    };

    fn db1() -> Scene {
        Scene::new("db1.corp.test,1433")
    }

    fn prod() -> Scene {
        Scene::new(r"sales01\PROD")
    }

    fn encryption(offer: EncryptionOffer) -> Scene {
        db1()
            .answers()
            .with(|scene| scene.evidence.layers.prelogin.encryption = Some(offer))
    }

    #[test]
    fn an_expectation_holds_fails_or_is_not_told() {
        use ConnectStatus::{Open, TimedOut, Unreachable};
        #[rustfmt::skip]
        let table = vec![
            ("resolved", E::NameResolves, db1(), Some(true)),
            ("not resolved", E::NameResolves, db1().unresolved(ResolveStatus::NotFound), Some(false)),
            ("not asked", E::NameResolves, db1().unresolved(ResolveStatus::Skipped), None),
            ("Browser answers", E::BrowserAnswers, prod().browser(BrowserStatus::NotListed), Some(true)),
            ("Browser is silent", E::BrowserAnswers, prod().browser(BrowserStatus::Silent), Some(false)),
            ("Browser is not asked", E::BrowserAnswers, db1().answers(), None),
            ("listed", E::InstanceListed, prod().browser(BrowserStatus::NoTcp), Some(true)),
            ("not listed", E::InstanceListed, prod().browser(BrowserStatus::NotListed), Some(false)),
            ("a silent Browser lists nothing", E::InstanceListed, prod().browser(BrowserStatus::Silent), None),
            ("listed with tcp", E::TcpListed, prod().advertises(50123), Some(true)),
            ("listed without tcp", E::TcpListed, prod().browser(BrowserStatus::NoTcp), Some(false)),
            ("open", E::PortOpen, db1().open(), Some(true)),
            ("one of two open", E::PortOpen, db1().timed_out().also("10.0.5.12", Open), Some(true)),
            ("open to another address of this machine", E::PortOpen, db1().open().instead_of(ME), Some(false)),
            ("refused", E::PortOpen, db1().refused(), Some(false)),
            ("not reached", E::PortOpen, prod().browser(BrowserStatus::Silent), None),
            ("one of two dead", E::AllAddressesOpen, db1().open().also("10.0.5.12", TimedOut), Some(false)),
            ("the other family has no way", E::AllAddressesOpen, db1().open().also("fd00::12", Unreachable).os_error(101), Some(true)),
            ("answers", E::EngineAnswers, db1().answers(), Some(true)),
            ("another instance answers", E::EngineAnswers, db1().answer(PreloginStatus::InstanceMismatch), Some(true)),
            ("silent", E::EngineAnswers, db1().answer(PreloginStatus::Silent), Some(false)),
            ("refused before", E::EngineAnswers, db1().refused(), None),
            ("matches", E::InstanceMatches, prod().advertises(50123).answers(), Some(true)),
            ("another", E::InstanceMatches, prod().advertises(50123).answer(PreloginStatus::InstanceMismatch), Some(false)),
            ("nobody answered", E::InstanceMatches, prod().advertises(50123).refused(), None),
            ("offered", E::EncryptionOffered, encryption(EncryptionOffer::Required), Some(true)),
            ("not offered", E::EncryptionOffered, encryption(EncryptionOffer::NotSupported), Some(false)),
            ("unknown offer", E::EncryptionOffered, encryption(EncryptionOffer::Other(9)), None),
        ];
        for (what, expectation, scene, holds) in table {
            assert_eq!(expectation.holds(&scene.case()), holds, "{what}");
        }
    }
}
