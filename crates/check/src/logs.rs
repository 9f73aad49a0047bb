//! The logs of one node as ids: what its memory showed at the last look, and what its disk holds.
//!
//! Both are kept because two questions need both: is what a node acknowledges durable, and is what a
//! node recovers what it had. `agreed` remembers up to where memory and disk are known to be the same, so
//! that a restart looks only at what was not synced and never at the whole log again. This file judges
//! nothing.

use crate::ids::{Id, Prefixes};
use crate::observe::{Look, Observe};
use crate::types::{Entry, Index};

/// The most entries that a log may change by in one look. Beyond it the replica is not believed, and not
/// followed: a bad number must not become a gigabyte.
pub(crate) const LONGEST_CHANGE: u64 = 1 << 22;

/// How a log in memory truly changed between two looks, whatever the replica said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The first index that was added, replaced or removed.
    pub(crate) from: Index,
    /// The index of the last entry before the change.
    pub(crate) last_before: Index,
}

impl Change {
    /// Whether entries that were there are gone.
    pub(crate) fn removed(self) -> bool {
        self.from <= self.last_before
    }
}

/// A node's log in memory and on disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    /// The log in memory as of the last look. After a crash: of the last look before it.
    pub(crate) memory: Prefixes,
    /// The durable log.
    pub(crate) disk: Prefixes,
    /// Memory and disk hold the same entries up to here, and each of them was seen in memory.
    agreed: Index,
}

impl Log {
    /// Forgets everything and keeps the space.
    pub(crate) fn clear(&mut self) {
        self.memory.keep(0);
        self.disk.keep(0);
        self.agreed = 0;
    }

    /// The disk's log from `from` on is now `entries`. Returns whether durable entries were replaced.
    ///
    /// A suffix that leaves a gap cannot be a log and changes nothing.
    pub(crate) fn became_durable(&mut self, from: Index, entries: &[Entry]) -> bool {
        let last_before = self.disk.last_index();
        if from == 0 || from > last_before + 1 {
            return false;
        }
        self.disk.keep(from - 1);
        for &entry in entries {
            self.disk.push(entry);
        }
        self.agree_again(from);
        from <= last_before
    }

    /// A new life begins: memory is what the disk holds. What `agreed` does not cover is read anew.
    pub(crate) fn recover(&mut self) {
        self.memory.keep(self.agreed);
    }

    /// Reads what changed in a replica's log, from `from` (at most one past our end) to `last`.
    ///
    /// `each` gets every index from the first true difference on, with its entry and id.
    pub(crate) fn follow(
        &mut self,
        replica: &(impl Observe + ?Sized),
        from: Index,
        last: Index,
        mut each: impl FnMut(Index, Entry, Id),
    ) -> Option<Change> {
        let last_before = self.memory.last_index();
        let mut index = from;
        while index <= last.min(last_before) {
            let id = self.memory.after(index - 1, replica.entry(index));
            if Some(id) != self.memory.id(index) {
                break;
            }
            index += 1;
        }
        if index > last && last == last_before {
            return None;
        }
        let change = Change { from: index, last_before };
        self.memory.keep(index - 1);
        while index <= last {
            let entry = replica.entry(index);
            each(index, entry, self.memory.push(entry));
            index += 1;
        }
        self.agree_again(change.from);
        Some(change)
    }

    /// From where a look must be followed, and whether what it said of its change can be true.
    pub(crate) fn claim(&self, look: &Look) -> Claim {
        let last = self.memory.last_index();
        let unsaid = last.min(look.last_index) + 1;
        let said = look.changed_from.unwrap_or(Index::MAX).max(1);
        Claim {
            from: said.min(unsaid),
            honest: said <= unsaid || look.last_index == last,
            believable: look.last_index.saturating_sub(said.min(unsaid)) < LONGEST_CHANGE,
        }
    }

    /// Something changed from `from` on: finds out again up to where memory and disk agree.
    fn agree_again(&mut self, from: Index) {
        self.agreed = self.agreed.min(from - 1);
        let both = self.memory.last_index().min(self.disk.last_index());
        while self.agreed < both && self.memory.id(self.agreed + 1) == self.disk.id(self.agreed + 1) {
            self.agreed += 1;
        }
    }
}

/// What a look says about the change of its log, weighed against its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The lowest index that must be read.
    pub(crate) from: Index,
    /// False when entries must have come or gone below the index that was named.
    pub(crate) honest: bool,
    /// False when the change is too large to be followed.
    pub(crate) believable: bool,
}
