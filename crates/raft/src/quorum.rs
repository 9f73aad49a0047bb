//! The arithmetic that all of Raft's safety rests on: two majorities of one cluster share a server.
//!
//! Pure functions on numbers, counted in place. They must not know what a node, a log or a message is; which
//! quorum is asked for is a rule's decision, not theirs.

use crate::types::{Index, NodeId};

/// The fewest servers that are more than half of the voters (§5.2, §5.3). Meaningless for a cluster of none.
#[must_use]
pub fn majority(voters: usize) -> usize {
    voters / 2 + 1
}

/// Whether the votes on the list make a quorum. A list is taken as it is: who may stand on it, and how often,
/// was decided when a vote was admitted.
#[must_use]
pub fn has_quorum(votes: &[NodeId], quorum: usize) -> bool {
    votes.len() >= quorum
}

/// The highest index above `floor` that at least `quorum` servers hold, or `floor` if there is none (§5.3).
///
/// `held` yields the last index that each server holds. An index that nobody holds is held by no quorum, not
/// even by one of 0 servers. Each round climbs to the next index that somebody holds, as long as enough servers
/// are beyond the present one: one round if nothing moves, two as a rule if something does.
#[must_use]
pub fn highest_held(held: impl Iterator<Item = Index> + Clone, quorum: usize, floor: Index) -> Index {
    let mut highest = floor;
    loop {
        let (mut beyond, mut nearest) = (0, Index::MAX);
        for index in held.clone().filter(|index| *index > highest) {
            beyond += 1;
            nearest = nearest.min(index);
        }
        if beyond < quorum.max(1) {
            return highest;
        }
        highest = nearest;
    }
}
