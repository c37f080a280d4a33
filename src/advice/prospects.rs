//! What clients would experience at a name with several addresses, in words.

use serde::Serialize;

use super::said::sentence;
use crate::diagnosis::listener::{Listener, Outlook, Prospect};
use crate::diagnosis::{Case, Said};

/// What a generation of clients would experience.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClientWould {
    /// The numbers.
    #[serde(flatten)]
    pub prospect: Prospect,
    /// The same in words.
    pub text: String,
}

/// What each generation of clients would experience. Empty for a name with one address.
pub fn clients_would(case: &Case<'_>) -> Vec<ClientWould> {
    let prospects = Listener::of(case).map(|listener| listener.prospects);
    let in_words = |prospect: Prospect| ClientWould {
        text: sentence(&said(prospect.outlook), case),
        prospect,
    };
    prospects.into_iter().flatten().map(in_words).collect()
}

/// Clients that fare alike, together.
pub fn alike(clients: &[ClientWould]) -> Vec<(Vec<&'static str>, &ClientWould)> {
    let mut groups: Vec<(Vec<&'static str>, &ClientWould)> = Vec::new();
    for client in clients {
        match groups
            .iter_mut()
            .find(|(_, first)| first.text == client.text)
        {
            Some((names, _)) => names.push(client.prospect.client),
            None => groups.push((vec![client.prospect.client], client)),
        }
    }
    groups
}

fn said(outlook: Outlook) -> Said {
    match outlook {
        // What nobody would notice is no range.
        Outlook::Connects { best, worst } if worst.as_ms() < best.as_ms() + 100.0 => {
            Said::ClientsConnect { best }
        }
        Outlook::Connects { best, worst } => Said::ClientsConnectWithin { best, worst },
        Outlook::SometimesFails {
            orders,
            of,
            best,
            worst,
        } => Said::ClientsSometimesFail {
            best,
            worst,
            orders,
            of,
        },
        Outlook::Fails => Said::ClientsFail {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::Scene;
    use crate::evidence::ConnectStatus::{self, Open, Refused, TimedOut};

    fn told(second: ConnectStatus) -> Vec<String> {
        let scene = Scene::new("aglist01.corp.test,1433")
            .answers()
            .took(12)
            .also("10.0.5.12", second)
            .took(12);
        let clients = clients_would(&scene.case());
        let line = |(names, client): (Vec<&str>, &ClientWould)| {
            format!("{}: {}", names.join(", "), client.text)
        };
        alike(&clients).into_iter().map(line).collect()
    }

    #[test]
    fn clients_that_fare_alike_stand_together() {
        assert_eq!(
            told(TimedOut),
            [
                "MultiSubnetFailover=True, go-mssqldb, FreeTDS, pymssql: 12.0 ms",
                "JDBC, ODBC, OLE DB, SqlClient on .NET Framework: 12.0 ms to 512 ms",
                "SqlClient on .NET, tedious, node-mssql: 12.0 ms, but 1 of 2 orders fail (need 21.01 s)",
            ]
        );
        assert_eq!(told(Refused).len(), 3);
        assert_eq!(told(Open).len(), 1);
    }

    #[test]
    fn a_name_with_one_address_has_nothing_to_tell() {
        let scene = Scene::new("db1.corp.test,1433").answers();
        assert_eq!(clients_would(&scene.case()), []);
    }

    #[test]
    fn where_no_address_opens_every_client_fails() {
        let scene = Scene::new("aglist01.corp.test,1433")
            .timed_out()
            .also("10.0.5.12", TimedOut);
        let clients = clients_would(&scene.case());
        let groups = alike(&clients);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].1.text, "fail");
    }

    #[test]
    fn numbers_and_words_stand_side_by_side_in_json() {
        let scene = Scene::new("aglist01.corp.test,1433")
            .answers()
            .took(12)
            .also("10.0.5.12", TimedOut);
        let clients = clients_would(&scene.case());
        let json = serde_json::to_value(clients.last().unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "client": "tedious, node-mssql", "budget_ms": 15000.0, "outcome": "sometimes-fails",
                "orders": 1, "of": 2, "best_ms": 12.0, "worst_ms": 21012.0,
                "text": "12.0 ms, but 1 of 2 orders fail (need 21.01 s)",
            })
        );
    }
}
