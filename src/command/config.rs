//! `sqlreach config init|check|path|show`.

mod import;

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};

use super::dry_run;
use crate::config::{EXAMPLE, Environment, LoadError, Loaded, Overrides, Scope, policy, write};
use crate::disk;
use crate::policy::Policy;
use crate::tui::filter::Filter;
use crate::tui::keymap::KeyMap;

/// Mistakes that are listed; who has more mends these first.
const LISTED: usize = 50;

/// What is to be done with the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write the commented example to where the file is looked for first.
    Init {
        /// Also where there is a file already.
        force: bool,
    },
    /// Read the file and list what is wrong with it.
    Check {
        /// This file instead of the one that would be used.
        file: Option<PathBuf>,
    },
    /// List where the file is looked for.
    Path,
    /// Print the settings in force and where each comes from.
    Show,
    /// Add the servers of a list or an export.
    Import {
        /// The list or the export.
        file: PathBuf,
    },
}

/// Runs one of the subcommands. `given` is the file of `--config`. The number is the exit
/// status: 0, or 2 where the configuration holds mistakes.
pub fn run(
    action: &Action,
    given: Option<&Path>,
    overrides: &Overrides,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    run_in(
        &Environment::of_this_process(),
        policy::in_force,
        action,
        given,
        overrides,
        out,
    )
}

/// `in_force` gives the policy of this machine, to those who ask for it.
fn run_in(
    environment: &Environment,
    in_force: impl FnOnce() -> Result<Arc<Policy>, LoadError>,
    action: &Action,
    given: Option<&Path>,
    overrides: &Overrides,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    match action {
        Action::Init { force } => init(environment, given, *force, out),
        Action::Check { file } => check(environment, in_force, file.as_deref().or(given), out),
        Action::Path => path(environment, given, out),
        Action::Show => show(environment, in_force, given, overrides, out),
        Action::Import { file } => import::run(environment, given, file, out),
    }
}

fn init(
    environment: &Environment,
    given: Option<&Path>,
    force: bool,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let Some(path) = given
        .map(Path::to_owned)
        .or_else(|| environment.user_file())
    else {
        bail!("this user has no home directory; name a file: sqlreach --config FILE config init");
    };
    write_example(&path, force)?;
    writeln!(out, "wrote {}", path.display())?;
    writeln!(
        out,
        "next: add your servers to it, then run: sqlreach config check"
    )?;
    Ok(0)
}

/// All or nothing: a full disk or a second `init` at the same time leaves no half a file.
fn write_example(path: &Path, force: bool) -> anyhow::Result<()> {
    // Where dotfiles are links, the file that is linked to is replaced, not the link.
    let path = if force {
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    } else {
        path.to_owned()
    };
    let directory = write::folder(&path);
    write::create_folder(directory)
        .with_context(|| format!("cannot create {}", directory.display()))?;
    // The mode of a temporary file is 0600, and stays.
    let mut file = disk::temporary(directory)
        .with_context(|| format!("cannot write to {}", directory.display()))?;
    file.write_all(EXAMPLE.as_bytes())
        .and_then(|()| file.as_file().sync_all())
        .context("cannot write the example")?;
    let written = if force {
        file.persist(&path)
    } else {
        file.persist_noclobber(&path)
    };
    match written {
        Ok(_) => {
            disk::settle(directory);
            Ok(())
        }
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
            bail!(
                "{} exists and was left alone; --force replaces it",
                path.display()
            )
        }
        Err(error) => Err(error.error).with_context(|| format!("cannot write {}", path.display())),
    }
}

fn check(
    environment: &Environment,
    in_force: impl FnOnce() -> Result<Arc<Policy>, LoadError>,
    given: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let policy = match in_force() {
        Ok(policy) => policy,
        Err(LoadError::Mistakes(mistakes)) => return report(&mistakes, out),
        Err(error) => return Err(error.into()),
    };
    let mut loaded = match Loaded::load(environment, given) {
        Ok(loaded) => loaded,
        Err(LoadError::Mistakes(mistakes)) => return report(&mistakes, out),
        Err(error) => return Err(error.into()),
    };
    let Some(file) = &loaded.config.file else {
        writeln!(
            out,
            "no file yet: the defaults are in force, and no instance is watched"
        )?;
        path(environment, given, out)?;
        writeln!(out, "next: sqlreach config init")?;
        if let Some(said) = policy::said(&policy) {
            writeln!(out, "{said}")?;
        }
        return Ok(0);
    };
    for warning in loaded.warnings.iter().take(LISTED) {
        writeln!(out, "{warning}")?;
    }
    if let Err(mistakes) = KeyMap::configured(&loaded.config.keys) {
        return report(&mistakes, out);
    }
    if let Some(filter) = &loaded.filter
        && let Err(error) = Filter::parse(&filter.text)
    {
        let problem = format!("filter: {}", error.problem);
        let hint = "/ in the dashboard lists what can be written".to_owned();
        return report(&[filter.wrong(problem, Some(hint))], out);
    }
    if !loaded.invalid.is_empty() {
        return report(&loaded.invalid, out);
    }
    let count = loaded.config.instances.len();
    writeln!(
        out,
        "ok: {count} {} in {}",
        if count == 1 { "instance" } else { "instances" },
        file.display()
    )?;
    limits(&mut loaded, &policy, out)?;
    Ok(0)
}

/// What of the settings the policy of this machine narrows, or forbids.
fn limits(loaded: &mut Loaded, policy: &Arc<Policy>, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(said) = policy::said(policy) else {
        return Ok(());
    };
    writeln!(out, "{said}")?;
    let wanted = loaded.config.probe.clone();
    loaded.hold_to(policy)?;
    let probe = &loaded.config.probe;
    if probe.rate != wanted.rate {
        let word = |rate: Option<u32>| rate.map_or("max".to_owned(), |rate| rate.to_string());
        let (wanted, holds) = (word(wanted.rate), word(probe.rate));
        writeln!(out, "  rate: {wanted} is capped at {holds}")?;
    }
    if probe.witnesses != wanted.witnesses {
        writeln!(out, "  witnesses: none are taken, not even by hand")?;
    }
    let instances = loaded.config.instances.iter();
    let forbidden = instances.filter(|instance| {
        let target = instance.target.as_ref();
        target.is_ok_and(|target| dry_run::is_forbidden(&target.host, policy))
    });
    for instance in forbidden.take(LISTED) {
        writeln!(out, "  {}: nothing is sent to its address", instance.name)?;
    }
    Ok(())
}

fn report(mistakes: &[crate::config::ConfigError], out: &mut dyn Write) -> anyhow::Result<u8> {
    for mistake in mistakes.iter().take(LISTED) {
        writeln!(out, "{mistake}")?;
    }
    if mistakes.len() > LISTED {
        writeln!(out, "and {} more", mistakes.len() - LISTED)?;
    }
    Ok(2)
}

fn path(
    environment: &Environment,
    given: Option<&Path>,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let mut in_use = false;
    for place in environment.places(given) {
        let scope = match place.scope {
            Scope::Given => "--config",
            Scope::User => "user",
            Scope::System => "machine",
        };
        let state = match (place.found, in_use) {
            (false, _) => "not found",
            (true, false) => "in use",
            (true, true) => "found, but not used",
        };
        in_use |= place.found;
        writeln!(out, "{scope:<8}  {}  ({state})", place.path.display())?;
    }
    Ok(0)
}

fn show(
    environment: &Environment,
    in_force: impl FnOnce() -> Result<Arc<Policy>, LoadError>,
    given: Option<&Path>,
    overrides: &Overrides,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let mut loaded = Loaded::load(environment, given)?;
    loaded.apply(overrides);
    loaded.hold_to(&in_force()?)?;
    write!(out, "{}", loaded.show())?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct House {
        root: tempfile::TempDir,
        environment: Environment,
        policy: Arc<Policy>,
    }

    impl House {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let environment = Environment {
                user: Some(root.path().join("home")),
                system: Some(root.path().join("etc")),
            };
            Self {
                root,
                environment,
                policy: Arc::default(),
            }
        }

        fn user_file(&self) -> PathBuf {
            self.environment.user_file().unwrap()
        }

        fn write(&self, text: &str) {
            fs::create_dir_all(self.user_file().parent().unwrap()).unwrap();
            fs::write(self.user_file(), text).unwrap();
        }

        /// Status and output, with the temporary directory written as `ROOT`.
        fn run(&self, action: &Action, given: Option<&Path>) -> anyhow::Result<(u8, String)> {
            let mut out = Vec::new();
            let status = run_in(
                &self.environment,
                || Ok(Arc::clone(&self.policy)),
                action,
                given,
                &Overrides::default(),
                &mut out,
            )?;
            let root = self.root.path().display().to_string();
            Ok((
                status,
                String::from_utf8(out).unwrap().replace(&root, "ROOT"),
            ))
        }
    }

    const CHECK: Action = Action::Check { file: None };

    #[test]
    fn a_policy_is_said_with_what_it_caps() {
        let mut house = House::new();
        house.write(
            "[probe]\nrate = 'max'\n[[instance]]\nserver = '10.77.3.2'\n[[instance]]\nserver = 'db1'\n",
        );
        let text = "networks = ['10.77.2.0/24']\nwitnesses = false\nrate = 5\n";
        let path = Path::new("/etc/sqlreach/policy.toml");
        house.policy = Arc::new(policy::parse(text, path).unwrap());
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(status, 0);
        let expected = "policy: /etc/sqlreach/policy.toml: only to 10.77.2.0/24; at most 5 packets \
                        a second; no extra looks (witnesses)\n  rate: max is capped at 5\n  \
                        witnesses: none are taken, not even by hand\n  10.77.3.2: nothing is sent \
                        to its address\n";
        assert!(said.ends_with(expected), "{said}");
        let (_, shown) = house.run(&Action::Show, None).unwrap();
        assert!(
            shown.contains("# policy: /etc/sqlreach/policy.toml: only to"),
            "{shown}"
        );
        let lines = ["rate = 5 ", "witnesses = false "];
        for line in lines {
            let line = shown.lines().find(|shown| shown.starts_with(line));
            assert!(
                line.is_some_and(|line| line.ends_with("# the policy of this machine")),
                "{shown}"
            );
        }
    }

    #[test]
    fn dns_servers_that_the_policy_forbids_are_a_mistake() {
        let mut house = House::new();
        house.write("[probe]\ndns_servers = ['10.9.9.9']\n");
        let path = Path::new("/etc/sqlreach/policy.toml");
        house.policy = Arc::new(policy::parse("networks = ['10.77.2.0/24']", path).unwrap());
        for action in [CHECK, Action::Show] {
            let error = house.run(&action, None).unwrap_err().to_string();
            assert!(
                error.starts_with("dns_servers: 10.9.9.9:53: /etc/sqlreach/policy.toml forbids it"),
                "{error}"
            );
        }
    }

    #[test]
    fn init_writes_the_example_for_this_user_alone() {
        let house = House::new();
        let (status, said) = house.run(&Action::Init { force: false }, None).unwrap();
        assert_eq!(status, 0);
        assert_eq!(
            said,
            "wrote ROOT/home/sqlreach/sqlreach.toml\nnext: add your servers to it, then run: sqlreach config check\n"
        );
        assert_eq!(fs::read_to_string(house.user_file()).unwrap(), EXAMPLE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&house.user_file()), 0o600);
            assert_eq!(mode(house.user_file().parent().unwrap()), 0o700);
        }
        assert_eq!(
            house.run(&CHECK, None).unwrap(),
            (
                0,
                "ok: 0 instances in ROOT/home/sqlreach/sqlreach.toml\n".to_owned()
            )
        );
    }

    #[test]
    fn a_filter_of_the_screen_is_checked_where_it_stands() {
        let house = House::new();
        house.write("[screen]\nclock = 'utc'\nfilter = 'state:refusd crm'\n");
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(
            (status, said.as_str()),
            (
                2,
                "ROOT/home/sqlreach/sqlreach.toml:3:10: filter: no state is called 'refusd'; did \
                 you mean refused?; / in the dashboard lists what can be written  | filter = \
                 'state:refusd crm'\n"
            )
        );
        house.write("[screen]\nfilter = 'state:refused crm'\n");
        assert_eq!(house.run(&CHECK, None).unwrap().0, 0);
    }

    #[test]
    fn an_import_adds_what_is_new_once_and_says_what_was_left_out() {
        let house = House::new();
        house.write("# mine\n[[instance]]\nserver = 'DB1' # here\n");
        let list = house.root.path().join("list");
        let text = "db1\ndb2\nServer=db3;Password=hunter2\ndb/9\ndb2\n";
        fs::write(&list, text).unwrap();
        let import = Action::Import { file: list };
        let (status, said) = house.run(&import, None).unwrap();
        assert_eq!(status, 2);
        assert!(said.starts_with("left out: line 4: 'db/9': "), "{said}");
        let end = "passwords left behind: 1; none is needed, and none is kept\n\
                   added 2 to ROOT/home/sqlreach/sqlreach.toml; 2 there already\n";
        assert!(said.ends_with(end), "{said}");
        let written = fs::read_to_string(house.user_file()).unwrap();
        assert_eq!(
            written,
            "# mine\n[[instance]]\nserver = 'DB1' # here\n\n[[instance]]\nserver = \"db2\"\n\n\
             [[instance]]\nserver = \"db3\"\n"
        );
        house.run(&import, None).unwrap();
        assert_eq!(fs::read_to_string(house.user_file()).unwrap(), written);
    }

    #[test]
    fn an_import_of_nothing_writes_nothing() {
        let house = House::new();
        let list = house.root.path().join("list");
        fs::write(&list, "# none\n").unwrap();
        let error = house.run(&Action::Import { file: list }, None).unwrap_err();
        assert!(error.to_string().contains("lists no server"), "{error}");
        assert!(!house.user_file().exists());
    }

    #[test]
    fn init_leaves_a_file_alone_unless_forced() {
        let house = House::new();
        house.write("# mine");
        let error = house.run(&Action::Init { force: false }, None).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("exists and was left alone; --force replaces it"),
            "{error}"
        );
        assert_eq!(fs::read_to_string(house.user_file()).unwrap(), "# mine");
        assert_eq!(
            fs::read_dir(house.user_file().parent().unwrap())
                .unwrap()
                .count(),
            1,
            "nothing is left behind"
        );

        house.run(&Action::Init { force: true }, None).unwrap();
        assert_eq!(fs::read_to_string(house.user_file()).unwrap(), EXAMPLE);
    }

    #[cfg(unix)]
    #[test]
    fn a_forced_init_writes_through_a_link() {
        let house = House::new();
        let dotfile = house.root.path().join("dotfile.toml");
        fs::write(&dotfile, "# mine").unwrap();
        fs::create_dir_all(house.user_file().parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&dotfile, house.user_file()).unwrap();
        house.run(&Action::Init { force: true }, None).unwrap();
        assert!(house.user_file().is_symlink());
        assert_eq!(fs::read_to_string(&dotfile).unwrap(), EXAMPLE);
    }

    #[test]
    fn init_writes_where_config_points() {
        let house = House::new();
        let given = house.root.path().join("new/place.toml");
        house
            .run(&Action::Init { force: false }, Some(&given))
            .unwrap();
        assert!(given.exists() && !house.user_file().exists());
    }

    #[test]
    fn check_lists_every_mistake_and_fails() {
        let house = House::new();
        house.write("[probe]\nrat = 1\ninterval = 15\n");
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(status, 2);
        assert_eq!(
            said,
            "ROOT/home/sqlreach/sqlreach.toml:2:1: unknown key 'rat' in [probe]; did you mean 'rate'?  | rat = 1\n\
             ROOT/home/sqlreach/sqlreach.toml:3:12: interval: 15 has no unit; write \"15s\"  | interval = 15\n"
        );
    }

    #[test]
    fn check_reads_the_theme_as_well() {
        let house = House::new();
        house.write("[screen]\ntheme = 'mine'\n");
        let folder = house.user_file().parent().unwrap().join("themes");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("mine.toml"), "base = 'dark'\nbad = 'rot'\n").unwrap();
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(status, 2);
        assert!(
            said.starts_with(
                "ROOT/home/sqlreach/themes/mine.toml:2:7: bad: \"rot\" is no colour; "
            ),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
    }

    #[test]
    fn check_names_the_line_of_a_server_that_is_none() {
        let house = House::new();
        house.write("[[instance]]\nserver = 'db1'\n\n[[instance]]\nserver = 'db2/PROD'\n");
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(status, 2);
        assert!(
            said.starts_with("ROOT/home/sqlreach/sqlreach.toml:5:10: server 'db2/PROD': "),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
    }

    #[test]
    fn check_warns_of_a_server_that_is_there_twice() {
        let house = House::new();
        house.write("[[instance]]\nserver = 'db1'\n[[instance]]\nserver = 'DB1,1433'\n");
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(status, 0);
        assert_eq!(
            said,
            "ROOT/home/sqlreach/sqlreach.toml:4:10: 'DB1,1433' is on line 2 already; it is probed twice  \
             | server = 'DB1,1433'\nok: 2 instances in ROOT/home/sqlreach/sqlreach.toml\n"
        );
    }

    #[test]
    fn without_a_file_check_says_where_one_would_be() {
        let house = House::new();
        let (status, said) = house.run(&CHECK, None).unwrap();
        assert_eq!(status, 0);
        assert_eq!(
            said,
            "no file yet: the defaults are in force, and no instance is watched\n\
             user      ROOT/home/sqlreach/sqlreach.toml  (not found)\n\
             machine   ROOT/etc/sqlreach/sqlreach.toml  (not found)\n\
             next: sqlreach config init\n"
        );
    }

    #[test]
    fn a_given_file_that_is_missing_is_an_error() {
        let house = House::new();
        let missing = house.root.path().join("none.toml");
        for action in [
            CHECK,
            Action::Show,
            Action::Check {
                file: Some(missing.clone()),
            },
        ] {
            let error = house.run(&action, Some(&missing)).unwrap_err().to_string();
            assert!(
                error.contains("none.toml: there is no such file"),
                "{error}"
            );
        }
    }

    #[test]
    fn path_tells_which_file_is_used() {
        let house = House::new();
        fs::create_dir_all(house.root.path().join("etc/sqlreach")).unwrap();
        fs::write(house.root.path().join("etc/sqlreach/sqlreach.toml"), "").unwrap();
        assert!(
            house
                .run(&Action::Path, None)
                .unwrap()
                .1
                .contains("etc/sqlreach/sqlreach.toml  (in use)")
        );
        house.write("");
        assert_eq!(
            house.run(&Action::Path, None).unwrap().1,
            "user      ROOT/home/sqlreach/sqlreach.toml  (in use)\n\
             machine   ROOT/etc/sqlreach/sqlreach.toml  (found, but not used)\n"
        );
    }

    #[test]
    fn show_prints_what_is_in_force_with_origins() {
        let house = House::new();
        house.write("[probe]\nrate = 7\n");
        let said = house.run(&Action::Show, None).unwrap().1;
        let line = |key: &str| {
            said.lines()
                .find(|line| line.starts_with(key))
                .unwrap_or_default()
                .to_owned()
        };
        assert!(
            line("rate").ends_with("# sqlreach.toml:2") && line("rate").starts_with("rate = 7 "),
            "{said}"
        );
        assert!(line("interval").ends_with("# default"), "{said}");
    }
}
