//! The program as a user starts it, with a home of its own.

use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

/// A program that runs longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(60);
/// What of the user's environment the program reads.
const ENVIRONMENT: [&str; 8] = [
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
];

/// A home directory that goes away with the test.
pub struct Home(TempDir);

/// How the program ended, and what it printed.
#[derive(Debug)]
pub struct Ended {
    /// The exit status; `None` where a signal ended it
    pub status: Option<i32>,
    /// Standard output
    pub out: String,
    /// Standard error
    pub err: String,
}

impl Home {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A path inside, which need not exist.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program with these arguments, at home here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sqlreach"));
        for variable in ENVIRONMENT {
            command.env(variable, self.0.path());
        }
        command.env_remove("NO_COLOR").args(arguments);
        command
    }

    /// Runs the program to its end, with nothing on standard input.
    pub async fn sqlreach(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments), String::new()).await
    }
}

impl Ended {
    /// The one document of `--format json`.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs a program to its end, with `input` on standard input. Servers of the test go on
/// meanwhile.
pub async fn run(mut command: Command, input: String) -> Ended {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that does not read its input has a reason, and closes the pipe.
    spawn_blocking(move || drop(stdin.write_all(input.as_bytes())));
    let (out, err) = (
        read(child.stdout.take().unwrap()),
        read(child.stderr.take().unwrap()),
    );
    let both = timeout(PATIENCE, async { (out.await.unwrap(), err.await.unwrap()) });
    let Ok((out, err)) = both.await else {
        child.kill().unwrap();
        panic!("{command:?} still runs after {PATIENCE:?}");
    };
    let status = child.wait().unwrap().code();
    Ended { status, out, err }
}

fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    spawn_blocking(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8(bytes).expect("the program prints UTF-8")
    })
}
