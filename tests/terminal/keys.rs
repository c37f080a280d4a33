//! Every key of the key map does, in every mode it names, what the key map says.

use std::time::{Duration, Instant};

use sqlreach::tui::action::Action;
use sqlreach::tui::keymap::{BINDINGS, Mode};
use sqlreach::tui::menu::Item;

use crate::program::Program;
use crate::terminal::{ENTER, ESC, Terminal};
use crate::view::View;

/// How an action is seen in a mode.
struct Proof {
    /// Typed first, one after the other, each until the screen is so.
    before: Vec<Step>,
    /// What the key brings about. Gets the lines from before the key; must not hold then.
    sees: fn(&[String], &View) -> bool,
    /// Typed afterwards, so that the next proof finds the screen as this one did.
    after: Vec<Step>,
}

/// What terminals send for it.
const PAGE_DOWN: &str = "\x1b[6~";

/// A message that names a server which is not watched, and whose explanation is longer than
/// the screen.
const REFUSED: Step = (
    "Failed to connect to 127.0.0.1:9 - connect ECONNREFUSED 127.0.0.1:9",
    |view| view.has("refused at the TCP connection"),
);
/// One that takes more than a screen to explain.
const LONG: Step = (
    "Failed to connect to db1.corp.test:50123 - connect ECONNREFUSED 10.0.4.12:50123",
    |view| view.has("refused at the TCP connection"),
);

/// All instances of these tests are on one host.
const BY_HOST: &[Step] = &[
    ("o", |view| view.footer().contains("by tag")),
    ("o", |view| {
        view.footer().contains("by host") && view.has("▾ 127.0.0.1")
    }),
];

/// A list that is pasted; the selection is on its first line.
const LIST: &str = "\x1b[200~db1/X\rdb2\rdb3\rdb4\x1b[201~";

type Step = (&'static str, fn(&View) -> bool);

#[test]
fn every_key_does_what_the_key_map_says() {
    let mut terminal = Program::watching(30).size(100, 40).start();
    terminal.wait_for("✖ 30 down");
    for (mode, action, key) in every_key() {
        if matches!(
            action,
            Action::Quit | Action::Suspend | Action::Yes | Action::Play(_)
        ) {
            continue; // They have tests of their own.
        }
        let what = format!("{key} in {mode:?}: {action:?}");
        let proof = proof(mode, action).unwrap_or_else(|| panic!("no proof for {what}"));
        steps(&mut terminal, "into the mode", &into(mode));
        steps(&mut terminal, &format!("before {what}"), &proof.before);
        terminal.mark();
        let before = terminal.look(View::lines);
        assert!(
            !terminal.look(|view| (proof.sees)(&before, view)),
            "nothing to see for {what}"
        );
        terminal.press(&bytes(&key), &what, |view| (proof.sees)(&before, view));
        steps(&mut terminal, &format!("after {what}"), &proof.after);
    }
}

/// The clock is drawn once a second; a key must not wait for it.
#[test]
fn a_key_is_answered_at_once() {
    let mut terminal = Program::watching(2).start();
    terminal.wait_for("✖ 2 down");
    let began = Instant::now();
    for _ in 0..5 {
        terminal.press("j", "down", |view| view.selected_has("n02"));
        terminal.press("k", "up", |view| view.selected_has("n01"));
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "ten keys took {took:?}");
}

#[test]
fn every_quitting_key_quits() {
    for (mode, action, key) in every_key() {
        if action != Action::Quit {
            continue;
        }
        let mut terminal = Program::watching(1).start();
        terminal.wait("the table", is_table);
        steps(&mut terminal, "into the mode", &into(mode));
        terminal.mark();
        terminal.keys(&bytes(&key));
        terminal.ends_well();
        assert!(
            terminal.look(|view| view.has_sent("\x1b[?1049l")),
            "{key} in {mode:?}"
        );
    }
}

/// Every mode, action and key of the key map.
fn every_key() -> Vec<(Mode, Action, String)> {
    let mut all = Vec::new();
    for binding in BINDINGS {
        for mode in binding.modes {
            for key in binding.keys {
                all.push((*mode, binding.action, key.name()));
            }
        }
    }
    all
}

/// What a terminal sends for a key.
fn bytes(name: &str) -> String {
    if let Some(letter) = name.strip_prefix("ctrl-") {
        let letter = letter.as_bytes()[0];
        return char::from(letter & 0x1f).to_string();
    }
    let bytes = match name {
        "enter" => ENTER,
        "esc" => ESC,
        "tab" => "\t",
        "shift-tab" => "\x1b[Z",
        "↑" => "\x1b[A",
        "↓" => "\x1b[B",
        "pgup" => "\x1b[5~",
        "pgdn" => "\x1b[6~",
        "home" => "\x1b[H",
        "end" => "\x1b[F",
        "←" => "\x1b[D",
        "→" => "\x1b[C",
        "space" => " ",
        "f1" => "\x1bOP",
        letter => {
            assert_eq!(letter.chars().count(), 1, "what does {letter} send?");
            letter
        }
    };
    bytes.to_owned()
}

fn steps(terminal: &mut Terminal, what: &str, steps: &[Step]) {
    for (keys, is_so) in steps {
        terminal.press(keys, &format!("{what}: {keys:?}"), is_so);
    }
}

/// From the table, its first row selected, into a mode.
fn into(mode: Mode) -> Vec<Step> {
    let first: Step = ("g", |view| is_table(view) && view.selected_has("n01"));
    match mode {
        Mode::Table => vec![first],
        Mode::Drill => vec![first, (ENTER, is_drill)],
        Mode::Help => vec![first, ("?", is_help)],
        Mode::Field => vec![first, ("/", is_field)],
        Mode::Message => vec![first, ("e", is_message)],
        Mode::Columns => vec![first, ("C", is_columns)],
        Mode::Menu => vec![first, ("c", is_menu)],
        Mode::Form => vec![first, ("a", is_form)],
        Mode::Review => vec![first, (LIST, is_review)],
        Mode::Ask => vec![first, ("x", is_question)],
        Mode::Replay => unreachable!("a recording is played by another command"),
    }
}

/// Out of a mode, back to the table.
fn out_of(mode: Mode) -> Vec<Step> {
    match mode {
        Mode::Table => vec![],
        _ => vec![(ESC, is_table)],
    }
}

#[expect(clippy::too_many_lines, reason = "a table, one entry for each action")]
fn proof(mode: Mode, action: Action) -> Option<Proof> {
    let out = || out_of(mode);
    let seen = |sees| Proof {
        before: vec![],
        sees,
        after: out(),
    };
    let said = |before: Step, sees| Proof {
        before: vec![before],
        sees,
        after: out(),
    };
    let scrolled = mode != Mode::Table;
    let proof = match (action, mode) {
        // What is said replaces what was said before.
        (Action::Copy(number), _) => said(other_copy(number), copied(number)?),
        (Action::CopyReport, _) => said(other_copy(1), |_, view| {
            view.footer().contains("report on n01 copied") && view.has_sent("\x1b]52;c;")
        }),
        (Action::CopyIncident, _) => said(other_copy(1), |_, view| {
            view.footer().contains("note on 30 instances copied") && view.has_sent("\x1b]52;c;")
        }),
        (Action::CopyMenu, Mode::Menu) => Proof {
            before: vec![],
            sees: |_, view| is_table(view),
            after: vec![],
        },
        (Action::CopyMenu, _) => Proof {
            before: vec![],
            sees: |_, view| is_menu(view),
            after: [
                vec![(ESC, (|view| !is_menu(view)) as fn(&View) -> bool)],
                out(),
            ]
            .concat(),
        },
        (Action::Enter, Mode::Menu) => picked(|_, view| {
            view.footer().contains("name of n01 copied") && view.has_sent("\x1b]52;c;")
        }),
        (Action::Write, Mode::Menu) => picked(|_, view| {
            let footer = view.footer();
            footer.contains("name of n01 written to") && !is_menu(view)
        }),
        (Action::Write, _) => said(other_copy(1), |_, view| {
            view.footer().contains("report on n01 written to")
        }),
        (Action::Plain, _) => Proof {
            before: vec![],
            sees: |_, view| view.has("name of n01, to be selected") && view.line(4) == "n01",
            after: vec![(ESC, is_menu), (ESC, is_table)],
        },
        (Action::Pick(item), _) => picked(match item {
            Item::Name => |_, view| said_in(view, "name of n01 copied"),
            Item::Server => |_, view| said_in(view, "server of n01 copied"),
            Item::ConnectionString => |_, view| said_in(view, "connection string of n01 copied"),
            Item::LoginTest => |_, view| said_in(view, "test of a login of n01 copied"),
            Item::Cause => |_, view| said_in(view, "cause of n01 copied"),
            Item::Report => |_, view| said_in(view, "report on n01 copied"),
            Item::Incident => |_, view| said_in(view, "note on 30 instances copied"),
        }),
        (Action::Down, Mode::Menu) => seen(|_, view| menu_line(view).contains(" server ")),
        (Action::PageDown | Action::Last, Mode::Menu) => {
            seen(|_, view| menu_line(view).contains(" note "))
        }
        (Action::Up, Mode::Menu) => Proof {
            before: vec![("j", |view| menu_line(view).contains(" server "))],
            sees: |_, view| menu_line(view).contains(" name "),
            after: out(),
        },
        (Action::PageUp | Action::First, Mode::Menu) => Proof {
            before: vec![("G", |view| menu_line(view).contains(" note "))],
            sees: |_, view| menu_line(view).contains(" name "),
            after: out(),
        },
        (Action::Probe, _) => said(other_copy(1), |_, view| view.says("probing n01")),
        (Action::Mouse, _) => said(other_copy(1), |_, view| {
            view.footer().contains("the mouse is o")
        }),
        // In the first mode it begins, in the next it ends what the first began.
        (Action::Verify, _) => said(other_copy(1), |_, view| view.footer().contains("verifying")),
        (Action::ProbeShown, _) => said(other_copy(1), |_, view| view.says("probing 30 instances")),

        // It may be back before anybody could read that it was sent.
        (Action::Discover, _) => said(other_copy(1), |_, view| view.footer().contains("127.0.0.1")),

        (Action::Enter, Mode::Table) => Proof {
            before: vec![],
            sees: |_, view| is_drill(view),
            after: out_of(Mode::Drill),
        },
        (Action::Enter, Mode::Field) => Proof {
            before: vec![("n0", |view| view.header().contains("/n0 (9 shown)"))],
            sees: |_, view| !is_field(view) && view.header().contains("/n0 (9 shown)"),
            after: vec![(ESC, |view| !view.header().contains("shown"))],
        },
        // It adds; whoever wants to see that has a test of its own.
        (Action::Enter, Mode::Review) => Proof {
            before: vec![
                (" ", |view| review(view).contains("[ ] line 2")),
                ("j", |view| review(view).contains("line 3")),
                (" ", |view| review(view).contains("[ ] line 3")),
                ("j", |view| review(view).contains("line 4")),
                (" ", |view| review(view).contains("[ ] line 4")),
            ],
            sees: |_, view| view.has("nothing is ticked"),
            after: out(),
        },
        (Action::Toggle, Mode::Review) => seen(|_, view| review(view).contains("[ ] line 2")),
        (Action::Down, Mode::Review) => seen(|_, view| review(view).contains("line 3")),
        (Action::Up, Mode::Review) => seen(|_, view| review(view).contains("line 1")),
        (Action::PageDown | Action::Last, Mode::Review) => {
            seen(|_, view| review(view).contains("line 4"))
        }
        (Action::PageUp | Action::First, Mode::Review) => {
            seen(|_, view| review(view).contains("line 1"))
        }
        (Action::Import, _) => opened(mode, |_, view| view.has(" file?")),
        (Action::Save, _) => said(other_copy(1), |_, view| {
            view.footer().contains("is kept in")
        }),
        (Action::Demo, _) => said(other_copy(1), |_, view| {
            view.footer().contains("for an empty dashboard")
        }),
        (Action::Enter, Mode::Form) => seen(|_, view| view.has("type a server first")),
        (Action::NextField, _) => seen(|_, view| !view.reversed(4).is_empty()),
        (Action::PreviousField, _) => seen(|_, view| !view.reversed(7).is_empty()),
        (Action::Clear, Mode::Form) => Proof {
            before: vec![("db9", |view| view.has("host db9"))],
            sees: |_, view| is_form(view) && view.has("Nothing is sent before enter"),
            after: out(),
        },
        (Action::Add, _) => opened(mode, |_, view| is_form(view)),
        (Action::Edit, _) => opened(mode, |_, view| {
            view.line(2).starts_with("── change an instance")
        }),
        (Action::Remove, _) => opened(mode, |_, view| is_question(view)),
        (Action::Reload, _) => said(other_copy(1), |_, view| {
            view.footer().contains("says what it said")
        }),

        (Action::Back, Mode::Table) => Proof {
            before: vec![
                ("/", is_field),
                ("n0", |view| view.header().contains("/n0 (9 shown)")),
                (ENTER, |view| !is_field(view)),
            ],
            sees: |_, view| is_table(view) && !view.header().contains("shown"),
            after: vec![],
        },
        (Action::Back, Mode::Field) => Proof {
            before: vec![("n0", |view| view.header().contains("/n0 (9 shown)"))],
            sees: |_, view| !is_field(view) && !view.header().contains("shown"),
            after: vec![],
        },
        (Action::Help, Mode::Help) | (Action::Enter | Action::Columns, Mode::Columns) => Proof {
            before: vec![],
            sees: |_, view| is_table(view),
            after: vec![],
        },
        (Action::Back, _) => Proof {
            before: vec![],
            sees: |_, view| is_table(view),
            after: vec![],
        },

        (Action::Explain, _) => Proof {
            before: vec![],
            sees: |_, view| is_message(view),
            after: [
                vec![(ESC, (|view| !is_message(view)) as fn(&View) -> bool)],
                out(),
            ]
            .concat(),
        },
        (Action::ProbeNamed, _) => Proof {
            before: vec![REFUSED],
            sees: |_, view| view.has_sent("\x1b]52;c;"),
            after: out(),
        },
        (Action::Clear, _) => Proof {
            before: vec![REFUSED],
            sees: |_, view| is_message(view) && !view.has("refused at"),
            after: out(),
        },

        (Action::NextTab, _) => Proof {
            before: vec![],
            sees: |_, view| tab(view) == "path",
            after: vec![("[", |view| tab(view) == "diagnosis"), (ESC, is_table)],
        },
        (Action::PreviousTab, _) => Proof {
            before: vec![],
            sees: |_, view| tab(view) == "log",
            after: vec![("]", |view| tab(view) == "diagnosis"), (ESC, is_table)],
        },

        (Action::NextInstance, _) => Proof {
            before: vec![],
            sees: |_, view| view.has("── n02 · refused"),
            after: out(),
        },
        (Action::PreviousInstance, _) => Proof {
            before: vec![("J", |view| view.has("── n02 · refused"))],
            sees: |_, view| view.has("── n01 · refused"),
            after: out(),
        },
        (Action::Window, _) => Proof {
            before: vec![("]]]", |view| {
                tab(view) == "history" && view.reversed(5) == " 5 min "
            })],
            sees: |_, view| view.reversed(5) == " 1 h ",
            after: vec![("[[[", |view| tab(view) == "diagnosis"), (ESC, is_table)],
        },

        (Action::Filter, Mode::Help) => Proof {
            before: vec![],
            sees: |_, view| view.footer().starts_with(" / "),
            after: vec![
                (ESC, |view| {
                    is_help(view) && !view.footer().starts_with(" / ")
                }),
                (ESC, is_table),
            ],
        },
        (Action::Filter, _) => Proof {
            before: vec![],
            sees: |_, view| is_field(view),
            after: out_of(Mode::Field),
        },
        (Action::Sort, _) => Proof {
            before: vec![],
            sees: |_, view| sorted_by(view, "INSTANCE▾"),
            after: vec![
                ("s", |view| sorted_by(view, "ENDPOINT▾")),
                ("s", |view| sorted_by(view, "SQL▾")),
                ("s", |view| sorted_by(view, "CONNECT▾")),
                // ENGINE is not on a screen of this width.
                ("s", |view| sorted_by(view, "SINCE▾")),
                ("s", |view| sorted_by(view, "HISTOR▾")),
                ("s", |view| sorted_by(view, "STATE▾")),
            ],
        },
        (Action::Reverse, _) => Proof {
            before: vec![],
            sees: |_, view| sorted_by(view, "STATE▴"),
            after: vec![("S", |view| sorted_by(view, "STATE▾"))],
        },
        (Action::Older, _) => Proof {
            before: vec![
                ("n0", |view| view.header().contains("/n0 (9 shown)")),
                (ENTER, |view| !is_field(view)),
                (ESC, |view| !view.header().contains("shown")),
                ("/", |view| field(view) == "30 of 30"),
            ],
            sees: |_, view| field(view) == "n0 9 of 30",
            after: out(),
        },
        (Action::Newer, _) => Proof {
            before: vec![
                ("n03", |view| field(view) == "n03 1 of 30"),
                ("\x1b[A", |view| field(view) == "n0 9 of 30"),
            ],
            sees: |_, view| field(view) == "n03 1 of 30",
            after: out(),
        },
        (Action::Group, _) => Proof {
            before: vec![],
            sees: |_, view| view.footer().contains("grouped by tag") && groups(view) == (1, 0),
            after: vec![
                ("o", |view| view.footer().contains("by host")),
                ("o", |view| view.footer().contains("by subnet")),
                ("o", |view| groups(view) == (0, 0)),
            ],
        },
        (Action::Fold | Action::Close | Action::CloseAll, _) => Proof {
            before: BY_HOST.to_vec(),
            sees: |_, view| groups(view) == (1, 1) && view.selected_has("127.0.0.1"),
            after: ungrouped(),
        },
        (Action::Open | Action::OpenAll, _) => Proof {
            before: [BY_HOST, &[("-", |view: &View| groups(view) == (1, 1))]].concat(),
            sees: |_, view| groups(view) == (1, 0),
            after: ungrouped(),
        },
        (Action::Columns, _) => Proof {
            before: vec![],
            sees: |_, view| is_columns(view),
            after: out_of(Mode::Columns),
        },
        (Action::Toggle, _) => Proof {
            before: vec![("j", |view| column(view).contains("instance"))],
            sees: |_, view| column(view).contains("[ ] instance"),
            after: [
                vec![(
                    " ",
                    (|view| column(view).contains("[x]")) as fn(&View) -> bool,
                )],
                out(),
            ]
            .concat(),
        },
        (Action::Later, _) => Proof {
            before: vec![],
            sees: |_, view| view.line(2).starts_with("  INSTANCE"),
            after: [
                vec![("K", (|view| view.titles().is_some()) as fn(&View) -> bool)],
                out(),
            ]
            .concat(),
        },
        (Action::Earlier, _) => Proof {
            before: vec![("j", |view| column(view).contains("instance"))],
            sees: |_, view| view.line(2).starts_with("  INSTANCE"),
            after: [
                vec![("J", (|view| view.titles().is_some()) as fn(&View) -> bool)],
                out(),
            ]
            .concat(),
        },
        (Action::CopyColumns, _) => seen(|_, view| {
            view.footer().contains("the line for [screen] copied") && view.has_sent("\x1b]52;c;")
        }),
        (Action::Down, Mode::Columns) => seen(|_, view| column(view).contains("instance")),
        (Action::PageDown | Action::Last, Mode::Columns) => {
            seen(|_, view| column(view).contains("cause"))
        }
        (Action::Up, Mode::Columns) => Proof {
            before: vec![("j", |view| column(view).contains("instance"))],
            sees: |_, view| column(view).contains("state"),
            after: out(),
        },
        (Action::PageUp | Action::First, Mode::Columns) => Proof {
            before: vec![("G", |view| column(view).contains("cause"))],
            sees: |_, view| column(view).contains("state"),
            after: out(),
        },
        (Action::Problems, _) => Proof {
            before: vec![],
            sees: |_, view| view.header().contains("problems only"),
            after: vec![("f", |view| !view.header().contains("problems only"))],
        },
        (Action::Platform, _) => Proof {
            before: match mode {
                // The platforms stand below the causes.
                Mode::Drill => vec![("jj", |view| platforms(view).is_some())],
                _ => vec![],
            },
            sees: |before, view| {
                platforms(view).is_some_and(|line| line.contains('[') && !before.contains(&line))
            },
            after: out(),
        },
        (Action::Pause, _) => Proof {
            before: vec![],
            sees: |_, view| view.reversed(0) == " PAUSED ",
            after: [vec![("p", is_running as fn(&View) -> bool)], out()].concat(),
        },
        (Action::Freeze, _) => Proof {
            before: vec![],
            sees: |_, view| view.reversed(0) == " FROZEN " && view.line(1).contains("FROZEN"),
            after: [vec![("F", is_running as fn(&View) -> bool)], out()].concat(),
        },
        (Action::Times, _) => Proof {
            before: vec![("", |view| view.has(" · refused for "))],
            sees: |_, view| view.has(" · refused since "),
            after: [
                vec![(
                    "T",
                    (|view| view.has(" · refused for ")) as fn(&View) -> bool,
                )],
                out(),
            ]
            .concat(),
        },
        (Action::Zone, _) => said(other_copy(1), |_, view| {
            view.footer().starts_with(" times in ")
        }),
        (Action::Acknowledge, _) => Proof {
            before: vec![],
            sees: |_, view| view.has("\n why?"),
            after: [vec![(ESC, is_answered as fn(&View) -> bool)], out()].concat(),
        },
        (Action::Help, _) => Proof {
            before: vec![],
            sees: |_, view| is_help(view),
            after: [
                vec![(ESC, (|view| !is_help(view)) as fn(&View) -> bool)],
                out(),
            ]
            .concat(),
        },

        (Action::Down, Mode::Message) => Proof {
            before: vec![LONG],
            sees: |before, view| down_by(before, view) == Some(1),
            after: out(),
        },
        (Action::PageDown, Mode::Message) => Proof {
            before: vec![LONG],
            sees: |before, view| down_by(before, view).is_none_or(|lines| lines > 2),
            after: out(),
        },
        (Action::Up, Mode::Message) => Proof {
            before: vec![LONG, (PAGE_DOWN, is_scrolled)],
            sees: |before, view| up_by(before, view) == Some(1),
            after: out(),
        },
        (Action::PageUp, Mode::Message) => Proof {
            before: vec![LONG, (PAGE_DOWN, is_scrolled)],
            sees: |before, view| up_by(before, view).is_none_or(|lines| lines > 2),
            after: out(),
        },
        (Action::Down, _) if scrolled => seen(|before, view| down_by(before, view) == Some(1)),
        (Action::Down, _) => seen(|_, view| view.selected_has("n02")),
        (Action::Up, _) if scrolled => Proof {
            before: vec![("G", is_scrolled)],
            sees: |before, view| up_by(before, view) == Some(1),
            after: out(),
        },
        (Action::Up, _) => Proof {
            before: vec![("G", |view| view.selected_has("n30"))],
            sees: |_, view| view.selected_has("n29"),
            after: vec![],
        },
        (Action::PageDown | Action::Last, _) if scrolled => {
            seen(|before, view| down_by(before, view).is_none_or(|lines| lines > 5))
        }
        (Action::PageDown, _) => seen(|_, view| {
            let (_, line) = view.selected().unwrap_or_default();
            view.row("n30").is_none() && !line.contains("n01") && !line.contains("n02")
        }),
        (Action::Last, _) => seen(|_, view| view.selected_has("n30")),
        (Action::PageUp, _) if scrolled => Proof {
            before: vec![("G", is_scrolled)],
            sees: |before, view| up_by(before, view).is_none_or(|lines| lines > 5),
            after: out(),
        },
        (Action::First, _) if scrolled => Proof {
            before: vec![("G", is_scrolled)],
            sees: |_, view| !is_scrolled(view),
            after: out(),
        },
        (Action::PageUp, _) => Proof {
            before: vec![("G", |view| view.selected_has("n30"))],
            sees: |_, view| !view.selected_has("n30") && !view.selected_has("n29"),
            after: vec![],
        },
        (Action::First, _) => Proof {
            before: vec![("G", |view| view.selected_has("n30"))],
            sees: |_, view| view.selected_has("n01"),
            after: vec![],
        },

        (Action::Redraw, _) => seen(|_, view| view.has_sent("\x1b[2J")),
        (Action::Quit | Action::Suspend | Action::Enter | Action::Yes | Action::Play(_), _) => {
            return None;
        }
    };
    Some(proof)
}

/// Picked from the menu, which closes then.
fn picked(sees: fn(&[String], &View) -> bool) -> Proof {
    Proof {
        before: vec![],
        sees,
        after: vec![("", is_table)],
    }
}

/// It is said that this was copied, and the terminal was asked.
fn said_in(view: &View, text: &str) -> bool {
    view.footer().contains(text) && view.has_sent("\x1b]52;c;")
}

/// Something opened that `esc` closes again.
fn opened(mode: Mode, sees: fn(&[String], &View) -> bool) -> Proof {
    let closed: Step = (ESC, |view| {
        !is_question(view) && !is_filled_in(view) && !view.has(" file?")
    });
    Proof {
        before: vec![],
        sees,
        after: [vec![closed], out_of(mode)].concat(),
    }
}

/// Copies a command with another number, so that something else is said.
fn other_copy(number: u8) -> Step {
    if number == 2 {
        ("3", |view| view.footer().contains("command 3 "))
    } else {
        ("2", |view| view.footer().contains("command 2 "))
    }
}

fn copied(number: u8) -> Option<fn(&[String], &View) -> bool> {
    macro_rules! says {
        ($($number:literal)*) => {
            match number {
                $($number => |_, view| {
                    view.footer().contains(concat!("command ", $number, " copied"))
                        && view.has_sent("\x1b]52;c;")
                },)*
                _ => return None,
            }
        };
    }
    Some(says!(1 2 3 4 5 6 7 8 9))
}

fn is_table(view: &View) -> bool {
    let is_covered =
        is_field(view) || is_columns(view) || is_menu(view) || is_question(view) || is_review(view);
    view.titles().is_some() && !is_covered
}

fn is_drill(view: &View) -> bool {
    !tab(view).is_empty()
}

fn is_help(view: &View) -> bool {
    view.line(2).starts_with(" Keys ")
}

fn is_field(view: &View) -> bool {
    view.filter_field().is_some()
}

/// What is in the field of the filter, and its count.
fn field(view: &View) -> String {
    let field = view.filter_field().unwrap_or_default();
    let words = field.split_whitespace().skip(1);
    words.collect::<Vec<_>>().join(" ")
}

fn is_message(view: &View) -> bool {
    view.line(2).starts_with("── a client's message")
}

fn is_form(view: &View) -> bool {
    view.line(2).starts_with("── add an instance")
}

fn is_review(view: &View) -> bool {
    view.has("┌ what was pasted ")
}

/// The selected line of the review.
fn review(view: &View) -> String {
    let mut lines = (0u16..40).zip(view.lines());
    let line = lines.find(|(at, line)| line.contains('│') && !view.reversed(*at).is_empty());
    line.map_or_else(String::new, |(_, line)| line)
}

/// A form is open, of a new instance or of a known one.
fn is_filled_in(view: &View) -> bool {
    is_form(view) || view.line(2).starts_with("── change an instance")
}

fn is_question(view: &View) -> bool {
    view.footer().starts_with(" remove n01 from ")
}

fn is_columns(view: &View) -> bool {
    view.has("┌ columns ")
}

fn is_menu(view: &View) -> bool {
    view.has("┌ copy from ")
}

/// The line of the menu that is selected.
fn menu_line(view: &View) -> String {
    let lines = view.lines();
    let in_menu = (0..).zip(&lines).filter(|(_, line)| line.starts_with('│'));
    let mut selected = in_menu.map(|(row, _)| view.reversed(row));
    selected.find(|text| !text.is_empty()).unwrap_or_default()
}

/// The line of the list of columns that is selected.
fn column(view: &View) -> String {
    let is_column = |line: &String| line.contains("│ [");
    let lines = view.lines();
    let mut columns = (0..).zip(&lines).filter(|(_, line)| is_column(line));
    let selected = columns.find(|(row, _)| view.reversed(*row).contains('['));
    selected.map_or(String::new(), |(row, _)| view.reversed(row))
}

/// How many groups are on the screen, and of these how many are folded.
fn groups(view: &View) -> (usize, usize) {
    let count = |mark| {
        let lines = view.lines();
        lines.iter().filter(|line| line.starts_with(mark)).count()
    };
    (count("▾ ") + count("▸ "), count("▸ "))
}

/// Not grouped any more, and the first row selected.
fn ungrouped() -> Vec<Step> {
    vec![
        ("+", |view| groups(view) == (1, 0)),
        ("o", |view| view.footer().contains("by subnet")),
        ("o", |view| groups(view) == (0, 0)),
    ]
}

/// No reason is being asked for.
fn is_answered(view: &View) -> bool {
    !view.has("\n why?")
}

fn is_running(view: &View) -> bool {
    !view.has("PAUSED")
}

fn sorted_by(view: &View, title: &str) -> bool {
    view.titles().is_some_and(|titles| titles.contains(title))
}

/// The word on the open tab.
fn tab(view: &View) -> String {
    if !view.line(3).contains("diagnosis") {
        return String::new();
    }
    view.reversed(3).trim().to_owned()
}

/// The line with the platforms.
fn platforms(view: &View) -> Option<String> {
    view.lines()
        .into_iter()
        .find(|line| line.starts_with(" Next ") && line.contains('│'))
}

/// The lines that scroll, in the help and in an instance.
fn body(lines: &[String]) -> Vec<String> {
    let titles = if lines[3].contains("diagnosis") { 5 } else { 2 };
    lines[titles..lines.len() - 1].to_vec()
}

/// How many lines a text was scrolled down; `None` where the two have nothing in common.
fn down_by(before: &[String], view: &View) -> Option<usize> {
    scrolled(&body(before), &body(&view.lines()))
}

fn up_by(before: &[String], view: &View) -> Option<usize> {
    scrolled(&body(&view.lines()), &body(before))
}

fn scrolled(from: &[String], to: &[String]) -> Option<usize> {
    let most = from.len().checked_sub(3)?;
    (0..=most).find(|lines| to.starts_with(&from[*lines..]))
}

/// Whether the first line of a text that scrolls is out of sight.
fn is_scrolled(view: &View) -> bool {
    let first = &body(&view.lines())[0];
    !first.starts_with(" Keys in the table")
        && !first.contains(" refused tcp ")
        && !first.contains(" instances on ")
        && !first.contains("a client's message")
}
