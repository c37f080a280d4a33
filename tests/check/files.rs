//! Files survive: whoever is killed, or finds no room, leaves what was there.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlreach::simulate::engine::Profile;

use crate::binary::{Home, run};
use crate::servers::{engine, target};

/// What the name of a temporary file ends with.
const SUFFIX: &str = ".tmp";
const BEFORE: &str = "# mine\n[[instance]]\nserver = 'first' # here\n";

/// A program that is killed with the test at the latest.
struct Victim(Child);

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The names in a folder, temporary ones apart.
fn names(folder: &Path) -> (Vec<String>, usize) {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let (left, real): (Vec<_>, Vec<_>) = names
        .map(|name| name.into_string().unwrap())
        .partition(|name| name.starts_with(".sqlreach-") && name.ends_with(SUFFIX));
    (real, left.len())
}

/// A kill at many moments of an import, from its first to its last: the moments are the
/// shares of the time that a whole one takes.
#[tokio::test]
async fn a_configuration_is_whole_whenever_its_writer_is_killed() {
    const MOMENTS: u32 = 40;
    let home = Home::new();
    let list = home.path("list");
    let servers: Vec<String> = (0..2000).map(|number| format!("db{number}")).collect();
    fs::write(&list, servers.join("\n")).unwrap();
    let folder = home.path("kept");
    fs::create_dir(&folder).unwrap();
    let config = folder.join("sqlreach.toml");
    let import = || {
        fs::write(&config, BEFORE).unwrap();
        let arguments = [
            "--config",
            config.to_str().unwrap(),
            "config",
            "import",
            list.to_str().unwrap(),
        ];
        let mut command = home.command(&arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Victim(command.spawn().unwrap())
    };
    let begun = Instant::now();
    assert!(import().0.wait().unwrap().success());
    let whole_time = begun.elapsed();
    let after = fs::read_to_string(&config).unwrap();
    assert!(after.starts_with(BEFORE) && after.contains("db1999"));
    let mut seen = [0, 0];
    for moment in 0..=MOMENTS {
        let mut victim = import();
        let due = Instant::now() + whole_time * moment / MOMENTS;
        while Instant::now() < due && victim.0.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        victim.0.kill().ok();
        victim.0.wait().unwrap();
        let text = fs::read_to_string(&config).unwrap();
        assert!(
            text == BEFORE || text == after,
            "a part of it after {moment}/{MOMENTS}: {} bytes",
            text.len()
        );
        seen[usize::from(text == after)] += 1;
    }
    assert!(seen[0] > 0, "it was killed before it was done: {seen:?}");
    let (real, _) = names(&folder);
    assert_eq!(real, ["sqlreach.toml"]);
    // What was left behind goes with the next write, once nobody can be at it any more.
    for entry in fs::read_dir(&folder).unwrap() {
        let file = fs::File::options()
            .append(true)
            .open(entry.unwrap().path())
            .unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(7200))
            .unwrap();
    }
    assert!(import().0.wait().unwrap().success());
    assert_eq!(names(&folder), (vec!["sqlreach.toml".to_owned()], 0));
}

#[tokio::test]
async fn a_recording_whose_writer_was_killed_is_replayed() {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let recording = home.path("incident.jsonl");
    let target = target(&engine);
    let arguments = [
        "--plain",
        "--interval=1s",
        "--record",
        recording.to_str().unwrap(),
        &target,
    ];
    let mut command = home.command(&arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut victim = Victim(command.spawn().unwrap());
    let out = BufReader::new(victim.0.stdout.take().unwrap());
    tokio::task::spawn_blocking(move || {
        let is_up = |line: &String| line.contains("answering");
        assert!(out.lines().map_while(Result::ok).any(|line| is_up(&line)));
    })
    .await
    .unwrap();
    // It is on the disk within a second of being seen.
    let deadline = Instant::now() + Duration::from_secs(20);
    let has_probe = || fs::read_to_string(&recording).is_ok_and(|text| text.contains("\"probed\""));
    while !has_probe() {
        assert!(Instant::now() < deadline, "nothing is written");
        tokio::task::yield_now().await;
    }
    victim.0.kill().unwrap();
    victim.0.wait().unwrap();
    // As a kill in the middle of a line leaves it.
    let mut text = fs::read_to_string(&recording).unwrap();
    text.push_str("{\"at\":\"2026-11-2");
    fs::write(&recording, text).unwrap();
    let ended = home
        .sqlreach(&["replay", "--plain", recording.to_str().unwrap()])
        .await;
    assert!(ended.out.contains("answering"), "{ended:?}");
    assert_ne!(ended.status, Some(2), "{ended:?}");
}

/// The same command where `mount` came first, in a mount namespace of its own. `None`, and a
/// word about it, where nothing can be mounted.
#[cfg(target_os = "linux")]
fn mounted(mount: &str, folder: &Path, command: &Command) -> Option<Command> {
    let with = |command: &Command| {
        let script = format!("{mount} && shift && exec \"$@\"");
        let mut over = Command::new("unshare");
        over.args(["-m", "sh", "-c", &script, "sh"]).arg(folder);
        over.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => over.env(name, value),
                None => over.env_remove(name),
            };
        }
        over
    };
    let tried = with(&Command::new("true")).output();
    if tried.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(with(command));
    }
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!is_ci, "nothing can be mounted: {tried:?}");
    eprintln!("skipped: nothing can be mounted: {tried:?}");
    None
}

/// A disk of 64 KiB that is full but for the old configuration: nothing new fits, the old one
/// stays, and it is said.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn where_the_disk_is_full_the_old_configuration_stays_and_it_is_said() {
    let home = Home::new();
    let folder = home.path("full");
    fs::create_dir(&folder).unwrap();
    let list = home.path("list");
    let servers: Vec<String> = (0..5000)
        .map(|number| format!("server-number-{number}"))
        .collect();
    fs::write(&list, servers.join("\n")).unwrap();
    let old = home.path("old");
    fs::write(&old, BEFORE).unwrap();
    let inside = folder.join("sqlreach.toml");
    let import = home.command(&[
        "--config",
        inside.to_str().unwrap(),
        "config",
        "import",
        list.to_str().unwrap(),
    ]);
    let mount = format!(
        "mount -t tmpfs -o size=64k none \"$1\" && cp {} {}",
        old.display(),
        inside.display()
    );
    // What is there afterwards is only seen inside.
    let mut both = Command::new("sh");
    both.args([
        "-c",
        "\"$@\"; echo \"status $?\"; cat \"$3\"; ls -A $(dirname \"$3\")",
        "sh",
    ]);
    both.arg(import.get_program()).args(import.get_args());
    for (name, value) in import.get_envs() {
        both.env(name, value.unwrap_or_default());
    }
    let Some(command) = mounted(&mount, &folder, &both) else {
        return;
    };
    let ended = run(command, String::new()).await;
    assert!(ended.out.contains("status 2\n"), "{ended:?}");
    assert!(ended.err.contains("nothing was written"), "{ended:?}");
    assert!(
        ended.out.ends_with(&format!("{BEFORE}sqlreach.toml\n")),
        "{ended:?}"
    );
}

/// A disk of 16 KiB: the recording ends and says so, and probing goes on.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn where_the_disk_is_full_the_recording_ends_and_says_so() {
    let home = Home::new();
    let folder = home.path("full");
    fs::create_dir(&folder).unwrap();
    let recording = folder.join("incident.jsonl");
    let mut arguments = vec![
        "--plain",
        "--interval=1s",
        "--record",
        recording.to_str().unwrap(),
    ];
    let targets: Vec<String> = (1..=60)
        .map(|number| format!("127.0.1.{number},1"))
        .collect();
    arguments.extend(targets.iter().map(String::as_str));
    let mount = "mount -t tmpfs -o size=16k none \"$1\"";
    let Some(mut command) = mounted(mount, &folder, &home.command(&arguments)) else {
        return;
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut victim = Victim(command.spawn().unwrap());
    let out = BufReader::new(victim.0.stdout.take().unwrap());
    let said = tokio::task::spawn_blocking(move || {
        let mut lines = out.lines().map_while(Result::ok);
        lines.find(|line| line.contains("the recording has stopped"))
    });
    let said = tokio::time::timeout(Duration::from_secs(60), said).await;
    let said = said.expect("it is said").unwrap().expect("it is said");
    assert!(said.contains("No space left"), "{said}");
    assert!(victim.0.try_wait().unwrap().is_none(), "probing goes on");
}

/// A folder that may not be written: what is learned is not kept, and the check goes on.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn where_nothing_can_be_written_a_check_still_answers() {
    let (home, engine) = (Home::new(), engine(Profile::default()).await);
    let check = home.command(&["check", &target(&engine)]);
    let mount = "mount --bind \"$1\" \"$1\" && mount -o remount,ro,bind \"$1\"";
    let Some(command) = mounted(mount, &home.path(""), &check) else {
        return;
    };
    let ended = run(command, String::new()).await;
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.out.contains("answering"), "{ended:?}");
    assert!(!home.path("sqlreach/memory.json").exists());
}
