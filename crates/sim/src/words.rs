//! The words that a system and the world exchange beside events and effects.

use whitewater_check::types::{Index, NodeId, Term};

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

/// A snapshot (§7): what stands for a log up to an index. The world keeps the state, and the system passes its name on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The last index that it stands for; 0 where there is no snapshot.
    pub last_index: Index,
    /// The term of the entry that stood there.
    pub last_term: Term,
    /// The state of the state machine after it.
    pub state: StateName,
}

/// The name of a state that was captured with `Effects::capture`. It means the same on every node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateName(pub u64);

/// Why a client's request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotLeader {
    /// Who may be the leader, if the node has an idea.
    pub hint: Option<NodeId>,
}
