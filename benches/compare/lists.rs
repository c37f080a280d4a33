//! The lists of targets, as files that every program reads in its own form.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::bare::address;

/// Files that are gone with it.
pub struct Lists {
    folder: TempDir,
}

impl Lists {
    /// A folder for them.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self {
            folder: TempDir::new()?,
        })
    }

    /// Addresses alone, as nmap reads them.
    pub fn addresses(&self, count: u32) -> anyhow::Result<PathBuf> {
        self.write(&format!("addresses-{count}"), |text| {
            for n in 0..count {
                let _ = writeln!(text, "{}", address(n));
            }
        })
    }

    /// Targets with a port.
    pub fn targets(&self, count: u32, port: u16) -> anyhow::Result<PathBuf> {
        self.targets_of(count, &[port])
    }

    /// Targets that take their ports in turn.
    pub fn targets_of(&self, count: u32, ports: &[u16]) -> anyhow::Result<PathBuf> {
        let name: Vec<String> = ports.iter().map(u16::to_string).collect();
        self.write(&format!("targets-{count}-{}", name.join("-")), |text| {
            for (n, port) in (0..count).zip(ports.iter().cycle()) {
                let _ = writeln!(text, "{},{port}", address(n));
            }
        })
    }

    fn write(&self, name: &str, fill: impl FnOnce(&mut String)) -> anyhow::Result<PathBuf> {
        let mut text = String::new();
        fill(&mut text);
        let path = self.folder.path().join(name);
        fs::write(&path, text)?;
        Ok(path)
    }
}
