//! The extended Raft paper, one test for each sentence that binds a server: figure 2, §5.1 to §5.4.2, §7 and §8 as far
//! as it is built, and figures 7 and 8 played by hand. The name of a test is the claim.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../common/mod.rs"]
mod common;

mod commitment;
mod durability;
mod election;
mod figures;
mod replication;
mod sanity;
mod snapshots;
mod terms;
