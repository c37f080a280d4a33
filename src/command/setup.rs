//! What all commands start with: the configuration, and the targets of the command line.

use std::io::{BufRead, BufReader, Read, stdin};
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use etcetera::BaseStrategy as _;

use crate::cli::Common;
use crate::config::{Config, Environment, Loaded, policy};

/// More targets than this from standard input are a mistake, not a list.
const MOST_TARGETS: usize = 1_000_000;
/// A longer line is no target.
const LONGEST_LINE: u64 = 16 * 1024;

/// The configuration in force; the targets, if any, take the place of its instances.
pub fn config(targets: &[String], common: &Common) -> anyhow::Result<Config> {
    let policy = policy::in_force()?;
    let mut loaded = Loaded::load(&Environment::of_this_process(), common.config.as_deref())?;
    if !targets.is_empty() {
        let texts = texts(targets)?;
        loaded.watch_only(texts.iter().map(String::as_str));
    }
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    loaded.apply(&common.overrides());
    loaded.hold_to(&policy)?;
    Ok(loaded.config)
}

/// The configuration for those who send nothing by it: no policy is asked.
pub fn to_look_at(common: &Common) -> anyhow::Result<Config> {
    let mut loaded = Loaded::load(&Environment::of_this_process(), common.config.as_deref())?;
    loaded.apply(&common.overrides());
    Ok(loaded.config)
}

/// The configuration without instances, for targets that are streamed.
pub fn bare(common: &Common) -> anyhow::Result<Config> {
    let policy = policy::in_force()?;
    let mut loaded = Loaded::load(&Environment::of_this_process(), common.config.as_deref())?;
    loaded.apply(&common.overrides());
    loaded.hold_to(&policy)?;
    Ok(loaded.config)
}

/// The targets as given, with `-` replaced by what standard input says.
pub fn texts(targets: &[String]) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for target in targets {
        if target != "-" {
            texts.push(target.clone());
            continue;
        }
        for line in lines(stdin().lock()) {
            texts.push(line.context("cannot read targets from standard input")?);
            if texts.len() > MOST_TARGETS {
                bail!("more than {MOST_TARGETS} targets on standard input; use --format jsonl");
            }
        }
    }
    Ok(texts)
}

/// The targets of a list: one a line; `#` begins a comment, at the start of a line or
/// after a blank (it may stand inside an instance name).
pub fn lines(list: impl Read) -> List<impl Read> {
    List(BufReader::new(list))
}

/// See [`lines`].
pub struct List<Source>(BufReader<Source>);

impl<Source: Read> List<Source> {
    /// Whether the next line is read already: nobody need wait for it.
    pub fn has_more_at_hand(&self) -> bool {
        memchr::memchr(b'\n', self.0.buffer()).is_some()
    }
}

impl<Source: Read> Iterator for List<Source> {
    type Item = std::io::Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut bytes = Vec::new();
            let mut line = self.0.by_ref().take(LONGEST_LINE);
            match line.read_until(b'\n', &mut bytes) {
                Ok(0) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
            let line = String::from_utf8_lossy(&bytes);
            let target = before_comment(&line).trim();
            if !target.is_empty() {
                return Some(Ok(target.to_owned()));
            }
        }
    }
}

fn before_comment(line: &str) -> &str {
    let line = line.trim_start_matches('\u{feff}');
    let starts = |at: usize| at == 0 || line[..at].ends_with([' ', '\t']);
    match line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| starts(*at))
    {
        Some(at) => &line[..at],
        None => line,
    }
}

/// The user's state directory, or where there is none the one for data (macOS); on Windows
/// `%LOCALAPPDATA%`, since what one machine saw must not roam to another. `None` where the
/// user has no home.
pub fn state_folder() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    let state = if cfg!(windows) {
        strategy.cache_dir()
    } else {
        strategy.state_dir().unwrap_or_else(|| strategy.data_dir())
    };
    Some(state.join("sqlreach"))
}

/// Where last known good is kept.
pub fn memory_file() -> Option<PathBuf> {
    Some(state_folder()?.join("memory.json"))
}

/// The name of this machine.
pub fn vantage() -> String {
    let name = hostname::get().unwrap_or_default();
    crate::target::clean(&name.to_string_lossy(), 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_target_a_line_and_comments() {
        let list = "\u{feff}db1\r\n# all of it\n\n  db2,1433   # the old one\ndb3\\A#1\ndb4";
        let targets: Vec<String> = lines(list.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(targets, ["db1", "db2,1433", r"db3\A#1", "db4"]);
    }

    #[test]
    fn a_line_without_end_is_cut_into_pieces_not_kept_in_memory() {
        let endless = std::io::repeat(b'x').take(10 * LONGEST_LINE);
        assert!(lines(endless).all(|line| line.unwrap().len() as u64 <= LONGEST_LINE));
    }
}
