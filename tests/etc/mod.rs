//! An `/etc` of the test's own, laid over the real one in a mount namespace: the place of the
//! policy is fixed, and no option or variable moves it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What a program needs of `/etc` to resolve names and to be somebody.
const NEEDED: [&str; 8] = [
    "hosts",
    "nsswitch.conf",
    "resolv.conf",
    "host.conf",
    "passwd",
    "group",
    "ld.so.cache",
    "localtime",
];
/// Runs a program with the folder `$1` as its `/etc`.
pub const OVER: &str = "mount --bind \"$1\" /etc && shift && exec \"$@\"";

/// A folder that goes away with the test.
pub struct Etc(TempDir);

impl Etc {
    /// With this policy. `None`, and a word about it, where nothing can be mounted.
    pub fn with_policy(text: &str) -> Option<Self> {
        let etc = Self(tempfile::tempdir().unwrap());
        for name in NEEDED {
            let from = Path::new("/etc").join(name);
            if from.is_file() {
                fs::copy(&from, etc.0.path().join(name)).unwrap();
            }
        }
        fs::create_dir(etc.0.path().join("sqlreach")).unwrap();
        fs::write(etc.policy(), text).unwrap();
        etc.set_mode(0o644);
        let tried = etc.over(&Command::new("true")).output();
        match tried {
            Ok(output) if output.status.success() => Some(etc),
            tried => {
                let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
                assert!(!is_ci, "nothing can be mounted: {tried:?}");
                eprintln!("skipped: nothing can be mounted: {tried:?}");
                None
            }
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The policy, as it lies outside.
    pub fn policy(&self) -> PathBuf {
        self.0.path().join("sqlreach/policy.toml")
    }

    /// Who may write the policy.
    pub fn set_mode(&self, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.policy(), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// The same command, to which this is `/etc`.
    pub fn over(&self, command: &Command) -> Command {
        let mut over = Command::new("unshare");
        over.args(["-m", "sh", "-c", OVER, "sh"]).arg(self.path());
        over.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => over.env(name, value),
                None => over.env_remove(name),
            };
        }
        over
    }
}
