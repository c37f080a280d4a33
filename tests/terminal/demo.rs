//! The demo, as a newcomer meets it.

use crate::program::Program;
use crate::terminal::{ENTER, ESC, Terminal};
use crate::view::View;

/// What the rows of the demo settle on, where no story changes it.
const SETTLED: [(&str, &str); 16] = [
    ("Sales PRDO", "not-located"),
    ("ERP", "refused"),
    ("Payroll", "refused"),
    ("CRM", "refused"),
    ("Legacy", "not-located"),
    ("Ledger", "not-located"),
    ("Partner", "timed-out"),
    ("Warehouse", "silent"),
    ("Orders", "hung-up"),
    ("Intranet", "not-sql"),
    ("QA", "wrong-instance"),
    ("Billing", "answering"),
    ("Reports", "degraded"),
    ("Archive", "unresolved"),
    ("Operations", "degraded"),
    // Whatever was drawn first: the network is up, so is the engine.
    ("Sales", "answering"),
];

#[test]
fn the_rows_settle_on_every_kind_of_failure() {
    let terminal = Program::demo().size(120, 60).start();
    let mut left = SETTLED.to_vec();
    terminal.wait("every row settled", |view| {
        left.retain(|(name, state)| view.state(name).as_deref() != Some(state));
        left.is_empty()
    });
    // A glyph beside each word, and the way it went.
    let refused = terminal.look(|view| view.row("ERP")).unwrap();
    assert!(refused.starts_with("✖ refused"), "{refused}");
    assert!(refused.contains("●   ·   ✖   ·"), "{refused}");
    let silent = terminal.look(|view| view.row("Warehouse")).unwrap();
    assert!(silent.starts_with("⧗ silent"), "{silent}");
    assert!(silent.contains("●   ·   ●   ⧗"), "{silent}");
}

#[test]
fn the_selection_moves_and_follows_its_instance() {
    let mut terminal = Program::watching(20).size(120, 60).start();
    terminal.wait_for("✖ 20 down");
    terminal.press("g", "the first row", |view| selected_row(view) == Some(0));
    terminal.press("j", "the second", |view| selected_row(view) == Some(1));
    terminal.press("\x1b[B", "the third", |view| selected_row(view) == Some(2));
    terminal.press("k", "the second", |view| selected_row(view) == Some(1));
    terminal.press("G", "the last", |view| selected_row(view) == Some(19));
    terminal.keys("j");
    terminal.press("k", "the last but one", |view| {
        selected_row(view) == Some(18)
    });

    terminal.press("s", "sorted by name", |view| has_title(view, "INSTANCE▾"));
    assert!(terminal.look(|view| view.selected_has("n19")));
    terminal.press("S", "turned round", |view| has_title(view, "INSTANCE▴"));
    assert!(terminal.look(|view| view.selected_has("n19") && selected_row(view) == Some(1)));
    terminal.press("j", "its neighbour", |view| view.selected_has("n18"));
}

#[test]
fn rows_are_filtered_by_state_and_by_problem() {
    let mut terminal = started();
    for name in ["ERP", "Payroll", "CRM"] {
        terminal.wait(name, |view| view.state(name).as_deref() == Some("refused"));
    }
    terminal.press("/", "the field", |view| view.filter_field().is_some());
    // It works while it is typed; half a word is an error that hides nothing.
    terminal.press("state:refuse", "an error", |view| {
        view.has("did you mean refused?") && rows(view) == 18
    });
    terminal.press("d", "what is refused", only_refused);
    terminal.press(ENTER, "the field closed", |view| {
        only_refused(view)
            && view.filter_field().is_none()
            && view.header().contains("/state:refused")
    });
    terminal.press(ESC, "all again", |view| rows(view) == 18);

    terminal.wait("Billing answers", |view| {
        view.state("Billing").as_deref() == Some("answering")
    });
    terminal.press("f", "problems only", |view| {
        view.header().contains("problems only")
            && view.row("Billing").is_none()
            && view.row("ERP").is_some()
    });
    terminal.press("f", "all again", |view| view.row("Billing").is_some());

    terminal.press("/", "the field", |view| view.filter_field().is_some());
    terminal.press("nothing-is-called-so", "nothing", |view| {
        view.has("nothing matches")
    });
    terminal.press(ESC, "all again", |view| rows(view) == 18);
}

#[test]
fn one_instance_fills_the_screen_with_tabs() {
    let mut terminal = started();
    terminal.wait("ERP refused", |view| {
        view.state("ERP").as_deref() == Some("refused")
    });
    select(&mut terminal, "ERP");
    terminal.press(ENTER, "the instance", |view| {
        view.has("ERP · refused") && view.reversed(3) == " diagnosis " && view.has(" 1. ")
    });
    for (key, tab) in [
        ("]", " path "),
        ("]", " browser "),
        ("]", " history "),
        ("]", " log "),
        ("]", " diagnosis "),
        ("[", " log "),
    ] {
        terminal.press(key, tab, |view| view.reversed(3) == tab);
    }
    terminal.press("?", "the help", |view| view.has("Keys inside an instance"));
    terminal.press(ESC, "the instance", |view| view.has("ERP · refused"));
    terminal.press(ESC, "the table", |view| {
        view.titles().is_some() && view.selected_has("ERP")
    });
}

#[test]
fn a_host_that_is_asked_shows_where_its_three_truths_differ() {
    let mut terminal = started();
    terminal.wait("CRM refused", |view| {
        view.state("CRM").as_deref() == Some("refused")
    });
    select(&mut terminal, "CRM");
    terminal.press("d", "what came of it", |view| {
        view.says("crm01.demo.test: 1 difference; see the tab browser")
    });
    terminal.press(ENTER, "the instance", |view| view.has("CRM · refused"));
    terminal.press("]]", "the truth audit", |view| {
        view.reversed(3) == " browser "
            && view.has("→ ▲ CRM")
            && view.has("50444 refuses")
            && view.has("▲ stale port: Browser sends clients of CRM to tcp 50444")
    });
    terminal.press("d", "asked again", |view| {
        view.says("crm01.demo.test: 1 difference")
    });
}

/// Over a slow line, or typed fast, both arrive in one read, as alt with that key would.
#[test]
fn escape_and_the_next_key_may_arrive_together() {
    let mut terminal = Program::watching(2).start();
    terminal.wait_for("✖ 2 down");
    terminal.press(ENTER, "the instance", |view| view.has("n01 · refused"));
    terminal.press("\x1b?", "the help of the table", |view| {
        view.line(2) == " Keys in the table"
    });
    terminal.press("\x1bj", "the table, one further", |view| {
        view.selected_has("n02")
    });
    terminal.press(ENTER, "the instance", |view| view.has("n02 · refused"));
    terminal.press("\x1b\x1b\x1b?", "the help", |view| {
        view.line(2) == " Keys in the table"
    });
    terminal.press("\x1b\r", "into the instance", |view| {
        view.reversed(3) == " diagnosis "
    });
    terminal.keys("\x1bq");
    terminal.ends_well();
}

#[test]
fn the_other_keys_do_what_they_say() {
    let mut terminal = started();
    terminal.wait("ERP refused", |view| {
        view.state("ERP").as_deref() == Some("refused")
    });
    select(&mut terminal, "ERP");

    terminal.wait("commands for Windows", |view| view.has("[windows]"));
    let command = terminal.look(|view| view.line_with("  1 ")).unwrap();
    terminal.press("t", "another platform", |view| {
        !view.has("[windows]") && view.has("windows │")
    });
    assert_ne!(terminal.look(|view| view.line_with("  1 ")), Some(command));

    terminal.press("p", "paused, loudly", |view| view.reversed(0) == " PAUSED ");
    terminal.press("p", "going on", |view| view.reversed(0).is_empty());

    terminal.press("r", "it says so", |view| view.says("probing ERP"));
    terminal.press("R", "it says so", |view| view.says("probing 18 instances"));

    terminal.press("m", "a question", |view| view.has("\n why?"));
    terminal.press("patched until ten", "the reason", |view| {
        view.has("\n until it is well again: patched until ten")
    });
    terminal.press(ENTER, "acknowledged", |view| {
        view.row("ERP").is_some_and(|row| row.contains("refused ✓"))
            && view.has("Acknowledged")
            && view.header().contains("✓ 1 acknowledged")
    });
    terminal.press("m", "taken back", |view| {
        view.row("ERP")
            .is_some_and(|row| row.contains("refused") && !row.contains('✓'))
    });

    terminal.mark();
    terminal.keys("q");
    terminal.ends_well();
    assert!(terminal.look(|view| view.has_sent("\x1b[?1049l") && view.has_sent("\x1b[?25h")));
    // The demo keeps its memory and configuration to itself.
    let left: Vec<_> = std::fs::read_dir(terminal.home.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

/// What is pasted is never taken for keys.
#[test]
fn pasted_text_goes_into_a_field_and_nowhere_else() {
    let mut terminal = Program::watching(3).start();
    terminal.wait_for("✖ 3 down");
    terminal.keys("\x1b[200~q p q\x1b[201~");
    terminal.press("j", "the second row", |view| view.selected_has("n02"));
    assert!(!terminal.look(|view| view.has("PAUSED")));
    terminal.press("/", "the field", |view| view.filter_field().is_some());
    terminal.press(
        "\x1b[200~n\x1b[31m03\r\n\x1b[201~",
        "the pasted filter",
        |view| {
            view.filter_field()
                .is_some_and(|field| field.contains("n[31m03"))
        },
    );
}

fn started() -> Terminal {
    let terminal = Program::demo().size(120, 60).start();
    terminal.wait("all rows", |view| rows(view) == 18);
    terminal
}

/// Selects a row by its name; returns its place in the table.
fn select(terminal: &mut Terminal, name: &str) -> usize {
    for _ in 0..50 {
        let at = terminal.look(|view| (selected_row(view), row_number(view, name)));
        let key = match at {
            (Some(selected), Some(wanted)) if selected == wanted => return wanted,
            (Some(selected), Some(wanted)) if selected < wanted => "j",
            _ => "k",
        };
        terminal.press(key, "the selection moves", |view| {
            selected_row(view) != at.0 || view.selected_has(name)
        });
    }
    panic!("{name} cannot be selected");
}

fn selected_row(view: &View) -> Option<usize> {
    view.titles()?;
    view.selected().map(|(row, _)| usize::from(row) - 3)
}

fn row_number(view: &View, name: &str) -> Option<usize> {
    let row = view.row(name)?;
    view.lines()
        .iter()
        .position(|line| *line == row)
        .map(|at| at - 3)
}

/// How many rows the table shows.
fn rows(view: &View) -> usize {
    let lines = view.lines();
    let rows = lines
        .iter()
        .skip(3)
        .take_while(|line| !line.starts_with("──"));
    rows.filter(|line| !line.is_empty()).count()
}

fn only_refused(view: &View) -> bool {
    let lines = view.lines();
    let mut shown = lines.iter().skip(3).take(rows(view));
    rows(view) >= 3 && shown.all(|line| line.contains("refused"))
}

fn has_title(view: &View, title: &str) -> bool {
    view.titles().is_some_and(|titles| titles.contains(title))
}
