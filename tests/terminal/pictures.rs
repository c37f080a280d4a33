//! The pictures of the documentation: the real program, its keys, and what it shows.
//!
//! `docs/pictures.sh` writes them (`WRITE_PICTURES`: their names, or nothing for all). Without it they are made all the same, and what has to be
//! on them is looked for, so that no picture can promise what is not there.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use crate::picture::{DARK, LIGHT, Paper, Picture};
use crate::program::Program;
use crate::svg::{Caption, draw};
use crate::terminal::{ENTER, Terminal};
use crate::view::View;

/// One picture: what is started, what is done, and what is then on the screen.
struct Scene {
    /// The file, `docs/pictures/NAME.svg`
    name: &'static str,
    title: &'static str,
    started: Started,
    /// The configuration, as far as it is about the screen; the demo reads none
    config: &'static str,
    size: (u16, u16),
    paper: Paper,
    steps: &'static [Step],
    /// What the picture is for: it has to be on it.
    shows: &'static [&'static str],
}

/// What is started.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Started {
    /// `sqlreach demo`
    Demo,
    /// `sqlreach replay demo.jsonl`, gone to its end: the same picture every time
    Replay,
    /// `sqlreach` without any configuration
    Empty,
}

enum Step {
    /// Presses the key and waits for a text.
    Press(&'static str, &'static str),
    /// Types letter by letter, as a person does, and waits for a text.
    Type(&'static str, &'static str),
    /// Pastes it and waits for a text.
    Paste(&'static str, &'static str),
    /// Moves to the row with this name.
    Select(&'static str),
    /// Drills into the selected row and turns to this tab.
    Tab(&'static str),
    /// Waits for a text.
    Wait(&'static str),
    /// Waits until something has been so for this many seconds.
    Watched(u64),
    /// Waits for a text that only the picture wants, and no test: it takes its time.
    Settle(&'static str),
}
use Step::{Paste, Press, Select, Settle, Tab, Type, Wait, Watched};

/// What a scene has unless it says something else.
const BASE: Scene = Scene {
    name: "",
    title: "",
    started: Started::Replay,
    config: "",
    size: (120, 36),
    paper: DARK,
    steps: &[],
    shows: &[],
};

const SCENES: &[Scene] = &[
    Scene {
        name: "table",
        title: "The table, and what is wrong with one instance",
        started: Started::Demo,
        steps: &[
            Wait("⧗ timed-out        Partner"),
            Wait("✖ not-sql          Intranet"),
            Wait("✖ 12 down"),
            Select("Payroll"),
            Settle("✖✖✖✖✖"),
            Settle("✖✖✖✖✖✖✖\n"),
        ],
        shows: &[
            "Payroll · refused",
            "Most likely",
            "Ruled out",
            "Next",
            "1-9 copy",
        ],
        ..BASE
    },
    Scene {
        name: "diagnosis",
        title: "One instance: every cause with its reasons, and all commands",
        steps: &[Select("CRM"), Tab("diagnosis")],
        shows: &["CRM · refused", " 1. ", "read-only"],
        ..BASE
    },
    Scene {
        name: "path",
        title: "The tab path: each layer, its time and what it saw",
        steps: &[Select("Reports"), Tab("path")],
        shows: &["Reports · degraded", "resolve", "connect"],
        ..BASE
    },
    Scene {
        name: "browser",
        title: "The tab browser: what is listed, open and answering, side by side",
        steps: &[Select("CRM"), Tab("browser")],
        shows: &["stale port"],
        ..BASE
    },
    Scene {
        name: "history",
        title: "The tab history: states and times of five minutes",
        size: (120, 44),
        steps: &[Select("Sales"), Tab("history")],
        shows: &["engine", "refused", "What changed"],
        ..BASE
    },
    Scene {
        name: "log",
        title: "The tab log: what happened to one instance",
        size: (120, 24),
        steps: &[Select("Sales"), Tab("log")],
        shows: &["answering"],
        ..BASE
    },
    Scene {
        name: "groups",
        title: "Rows in groups, one of them folded",
        steps: &[Press("o", "▾ prod"), Press("g", "▾ "), Press(ENTER, "▸ ")],
        shows: &["prod"],
        ..BASE
    },
    Scene {
        name: "columns",
        title: "The list of columns",
        steps: &[Select("Payroll"), Press("C", " columns ")],
        shows: &["columns = ["],
        ..BASE
    },
    Scene {
        name: "filter",
        title: "A filter while it is typed",
        steps: &[
            Press("/", " / "),
            Type("tag:prod state:refused,timed-out", "of 18"),
        ],
        shows: &["Partner", "Payroll", "state:refused,timed-out"],
        ..BASE
    },
    Scene {
        name: "help",
        title: "The help, which is made from the keys in force",
        started: Started::Demo,
        steps: &[Wait("✖ 12 down"), Press("?", "Keys in the table")],
        shows: &["Keys in the table"],
        ..BASE
    },
    Scene {
        name: "explain",
        title: "A client's message, explained",
        steps: &[Paste(
            "A network-related or instance-specific error occurred while establishing a connection \
             to SQL Server. The server was not found or was not accessible. (provider: SQL Network \
             Interfaces, error: 26 - Error Locating Server/Instance Specified)",
            "Browser",
        )],
        shows: &["error: 26"],
        ..BASE
    },
    Scene {
        name: "add",
        title: "Adding an instance from a pasted connection string",
        started: Started::Empty,
        size: (120, 24),
        steps: &[
            Wait("Nothing to watch yet."),
            Paste(
                "Server=tcp:sales01.corp.example\\PROD;Database=shop;User ID=app;Password=geheim",
                "instance PROD",
            ),
        ],
        shows: &["add an instance", "port from Browser"],
        ..BASE
    },
    Scene {
        name: "light",
        title: "The colours of a terminal with a light ground",
        paper: LIGHT,
        steps: &[Select("Reports")],
        shows: &["Reports · degraded", "MultiSubnetFailover"],
        ..BASE
    },
];

#[test]
fn the_pictures_show_what_they_are_for() {
    let wanted = std::env::var("WRITE_PICTURES").ok();
    let to_write = wanted.is_some();
    let is_wanted = |name| {
        let names = wanted.as_deref().unwrap_or_default();
        names.is_empty() || names.split(' ').any(|wanted| wanted == name)
    };
    std::thread::scope(|scope| {
        for scene in SCENES.iter().filter(|scene| is_wanted(scene.name)) {
            scope.spawn(move || scene.make(to_write));
        }
    });
}

/// What is in the folder is made here, and somewhere shown.
#[test]
fn every_picture_has_its_scene_and_its_page() {
    let names: BTreeSet<_> = SCENES.iter().map(|scene| scene.name.to_owned()).collect();
    let files = fs::read_dir(folder()).unwrap();
    let files = files.map(|file| PathBuf::from(file.unwrap().file_name()));
    let drawn: BTreeSet<_> = files
        .filter(|file| file.extension().is_some_and(|kind| kind == "svg"))
        .filter_map(|file| Some(file.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    assert_eq!(drawn, names);
    let docs = fs::read_dir(folder().join("..")).unwrap();
    let docs = docs
        .map(|file| file.unwrap().path())
        .filter(|file| file.is_file());
    let pages: String = docs
        .chain([folder().join("../../README.md")])
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    for name in names {
        let link = format!("pictures/{name}.svg)");
        assert!(pages.contains(&link), "no page shows {link}");
    }
}

/// Writes the recording that most pictures replay: `docs/pictures.sh record`.
#[test]
#[ignore = "takes three minutes and writes into docs"]
fn the_demo_is_recorded_anew() {
    let mut terminal = Program::sqlreach(&["demo", "--record", "demo.jsonl"])
        .size(BASE.size.0, BASE.size.1)
        .start();
    for step in RECORDED {
        step.take(&mut terminal, true);
    }
    terminal.keys("q");
    terminal.ends_well();
    let recorded = fs::read_to_string(terminal.home.path().join("demo.jsonl")).unwrap();
    fs::write(folder().join("demo.jsonl"), of_nowhere(&recorded)).unwrap();
}

/// What happens in the recording. Nobody waits longer than half a minute in one go.
const RECORDED: &[Step] = &[
    Wait("✖ 12 down"),
    Watched(20),
    Select("Ledger"),
    Press("m", "why?"),
    Type("2h moved to the new cluster tonight", "left: moved"),
    Press(ENTER, "acknowledged"),
    Watched(45),
    Select("ERP"),
    Press("r", "probing ERP"),
    Watched(70),
    Select("CRM"),
    Press("d", "1 difference"),
    Watched(95),
    Watched(120),
    Watched(145),
    Watched(166),
];

/// The same recording, made on a machine that does not exist, of servers in another network.
fn of_nowhere(recording: &str) -> String {
    let mut nowhere = String::new();
    for line in recording.lines() {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(vantage) = line.pointer_mut("/recording/vantage") {
            *vantage = "jump01".into();
        }
        if let Some(vantage) = line.pointer_mut("/event/vantage") {
            vantage["host"] = "jump01".into();
            vantage["addresses"] = serde_json::json!(["10.77.0.9"]);
            vantage["ipv6"] = false.into();
        }
        let line = line.to_string();
        let line = line.replace("127.77.0.", "10.77.0.");
        nowhere += &line.replace("\"127.0.0.1:", "\"10.77.0.9:");
        nowhere.push('\n');
    }
    nowhere
}

impl Scene {
    fn make(&self, to_write: bool) {
        let picture = self.take(to_write);
        let svg = draw(&picture, &self.paper, &self.caption());
        let document = roxmltree::Document::parse(&svg).unwrap();
        assert_eq!(document.root_element().tag_name().name(), "svg");
        let spans = document
            .descendants()
            .filter(|node| node.has_tag_name("tspan"));
        let written: String = spans.filter_map(|node| node.text()).collect();
        let text = picture.text();
        for shown in self.shows {
            let is_there = text.contains(shown) && blankless(&written).contains(&blankless(shown));
            assert!(is_there, "{}: no {shown:?} in\n{text}", self.name);
        }
        if to_write {
            fs::write(folder().join(format!("{}.svg", self.name)), svg).unwrap();
        }
    }

    fn take(&self, to_write: bool) -> Picture {
        let mut terminal = self.started.start(self.size, self.config);
        for step in self.steps {
            step.take(&mut terminal, to_write);
        }
        let mut shown = None;
        terminal.wait("what the picture is for", |view| {
            let is_there = self.shows.iter().all(|text| view.has(text));
            shown = is_there.then(|| Picture::of(view.screen(), &self.paper));
            is_there
        });
        neutral(shown.unwrap(), &terminal, self.started)
    }

    fn caption(&self) -> Caption<'static> {
        let (columns, rows) = self.size;
        let command = self.started.command();
        Caption {
            command,
            title: self.title,
            description: format!("The screen of {command}, {columns} columns by {rows} rows."),
        }
    }
}

impl Started {
    fn command(self) -> &'static str {
        match self {
            Self::Demo => "sqlreach demo",
            Self::Replay => "sqlreach replay demo.jsonl",
            Self::Empty => "sqlreach",
        }
    }

    fn start(self, size: (u16, u16), config: &str) -> Terminal {
        let arguments: Vec<_> = self.command().split(' ').skip(1).collect();
        let mut program = Program::sqlreach(&arguments)
            .env("TZ", "UTC")
            .env("COLORTERM", "truecolor")
            .size(size.0, size.1);
        if !config.is_empty() {
            program.configure(config);
        }
        if self == Self::Replay {
            let file = program.home.path().join("demo.jsonl");
            fs::copy(folder().join("demo.jsonl"), file).unwrap();
        }
        let mut terminal = program.start();
        if self == Self::Replay {
            terminal.wait_for("18 instances");
            terminal.press("$", "the end", |view| {
                view.has("■ end") && view.header().contains("acknowledged")
            });
        }
        terminal
    }
}

impl Step {
    fn take(&self, terminal: &mut Terminal, to_write: bool) {
        match self {
            Press(key, text) => terminal.press(key, text, |view| view.has(text)),
            Type(typed, text) => {
                let mut so_far = String::new();
                for letter in typed.chars() {
                    so_far.push(letter);
                    let wanted = so_far.trim_end();
                    terminal.press(&letter.to_string(), wanted, |view| view.has(wanted));
                }
                terminal.wait_for(text);
            }
            Paste(pasted, text) => {
                let sent = format!("\x1b[200~{pasted}\x1b[201~");
                terminal.press(&sent, text, |view| view.has(text));
            }
            Select(name) => select(terminal, name),
            Tab(name) => {
                let wanted = format!(" {name} ");
                let open = |view: &View| Some(view.reversed(3)).filter(|tab| tab.starts_with(' '));
                terminal.press(ENTER, "the tabs", |view| open(view).is_some());
                while let Some(tab) = terminal.wait_and("a tab", |view| Some(open(view)))
                    && tab != wanted
                {
                    terminal.press("]", &wanted, |view| open(view) != Some(tab.clone()));
                }
            }
            Wait(text) => terminal.wait_for(text),
            Watched(seconds) => terminal.wait(&format!("{seconds} s"), |view| {
                let ages = view.text();
                let ages = ages.split('≥').skip(1).filter_map(seconds_of);
                ages.max() >= Some(*seconds)
            }),
            Settle(text) if to_write => terminal.wait_for(text),
            Settle(_) => {}
        }
    }
}

/// `27s`, `2m07s`
fn seconds_of(age: &str) -> Option<u64> {
    let (age, _) = age.split_once('s')?;
    match age.split_once('m') {
        Some((minutes, seconds)) => {
            Some(60 * minutes.parse::<u64>().ok()? + seconds.parse::<u64>().ok()?)
        }
        None => age.parse().ok(),
    }
}

/// Goes down from the first row until it is this one.
fn select(terminal: &mut Terminal, name: &str) {
    terminal.press("g", "the first row", |view| {
        let first = view.line(3);
        selected(view).is_some_and(|name| first.contains(&format!(" {name}  ")))
    });
    for _ in 0..50 {
        let selected = terminal.wait_and("a selected row", selected);
        if selected == name {
            return;
        }
        terminal.press("j", "the next row", |view| {
            self::selected(view).is_some_and(|next| next != selected)
        });
    }
    panic!("{name} cannot be selected");
}

/// The name over the pane below the table.
fn selected(view: &View) -> Option<String> {
    let title = view
        .line_with("── ")
        .filter(|line| line.starts_with("── "))?;
    let (name, _) = title.strip_prefix("── ")?.split_once(" · ")?;
    Some(name.to_owned())
}

/// No picture tells on which machine and when it was made.
fn neutral(mut picture: Picture, terminal: &Terminal, started: Started) -> Picture {
    if started == Started::Replay {
        return picture;
    }
    let home = terminal.home.path().to_string_lossy().into_owned();
    for row in 0..picture.lines.len() {
        picture.replace(row, &format!("{home}/config/"), "~/.config/");
    }
    let header = picture.line(0);
    if let Some((_, after)) = header.split_once("  from ") {
        let vantage: String = after.chars().take_while(|letter| *letter != ' ').collect();
        picture.replace(0, &format!("from {vantage} "), "from jump01 ");
    }
    if let Some((before, _)) = header.split_once(" UTC") {
        let clock: String = before.chars().skip(before.chars().count() - 8).collect();
        picture.replace(0, &clock, "14:03:22");
    }
    picture
}

fn blankless(text: &str) -> String {
    text.split_whitespace().collect()
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/pictures")
}
