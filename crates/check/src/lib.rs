//! The checkers of Whitewater: the safety properties of Raft, judged after every step of every run.
//!
//! A *checker* is an independent witness. It watches what replicas show and say, remembers as little as it
//! can, and reports when two things that it has seen cannot both be true of a Raft cluster. It never asks
//! the node how it counts a quorum, compares logs or grants votes: a checker that shared the node's
//! arithmetic would share its mistakes. Ids of log prefixes, majorities and tables by term are its own.
//!
//! # What it is given
//!
//! The world calls [`checks::Checks`] in program order: a message leaves, a record becomes durable, an entry
//! is applied, and then the step is over and the replica is looked at ([`observe::Observe`]). A look says
//! from which index on the log changed, so a step costs what changed and not what there is. Whoever lies
//! about that is found by the audit, which reads logs as far as no snapshot stands for them. Between the steps clients ask and are answered.
//!
//! # What is checked, and where
//!
//! Each property has a file of its own in `checkers/`, whose head says what is remembered and why that is
//! enough. The first violated *outcome* ends a run. *Early* ones are rules whose breach leads there; they are
//! recorded and counted.
//!
//! | property | section | class | file |
//! |---|---|---|---|
//! | election safety | §5.2 | outcome | `election_safety.rs` |
//! | leader append-only | §5.3 | outcome | `leader_append_only.rs` |
//! | log matching | §5.3 | outcome | `log_matching.rs` |
//! | leader completeness | §5.4 | outcome | `leader_completeness.rs` |
//! | state machine safety | §5.4.3 | outcome | `state_machine_safety.rs` |
//! | acknowledged means kept | §5.3 | outcome | `acknowledged.rs` |
//! | linearizability | §8 | outcome | `linearizability.rs` |
//! | exactly once | thesis §6.3 | outcome | `exactly_once.rs` |
//! | elected by a quorum | §5.2 | early | `elected_by_a_quorum.rs` |
//! | commit durability | §5.3 | early | `commit_durability.rs` |
//! | committed by the rule | §5.4.2 | early | `committed_by_the_rule.rs` |
//! | one vote a term | §5.2 | early | `one_vote_a_term.rs` |
//! | terms go up | §5.1 | early | `terms_go_up.rs` |
//! | persist before send | figure 2 | early | `persist_before_send.rs` |
//! | monotonicity | figure 2 | early | `monotonicity.rs` |
//! | log order | §8 | early | `linearizability.rs` |
//! | audit | | early | `audit.rs` |
//! | progress, panicked | §5.6 | outcome | found by the world, named here |
//!
//! When one step violates several outcome properties, the one that stands higher in the table is named.
//!
//! # What the checkers share
//!
//! | file | witness |
//! |---|---|
//! | `ids.rs` | one word for a whole log prefix |
//! | `logs.rs` | each node's log in memory and on disk, as ids, and up to where the two agree |
//! | `commits.rs` | the log that the cluster has committed |
//! | [`history`] | what clients asked for and were told, and where in the log it took effect |
//! | `model.rs` | what the log makes of every key, by index |
//! | `seen.rs` | a look beside the look before it |
//! | `by_term.rs` | tables by term, for terms that need not be small |
//!
//! Beside them stands `coverage.rs`, which judges nothing: it counts the [`markers`] that say whether a green
//! run has seen anything worth being green about.
//!
//! # What clients see
//!
//! Clients ask for [`operation`]s, each in a session: one at a time, with serials that rise by one, the same
//! command again for a retry, and a session whose operation stays without an answer is never used again. The
//! world tells the first sending, the first application and the answer. That the log is a legal order of all
//! this is checked as it happens; the [`judge`] searches for a legal order without the log, for the rare
//! answer that the log does not explain, for the tests, and for whoever does not trust the log.
//!
//! # What it must not know
//!
//! No particular Raft, no network, no disk model, no scenario and no randomness. It changes nothing that it
//! looks at, and draws nothing, so a run is the same with and without it. It does not trust what it is told:
//! an absurd number is a finding, never a panic and never a gigabyte.
//!
//! # What is left out
//!
//! "Whoever voted for a candidate has a log no newer than mine" sounds like an invariant and is none: the
//! voter's log may grow before the candidate wins.

pub mod checks;
pub mod finding;
pub mod history;
pub mod judge;
pub mod markers;
pub mod observe;
pub mod operation;
pub mod property;
pub mod types;

mod audit;
mod by_term;
mod checkers;
mod commits;
mod coverage;
mod ids;
mod logs;
mod model;
mod seen;
