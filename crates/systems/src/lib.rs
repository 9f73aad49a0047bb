//! What is put on the water: our node with its planted bugs, and other people's Raft crates.
//!
//! One adapter a file. An adapter drives one implementation through the contract of
//! [`whitewater_sim::replica`] and adds nothing of its own: what a library would leave to its user, a disk,
//! a timer, a state machine, is the world's. [`bugs`] lists the mistakes that can be planted in our node.

pub mod bugs;
pub mod noraft;
pub mod whitewater;

use whitewater_sim::run::{Course, Runner};

/// A system that can be put on the water by name.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// Its name in scenario files and on the command line.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// The version of the implementation.
    pub version: &'static str,
    /// Makes a runner for it.
    pub runner: fn() -> Box<dyn Runner>,
}

/// The systems that come with whitewater.
pub const SYSTEMS: &[Listed] = &[
    Listed {
        name: "whitewater",
        about: "Our own node: basic Raft as in the paper, with conflict hints. Option: entries_per_append.",
        version: env!("CARGO_PKG_VERSION"),
        runner: || Box::new(Course::<whitewater::Whitewater>::new()),
    },
    Listed {
        name: "noraft",
        about: "The crate noraft: sans-I/O, actions to carry out after each call. No options.",
        version: "0.7",
        runner: || Box::new(Course::<noraft::Noraft>::new()),
    },
];
