//! `check` from outside: the real program against simulated servers on loopback.
//!
//! | file | what it holds the program to |
//! |---|---|
//! | `statuses` | exit statuses, targets from everywhere |
//! | `document` | every field of `--format json` and `jsonl`, and the closed sets of words |
//! | `fleet` | each instance of the demo network is in the state that it promises; fifty on one host are one question |
//! | `files` | whoever is killed, or finds no room, leaves what was there |
//! | `incidents` | who fails together is said once |
//! | `listener` | what clients would experience at a name with several addresses |
//! | `markdown` | a report on each target, for a ticket |
//! | `secrets` | a password reaches no output and no file |
//! | `dry_run` | it lists, and sends nothing |
//! | `discover` | each difference of an audit, what is refused, what is sent |
//! | `past` | what was known before makes the verdict |
//! | `policy` | the policy of this machine holds, and a broken one stops everything |
//! | `process` | its memory keeps no password, it listens nowhere and needs no privilege |
//! | `descriptors` | few of them: it waits for its own sockets, or says what is missing |
//! | `hostile` | bad names, bad Browsers, bad servers; the row beside them is not delayed |

#![allow(clippy::unwrap_used)]

#[path = "../binary/mod.rs"]
mod binary;
#[cfg(unix)]
mod descriptors;
mod discover;
mod document;
mod dry_run;
#[cfg(unix)]
#[path = "../etc/mod.rs"]
mod etc;
#[cfg(unix)]
mod files;
mod fleet;
mod hostile;
mod incidents;
#[cfg(target_os = "linux")]
mod listener;
mod markdown;
mod past;
#[cfg(unix)]
mod policy;
#[cfg(target_os = "linux")]
mod process;
mod secrets;
mod servers;
mod shape;
mod statuses;
