//! Where the rows come from: the monitor, or a recording.

use std::sync::Arc;

use crate::config::{Config, Instance};
use crate::monitor::replay::{Control, Playback, Player};
use crate::monitor::{Board, Command, Monitor, Trouble};

/// What the screen shows, and whom it can ask for what.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Whatever is probed right now.
    Live(&'a Monitor),
    /// What was recorded.
    Replay(&'a Player),
}

impl<'a> From<&'a Monitor> for Source<'a> {
    fn from(monitor: &'a Monitor) -> Self {
        Self::Live(monitor)
    }
}

impl<'a> From<&'a Player> for Source<'a> {
    fn from(player: &'a Player) -> Self {
        Self::Replay(player)
    }
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Taken,
    /// Too many wait already.
    Busy,
    /// There is nobody to carry it out.
    Recorded,
}

/// What must be in force and was not taken yet: a monitor that is busy is asked again.
#[derive(Debug, Default)]
pub(super) struct Wanted(Vec<Command>);

impl Wanted {
    /// Wants this configuration, whatever was wanted before.
    pub(super) fn config(&mut self, config: Config) {
        self.0 = vec![
            Command::Configure(Box::new(config.probe)),
            Command::Replace(config.instances),
        ];
    }

    /// Wants these to be watched.
    pub(super) fn watch(&mut self, instances: Vec<Arc<Instance>>) {
        self.0 = vec![Command::Replace(instances)];
    }

    /// Sends what is left of it, in order.
    pub(super) fn send(&mut self, source: Source<'_>) {
        let taken = self
            .0
            .iter()
            .take_while(|command| source.send((*command).clone()) != Sent::Busy)
            .count();
        self.0.drain(..taken);
    }
}

impl<'a> Source<'a> {
    pub(super) fn board(self) -> &'a Arc<Board> {
        match self {
            Self::Live(monitor) => monitor.board(),
            Self::Replay(player) => player.board(),
        }
    }

    pub(super) fn send(self, command: Command) -> Sent {
        match self {
            Self::Live(monitor) if monitor.send(command) => Sent::Taken,
            Self::Live(_) => Sent::Busy,
            Self::Replay(_) => Sent::Recorded,
        }
    }

    /// Whether a replay took a control.
    pub(super) fn control(self, control: Control) -> bool {
        match self {
            Self::Live(_) => true,
            Self::Replay(player) => player.control(control),
        }
    }

    /// How the replay stands; `None` where it is none.
    pub(super) fn playback(self) -> Option<Playback> {
        match self {
            Self::Live(_) => None,
            Self::Replay(player) => Some(player.playback()),
        }
    }

    /// Something to be said at the start.
    pub(super) fn remark(self) -> Option<String> {
        match self {
            Self::Live(monitor) => monitor.memory_problem().map(ToString::to_string),
            Self::Replay(player) => player.playback().torn.then(|| {
                "the recording was interrupted; it is replayed up to its last whole line".to_owned()
            }),
        }
    }

    /// Whether it is recorded, and if that ended, why.
    pub(super) fn recording(self) -> Option<&'a Trouble> {
        match self {
            Self::Live(monitor) => monitor.recording(),
            Self::Replay(_) => None,
        }
    }

    /// Why nothing new comes any more; `None` while it does.
    pub(super) fn has_stopped(self) -> Option<&'static str> {
        match self {
            Self::Live(monitor) => (!monitor.is_running()).then_some(
                "the prober has stopped and nothing is probed any more; see --log-file, and start again",
            ),
            Self::Replay(player) => (!player.is_running()).then_some(
                "the recording cannot be read any further; see --log-file, and start again",
            ),
        }
    }
}
