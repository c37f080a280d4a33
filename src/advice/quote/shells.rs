//! What a line gives when a shell reads it: bash runs, PowerShell's grammar parses and, where
//! there is a `pwsh`, its own parser too; cmd's and the C runtime's rules are written down here a
//! second time, from their documents.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Output};

/// What a hostile or unlucky name could be made of.
pub(in crate::advice) const NASTY: &[&str] = &[
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

/// The command lines that each line starts: every program is replaced by one that says what it
/// was given, itself first. One bash reads them all; a line that it cannot read is a failure.
pub(in crate::advice) fn bash(lines: &[&str]) -> Vec<Vec<Vec<String>>> {
    // Nothing is on the path, so whatever is not defined here ends in the handler. One `printf`
    // is one write, which the parts of a pipeline cannot tear.
    let mut script = String::from(
        "exec 3>&1 >/dev/null 2>/dev/null </dev/null\nPATH=/nonexistent\n\
         says() { printf '%s\\0' \"$#\" \"$@\" >&3; }\n\
         receive() { says receive \"$@\"; }\n\
         command_not_found_handle() { says \"$@\"; }\n",
    );
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let programs: BTreeSet<_> = lines
        .iter()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| word.chars().all(is_plain) && !["printf", "receive"].contains(word))
        .collect();
    for program in programs {
        writeln!(script, "{program}() {{ says {program} \"$@\"; }}").unwrap();
    }
    for line in lines {
        writeln!(script, "{line}\nprintf 'end\\0' >&3").unwrap();
    }
    let read = run_bash(&["-n"], &script);
    assert!(
        read.status.success(),
        "{}",
        String::from_utf8_lossy(&read.stderr)
    );
    let told = String::from_utf8(run_bash(&[], &script).stdout).unwrap();

    let mut all = vec![Vec::new()];
    let mut words = told.split_terminator('\0');
    while let Some(word) = words.next() {
        if word == "end" {
            all.push(Vec::new());
            continue;
        }
        let count: usize = word.parse().unwrap();
        let command = words.by_ref().take(count).map(str::to_owned).collect();
        all.last_mut().unwrap().push(command);
    }
    assert_eq!(all.pop().map(|rest| rest.len()), Some(0));
    assert_eq!(all.len(), lines.len(), "a line changed the shell");
    all
}

fn run_bash(options: &[&str], script: &str) -> Output {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(script.as_bytes()).unwrap();
    Command::new("bash")
        .args(["--norc", "--noprofile"])
        .args(options)
        .arg(file.path())
        .output()
        .unwrap()
}

/// PowerShell's grammar.
pub(in crate::advice) struct PowerShell(tree_sitter::Parser);

impl PowerShell {
    pub(in crate::advice) fn new() -> Self {
        let mut parser = tree_sitter::Parser::new();
        parser
            .set_language(&tree_sitter_powershell::LANGUAGE.into())
            .unwrap();
        Self(parser)
    }

    /// The arguments of the one command in `line`.
    pub(in crate::advice) fn arguments(&mut self, line: &str) -> Vec<String> {
        const ARGUMENTS: [&str; 4] = [
            "generic_token",
            "command_parameter",
            "verbatim_string_characters",
            "decimal_integer_literal",
        ];
        self.nodes(line, |node| ARGUMENTS.contains(&node.kind()))
    }

    /// Every token of `line`, its strings decoded.
    pub(in crate::advice) fn tokens(&mut self, line: &str) -> Vec<String> {
        self.nodes(line, |node| {
            node.child_count() == 0 || node.kind() == "verbatim_string_characters"
        })
    }

    fn nodes(
        &mut self,
        line: &str,
        wanted: impl Fn(&tree_sitter::Node<'_>) -> bool,
    ) -> Vec<String> {
        let tree = self.0.parse(line, None).unwrap();
        assert!(
            !tree.root_node().has_error(),
            "{line}: {}",
            tree.root_node().to_sexp()
        );
        let mut found = Vec::new();
        let mut pending = vec![tree.root_node()];
        while let Some(node) = pending.pop() {
            if wanted(&node) {
                let text = &line[node.byte_range()];
                found.push((node.start_byte(), powershell_string(text)));
                continue;
            }
            let mut cursor = node.walk();
            pending.extend(node.children(&mut cursor));
        }
        found.sort();
        found.into_iter().map(|(_, text)| text).collect()
    }
}

/// A word as PowerShell's tokenizer reads it: any of five quotes opens and closes, and a
/// pair of any of them inside is one (`CharExtensions.IsSingleQuote`).
pub(in crate::advice) fn powershell_string(token: &str) -> String {
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

/// What PowerShell's own parser makes of each line, where there is a `pwsh` on the path: the
/// errors, and the elements of the first command, itself first. Nothing is run.
pub(in crate::advice) fn pwsh(lines: &[&str]) -> Option<Vec<Parsed>> {
    const PARSE: &str = r"
        [Console]::OutputEncoding = [Text.Encoding]::UTF8
        $lines = [IO.File]::ReadAllText($env:LINES) | ConvertFrom-Json
        $parsed = foreach ($line in $lines) {
            $tokens = $null; $errors = $null
            $tree = [Management.Automation.Language.Parser]::ParseInput($line, [ref]$tokens, [ref]$errors)
            $command = $tree.Find({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)
            $words = @(foreach ($element in $command.CommandElements) {
                if ($element -is [Management.Automation.Language.StringConstantExpressionAst]) { $element.Value }
                else { $element.Extent.Text }
            })
            [pscustomobject]@{ errors = $errors.Count; words = $words }
        }
        ConvertTo-Json -Compress -Depth 4 -InputObject @($parsed)
    ";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(serde_json::to_string(lines).unwrap().as_bytes())
        .unwrap();
    let output = Command::new("pwsh")
        .args(["-NoProfile", "-NonInteractive", "-Command", PARSE])
        .env("LINES", file.path())
        .output()
        .ok()?;
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// One line, read by PowerShell itself.
#[derive(Debug, serde::Deserialize)]
pub(in crate::advice) struct Parsed {
    pub(in crate::advice) errors: usize,
    pub(in crate::advice) words: Vec<String>,
}

/// What a program gets from a line that is typed at cmd's prompt.
///
/// cmd goes first. Its documents ("cmd", "Command shell overview") name `& | ( ) < > ^` as
/// special outside double quotes, and `%name%` is replaced everywhere, as is `!name!` where
/// delayed expansion is on ("setlocal"). What is left, quotes included, is the command line of
/// the program, and the C runtime splits it ("Parsing C command-line arguments", the same rules
/// as `CommandLineToArgvW`): blanks part arguments outside quotes; 2n backslashes before a
/// quote are n backslashes and the quote opens or closes; 2n+1 are n backslashes and a quote
/// that is a character; backslashes anywhere else are themselves.
pub(in crate::advice) fn cmd(line: &str) -> Vec<String> {
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
