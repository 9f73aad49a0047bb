//! The log that the cluster as a whole has committed, as far as any node was seen to hold it.
//!
//! A witness that several checkers share: it tells whether what a node holds to be committed is new, known
//! or a contradiction. It judges nothing.

use crate::ids::{Id, Prefixes};
use crate::types::Index;

/// What a node's commit index says to someone who has seen all commits so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// These entries were committed before.
    Known,
    /// The committed log is longer now, by this many entries.
    New(u64),
    /// The node commits another log than the one that is committed.
    Stray,
}

/// A node's commit index moved up, and its log reaches that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// The commit index of the node before, in the same life.
    pub(crate) after: Index,
    /// The commit index of the node now.
    pub(crate) index: Index,
    /// The id of the node's log up to there.
    pub(crate) id: Id,
    /// What this tells.
    pub(crate) news: News,
}

/// The committed log.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commits(Prefixes);

impl Commits {
    /// Forgets everything and keeps the space.
    pub(crate) fn clear(&mut self) {
        self.0.keep(0);
    }

    /// The highest index that any node was seen to hold committed.
    pub(crate) fn last_index(&self) -> Index {
        self.0.last_index()
    }

    /// All of it.
    pub(crate) fn log(&self) -> &Prefixes {
        &self.0
    }

    /// The id of the committed log up to `index`; `None` beyond what is committed.
    pub(crate) fn id(&self, index: Index) -> Option<Id> {
        self.0.id(index)
    }

    /// A node holds its log up to `index` to be committed; `index` must not lie beyond the log.
    pub(crate) fn learn(&mut self, log: &Prefixes, index: Index) -> News {
        let last = self.last_index();
        let common = index.min(last);
        if log.id(common) != self.id(common) {
            return News::Stray;
        }
        if index <= last {
            return News::Known;
        }
        self.0.copy_up_to(log, index);
        News::New(index - last)
    }
}
