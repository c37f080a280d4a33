//! Keys at random, with a seed: no panic, and always a way out.

use rstest::rstest;

use crate::program::Program;
use crate::terminal::{ESC, Terminal};
use crate::view::View;

/// Keys that are not one letter.
const NAMED: [&str; 20] = [
    "\r", "\t", ESC, "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H",
    "\x1b[F", "\x1b[Z", "\x7f", "\x1b[3~", "\x1b[2~", "\x1bOP", "\x1b[15~", "\x0c", "\x15", "\x12",
];

/// The demo: nothing in it can be added, so that nothing typed is ever sent anywhere.
#[rstest]
#[case(1)]
#[case(7)]
#[case(10_061)]
fn a_walk_at_random_has_a_way_out(#[case] seed: u64) {
    let mut terminal = Program::demo().size(100, 30).start();
    terminal.wait("the table", |view| view.titles().is_some());
    let mut numbers = Numbers(seed);
    for _ in 0..150 {
        terminal.keys(&key(&mut numbers));
        if numbers.below(25) == 0 {
            let columns = 40 + u16::try_from(numbers.below(100)).unwrap_or(0);
            terminal.resize(columns, 30);
        }
    }
    terminal.resize(100, 30);
    gets_out(&mut terminal);
}

/// A key that does not quit.
fn key(numbers: &mut Numbers) -> String {
    let letters: Vec<char> = (' '..='~').filter(|c| *c != 'q').collect();
    let at = numbers.below(letters.len() + NAMED.len());
    match letters.get(at) {
        Some(letter) => letter.to_string(),
        None => NAMED[at - letters.len()].to_owned(),
    }
}

/// `esc` often enough, one at a time, and `q`.
fn gets_out(terminal: &mut Terminal) {
    for _ in 0..6 {
        let before = terminal.look(|view| view.sent().len());
        terminal.keys(ESC);
        // Where there is nothing to leave the clock moves at the latest.
        terminal.wait("an answer", |view: &View| view.sent().len() > before);
    }
    terminal.keys("q");
    terminal.ends_well();
}

/// Numbers that look random, the same for the same seed (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or(0)
    }
}
