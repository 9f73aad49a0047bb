//! One checker a file, one property a checker.
//!
//! Each keeps a witness of its own, takes what a step changed, and reports. None of them knows another;
//! what they share they are handed.

pub(crate) mod acknowledged;
pub(crate) mod commit_durability;
pub(crate) mod committed_by_the_rule;
pub(crate) mod elected_by_a_quorum;
pub(crate) mod election_safety;
pub(crate) mod exactly_once;
pub(crate) mod leader_append_only;
pub(crate) mod leader_completeness;
pub(crate) mod linearizability;
pub(crate) mod log_matching;
pub(crate) mod monotonicity;
pub(crate) mod one_vote_a_term;
pub(crate) mod persist_before_send;
pub(crate) mod state_machine_safety;
pub(crate) mod terms_go_up;
