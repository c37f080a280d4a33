//! Putting a fix to the proof, as somebody sees it who has just carried it out.

use sqlreach::simulate::closed_port::ClosedPort;
use sqlreach::simulate::engine::{Engine, Profile};

use crate::program::Program;

#[test]
fn a_fix_that_works_is_proved_while_somebody_watches() {
    let closed = ClosedPort::start(([127, 0, 0, 1], 0).into()).unwrap();
    let address = closed.address();
    let mut program = Program::sqlreach(&[]).size(120, 40);
    program.configure(&format!(
        "[probe]\ninterval = \"1h\"\nwitness_ports = []\n\
         [[instance]]\nserver = '127.0.0.1,{}'\nname = 'Sales'\n",
        address.port()
    ));
    let mut terminal = program.start();
    terminal.wait_for("✖ 1 down");
    terminal.press("v", "it begins", |view| {
        view.footer().contains("verifying: ")
    });
    terminal.wait("what it waits for", |view| {
        view.has("· the engine answers") && view.has(" of 5:00 ·")
    });

    // Somebody starts the service.
    drop(closed);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let engine = runtime.block_on(Engine::start(address, Profile::default()));
    let engine = engine.unwrap();
    terminal.wait("it is fixed", |view| {
        view.has("Sales: fixed ") && view.has("✓ the engine answers")
    });
    terminal.wait("the line that tests a login", |view| {
        view.has("  1 sqlcmd -S ") && view.state("Sales").as_deref() == Some("answering")
    });
    terminal.press("v", "nothing is left to verify", |view| {
        view.footer()
            .contains("nothing to verify: Sales is answering")
    });
    drop(engine);
}

#[test]
fn a_proof_that_runs_is_called_off_with_the_same_key() {
    let mut terminal = Program::watching(1).size(120, 40).start();
    terminal.wait_for("✖ 1 down");
    terminal.press("v", "it begins", |view| view.has(" of 5:00 ·"));
    terminal.press("v", "it ends", |view| {
        view.has("no longer verifying n01") && view.has("stopped after 0:")
    });
}
