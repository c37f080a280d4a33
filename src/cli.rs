//! The command line: definitions, nothing else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Overrides, PlatformChoice, Rate, duration};
use crate::target::Port;

/// Which layer between you and a SQL Server is broken, why, and what to type.
///
/// Without a command: the dashboard. Where standard output is not a terminal: `check`.
#[derive(Clone, Debug, Parser)]
#[command(
    version,
    subcommand_precedence_over_arg = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Servers, in any spelling that a client takes; `-` reads them from standard input
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,

    /// Write down all that happens in the dashboard, for `sqlreach replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Print what changes as lines instead of drawing; also where there is no terminal. Enter, or
    /// SIGUSR1, prints what is wrong now (exit status 0 nothing fails at the end, 1 something does)
    #[arg(long)]
    pub plain: bool,

    /// What applies to every command.
    #[command(flatten)]
    pub common: Common,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Probe once, print, exit (0 all answer, 1 some do not, 2 nothing was probed)
    Check(Check),
    /// What SQL Server Browser on these hosts lists, and whether it is true (0 nothing differs,
    /// 1 something does or nothing answered, 2 nothing was sent)
    Discover(Discover),
    /// Read a client's error message: where it broke, why, the server it names. Sends nothing
    /// (0 explained, 1 no connection error, 2 usage)
    Explain(Explain),
    /// A simulated network on loopback with every kind of failure, in the dashboard
    Demo(Demo),
    /// A recording in the dashboard: play, pause, seek. Sends nothing
    Replay(Replay),
    /// The configuration file: write an example, check it, find it, show what is in force
    Config {
        /// What to do with it.
        #[command(subcommand)]
        action: ConfigAction,
    },
}

/// What `check` takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Check {
    /// Servers, in any spelling that a client takes; `-` reads them from standard input, one a
    /// line. Without any: those of the configuration
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,

    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Walk the path towards a port that fails: where it ends, who sent a reset (Linux, Windows
    /// 10 2004 and later)
    #[arg(long)]
    pub path: bool,
}

/// How `check` prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
    /// One JSON object a line, as results come in
    Jsonl,
    /// A report on each instance that can go into a ticket as it is
    Markdown,
}

/// What `discover` takes.
#[derive(Clone, Debug, Args)]
pub struct Discover {
    /// Names and addresses of hosts, never ranges; also a server in any spelling that a client
    /// takes, for its host. `-` reads them from standard input, one a line
    #[arg(value_name = "HOST", required = true)]
    pub hosts: Vec<String>,

    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: DocumentFormat,
}

/// How `discover` and `explain` print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DocumentFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document
    Json,
}

/// What `explain` takes.
#[derive(Clone, Debug, Args)]
pub struct Explain {
    /// The message as the client shows it. `-`, or nothing behind a pipe, reads it from
    /// standard input
    #[arg(value_name = "TEXT", allow_negative_numbers = true)]
    pub text: Vec<OsString>,

    /// How the result is printed
    #[arg(long, value_enum, default_value_t)]
    pub format: DocumentFormat,
}

/// What `demo` takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Demo {
    /// Write down all that happens, for `sqlreach replay`
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,

    /// Print what changes as lines instead of drawing
    #[arg(long)]
    pub plain: bool,
}

/// What `replay` takes.
#[derive(Clone, Debug, Args)]
pub struct Replay {
    /// What `sqlreach --record FILE` wrote
    pub file: PathBuf,

    /// Print what changed as lines instead of drawing: all of it, without waiting
    #[arg(long)]
    pub plain: bool,
}

/// What to do with the configuration file.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigAction {
    /// Write a commented example
    Init {
        /// Overwrite a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Validate a file
    Check {
        /// The file; without it, the one that would be used
        file: Option<PathBuf>,
    },
    /// Where the file is looked for
    Path,
    /// What is in force, and where each value comes from
    Show,
    /// Add the servers of a list, an export of SSMS (.regsrvr), settings of VS Code or Azure Data
    /// Studio (settings.json), or another configuration
    Import {
        /// The list or the export
        file: PathBuf,
    },
}

/// What applies to every command.
#[derive(Clone, Debug, Default, Args)]
pub struct Common {
    /// The configuration file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Time between two probes of one instance (15s)
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::interval)]
    pub interval: Option<Duration>,

    /// Deadline of every layer, instead of one for each
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::timeout)]
    pub timeout: Option<Duration>,

    /// New connections and datagrams a second, or `max` (100)
    #[arg(long, global = true, value_name = "RATE")]
    pub rate: Option<Rate>,

    /// What the servers run on: auto, windows, linux, container, azure or rds
    #[arg(long, global = true)]
    pub platform: Option<PlatformChoice>,

    /// The UDP port that SQL Server Browser is asked on (1434)
    #[arg(long, global = true, value_name = "PORT", value_parser = port)]
    pub browser_port: Option<Port>,

    /// Take no extra looks at hosts that fail
    #[arg(long, global = true)]
    pub no_witness: bool,

    /// List what would be sent, to whom, and send nothing
    #[arg(long, global = true)]
    pub dry_run: bool,

    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,

    /// No colours; `NO_COLOR` does the same
    #[arg(long, global = true)]
    pub no_color: bool,
}

impl Common {
    /// What of this wins over the configuration file.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            interval: self.interval,
            timeout: self.timeout,
            rate: self.rate,
            browser_port: self.browser_port,
            witnesses: self.no_witness.then_some(false),
            platform: self.platform,
        }
    }
}

fn port(text: &str) -> Result<Port, String> {
    let port = text.parse().ok().and_then(Port::new);
    port.ok_or_else(|| "a port is a number from 1 to 65535".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definitions_contradict_nothing() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_are_understood_before_and_behind_a_command() {
        for line in [
            &["sqlreach", "--timeout", "2s", "check", "db1"][..],
            &["sqlreach", "check", "db1", "--timeout", "2s"],
        ] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!(cli.common.timeout, Some(Duration::from_secs(2)));
            assert!(matches!(cli.command, Some(Command::Check(check)) if check.targets == ["db1"]));
        }
    }

    #[test]
    fn targets_without_a_command_are_for_the_dashboard() {
        let cli = Cli::try_parse_from(["sqlreach", r"sales01\PROD", "hr02,1433"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.targets, [r"sales01\PROD", "hr02,1433"]);
    }
}
