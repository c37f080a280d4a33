//! Which program is started in the terminal, and in which surroundings.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;
use sqlreach::simulate::closed_port::ClosedPort;
use tempfile::TempDir;

use crate::terminal::Terminal;

pub const SQLREACH: &str = env!("CARGO_BIN_EXE_sqlreach");

/// A program that is about to be started, with a home of its own.
pub struct Program {
    pub home: TempDir,
    /// The ports that its instances refuse on.
    pub closed: Vec<ClosedPort>,
    pub command: CommandBuilder,
    pub size: (u16, u16),
}

impl Program {
    /// `sqlreach` with these arguments.
    pub fn sqlreach(arguments: &[&str]) -> Self {
        let mut all = vec![SQLREACH];
        all.extend(arguments);
        Self::any(&all)
    }

    /// Any other program, in the same surroundings.
    pub fn any(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(arguments[0]);
        command.args(&arguments[1..]);
        let at = home.path();
        command.cwd(at);
        command.env("HOME", at);
        command.env("XDG_CONFIG_HOME", at.join("config"));
        command.env("XDG_STATE_HOME", at.join("state"));
        command.env("XDG_DATA_HOME", at.join("data"));
        command.env("TERM", "xterm-256color");
        for name in ["TMUX", "TMUX_PANE", "STY", "NO_COLOR", "COLORTERM", "ENV"]
            .into_iter()
            .chain(["LC_ALL", "LC_CTYPE", "LANG"])
            .chain(["SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT"])
            .chain(["DISPLAY", "WAYLAND_DISPLAY"])
        {
            command.env_remove(name);
        }
        Self {
            home,
            closed: Vec::new(),
            command,
            size: (100, 30),
        }
    }

    /// The simulated network.
    pub fn demo() -> Self {
        Self::sqlreach(&["demo"])
    }

    /// So many instances, `n01`, `n02` …, that all refuse and are probed once an hour: a
    /// screen on which nothing moves by itself.
    pub fn watching(count: usize) -> Self {
        Self::watching_with(count, &[])
    }

    /// The same with more arguments.
    pub fn watching_with(count: usize, arguments: &[&str]) -> Self {
        let mut program = Self::sqlreach(arguments);
        program.refusing(count);
        program
    }

    /// A shell script that gets the path of sqlreach as `$0`; its instances refuse.
    pub fn script(script: &str, count: usize) -> Self {
        let mut program = Self::any(&["/bin/sh", "-c", script, SQLREACH]);
        program.refusing(count);
        program
    }

    /// Writes a configuration of instances that refuse.
    pub fn refusing(&mut self, count: usize) {
        self.closed = (0..count)
            .map(|_| ClosedPort::start(([127, 0, 0, 1], 0).into()).unwrap())
            .collect();
        let mut config = String::from("[probe]\ninterval = \"1h\"\nwitness_ports = []\n");
        for (number, closed) in (1..).zip(&self.closed) {
            let server = format!("127.0.0.1,{}", closed.address().port());
            let name = format!("n{number:02}");
            writeln!(config, "[[instance]]\nserver = '{server}'\nname = '{name}'").unwrap();
        }
        self.configure(&config);
    }

    /// Writes the configuration that is found without being asked for.
    pub fn configure(&mut self, text: &str) -> PathBuf {
        let file = self.home.path().join("config/sqlreach/sqlreach.toml");
        fs::create_dir_all(file.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(&file, text).unwrap();
        file
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    pub fn start(self) -> Terminal {
        Terminal::start(self)
    }
}
