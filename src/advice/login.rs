//! The line that tests a login by hand, `assets/messages/login-test.toml`: no probe logs in.

use std::sync::OnceLock;

use super::playbook::Step;
use super::{Fix, render};
use crate::diagnosis::Case;

/// The step that tests a login from this machine; `None` where the port is not known.
pub fn login_test(case: &Case<'_>) -> Option<Fix> {
    render::fix(step(), Some(case))
}

fn step() -> &'static Step {
    static STEP: OnceLock<Step> = OnceLock::new();
    STEP.get_or_init(|| {
        toml::from_str(include_str!("../../assets/messages/login-test.toml"))
            .expect("a test reads the step that is compiled in")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::{Command, Risk, Shell};
    use crate::diagnosis::Scene;
    use crate::evidence::{BrowserStatus, Os};
    use crate::target::Platform;

    fn on(fix: &Fix, platform: Platform) -> &Command {
        let mut commands = fix.commands.iter();
        commands.find(|one| one.platform == platform).unwrap()
    }

    fn from_windows(text: &str) -> Scene {
        let windows = |scene: &mut Scene| scene.surroundings.vantage.os = Os::Windows;
        Scene::new(text).answers().with(windows)
    }

    #[test]
    fn the_line_is_for_the_shell_and_the_platform() {
        let here = login_test(&Scene::new("db1").answers().case()).unwrap();
        assert_eq!(
            on(&here, Platform::Windows).text,
            "sqlcmd -S tcp:db1,1433 -U '<ACCOUNT>' -l 8 -Q 'SELECT @@SERVERNAME, @@VERSION'"
        );
        assert_eq!(*on(&here, Platform::Linux).edit, ["<ACCOUNT>"]);
        assert_eq!(
            *on(&here, Platform::Azure).edit,
            ["<ACCOUNT>", "<DATABASE>"],
            "a contained account has no other"
        );
        let windows = login_test(&from_windows("db1").case()).unwrap();
        let command = on(&windows, Platform::Windows);
        assert_eq!(command.shell, Shell::Powershell);
        assert_eq!(
            command.text,
            "sqlcmd -S 'tcp:db1,1433' -E -l 8 -Q 'SELECT @@SERVERNAME, @@VERSION'"
        );
    }

    #[test]
    fn a_named_instance_is_tested_on_its_port() {
        let scene = Scene::new(r"sales01\PROD").advertises(50123).answers();
        let fix = login_test(&scene.case()).unwrap();
        let text = &on(&fix, Platform::Windows).text;
        assert!(text.contains("tcp:sales01,50123"), "{text}");
        let unknown = Scene::new(r"sales01\PROD").browser(BrowserStatus::Silent);
        assert_eq!(login_test(&unknown.case()), None);
    }

    #[test]
    fn it_only_looks_takes_no_password_and_trusts_nobody_blindly() {
        for scene in [Scene::new("db1").answers(), from_windows("db1")] {
            let fix = login_test(&scene.case()).unwrap();
            assert_eq!(fix.risk, Risk::ReadOnly);
            for platform in Platform::ALL {
                on(&fix, platform);
            }
            for command in &fix.commands {
                let gives = |word| command.text.split(' ').any(|given| given == word);
                assert!(!gives("-P") && !gives("-C"), "{}", command.text);
            }
        }
    }
}
