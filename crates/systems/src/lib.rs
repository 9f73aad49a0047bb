//! What is put on the water: our node with its planted bugs, and other people's Raft crates.
//!
//! One adapter a file. An adapter drives one implementation through the contract of
//! [`whitewater_sim::replica`] and adds nothing of its own: what a library would leave to its user, a disk,
//! a timer, a state machine, is the world's. [`bugs`] lists the mistakes that can be planted in our node.

pub mod bugs;
pub mod noraft;
#[cfg(feature = "raft-rs")]
pub mod raft_rs;
#[cfg(feature = "raftbare")]
pub mod raftbare;
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
    /// What a scenario may ask of it beside its faults: options and bugs, in a few words each.
    pub supports: &'static [&'static str],
    /// Makes a runner for it.
    pub runner: fn() -> Box<dyn Runner>,
}

/// The systems that come with whitewater.
pub const SYSTEMS: &[Listed] = &[
    Listed {
        name: "whitewater",
        about: "Our own node: Raft as in the paper, with conflict hints and snapshots.",
        version: env!("CARGO_PKG_VERSION"),
        supports: &[
            "the options entries_per_append (1 to 65536) and snapshot_every (applied entries, 0 for never)",
            "planted bugs",
        ],
        runner: || Box::new(Course::<whitewater::Whitewater>::new()),
    },
    Listed {
        name: "noraft",
        about: "The crate noraft: sans-I/O, actions to carry out after each call.",
        version: "0.7",
        supports: &["the option snapshot_every (applied entries, 0 for never)"],
        runner: || Box::new(Course::<noraft::Noraft>::new()),
    },
    #[cfg(feature = "raft-rs")]
    Listed {
        name: "raft-rs",
        about: "The crate raft, TiKV's: driven by ticks, with a Ready loop; its timeouts are drawn from the seed.",
        version: "0.7",
        supports: &["the options progress (0 or 1) and snapshot_every (applied entries, 0 for never)"],
        runner: || Box::new(Course::<raft_rs::RaftRs>::new()),
    },
];

/// Systems that are known to break, each behind a feature of its own. They are what a tool that claims to
/// find such things is tried on, so they stand apart from those that are held to every scenario.
pub const BROKEN: &[Listed] = &[
    #[cfg(feature = "raftbare")]
    Listed {
        name: "raftbare",
        about: "The crate raftbare, predecessor of noraft: voters compare last indexes and not terms.",
        version: "0.2.2",
        supports: &[],
        runner: || Box::new(Course::<raftbare::Raftbare>::new()),
    },
];
