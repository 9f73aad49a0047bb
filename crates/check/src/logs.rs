//! The logs of one node as ids: what its memory showed at the last look, and what its disk holds.
//!
//! Both are known because two questions need both: is what a node acknowledges durable, and is what a
//! node recovers what it had. What they have in common is kept once, so that a restart looks only at what
//! was not synced and never at the whole log again. This file judges nothing.

use crate::ids::{Id, Prefixes, extended};
use crate::observe::{Look, Observe};
use crate::types::{Entry, Index};
use std::collections::VecDeque;

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
    /// Memory and disk hold the same entries up to here, and each of them was seen in memory.
    agreed: Index,
    /// What the disk holds after that.
    apart: VecDeque<Id>,
}

impl Log {
    /// Forgets everything and keeps the space.
    pub(crate) fn clear(&mut self) {
        self.memory.keep(0);
        self.apart.clear();
        self.agreed = 0;
    }

    /// The index of the last durable entry.
    #[inline]
    pub(crate) fn last_durable(&self) -> Index {
        self.agreed + self.apart.len() as Index
    }

    /// The id of the durable log up to `index`; `None` beyond its end.
    #[inline]
    pub(crate) fn durable(&self, index: Index) -> Option<Id> {
        match index.checked_sub(self.agreed + 1) {
            None => self.memory.id(index),
            Some(place) => self.apart.get(usize::try_from(place).ok()?).copied(),
        }
    }

    /// The disk's log from `from` on is now `entries`. Returns whether durable entries were replaced.
    ///
    /// A suffix that leaves a gap cannot be a log and changes nothing.
    pub(crate) fn became_durable(&mut self, from: Index, entries: &[Entry]) -> bool {
        let last_before = self.last_durable();
        if from == 0 || from > last_before + 1 {
            return false;
        }
        self.agreed = self.agreed.min(from - 1);
        self.apart.truncate((from - 1 - self.agreed) as usize);
        let mut id = self.durable(from - 1).expect("the disk reaches up to there");
        for &entry in entries {
            id = extended(id, entry);
            if self.apart.is_empty() && self.memory.id(self.agreed + 1) == Some(id) {
                self.agreed += 1;
            } else {
                self.apart.push_back(id);
            }
        }
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
        self.part(index - 1);
        self.memory.keep(index - 1);
        while index <= last {
            let entry = replica.entry(index);
            each(index, entry, self.memory.push(entry));
            index += 1;
        }
        self.meet();
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

    /// Memory is about to change after `last`, where the disk stays as it is.
    fn part(&mut self, last: Index) {
        while self.agreed > last {
            self.apart
                .push_front(self.memory.id(self.agreed).expect("memory reaches up to where both agree"));
            self.agreed -= 1;
        }
    }

    /// Memory has changed: what the disk holds may be the same again.
    fn meet(&mut self) {
        while self.apart.front().is_some_and(|id| self.memory.id(self.agreed + 1) == Some(*id)) {
            self.apart.pop_front();
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A replica that is nothing but a log.
    struct Plain(Vec<Entry>);

    impl Observe for Plain {
        fn look(&self) -> Look {
            unreachable!("the log is told what has changed")
        }

        fn entry(&self, index: Index) -> Entry {
            self.0[index as usize - 1]
        }

        fn seen(&mut self) {}
    }

    /// What happens to a node: from an index on its log becomes another one, in memory or on disk; or it starts anew with
    /// what its disk holds.
    #[derive(Clone, Debug)]
    enum Happens {
        Memory(usize, Vec<u64>),
        Disk(usize, Vec<u64>),
        Synced(usize),
        Restart,
    }

    fn happens() -> impl Strategy<Value = Happens> {
        let terms = || prop::collection::vec(1..3_u64, 0..5);
        prop_oneof![
            3 => (0..9_usize, terms()).prop_map(|(from, terms)| Happens::Memory(from, terms)),
            1 => (0..9_usize, terms()).prop_map(|(from, terms)| Happens::Disk(from, terms)),
            3 => (0..9_usize).prop_map(Happens::Synced),
            1 => Just(Happens::Restart),
        ]
    }

    fn replace(log: &mut Vec<Entry>, from: usize, terms: &[u64]) -> usize {
        let keep = from.min(log.len());
        log.truncate(keep);
        log.extend(terms.iter().map(|term| Entry { term: *term, command: None }));
        keep
    }

    fn ids(log: &[Entry]) -> Prefixes {
        let mut prefixes = Prefixes::default();
        for entry in log {
            prefixes.push(*entry);
        }
        prefixes
    }

    proptest! {
        /// Two logs that are kept as one are the two logs.
        #[test]
        fn what_is_kept_once_is_known_twice(story in prop::collection::vec(happens(), 1..40)) {
            let (mut log, mut memory, mut disk) = (Log::default(), Plain(Vec::new()), Vec::new());
            for one in story {
                let mut changed = memory.0.len();
                match one {
                    Happens::Memory(from, terms) => changed = replace(&mut memory.0, from, &terms),
                    Happens::Disk(from, terms) => {
                        let from = replace(&mut disk, from, &terms);
                        log.became_durable(from as Index + 1, &disk[from..]);
                    }
                    Happens::Synced(from) => {
                        let from = from.min(disk.len()).min(memory.0.len());
                        disk.truncate(from);
                        disk.extend_from_slice(&memory.0[from..]);
                        log.became_durable(from as Index + 1, &disk[from..]);
                    }
                    Happens::Restart => {
                        memory.0.clone_from(&disk);
                        log.recover();
                        changed = usize::try_from(log.memory.last_index()).unwrap();
                    }
                }
                log.follow(&memory, changed as Index + 1, memory.0.len() as Index, |_, _, _| ());
                let (in_memory, on_disk) = (ids(&memory.0), ids(&disk));
                prop_assert_eq!(log.memory.last_index(), in_memory.last_index());
                prop_assert_eq!(log.last_durable(), on_disk.last_index());
                let common = memory.0.iter().zip(&disk).take_while(|(a, b)| a == b).count();
                prop_assert_eq!(log.agreed, common as Index);
                for index in 0..=12 {
                    prop_assert_eq!(log.memory.id(index), in_memory.id(index), "memory at {}", index);
                    prop_assert_eq!(log.durable(index), on_disk.id(index), "disk at {}", index);
                }
            }
        }
    }
}
