//! How far a check is, on one line that goes away again.

use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::evidence::in_few_letters;
use crate::monitor::round;

/// Nobody needs to be told of less.
const LONG: Duration = Duration::from_secs(10);

/// A line on a terminal, such as `3 of 18 probed`.
pub struct Progress<Terminal> {
    terminal: Terminal,
    /// Unknown where the list is still being read.
    total: Option<usize>,
    /// What leaves this machine in a second, at most.
    rate: Option<u32>,
    /// Columns that are taken now.
    width: usize,
}

impl<Terminal: Write> Progress<Terminal> {
    /// Shows nothing yet.
    pub fn new(terminal: Terminal, total: Option<usize>, rate: Option<u32>) -> Self {
        Self {
            terminal,
            total,
            rate,
            width: 0,
        }
    }

    /// Shows how many are done. A terminal that is gone is no reason to stop.
    pub fn show(&mut self, done: usize) {
        self.clear();
        let of = self
            .total
            .map_or(String::new(), |total| format!(" of {total}"));
        let more = self.more(done).unwrap_or_default();
        let said = format!("{done}{of} probed{more}");
        self.width = said.len();
        let _ = write!(self.terminal, "{said}");
        let _ = self.terminal.flush();
    }

    /// What the rate makes of the rest, where that is worth a word.
    fn more(&self, done: usize) -> Option<String> {
        let rest = self.total?.saturating_sub(done);
        let least = round(self.rate, rest);
        (least >= LONG).then_some(())?;
        let (least, rate) = (in_few_letters(least), self.rate?);
        Some(format!(", at least {least} more at {rate}/s"))
    }

    /// Leaves the line as it was, for whatever is printed next.
    pub fn clear(&mut self) {
        if self.width > 0 {
            let _ = write!(self.terminal, "\r{:1$}\r", "", self.width);
            let _ = self.terminal.flush();
            self.width = 0;
        }
    }
}

/// Does the work, and `also` as often as `period` passes meanwhile.
pub async fn every<Work: Future>(
    period: Duration,
    mut also: impl FnMut(),
    work: Work,
) -> Work::Output {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            _ = ticks.tick() => also(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(total: Option<usize>, steps: impl Fn(&mut Progress<&mut Vec<u8>>)) -> String {
        let mut terminal = Vec::new();
        steps(&mut Progress::new(&mut terminal, total, Some(50)));
        String::from_utf8(terminal).unwrap()
    }

    #[test]
    fn progress_is_told_before_the_first_result() {
        assert_eq!(
            shown(Some(18), |progress| progress.show(0)),
            "0 of 18 probed"
        );
        assert_eq!(shown(None, |progress| progress.show(3)), "3 probed");
    }

    #[test]
    fn what_the_rate_makes_of_a_long_list_is_told() {
        assert_eq!(
            shown(Some(10_010), |progress| progress.show(10)),
            "10 of 10010 probed, at least 6m40s more at 50/s"
        );
    }

    #[test]
    fn what_is_shown_is_wiped_out_before_anything_else() {
        let said = shown(None, |progress| {
            progress.show(9);
            progress.clear();
            progress.clear();
        });
        assert_eq!(said, format!("9 probed\r{}\r", " ".repeat(8)));
    }

    #[test]
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the lifetime")]
    fn nothing_is_wiped_out_where_nothing_was_shown() {
        assert_eq!(shown(None, |progress| progress.clear()), "");
    }

    #[tokio::test(start_paused = true)]
    async fn it_goes_on_while_no_result_comes() {
        let mut ticks = 0;
        let work = tokio::time::sleep(Duration::from_millis(3_500));
        every(Duration::from_secs(1), || ticks += 1, work).await;
        assert_eq!(ticks, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn quick_work_shows_none() {
        let mut ticks = 0;
        let work = tokio::time::sleep(Duration::from_millis(900));
        every(Duration::from_secs(1), || ticks += 1, work).await;
        assert_eq!(ticks, 0);
    }
}
