//! The binary: parses the command line and runs one command.

use std::alloc::System;
use std::borrow::Cow;
use std::process::ExitCode;

use clap::Parser as _;
use sqlreach::cli::Cli;
use sqlreach::command;
use sqlreach::target::mask_secrets;
use zeroizing_alloc::ZeroAlloc;

/// What is freed is cleared: a password that was read and dropped lies in no memory, not even
/// in the copies of the libraries that took it apart.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    match command::run(&cli) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // One line, never a back-trace: it is for the user to mend.
            eprintln!("sqlreach: {}", mask_secrets(&format!("{error:#}")));
            ExitCode::from(command::USAGE)
        }
    }
}

/// Help and version are errors to the parser, too. It quotes what it does not understand,
/// and that may be a connection string in the wrong place.
fn explain(error: &clap::Error) -> ExitCode {
    match mask_secrets(&error.to_string()) {
        // As the parser prints it, in colour where there is a terminal.
        Cow::Borrowed(_) => drop(error.print()),
        Cow::Owned(masked) => eprint!("{masked}"),
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}
