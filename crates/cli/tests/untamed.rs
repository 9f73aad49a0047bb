//! A system with randomness that no seed reaches is found out, and named.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use whitewater_cli::command;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, System, Unsupported};
use whitewater_sim::run::Course;
use whitewater_systems::raft_rs::{RaftRs, Server};
use whitewater_systems::{Listed, SYSTEMS};

/// raft-rs with the election timeouts that it draws from its thread.
struct Untamed(RaftRs);

impl System for Untamed {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        Ok(Self(RaftRs::configure(choice)?.with_own_timeouts()))
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        self.0.start(boot, effects)
    }
}

const UNTAMED: Listed = Listed {
    name: "untamed",
    about: "raft-rs as it comes.",
    version: "0.7",
    supports: &["the option progress"],
    runner: || Box::new(Course::<Untamed>::new()),
};

/// Runs the small campaign twice per seed, and gives the exit and what was written.
fn twice(system: &str, seeds: &str) -> (u8, String) {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/campaign/small.json");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("untamed-{system}"));
    let choice = format!(r#"system={{"{system}":{{"progress":0}}}}"#);
    let mut args = ["whitewater", "run", "--twice", "--seeds", seeds, "--set", &choice, "-o"]
        .map(OsString::from)
        .to_vec();
    args.extend([out.clone().into(), scenario.into()]);
    let exit = command(args, &[SYSTEMS, &[UNTAMED]].concat(), &AtomicBool::new(false));
    (exit.code(), fs::read_to_string(out).unwrap_or_default())
}

#[test]
fn two_runs_that_differ_are_6_and_the_first_step_is_named() {
    let (exit, text) = twice("untamed", "1..5");
    assert_eq!(exit, 6, "{text}");
    assert!(text.contains("two runs differ from step "), "{text}");
}

#[test]
fn with_timeouts_from_the_seed_a_hundred_seeds_reproduce() {
    let (exit, text) = twice("raft-rs", "1..100");
    assert_eq!(exit, 0, "{text}");
}
