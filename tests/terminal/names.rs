//! Names in every script: columns stay where they are, and no character turns the line around.

use std::fmt::Write as _;

use crate::program::Program;
use crate::view::View;

const NAMES: [&str; 11] = [
    "plain",
    "データベース",
    "e\u{301}te\u{301} \u{e9}t\u{e9}",
    "👨\u{200D}👩\u{200D}👧 family",
    "❤\u{FE0F} heart",
    "👍🏽 thumb",
    "🇩🇪 flag",
    "שלום",
    "سلام",
    "zero\u{200B}width\u{200D}",
    "ﷺ long",
];

#[test]
fn columns_stay_aligned_whatever_the_names_are() {
    let mut program = Program::sqlreach(&[]).size(120, 50);
    program.refusing(NAMES.len());
    let mut config = "[probe]\ninterval = \"1h\"\nwitness_ports = []\n".to_owned();
    for (name, closed) in NAMES.iter().zip(&program.closed) {
        let port = closed.address().port();
        writeln!(
            config,
            "[[instance]]\nserver = '127.0.0.1,{port}'\nname = '{name}'"
        )
        .unwrap();
    }
    program.configure(&config);
    let mut terminal = program.start();
    terminal.wait_for("✖ 11 down");
    // The selection goes over each of them, so that each is written again.
    for _ in 1..NAMES.len() {
        terminal.keys("j");
    }
    terminal.wait("the last one", |view| view.selected_has("long"));
    let places = terminal.wait_and("a row for each name", |view| {
        let places: Vec<u16> = (3..).map_while(|row| endpoint(view, row)).collect();
        (places.len() == NAMES.len()).then_some(places)
    });
    assert!(places.iter().all(|place| *place == places[0]), "{places:?}");

    terminal.press("/\u{202E}da", "the field", |view| {
        view.filter_field()
            .is_some_and(|field| field.contains("da"))
    });
    terminal.press("\x1b", "the table", |view| {
        view.filter_field().is_none() && view.titles().is_some()
    });
    terminal.keys("q");
    terminal.ends_well();
    let sent = terminal.look(|view| String::from_utf8_lossy(view.all_sent()).into_owned());
    let harmful = |c: &char| {
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
            | '\u{FE0F}' | '\u{FEFF}')
    };
    let found: Vec<char> = sent.chars().filter(harmful).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// Where the endpoint of a row begins, in the terminal's own columns.
fn endpoint(view: &View, row: u16) -> Option<u16> {
    let (_, columns) = view.screen().size();
    (0..columns.get()).find(|from| {
        let cells = (*from..from.saturating_add(10)).filter_map(|x| view.screen().cell(row, x));
        let text: String = cells.map(vt100::Cell::contents).collect();
        text == "127.0.0.1:"
    })
}
