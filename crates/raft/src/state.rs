//! The state of figure 2, in one place, for the rules to read.
//!
//! The fields are public because a rule, right or wrong, may look at all of them; a rule gets a shared
//! reference, and only the node changes them. What is durable is not here: see `disk.rs`.

use alloc::vec::Vec;

use crate::log::Log;
use crate::progress::Progress;
use crate::types::{HardState, Index, NodeId, Role, Term};

/// Everything that a server knows about itself and the others (figure 2).
#[derive(Clone, Debug)]
pub struct State<C> {
    /// The server's own name.
    pub id: NodeId,
    /// All servers of the cluster, sorted. A server's position in this list is its slot.
    pub voters: Vec<NodeId>,
    /// The latest term seen.
    pub current_term: Term,
    /// Who received this server's vote in the current term.
    pub voted_for: Option<NodeId>,
    /// Follower, candidate or leader.
    pub role: Role,
    /// The leader of the current term, once it is known.
    pub leader: Option<NodeId>,
    /// The entries.
    pub log: Log<C>,
    /// The highest index known to be committed. It never goes back.
    pub commit_index: Index,
    /// The highest index handed to the state machine. It follows `commit_index`.
    pub last_applied: Index,
    /// The votes admitted since this server last became a candidate, its own first.
    pub votes: Vec<NodeId>,
    /// What a leader knows about each server, by slot. Valid while it leads; its own slot holds what it counts
    /// of its own log.
    pub progress: Vec<Progress>,
}

impl<C> State<C> {
    /// The position of a server among the voters, if it is one. Where they are numbered from 0 without a gap
    /// that is its number, and one look tells.
    #[must_use]
    #[inline]
    pub fn slot(&self, node: NodeId) -> Option<usize> {
        let slot = usize::from(node.0);
        if self.voters.get(slot) == Some(&node) { Some(slot) } else { self.voters.binary_search(&node).ok() }
    }

    /// What this server knows about another one. `None` unless it leads and the other is another voter.
    #[must_use]
    pub fn progress(&self, peer: NodeId) -> Option<&Progress> {
        let known = self.role == Role::Leader && peer != self.id;
        if known { self.slot(peer).map(|slot| &self.progress[slot]) } else { None }
    }

    /// The part that must survive a crash, without the log.
    #[must_use]
    pub fn hard_state(&self) -> HardState {
        HardState { current_term: self.current_term, voted_for: self.voted_for }
    }
}
