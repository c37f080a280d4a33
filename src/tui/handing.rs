//! Hands texts over to the clipboard and to files, off the screen's thread: a program or a
//! disk that hangs must not hang the screen.

use std::io::{self, stdout};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::clipboard::{self, Failure, Haste, OLD_TMUX, Program, Session, TMUX, Way};
use super::filing;
use crate::config::Clipboard;

/// A text on its way to the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// The exact text.
    pub text: String,
    /// What it is, in words.
    pub what: String,
}

/// What is to be said or shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// A sentence.
    Said(String),
    /// The text by itself, to be selected by hand, under this title.
    Shown { title: String, text: String },
}

/// What the programs did.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// It has the text.
    Took(Program),
    /// None took it; of the last that was there.
    Failed(Option<(Program, Failure)>),
}

/// What is under way: at most one text to the clipboard and one to a file.
#[derive(Debug, Default)]
pub(super) struct Handing {
    session: Session,
    copying: Option<(Text, oneshot::Receiver<Answer>)>,
    /// What was copied while a program was still at work. Only the newest counts.
    waiting: Option<(Text, &'static [Program])>,
    writing: Option<(String, oneshot::Receiver<Result<PathBuf, String>>)>,
    /// Who waits for the program.
    helper: Option<JoinHandle<()>>,
    haste: Haste,
}

/// How long a program that is at work when the screen ends may go on.
const LAST_PATIENCE: Duration = Duration::from_millis(100);

impl Drop for Handing {
    /// What was copied just before the end still arrives; a program that hangs is not left
    /// behind.
    fn drop(&mut self) {
        let Some(helper) = self.helper.take() else {
            return;
        };
        let until = Instant::now() + LAST_PATIENCE;
        while !helper.is_finished() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.haste.call();
        if helper.join().is_err() {
            tracing::error!("the thread that hands texts over panicked");
        }
    }
}

/// tmux with its fallback.
const THROUGH_TMUX: &[Program] = &[TMUX, OLD_TMUX];

impl Handing {
    pub(super) fn from_environment() -> Self {
        let mut handing = Self::default();
        handing.session = Session::from_environment();
        handing
    }

    /// Copies a text; `None` where the answer comes later.
    pub(super) fn copy(&mut self, text: Text, wanted: Clipboard) -> io::Result<Option<Outcome>> {
        match Way::of(wanted, &self.session) {
            Way::Tmux => self.begin(text, THROUGH_TMUX),
            Way::Local([]) => {
                return ask(Way::without_programs(&self.session), text, "").map(Some);
            }
            Way::Local(programs) => self.begin(text, programs),
            way => return ask(way, text, "").map(Some),
        }
        Ok(None)
    }

    /// Writes a text to a new file; `false` while another is being written.
    pub(super) fn write(&mut self, text: Text, folders: Vec<PathBuf>, name: filing::Name) -> bool {
        if self.writing.is_some() {
            return false;
        }
        let (answer, written) = oneshot::channel();
        let Text { text, what } = text;
        std::thread::spawn(move || answer.send(filing::write(&folders, &name, &text)));
        self.writing = Some((what, written));
        true
    }

    /// What became of what is under way; waits for ever while nothing is. Cancel safe.
    pub(super) async fn next(&mut self) -> io::Result<Outcome> {
        let (copying, writing) = (&mut self.copying, &mut self.writing);
        let copied = async {
            match copying {
                Some((_, answer)) => answer.await.unwrap_or(Answer::Failed(None)),
                None => std::future::pending().await,
            }
        };
        let written = async {
            match writing {
                Some((_, answer)) => match answer.await {
                    Ok(result) => result,
                    Err(_) => Err("the thread that writes ended".to_owned()),
                },
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            answer = copied => self.copied(answer),
            result = written => {
                let what = self.writing.take().map_or_else(String::new, |(what, _)| what);
                Ok(Outcome::Said(match result {
                    Ok(path) => format!("{what} written to {}", path.display()),
                    Err(why) => format!("{what} is not written: {why}"),
                }))
            }
        }
    }

    fn begin(&mut self, text: Text, programs: &'static [Program]) {
        if self.copying.is_some() {
            self.waiting = Some((text, programs));
            return;
        }
        let (answer, answered) = oneshot::channel();
        let copy = text.text.clone();
        let haste = self.haste.clone();
        self.helper = Some(std::thread::spawn(move || {
            // Nobody listens any more where the screen has ended.
            let _ = answer.send(try_each(programs, &copy, &haste));
        }));
        self.copying = Some((text, answered));
    }

    fn copied(&mut self, answer: Answer) -> io::Result<Outcome> {
        let taken = self.copying.take();
        if let Some((next, programs)) = self.waiting.take() {
            self.begin(next, programs);
        }
        let Some((text, _)) = taken else {
            return Ok(Outcome::Said(String::new()));
        };
        let size = size(&text.text);
        match answer {
            Answer::Took(TMUX) => Ok(said(format!("{} copied through tmux ({size})", text.what))),
            Answer::Took(OLD_TMUX) => {
                let kept = format!(
                    "{} copied to tmux's buffer ({size}); paste with prefix ]",
                    text.what
                );
                // The terminal around it may still listen.
                if text.text.len() <= clipboard::LONGEST {
                    clipboard::osc52(&text.text, &mut stdout())?;
                }
                Ok(said(kept))
            }
            Answer::Took(program) => Ok(said(format!(
                "{} copied to the clipboard with {} ({size})",
                text.what, program.name
            ))),
            Answer::Failed(last) => {
                let why = last.map_or_else(String::new, |(program, failure)| {
                    format!("; {} {failure}", program.name)
                });
                ask(Way::without_programs(&self.session), text, &why)
            }
        }
    }
}

/// Asks the terminal, or shows the text. `why` says what was tried before.
fn ask(way: Way, text: Text, why: &str) -> io::Result<Outcome> {
    let Text { text, what } = text;
    let size = size(&text);
    let shown = |why: &str| Outcome::Shown {
        title: format!("{what}, to be selected by hand{why}"),
        text: text.clone(),
    };
    if way == Way::Shown {
        return Ok(shown(why));
    }
    if text.len() > clipboard::LONGEST {
        let long = format!(": {} bytes are too many for OSC 52{why}", text.len());
        return Ok(shown(&long));
    }
    let through = if way == Way::Screen {
        clipboard::through_screen(&text, &mut stdout())?;
        "through screen "
    } else {
        clipboard::osc52(&text, &mut stdout())?;
        ""
    };
    Ok(said(format!(
        "{what} copied: asked the terminal {through}(OSC 52, {size}){why}"
    )))
}

fn said(sentence: String) -> Outcome {
    Outcome::Said(sentence)
}

fn size(text: &str) -> String {
    match text.chars().count() {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    }
}

/// The first that takes it. A program that hung is not asked a second time in other words.
fn try_each(programs: &[Program], text: &str, haste: &Haste) -> Answer {
    let mut last: Option<(Program, Failure)> = None;
    for program in programs {
        if haste.is_called() {
            break;
        }
        if let Some((failed, Failure::Hung)) = &last
            && failed.name == program.name
        {
            break;
        }
        match clipboard::hand_over(*program, text, haste) {
            Ok(()) => return Answer::Took(*program),
            // One that is there says more than one that is not.
            Err(Failure::Missing) if last.is_some() => {}
            Err(failure) => last = Some((*program, failure)),
        }
    }
    Answer::Failed(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text {
            text: text.to_owned(),
            what: "command 1".to_owned(),
        }
    }

    #[test]
    fn a_text_too_long_for_the_terminal_is_shown_whole_with_its_length() {
        let long = "x".repeat(clipboard::LONGEST + 6);
        let mut handing = Handing::default();
        let Some(Outcome::Shown { title, text }) =
            handing.copy(text(&long), Clipboard::Osc52).unwrap()
        else {
            panic!("not shown")
        };
        assert_eq!(
            title,
            "command 1, to be selected by hand: 75000 bytes are too many for OSC 52"
        );
        assert_eq!(text, long);
    }

    #[test]
    fn where_nothing_is_to_be_copied_the_text_is_shown() {
        let outcome = Handing::default().copy(text("a"), Clipboard::Off);
        let Some(Outcome::Shown { title, .. }) = outcome.unwrap() else {
            panic!("not shown")
        };
        assert_eq!(title, "command 1, to be selected by hand");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn of_what_is_copied_while_a_program_works_the_newest_follows() {
        const TAKES_IT: &[Program] = &[Program {
            name: "/bin/sh",
            arguments: &["-c", "cat >/dev/null"],
            utf16: false,
        }];
        let mut handing = Handing::default();
        for one in ["a", "bb", "ccc"] {
            handing.begin(text(one), TAKES_IT);
        }
        for size in ["1 character", "3 characters"] {
            let said = format!("command 1 copied to the clipboard with /bin/sh ({size})");
            assert_eq!(handing.next().await.unwrap(), Outcome::Said(said));
        }
        assert!(handing.copying.is_none() && handing.waiting.is_none());
    }

    #[test]
    fn an_old_tmux_is_asked_in_its_own_words_unless_it_hung() {
        const fn shell(arguments: &'static [&'static str]) -> Program {
            Program {
                name: "/bin/sh",
                arguments,
                utf16: false,
            }
        }
        const REFUSES: Program = shell(&["-c", "exit 1"]);
        const TAKES_IT: Program = shell(&["-c", "cat >/dev/null"]);
        const HANGS: Program = shell(&["-c", "sleep 600"]);
        const REFUSES_THEN_TAKES: &[Program] = &[REFUSES, TAKES_IT];
        const HANGS_THEN_TAKES: &[Program] = &[HANGS, TAKES_IT];
        let haste = Haste::default();
        if cfg!(unix) {
            assert_eq!(
                try_each(REFUSES_THEN_TAKES, "x", &haste),
                Answer::Took(TAKES_IT)
            );
            let hung = Answer::Failed(Some((HANGS, Failure::Hung)));
            assert_eq!(try_each(HANGS_THEN_TAKES, "x", &haste), hung);
        }
    }
}
