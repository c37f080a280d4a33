//! The whole monitor inside a namespace, until this machine stands as it is waited for.

use std::sync::Arc;
use std::time::Duration;

use sqlreach::config::{Config, Instance, Probe, Timeout};
use sqlreach::diagnosis::State;
use sqlreach::monitor::{Board, Monitor, Setup};

use crate::lab::MARK;

/// `WORD,WORD TARGET...`: watches the targets until this machine stands as each word says,
/// one after the other, and tells each time how the rows are. The word `down` is not of
/// this machine: a row timed out; nor is `well`: all answer.
pub fn stand(what: &str) {
    let (words, targets) = what.split_once(' ').unwrap();
    let probe = Probe {
        interval: Duration::from_secs(1),
        timeout: Timeout {
            connect: Duration::from_secs(1),
            ..Timeout::default()
        },
        ..Probe::default()
    };
    let instances = targets
        .split(' ')
        .map(|target| Arc::new(Instance::from_text(target)));
    let config = Config {
        probe,
        instances: instances.collect(),
        ..Config::default()
    };
    let monitor = Monitor::start(Setup {
        config,
        memory: None,
    })
    .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    for word in words.split(',') {
        let reached = until(monitor.board(), word);
        let in_time = runtime.block_on(async {
            tokio::time::timeout(Duration::from_secs(25), reached)
                .await
                .is_ok()
        });
        let rows: Vec<_> = monitor
            .board()
            .rows()
            .iter()
            .map(|row| {
                let diagnosis = row.diagnosis.as_ref();
                let cause = diagnosis.and_then(|diagnosis| diagnosis.causes.first());
                let cause = cause.map(|cause| cause.id);
                let failures = row.history.raw().filter(|one| one.state.is_failing());
                serde_json::json!({
                    "state": row.state, "stale": row.marks.stale, "cause": cause,
                    "failures": failures.count(), "witnesses": row.witnesses.len(),
                })
            })
            .collect();
        let standing = monitor.board().standing();
        let saw = serde_json::json!({ "in_time": in_time, "standing": standing, "rows": rows });
        println!("\n{MARK}{saw}");
    }
}

/// Waits until this machine stands so, and the rows have heard of it.
async fn until(board: &Board, word: &str) {
    loop {
        board.take();
        let rows = board.rows();
        let standing = board.standing();
        let stale = rows.iter().filter(|row| row.marks.stale).count();
        let own = serde_json::to_value(standing.own_network).unwrap();
        let known = rows.iter().all(|row| row.state != State::Pending);
        let reached = match word {
            "down" => rows.iter().any(|row| row.state == State::TimedOut),
            "well" => rows.iter().all(|row| row.state == State::Answering),
            "fine" => own == word && stale == 0,
            _ => own == word && standing.affected > 1,
        };
        if known && reached {
            return;
        }
        board.changed().await;
    }
}
