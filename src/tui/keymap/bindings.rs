//! The keys that everything has by default: one table, in the order of help and footer.

use crossterm::event::KeyCode;

use super::{Binding, Key, Mode};
use crate::monitor::replay::Control;
use crate::tui::action::Action;
use crate::tui::menu::Item;

const fn key(code: KeyCode) -> Key {
    Key::plain(code)
}

const fn char(c: char) -> Key {
    Key::plain(KeyCode::Char(c))
}

const fn ctrl(c: char) -> Key {
    Key::ctrl(c)
}

const BROWSE: &[Mode] = &[Mode::Table, Mode::Drill];
const MOVE: &[Mode] = &[
    Mode::Table,
    Mode::Drill,
    Mode::Help,
    Mode::Columns,
    Mode::Menu,
];
/// Letters are typed here, so only the keys without one move.
const SCROLL: &[Mode] = &[Mode::Message];
const EVERYWHERE: &[Mode] = &[
    Mode::Table,
    Mode::Drill,
    Mode::Help,
    Mode::Field,
    Mode::Message,
    Mode::Columns,
    Mode::Menu,
    Mode::Form,
    Mode::Ask,
];

/// A key of a replay.
const fn play(
    keys: &'static [Key],
    control: Control,
    short: &'static str,
    long: &'static str,
) -> Binding {
    bind(&[Mode::Replay], keys, Action::Play(control), short, long)
}

/// A line of the menu.
const fn pick(key: &'static [Key], item: Item, long: &'static str) -> Binding {
    bind(&[Mode::Menu], key, Action::Pick(item), "", long)
}

const fn copy(number: u8, key: &'static [Key]) -> Binding {
    let (short, long) = match number {
        1 => ("copy", "copy that command (1 to 9)"),
        _ => ("", ""),
    };
    Binding {
        modes: BROWSE,
        keys: key,
        action: Action::Copy(number),
        short,
        long,
    }
}

const fn bind(
    modes: &'static [Mode],
    keys: &'static [Key],
    action: Action,
    short: &'static str,
    long: &'static str,
) -> Binding {
    Binding {
        modes,
        keys,
        action,
        short,
        long,
    }
}

/// All bindings, in the order in which the help and the footer show them.
pub const BINDINGS: &[Binding] = &[
    play(&[char(' ')], Control::Toggle, "play", "play, or stop"),
    play(
        &[key(KeyCode::Right)],
        Control::Skip(10),
        "10 s on",
        "10 seconds further",
    ),
    play(
        &[key(KeyCode::Left)],
        Control::Skip(-10),
        "10 s back",
        "10 seconds back",
    ),
    play(&[char('>')], Control::Skip(60), "", "a minute further"),
    play(&[char('<')], Control::Skip(-60), "", "a minute back"),
    play(&[char('}')], Control::Skip(300), "", "5 minutes further"),
    play(&[char('{')], Control::Skip(-300), "", "5 minutes back"),
    play(
        &[char('n')],
        Control::NextChange,
        "next change",
        "to the next change of a state",
    ),
    play(
        &[char('N')],
        Control::PreviousChange,
        "",
        "to the change of a state before",
    ),
    play(
        &[char('+'), char('=')],
        Control::Faster,
        "faster",
        "faster: 1, 2, 5, 10, 60, 600 times",
    ),
    play(&[char('-')], Control::Slower, "slower", "slower"),
    play(&[char('0')], Control::Start, "", "to the beginning"),
    play(&[char('$')], Control::End, "", "to the end"),
    copy(1, &[char('1')]),
    copy(2, &[char('2')]),
    copy(3, &[char('3')]),
    copy(4, &[char('4')]),
    copy(5, &[char('5')]),
    copy(6, &[char('6')]),
    copy(7, &[char('7')]),
    copy(8, &[char('8')]),
    copy(9, &[char('9')]),
    bind(
        BROWSE,
        &[char('Y')],
        Action::CopyIncident,
        "copy note",
        "copy the note of the incident: for the team that can mend it",
    ),
    bind(
        BROWSE,
        &[char('r')],
        Action::Probe,
        "probe again",
        "probe this instance again, now and thoroughly",
    ),
    bind(
        BROWSE,
        &[char('v')],
        Action::Verify,
        "verify fix",
        "verify the fix: probe for up to 5 minutes until it shows, or stop that",
    ),
    bind(
        &[Mode::Table],
        &[char('R')],
        Action::ProbeShown,
        "",
        "probe all instances that are shown",
    ),
    bind(
        &[Mode::Table],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "drill in",
        "everything about this instance",
    ),
    bind(
        &[Mode::Drill, Mode::Help],
        &[key(KeyCode::Esc)],
        Action::Back,
        "back",
        "back",
    ),
    bind(
        &[Mode::Table],
        &[key(KeyCode::Esc)],
        Action::Back,
        "",
        "let go what is frozen, or clear the filter",
    ),
    bind(
        &[Mode::Drill],
        &[char(']'), key(KeyCode::Tab)],
        Action::NextTab,
        "next tab",
        "the next tab",
    ),
    bind(
        &[Mode::Drill],
        &[char('['), key(KeyCode::BackTab)],
        Action::PreviousTab,
        "",
        "the previous tab",
    ),
    bind(
        &[Mode::Drill],
        &[char('J')],
        Action::NextInstance,
        "",
        "the next instance of the table",
    ),
    bind(
        &[Mode::Drill],
        &[char('K')],
        Action::PreviousInstance,
        "",
        "the previous instance of the table",
    ),
    bind(
        &[Mode::Drill],
        &[char('i')],
        Action::Window,
        "window",
        "the window of the history: 5 minutes, an hour, a day",
    ),
    bind(
        &[Mode::Table],
        &[char('/')],
        Action::Filter,
        "filter",
        "filter by words and fields; what can be written is shown under the field",
    ),
    bind(
        &[Mode::Help],
        &[char('/')],
        Action::Filter,
        "search",
        "search this help",
    ),
    bind(
        &[Mode::Field],
        &[key(KeyCode::Up)],
        Action::Older,
        "earlier filters",
        "the filter that was typed before",
    ),
    bind(
        &[Mode::Field],
        &[key(KeyCode::Down)],
        Action::Newer,
        "",
        "the filter that was typed after it",
    ),
    bind(
        BROWSE,
        &[char('e')],
        Action::Explain,
        "explain",
        "explain a client's message that is typed or pasted",
    ),
    bind(
        &[Mode::Message],
        &[ctrl('p')],
        Action::ProbeNamed,
        "probe the server it names",
        "probe the server that the message names, or copy the command that does",
    ),
    bind(
        &[Mode::Message],
        &[ctrl('u')],
        Action::Clear,
        "clear",
        "begin with an empty message",
    ),
    bind(
        &[Mode::Message],
        &[key(KeyCode::Esc)],
        Action::Back,
        "back",
        "leave the message",
    ),
    bind(
        &[Mode::Table],
        &[char('f')],
        Action::Problems,
        "problems",
        "only what is failing or degraded",
    ),
    bind(
        &[Mode::Table],
        &[char('s')],
        Action::Sort,
        "sort",
        "sort by the next column",
    ),
    bind(
        &[Mode::Table],
        &[char('S')],
        Action::Reverse,
        "",
        "turn the order round",
    ),
    bind(
        &[Mode::Table],
        &[char('o')],
        Action::Group,
        "",
        "group by tag, by host, by subnet, or not",
    ),
    bind(
        &[Mode::Table],
        &[char(' ')],
        Action::Fold,
        "",
        "fold the group, or unfold it; so does enter on its line",
    ),
    bind(
        &[Mode::Table],
        &[key(KeyCode::Left)],
        Action::Close,
        "",
        "fold the group",
    ),
    bind(
        &[Mode::Table],
        &[key(KeyCode::Right)],
        Action::Open,
        "",
        "unfold the group",
    ),
    bind(
        &[Mode::Table],
        &[char('-')],
        Action::CloseAll,
        "",
        "fold all groups",
    ),
    bind(
        &[Mode::Table],
        &[char('+')],
        Action::OpenAll,
        "",
        "unfold all groups",
    ),
    bind(
        &[Mode::Table],
        &[char('C')],
        Action::Columns,
        "",
        "choose the columns and their order",
    ),
    bind(
        &[Mode::Columns],
        &[char(' ')],
        Action::Toggle,
        "show or hide",
        "show the column, or hide it",
    ),
    bind(
        &[Mode::Columns],
        &[char('K')],
        Action::Earlier,
        "further left",
        "move the column to the left",
    ),
    bind(
        &[Mode::Columns],
        &[char('J')],
        Action::Later,
        "further right",
        "move the column to the right",
    ),
    bind(
        &[Mode::Columns],
        &[char('y')],
        Action::CopyColumns,
        "copy for the config",
        "copy the line that chooses these columns in the configuration",
    ),
    bind(
        &[Mode::Columns],
        &[key(KeyCode::Esc)],
        Action::Back,
        "back",
        "back to the table",
    ),
    bind(
        &[Mode::Columns],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "",
        "back to the table",
    ),
    bind(
        &[Mode::Columns],
        &[char('C')],
        Action::Columns,
        "",
        "back to the table",
    ),
    bind(
        BROWSE,
        &[char('a')],
        Action::Add,
        "add",
        "add an instance: by typing, or paste a server or a connection string",
    ),
    bind(
        BROWSE,
        &[char('E')],
        Action::Edit,
        "",
        "change this instance: server, name, tags, platform, note",
    ),
    bind(
        BROWSE,
        &[char('x')],
        Action::Remove,
        "",
        "remove this instance; asks first",
    ),
    bind(
        BROWSE,
        &[ctrl('r')],
        Action::Reload,
        "",
        "read the configuration again",
    ),
    bind(
        &[Mode::Form],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "keep",
        "write it to the configuration and watch it",
    ),
    bind(
        &[Mode::Form],
        &[key(KeyCode::Tab), key(KeyCode::Down)],
        Action::NextField,
        "next field",
        "the next field",
    ),
    bind(
        &[Mode::Form],
        &[key(KeyCode::BackTab), key(KeyCode::Up)],
        Action::PreviousField,
        "",
        "the field before",
    ),
    bind(
        &[Mode::Form],
        &[ctrl('u')],
        Action::Clear,
        "clear",
        "empty the field",
    ),
    bind(
        &[Mode::Form],
        &[key(KeyCode::Esc)],
        Action::Back,
        "back",
        "leave all as it was",
    ),
    bind(&[Mode::Ask], &[char('y')], Action::Yes, "yes", "yes"),
    bind(
        &[Mode::Ask],
        &[char('n'), key(KeyCode::Esc)],
        Action::Back,
        "no",
        "no: leave all as it was",
    ),
    bind(
        BROWSE,
        &[char('d')],
        Action::Discover,
        "discover",
        "discover: what Browser lists on this host, what is open, what answers",
    ),
    bind(
        BROWSE,
        &[char('y')],
        Action::CopyReport,
        "report",
        "copy the report on this instance: for a ticket",
    ),
    bind(
        BROWSE,
        &[char('c')],
        Action::CopyMenu,
        "copy …",
        "copy something else from this instance: a menu",
    ),
    bind(
        BROWSE,
        &[char('w')],
        Action::Write,
        "",
        "write the report on this instance to a file",
    ),
    bind(
        &[Mode::Menu],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "copy",
        "copy the selected line",
    ),
    bind(
        &[Mode::Menu],
        &[char('w')],
        Action::Write,
        "write to a file",
        "write the selected line to a file",
    ),
    bind(
        &[Mode::Menu],
        &[char('v')],
        Action::Plain,
        "show by itself",
        "show the selected line by itself, to be selected by hand",
    ),
    pick(&[char('i')], Item::Name, "copy the name of the instance"),
    pick(
        &[char('h')],
        Item::Server,
        "copy host and port, as a client would type them",
    ),
    pick(
        &[char('s')],
        Item::ConnectionString,
        "copy a connection string; what is to be filled in is shown",
    ),
    pick(
        &[char('t')],
        Item::LoginTest,
        "copy the command that tests a login",
    ),
    pick(
        &[char('d')],
        Item::Cause,
        "copy what is wrong and the likeliest cause",
    ),
    pick(&[char('y')], Item::Report, "copy the report"),
    pick(
        &[char('Y')],
        Item::Incident,
        "copy the note of the incident",
    ),
    bind(
        &[Mode::Menu],
        &[key(KeyCode::Esc)],
        Action::Back,
        "back",
        "back, and copy nothing",
    ),
    bind(
        &[Mode::Menu],
        &[char('c')],
        Action::CopyMenu,
        "",
        "back, and copy nothing",
    ),
    bind(
        BROWSE,
        &[char('t')],
        Action::Platform,
        "platform",
        "show the fixes for the next platform",
    ),
    bind(
        BROWSE,
        &[char('p')],
        Action::Pause,
        "pause",
        "stop all probing, or go on",
    ),
    bind(
        BROWSE,
        &[char('F')],
        Action::Freeze,
        "",
        "freeze what is shown while probing goes on, or let it go",
    ),
    bind(
        BROWSE,
        &[char('T')],
        Action::Times,
        "",
        "since when: how long ago, or the time of day",
    ),
    bind(
        BROWSE,
        &[char('U')],
        Action::Zone,
        "",
        "times in UTC, or in the zone of this machine",
    ),
    bind(
        BROWSE,
        &[char('m')],
        Action::Acknowledge,
        "",
        "acknowledge with an end and a reason, or take it back",
    ),
    bind(
        MOVE,
        &[char('j'), key(KeyCode::Down)],
        Action::Down,
        "",
        "down",
    ),
    bind(MOVE, &[char('k'), key(KeyCode::Up)], Action::Up, "", "up"),
    bind(
        MOVE,
        &[key(KeyCode::PageDown), ctrl('f')],
        Action::PageDown,
        "",
        "a screen further",
    ),
    bind(
        MOVE,
        &[key(KeyCode::PageUp), ctrl('b')],
        Action::PageUp,
        "",
        "a screen back",
    ),
    bind(
        MOVE,
        &[char('g'), key(KeyCode::Home)],
        Action::First,
        "",
        "the first",
    ),
    bind(
        MOVE,
        &[char('G'), key(KeyCode::End)],
        Action::Last,
        "",
        "the last",
    ),
    bind(SCROLL, &[key(KeyCode::Down)], Action::Down, "", "down"),
    bind(SCROLL, &[key(KeyCode::Up)], Action::Up, "", "up"),
    bind(
        SCROLL,
        &[key(KeyCode::PageDown)],
        Action::PageDown,
        "",
        "a screen further",
    ),
    bind(
        SCROLL,
        &[key(KeyCode::PageUp)],
        Action::PageUp,
        "",
        "a screen back",
    ),
    bind(
        BROWSE,
        &[char('?'), key(KeyCode::F(1))],
        Action::Help,
        "help",
        "this help",
    ),
    bind(
        &[Mode::Help],
        &[char('?'), key(KeyCode::F(1))],
        Action::Help,
        "",
        "close the help",
    ),
    bind(
        &[Mode::Field],
        &[key(KeyCode::Enter)],
        Action::Enter,
        "accept",
        "accept what was typed",
    ),
    bind(
        &[Mode::Field],
        &[key(KeyCode::Esc)],
        Action::Back,
        "give up",
        "leave the field as it was",
    ),
    bind(
        EVERYWHERE,
        &[ctrl('l')],
        Action::Redraw,
        "",
        "draw the screen afresh",
    ),
    bind(
        EVERYWHERE,
        &[ctrl('z')],
        Action::Suspend,
        "",
        "suspend; fg brings it back",
    ),
    bind(
        &[
            Mode::Table,
            Mode::Drill,
            Mode::Help,
            Mode::Columns,
            Mode::Menu,
        ],
        &[char('q')],
        Action::Quit,
        "quit",
        "quit",
    ),
    bind(EVERYWHERE, &[ctrl('c')], Action::Quit, "", "quit"),
];
