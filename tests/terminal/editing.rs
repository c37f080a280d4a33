//! Adding, changing and removing instances, and a configuration that changes on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use sqlreach::simulate::closed_port::ClosedPort;

use crate::program::Program;
use crate::terminal::{ESC, Terminal};

const TAB: &str = "\t";

/// A typist who is not taken for a paste: one key, then what it did.
fn type_slowly(terminal: &mut Terminal, text: &str) {
    let mut typed = String::new();
    for letter in text.chars() {
        typed.push(letter);
        let wanted = typed.trim_end().to_owned();
        terminal.press(&letter.to_string(), &typed, |view| view.has(&wanted));
    }
}

fn file_of(program: &Program) -> PathBuf {
    program.home.path().join("config/sqlreach/sqlreach.toml")
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

/// As editors do: a new file in the place of the old one.
fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::rename(&new, file).unwrap();
}

#[test]
fn from_nothing_to_a_watched_instance_that_is_kept() {
    let program = Program::sqlreach(&[]).size(110, 40);
    let file = file_of(&program);
    let closed = ClosedPort::start(([127, 0, 0, 1], 0).into()).unwrap();
    let server = format!("127.0.0.1,{}", closed.address().port());
    let mut terminal = program.start();
    terminal.wait_for("Nothing to watch yet.");
    terminal.press("a", "the form", |view| view.has("add an instance"));
    terminal.press("/", "what is wrong", |view| {
        !view.has("Nothing is sent before")
    });
    terminal.press("\x15", "an empty field", |view| {
        view.has("Nothing is sent before")
    });
    type_slowly(&mut terminal, &server);
    let says = format!("host 127.0.0.1, port {}", closed.address().port());
    terminal.wait_for(&says);
    assert!(!file.exists(), "nothing is written before enter");
    terminal.press("\r", "the row", |view| {
        view.has("refused for") && view.header().contains("1 instance ")
    });
    let wanted = format!("[[instance]]\nserver = \"{server}\"\n");
    assert_eq!(text_of(&file), wanted);
    terminal.keys("q");
    terminal.ends_well();
}

#[test]
fn an_instance_is_changed_and_removed_and_the_comments_stay() {
    let mut program = Program::sqlreach(&[]).size(110, 40);
    let closed = ClosedPort::start(([127, 0, 0, 1], 0).into()).unwrap();
    let server = format!("127.0.0.1,{}", closed.address().port());
    let text = format!(
        "# ours\n[probe]\ninterval = \"1h\"\nwitness_ports = []\n\n\
         # the first\n[[instance]]\nserver = '{server}' # here\nname = 'one'\n\n\
         # the second\n[[instance]]\nserver = 'db1/PROD'\n# the end\n"
    );
    let file = program.configure(&text);
    let mut terminal = program.start();
    terminal.wait("both rows", |view| {
        view.state("one").as_deref() == Some("refused") && view.has("db1/PROD")
    });
    terminal.press("/", "the filter", |view| view.filter_field().is_some());
    terminal.press("name:one", "one row", |view| {
        view.header().contains("1 shown")
    });
    terminal.press("\r", "the table", |view| view.filter_field().is_none());
    terminal.press("E", "the form", |view| view.has("change an instance"));
    terminal.press(TAB, "the name", |view| view.has("one"));
    terminal.press("X", "another name", |view| view.has("oneX"));
    terminal.press("\r", "the new name", |view| {
        view.state("oneX").as_deref() == Some("refused")
    });
    let renamed = text.replace("'one'", "\"oneX\"");
    assert_eq!(text_of(&file), renamed);
    terminal.press("x", "a question", |view| {
        view.footer().contains("remove oneX")
    });
    terminal.press("n", "the table", |view| {
        !view.footer().contains("remove oneX")
    });
    assert_eq!(text_of(&file), renamed);
    terminal.press("x", "a question", |view| {
        view.footer().contains("remove oneX")
    });
    terminal.press("y", "one row", |view| view.header().contains("1 instance "));
    let begin = renamed.find("[[instance]]").unwrap();
    let end = renamed.find("\n# the second").unwrap();
    assert_eq!(
        text_of(&file),
        format!("{}{}", &renamed[..begin], &renamed[end..])
    );
}

#[test]
fn a_pasted_connection_string_fills_the_form_and_its_password_goes_nowhere() {
    let program = Program::watching(1).size(110, 40);
    let file = file_of(&program);
    let before = text_of(&file);
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    let pasted = "\x1b[200~Server=tcp:127.0.0.1,9;User ID=app;Password=hunter2-Geheim\x1b[201~";
    terminal.press(pasted, "the form", |view| {
        view.has("host 127.0.0.1, port 9") && view.has("The password was left out")
    });
    terminal.press("\r", "a second row", |view| {
        view.header().contains("2 instances")
    });
    let added = "\n[[instance]]\nserver = \"127.0.0.1,9\"\n";
    assert_eq!(text_of(&file), format!("{before}{added}"));
    let sent = terminal.look(|view| String::from_utf8_lossy(view.sent()).into_owned());
    assert!(!sent.contains("hunter2"), "the password was drawn");
}

#[test]
fn a_broken_edit_keeps_the_old_one_until_it_is_mended() {
    let program = Program::watching(1).size(140, 30);
    let file = file_of(&program);
    let text = text_of(&file);
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    let broken = format!("{text}[[instance]]\nservr = 'db2'\n");
    replace(&file, &broken);
    terminal.wait("the mistake", |view| {
        let line = view.line(1);
        line.contains("CONFIGURATION NOT TAKEN") && line.contains("sqlreach.toml:")
    });
    terminal.look(|view| assert_eq!(view.state("n01").as_deref(), Some("refused")));
    // What is typed meanwhile cannot be written, and says why.
    terminal.press("x", "a question", |view| {
        view.footer().contains("remove n01")
    });
    terminal.press("y", "why not", |view| {
        view.footer().contains("nothing was written")
    });
    assert_eq!(text_of(&file), broken);

    replace(&file, &format!("{text}[[instance]]\nserver = 'db2/X'\n"));
    terminal.wait("both rows", |view| {
        view.header().contains("2 instances") && !view.has("CONFIGURATION NOT TAKEN")
    });
    // It was not probed anew: its history went on.
    terminal.look(|view| assert_eq!(view.state("n01").as_deref(), Some("refused")));
}

#[test]
fn a_file_that_is_deleted_stays_in_force() {
    let program = Program::watching(1).size(140, 30);
    let file = file_of(&program);
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    fs::remove_file(&file).unwrap();
    terminal.wait_for("there is no such file now");
    terminal.look(|view| assert_eq!(view.state("n01").as_deref(), Some("refused")));
    terminal.press(ESC, "the table", |view| view.titles().is_some());
}

#[test]
fn a_file_in_whose_place_there_is_a_folder_stays_in_force_until_it_is_back() {
    let program = Program::watching(1).size(140, 30);
    let file = file_of(&program);
    let text = text_of(&file);
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    terminal.wait_for("CONFIGURATION NOT TAKEN");
    terminal.look(|view| assert_eq!(view.state("n01").as_deref(), Some("refused")));
    fs::remove_dir(&file).unwrap();
    fs::write(&file, format!("{text}[[instance]]\nserver = 'db2/X'\n")).unwrap();
    terminal.wait("both rows", |view| {
        view.header().contains("2 instances") && !view.has("CONFIGURATION NOT TAKEN")
    });
    terminal.press(ESC, "the table", |view| view.titles().is_some());
}

#[test]
fn targets_of_the_command_line_are_kept_for_the_session_only() {
    let program = Program::sqlreach(&["127.0.0.1,1"]).size(110, 40);
    let file = file_of(&program);
    let mut terminal = program.start();
    terminal.wait("a row", |view| {
        view.state("127.0.0.1,1").as_deref() == Some("refused")
    });
    terminal.press("a", "the form", |view| view.has("no file is written"));
    type_slowly(&mut terminal, "127.0.0.1,9");
    terminal.press("\r", "two rows", |view| {
        view.header().contains("2 instances")
    });
    assert!(!file.exists());
}

#[test]
fn the_demo_cannot_be_changed() {
    let mut terminal = Program::demo().start();
    terminal.wait_for("sqlreach demo");
    terminal.press("a", "why not", |view| {
        view.footer().contains("no real ones")
    });
}
