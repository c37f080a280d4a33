//! Quoting, held against the shells themselves: bash runs, PowerShell's grammar parses,
//! cmd's and the C runtime's rules are written down here a second time.

use std::process::Command;

use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// What a hostile or unlucky name could be made of.
const NASTY: &[&str] = &[
    "sales01",
    "MSSQL$PROD",
    r"\\sales01",
    "tcp:sales01,1433",
    "-rf",
    "--%",
    "--",
    "@file",
    "$HOME",
    "${x}",
    "$(reboot)",
    "`reboot`",
    "a;b",
    "a&b",
    "a&&b",
    "a|b",
    "a>b",
    "<ACCOUNT>",
    "a b",
    " ",
    "{a,b}",
    "{}",
    "(a)",
    "[x]",
    "*",
    "?",
    "~",
    "~/x",
    "#x",
    "!x",
    "!!",
    "^x",
    "a^b",
    "a'b",
    "'",
    "''",
    "O'Brien's",
    "\u{2018}x\u{2019}",
    "\u{201a}\u{201b}",
    "it\u{2019}s; reboot",
    "\u{201c}x\u{201d}",
    "\u{2013}x",
    "1kb",
    "0x10",
    "1e3",
    ".5",
    "007",
    "1433",
    "10.0.4.12",
    "10.0.4.0/24",
    "2001:db8::1",
    "::1",
    "tcp:2001:db8::1,1433",
    "ä",
    "数据库",
    "a=b",
    "A=b",
    "a\\",
    "a b\\",
    "a b\\\\",
    "x'; DROP TABLE y; --",
    "$null",
    "true",
    "\\",
    "\\\\",
    "''''",
    "'\u{2019}'",
    "-x:y.z",
    "a,b",
    "+1",
    "%x",
];

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
    let mut words = vec![literal("printf"), literal(r"%s\0")];
    words.extend(arguments.iter().map(|text| word(text)));
    let line = command_line(Shell::Bash, &words).unwrap();
    let output = Command::new("bash")
        .args(["--norc", "-c", &line])
        .output()
        .unwrap();
    assert!(
        output.stderr.is_empty(),
        "{line}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn bash_hands_over_exactly_the_arguments_that_were_meant() {
    assert_eq!(through_bash(NASTY), NASTY);
    assert_eq!(through_bash(&["", "x"]), ["", "x"]);
}

#[test]
fn bash_takes_no_program_for_an_assignment() {
    assert_eq!(
        command_line(Shell::Bash, &[literal("A=b")]).unwrap(),
        "'A=b'"
    );
}

#[test]
fn bash_leaves_ordinary_words_bare() {
    let words = ["sqlcmd", "-S", "tcp:sales01,1433", "-l", "5"].map(literal);
    assert_eq!(
        command_line(Shell::Bash, &words).unwrap(),
        "sqlcmd -S tcp:sales01,1433 -l 5"
    );
}

/// The arguments of the one command in `line`, as PowerShell's grammar splits them.
fn through_powershell(line: &str) -> Vec<String> {
    let mut parser = tree_sitter::Parser::new();
    parser
        .set_language(&tree_sitter_powershell::LANGUAGE.into())
        .unwrap();
    let tree = parser.parse(line, None).unwrap();
    assert!(
        !tree.root_node().has_error(),
        "{line}: {}",
        tree.root_node().to_sexp()
    );
    let mut elements = Vec::new();
    let mut pending = vec![tree.root_node()];
    while let Some(node) = pending.pop() {
        if matches!(
            node.kind(),
            "generic_token"
                | "command_parameter"
                | "verbatim_string_characters"
                | "decimal_integer_literal"
        ) {
            elements.push((
                node.start_byte(),
                decode_powershell(&line[node.byte_range()]),
            ));
            continue;
        }
        let mut cursor = node.walk();
        pending.extend(node.children(&mut cursor));
    }
    elements.sort();
    elements.into_iter().map(|(_, text)| text).collect()
}

/// A word as PowerShell's tokenizer reads it: any of five quotes opens and closes, and a
/// pair of any of them inside is one (`CharExtensions.IsSingleQuote`).
fn decode_powershell(token: &str) -> String {
    let is_quote = |c: char| matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
    let mut characters = token.chars().peekable();
    if !characters.peek().copied().is_some_and(is_quote) {
        return token.to_owned();
    }
    characters.next();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        if is_quote(character) && characters.next_if(|next| is_quote(*next)).is_none() {
            assert_eq!(characters.next(), None, "{token} ends early");
            return text;
        }
        text.push(character);
    }
    panic!("{token} does not end");
}

#[test]
fn powershell_reads_exactly_the_arguments_that_were_meant() {
    for text in NASTY {
        let Ok(line) = command_line(
            Shell::Powershell,
            &[literal("Get-Item"), literal("-Name"), word(text)],
        ) else {
            panic!("{text:?} is refused for a cmdlet");
        };
        let elements = through_powershell(&line);
        assert_eq!(elements, ["-Name", text], "{line}");
    }
}

#[test]
fn powershell_reads_exactly_the_value_that_was_meant_in_a_pipeline() {
    for text in NASTY.iter().filter(|text| powershell::value(text).is_ok()) {
        let value = value(Shell::Powershell, &Value::Text((*text).to_owned())).unwrap();
        let line = format!("Get-Service -Name {value} | Select-Object -Property Status");
        assert_eq!(
            through_powershell(&line)[..2],
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
    assert_eq!(command_line(Shell::Powershell, &words).unwrap(), line);
}

#[test]
fn a_value_that_looks_like_a_parameter_is_none_in_powershell() {
    let words = [literal("Get-Service"), literal("-Name"), word("-Force")];
    assert_eq!(
        command_line(Shell::Powershell, &words).unwrap(),
        "Get-Service -Name '-Force'"
    );
}

#[rstest]
#[case::double_quote("a\"b")]
#[case::empty("")]
#[case::lost_backslash("a b\\")]
fn powershell_refuses_what_a_native_program_would_not_get(#[case] text: &str) {
    let refused = command_line(Shell::Powershell, &[literal("sc.exe"), word(text)]).unwrap_err();
    assert!(!refused.why.is_empty());
}

/// What a program gets from cmd's line: cmd drops nothing between quotes, and the C
/// runtime splits (documented in "Parsing C command-line arguments").
fn through_cmd(line: &str) -> Vec<String> {
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            '%' | '!' => panic!("{line}: expanded even between quotes"),
            '^' | '&' | '|' | '<' | '>' | '(' | ')' => {
                assert!(quoted, "{line}: {character} is cmd's");
            }
            _ => {}
        }
    }
    assert!(!quoted, "{line}: a quote stays open");
    let (mut arguments, mut argument, mut inside, mut slashes) =
        (Vec::new(), None::<String>, false, 0);
    for character in line.chars().chain([' ']) {
        if character == '\\' {
            slashes += 1;
            continue;
        }
        let kept = if character == '"' {
            slashes / 2
        } else {
            slashes
        };
        if slashes > 0 {
            argument
                .get_or_insert_default()
                .push_str(&"\\".repeat(kept));
        }
        if character == '"' && slashes % 2 == 0 {
            inside = !inside;
            argument.get_or_insert_default();
        } else if character == ' ' && !inside {
            arguments.extend(argument.take());
        } else {
            argument.get_or_insert_default().push(character);
        }
        slashes = 0;
    }
    arguments
}

#[test]
fn cmd_hands_over_exactly_the_arguments_that_were_meant_or_refuses() {
    for text in NASTY {
        match command_line(Shell::Cmd, &[literal("sc.exe"), word(text), word("next")]) {
            Ok(line) => assert_eq!(through_cmd(&line), ["sc.exe", text, "next"], "{line}"),
            Err(refusal) => assert!(text.contains(['%', '!', '"']), "{refusal}"),
        }
    }
}

#[test]
fn cmd_refuses_what_it_would_expand() {
    for text in ["%PATH%", "50%", "a!b", "a\"b"] {
        assert!(
            value(Shell::Cmd, &Value::Text(text.into())).is_err(),
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
        value(Shell::Sql, &Value::Text(text.into())).unwrap(),
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
        assert_eq!(value(shell, &Value::Number(1433)).unwrap(), "1433");
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
                value(shell, &Value::Text(hidden.into())).is_err(),
                "{shell:?} {hidden:?}"
            );
        }
        for shell in [Shell::Powershell, Shell::Cmd, Shell::Bash] {
            assert!(
                command_line(shell, &[literal("x"), word(hidden)]).is_err(),
                "{shell:?} {hidden:?}"
            );
        }
    }
}

proptest! {
    #[test]
    fn powershell_strings_decode_to_what_went_in(text in "[ -~\u{2018}-\u{201e}äß]{1,24}") {
        if let Ok(quoted) = powershell::value(&text) {
            prop_assert_eq!(decode_powershell(&quoted), text);
        }
    }

    #[test]
    fn powershell_words_parse_to_what_went_in(text in "[ -~\u{2018}-\u{201b}]{1,12}") {
        let line = command_line(Shell::Powershell, &[literal("Get-Item"), word(&text)]);
        if let Ok(line) = line {
            prop_assert_eq!(through_powershell(&line), vec![text]);
        }
    }

    #[test]
    fn cmd_words_split_to_what_went_in(text in "[ -~]{1,16}") {
        if let Ok(line) = command_line(Shell::Cmd, &[literal("x.exe"), word(&text)]) {
            prop_assert_eq!(through_cmd(&line), vec!["x.exe".to_owned(), text]);
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
