//! A failover cluster instance, a replica, a listener and a server that nobody declared
//! are mended in different ways: what is shown for what is diagnosed, end to end.

use super::{Advice, Risk, advise};
use crate::diagnosis::Scene;
use crate::evidence::ConnectStatus::TimedOut;
use crate::evidence::PreloginStatus;
use crate::target::Kind;

/// Starts or arms a service behind the cluster's back.
const BY_HAND: [&str; 9] = [
    "start-service",
    "restart-service",
    "set-service",
    "net start",
    "start= auto",
    "systemctl start mssql",
    "systemctl restart mssql",
    "systemctl enable mssql",
    "stop-service",
];
/// Acts on a cluster.
const BY_CLUSTER: [&str; 4] = [
    "start-clustergroup",
    "move-clustergroup",
    "start-clusterresource",
    "stop-clusterresource",
];

/// Ways in which an instance fails that its service or its cluster can mend.
fn failures(scene: impl Fn() -> Scene) -> Vec<Scene> {
    vec![
        scene().refused(),
        scene().refused().also("10.0.5.12", TimedOut),
        scene().timed_out(),
        scene().timed_out().closed(TimedOut).port(445, TimedOut),
        scene().answer(PreloginStatus::Silent),
    ]
}

fn advice(scene: &Scene) -> Advice {
    advise(&scene.case(), &scene.diagnose())
}

/// Each command in the order shown, with what it risks.
fn commands(advice: &Advice) -> Vec<(Risk, String)> {
    let fixes = advice.causes.iter().flat_map(|cause| &cause.fixes);
    let commands = fixes.flat_map(|fix| fix.commands.iter().map(|command| (fix.risk, command)));
    commands
        .map(|(risk, command)| (risk, command.text.to_lowercase()))
        .filter(|(_, text)| !text.contains("sqlbrowser"))
        .collect()
}

fn shows(advice: &Advice, words: &[&str]) -> bool {
    let holds = |text: &str| words.iter().any(|word| text.contains(word));
    commands(advice).iter().any(|(_, text)| holds(text))
}

#[test]
fn a_declared_cluster_instance_is_mended_through_its_cluster_only() {
    let scenes = failures(|| Scene::new("fci01.corp.test,1433").kind(Kind::Fci));
    for scene in scenes {
        let advice = advice(&scene);
        assert!(!shows(&advice, &BY_HAND), "{:?}", commands(&advice));
    }
    let refused = Scene::new("fci01.corp.test,1433").kind(Kind::Fci).refused();
    assert!(shows(&advice(&refused), &["start-clustergroup"]));
}

#[test]
fn so_is_one_that_only_browser_calls_clustered() {
    let scenes = failures(|| Scene::new(r"fci01\PROD").advertises(50123).clustered());
    for scene in scenes {
        let advice = advice(&scene);
        assert!(!shows(&advice, &BY_HAND), "{:?}", commands(&advice));
    }
}

#[test]
fn the_service_of_a_replica_is_an_ordinary_one() {
    let scenes = failures(|| Scene::new("node1.corp.test,1433").kind(Kind::AgReplica));
    for scene in &scenes {
        let advice = advice(scene);
        assert!(!shows(&advice, &BY_CLUSTER), "{:?}", commands(&advice));
    }
    let refused = advice(
        &Scene::new("node1.corp.test")
            .kind(Kind::AgReplica)
            .refused(),
    );
    let shown = commands(&refused);
    for wanted in ["start-service", "set-service"] {
        assert!(shows(&refused, &[wanted]), "{wanted}: {shown:?}");
    }
}

#[test]
fn a_listener_fails_over_by_t_sql_and_not_in_the_cluster_manager() {
    let listener = || Scene::new("aglist01.corp.test,1433").kind(Kind::AgListener);
    for scene in [
        listener().refused(),
        listener().timed_out().closed(TimedOut).port(445, TimedOut),
    ] {
        let advice = advice(&scene);
        assert!(shows(&advice, &["alter availability group"]));
        assert!(
            !shows(&advice, &["move-clustergroup"]),
            "{:?}",
            commands(&advice)
        );
    }
}

#[test]
fn where_nothing_is_known_the_cluster_is_looked_for_before_anything_is_started() {
    let refused = Scene::new("db1.corp.test,1433").refused();
    let commands = commands(&advice(&refused));
    let first = |word: &str| commands.iter().position(|(_, text)| text.contains(word));
    let look = first("get-clusterresource").unwrap();
    let start = first("start-service").unwrap();
    assert!(look < start, "{commands:?}");
    assert_eq!(commands[look].0, Risk::ReadOnly);
}

#[test]
fn a_server_declared_to_stand_alone_needs_no_look_for_a_cluster() {
    let refused = Scene::new("db1.corp.test,1433")
        .kind(Kind::Standalone)
        .refused();
    let advice = advice(&refused);
    assert!(!shows(&advice, &["get-cluster"]));
    assert!(shows(&advice, &["start-service"]));
}
