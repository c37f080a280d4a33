//! A recording on the screen, and what is said of one that is being made.

use super::App;
use crate::monitor::Trouble;
use crate::monitor::replay::Playback;
use crate::tui::keymap::Mode;

/// Whether what happens is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recorded {
    /// It is not.
    #[default]
    Not,
    /// It is.
    Running,
    /// It was, until that failed.
    Stopped,
}

impl App {
    /// Takes how the replay stands. Returns whether anything but its time changed.
    pub fn follow(&mut self, playback: Option<Playback>) -> bool {
        let shown = |playback: &Option<Playback>| {
            let playback = playback.as_ref()?;
            Some((
                playback.playing,
                playback.speed,
                playback.seeking,
                playback.skipped,
            ))
        };
        let is_other = shown(&self.replay) != shown(&playback);
        self.replay = playback;
        is_other
    }

    /// How the replay stands; `None` where it is none.
    pub fn replay(&self) -> Option<&Playback> {
        self.replay.as_ref()
    }

    /// Takes how the recording goes, and says once if it ended. Returns whether anything
    /// changed.
    pub fn record(&mut self, recording: Option<&Trouble>) -> bool {
        let before = self.recorded;
        let reason = recording.and_then(Trouble::reason);
        self.recorded = match (recording, reason) {
            (None, _) => Recorded::Not,
            (Some(_), None) => Recorded::Running,
            (Some(_), Some(_)) => Recorded::Stopped,
        };
        if self.recorded == before {
            return false;
        }
        if let Some(reason) = reason {
            self.say(format!(
                "the recording has stopped: {reason}; what was written can be replayed"
            ));
        }
        true
    }

    /// Whether what happens is written down.
    pub fn recorded(&self) -> Recorded {
        self.recorded
    }

    /// Whose keys work right now, those that win first.
    pub fn modes(&self) -> Vec<Mode> {
        let mode = self.mode();
        let browses = matches!(mode, Mode::Table | Mode::Drill);
        let replay = self.replay.is_some() && browses;
        replay
            .then_some(Mode::Replay)
            .into_iter()
            .chain([mode])
            .collect()
    }

    /// Says why a command of the live dashboard does nothing here.
    pub fn cannot_be_probed(&mut self) {
        self.say("a recording cannot be probed: nothing is sent in a replay");
    }
}
