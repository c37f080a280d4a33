//! The server as a client would be told to reach it, from checked tokens alone.

use super::facts;
use super::template::placeholder;
use crate::diagnosis::Case;
use crate::target::{Declared, Kind, Port, Target};

/// `host,port` with the port that a client ends at, which is Browser's answer for a named
/// instance; `host\INSTANCE` where nobody knows it. `None` where the target is not reached
/// over TCP.
pub fn server(target: &Target, case: Option<&Case<'_>>) -> Option<String> {
    target.over_tcp().ok()?;
    let default = || target.instance.is_none().then_some(Port::DEFAULT);
    let port = match case {
        Some(case) => facts::port(case),
        None => target.port.or_else(default),
    };
    Some(match port {
        Some(port) => format!("{},{port}", target.host),
        None => target.short(),
    })
}

/// A connection string for [`server`], with what is to be filled in shown as such. It holds
/// no secret.
pub fn connection_string(server: &str, declared: &Declared) -> String {
    let [database, account, password] = ["DATABASE", "ACCOUNT", "PASSWORD"].map(placeholder);
    let mut text = format!(
        "Server=tcp:{server};Database={database};User ID={account};Password={password};Encrypt=True"
    );
    // A listener and a cluster may have an address in each subnet, of which one is live.
    if matches!(declared.kind, Some(Kind::AgListener | Kind::Fci)) {
        text.push_str(";MultiSubnetFailover=True");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Scene;
    use crate::evidence::BrowserStatus;

    fn of(scene: &Scene) -> Option<String> {
        let case = scene.case();
        server(case.target, Some(&case))
    }

    #[test]
    fn a_client_is_given_the_port_where_it_is_known() {
        assert_eq!(of(&Scene::new("db1").answers()).unwrap(), "db1,1433");
        let named = Scene::new(r"sales01\PROD").advertises(50123).answers();
        assert_eq!(of(&named).unwrap(), "sales01,50123");
        let silent = Scene::new(r"sales01\PROD").browser(BrowserStatus::Silent);
        assert_eq!(of(&silent).unwrap(), r"sales01\PROD");
        let target: Target = "db1,1444".parse().unwrap();
        assert_eq!(server(&target, None).unwrap(), "db1,1444");
        let pipe: Target = r"np:\\db1\pipe\sql\query".parse().unwrap();
        assert_eq!(server(&pipe, None), None);
    }

    #[test]
    fn a_connection_string_can_be_read_again_and_holds_no_secret() {
        let text = connection_string("db1,1444", &Declared::default());
        assert_eq!(
            text,
            "Server=tcp:db1,1444;Database=<DATABASE>;User ID=<ACCOUNT>;Password=<PASSWORD>;Encrypt=True"
        );
        let target: Target = text.parse().unwrap();
        assert_eq!(target.short(), "db1,1444");
        let listener = Declared {
            kind: Some(Kind::AgListener),
            ..Declared::default()
        };
        let text = connection_string("ag1,1433", &listener);
        assert!(text.ends_with(";MultiSubnetFailover=True"), "{text}");
    }
}
