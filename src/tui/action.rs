//! What a key can mean, and what follows outside the screen.

use std::sync::Arc;

use crate::config::Instance;
use crate::config::edit::Change;
use crate::monitor::Command;
use crate::monitor::replay::Control;
use crate::tui::menu::Item;

/// What a key can mean. The key map gives each its keys, words and place in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Select the next row, or scroll down.
    Down,
    /// Select the previous row, or scroll up.
    Up,
    /// A screen further.
    PageDown,
    /// A screen back.
    PageUp,
    /// The first row or line.
    First,
    /// The last row or line.
    Last,
    /// Into the selected instance; in a field: accept.
    Enter,
    /// Out again; in a field: give up.
    Back,
    /// The next tab.
    NextTab,
    /// The previous tab.
    PreviousTab,
    /// Into the next instance of the table.
    NextInstance,
    /// Into the previous instance of the table.
    PreviousInstance,
    /// Look further back in the history, or less far again.
    Window,
    /// Probe the selected instance.
    Probe,
    /// Put the chosen fix of the selected instance to the proof, or stop that.
    Verify,
    /// Probe all that are shown.
    ProbeShown,
    /// Type an instance that is to be watched.
    Add,
    /// Type the path of a file that lists servers.
    Import,
    /// Keep what the command line named.
    Save,
    /// End this dashboard and start the demo.
    Demo,
    /// Change the selected instance.
    Edit,
    /// Watch the selected instance no longer.
    Remove,
    /// Do what was asked.
    Yes,
    /// The next field.
    NextField,
    /// The field before.
    PreviousField,
    /// Read the configuration again.
    Reload,
    /// Ask the host of the selected instance for everything it has.
    Discover,
    /// Copy the command with this number.
    Copy(u8),
    /// Copy the report on the selected instance.
    CopyReport,
    /// Copy the note that hands the incident of the selected instance over.
    CopyIncident,
    /// Open the menu of what can be copied.
    CopyMenu,
    /// Copy this from the menu.
    Pick(Item),
    /// Write to a file what would be copied: the report, or the selected line of the menu.
    Write,
    /// Show the selected line of the menu by itself, to be selected by hand.
    Plain,
    /// Show the fixes for the next platform.
    Platform,
    /// Open the pane for a client's message.
    Explain,
    /// Probe the server that the message names, or copy the command that does.
    ProbeNamed,
    /// Begin with an empty message.
    Clear,
    /// Type a filter.
    Filter,
    /// The filter that was typed before this one.
    Older,
    /// The filter that was typed after this one.
    Newer,
    /// Sort by the next column.
    Sort,
    /// Turn the order round.
    Reverse,
    /// Group by something else, or not at all.
    Group,
    /// Fold the group of the selection, or unfold it.
    Fold,
    /// Fold the group of the selection.
    Close,
    /// Unfold the selected group.
    Open,
    /// Fold all groups.
    CloseAll,
    /// Unfold all groups.
    OpenAll,
    /// Choose the columns.
    Columns,
    /// Show the column, or hide it.
    Toggle,
    /// Move the column to the left.
    Earlier,
    /// Move the column to the right.
    Later,
    /// Copy the line that chooses these columns in the configuration.
    CopyColumns,
    /// Only what is failing or degraded.
    Problems,
    /// Stop probing, or go on.
    Pause,
    /// Take notice of the selected instance, or take it back.
    Acknowledge,
    /// Times of day instead of durations, or the other way round.
    Times,
    /// Times in UTC, or in the zone of this machine.
    Zone,
    /// Hold what is shown while probing goes on, or let it go.
    Freeze,
    /// The mouse for the dashboard, or for the terminal.
    Mouse,
    /// Which keys do what.
    Help,
    /// Draw everything afresh.
    Redraw,
    /// Stop the program; `fg` brings it back.
    Suspend,
    /// Play, pause, seek in a recording.
    Play(Control),
    /// Leave.
    Quit,
}

impl Action {
    /// Whether it is about what is watched, so that it says nothing to an empty table.
    pub fn needs_a_row(self) -> bool {
        matches!(
            self,
            Self::Copy(_)
                | Self::CopyMenu
                | Self::CopyReport
                | Self::Enter
                | Self::Filter
                | Self::Platform
                | Self::Probe
                | Self::Problems
                | Self::Sort
        )
    }

    /// Whether it works on one instance, so that it says nothing to a group of them.
    pub fn works_on_one(self) -> bool {
        matches!(
            self,
            Self::Acknowledge
                | Self::Copy(_)
                | Self::CopyIncident
                | Self::CopyMenu
                | Self::CopyReport
                | Self::Discover
                | Self::Edit
                | Self::Remove
                | Self::Verify
                | Self::Write
        )
    }

    /// Whether it asks for something that only a running monitor can do.
    pub fn needs_a_monitor(self) -> bool {
        matches!(
            self,
            Self::Probe
                | Self::ProbeShown
                | Self::Verify
                | Self::Discover
                | Self::Add
                | Self::Edit
                | Self::Import
                | Self::Save
                | Self::Demo
                | Self::Remove
                | Self::Reload
                | Self::Pause
                | Self::Acknowledge
        )
    }
}

/// What an action wants done outside the screen's own state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Hand this to the monitor.
    Send(Command),
    /// Make this change where the instances are kept.
    Keep(Change),
    /// Read the configuration again.
    Reload,
    /// Read the servers of this file, as it was typed.
    Import(String),
    /// Watch these for this session, and nothing else; nothing is written.
    Watch(Vec<Arc<Instance>>),
    /// Write what is watched to the configuration.
    Save,
    /// End the dashboard and start the demo in its place.
    Demo,
    /// Hand this to the replay.
    Play(Control),
    /// Put this text on the clipboard; the words say what it is.
    Copy {
        /// The exact text.
        text: String,
        /// What it is, for the message on screen.
        what: String,
    },
    /// Write this text to a new file.
    Write {
        /// The exact text.
        text: String,
        /// What it is, for the message on screen.
        what: String,
        /// What its name is made of.
        about: String,
    },
    /// Draw everything afresh.
    Redraw,
    /// Stop the process until it is continued.
    Suspend,
    /// Leave.
    Quit,
}
