//! What a checker may see of a replica and of its messages.
//!
//! Required: the fields of [`Look`] and the entries of the log. Optional: progress per peer, and what a
//! message says. A check that lacks its input reports "not observed", never "held".

use crate::types::{Entry, Index, NodeId, Term};
use std::cmp::Ordering;

/// The part that a replica plays in its term (§5.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Answers others.
    #[default]
    Follower,
    /// Asks for votes.
    Candidate,
    /// Serves clients and replicates its log.
    Leader,
}

/// A replica as it is after a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The part that it plays.
    pub role: Role,
    /// Its current term.
    pub term: Term,
    /// The highest index that it holds to be committed.
    pub commit_index: Index,
    /// The highest index that it has applied.
    pub last_applied: Index,
    /// The index of its last log entry, durable or not.
    pub last_index: Index,
    /// The lowest index at which the log differs from what it was at the last look (at the first look of a
    /// life: from what the disk held); `None` when nothing changed. A cut counts as a change at the first
    /// index that was removed; what a snapshot has taken the place of does not, and where it came from somebody else the
    /// log changed after it. Too low is slow, too high is a lie that the audit finds.
    pub changed_from: Option<Index>,
}

impl Look {
    /// Whether two looks are of different states; whatever they say of how the log came to be as it is does not count.
    /// One comparison for all of it: which field differs cannot be foreseen.
    #[inline]
    fn differs(&self, other: &Self) -> bool {
        let part = self.role as u64 ^ other.role as u64 | self.term ^ other.term;
        let indexes = self.commit_index ^ other.commit_index | self.last_applied ^ other.last_applied;
        part | indexes | self.last_index ^ other.last_index != 0
    }

    /// Whether there is nothing to be seen that was not seen at the look before.
    #[must_use]
    #[inline]
    pub fn is_news(&self, before: &Self) -> bool {
        self.differs(before) | self.changed_from.is_some()
    }
}

/// What a leader believes of one peer (figure 2, "volatile state on leaders").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The highest index known to be replicated on the peer.
    pub match_index: Index,
    /// The index of the next entry to send.
    pub next_index: Index,
}

/// A replica that can be observed. Looking draws no randomness and changes no behaviour.
pub trait Observe {
    /// The replica as it is now, and from where its log changed since [`Observe::seen`].
    fn look(&self) -> Look;

    /// The entry at `index`, which is at most the `last_index` of the last look and above what a snapshot stands for.
    fn entry(&self, index: Index) -> Entry;

    /// The last index before the first entry that can be asked for, and the term of the entry that stood there: mostly the
    /// last that a snapshot stands for (§7). Zeros for a log that begins at 1.
    fn snapshot(&self) -> (Index, Term) {
        (0, 0)
    }

    /// The term of the entry at `index`; `None` if a snapshot stands for it and for what follows it.
    fn term(&self, index: Index) -> Option<Term> {
        let (covered, term) = self.snapshot();
        match index.cmp(&covered) {
            Ordering::Less => None,
            Ordering::Equal => Some(term),
            Ordering::Greater => Some(self.entry(index).term),
        }
    }

    /// The observer has taken note of the present state: the next look's `changed_from` counts from here.
    fn seen(&mut self);

    /// What this replica, as leader, believes of `peer`; `None` when it does not lead or does not tell.
    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let _ = peer;
        None
    }
}

/// What a message is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A candidate asks for a vote.
    RequestVote,
    /// The answer to it.
    RequestVoteReply,
    /// A leader sends entries, or none as a heartbeat.
    AppendEntries,
    /// The answer to it.
    AppendEntriesReply,
    /// Anything that a system has beyond the paper.
    #[default]
    Other,
    /// A leader sends a snapshot in place of entries that it no longer has. Its answer is that to AppendEntries.
    InstallSnapshot,
}

impl Kind {
    /// How many kinds there are, for tables by kind.
    pub const COUNT: usize = 6;

    /// The name as the paper writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RequestVote => "RequestVote",
            Self::RequestVoteReply => "RequestVote reply",
            Self::AppendEntries => "AppendEntries",
            Self::AppendEntriesReply => "AppendEntries reply",
            Self::Other => "message",
            Self::InstallSnapshot => "InstallSnapshot",
        }
    }
}

/// What a message says, as far as its system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// What it is for.
    pub kind: Kind,
    /// The term of its sender.
    pub term: Term,
    /// On a reply: whether the vote was granted, or the entries were accepted.
    pub granted: Option<bool>,
    /// The highest index that the sender acknowledges to hold: durable, and equal to the receiver's log.
    pub acknowledged: Option<Index>,
    /// The leader's commit index that it carries.
    pub commit_index: Option<Index>,
    /// On AppendEntries: the index just before the entries. On InstallSnapshot: the last that the snapshot stands for.
    pub prev_log_index: Index,
    /// On AppendEntries: how many entries it carries.
    pub entries: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn look() -> impl Strategy<Value = Look> {
        let role = prop::sample::select(vec![Role::Follower, Role::Candidate, Role::Leader]);
        let small = || 0_u64..2;
        (role, small(), small(), small(), small(), prop::option::of(small())).prop_map(
            |(role, term, commit_index, last_applied, last_index, changed_from)| Look {
                role,
                term,
                commit_index,
                last_applied,
                last_index,
                changed_from,
            },
        )
    }

    proptest! {
        /// Against the comparison of field by field.
        #[test]
        fn looks_differ_when_any_field_does(a in look(), b in look()) {
            let state = |look: Look| Look { changed_from: None, ..look };
            prop_assert_eq!(a.differs(&b), state(a) != state(b));
            prop_assert_eq!(a.is_news(&state(b)), a != state(b));
        }
    }
}
