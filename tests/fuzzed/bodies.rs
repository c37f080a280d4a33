//! What must hold for any bytes, one function for each thing that reads what others wrote:
//! run by the fuzzer on what it finds, and by the tests on what it found.

use std::io::Cursor;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use sqlreach::config::theme::Palette;
use sqlreach::config::{Loaded, import};
use sqlreach::explain::explain as read_message;
use sqlreach::monitor::replay::{Recording, through};
use sqlreach::monitor::{Board, News, Row};
use sqlreach::output::text::{self, Dress};
use sqlreach::output::{handoff, json, report};
use sqlreach::probe::read_dns_answer;
use sqlreach::target::{Target, Untrusted, clean, mask_secrets};
use sqlreach::tui::action::Effect;
use sqlreach::tui::app::App;
use sqlreach::tui::filter::Filter;
use sqlreach::tui::{About, Theme, keymap::KeyMap, plain, view};
use sqlreach::wire::greeting::recognise;
use sqlreach::wire::ssrp::{self, Reply, Request};
use sqlreach::wire::tds::{self, Decoded, PreloginReply};
use sqlreach::wire::token::ServerError;

/// What is run on some bytes.
pub type Body = fn(&[u8]);

/// All of them by name.
pub const BODIES: [(&str, Body); 10] = [
    ("ssrp", ssrp),
    ("prelogin", prelogin),
    ("dns", dns),
    ("target", target),
    ("config", config),
    ("theme", theme),
    ("import", import),
    ("explain", explain),
    ("filter", filter),
    ("replay", replay),
];

/// More than a person reads at a time.
const SCREEN: Rect = Rect::new(0, 0, 110, 36);

/// SQL Server Browser: both sides of the protocol, and what a row would show of it.
pub fn ssrp(bytes: &[u8]) {
    if let Ok(reply) = Reply::decode(bytes) {
        // What a decoder understood, an encoder can say.
        let said = reply.encode();
        if let Ok(again) = Reply::decode(&said) {
            assert!(again.entries.len() <= reply.entries.len());
        }
        for entry in &reply.entries {
            let shown = [&entry.server, &entry.instance, &entry.version];
            for field in shown.into_iter().chain(&entry.pipe) {
                assert_one_line(&Untrusted::from_bytes(field).clean(80));
            }
        }
    }
    if let Some(port) = ssrp::decode_dac(bytes) {
        assert_eq!(ssrp::encode_dac(port), bytes);
    }
    if let Some(request) = Request::decode(bytes) {
        let said = request.encode();
        assert_eq!(Request::decode(&said), Some(request));
    }
}

/// The engine's first answer, and what a foreign service greets with.
pub fn prelogin(bytes: &[u8]) {
    match PreloginReply::decode(bytes) {
        Decoded::Incomplete => assert!(bytes.len() < tds::MAX_PACKET),
        Decoded::Reply(reply) => {
            let _ = reply.encode();
        }
        Decoded::NotTds => {
            let _ = recognise(bytes);
        }
        Decoded::ErrorToken { message, .. } => assert_one_line(&clean(&message, 80)),
        Decoded::Malformed(_) => {}
    }
    let _ = tds::decode_client(bytes);
    if let Some(error) = ServerError::decode(bytes) {
        let _ = error.encode();
    }
}

/// What a DNS server answers to each of the two questions.
pub fn dns(bytes: &[u8]) {
    for record in [1, 28] {
        let question: [&[u8]; 3] = [
            b"\x53\x51\x01\0\0\x01\0\0\0\0\0\0",
            b"\x03db1\x04corp\x04test\0",
            &[0, record, 0, 1],
        ];
        // The fuzzer need not find the number of the question.
        let reply = [&[0x53, 0x51], bytes].concat();
        if let Some((_, _, chain)) = read_dns_answer(&question.concat(), &reply) {
            assert!(chain.len() <= 16);
            for name in chain {
                assert_one_line(&name.clean(80));
            }
        }
    }
}

/// Every spelling of a server.
pub fn target(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<Target>() {
        Ok(target) => {
            assert_one_line(&target.text);
            let again: Target = target.short().parse().expect("its own short form");
            assert_eq!(again.host, target.host);
            assert_eq!(again.instance, target.instance);
        }
        Err(error) => {
            assert!(error.text.get(error.at.clone()).is_some(), "{error:?}");
            assert_one_line(&error.to_string());
        }
    }
    let masked = mask_secrets(&text);
    assert!(masked.lines().count() <= text.lines().count());
}

/// The configuration.
pub fn config(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match Loaded::parse(&text, Path::new("sqlreach.toml")) {
        Ok(loaded) => drop(loaded.show()),
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            for mistake in mistakes {
                assert_one_line(&mistake.to_string());
            }
        }
    }
}

/// A theme.
pub fn theme(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Err(mistakes) = Palette::parse(&text, Path::new("mine.toml")) {
        for mistake in mistakes {
            assert_one_line(&mistake.to_string());
        }
    }
}

/// Lists of servers that other programs wrote. The first byte chooses the kind of file.
pub fn import(bytes: &[u8]) {
    const KINDS: [&str; 4] = ["list.txt", "list.regsrvr", "settings.json", "sqlreach.toml"];
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let path = Path::new(KINDS[usize::from(*kind) % KINDS.len()]);
    match import::of_bytes(bytes, path) {
        Ok(found) => drop(found.verdicts(&import::Known::default())),
        Err(error) => assert_one_line(&error.to_string()),
    }
}

/// A client's error message.
pub fn explain(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = read_message(&text);
    assert!(read.codes.len() <= 16 && read.causes.len() <= 5);
    let mut printed = Vec::new();
    sqlreach::output::explanation::text(&mut printed, &read, Dress::Plain).expect("memory");
    assert_harmless(&printed);
    let _ = read.probe_command();
}

/// A filter, as it is typed: broken, repaired, and at work on rows.
pub fn filter(bytes: &[u8]) {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let recorded = include_bytes!("../../fuzz/rows.jsonl");
        rows(&play(recorded).expect("a recording"))
    });
    let text = String::from_utf8_lossy(bytes);
    let now = Timestamp::UNIX_EPOCH;
    match Filter::parse(&text) {
        Ok(filter) => {
            for row in ROWS.iter() {
                let _ = (filter.shows(row, now), filter.turns(row, now));
            }
        }
        Err(error) => assert!(text.get(error.at.clone()).is_some(), "{error:?}"),
    }
    if let Some(repaired) = Filter::parse_what_is_right(&text) {
        let again = Filter::parse(repaired.text()).expect("what is right");
        assert_eq!(again, repaired);
    }
}

/// A recording, from its lines to everything that is shown of it.
pub fn replay(bytes: &[u8]) {
    let Some(board) = play(bytes) else { return };
    let now = Timestamp::UNIX_EPOCH;
    let incidents = board.incidents();
    let mut lines = json::Lines::default();
    for row in rows(&board) {
        let mut printed = Vec::new();
        text::row(&mut printed, &row, Dress::Plain).expect("memory");
        assert_harmless(&printed);
        assert_harmless(report::report(&row, now, None, None).as_bytes());
        let mut line = Vec::new();
        lines.append(&mut line, &row).expect("memory");
        assert_harmless(&line);
    }
    for incident in incidents.values() {
        assert_harmless(handoff::note(incident, &rows(&board)).as_bytes());
    }
    let recording = Recording::read(Cursor::new(bytes), Path::new("r")).expect("read before");
    let mut printed = Vec::new();
    plain::replay(recording, about(), &mut printed).expect("memory");
    assert_harmless(&printed);
    look_at(&board, 1);
}

/// The board behind a recording, where it is one.
fn play(bytes: &[u8]) -> Option<Board> {
    let recording = Recording::read(Cursor::new(bytes), Path::new("r")).ok()?;
    let board = Board::default();
    through(recording, &board, |_| Ok(())).expect("memory");
    Some(board)
}

fn rows(board: &Board) -> Vec<Row> {
    board.rows().iter().map(|row| Row::clone(row)).collect()
}

/// The table, each tab of the first instances, the list of what can be copied, and whatever is
/// copied or written.
pub fn look_at(board: &Board, instances: usize) {
    let mut app = App::new(about(), Theme::new(true), Timestamp::UNIX_EPOCH, SCREEN);
    let order = board.rows().iter().map(|row| row.id).collect();
    app.take(News {
        rows: board.rows(),
        order: Some(order),
    });
    app.take_incidents(board.incidents());
    let mut terminal = Terminal::new(TestBackend::new(SCREEN.width, SCREEN.height)).expect("room");
    let keys = ["123yYw\r]]]]1yc\x1b\x1bj"].repeat(instances).concat();
    for key in format!(" g{keys}").chars() {
        let code = match key {
            '\r' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            ' ' => KeyCode::Null,
            key => KeyCode::Char(key),
        };
        let effect = app.key(KeyEvent::new(code, KeyModifiers::NONE));
        if let Some(Effect::Copy { text, what } | Effect::Write { text, what, .. }) = effect {
            assert_harmless(text.as_bytes());
            assert_one_line(&what);
        }
        terminal
            .draw(|frame| _ = view::draw(&app, frame))
            .expect("memory");
        for cell in &terminal.backend().buffer().content {
            assert_one_line(cell.symbol());
        }
    }
}

fn about() -> About {
    About {
        vantage: "here".into(),
        interval: Duration::from_secs(15),
        rate: None,
        label: String::new(),
        zone: TimeZone::UTC,
        local: TimeZone::UTC,
        keys: KeyMap::default(),
        screen: sqlreach::config::Screen::default(),
        kept: None,
        state: None,
        config_hint: String::new(),
        policy: None,
        report: |row, now, platform, incident| report::report(row, now, platform, incident),
        note: handoff::note,
    }
}

/// Many lines, none of which steers a terminal.
pub fn assert_harmless(printed: &[u8]) {
    let printed = std::str::from_utf8(printed).expect("UTF-8");
    printed.split('\n').for_each(assert_one_line);
}

/// Nothing that [`clean`] would take away.
pub fn assert_one_line(text: &str) {
    let steers = |character: char| {
        character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{061C}')
    };
    assert!(!text.contains(steers), "{text:?}");
}
