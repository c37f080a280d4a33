//! No local port left: a matter of this machine, and none of the server or of Browser.

use serde_json::Value;

use crate::lab::Lab;

const TARGETS: [&str; 2] = ["10.77.2.2", r"10.77.2.2\PROD"];

fn check(lab: &Lab) -> Value {
    let home = tempfile::tempdir().unwrap();
    let mut arguments = vec!["check", "--format", "json", "--timeout", "1s"];
    arguments.extend(TARGETS);
    serde_json::from_str(&lab.sqlreach(home.path(), &arguments)).unwrap()
}

#[test]
fn without_a_local_port_nothing_is_said_of_the_server_until_one_is_free() {
    let Some(lab) = Lab::new() else { return };
    let _engine = lab.server("10.77.2.2:1433");
    lab.switch("ipv4/ip_local_port_range", "40000 40002");
    let held = lab.run("c", "hold-ports 10.77.2.2:1433");
    let document = check(&lab);
    let [plain, named] = &document["instances"].as_array().unwrap()[..] else {
        panic!("{document:#}")
    };
    let connect = &plain["layers"]["connect"];
    assert_eq!(plain["state"], "blocked", "{plain:#}");
    assert_eq!(
        (&connect["status"], &connect["attempts"][0]["os_error"]),
        (&"exhausted".into(), &99.into())
    );
    // The question to Browser needs a port, too.
    assert_eq!(named["state"], "not-located", "{named:#}");
    assert_eq!(named["layers"]["browser"]["tries"], 0);
    for instance in [plain, named] {
        let causes = instance["diagnosis"]["causes"].as_array().unwrap();
        assert_eq!(causes.len(), 1, "{causes:#?}");
        assert_eq!(causes[0]["id"], "local-ports-exhausted");
        let headline = instance["diagnosis"]["headline"].as_str().unwrap();
        assert!(
            headline.starts_with("This machine has no local port"),
            "{headline}"
        );
    }
    drop(held);
    assert_eq!(check(&lab)["instances"][0]["state"], "answering");
}
