//! The loop of the screen: input first, then news, then at most one drawing.

use std::io::{self, Write as _, stdout};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind};
use jiff::Timestamp;
use ratatui::layout::Rect;

use super::action::{Action, Effect};
use super::alarm::Alarm;
use super::app::{About, App};
use super::attention::{self, Passes};
use super::burst::Burst;
use super::clipboard;
use super::filing;
use super::fleet::Weight;
use super::handing::{Handing, Outcome, Text};
use super::importing::Reading;
use super::input::Input;
use super::keeping::{Job, Keeping, Told};
use super::keymap::Mode;
use super::signals::{Asked, Signals};
use super::source::{Sent, Source, Wanted};
use super::summary;
use super::terminal::{HangUp, Screen, Stuck, is_gone, tell_input_again};
use super::theme::Device;
use super::view;
use crate::config::theme::Palette;

/// The shortest time between two drawings that no key asked for.
const FRAME: Duration = Duration::from_millis(33);

/// How often the time of a replay is looked at, which goes at its own pace.
const PACE: Duration = Duration::from_millis(100);

/// Shows the dashboard until the user quits or the terminal goes away. Who quits finds what
/// is wrong now on the normal screen.
pub fn run<'a>(source: impl Into<Source<'a>>, about: About, device: Device) -> io::Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Held until the runtime has ended, too.
    let mut hang_up = HangUp::watch()?;
    let stuck = Stuck::watch()?;
    let mut next = Ended::Quit;
    let ended = runtime.block_on(watch(source.into(), about, device, &mut hang_up, &mut next));
    drop(runtime);
    drop(stuck);
    match ended {
        Err(error) if is_gone(&error) => Ok(Ended::Quit),
        Err(error) => Err(error),
        Ok(summary) => {
            for line in summary {
                // The terminal may go at this very moment.
                let _ = writeln!(stdout(), "{line}");
            }
            Ok(next)
        }
    }
}

/// What is to come after the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing.
    Quit,
    /// The demo, in the same terminal.
    Demo,
}

/// Returns what stays on the normal screen, once the terminal is given back.
async fn watch(
    source: Source<'_>,
    about: About,
    device: Device,
    hang_up: &mut HangUp,
    next: &mut Ended,
) -> io::Result<Vec<String>> {
    let mut signals = Signals::listen()?;
    let mut screen = Screen::take()?;
    let size = screen.terminal().size()?;
    let keeping = about.kept.clone().map(Keeping::start).transpose()?;
    let mut app = App::new(
        about,
        device.theme(&Palette::default()),
        Timestamp::now(),
        Rect::new(0, 0, size.width, size.height),
    );
    app.show_on(device);
    let mut watch = Watch {
        source,
        screen,
        app,
        burst: Burst::default(),
        hits: view::HitMap::default(),
        passes: Passes::from_environment(),
        handing: Handing::from_environment(),
        keeping,
        reading: None,
        wanted: Wanted::default(),
        next: Ended::Quit,
        due: Some(Instant::now()),
        looked: Instant::now(),
        news_due: Some(Instant::now()),
        unseen: Weight::Latency,
        drawn: Instant::now(),
    };
    let mut input = Input::listen()?;
    let mut alarm = Alarm::new();
    watch.look();
    if let Some(remark) = source.remark() {
        watch.app.say(remark);
    }
    loop {
        watch.wanted.send(source);
        watch.news_if_due();
        watch.call()?;
        watch.draw_if_due()?;
        let wake = watch.next_wake();
        tokio::select! {
            biased;
            () = hang_up.happened() => return Ok(Vec::new()),
            together = input.next() => {
                // A terminal that ends or fails is gone.
                let Some(together) = together else { return Ok(Vec::new()) };
                // Whatever else has been typed is handled before the next drawing.
                if watch.events(together)? {
                    *next = watch.next;
                    return watch.summary();
                }
            }
            asked = signals.next() => match asked {
                Asked::Quit => return Ok(Vec::new()),
                Asked::Suspend => watch.effect(Effect::Suspend)?,
            },
            told = Keeping::next(&mut watch.keeping) => watch.told(told),
            (path, read) = Reading::done(&mut watch.reading) => {
                watch.app.imported(&path, read);
                watch.due = Some(Instant::now());
            }
            outcome = watch.handing.next() => watch.handed(outcome?),
            () = source.board().pressing(), if watch.news_due.is_none() => watch.awaits_news(),
            () = alarm.at(wake) => watch.tick(),
        }
    }
}

struct Watch<'a> {
    source: Source<'a>,
    screen: Screen,
    app: App,
    burst: Burst,
    /// Where everything is that the mouse can point at.
    hits: view::HitMap,
    passes: Passes,
    handing: Handing,
    keeping: Option<Keeping>,
    reading: Option<Reading>,
    wanted: Wanted,
    /// What comes after this.
    next: Ended,
    /// When the next drawing is due; `None`: when the clock shows another second.
    due: Option<Instant>,
    /// When the board was read or the screen drawn last.
    looked: Instant,
    /// When the board is read next because something on it is pressing; what is not is read
    /// with the next drawing.
    news_due: Option<Instant>,
    /// How soon what was read and not drawn yet must be seen.
    unseen: Weight,
    /// When the screen was drawn last.
    drawn: Instant,
}

impl Watch<'_> {
    /// Takes what was typed and pasted in one read. Returns whether it ends the program.
    fn events(&mut self, together: Vec<Event>) -> io::Result<bool> {
        for event in self.burst.read(together, Instant::now()) {
            if self.event(event)? {
                return Ok(true);
            }
        }
        if self.burst.until().is_some() {
            tell_input_again();
        }
        Ok(false)
    }

    /// Takes an event. Returns whether it ends the program.
    fn event(&mut self, event: Event) -> io::Result<bool> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                for key in self.app.strokes(key) {
                    match self.app.key(key) {
                        Some(Effect::Quit) => return Ok(true),
                        Some(Effect::Demo) => {
                            self.next = Ended::Demo;
                            return Ok(true);
                        }
                        Some(effect) => self.effect(effect)?,
                        None => {}
                    }
                }
            }
            Event::Paste(text) => self.app.paste(&text),
            Event::Mouse(mouse) => match self.app.mouse(mouse, &self.hits) {
                (false, _) => return Ok(false),
                (true, Some(Effect::Quit)) => return Ok(true),
                (true, Some(effect)) => self.effect(effect)?,
                (true, None) => {}
            },
            Event::Resize(width, height) => {
                self.app.resize(Rect::new(0, 0, width, height));
                tell_input_again();
            }
            _ => return Ok(false),
        }
        self.due = Some(Instant::now());
        Ok(false)
    }

    fn effect(&mut self, effect: Effect) -> io::Result<()> {
        self.due = Some(Instant::now());
        match effect {
            Effect::Quit | Effect::Demo => {}
            Effect::Redraw => self.screen.forget()?,
            Effect::Suspend => {
                if !self.screen.suspend()? {
                    let said = "there is no shell to go back to";
                    let said = self.app.hinted(said, Mode::Table, Action::Quit, "quits");
                    self.app.say(said);
                }
            }
            Effect::Send(command) => match self.source.send(command.clone()) {
                Sent::Taken => {}
                Sent::Busy => self.app.refused(&command),
                Sent::Recorded => self.app.cannot_be_probed(),
            },
            Effect::Keep(change) => self.keep(Job::Change(change)),
            Effect::Reload => self.keep(Job::Reload),
            Effect::Save => self.keep(Job::Save),
            Effect::Watch(instances) => self.wanted.watch(instances),
            Effect::Import(path) => self.reading = Some(Reading::begin(&path)?),
            Effect::Play(control) => {
                if !self.source.control(control) {
                    self.app.say("the replay is busy; press again in a moment");
                }
            }
            Effect::Copy { text, what } => {
                let text = clipboard::plain(&text);
                let wanted = self.app.about.screen.clipboard;
                if let Some(outcome) = self.handing.copy(Text { text, what }, wanted)? {
                    self.handed(outcome);
                }
            }
            Effect::Write { text, what, about } => self.write(&text, what, &about),
        }
        Ok(())
    }

    fn keep(&mut self, job: Job) {
        match &self.keeping {
            None => self
                .app
                .not_changed("there is no configuration here".to_owned()),
            Some(keeping) if keeping.send(job) => {}
            Some(_) => {
                let why = "the disk is busy; press again in a moment";
                self.app.not_changed(why.to_owned());
            }
        }
    }

    /// Takes what became of the configuration.
    fn told(&mut self, told: Told) {
        self.due = Some(Instant::now());
        match told {
            Told::Changed(config) => {
                self.app.changed(&config);
                self.wanted.config(*config);
            }
            Told::Reloaded(config) => {
                self.app.reloaded(&config);
                self.wanted.config(*config);
            }
            Told::Saved(added) => self.app.saved(added),
            Told::Refused(why) => self.app.not_changed(why),
            Told::Broken(problem) => self.app.broken(problem),
            Told::Same | Told::Mended => self.app.mended(),
        }
    }

    fn write(&mut self, text: &str, what: String, about: &str) {
        let text = clipboard::plain(text);
        let here = std::env::current_dir().ok();
        let folders = here.into_iter().chain(self.app.about.state.clone());
        let at = Timestamp::now().to_zoned(self.app.about.zone.clone());
        let name = filing::Name::new(about, &at);
        if !self
            .handing
            .write(Text { text, what }, folders.collect(), name)
        {
            self.app.say("another file is still being written");
        }
    }

    /// Says what became of a text.
    fn handed(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Said(sentence) => self.app.say(sentence),
            Outcome::Shown { title, text } => self.app.show(title, text),
        }
        self.due = Some(Instant::now());
    }

    /// The board is read once for a drawing, however much comes.
    fn awaits_news(&mut self) {
        self.news_due = Some(self.looked + FRAME);
    }

    fn news_if_due(&mut self) {
        let now = Instant::now();
        let dues = [self.news_due, self.due].into_iter().flatten();
        if dues.min().is_some_and(|due| due <= now) {
            self.news();
        }
    }

    /// Reads a portion of what is on the board: where a whole fleet has changed, keys are heard
    /// between two of them, and the screen is drawn after the last.
    fn news(&mut self) {
        self.looked = Instant::now();
        let board = self.source.board();
        let standing = board.standing();
        let (news, is_more) = board.take_portion();
        self.news_due = is_more.then_some(self.looked);
        let mut weight = self.unseen.max(self.app.take(news));
        board.give_back(self.app.fleet.take_replaced());
        if let Some(Effect::Send(command)) = self.app.follow_up() {
            if self.source.send(command.clone()) != Sent::Taken {
                self.app.refused(&command);
            }
            weight = Weight::State;
        }
        if self.app.stand(standing) {
            weight = Weight::State;
        }
        if self.app.take_incidents(board.incidents()) {
            weight = Weight::State;
        }
        self.unseen = weight;
        let is_whole = !is_more || self.looked - self.drawn >= FRAME;
        if weight == Weight::State && is_whole {
            self.due = Some(self.looked);
        }
    }

    fn summary(&mut self) -> io::Result<Vec<String>> {
        if self.next == Ended::Demo {
            return Ok(Vec::new());
        }
        self.news();
        while self.news_due.is_some() {
            self.news();
        }
        self.look();
        self.app.thaw();
        let size = self.screen.terminal().size()?;
        Ok(summary::lines(&self.app, size.width.into()))
    }

    /// Calls for attention where an instance changed to or from failing.
    fn call(&mut self) -> io::Result<()> {
        if let Some(sentence) = self.app.call() {
            let screen = &self.app.about.screen;
            attention::write(&sentence, screen, self.passes, &mut stdout())?;
            self.due = Some(Instant::now());
        }
        Ok(())
    }

    fn tick(&mut self) {
        if let Some(text) = self.burst.over(Instant::now()) {
            self.app.paste(&text);
            self.due = Some(Instant::now());
        }
        if let Some(stopped) = self.source.has_stopped() {
            self.app.tell(stopped);
        }
        if self.look() && self.due.is_none() {
            self.due = Some(Instant::now());
        }
    }

    /// Looks at the clocks. Returns whether anything visible changed.
    fn look(&mut self) -> bool {
        let replay = self.app.follow(self.source.playback());
        let recording = self.app.record(self.source.recording());
        self.app.tick(Timestamp::now()) || replay || recording
    }

    fn draw_if_due(&mut self) -> io::Result<()> {
        if self.due.is_none_or(|due| Instant::now() < due) {
            return Ok(());
        }
        self.look();
        let app = &self.app;
        let mut hits = view::HitMap::default();
        Screen::mouse(app.has_mouse())?;
        self.screen
            .terminal()
            .draw(|frame| hits = view::draw(app, frame))?;
        self.app.drawn(hits.scroll_end);
        self.hits = hits;
        self.due = None;
        self.unseen = Weight::Latency;
        self.looked = Instant::now();
        self.drawn = self.looked;
        Ok(())
    }

    /// When the loop must wake though nothing happened: for a drawing that is due, or
    /// when a paste may be over, or when the clock shows another second.
    fn next_wake(&self) -> Instant {
        let second = || {
            if self.app.replay().is_some() {
                return Instant::now() + PACE;
            }
            let past = u64::from(Timestamp::now().subsec_nanosecond().unsigned_abs());
            Instant::now() + Duration::from_nanos(1_000_000_000_u64.saturating_sub(past))
        };
        let wakes = [self.news_due, self.due, self.burst.until()];
        wakes.into_iter().flatten().min().unwrap_or_else(second)
    }
}
