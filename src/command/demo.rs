//! `sqlreach demo`: a simulated network on loopback, in the dashboard.

use std::io::{IsTerminal as _, stdout};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio_util::sync::CancellationToken;

use super::{ALL_WELL, check, colours, dashboard, record, setup};
use crate::cli::{Check, Common, Demo};
use crate::config::{Config, Instance, LoadError, policy};
use crate::monitor::{Monitor, Setup};
use crate::simulate::network::Pace;
use crate::simulate::{Kind, Member, Network};
use crate::target::{self, Port};
use crate::tui::keymap::KeyMap;
use crate::tui::{self, Device};

/// A newcomer wants to see something happen.
const INTERVAL: Duration = Duration::from_secs(5);

/// Starts the network and shows it; where there is no terminal, checks it once and prints
/// what `check` prints. Of the user's configuration only the screen and the keys count, and
/// nothing of the user's is written.
pub fn run(demo: &Demo, plain: bool, common: &Common) -> anyhow::Result<u8> {
    let stage = Stage::start()?;
    let mut config = stage.config()?;
    config.apply(&common.overrides());
    config.policy = policy::in_force()?;
    config.probe.hold_to(&config.policy);
    let own = own(common)?;
    (config.screen, config.keys) = (own.screen, own.keys);
    if common.dry_run || !(plain || stdout().is_terminal()) {
        check::probe_all(&config, &Check::default(), common, None)?;
        return Ok(ALL_WELL);
    }
    let directory = tempfile::tempdir().context("cannot keep the demo's memory apart")?;
    let about = dashboard::about(&config, "demo".to_owned())?;
    let memory = Some(directory.path().join("memory.json"));
    let recorder = record::begin(demo.record.as_deref(), &config.probe)?;
    let watched = config.instances.len();
    let monitor = Monitor::recorded(Setup { config, memory }, recorder)?;
    if plain {
        let ended = tui::plain::run(&monitor, about, watched).context(super::UNPRINTED)?;
        return Ok(super::left(ended));
    }
    tui::run(&monitor, about, Device::of_this_process(colours(common)))?;
    Ok(ALL_WELL)
}

/// How the user wants the screen; a file that was not asked for and holds mistakes is left
/// out, since a demo is what a newcomer tries first. The filter names instances that the demo
/// does not have.
fn own(common: &Common) -> anyhow::Result<Config> {
    let usable = setup::to_look_at(common).and_then(|config| {
        KeyMap::configured(&config.keys).map_err(LoadError::Mistakes)?;
        Ok(config)
    });
    let mut config = match usable {
        Ok(config) => config,
        Err(error) if common.config.is_some() => return Err(error),
        Err(error) => {
            tracing::warn!("{error:#}");
            Config::default()
        }
    };
    config.screen.filter.clear();
    Ok(config)
}

/// The simulated network on a thread of its own. Dropping it closes every socket.
struct Stage {
    facts: Facts,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// What there is to know about the network from outside.
struct Facts {
    members: Vec<Member>,
    dns: std::net::SocketAddr,
    browser_port: u16,
}

impl Stage {
    fn start() -> anyhow::Result<Self> {
        let stop = CancellationToken::new();
        let (send, receive) = mpsc::sync_channel(1);
        let cancel = stop.clone();
        let thread = std::thread::Builder::new()
            .name("simulate".to_owned())
            .spawn(move || play(&cancel, &send))?;
        let facts = receive
            .recv()
            .map_err(|_| anyhow!("the simulated network did not start"))?;
        let facts = facts.context("cannot start the simulated network on loopback")?;
        Ok(Self {
            facts,
            stop,
            thread: Some(thread),
        })
    }

    fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::default();
        config.probe.interval = INTERVAL;
        config.probe.dns_servers = vec![self.facts.dns];
        config.probe.browser_port =
            Port::new(self.facts.browser_port).context("the simulated Browser has no port")?;
        config.instances = self
            .facts
            .members
            .iter()
            .map(|member| Arc::new(instance(member)))
            .collect();
        Ok(config)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the simulated network's thread panicked");
        }
    }
}

/// Runs the network until it is told to stop; now and then one instance stops and heals.
fn play(stop: &CancellationToken, started: &mpsc::SyncSender<std::io::Result<Facts>>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(started.send(Err(error))),
    };
    runtime.block_on(async {
        match Network::start().await {
            Err(error) => drop(started.send(Err(error))),
            Ok(mut network) => {
                let facts = Facts {
                    members: network.members().to_vec(),
                    dns: network.dns(),
                    browser_port: network.browser_port(),
                };
                if started.send(Ok(facts)).is_ok() {
                    network.run_story(Pace::default(), stop).await;
                }
            }
        }
    });
}

fn instance(member: &Member) -> Instance {
    let mut instance = Instance::from_text(&member.target);
    instance.name.clone_from(&member.name);
    instance.tags.clone_from(&member.tags);
    instance.note = Some(member.note.clone());
    instance.declared.expected_live = member.expected_live;
    instance.declared.kind = Some(match member.kind {
        Kind::Standalone => target::Kind::Standalone,
        Kind::Fci => target::Kind::Fci,
        Kind::AgReplica => target::Kind::AgReplica,
        Kind::AgListener => target::Kind::AgListener,
    });
    // It runs on loopback, where a guess would say container; it plays a Windows fleet.
    instance.declared.platform = Some(target::Platform::Windows);
    instance
}
