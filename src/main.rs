//! The binary: parses the command line and runs one command.

use std::process::ExitCode;

use clap::Parser as _;
use sqlreach::cli::Cli;
use sqlreach::command;

fn main() -> ExitCode {
    match command::run(&Cli::parse()) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // One line, never a back-trace: it is for the user to mend.
            eprintln!("sqlreach: {error:#}");
            ExitCode::from(command::USAGE)
        }
    }
}
