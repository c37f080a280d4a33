//! What holds for any text.

use proptest::prelude::*;

use super::super::*;

/// Text that gets deep into the grammars: their own words and marks, in any order.
fn near_target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "db1", "PROD", "tcp:", "np:", "admin:", "\\", "\\\\", ",", ":", ";", "=", "1433", "70000", "[", "]", "::1", "%5C", "%", "(localdb)",
            "{", "}", "'", "\"", "Server=", "Data Source", "Password=", "PWD", "sqlserver://", "mssql+pyodbc://", "jdbc:sqlserver://", "@", "/", "?",
            "&", "odbc_connect=", "sqlcmd ", "-S ", "-P", " ", "\n", "ä", "\u{200b}", "\u{1b}", "pipe", "🦀", "e\u{301}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// A password that begins and ends with marks that occur nowhere else.
fn password() -> impl Strategy<Value = String> {
    "[ -~äß€]{0,12}".prop_map(|middle| format!("Zq7{middle}7qZ"))
}

fn doubled(password: &str, mark: char) -> String {
    password.replace(mark, &String::from_iter([mark, mark]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = parse(&text);
        let _ = mask_secrets(&text);
    }

    #[test]
    fn no_near_target_panics_and_every_error_points_into_its_text(text in near_target()) {
        match parse(&text) {
            Ok(target) => prop_assert!(!target.text.contains(char::is_control)),
            Err(error) => {
                prop_assert!(error.text.get(error.at.clone()).is_some(), "{error:?}");
                let said = error.to_string();
                prop_assert!(!said.contains(char::is_control), "{said:?}");
            }
        }
        let masked = mask_secrets(&text);
        prop_assert!(masked.lines().count() <= text.lines().count());
    }

    #[test]
    fn the_short_form_means_the_same(text in near_target()) {
        if let Ok(target) = parse(&text) {
            let again = parse(&target.short()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&again.host, &target.host);
            prop_assert_eq!(&again.instance, &target.instance);
            prop_assert_eq!(again.port.unwrap_or(Port::DEFAULT), target.port.unwrap_or(Port::DEFAULT));
        }
    }

    #[test]
    fn a_server_is_read_as_it_was_put_together(
        host in "[a-z][a-z0-9]{0,8}(\\.[a-z]{2,5})?",
        instance in prop::option::of("[A-Z_][A-Z0-9_$#]{0,15}"),
        port in prop::option::of(1_u16..),
    ) {
        let instance_text = instance.as_ref().map_or_else(String::new, |name| format!("\\{name}"));
        let port_text = port.map_or_else(String::new, |port| format!(",{port}"));
        let server = format!("{host}{instance_text}{port_text}");
        for text in [server.clone(), format!("tcp:{server}"), format!("Server={server};Database=x"), format!("Driver={{x}};Server={{{server}}}")] {
            let target = parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
            if host != "localhost" {
                prop_assert_eq!(target.host.to_string(), host.clone());
            }
            prop_assert_eq!(target.port.map(Port::get), port);
            prop_assert_eq!(target.instance.map(|name| name.to_string()), instance.clone());
        }
    }

    #[test]
    fn no_password_survives_in_any_spelling(password in password()) {
        let encoded = percent_encoding::utf8_percent_encode(&password, percent_encoding::NON_ALPHANUMERIC).to_string();
        let braced = format!("{{{}}}", doubled(&password, '}'));
        let braced = percent_encoding::utf8_percent_encode(&braced, percent_encoding::NON_ALPHANUMERIC).to_string();
        let ado = if password.contains(';') { format!("\"{}\"", doubled(&password, '"')) } else { password.clone() };
        for text in [
            format!("Server=db1;Password={ado};Database=x"),
            format!("Server=db1;Pwd='{}';Database=x", doubled(&password, '\'')),
            format!("Server=db1;Pwd = \"{}\" ;Database=x", doubled(&password, '"')),
            format!("Driver={{x}};Server=db1;PWD={{{}}};UID=sa", doubled(&password, '}')),
            format!("jdbc:sqlserver://db1;user=sa;password={{{}}}", doubled(&password, '}')),
            format!("sqlserver://sa:{encoded}@db1:1433?database=x"),
            format!("sqlserver://db1?password={encoded}&database=x"),
            format!("mssql+pyodbc:///?odbc_connect=Server%3Ddb1%3BPWD%3D{braced}"),
            format!("sqlserver://sa:{password}@db1"),
            format!("sqlcmd -S db1 -U sa -P '{}'", password.replace('\'', "'\\''")),
            format!("password = '{}'", doubled(&password, '\'')),
        ] {
            let shown = match parse(&text) {
                Ok(target) => format!("{target:?}"),
                Err(error) => format!("{error:?} {error}"),
            };
            for said in [shown, mask_secrets(&text).into_owned()] {
                prop_assert!(!said.contains("Zq7") && !said.contains("7qZ"), "{} -> {}", text, said);
            }
        }
    }

    #[test]
    fn a_well_quoted_password_does_not_hide_the_server(password in password()) {
        for text in [
            format!("Pwd='{}';Server=db1", doubled(&password, '\'')),
            format!("Pwd={{{}}};Server=db1", doubled(&password, '}')),
        ] {
            prop_assert_eq!(parse(&text).map(|target| target.short()), Ok("db1".to_owned()));
        }
    }
}
