//! This machine's own trouble in words: for the banner and the last line of a report.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::playbook::playbook;
use super::render;
use crate::diagnosis::{CauseId, Standing};

/// What is wrong, by the key of the statement.
static WORDS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    // A test loads the file that is compiled in here; what has no word is left out.
    toml::from_str(include_str!("../../assets/messages/standing.toml")).unwrap_or_default()
});

/// This machine's own trouble in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingWords {
    /// What follows "This machine": `has no way out: 12 rows are stale — no-route`.
    pub says: String,
    /// What to look at first.
    pub first: &'static str,
}

/// The words; `None` where this machine is not what fails.
pub fn standing(standing: &Standing) -> Option<StandingWords> {
    let (said, cause) = (standing.said?, standing.cause?);
    let what = WORDS.get(said.key()).map_or("is cut off", String::as_str);
    let rows = match standing.affected {
        1 => "1 row is stale".to_owned(),
        count => format!("{count} rows are stale"),
    };
    Some(StandingWords {
        says: format!("{what}: {rows} — {cause}"),
        first: first_step(cause),
    })
}

/// The first step that every stale row is given: one that needs no value from a row.
fn first_step(cause: CauseId) -> &'static str {
    let mut steps = playbook(cause).fixes.iter();
    let given = steps.find(|step| render::fix(step, None).is_some());
    given.map_or("", |step| step.title.as_str())
}

#[cfg(test)]
mod tests {
    use super::{WORDS, first_step, standing};
    use crate::advice::fixture::{Scene, found};
    use crate::advice::{advise, commands_for};
    use crate::diagnosis::{CauseId, OwnNetwork, Said, Standing};
    use crate::target::Platform;

    #[test]
    fn every_trouble_has_its_words() {
        let said = [
            Said::ThisMachineIsCutOff {},
            Said::NoWayOverIpv4 {},
            Said::NoWayOverIpv6 {},
            Said::NoRouteToAny {},
            Said::NoNameResolvesHere {},
            Said::FirewallStopsAll {},
        ];
        for said in said {
            assert!(WORDS.contains_key(said.key()), "{said:?}");
        }
        assert_eq!(WORDS.len(), said.len());
    }

    /// However little is known of a row, the banner's step is the first that it shows.
    #[test]
    fn the_first_step_is_the_first_of_a_stale_row() {
        let scene = Scene::new("sales01");
        for cause in [
            CauseId::NoRoute,
            CauseId::DnsServerFailing,
            CauseId::LocalFirewall,
        ] {
            let advice = advise(&scene.case(), &found(&[cause]));
            let commands = commands_for(&advice, Platform::Windows);
            assert_eq!(commands[0].fix.title, first_step(cause), "{cause:?}");
        }
    }

    #[test]
    fn it_says_what_and_how_many_and_why() {
        assert_eq!(standing(&Standing::default()), None);
        let mut cut_off = Standing {
            own_network: OwnNetwork::NoRoute,
            since: None,
            cause: Some(CauseId::NoRoute),
            said: Some(Said::ThisMachineIsCutOff {}),
            affected: 12,
        };
        let words = standing(&cut_off).unwrap();
        assert_eq!(words.says, "has no way out: 12 rows are stale — no-route");
        assert_eq!(words.first, "See the way this machine would take");
        cut_off.affected = 1;
        let words = standing(&cut_off).unwrap();
        assert_eq!(words.says, "has no way out: 1 row is stale — no-route");
    }
}
