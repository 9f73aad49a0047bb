//! The world: a deterministic discrete-event simulator for clusters of Raft nodes.
//!
//! A scenario file and a seed make a [`plan::Plan`]; a plan on a [`replica::System`] makes a
//! [`verdict::Verdict`]. In between there is virtual time and one queue of events.
//!
//! | the way of a step | file |
//! |---|---|
//! | the next event is taken | `queue`, `event` |
//! | and handed to a replica, or waits in its inbox | `world`, `process` |
//! | the replica answers with effects | [`replica`], [`effects`] |
//! | which reach disk, state machine and clients | `environment`, `disk`, `states`, `machine`, `service`, `clients` |
//! | and other nodes, if the network lets them | `flight`, `network`; what they say is in `cargo` |
//! | and when the list has run out, the replica is looked at | `world`, `step`, then `whitewater_check` |
//!
//! Beside the way: [`chance`] gives every draw an address, [`distribution`] turns bits into durations
//! without a float, `faults`, `timeline` and `nemesis` do things to the cluster, `settle` ends a run,
//! [`predicate`] and `watch` look out for what a scenario names, [`trace`] and `digest` remember,
//! [`scene`] shows the cluster to whoever looks on, and [`culprit`] says whose a panic was.
//!
//! How a Raft of one's own gets in is told in the crate's README, with the example `your_own_raft`.
//!
//! What this crate does not know: any particular Raft, threads, files, the wall clock.

mod act;
mod cargo;
pub mod chance;
mod clients;
mod clock;
pub mod culprit;
mod digest;
mod disk;
pub mod distribution;
pub mod effects;
mod environment;
mod event;
pub mod expectations;
pub mod family;
mod faults;
mod fifo;
mod flight;
mod gauges;
mod intercept;
mod judge;
mod machine;
pub mod measure;
mod mishaps;
mod nemesis;
mod network;
pub mod plan;
pub mod predicate;
mod process;
mod quantiles;
mod queue;
mod quorum;
mod ratio;
pub mod replica;
pub mod run;
pub mod scenario;
pub mod scene;
mod service;
mod settle;
mod slab;
mod states;
mod step;
pub mod story;
mod targets;
mod timeline;
pub mod trace;
pub mod verdict;
mod watch;
pub mod words;
mod world;
