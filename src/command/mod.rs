//! One file for each subcommand; wires the rooms together.

pub mod check;
pub mod config;
pub mod dashboard;
pub mod demo;
pub mod discover;
mod dry_run;
pub mod explain;
mod record;
pub mod replay;
mod setup;

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, stdout};
use std::path::Path;

use anyhow::{Context as _, bail};

use crate::cli::{Check, Cli, Command, Common, ConfigAction};
use crate::output::text::Dress;
use crate::probe::descriptors;
use crate::tui::plain;

/// Every instance is ready, answering, open or degraded.
const ALL_WELL: u8 = 0;
/// At least one instance is not.
const SOME_FAIL: u8 = 1;
/// Usage or configuration; nothing was probed.
pub const USAGE: u8 = 2;

/// Runs what the command line asks for. Returns the exit status; an error is something
/// that the user can mend, for exit status [`USAGE`].
pub fn run(cli: &Cli) -> anyhow::Result<u8> {
    if let Some(file) = &cli.common.log_file {
        log_to(file)?;
    }
    if let (Some(_), [target, ..]) = (&cli.command, &cli.targets[..]) {
        bail!(
            "write servers behind the command: sqlreach check {}",
            crate::target::mask_secrets(target)
        );
    }
    check_plain(cli)?;
    check_record(cli)?;
    check_descriptors(cli)?;
    match run_command(cli) {
        Err(error) if is_broken_pipe(&error) => Ok(ALL_WELL),
        ended => ended,
    }
}

/// Whether what is to be recorded is the dashboard, which needs a terminal.
fn check_record(cli: &Cli) -> anyhow::Result<()> {
    let record = match &cli.command {
        None => &cli.record,
        Some(Command::Demo(demo)) if cli.record.is_none() => &demo.record,
        Some(_) if cli.record.is_none() => return Ok(()),
        Some(_) => bail!(
            "only the dashboard is recorded: sqlreach --record FILE [TARGET]..., or sqlreach demo --record FILE"
        ),
    };
    let is_shown = is_plain(cli) || stdout().is_terminal();
    if record.is_some() && (cli.common.dry_run || !is_shown) {
        bail!(
            "--record writes down what the dashboard sees; run it in a terminal or with --plain, without --dry-run"
        );
    }
    Ok(())
}

/// Whether this process may open enough files; those that may be had for the asking are taken.
fn check_descriptors(cli: &Cli) -> anyhow::Result<()> {
    descriptors::raise();
    let probes = matches!(
        cli.command,
        None | Some(Command::Check(_) | Command::Discover(_) | Command::Demo(_))
    );
    let (limit, needed) = (descriptors::limit(), descriptors::NEEDED);
    if probes && limit < needed {
        bail!(
            "this process may have only {limit} files open and needs {needed} to probe anything: \
             raise the limit of open files, for example with ulimit -n 1024"
        );
    }
    Ok(())
}

/// What failed where standard output takes nothing: a disk that is full.
const UNPRINTED: &str = "cannot print the result";

/// Whether lines are wanted in place of the dashboard.
fn is_plain(cli: &Cli) -> bool {
    cli.plain
        || match &cli.command {
            Some(Command::Demo(demo)) => demo.plain,
            Some(Command::Replay(replay)) => replay.plain,
            _ => false,
        }
}

/// Whether what is to be lines would be the dashboard.
fn check_plain(cli: &Cli) -> anyhow::Result<()> {
    let is_dashboard = matches!(
        cli.command,
        None | Some(Command::Demo(_) | Command::Replay(_))
    );
    if cli.plain && !is_dashboard {
        bail!("--plain is for the dashboard, demo and replay; other commands print lines anyway");
    }
    Ok(())
}

/// The exit status of the dashboard in lines.
fn left(ended: plain::Ended) -> u8 {
    match ended {
        plain::Ended::Well => ALL_WELL,
        plain::Ended::Failing => SOME_FAIL,
    }
}

fn run_command(cli: &Cli) -> anyhow::Result<u8> {
    match &cli.command {
        None if cli.common.dry_run || !(cli.plain || stdout().is_terminal()) => {
            let check = Check {
                targets: cli.targets.clone(),
                ..Check::default()
            };
            check::run(&check, &cli.common)
        }
        None => dashboard::run(&cli.targets, cli.record.as_deref(), cli.plain, &cli.common),
        Some(Command::Check(check)) => check::run(check, &cli.common),
        Some(Command::Discover(discover)) => discover::run(discover, &cli.common),
        Some(Command::Explain(explain)) => explain::run(explain, &cli.common),
        Some(Command::Demo(demo)) => demo::run(demo, is_plain(cli), &cli.common),
        Some(Command::Replay(replay)) => replay::run(replay, is_plain(cli), &cli.common),
        Some(Command::Config { action }) => configure(action, &cli.common),
    }
}

/// Whoever read the output is gone, as in `sqlreach config show | head`: no error.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|io| io.kind() == io::ErrorKind::BrokenPipe)
}

fn configure(action: &ConfigAction, common: &Common) -> anyhow::Result<u8> {
    let action = match action {
        ConfigAction::Init { force } => config::Action::Init { force: *force },
        ConfigAction::Check { file } => config::Action::Check { file: file.clone() },
        ConfigAction::Path => config::Action::Path,
        ConfigAction::Show => config::Action::Show,
        ConfigAction::Import { file } => config::Action::Import { file: file.clone() },
    };
    config::run(
        &action,
        common.config.as_deref(),
        &common.overrides(),
        &mut stdout().lock(),
    )
    .map_err(|error| {
        // Whatever fails at a file says which.
        if error.chain().len() == 1 && error.is::<io::Error>() {
            error.context(UNPRINTED)
        } else {
            error
        }
    })
}

/// Whether the user wants colours (`NO_COLOR`, <https://no-color.org>: set and not empty).
fn colours(common: &Common) -> bool {
    !common.no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// How text for people is dressed on standard output.
fn dress(common: &Common) -> Dress {
    if stdout().is_terminal() && colours(common) {
        Dress::Colour
    } else {
        Dress::Plain
    }
}

/// Appends to the file, which only its owner may read.
fn log_to(path: &Path) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .with_context(|| format!("cannot log to {}", path.display()))?;
    tracing_subscriber::fmt()
        .with_writer(file)
        .with_ansi(false)
        .init();
    Ok(())
}
