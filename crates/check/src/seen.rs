//! One look at one node beside the look before it: what the checkers of a step are handed.
//!
//! Only the difference, never a whole log. It judges nothing.

use crate::commits::Commit;
use crate::logs::Change;
use crate::observe::{Look, Role};
use crate::types::{At, NodeId, Term};

/// What is remembered of a node between two looks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Last {
    /// The last look of this life, or that of a node before its start.
    pub(crate) look: Look,
    /// When it first looked like that.
    pub(crate) at: At,
    /// Up to where its commit index was believed; the log reaches that far.
    pub(crate) committed: u64,
}

/// The last look of every node, and who leads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nodes {
    pub(crate) last: Vec<Last>,
    /// The nodes that are up and believe that they lead, as a set.
    pub(crate) leaders: u64,
    /// The nodes that are up and have been looked at, as a set.
    pub(crate) up: u64,
    /// The nodes that have been up at least once, as a set.
    pub(crate) started: u64,
}

impl Nodes {
    /// Back to the start of a run with this many nodes.
    pub(crate) fn reset(&mut self, voters: usize) {
        self.last.clear();
        self.last.resize(voters, Last::default());
        (self.leaders, self.up, self.started) = (0, 0, 0);
    }

    /// The memory of a node is gone, and with it all that it believed.
    pub(crate) fn forget(&mut self, node: NodeId) {
        self.last[node.slot()] = Last::default();
        self.leaders &= !node.bit();
        self.up &= !node.bit();
    }

    /// Takes the look for the last one.
    #[inline]
    pub(crate) fn remember(&mut self, seen: &Seen) {
        let last = &mut self.last[seen.at.node.slot()];
        last.look = Look { changed_from: None, ..seen.now };
        last.at = seen.at;
        last.committed = seen.commit.map_or(last.committed, |commit| commit.index);
        let bit = seen.at.node.bit();
        self.up |= bit;
        self.started |= bit;
        self.leaders = if seen.leads() { self.leaders | bit } else { self.leaders & !bit };
    }

    /// The live leaders of terms above `term`.
    pub(crate) fn leaders_above(&self, term: Term) -> impl Iterator<Item = NodeId> {
        let mut left = self.leaders;
        std::iter::from_fn(move || {
            let node = NodeId(left.trailing_zeros() as u8);
            left &= left.checked_sub(1)?;
            Some(node)
        })
        .filter(move |node| self.last[node.slot()].look.term > term)
    }
}

/// A node as it was and as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    /// The step.
    pub(crate) at: At,
    /// The look before; at the first look of a life that of a node that knows nothing.
    pub(crate) before: Look,
    /// When the node first looked like that.
    pub(crate) before_at: At,
    /// The node now.
    pub(crate) now: Look,
    /// How its log truly changed.
    pub(crate) change: Option<Change>,
    /// How far its commit index moved, if it did and its log reaches that far.
    pub(crate) commit: Option<Commit>,
}

impl Seen {
    /// Whether the node leads now.
    pub(crate) fn leads(&self) -> bool {
        self.now.role == Role::Leader
    }

    /// Whether it leads now and led the same term before.
    pub(crate) fn still_leads(&self) -> bool {
        self.leads() && self.before.role == Role::Leader && self.before.term == self.now.term
    }

    /// Whether it leads now and did not lead this term before.
    pub(crate) fn elected(&self) -> bool {
        self.leads() && !self.still_leads()
    }
}
