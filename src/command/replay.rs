//! `sqlreach replay FILE`: a recording in the dashboard.

use std::io::{IsTerminal as _, stdout};

use anyhow::{Context as _, bail};

use super::{ALL_WELL, colours, dashboard, setup};
use crate::cli::{Common, Replay};
use crate::monitor::replay::{Player, Recording};
use crate::tui::{self, About, Device};

/// Replays a recording. Nothing is sent; of the configuration only how the screen looks counts.
pub fn run(replay: &Replay, plain: bool, common: &Common) -> anyhow::Result<u8> {
    if !plain && !stdout().is_terminal() {
        bail!("a replay is played in the dashboard; run it in a terminal, or with --plain");
    }
    let recording = Recording::open(&replay.file)?;
    let config = setup::to_look_at(common)?;
    let header = recording.header();
    let about = About {
        vantage: header.vantage.clone(),
        interval: header.rules().interval,
        rate: None,
        config_hint: "The recording holds no instance.".to_owned(),
        ..dashboard::about(&config, "replay".to_owned())?
    };
    if plain || config.screen.plain {
        let ended = tui::plain::replay(recording, about, &mut stdout().lock())?;
        return Ok(super::left(ended));
    }
    let player = Player::start(recording)
        .with_context(|| format!("cannot read {}", replay.file.display()))?;
    tui::run(&player, about, Device::of_this_process(colours(common)))?;
    Ok(ALL_WELL)
}
