//! `sqlreach check`: probe once, print, exit.

mod in_order;
mod progress;

use std::cell::RefCell;
use std::io::{self, BufWriter, IsTerminal as _, Stderr, Write, stderr, stdin, stdout};
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::bail;
use foldhash::HashSet;
use futures_util::{Stream, StreamExt as _, stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio_util::sync::CancellationToken;

use self::in_order::InOrder;
use self::progress::{Progress, every};
use super::{ALL_WELL, SOME_FAIL, USAGE, dress, dry_run, setup};
use crate::cli::{Check, Common, Format};
use crate::config::{Config, Instance};
use crate::diagnosis::State;
use crate::monitor::check::{Options, Together, check};
use crate::monitor::{Memory, Row, network_settings};
use crate::output::report::{self, Head};
use crate::output::{json, text};
use crate::probe::Network;

/// Targets that are handed on together, where so many are at hand.
const TOGETHER: usize = 64;
/// So many times as many wait between standard input and the prober.
const READ_AHEAD: usize = 4;
/// So many bytes of JSON are written at once, where there are so many: a dozen lines.
const BLOCK: usize = 64 * 1024;
/// Progress is shown so often, and for the first time after this long.
const PROGRESS: Duration = Duration::from_secs(1);
/// What to do where there is no target at all.
const NOTHING: &str = "nothing to probe: name a server (sqlreach check db1,1433), or list some in a \
                       configuration (sqlreach config init)";

/// Probes the targets, or the instances of the configuration.
pub fn run(options: &Check, common: &Common) -> anyhow::Result<u8> {
    let streamed = options.format == Format::Jsonl && options.targets == ["-"] && !common.dry_run;
    if streamed {
        return probe_stream(options, common);
    }
    let config = setup::config(&options.targets, common)?;
    if config.instances.is_empty() {
        bail!(NOTHING);
    }
    let memory = setup::memory_file().map(|path| {
        let (memory, problem) = Memory::open(&path);
        if let Some(problem) = problem {
            tracing::warn!("{problem}");
        }
        Arc::new(Mutex::new(memory))
    });
    probe_all(&config, options, common, memory)
}

/// Probes every instance of the configuration.
pub fn probe_all(
    config: &Config,
    options: &Check,
    common: &Common,
    memory: Option<Arc<Mutex<Memory>>>,
) -> anyhow::Result<u8> {
    if common.dry_run {
        dry_run::list(config, options.path, &mut stdout().lock())?;
        let any = config
            .instances
            .iter()
            .any(|instance| dry_run::would_probe(instance, &config.policy));
        return Ok(if any { ALL_WELL } else { USAGE });
    }
    let namesakes = config.instances.iter().map(AsRef::as_ref).collect();
    let how = Options {
        namesakes,
        witnesses: config.probe.witnesses,
        path: options.path,
        memory,
    };
    let total = Some(config.instances.len());
    let instances = stream::iter(config.instances.clone());
    probe(config, instances, total, how, options.format, common)
}

/// Probes what standard input lists, as it comes, in constant memory.
fn probe_stream(options: &Check, common: &Common) -> anyhow::Result<u8> {
    let config = setup::bare(common)?;
    let (send, receive) = tokio::sync::mpsc::channel(READ_AHEAD);
    let overrides = common.overrides();
    // A thread of its own, since reading blocks. It ends with the list, or with the program.
    std::thread::Builder::new()
        .name("targets".to_owned())
        .spawn(move || {
            let mut list = setup::lines(stdin().lock());
            while let Some(Ok(first)) = list.next() {
                let mut some = Config {
                    instances: vec![Arc::new(Instance::from_text(&first))],
                    ..Config::default()
                };
                while some.instances.len() < TOGETHER && list.has_more_at_hand() {
                    let Some(Ok(line)) = list.next() else { break };
                    some.instances.push(Arc::new(Instance::from_text(&line)));
                }
                some.apply(&overrides);
                if send.blocking_send(some.instances).is_err() {
                    return;
                }
            }
        })?;
    let instances = stream::unfold(receive, |mut receive| async {
        let some = receive.recv().await?;
        Some((stream::iter(some), receive))
    });
    let instances = instances.flatten();
    let how = Options {
        witnesses: config.probe.witnesses,
        path: options.path,
        ..Options::default()
    };
    probe(&config, instances, None, how, options.format, common)
}

fn probe(
    config: &Config,
    instances: impl Stream<Item = Arc<Instance>>,
    total: Option<usize>,
    options: Options,
    format: Format,
    common: &Common,
) -> anyhow::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let memory = options.memory.clone();
    let rate = config.policy.cap(config.probe.rate);
    let print = RefCell::new(Printer::new(format, total, rate, common));
    let mut failed = None;
    runtime.block_on(async {
        let network = Arc::new(Network::new(network_settings(
            &config.probe,
            &config.policy,
        ))?);
        let options = Arc::new(options);
        let nobody_reads = CancellationToken::new();
        let all = check(&network, instances, &options, |rows| {
            if failed.is_none() {
                failed = print.borrow_mut().rows(rows).err();
            }
            if failed.is_some() {
                nobody_reads.cancel();
            }
        });
        // Then nothing more is sent.
        let all = nobody_reads.run_until_cancelled(all);
        every(PROGRESS, || print.borrow_mut().progress(), all).await;
        network.finish().await;
        anyhow::Ok(())
    })?;
    // A detached getaddrinfo may still hang; nobody waits for it.
    runtime.shutdown_background();
    if let Some(memory) = memory
        && let Ok(mut memory) = memory.lock()
        && let Err(error) = memory.save()
    {
        tracing::warn!("what was learned is not kept: {error}");
    }
    let print = print.into_inner();
    match failed {
        Some(error) => print.broken(error),
        None => print.end(),
    }
}

/// Whoever read the output is gone: no error, `check | head` is fine.
pub(super) fn unread(error: io::Error, status: u8) -> anyhow::Result<u8> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(status),
        _ => Err(anyhow::Error::new(error).context(super::UNPRINTED)),
    }
}

/// Prints rows as they come, and counts.
struct Printer {
    format: Format,
    page: text::Page,
    lines: json::Lines,
    /// Those that are not written yet.
    ready: Vec<u8>,
    out: BufWriter<io::Stdout>,
    /// On standard error, where somebody watches.
    progress: Option<Progress<Stderr>>,
    started: Timestamp,
    began: Instant,
    counts: Vec<(State, usize)>,
    /// People and documents get the rows in the order of the list.
    in_order: InOrder<Arc<Row>>,
    /// Kept for the one document.
    rows: Vec<Arc<Row>>,
    /// As text, those from the first that fails on: what is said of several is known at the
    /// end.
    waiting: Vec<text::Waiting>,
    /// What all rows say of this machine; lines are read one by one and need none of it.
    together: Together,
}

impl Printer {
    fn new(format: Format, total: Option<usize>, rate: Option<u32>, common: &Common) -> Self {
        Self {
            format,
            page: text::Page::new(dress(common)),
            lines: json::Lines::default(),
            ready: Vec::new(),
            out: BufWriter::with_capacity(BLOCK, stdout()),
            progress: stderr()
                .is_terminal()
                .then(|| Progress::new(stderr(), total, rate)),
            started: Timestamp::now(),
            began: Instant::now(),
            counts: State::ALL.map(|state| (state, 0)).to_vec(),
            in_order: InOrder::default(),
            rows: Vec::new(),
            waiting: Vec::new(),
            together: Together::default(),
        }
    }

    fn rows(&mut self, rows: impl Iterator<Item = Arc<Row>>) -> io::Result<()> {
        for row in rows {
            self.row(row)?;
        }
        // Whoever reads lines wants each as soon as it is known.
        self.hand_over()
    }

    /// Writes the lines that are ready.
    fn hand_over(&mut self) -> io::Result<()> {
        if self.ready.is_empty() {
            return Ok(());
        }
        self.clear();
        self.out.write_all(&self.ready)?;
        self.ready.clear();
        self.out.flush()
    }

    fn row(&mut self, row: Arc<Row>) -> io::Result<()> {
        if let Some((_, count)) = self
            .counts
            .iter_mut()
            .find(|(state, _)| *state == row.state)
        {
            *count += 1;
        }
        if self.format == Format::Jsonl {
            self.lines.append(&mut self.ready, &row)?;
            return match self.ready.len() {
                ..BLOCK => Ok(()),
                _ => self.hand_over(),
            };
        }
        self.together.saw(&row);
        let at = row.id.0;
        self.in_order.put(at, row);
        while let Some(row) = self.in_order.next() {
            if self.format != Format::Text {
                self.rows.push(row);
            } else if self.waiting.is_empty() && !row.state.is_failing() {
                self.text(&row)?;
            } else {
                self.waiting.push(self.page.wait(row));
            }
        }
        Ok(())
    }

    fn text(&mut self, row: &Row) -> io::Result<()> {
        self.clear();
        self.page.row(&mut self.out, row)?;
        // Else a part of the buffer would come out behind the progress on the same screen.
        match self.progress {
            Some(_) => self.out.flush(),
            None => Ok(()),
        }
    }

    fn done(&self) -> usize {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    fn progress(&mut self) {
        let done = self.done();
        if let Some(progress) = &mut self.progress {
            progress.show(done);
        }
    }

    fn clear(&mut self) {
        if let Some(progress) = &mut self.progress {
            progress.clear();
        }
    }

    fn end(mut self) -> anyhow::Result<u8> {
        self.clear();
        if self.done() == 0 {
            bail!(NOTHING);
        }
        match self.finish() {
            Ok(()) => Ok(self.status()),
            Err(error) => self.broken(error),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        let standing = self.together.standing(self.started);
        match self.format {
            Format::Text => {
                let (out, zone) = (&mut self.out, TimeZone::system());
                let incidents = self.together.incidents();
                let members: HashSet<u32> = incidents
                    .iter()
                    .flat_map(|one| &one.members)
                    .copied()
                    .collect();
                for row in &self.waiting {
                    if members.contains(&row.id().0) {
                        self.page.member(out, row)?;
                    } else {
                        self.page.waited(out, row)?;
                    }
                }
                self.page.end(out)?;
                text::standing(out, &standing)?;
                text::summary(out, &self.counts)?;
                text::incidents(out, &incidents, &self.page, &self.waiting, &zone)?;
            }
            Format::Json => {
                let run = json::Run {
                    vantage: setup::vantage(),
                    started: self.started,
                    elapsed: self.began.elapsed().into(),
                    own_network: standing.own_network,
                    incidents: self.together.incidents(),
                };
                for row in &mut self.rows {
                    self.together.mark(Arc::make_mut(row));
                }
                json::document(&mut self.out, &run, &self.rows)?;
            }
            Format::Markdown => {
                for row in &mut self.rows {
                    self.together.mark(Arc::make_mut(row));
                }
                let head = Head {
                    counts: &self.counts,
                    standing: &standing,
                    incidents: &self.together.incidents(),
                    now: Timestamp::now(),
                };
                report::document(&mut self.out, &head, &self.rows)?;
            }
            Format::Jsonl => {}
        }
        // The program ends: nobody needs the room of thousands of rows again.
        mem::forget(mem::take(&mut self.rows));
        mem::forget(mem::take(&mut self.waiting));
        mem::forget(mem::take(&mut self.together));
        self.out.flush()
    }

    fn broken(mut self, error: io::Error) -> anyhow::Result<u8> {
        self.clear();
        let status = self.status();
        // What is still in the buffer has nowhere to go.
        drop(self.out.into_parts());
        unread(error, status)
    }

    fn status(&self) -> u8 {
        let count = |wanted: fn(State) -> bool| -> usize {
            self.counts
                .iter()
                .filter(|(state, _)| wanted(*state))
                .map(|(_, count)| count)
                .sum()
        };
        let (well, invalid) = (count(State::is_up), count(|state| state == State::Invalid));
        if self.done() == invalid {
            USAGE
        } else if well == self.done() {
            ALL_WELL
        } else {
            SOME_FAIL
        }
    }
}
