//! The nouns that every other module shares: terms, indexes, names of nodes, entries, what a disk holds.
//!
//! They stand alone so that a rule, a message or a log can be read without the node. Nothing here decides
//! anything, and nothing here knows how a node is driven.

use alloc::vec::Vec;
use core::fmt;

/// A term (§5.1): Raft's logical clock. 0 is the term before the first election; no entry carries it.
pub type Term = u64;

/// A position in the log. The first entry stands at 1 (figure 2); 0 is the place before it.
pub type Index = u64;

/// The name of a server. Counted from 0, shown from 1: `NodeId(0)` prints as `n1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u8);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", u16::from(self.0) + 1)
    }
}

/// One entry of the log (§5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry<C> {
    /// The term of the leader that created the entry. It never changes afterwards.
    pub term: Term,
    /// What the state machine is to execute. `None` is the no-op with which a leader opens its term (§8).
    pub command: Option<C>,
}

/// The part of figure 2's persistent state that is not the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HardState {
    /// The latest term that the server has seen. It only goes up.
    pub current_term: Term,
    /// Who received this server's vote in `current_term`. Within a term it is set at most once.
    pub voted_for: Option<NodeId>,
}

/// What a server is at the moment (§5.1, figure 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers requests of others and issues none.
    Follower,
    /// Asks for votes in a term that it has opened itself.
    Candidate,
    /// Orders the commands of clients. At most one exists in a term.
    Leader,
}

/// What a server has to be told once, at its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The server's own name; it must be among the voters.
    pub id: NodeId,
    /// All servers of the cluster, this one included, in any order.
    pub voters: Vec<NodeId>,
    /// The most entries that one AppendEntries carries; at least 1.
    pub entries_per_append: usize,
    /// How many applied entries the log holds at most before a snapshot takes their place (§7); at least 1, and
    /// `u64::MAX` for a log that is kept for ever.
    pub snapshot_every: u64,
}

/// A snapshot (§7): the state machine as it was when it had applied the log up to an index. It stands for all entries
/// up to there. The state itself stays with the driver, and goes by a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The last index that it stands for; 0 for the state before anything was applied, which is every server's first.
    pub last_index: Index,
    /// The term of the entry that stood there.
    pub last_term: Term,
    /// The name of the state, which [`Effects::snapshot`](crate::effects::Effects::snapshot) has given.
    pub state: u64,
}

/// What the disk holds when a server starts: nothing at all for a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored<C> {
    /// The last hard state that was written.
    pub hard_state: HardState,
    /// The snapshot that was written last; the default if there is none.
    pub snapshot: Snapshot,
    /// The log from the index after the snapshot's last on.
    pub entries: Vec<Entry<C>>,
}

impl<C> Default for Stored<C> {
    fn default() -> Self {
        Self { hard_state: HardState::default(), snapshot: Snapshot::default(), entries: Vec::new() }
    }
}
