//! No password survives: not in a target, not in an error, not in masked text.

use super::super::*;

/// Occurs in every text of the tables as (part of) the secret.
const SECRET: &str = "geheim";

#[test]
#[allow(clippy::too_many_lines)] // a table
fn no_secret_survives_parsing() {
    for text in [
        "Server=db1;Password=geheim",
        "Server=db1;Password = geheim ; Database=x",
        "Server=db1;PASSWORD=geheim",
        "Server=db1;pwd=geheim;",
        "Server=db1;Password==geheim",
        "Server=db1;Pwd\t=\tgeheim",
        "Server=db1;Pwd\u{a0}=\u{a0}geheim",
        "Server=db1;Pass\u{200b}word=geheim",
        "Server=db1;ＰＷＤ＝geheim",
        "Server=db1;Password='a;geheim'",
        "Server=db1;Password = \"a;geheim\"",
        "Server=db1;Password='a''geheim'",
        "Server=db1;Password=\"a\"\"geheim\"",
        "Server=db1;Password=\"a\"geheim;x",
        "Server=db1;Password=\"a;geheim",
        "Server=db1;Password='a;geheim",
        "Server=db1;PWD={a}}b;geheim}",
        "Server=db1;PWD={a;geheim",
        "Server=db1;PWD={a}geheim",
        "Server=db1;Password=a;geheim",
        "Server=db1;Password=a;geheim;Database=x",
        "Server=db1;Password=\ngeheim",
        "Server=db1;\nPassword=a\"b'c{geheim\n",
        "Server=db1;AccessToken=geheim",
        "Server=db1;Access Token=geheim",
        "Server=db1;ClientSecret=geheim;x=y",
        "Server=db1;keyStoreSecret=geheim",
        "Server=db1;trustStorePassword={geheim}",
        "Server=db1;KeyVaultProviderClientKey=geheim",
        "Server=db1/x;Pass word=geheim",
        "Server=db1/x;P W D = geheim",
        "Server=db1/x;Access To  ken='a;geheim'",
        "mssql+pyodbc:///?odbc_connect=Server%3Ddb1/x%3BPass+word%3Dgeheim",
        "Password=geheim",
        "Password='geheim",
        "Database=x;Password=geheim",
        "Server=db1/PROD;Password=geheim",
        "Server=db1,abc;Password=geheim",
        "Password=geheim;Server={db1",
        "odbc:server=db1;password={geheim}",
        "jdbc:sqlserver://db1;user=sa;password=geheim",
        "jdbc:sqlserver://db1;user=sa;password={a}};geheim}",
        "jdbc:sqlserver://db1/x;password=geheim",
        "jdbc:sqlserver://sa:geheim@db1",
        "jdbc:mysql://db1;password=geheim",
        "sqlserver://sa:geheim@db1",
        "sqlserver://sa:a@geheim@db1",
        "sqlserver://sa:a/geheim@db1",
        "sqlserver://sa:a?geheim@db1",
        "sqlserver://sa:a@b?geheim@db1",
        "sqlserver://sa:a:geheim@db1:abc",
        "sqlserver://sa:a geheim@db1",
        "sqlserver://sa:geheim@",
        "sqlserver://sa:geheim",
        "sqlserver://sa:a geheim",
        "sqlserver://sa:1a/geheim",
        "sqlserver://sa:a?geheim",
        "sqlserver://sa:a:geheim?database=x",
        "sqlserver://sa:geheim?user id=a@b",
        "sqlserver://[::1]:geheim",
        "sqlserver://sa:%67eheim",
        "jdbc:sqlserver://sa:geheim;database=x",
        "mssql+pyodbc://sa:geheim/x?driver=y",
        "postgresql://sa:geheim",
        "//sa:geheim@db1:1433",
        "//sa:a geheim@db1:1433",
        "//sa:a/b:geheim@db1/x",
        "Server=//sa:geheim@db1",
        "'//sa:geheim@db1'",
        "sqlserver://sa:%67geheim@db1/x/y",
        "sqlserver://db1?user id=sa&password=geheim&database=x",
        "sqlserver://db1?password=a%26geheim",
        "sqlserver://db1?password=a&geheim&database=x",
        "sqlserver://db1?password=a;geheim",
        "http://sa:geheim@db1",
        "mssql+pyodbc://sa:geheim@db1/x?driver=y",
        "mssql+pyodbc:///?odbc_connect=Server%3Ddb1%3BPWD%3Dgeheim%3BUID%3Dsa",
        "mssql+pyodbc:///?odbc_connect=Server%3Ddb1%3BPWD%3D%7Ba%7D%7Db%3Bgeheim%7D",
        "mssql+pyodbc:///?odbc_connect=Server%3Ddb1%3BP%57D+%3D+geheim",
        "mssql+pyodbc:///?odbc_connect=Server%253Ddb1%253BPWD%253Dgeheim",
        "mssql+pyodbc:///?odbc_connect=Server%3Ddb1,abc%3BPWD%3Dgeheim",
        "sa:geheim@db1",
        "sa:a/geheim@db1",
        r"corp\sa:geheim@db1,1433",
        "sqlcmd -S db1 -U sa -P geheim",
        "sqlcmd -S db1 -U sa -Pgeheim",
        "sqlcmd -S db1 -U sa -P 'a geheim'",
        "sqlcmd -S db1 -U sa -P \"a geheim\" -d x",
        "sqlcmd -S db1 -U sa -P \"a\\\" geheim\"",
        "sqlcmd -S db1 -U sa -P 'it'\\''s geheim'",
        "sqlcmd -S db1 -U sa -P a\\ geheim",
        "sqlcmd -S db1 -U sa -P 'a geheim",
        "sqlcmd -S db1 /U sa /P geheim",
        "sqlcmd -S db1 -U sa -P old -Z geheim",
        "sqlcmd -U sa -P geheim",
        "db1 -P geheim",
        "-S db1 -U sa -P geheim",
        "bcp x out y -S db1 -U sa -Pgeheim",
        "Invoke-Sqlcmd -ServerInstance db1 -Username sa -Password 'a geheim'",
        "Invoke-Sqlcmd -ServerInstance db1 -Password (ConvertTo-SecureString 'geheim' -AsPlainText)",
        "sqlcmd --server db1 --password geheim",
    ] {
        let shown = match parse(text) {
            Ok(target) => format!("{target:?} {}", target.short()),
            Err(error) => format!("{error:?} {error}"),
        };
        assert!(!shown.contains(SECRET), "{text} -> {shown}");
        assert!(shown.contains("***"), "{text} -> {shown}");
        let masked = mask_secrets(text);
        assert!(!masked.contains(SECRET), "{text} -> {masked}");
    }
}

#[test]
#[allow(clippy::too_many_lines)] // a table
fn masked_text_keeps_what_is_no_secret() {
    for (text, masked) in [
        (
            "Server=db1;User ID=sa;Password=geheim;Database=x",
            "Server=db1;User ID=sa;Password=***;Database=x",
        ),
        (
            "Server=db1;Pwd={a}}b;c};Database=x",
            "Server=db1;Pwd=***;Database=x",
        ),
        (
            "Server=db1;Password=\"a\\\";Database=x",
            "Server=db1;Password=***;Database=x",
        ),
        (
            "Server=db1;Password=;Database=x",
            "Server=db1;Password=;Database=x",
        ),
        (
            "sqlserver://sa:geheim@db1:1433/PROD?database=x",
            "sqlserver://sa:***@db1:1433/PROD?database=x",
        ),
        (
            "sqlserver://db1:1433?user id=a@b&database=x",
            "sqlserver://db1:1433?user id=a@b&database=x",
        ),
        (
            "sqlserver://db1?password=geheim&database=x",
            "sqlserver://db1?password=***&database=x",
        ),
        (
            "jdbc:sqlserver://db1:1433;user=a@b;password=c;encrypt=true",
            "jdbc:sqlserver://db1:1433;user=a@b;password=***;encrypt=true",
        ),
        (
            "sqlcmd -S db1 -U sa -P geheim -d x",
            "sqlcmd -S db1 -U sa -P *** -d x",
        ),
        (
            "Server=db1;Pass word=geheim;Database=x",
            "Server=db1;Pass word=***;Database=x",
        ),
        ("//sa:geheim@db1:1433/x", "//sa:***@db1:1433/x"),
        ("sqlserver://sa:geheim", "sqlserver://sa:***"),
        ("sqlserver://ab:12:cafe", "sqlserver://ab:***"),
        (
            "sqlserver://sa:geheim?database=x",
            "sqlserver://sa:***?database=x",
        ),
        (
            "'sqlserver://sa:geheim' cannot be read",
            "'sqlserver://sa:***' cannot be read",
        ),
        (
            "see sqlserver://sa:geheim, and mssql://db2:1433.",
            "see sqlserver://sa:***, and mssql://db2:1433.",
        ),
        (
            "sqlserver://[fe80::1]:1433 sqlserver://fe80::1 sqlserver://db1:",
            "sqlserver://[fe80::1]:1433 sqlserver://fe80::1 sqlserver://db1:",
        ),
        (
            "// note: bob@example.com knows",
            "// note: bob@example.com knows",
        ),
        ("-pass word", "-pass ***"),
        (
            "tsql -H db1 -p 1433 -U sa -P geheim",
            "tsql -H db1 -p 1433 -U sa -P ***",
        ),
        (
            "Test-NetConnection db1 -Port 1433",
            "Test-NetConnection db1 -Port 1433",
        ),
        (
            "Authentication=ActiveDirectoryPassword;Server=db1",
            "Authentication=ActiveDirectoryPassword;Server=db1",
        ),
        (
            "Login failed for user 'sa'. Reason: Password did not match that for the login provided.",
            "Login failed for user 'sa'. Reason: Password did not match that for the login provided.",
        ),
        (
            "Token error: 'x' on server db1",
            "Token error: 'x' on server db1",
        ),
        (
            "TrustServerCertificate=yes;Encrypt=strict",
            "TrustServerCertificate=yes;Encrypt=strict",
        ),
        (r"db1\PROD,1433", r"db1\PROD,1433"),
        (
            "12:30:01 tcp:db1,1433 from 10.0.4.12:1433",
            "12:30:01 tcp:db1,1433 from 10.0.4.12:1433",
        ),
        ("", ""),
    ] {
        assert_eq!(mask_secrets(text), masked, "{text}");
        assert_eq!(
            mask_secrets(masked),
            masked,
            "masking twice changes nothing: {text}"
        );
    }
}

#[test]
fn pages_of_text_lose_their_secrets_line_by_line() {
    let page = r#"
# sqlreach.toml
server = 'Server=db1;Password=geheim;Encrypt=yes'
server = "sqlserver://sa:geheim@db1"
password = "geheim"
{ "user": "sa", "password": "gehe\"im geheim", "port": 1433 }
{ "json": "{\"password\":\"geheim\",\"port\":1433}" }
<add key="x" connectionString="Server=db1;Pwd=geheim" />
<password>geheim</password>
password: geheim
secret_key => 'geheim'
export SQLCMDPASSWORD=geheim
CREATE LOGIN app WITH PASSWORD = N'gehe''im geheim', CHECK_POLICY = ON
ALTER LOGIN app WITH PASSWORD = 'geheim' OLD_PASSWORD = 'geheim'
Authorization: Bearer eyJ0eXAiOiJKV1Qi.geheimgeheimgeheim
GET https://x.blob.core.windows.net/backup?sv=1&sig=geheim%3D&se=2
url = "sqlserver://sa:geheim"
see sqlserver://sa:geheim@db1:1433 and mail bob@example.com
$ sqlcmd -S db1 -U sa -P 'geheim' -Q "select 1"
the last line stays"#;
    let masked = mask_secrets(page);
    assert!(!masked.contains(SECRET), "{masked}");
    assert_eq!(masked.lines().count(), page.lines().count());
    for kept in [
        "# sqlreach.toml",
        "Server=db1;Password=***",
        "@db1:1433 and mail bob@example.com",
        "OLD_PASSWORD = ***",
        "the last line stays",
    ] {
        assert!(masked.contains(kept), "{kept} is gone from {masked}");
    }
}

/// Twenty times as much text may not cost four hundred times as much time.
#[test]
fn a_hostile_page_costs_no_quadratic_time() {
    for piece in [
        "password=x;",
        "Token: ",
        "://",
        "sql://",
        "sql://a:b",
        "//a:",
        "p a s ",
        "://?user",
        "pwd",
        "password='",
        "pwd={",
        "&pwd=",
        "-P -z sqlcmd ",
        ":@ ",
        "a:b@",
    ] {
        let time = |bytes: usize| {
            let page = piece.repeat(bytes / piece.len());
            let tries = (0..3).map(|_| {
                let start = std::time::Instant::now();
                assert!(mask_secrets(&page).len() <= page.len() * 2);
                start.elapsed()
            });
            tries.min().unwrap()
        };
        let (small, large) = (time(4_000), time(80_000));
        assert!(large < small * 150, "{piece}: {small:?}, then {large:?}");
    }
}
