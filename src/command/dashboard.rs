//! `sqlreach [TARGET]...`: the dashboard.

use anyhow::Context as _;
use jiff::tz::TimeZone;

use std::path::{Path, PathBuf};

use super::{ALL_WELL, colours, demo, record, setup};
use crate::cli::{Common, Demo};
use crate::config::{Clock, Config, Environment, Kept, LoadError, policy};
use crate::monitor::Opening;
use crate::tui::keymap::KeyMap;
use crate::tui::{self, About, Device, Ended};

/// Watches the targets, or the instances of the configuration: drawn, or in lines.
pub fn run(
    targets: &[String],
    record: Option<&Path>,
    plain: bool,
    common: &Common,
) -> anyhow::Result<u8> {
    // What waits for the disk does so while the configuration is read.
    let opening = Opening::begin(setup::memory_file())?;
    let zone = std::thread::Builder::new()
        .name("zone".to_owned())
        .spawn(TimeZone::system)
        .context("cannot start a thread")?;
    let config = setup::config(targets, common)?;
    let place = file(common, &config);
    let kept = Kept::new(
        place.clone().filter(|_| targets.is_empty()),
        config.clone(),
        common.overrides(),
    );
    // It is known from now on, and was read if there is any.
    zone.join().ok();
    let about = About {
        kept: Some(kept.could_be_in(place)),
        ..about(&config, String::new())?
    };
    let recorder = record::begin(record, &config.probe)?;
    let plain = plain || config.screen.plain;
    let watched = config.instances.len();
    let monitor = opening.start(config, recorder)?;
    if plain {
        let ended = tui::plain::run(&monitor, about, watched).context(super::UNPRINTED)?;
        return Ok(super::left(ended));
    }
    let ended = tui::run(&monitor, about, Device::of_this_process(colours(common)))?;
    drop(monitor);
    match ended {
        Ended::Quit => Ok(ALL_WELL),
        Ended::Demo => demo::run(&Demo::default(), false, common),
    }
}

/// The file that instances are kept in: the one that was read, else the user's own. Targets of
/// the command line take the place of its instances and are kept nowhere, unless a key says so.
fn file(common: &Common, config: &Config) -> Option<PathBuf> {
    let given = config.file.clone().or_else(|| common.config.clone());
    given.or_else(|| Environment::of_this_process().user_file())
}

/// What the screen is started with; fails where the keys of the configuration cannot be.
pub fn about(config: &Config, label: String) -> Result<About, LoadError> {
    let places = Environment::of_this_process().places(None);
    let places: Vec<String> = places
        .iter()
        .map(|place| place.path.display().to_string())
        .collect();
    let config_hint = match &config.file {
        Some(file) => format!("{} lists no instance yet.", file.display()),
        None => format!(
            "No configuration was found; it is looked for in {}.",
            places.join(" and ")
        ),
    };
    Ok(About {
        vantage: setup::vantage(),
        interval: config.probe.interval,
        rate: config.policy.cap(config.probe.rate),
        label,
        zone: zone(config.screen.clock),
        local: TimeZone::system(),
        keys: KeyMap::configured(&config.keys).map_err(LoadError::Mistakes)?,
        screen: config.screen.clone(),
        kept: None,
        state: setup::state_folder(),
        config_hint,
        policy: policy::said(&config.policy),
        note: crate::output::handoff::note,
        report: crate::output::report::report,
    })
}

fn zone(clock: Clock) -> TimeZone {
    match clock {
        Clock::Local => TimeZone::system(),
        Clock::Utc => TimeZone::UTC,
    }
}
