//! What the actions are called in the table `[keys]` of the file.

use crate::monitor::replay::Control;
use crate::tui::action::Action;

impl Action {
    /// Its name in the file. Names are stable: configurations rely on them.
    pub fn name(self) -> String {
        let name = match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::PageDown => "page-down",
            Self::PageUp => "page-up",
            Self::First => "first",
            Self::Last => "last",
            Self::Enter => "enter",
            Self::Back => "back",
            Self::NextTab => "next-tab",
            Self::PreviousTab => "previous-tab",
            Self::NextInstance => "next-instance",
            Self::PreviousInstance => "previous-instance",
            Self::Window => "window",
            Self::Probe => "probe",
            Self::Verify => "verify",
            Self::ProbeShown => "probe-shown",
            Self::Add => "add",
            Self::Import => "import",
            Self::Save => "save",
            Self::Demo => "demo",
            Self::Edit => "edit",
            Self::Remove => "remove",
            Self::Yes => "yes",
            Self::NextField => "next-field",
            Self::PreviousField => "previous-field",
            Self::Reload => "reload",
            Self::Discover => "discover",
            Self::Copy(number) => return format!("copy-{number}"),
            Self::CopyReport => "copy-report",
            Self::CopyIncident => "copy-incident",
            Self::CopyMenu => "copy-menu",
            Self::Pick(item) => item.action_name(),
            Self::Write => "write",
            Self::Plain => "plain",
            Self::Platform => "platform",
            Self::Explain => "explain",
            Self::ProbeNamed => "probe-named",
            Self::Clear => "clear",
            Self::Filter => "filter",
            Self::Older => "older",
            Self::Newer => "newer",
            Self::Sort => "sort",
            Self::Reverse => "reverse",
            Self::Group => "group",
            Self::Fold => "fold",
            Self::Close => "close",
            Self::Open => "open",
            Self::CloseAll => "close-all",
            Self::OpenAll => "open-all",
            Self::Columns => "columns",
            Self::Toggle => "toggle",
            Self::Earlier => "earlier",
            Self::Later => "later",
            Self::CopyColumns => "copy-columns",
            Self::Problems => "problems",
            Self::Pause => "pause",
            Self::Acknowledge => "acknowledge",
            Self::Times => "times",
            Self::Zone => "zone",
            Self::Freeze => "freeze",
            Self::Mouse => "mouse",
            Self::Help => "help",
            Self::Redraw => "redraw",
            Self::Suspend => "suspend",
            Self::Quit => "quit",
            Self::Play(control) => return played(control),
        };
        name.to_owned()
    }
}

fn played(control: Control) -> String {
    let name = match control {
        Control::Toggle => "play",
        Control::Faster => "play-faster",
        Control::Slower => "play-slower",
        Control::NextChange => "play-next-change",
        Control::PreviousChange => "play-previous-change",
        Control::Start => "play-start",
        Control::End => "play-end",
        Control::Skip(seconds) if seconds < 0 => return format!("play-back-{}", -seconds),
        Control::Skip(seconds) => return format!("play-on-{seconds}"),
    };
    name.to_owned()
}
