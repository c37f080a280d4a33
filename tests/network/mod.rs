//! A network of five machines, made of namespaces, which goes away with its value.

mod wiring;

use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use wiring::run;

/// Client 10.77.1.2 - router 10.77.1.1 and 10.77.9.1 - router 10.77.9.2, 10.77.2.1 and
/// 10.77.3.1 - servers 10.77.2.2 and 10.77.3.2, and the same in fd77: `c`, `r`, `q`, `s`, `t`.
pub struct Network {
    id: String,
}

impl Network {
    /// Fails where there is no privilege or no tool, and says which.
    pub fn build(tools: &[&str]) -> Result<Self, String> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let network = Self {
            id: format!(
                "sr{}x{}",
                std::process::id(),
                NUMBER.fetch_add(1, Ordering::Relaxed)
            ),
        };
        for tool in tools {
            run(Command::new(tool).arg("--version"))?;
        }
        wiring::build(|part| network.name(part))?;
        Ok(network)
    }

    fn name(&self, part: &str) -> String {
        format!("{}{part}", self.id)
    }

    /// `ip` for one part of the network.
    pub fn ip_in(&self, part: &str, arguments: &[&str]) {
        run(Command::new("ip")
            .args(["-n", &self.name(part)])
            .args(arguments))
        .unwrap();
    }

    pub fn nft(&self, part: &str, command: &str) {
        run(Command::new("ip").args(["netns", "exec", &self.name(part), "nft", command])).unwrap();
    }

    /// Whatever is added to the command runs in one part of the network.
    pub fn within(&self, part: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name(part)]);
        command
    }

    /// Makes of `command` the real program, at home in `home`, with no more rights over the
    /// network than any user has.
    pub fn sqlreach(command: &mut Command, home: &Path, arguments: &[&str]) {
        command
            .arg("setpriv")
            .args(["--bounding-set", "-all,+dac_override", "--inh-caps", "-all"])
            .arg(env!("CARGO_BIN_EXE_sqlreach"))
            .args(arguments);
        for variable in ["HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"] {
            command.env(variable, home);
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        wiring::remove(|part| self.name(part));
    }
}

/// Whether a missing privilege is a failure.
pub fn must_run() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}

/// A program that ends with its value.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
