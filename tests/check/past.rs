//! What a check learned makes the verdict of the next one.

use sqlreach::simulate::browser::{Behaviour, Listing};
use sqlreach::simulate::engine::Profile;

use crate::binary::Home;
use crate::servers::{browser, engine, instances};

fn prod() -> Profile {
    Profile {
        instance: "PROD".to_owned(),
        ..Profile::default()
    }
}

#[tokio::test]
async fn an_instance_that_answers_on_another_port_than_before_says_so() {
    let home = Home::new();
    let (before, after) = (engine(prod()).await, engine(prod()).await);
    for (engine, is_news) in [(&before, false), (&after, true)] {
        let listing = Listing::new("sales01", "PROD", Some(engine.address().port()));
        let (_browser, option) = browser(vec![listing], Behaviour::default()).await;
        let ended = home.sqlreach(&["check", &option, r"127.0.0.1\PROD"]).await;
        assert_eq!(ended.status, Some(0), "{ended:?}");
        let old = before.address().port().to_string();
        let says = ended.out.lines().skip(1).any(|line| line.contains(&old));
        assert_eq!(says, is_news, "{}", ended.out);
    }
}

#[tokio::test]
async fn a_given_port_whose_instance_moved_leads_to_its_new_one() {
    let home = Home::new();
    let old = engine(prod()).await;
    let (address, new) = (old.address(), engine(prod()).await);
    let target = format!("127.0.0.1,{}", address.port());
    let listing = |port| vec![Listing::new("sales01", "PROD", Some(port))];
    let (browser_before, option) = browser(listing(address.port()), Behaviour::default()).await;
    // The instance and its port are given together once, so the memory knows whose it is.
    let both = format!(r"127.0.0.1\PROD,{}", address.port());
    home.sqlreach(&["check", &option, &both]).await;
    drop((old, browser_before));
    let (_browser, option) = browser(listing(new.address().port()), Behaviour::default()).await;
    let ended = home
        .sqlreach(&["check", "--format=json", &option, &target])
        .await;
    let document = ended.document();
    let diagnosis = &instances(&document)[0]["diagnosis"];
    assert_eq!(diagnosis["causes"][0]["id"], "wrong-port", "{diagnosis:#}");
    let around = format!("tcp:127.0.0.1,{}", new.address().port());
    let findings = diagnosis["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .any(|finding| finding.as_str().unwrap().contains(&around)),
        "{findings:?}"
    );
}
