//! The two remote procedure calls of figure 2, cut into the four messages that cross the network, and the request of
//! figure 13, which is answered as an AppendEntries is.
//!
//! A message borrows its entries from the log of the sender, so that sending copies nothing; who carries it
//! further copies what it needs. A message knows neither its sender nor its receiver: the transport says who
//! sent it. It must not know what a node does with it.

use crate::types::{Entry, Index, Snapshot, Term};

/// One message: the sender's term, which every message carries (§5.1), and what it says.
#[derive(Debug, PartialEq, Eq)]
pub struct Message<'a, C> {
    /// The current term of the sender when it sent the message.
    pub term: Term,
    /// The request or the reply.
    pub body: Body<'a, C>,
}

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
pub enum Body<'a, C> {
    /// The sender is a candidate and asks for a vote (§5.2).
    RequestVote {
        /// The index of the candidate's last entry, 0 for an empty log (§5.4.1).
        last_log_index: Index,
        /// The term of the candidate's last entry, 0 for an empty log (§5.4.1).
        last_log_term: Term,
    },
    /// The answer to RequestVote.
    RequestVoteReply {
        /// Whether the candidate has received the sender's vote in the message's term.
        granted: bool,
    },
    /// The sender leads and replicates its log; with no entries it is a heartbeat (§5.2, §5.3).
    AppendEntries {
        /// The index of the entry right before the new ones.
        prev_log_index: Index,
        /// The term of that entry, 0 if there is none.
        prev_log_term: Term,
        /// Consecutive entries from `prev_log_index + 1` on.
        entries: &'a [Entry<C>],
        /// The leader's commit index.
        leader_commit: Index,
    },
    /// The sender leads and has no longer the entries that the receiver needs, but a snapshot that stands for them (§7).
    /// It travels in one piece.
    InstallSnapshot(Snapshot),
    /// The answer to AppendEntries and to InstallSnapshot.
    AppendEntriesReply(Verdict),
}

/// What a follower made of an AppendEntries or an InstallSnapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The follower's log agrees with the leader's, and is durable, up to an index.
    Accepted {
        /// The last index that the request spoke of: `prev_log_index` plus the number of its entries, or the last
        /// of the snapshot.
        match_index: Index,
    },
    /// The request was of an old term, or the entry at `prev_log_index` is not the leader's.
    Rejected {
        /// Which request is answered: the `prev_log_index` that it carried, or the last index of the snapshot.
        prev_log_index: Index,
        /// The term of the follower's entry at `prev_log_index`; `None` if its log ends before.
        conflict_term: Option<Term>,
        /// The first index of `conflict_term` in the follower's log, or where its log could go on.
        conflict_index: Index,
    },
}

// Written by hand, because a derive would ask for `C: Copy`, and a message only holds a reference to commands.
impl<C> Clone for Message<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Message<'_, C> {}

impl<C> Clone for Body<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Body<'_, C> {}
