//! Broken files, and the line that each gets.

use std::path::Path;

use rstest::rstest;

use super::parse;
use crate::config::{Config, Loaded};

fn mistakes(text: &str) -> Vec<String> {
    Loaded::parse(text, Path::new("sqlreach.toml"))
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[rstest]
#[case::unknown_key(
    "[probe]\n  intervall = \"15s\"",
    r#"2:3: unknown key 'intervall' in [probe]; did you mean 'interval'?  | intervall = "15s""#
)]
#[case::unknown_section(
    "[porbe]\nrate = 1",
    "1:2: unknown key 'porbe' in the file; did you mean 'probe'?  | [porbe]"
)]
#[case::unknown_and_far(
    "[[instance]]\nserver = 'a'\ncolour = 1",
    "3:1: unknown key 'colour' in [[instance]]; known are server, name, tags, platform, kind, nodes, expected_live, note, interval, timeout  | colour = 1"
)]
#[case::key_above_its_section(
    "rate = 100",
    "1:1: unknown key 'rate' in the file; it belongs under [probe]  | rate = 100"
)]
#[case::key_of_the_other_section(
    "[probe]\nserver = 'db1'",
    "2:1: unknown key 'server' in [probe]; it belongs under [[instance]]  | server = 'db1'"
)]
#[case::unknown_layer(
    "[probe]\ntimeout = { conect = '1s' }",
    "2:13: unknown key 'conect' in timeout of [probe]; did you mean 'connect'?  | timeout = { conect = '1s' }"
)]
#[case::single_brackets(
    "[instance]\nserver = 'db1'",
    "1:1: instance is no list of tables; write [[instance]], with double brackets, above each instance  | [instance]"
)]
#[case::double_brackets(
    "[[probe]]\nrate = 1",
    "1:1: probe is no table; write [probe] on a line of its own, and the settings below it  | [[probe]]"
)]
#[case::unknown_column(
    "[screen]\ncolumns = ['state', 'sinc']",
    "2:21: columns: \"sinc\" is not known; did you mean 'since'?  | columns = ['state', 'sinc']"
)]
#[case::column_twice(
    "[screen]\ncolumns = ['state', 'state']",
    "2:11: columns: 'state' is there twice  | columns = ['state', 'state']"
)]
#[case::sort_by_nothing(
    "[screen]\nsort = '-insance'",
    "2:8: sort: \"-insance\" is no column; did you mean 'instance'?  | sort = '-insance'"
)]
#[case::screen_key_elsewhere(
    "[probe]\nflash = true",
    "2:1: unknown key 'flash' in [probe]; it belongs under [screen]  | flash = true"
)]
#[case::no_server(
    "[[instance]]\nname = 'Sales'",
    "1:1: [[instance]] has no 'server'  | [[instance]]"
)]
#[case::server_is_a_number(
    "[[instance]]\nserver = 1433",
    "2:10: server: 1433 is no text; put it in 'single quotes'  | server = 1433"
)]
#[case::instance_is_text(
    "instance = ['db1']",
    "1:13: \"db1\" is no instance; write [[instance]] and below it server = 'host'  | instance = ['db1']"
)]
#[case::no_unit(
    "[probe]\ninterval = 15",
    "2:12: interval: 15 has no unit; write \"15s\"  | interval = 15"
)]
#[case::no_unit_in_quotes(
    "[probe]\ninterval = '15'",
    "2:12: interval: '15' has no unit; write '15s'  | interval = '15'"
)]
#[case::no_duration(
    "[probe]\ninterval = 'often'",
    "2:12: interval: \"often\" is no duration; write it like \"15s\", \"500ms\" or \"1h30m\"  | interval = 'often'"
)]
#[case::interval_too_short(
    "[probe]\ninterval = '500ms'",
    "2:12: interval: 500ms is too short; the least is 1s  | interval = '500ms'"
)]
#[case::timeout_too_long(
    "[probe]\ntimeout = { resolve = '2m' }",
    "2:23: timeout.resolve: 2m is too long; the most is 1m  | timeout = { resolve = '2m' }"
)]
#[case::timeout_for_all(
    "[probe]\ntimeout = '4s'",
    "2:11: timeout: \"4s\" is no table; write timeout = { … }  | timeout = '4s'"
)]
#[case::rate_zero(
    "[probe]\nrate = 0",
    "2:8: rate: 0 is not between 1 and 4294967295  | rate = 0"
)]
#[case::rate_word(
    "[probe]\nrate = 'fast'",
    "2:8: rate: \"fast\" is no number of connections a second; write rate = 100, or rate = \"max\" for no limit  | rate = 'fast'"
)]
#[case::port_out_of_range(
    "[probe]\nbrowser_port = 65536",
    "2:16: browser_port: 65536 is not between 1 and 65535  | browser_port = 65536"
)]
#[case::port_beyond_all_numbers(
    "[probe]\nbrowser_port = 99999999999999999999999999999999999999999999",
    "2:16: browser_port: 99999999999999999999999999999999999999999999 is not between 1 and 65535  | browser_port = 99999999999999999999999999999999999999999999"
)]
#[case::port_in_quotes(
    "[probe]\nbrowser_port = '1434'",
    "2:16: browser_port: \"1434\" is no whole number; write 1434, without quotes  | browser_port = '1434'"
)]
#[case::element_of_a_list(
    "[probe]\nwitness_ports = [\n  445,\n  0,\n]",
    "4:3: witness_ports: 0 is not between 1 and 65535  | 0,"
)]
#[case::no_list(
    "[probe]\nwitness_ports = 445",
    "2:17: witness_ports: 445 is no list; write […], also around a single one  | witness_ports = 445"
)]
#[case::word_for_yes(
    "[probe]\nwitnesses = 'yes'",
    "2:13: witnesses: \"yes\" is neither true nor false; write true or false, without quotes  | witnesses = 'yes'"
)]
#[case::dns_server_by_name(
    "[probe]\ndns_servers = ['dc01']",
    "2:16: dns_servers: \"dc01\" is no address of a DNS server; write \"10.0.0.53\", \"10.0.0.53:5353\" or \"[fd00::53]:53\"  | dns_servers = ['dc01']"
)]
#[case::unknown_platform(
    "[[instance]]\nserver = 'a'\nplatform = 'window'",
    "3:12: platform: \"window\" is not known; did you mean 'windows'?  | platform = 'window'"
)]
#[case::unknown_kind(
    "[[instance]]\nserver = 'a'\nkind = 'cluster'",
    "3:8: kind: \"cluster\" is not known; one of auto, standalone, fci, ag-replica, ag-listener  | kind = 'cluster'"
)]
#[case::tag_of_two_words(
    "[[instance]]\nserver = 'a'\ntags = ['prod', 'two words']",
    "3:17: tags: the tag \"two words\" is more than one word; a filter finds tag:word; use a hyphen  | tags = ['prod', 'two words']"
)]
#[case::empty_name(
    "[[instance]]\nserver = 'a'\nname = ' '",
    "3:8: name: this is empty; leave the line out instead  | name = ' '"
)]
#[case::bell_in_a_name(
    "[[instance]]\nserver = 'a'\nname = \"a\\u0007\"",
    "3:8: name: the character U+0007 cannot be shown; in \"double quotes\" a backslash is special; use 'single quotes'  | name = \"a\\u0007\""
)]
#[case::backslash_in_double_quotes(
    "[[instance]]\nserver = \"sales01\\PROD\"",
    "2:18: the backslash begins an escape that does not exist; in double quotes a backslash is special; use single quotes: 'host\\INSTANCE'  | server = \"sales01\\PROD\""
)]
#[case::unicode_escape_by_accident(
    "[[instance]]\nserver = \"sql\\unit\"",
    "2:14: the backslash begins an escape that does not exist; in double quotes a backslash is special; use single quotes: 'host\\INSTANCE'  | server = \"sql\\unit\""
)]
#[case::hexadecimal_escape_by_accident(
    "[[instance]]\nserver = \"sql\\xyz\"",
    "2:14: the backslash begins an escape that does not exist; in double quotes a backslash is special; use single quotes: 'host\\INSTANCE'  | server = \"sql\\xyz\""
)]
#[case::no_quotes(
    "[[instance]]\nserver = db1",
    "2:10: text must be quoted; write key = 'value'  | server = db1"
)]
#[case::no_closing_quote(
    "[[instance]]\nserver = 'db1\nname = 'x'",
    "2:14: the text has no closing quote  | server = 'db1"
)]
#[case::no_value(
    "[probe]\nrate =",
    "2:7: the value is missing; put a '#' before the line to keep the default  | rate ="
)]
#[case::no_key(
    "[probe]\n= 3",
    "2:1: unquoted keys cannot be empty, expected letters, numbers, '-', '_'  | = 3"
)]
#[case::no_closing_bracket("[probe\nrate = 3", "1:7: unclosed table, expected ']'  | [probe")]
#[case::an_ini_file(
    "[probe]\n; comment\nrate = 3",
    "2:1: invalid unquoted key, expected letters, numbers, '-', '_'; a comment begins with '#'  | ; comment"
)]
#[case::no_closing_brace(
    "[probe]\ntimeout = { connect = '1s'\n",
    "2:27: unclosed inline table, expected '}'  | timeout = { connect = '1s'"
)]
#[case::twice(
    "[probe]\nrate = 1\nrate = 2",
    "3:1: 'rate' is there twice; merge the two  | rate = 2"
)]
#[case::section_twice(
    "[probe]\n[[instance]]\nserver = 'a'\n[probe]",
    "4:2: 'probe' is there twice; merge the two  | [probe]"
)]
#[case::columns_are_characters(
    "[probe]\nintervál = 'größer' ; rate = 1",
    "2:7: invalid unquoted key, expected letters, numbers, '-', '_'  | intervál = 'größer' ; rate = 1"
)]
fn mistakes_point_at_the_line(#[case] text: &str, #[case] message: &str) {
    assert_eq!(mistakes(text)[0], format!("sqlreach.toml:{message}"));
}

#[test]
fn all_mistakes_are_told_in_the_order_of_the_file() {
    let text = "[[instance]]\nnaem = 'a'\n[probe]\nup_after = 0\ndown_after = 99\n[[instance]]\nserver = 'b'\nkind = 1";
    let lines: Vec<usize> = Loaded::parse(text, Path::new("f"))
        .unwrap_err()
        .iter()
        .map(|error| error.line)
        .collect();
    assert_eq!(lines, [1, 2, 4, 5, 8]);
    assert_eq!(Config::parse(text, Path::new("f")).unwrap_err().line, 1);
}

#[test]
fn a_column_counts_characters() {
    let error = Config::parse(
        "[probe]\ntimeout = { 'größe 🐘' = 1, resolve = 1 }",
        Path::new("f"),
    )
    .unwrap_err();
    assert_eq!((error.line, error.column), (2, 13));
    let all = Loaded::parse(
        "[probe]\ntimeout = { 'größe 🐘' = 1, resolve = 1 }",
        Path::new("f"),
    )
    .unwrap_err();
    assert_eq!(all[1].column, 38);
}

#[rstest]
#[case(r#"server = "db1\new""#)]
#[case(r#"server = "db1\test""#)]
#[case(r#"server = "db1\b""#)]
fn a_backslash_that_toml_took_is_explained(#[case] line: &str) {
    let loaded = parse(&format!("[[instance]]\n{line}"));
    let said = loaded.invalid[0].to_string();
    assert!(
        said.contains(r"use single quotes: 'host\INSTANCE'"),
        "{said}"
    );
    assert!(said.ends_with(&format!("| {line}")), "{said}");
}
