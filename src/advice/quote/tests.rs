//! Quoting, held against the shells themselves.

use proptest::prelude::*;
use rstest::rstest;

use super::shells::NASTY;
use super::*;

fn word(text: &str) -> Word {
    Word {
        text: text.to_owned(),
        literal: false,
    }
}

fn literal(text: &str) -> Word {
    Word {
        text: text.to_owned(),
        literal: true,
    }
}

/// The arguments that a real bash hands to a program.
fn through_bash(arguments: &[&str]) -> Vec<String> {
    let mut words = vec![literal("receive")];
    words.extend(arguments.iter().map(|text| word(text)));
    let line = command_line(Shell::Bash, words).unwrap();
    let [received] = shells::bash(&[&line]).try_into().unwrap();
    let [mut received] = <[_; 1]>::try_from(received).unwrap();
    received.remove(0);
    received
}

#[test]
fn bash_hands_over_exactly_the_arguments_that_were_meant() {
    assert_eq!(through_bash(NASTY), NASTY);
    assert_eq!(through_bash(&["", "x"]), ["", "x"]);
}

#[test]
fn bash_takes_no_program_for_an_assignment() {
    assert_eq!(
        command_line(Shell::Bash, [literal("A=b")]).unwrap(),
        "'A=b'"
    );
}

#[test]
fn bash_leaves_ordinary_words_bare() {
    let words = ["sqlcmd", "-S", "tcp:sales01,1433", "-l", "5"].map(literal);
    assert_eq!(
        command_line(Shell::Bash, words).unwrap(),
        "sqlcmd -S tcp:sales01,1433 -l 5"
    );
}

#[test]
fn powershell_reads_exactly_the_arguments_that_were_meant() {
    for text in NASTY {
        let Ok(line) = command_line(
            Shell::Powershell,
            [literal("Get-Item"), literal("-Name"), word(text)],
        ) else {
            panic!("{text:?} is refused for a cmdlet");
        };
        let elements = shells::PowerShell::new().arguments(&line);
        assert_eq!(elements, ["-Name", text], "{line}");
    }
}

#[test]
fn powershell_reads_exactly_the_value_that_was_meant_in_a_pipeline() {
    for text in NASTY.iter().filter(|text| powershell::value(text).is_ok()) {
        let value = value(Shell::Powershell, Value::Text((*text).to_owned())).unwrap();
        let line = format!("Get-Service -Name {value} | Select-Object -Property Status");
        assert_eq!(
            shells::PowerShell::new().arguments(&line)[..2],
            ["-Name".to_owned(), (*text).to_owned()],
            "{line}"
        );
    }
}

#[rstest]
#[case::named_service(&["sc.exe", r"\\sales01", "queryex", "MSSQL$PROD"], r"sc.exe \\sales01 queryex 'MSSQL$PROD'")]
#[case::cmdlet(&["Get-Service", "-Name", "MSSQLSERVER"], "Get-Service -Name MSSQLSERVER")]
#[case::port(&["Test-NetConnection", "10.0.4.12", "-Port", "1433"], "Test-NetConnection 10.0.4.12 -Port 1433")]
#[case::comma(&["sqlcmd", "-S", "tcp:sales01,1433"], "sqlcmd -S 'tcp:sales01,1433'")]
#[case::ipv6(&["ping", "2001:db8::1"], "ping '2001:db8::1'")]
#[case::program_with_a_blank(&[r"C:\Program Files\x.exe", "-a"], r"& 'C:\Program Files\x.exe' -a")]
#[case::double_dash(&["docker", "ps", "--filter", "publish=1433"], "docker ps --filter publish=1433")]
fn powershell_quotes_only_what_it_must(#[case] words: &[&str], #[case] line: &str) {
    let words: Vec<_> = words.iter().map(|text| literal(text)).collect();
    assert_eq!(command_line(Shell::Powershell, words).unwrap(), line);
}

#[test]
fn a_value_that_looks_like_a_parameter_is_none_in_powershell() {
    let words = [literal("Get-Service"), literal("-Name"), word("-Force")];
    assert_eq!(
        command_line(Shell::Powershell, words).unwrap(),
        "Get-Service -Name '-Force'"
    );
}

#[rstest]
#[case::double_quote("a\"b")]
#[case::empty("")]
#[case::lost_backslash("a b\\")]
fn powershell_refuses_what_a_native_program_would_not_get(#[case] text: &str) {
    let refused = command_line(Shell::Powershell, [literal("sc.exe"), word(text)]).unwrap_err();
    assert!(!refused.why.is_empty());
}

#[test]
fn cmd_hands_over_exactly_the_arguments_that_were_meant_or_refuses() {
    for text in NASTY {
        match command_line(Shell::Cmd, [literal("sc.exe"), word(text), word("next")]) {
            Ok(line) => assert_eq!(shells::cmd(&line), ["sc.exe", text, "next"], "{line}"),
            Err(refusal) => assert!(text.contains(['%', '!', '"']), "{refusal}"),
        }
    }
}

#[test]
fn cmd_refuses_what_it_would_expand() {
    for text in ["%PATH%", "50%", "a!b", "a\"b"] {
        assert!(
            value(Shell::Cmd, Value::Text(text.into())).is_err(),
            "{text}"
        );
    }
}

#[rstest]
#[case("PROD", "N'PROD'")]
#[case("O'Brien", "N'O''Brien'")]
#[case("'; SHUTDOWN; --", "N'''; SHUTDOWN; --'")]
fn sql_literals_double_their_quotes(#[case] text: &str, #[case] literal: &str) {
    assert_eq!(
        value(Shell::Sql, Value::Text(text.into())).unwrap(),
        literal
    );
}

#[test]
fn numbers_are_never_quoted() {
    for shell in [
        Shell::Powershell,
        Shell::Cmd,
        Shell::Bash,
        Shell::Sql,
        Shell::Text,
    ] {
        assert_eq!(value(shell, Value::Number(1433)).unwrap(), "1433");
    }
}

#[test]
fn what_cannot_be_seen_is_refused_by_every_shell() {
    for hidden in [
        "a\nb",
        "a\r",
        "a\tb",
        "\0",
        "\u{1b}[2J",
        "\u{7f}",
        "\u{85}",
        "\u{202e}x",
        "\u{200b}",
        "\u{2028}",
        "\u{feff}",
    ] {
        for shell in [
            Shell::Powershell,
            Shell::Cmd,
            Shell::Bash,
            Shell::Sql,
            Shell::Text,
        ] {
            assert!(
                value(shell, Value::Text(hidden.into())).is_err(),
                "{shell:?} {hidden:?}"
            );
        }
        for shell in [Shell::Powershell, Shell::Cmd, Shell::Bash] {
            assert!(
                command_line(shell, [literal("x"), word(hidden)]).is_err(),
                "{shell:?} {hidden:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn powershell_strings_decode_to_what_went_in(text in "[ -~\u{2018}-\u{201e}äß]{1,24}") {
        if let Ok(quoted) = powershell::value(&text) {
            prop_assert_eq!(shells::powershell_string(&quoted), text);
        }
    }

    #[test]
    fn powershell_words_parse_to_what_went_in(text in "[ -~\u{2018}-\u{201b}]{1,12}") {
        let line = command_line(Shell::Powershell, [literal("Get-Item"), word(&text)]);
        if let Ok(line) = line {
            prop_assert_eq!(shells::PowerShell::new().arguments(&line), vec![text]);
        }
    }

    #[test]
    fn cmd_words_split_to_what_went_in(text in "[ -~]{1,16}") {
        if let Ok(line) = command_line(Shell::Cmd, [literal("x.exe"), word(&text)]) {
            prop_assert_eq!(shells::cmd(&line), vec!["x.exe".to_owned(), text]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn bash_hands_over_whatever_went_in(texts in prop::collection::vec("[ -~\u{2018}äß]{0,24}", 1..40)) {
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        prop_assert_eq!(through_bash(&texts), texts);
    }
}
