//! A replicated log of one's own on the water: `mirror` is the system, and the test below is all that it takes
//! to run it through a scenario. The crate's README walks through both.
//!
//! `cargo test -p whitewater-sim --example your_own_raft` runs the test. The same system under the whole
//! command, with run and its siblings, is ten more lines: `crates/cli/examples/your_own_command.rs`.

mod mirror;

use whitewater_campaign::assert::Trial;

/// What the mirror is to hold under, and how the command is called that knows it.
const TRIAL: Trial<'_> = Trial {
    system: "mirror",
    runner: || Box::new(whitewater_sim::run::Course::<mirror::Mirror>::new()),
    scenario: concat!(env!("CARGO_MANIFEST_DIR"), "/examples/your_own_raft/mirror.json"),
    seeds: 1..=200,
    capsules: "target/failures",
    command: "cargo run -p whitewater-cli --example your_own_command --",
};

fn main() {
    TRIAL.assert_holds();
}

#[test]
fn the_mirror_holds() {
    TRIAL.assert_holds();
}
