//! The commands as the screen numbers them.

use super::{Advice, CauseAdvice, Command, Fix, Place, Risk, Shell};
use crate::target::Platform;

/// A command with the number that copies it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NumberedCommand<'a> {
    /// From 1. The first nine have a key of their own.
    pub number: usize,
    /// The cause it looks into or addresses; `None` where it tests what a fix has mended.
    pub cause: Option<&'a CauseAdvice>,
    /// Its fix: title, place, risk, expectations, note.
    pub fix: &'a Fix,
    /// The command itself.
    pub command: &'a Command,
}

/// The commands for one platform: those of the first cause, then of the next ones. Where
/// several causes share the first place, each is looked into before anything is done about
/// one of them. A fix gives its first command for the platform; what an earlier cause
/// already asked for is not repeated.
pub fn commands_for(advice: &Advice, platform: Platform) -> Vec<NumberedCommand<'_>> {
    let steps = move |cause| Steps { cause, platform };
    let shared = advice.tied.max(1).min(advice.causes.len());
    let (first, others) = advice.causes.split_at(shared);
    let looks = first.iter().flat_map(|cause| steps(cause).looks());
    let acts = first
        .iter()
        .flat_map(|cause| steps(cause).after_the_looks());
    let others = others.iter().flat_map(|cause| steps(cause).all());

    let mut numbered: Vec<NumberedCommand<'_>> = Vec::new();
    for step in looks.chain(acts).chain(others) {
        if numbered
            .iter()
            .all(|earlier| earlier.command.text != step.command.text)
        {
            let number = numbered.len() + 1;
            numbered.push(NumberedCommand { number, ..step });
        }
    }
    numbered
}

/// A step behind the others, with the next free number, where it has a command for the platform.
pub fn add_step<'a>(numbered: &mut Vec<NumberedCommand<'a>>, fix: &'a Fix, platform: Platform) {
    let number = numbered.len() + 1;
    let command = command_on(fix, platform);
    numbered.extend(command.map(|command| NumberedCommand {
        number,
        cause: None,
        fix,
        command,
    }));
}

fn command_on(fix: &Fix, platform: Platform) -> Option<&Command> {
    let mut commands = fix.commands.iter();
    commands.find(|command| command.platform == platform)
}

/// What there is to do about one cause on one platform.
#[derive(Clone, Copy)]
struct Steps<'a> {
    cause: &'a CauseAdvice,
    platform: Platform,
}

impl<'a> Steps<'a> {
    fn all(self) -> impl Iterator<Item = NumberedCommand<'a>> {
        let Self { cause, platform } = self;
        cause.fixes.iter().filter_map(move |fix| {
            let command = command_on(fix, platform)?;
            Some(NumberedCommand {
                number: 0,
                cause: Some(cause),
                fix,
                command,
            })
        })
    }

    fn looks(self) -> impl Iterator<Item = NumberedCommand<'a>> {
        self.all()
            .take_while(|step| step.fix.risk == Risk::ReadOnly)
    }

    fn after_the_looks(self) -> impl Iterator<Item = NumberedCommand<'a>> {
        self.all()
            .skip_while(|step| step.fix.risk == Risk::ReadOnly)
    }
}

impl NumberedCommand<'_> {
    /// Where it is typed and what it risks: `PowerShell, from here · read-only`.
    pub fn about(&self) -> String {
        let shell = match self.command.shell {
            Shell::Powershell => "PowerShell",
            Shell::Cmd => "cmd",
            Shell::Bash => "bash",
            Shell::Sql => "T-SQL",
            Shell::Text => "by hand",
        };
        let place = match self.fix.place {
            Place::Server => "on the server",
            Place::Client => "from here",
            Place::Network => "on the network",
            Place::Domain => "in the domain",
            Place::Cloud => "in the cloud",
        };
        let risk = self.fix.risk.word();
        format!("{shell}, {place} · {risk}")
    }
}

impl Risk {
    /// A word or two: `read-only`.
    pub fn word(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::ChangesState => "changes state",
            Self::RestartsService => "restarts the service",
            Self::Outage => "outage",
            Self::WeakensSecurity => "weakens security",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::fixture::{Scene, found};
    use crate::advice::render::advise;
    use crate::diagnosis::{CauseId, Diagnosis};
    use crate::evidence::ConnectStatus;

    fn is_of(step: &NumberedCommand<'_>, cause: CauseId) -> bool {
        step.cause.is_some_and(|of| of.id == cause)
    }

    fn texts(advice: &Advice, platform: Platform) -> Vec<&str> {
        commands_for(advice, platform)
            .iter()
            .map(|numbered| &*numbered.command.text)
            .collect()
    }

    #[test]
    fn commands_are_numbered_from_one_in_the_order_of_the_causes() {
        let scene = Scene::refused(r"sales01\PROD");
        let diagnosis = found(&[CauseId::ServiceNotRunning, CauseId::WrongPort]);
        let advice = advise(&scene.case(), &diagnosis);
        let numbered = commands_for(&advice, Platform::Windows);
        assert!(
            numbered
                .iter()
                .map(|command| command.number)
                .eq(1..=numbered.len())
        );
        assert_eq!(numbered[0].cause.unwrap().id, CauseId::ServiceNotRunning);
        assert!(
            numbered
                .iter()
                .map(|command| command.cause.unwrap().id)
                .is_sorted_by_key(|id| id != CauseId::ServiceNotRunning)
        );
        assert!(
            numbered
                .iter()
                .all(|command| command.command.platform == Platform::Windows)
        );
    }

    #[test]
    fn causes_that_share_the_first_place_are_all_looked_into_before_one_is_acted_on() {
        let scene = Scene::new("sales01").tried("10.0.4.12:1433", ConnectStatus::TimedOut);
        let causes = [
            CauseId::FirewallDrops,
            CauseId::ServiceNotRunning,
            CauseId::WrongPort,
        ];
        let diagnosis = Diagnosis {
            tied: 2,
            ..found(&causes)
        };
        let advice = advise(&scene.case(), &diagnosis);
        let numbered = commands_for(&advice, Platform::Windows);
        let acts = |id: CauseId| {
            let acting =
                |step: &NumberedCommand<'_>| is_of(step, id) && step.fix.risk != Risk::ReadOnly;
            numbered.iter().position(acting).unwrap()
        };
        let look = |id: CauseId| numbered.iter().position(|step| is_of(step, id)).unwrap();
        assert!(look(CauseId::ServiceNotRunning) < acts(CauseId::FirewallDrops));
        // The third is less likely: its turn comes after the first two.
        assert!(acts(CauseId::ServiceNotRunning) < look(CauseId::WrongPort));
        assert!(
            numbered
                .iter()
                .map(|step| step.number)
                .eq(1..=numbered.len())
        );
    }

    #[test]
    fn a_command_of_two_causes_is_listed_once() {
        let scene = Scene::refused("sales01");
        let one = advise(&scene.case(), &found(&[CauseId::ServiceNotRunning]));
        let two = advise(
            &scene.case(),
            &found(&[CauseId::ServiceNotRunning, CauseId::ServiceNotRunning]),
        );
        assert_eq!(
            texts(&one, Platform::Windows),
            texts(&two, Platform::Windows)
        );
    }

    #[test]
    fn no_cause_gives_no_command() {
        assert!(commands_for(&Advice::default(), Platform::Windows).is_empty());
    }

    #[test]
    fn a_step_behind_the_others_has_the_next_number() {
        let scene = Scene::refused("sales01");
        let advice = advise(&scene.case(), &found(&[CauseId::ServiceNotRunning]));
        let login = crate::advice::login_test(&scene.case()).unwrap();
        let mut numbered = commands_for(&advice, Platform::Windows);
        let before = numbered.len();
        add_step(&mut numbered, &login, Platform::Windows);
        let last = numbered.last().unwrap();
        assert_eq!((last.number, last.cause), (before + 1, None));
        assert!(last.command.text.starts_with("sqlcmd "));
    }
}
