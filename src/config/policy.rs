//! The policy of this machine: a file that an administrator writes and no user can loosen.
//!
//! Its place is fixed: no option and no variable names another. A file that cannot be read,
//! holds a mistake, or could have been written by somebody else stops every command that sends
//! packets, for half a policy is none.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::policy::{Policy, Subnet};

use super::error::{ConfigError, Source};
use super::loaded::text_of;
use super::section::{Given, Reading, Section, Wrong, describe};
use super::{LoadError, syntax, value};

/// More networks are a list for a firewall.
const MOST_NETWORKS: usize = 4096;

/// The file that holds on this machine, whether it exists or not: `/etc/sqlreach/policy.toml`;
/// on Windows `sqlreach\policy.toml` in the folder that the registry gives as ProgramData.
pub fn file() -> PathBuf {
    folder().join("sqlreach").join("policy.toml")
}

#[cfg(not(windows))]
fn folder() -> PathBuf {
    "/etc".into()
}

/// From the registry, which only an administrator writes: `%ProgramData%` is the user's to set.
#[cfg(windows)]
fn folder() -> PathBuf {
    use windows_registry::LOCAL_MACHINE;
    let value = |key: &str, name: &str| LOCAL_MACHINE.open(key)?.get_string(name);
    let windows = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
    let root = value(windows, "SystemRoot").unwrap_or_else(|_| r"C:\Windows".to_owned());
    let drive = root.get(..2).unwrap_or("C:");
    let data = value(&format!(r"{windows}\ProfileList"), "ProgramData");
    let data = data.unwrap_or_else(|_| r"%SystemDrive%\ProgramData".to_owned());
    let tail = data.to_ascii_lowercase();
    match tail.strip_prefix("%systemdrive%") {
        Some(tail) => PathBuf::from(format!("{drive}{}", &data[data.len() - tail.len()..])),
        None => PathBuf::from(data),
    }
}

/// The policy that holds on this machine; all is allowed where there is none.
pub fn in_force() -> Result<Arc<Policy>, LoadError> {
    let path = file();
    match File::open(&path) {
        // A link that leads nowhere is a policy that cannot be read.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && path.symlink_metadata().is_err() =>
        {
            Ok(Arc::default())
        }
        Err(error) => Err(LoadError::Unreadable { path, error }),
        Ok(open) => {
            trust(&path, &open)?;
            let text = text_of(open, &path)?;
            let policy = parse(&text, &path).map_err(LoadError::Mistakes)?;
            Ok(Arc::new(policy))
        }
    }
}

/// Fails where somebody else than root could have written the file, or put another in its place.
#[cfg(unix)]
fn trust(path: &Path, open: &File) -> Result<(), LoadError> {
    let unreadable = |error| LoadError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let folder = path.parent().unwrap_or(path);
    check(path, &open.metadata().map_err(unreadable)?, "644")?;
    check(folder, &folder.metadata().map_err(unreadable)?, "755")
}

/// Windows keeps that right in access lists, which only `unsafe` code reads: the
/// administrator makes the folder so that users cannot write in it.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as where it can be told")]
fn trust(_path: &Path, _open: &File) -> Result<(), LoadError> {
    Ok(())
}

#[cfg(unix)]
fn check(path: &Path, found: &std::fs::Metadata, mode: &str) -> Result<(), LoadError> {
    use std::os::unix::fs::MetadataExt as _;
    let problem = match (found.uid(), found.mode() & 0o022) {
        (0, 0) => return Ok(()),
        (0, _) => "others than root may write it, so it is no policy",
        _ => "it does not belong to root, so it is no policy",
    };
    let shown = path.display();
    Err(LoadError::Untrusted {
        path: path.to_owned(),
        problem,
        hint: format!("as root: chown root {shown}, chmod {mode} {shown}"),
    })
}

/// Reads a policy's text; `path` is the file that is named where it stops something. Fails
/// with every mistake, in the order of the file.
pub fn parse(text: &str, path: &Path) -> Result<Policy, Vec<ConfigError>> {
    let source = Source::new(text, path);
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading::new(&source);
    for error in &errors {
        let (at, problem, hint) = syntax::explain(error, &source);
        reading.mistake(at, problem, hint);
    }
    let mut policy = Policy::default();
    if errors.is_empty() {
        let read = |section: &mut Section<'_, '_, '_>| Policy {
            file: Some(path.to_owned()),
            networks: section.ask("networks", subnets),
            deny_networks: section.ask("deny_networks", subnets).unwrap_or_default(),
            witnesses: section.ask("witnesses", value::yes_or_no).unwrap_or(true),
            rate: section.ask("rate", value::rate).flatten(),
        };
        (policy, _) = Section::read("the policy", document.get_ref(), &mut reading, read);
    }
    let mistakes = reading.into_mistakes();
    if mistakes.is_empty() {
        Ok(policy)
    } else {
        Err(mistakes)
    }
}

fn subnets(given: &Given<'_>) -> Result<Vec<Subnet>, Wrong> {
    value::list(given, MOST_NETWORKS, |given| match given.get_ref() {
        DeValue::String(text) => text.parse::<Subnet>().map_err(|error| {
            Wrong::new(format!("{} {}", describe(given), error.problem)).hint(error.hint)
        }),
        _ => Err(Wrong::new(format!("{} is no network", describe(given)))
            .hint("write 10.0.0.0/8 in 'single quotes'")),
    })
}

/// What the policy says, in one line; `None` where there is none.
pub fn said(policy: &Policy) -> Option<String> {
    const NAMED: usize = 4;
    let file = policy.file.as_ref()?;
    let listed = |subnets: &[Subnet]| {
        let mut names: Vec<String> = subnets.iter().map(ToString::to_string).collect();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        let more = (more > 0).then(|| format!(" and {more} more"));
        names.join(", ") + &more.unwrap_or_default()
    };
    let mut parts = Vec::new();
    match policy.networks.as_deref() {
        Some([]) => parts.push("no network at all".to_owned()),
        Some(networks) => parts.push(format!("only to {}", listed(networks))),
        None => {}
    }
    if !policy.deny_networks.is_empty() {
        parts.push(format!("nothing to {}", listed(&policy.deny_networks)));
    }
    if let Some(rate) = policy.rate {
        parts.push(format!("at most {rate} packets a second"));
    }
    if !policy.witnesses {
        parts.push("no extra looks (witnesses)".to_owned());
    }
    if parts.is_empty() {
        parts.push("it limits nothing".to_owned());
    }
    Some(format!("policy: {}: {}", file.display(), parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PATH: &str = "/etc/sqlreach/policy.toml";

    fn first_mistake(text: &str) -> String {
        parse(text, Path::new(PATH)).unwrap_err()[0].to_string()
    }

    #[test]
    fn every_key_is_read() {
        let text = "networks = ['10.77.2.0/24', '2001:db8::/32']\ndeny_networks = ['10.77.2.9']\n\
                    witnesses = false\nrate = 20\n";
        let policy = parse(text, Path::new(PATH)).unwrap();
        assert_eq!(
            said(&policy).unwrap(),
            "policy: /etc/sqlreach/policy.toml: only to 10.77.2.0/24, 2001:db8::/32; nothing to \
             10.77.2.9/32; at most 20 packets a second; no extra looks (witnesses)"
        );
    }

    #[test]
    fn an_empty_policy_limits_nothing_and_is_one() {
        let policy = parse("# nothing yet\n", Path::new(PATH)).unwrap();
        assert!(said(&policy).unwrap().ends_with("it limits nothing"));
        assert_eq!(said(&Policy::default()), None);
    }

    #[rstest]
    #[case::host_bits(
        "networks = ['10.1.2.3/8']",
        ":1:13: networks: \"10.1.2.3/8\" has bits set behind its prefix; write 10.0.0.0/8"
    )]
    #[case::no_list("networks = '10.0.0.0/8'", ":1:12: networks: ")]
    #[case::a_number(
        "networks = [10]",
        "10 is no network; write 10.0.0.0/8 in 'single quotes'"
    )]
    #[case::mistyped(
        "network = []",
        ":1:1: unknown key 'network' in the policy; did you mean 'networks'?"
    )]
    #[case::no_truth("witnesses = 'off'", "neither true nor false")]
    #[case::no_rate("rate = 0", ":1:8: rate: ")]
    #[case::syntax("networks = [", ":1:")]
    #[case::a_table_of_the_config("[probe]\nrate = 5", "unknown key 'probe' in the policy")]
    fn a_mistake_is_said_with_its_line(#[case] text: &str, #[case] expected: &str) {
        let said = first_mistake(text);
        assert!(said.starts_with(PATH), "{said}");
        assert!(said.contains(expected), "{said}");
    }

    #[cfg(unix)]
    #[test]
    fn what_others_may_write_is_no_policy() {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("policy.toml");
        for (mode, is_trusted) in [(0o644, true), (0o600, true), (0o664, false), (0o646, false)] {
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let found = path.metadata().unwrap();
            // Where the tests run as somebody else, the file is theirs and never trusted.
            let expected = is_trusted && found.uid() == 0;
            assert_eq!(check(&path, &found, "644").is_ok(), expected, "{mode:o}");
        }
    }
}
