//! What is quoted from a file: no secrets, nothing that steers a terminal, not too much.

use std::path::Path;

use rstest::rstest;

use crate::config::{Config, Loaded};

/// Every way in which a password can stand in the file, also where the file is broken.
#[rstest]
#[case::parsed("[[instance]]\nserver = 'Server=db1;User Id=sa;Password=Geheim'\n")]
#[case::not_parsed("[[instance]]\nserver = 'Server=db1/x;User Id=sa;Password=Geheim'\n")]
#[case::mistake_beside_it("instance = [{ server = 'Server=db1;Password=Geheim', nmae = 'x' }]")]
#[case::escaped_quotes(
    "instance = [{ server = \"Server=db1;Password=\\\"x;Geheim\\\"\", nmae = 'x' }]"
)]
#[case::unclosed("[[instance]]\nserver = 'Server=db1;Password=Geheim\n")]
#[case::second_line("[[instance]]\nserver = \"\"\"Server=db1;Password=\nGeheim\\q\"\"\"\n")]
#[case::in_a_duration("[probe]\ninterval = 'Password=Geheim'\n")]
#[case::in_a_platform("[[instance]]\nserver = 'a'\nplatform = 'pwd=Geheim'\n")]
#[case::own_key("[[instance]]\nserver = 'a'\npassword = 'Geheim'\n")]
#[case::own_key_mistyped("[[instance]]\nserver = 'a'\npasswrod = 'Geheim'\n")]
#[case::own_key_no_quotes("[[instance]]\nserver = 'a'\nPWD = Geheim\n")]
#[case::url("[[instance]]\nserver = 'mssql+pyodbc://sa:Geheim@db1/x'\nnmae = 1\n")]
#[case::note("[[instance]]\nserver = 'a'\nnote = 'Password=Geheim'\n")]
#[case::twice(
    "[[instance]]\nserver='Server=a;Pwd=Geheim'\n[[instance]]\nserver='Server=a;Pwd=Geheim'\n"
)]
fn secrets_are_never_shown(#[case] text: &str) {
    let said = match Loaded::parse(text, Path::new("f")) {
        Ok(loaded) => {
            let seen = loaded
                .invalid
                .iter()
                .chain(&loaded.warnings)
                .map(|error| format!("{error} {error:?}"));
            seen.collect::<String>() + &loaded.show()
        }
        Err(errors) => errors
            .iter()
            .map(|error| format!("{error} {error:?}"))
            .collect::<Vec<_>>()
            .join("\n"),
    };
    assert!(!said.is_empty() && !said.contains("Geheim"), "{said}");
}

/// The note stands in the detail pane and in reports.
#[test]
fn a_password_in_a_note_is_masked_as_it_is_read() {
    let text = "[[instance]]\nserver = 'a'\nnote = \"runbook 12\\nPassword=Geheim\"\n";
    let config = Config::parse(text, Path::new("f")).unwrap();
    let note = config.instances[0].note.as_deref().unwrap();
    assert_eq!(note, "runbook 12\nPassword=***");
}

#[test]
fn a_quoted_line_cannot_steer_the_terminal() {
    let error = Config::parse(
        "[probe]\nrat = 1 # \u{1b}[2J \u{202e}\u{7}",
        Path::new("f\u{1b}.toml"),
    )
    .unwrap_err();
    assert!(
        !error
            .to_string()
            .chars()
            .any(|c| c.is_control() || c == '\u{202e}'),
        "{error:?}"
    );
    let error = Config::parse(
        "[probe]\n'a\u{202e}\\u001b' = 1\n\"\\u001b[2J\" = 2",
        Path::new("f"),
    )
    .unwrap_err();
    assert!(
        !error
            .to_string()
            .chars()
            .any(|c| c.is_control() || c == '\u{202e}'),
        "{error:?}"
    );
}

#[test]
fn a_long_line_is_quoted_around_the_mistake() {
    let text = format!(
        "instance = [{{ server = 'a', note = '{}', nmae = 'x' }}]",
        "long ".repeat(100)
    );
    let error = Config::parse(&text, Path::new("f")).unwrap_err();
    assert!(
        error.quoted.chars().count() <= 120 && error.quoted.contains("nmae = 'x'"),
        "{error}"
    );
}
