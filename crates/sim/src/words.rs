//! The words that a system and the world exchange beside events and effects.

use whitewater_check::types::{NodeId, Term};

/// The timers that a replica has; one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Runs out after a drawn election timeout.
    Election,
    /// Runs out after the time that the replica asks for: heartbeats, or ticks.
    Interval,
}

impl Timer {
    /// How many there are, for tables by timer.
    pub(crate) const COUNT: usize = 2;
}

/// What must outlive a crash besides the log (figure 2, "persistent state").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HardState {
    /// The latest term that the node has seen.
    pub term: Term,
    /// Whom it voted for in that term.
    pub vote: Option<NodeId>,
}

/// Why a client's request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLeader {
    /// Who may be the leader, if the node has an idea.
    pub hint: Option<NodeId>,
}
