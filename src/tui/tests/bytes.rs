//! How much is written for a change: never more than what changed.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use jiff::SignedDuration;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::press;
use crate::config::{Column, Order};
use crate::diagnosis::scene::Scene;
use crate::evidence::Evidence;
use crate::monitor::News;
use crate::tui::app::App;
use crate::tui::terminal::Sparing;
use crate::tui::{sample, view};

const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// What goes to the terminal.
#[derive(Clone, Debug, Default)]
struct Wire(Rc<RefCell<Vec<u8>>>);

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Drawn {
    app: App,
    terminal: Terminal<Sparing<Wire>>,
    wire: Wire,
}

impl Drawn {
    /// The dashboard, drawn once, sorted by name so that no row moves.
    fn dashboard() -> Self {
        let (width, height) = (120, 40);
        let mut app = sample::app(width, height);
        app.fleet.sort_by(Order {
            column: Column::Instance,
            reversed: false,
        });
        press(&mut app, "G");
        assert_ne!(app.fleet.selected().unwrap().instance.name, "crm");
        let wire = Wire::default();
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let options = TerminalOptions { viewport };
        let terminal = Terminal::with_options(Sparing::new(wire.clone()), options).unwrap();
        let mut drawn = Self {
            app,
            terminal,
            wire,
        };
        assert!(drawn.again().len() > 1_000);
        drawn
    }

    /// Draws; returns what that wrote.
    fn again(&mut self) -> String {
        self.wire.0.borrow_mut().clear();
        let app = &self.app;
        self.terminal
            .draw(|frame| {
                view::draw(app, frame);
            })
            .unwrap();
        String::from_utf8(self.wire.0.borrow().clone()).unwrap()
    }

    /// With news of `crm`, and the clock where it was.
    fn with_news(&mut self, times: i64, saw: &Evidence) -> String {
        self.app.take(News {
            rows: vec![sample::probed_again(times, saw)],
            order: None,
        });
        self.again()
    }
}

#[test]
fn nothing_is_written_where_nothing_changed() {
    let mut drawn = Drawn::dashboard();
    assert_eq!(drawn.again(), "");
    press(&mut drawn.app, "k");
    assert_ne!(drawn.again(), "");
    assert_eq!(drawn.again(), "");
}

#[test]
fn a_row_of_which_only_the_latency_changed_costs_little() {
    let mut saw = Scene::new("crm01").answers().evidence;
    saw.layers.connect.attempts[0].elapsed = Duration::from_micros(1_700).into();
    saw.layers.prelogin.elapsed = Some(Duration::from_micros(9_400).into());
    let mut drawn = Drawn::dashboard();
    // The newest probe is one more bar of its history.
    let sent = drawn.with_news(1, &saw);
    assert!(sent.starts_with(BEGIN) && sent.ends_with(END), "{sent:?}");
    assert!(sent.len() <= 120, "{} bytes: {sent:?}", sent.len());
}

#[test]
fn a_row_that_changed_its_state_costs_no_more_than_itself_and_the_counts() {
    let saw = Scene::new("crm01").refused().evidence;
    let mut drawn = Drawn::dashboard();
    let sent = drawn.with_news(2, &saw);
    assert!(sent.contains("refused"), "{sent:?}");
    assert!(sent.len() <= 500, "{} bytes: {sent:?}", sent.len());
}

#[test]
fn a_second_that_passes_costs_a_few_digits() {
    let mut drawn = Drawn::dashboard();
    drawn
        .app
        .tick(sample::later() + SignedDuration::from_secs(1));
    let sent = drawn.again();
    assert!(sent.contains(BEGIN), "the clock goes on");
    assert!(sent.len() <= 250, "{} bytes: {sent:?}", sent.len());
}
