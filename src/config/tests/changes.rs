//! Changes to the file's text, and the file on the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use rstest::rstest;

use crate::config::edit::{Change, EditError, Entry};
use crate::config::write::{WriteError, change};
use crate::config::{Config, Instance};
use crate::target::Platform;

const TEXT: &str = "\
# our servers
[probe]
rate = 50   # the firewall counts

# sales, ask Ann first
[[instance]]
  server = 'sales01\\PROD'  # the old one
tags = [ 'prod','emea' ] # both
# the second replica
note   = \"runbook 12\"

# human resources
[[instance]]
server = \"hr02,1433\"
[instance.timeout]
connect = '2s'

# the end
";

fn instance(text: &str, name: &str) -> Arc<Instance> {
    let config = Config::parse(text, Path::new("f")).unwrap();
    let found = config.instances.iter().find(|known| known.name == name);
    Arc::clone(found.unwrap())
}

fn entry(server: &str) -> Entry {
    Entry {
        server: server.to_owned(),
        ..Entry::default()
    }
}

fn write(change: &Change, text: &str) -> Result<String, EditError> {
    change.write(text, Path::new("f"))
}

#[test]
fn what_is_added_stands_at_the_end() {
    let entries = vec![
        Entry {
            name: Some("It's".to_owned()),
            tags: vec!["a".to_owned(), "b".to_owned()],
            platform: Some(Platform::Linux),
            note: Some("say \"no\"".to_owned()),
            ..entry(r"db1\NEW")
        },
        entry("db2"),
    ];
    let new = write(&Change::Add(entries), TEXT).unwrap();
    let added = new.strip_prefix(TEXT).unwrap();
    insta::assert_snapshot!(added);
}

#[test]
fn an_empty_file_begins_with_the_instance() {
    let new = write(&Change::Add(vec![entry("db1")]), "").unwrap();
    assert_eq!(new, "[[instance]]\nserver = \"db1\"\n");
    let new = write(&Change::Add(vec![entry("db1")]), "# mine").unwrap();
    assert_eq!(new, "# mine\n\n[[instance]]\nserver = \"db1\"\n");
}

#[test]
fn only_the_values_that_differ_are_written() {
    let was = instance(TEXT, r"sales01\PROD");
    let after = Entry {
        server: "sales02".to_owned(),
        name: Some("Sales".to_owned()),
        tags: Vec::new(),
        note: Some("runbook 13".to_owned()),
        ..Entry::of(&was)
    };
    let new = write(&Change::Edit(was, after), TEXT).unwrap();
    let wanted = TEXT
        .replace(r"'sales01\PROD'", "\"sales02\"")
        .replace("tags = [ 'prod','emea' ] # both\n", "name = \"Sales\"\n")
        .replace("runbook 12", "runbook 13");
    assert_eq!(new, wanted);
}

#[test]
fn an_instance_goes_with_its_own_tables_and_without_any_comment_around_it() {
    let new = write(&Change::Remove(instance(TEXT, "hr02")), TEXT).unwrap();
    let begin = TEXT.find("[[instance]]\nserver = \"hr02").unwrap();
    assert_eq!(new, format!("{}\n# the end\n", &TEXT[..begin]));
    let new = write(&Change::Remove(instance(TEXT, r"sales01\PROD")), TEXT).unwrap();
    assert!(new.contains("# sales, ask Ann first\n\n# human resources\n[[instance]]"));
}

#[rstest]
#[case::one_line("instance = [{ server = 'db1' }]\n")]
#[case::broken("[[instance]\nserver = 'db1'\n")]
#[case::unknown_key("[[instance]]\nserver = 'db1'\nservr = 'db2'\n")]
fn what_cannot_be_changed_safely_is_left_alone(#[case] text: &str) {
    assert!(write(&Change::Add(vec![entry("db9")]), text).is_err());
}

#[test]
fn an_instance_that_the_file_no_longer_lists_is_named() {
    let was = Arc::new(Instance::from_text("gone01"));
    let error = write(&Change::Remove(was), TEXT).unwrap_err();
    assert_eq!(error.to_string(), "the file lists no 'gone01' any more");
}

#[test]
fn of_two_that_are_spelt_alike_the_one_with_these_tags_is_meant() {
    let text = "[[instance]]\nserver = 'db1'\n\n[[instance]]\nserver = 'db1'\ntags = ['b']\n";
    let config = Config::parse(text, Path::new("f")).unwrap();
    let new = write(&Change::Remove(Arc::clone(&config.instances[1])), text).unwrap();
    assert_eq!(new, "[[instance]]\nserver = 'db1'\n");
}

#[test]
fn a_value_that_the_file_may_not_hold_is_explained() {
    let entry = Entry {
        tags: vec!["two words".to_owned()],
        ..entry("db1")
    };
    let error = write(&Change::Add(vec![entry]), TEXT).unwrap_err();
    assert!(error.to_string().contains("more than one word"), "{error}");
}

#[test]
fn a_password_never_reaches_the_text() {
    for server in [
        r"Server=tcp:db1\PROD;User ID=app;Password=geheim",
        r"Server=tcp:db1\PROD;User ID=app;Password=***",
    ] {
        let (entry, had_one) = entry(server).without_secrets().unwrap();
        assert!(had_one);
        let new = write(&Change::Add(vec![entry]), "").unwrap();
        assert_eq!(new, "[[instance]]\nserver = 'db1\\PROD'\n");
    }
    let noted = Entry {
        note: Some("Password=geheim".to_owned()),
        ..entry("db1")
    };
    assert!(matches!(
        noted.without_secrets(),
        Err(EditError::Secret("note"))
    ));
}

#[test]
fn a_password_that_was_there_before_is_left_where_it_is() {
    let text = "[[instance]]\nserver = 'Server=db1;Password=geheim'\nname = 'x'\n";
    let was = instance(text, "x");
    let after = Entry {
        name: Some("y".to_owned()),
        ..Entry::of(&was)
    };
    let new = write(&Change::Edit(was, after), text).unwrap();
    assert_eq!(new, text.replace("'x'", "\"y\""));
}

fn words() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "prod",
        "it's",
        "a \"b\"",
        r"c:\d",
        "größer 🐘",
        "#x",
        "][",
    ])
    .prop_map(str::to_owned)
}

fn entries() -> impl Strategy<Value = Entry> {
    (
        0..40u8,
        prop::option::of(words()),
        prop::collection::vec(words().prop_map(|word| word.replace(' ', "-")), 0..3),
        prop::option::of(prop::sample::select(Platform::ALL.to_vec())),
        prop::option::of(words()),
    )
        .prop_map(|(host, name, tags, platform, note)| Entry {
            server: format!(r"db{host}\I{host}"),
            name,
            tags,
            platform,
            note,
        })
}

proptest! {
    /// Whatever is done in whatever order: the text says exactly that, and no comment, no
    /// setting of another table and no line end is lost.
    #[test]
    fn any_sequence_of_changes_says_what_was_meant_and_loses_nothing_else(
        changes in prop::collection::vec((0..3u8, any::<prop::sample::Index>(), entries()), 1..12),
        windows in any::<bool>(),
    ) {
        let mut text = TEXT.to_owned();
        if windows {
            text = text.replace('\n', "\r\n");
        }
        let mut wanted = Config::parse(&text, Path::new("f")).unwrap().instances;
        for (kind, at, entry) in changes {
            let which = (!wanted.is_empty()).then(|| Arc::clone(at.get(&wanted)));
            let change = match (kind, which) {
                (1, Some(was)) => Change::Edit(was, entry),
                (2, Some(was)) => Change::Remove(was),
                _ => Change::Add(vec![entry]),
            };
            change.apply(&mut wanted).unwrap();
            text = write(&change, &text).unwrap();
            let config = Config::parse(&text, Path::new("f")).unwrap();
            prop_assert_eq!(&config.instances, &wanted);
            prop_assert_eq!(config.probe.rate, Some(50));
        }
        for comment in ["# our servers", "rate = 50   # the firewall counts", "# sales, ask Ann first",
            "# human resources", "# the end"] {
            prop_assert!(text.contains(comment), "{}", text);
        }
        if windows {
            prop_assert!(!text.replace("\r\n", "").contains('\n'), "{:?}", text);
        } else {
            prop_assert!(!text.contains('\r'));
        }
    }
}

struct Disk {
    root: tempfile::TempDir,
}

impl Disk {
    fn with(bytes: &[u8]) -> Self {
        let disk = Self {
            root: tempfile::tempdir().unwrap(),
        };
        fs::write(disk.file(), bytes).unwrap();
        disk
    }

    fn file(&self) -> PathBuf {
        self.root.path().join("sqlreach.toml")
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn files(&self) -> usize {
        fs::read_dir(self.root.path()).unwrap().count()
    }
}

fn add() -> Change {
    Change::Add(vec![entry("db9")])
}

#[test]
fn the_file_and_its_folder_are_created_for_this_user_alone() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("a/b/sqlreach.toml");
    change(&file, &add()).unwrap();
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "[[instance]]\nserver = \"db9\"\n"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    }
}

#[cfg(unix)]
#[test]
fn its_mode_and_the_link_to_it_stay() {
    use std::os::unix::fs::PermissionsExt as _;
    let disk = Disk::with(b"# mine\n");
    fs::set_permissions(disk.file(), fs::Permissions::from_mode(0o640)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let link = home.path().join("link.toml");
    std::os::unix::fs::symlink(disk.file(), &link).unwrap();
    change(&link, &add()).unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(disk.text().starts_with("# mine\n\n[[instance]]"));
    let mode = fs::metadata(disk.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(disk.files(), 1, "a temporary file is left");
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_not_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let link = root.path().join("link.toml");
    std::os::unix::fs::symlink(root.path().join("gone.toml"), &link).unwrap();
    assert!(matches!(change(&link, &add()), Err(WriteError::Io { .. })));
    assert!(link.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn a_byte_order_mark_stays_and_other_encodings_are_left_alone() {
    let disk = Disk::with(b"\xEF\xBB\xBF# mine\r\n");
    change(&disk.file(), &add()).unwrap();
    let wanted = "\u{feff}# mine\r\n\r\n[[instance]]\r\nserver = \"db9\"\r\n";
    assert_eq!(disk.text(), wanted);

    let wide: Vec<u8> = "\u{feff}# mine\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let disk = Disk::with(&wide);
    assert!(matches!(
        change(&disk.file(), &add()),
        Err(WriteError::Encoding(_))
    ));
    assert_eq!(fs::read(disk.file()).unwrap(), wide);
}

#[test]
fn a_broken_file_is_never_written() {
    let disk = Disk::with(b"[probe\n");
    let error = change(&disk.file(), &add()).unwrap_err();
    assert!(error.to_string().contains(":1:"), "{error}");
    assert_eq!(disk.text(), "[probe\n");
    assert_eq!(disk.files(), 1);
}
