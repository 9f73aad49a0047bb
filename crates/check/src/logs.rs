//! The logs of one node as ids: what its memory showed at the last look, and what its disk holds.
//!
//! Both are known because two questions need both: is what a node acknowledges durable, and is what a
//! node recovers what it had. What they have in common is kept once, so that a restart looks only at what
//! was not synced and never at the whole log again. This file judges nothing.

use crate::ids::{Id, Prefixes, extended};
use crate::observe::{Look, Observe};
use crate::types::{Entry, Index, Term};
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
    /// The snapshot in memory at the last look: its last index, and the term of the entry that stood there.
    covered: (Index, Term),
}

impl Log {
    /// Forgets everything and keeps the space.
    pub(crate) fn clear(&mut self) {
        self.memory.keep(0);
        self.apart.clear();
        (self.agreed, self.covered) = (0, (0, 0));
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
    #[inline]
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

    /// Whether the disk's log ends at `last` once this is in it, if it may be.
    pub(crate) fn becomes(&self, suffix: Option<(Index, &[Entry])>, last: Index) -> bool {
        match suffix {
            None => self.last_durable() == last,
            Some((from, entries)) => {
                (1..=self.last_durable() + 1).contains(&from) && from - 1 + entries.len() as Index == last
            }
        }
    }

    /// A new life begins: memory is what the disk holds. What neither `agreed` nor a snapshot covers is read anew.
    pub(crate) fn recover(&mut self, covered: (Index, Term)) {
        self.memory.keep(self.agreed);
        while self.agreed < covered.0
            && let Some(id) = self.apart.pop_front()
        {
            self.memory.extend([id]);
            self.agreed += 1;
        }
        self.covered = covered;
    }

    /// Whether there is another snapshot in memory than at the last look; it is taken note of.
    pub(crate) fn is_covered_anew(&mut self, covered: (Index, Term)) -> bool {
        std::mem::replace(&mut self.covered, covered) != covered
    }

    /// After `from`, which is in both, the log in memory is now this.
    pub(crate) fn memory_becomes(&mut self, from: Index, ids: &[Id]) {
        self.part(from);
        self.memory.keep(from);
        self.memory.extend(ids.iter().copied());
        self.meet();
    }

    /// Up to `from` the disk's log is now the one in memory, and after that this one, which differs.
    pub(crate) fn disk_becomes(&mut self, from: Index, ids: &[Id]) {
        self.agreed = from;
        self.apart.clear();
        self.apart.extend(ids);
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
        let covered = replica.snapshot().0;
        self.stand_in(covered.min(last));
        let last_before = self.memory.last_index();
        let mut index = from.max(covered.saturating_add(1));
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

    /// Whatever a replica says that a snapshot stands for, without having told where it is from, is something that nobody
    /// else holds.
    fn stand_in(&mut self, last: Index) {
        while self.memory.last_index() < last {
            self.memory.push(Entry { term: 0, command: None });
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

    /// A log that is kept whole, and how much of it a snapshot stands for.
    #[derive(Clone, Debug, Default)]
    struct Plain {
        log: Vec<Entry>,
        covered: usize,
    }

    impl Observe for Plain {
        fn look(&self) -> Look {
            unreachable!("the log is told what has changed")
        }

        fn entry(&self, index: Index) -> Entry {
            assert!(index as usize > self.covered, "nobody has [{index}] any more");
            self.log[index as usize - 1]
        }

        fn snapshot(&self) -> (Index, Term) {
            (self.covered as Index, self.covered.checked_sub(1).map_or(0, |last| self.log[last].term))
        }

        fn seen(&mut self) {}
    }

    impl Plain {
        /// From an index on, above what a snapshot stands for, the log becomes another one. Returns after which.
        fn replace(&mut self, from: usize, terms: &[u64]) -> usize {
            let keep = from.min(self.log.len()).max(self.covered);
            self.log.truncate(keep);
            self.log.extend(entries(terms));
            keep
        }

        /// A snapshot of another log takes the place of this one up to its end; after that, these entries.
        fn install(&mut self, terms: &[u64], tail: &[u64]) {
            self.log = entries(terms).chain(entries(tail)).collect();
            self.covered = terms.len();
        }
    }

    fn entries(terms: &[u64]) -> impl Iterator<Item = Entry> {
        terms.iter().map(|&term| Entry { term, command: None })
    }

    fn ids(log: &[Entry]) -> Prefixes {
        let mut prefixes = Prefixes::default();
        for entry in log {
            prefixes.push(*entry);
        }
        prefixes
    }

    /// What happens to a node: from an index on its log becomes another one, in memory or on disk; a snapshot takes the
    /// place of its own entries or of a whole log; or it starts anew with what its disk holds.
    #[derive(Clone, Debug)]
    enum Happens {
        Memory(usize, Vec<u64>),
        Disk(usize, Vec<u64>),
        Synced(usize),
        Compacted(usize),
        Snapshot(Vec<u64>, Vec<u64>),
        Installed(Vec<u64>, Vec<u64>),
        Restart,
    }

    fn happens() -> impl Strategy<Value = Happens> {
        let terms = || prop::collection::vec(1..3_u64, 0..5);
        prop_oneof![
            3 => (0..9_usize, terms()).prop_map(|(from, terms)| Happens::Memory(from, terms)),
            1 => (0..9_usize, terms()).prop_map(|(from, terms)| Happens::Disk(from, terms)),
            3 => (0..9_usize).prop_map(Happens::Synced),
            1 => (0..9_usize).prop_map(Happens::Compacted),
            1 => (terms(), terms()).prop_map(|(terms, tail)| Happens::Snapshot(terms, tail)),
            1 => (terms(), terms()).prop_map(|(terms, tail)| Happens::Installed(terms, tail)),
            1 => Just(Happens::Restart),
        ]
    }

    /// The two logs of a node, kept as one and kept apart.
    #[derive(Debug, Default)]
    struct Both {
        log: Log,
        memory: Plain,
        disk: Plain,
    }

    impl Both {
        /// Something happens. Returns from which index on the log in memory must be read.
        fn meets(&mut self, one: Happens) -> usize {
            let Self { log, memory, disk } = self;
            match one {
                Happens::Memory(from, terms) => return memory.replace(from, &terms) + 1,
                Happens::Disk(from, terms) => {
                    let from = disk.replace(from, &terms);
                    log.became_durable(from as Index + 1, &disk.log[from..]);
                }
                Happens::Synced(from) => {
                    let from = from.min(disk.log.len()).min(memory.log.len()).max(disk.covered);
                    let rest = memory.log.get(from..).unwrap_or_default();
                    disk.log.truncate(from);
                    disk.log.extend_from_slice(rest);
                    log.became_durable(from as Index + 1, rest);
                }
                Happens::Compacted(last) => memory.covered = last.min(memory.log.len()).max(memory.covered),
                Happens::Snapshot(terms, tail) => self.disk_has_snapshot(&terms, &tail),
                Happens::Installed(terms, tail) => {
                    let named = ids(&entries(&terms).collect::<Vec<_>>());
                    let from = log.memory.common(&named, named.last_index());
                    log.memory_becomes(from, named.between(from, named.last_index()));
                    memory.install(&terms, &tail);
                    return memory.covered + 1;
                }
                Happens::Restart => {
                    memory.clone_from(disk);
                    log.recover(disk.snapshot());
                    return log.memory.last_index() as usize + 1;
                }
            }
            self.memory.log.len() + 1
        }

        /// As the checks tell of it.
        fn disk_has_snapshot(&mut self, terms: &[u64], tail: &[u64]) {
            let named = ids(&entries(terms).collect::<Vec<_>>());
            let from = self.log.memory.common(&named, named.last_index());
            self.log.disk_becomes(from, named.between(from, named.last_index()));
            self.disk.install(terms, tail);
            self.log.became_durable(named.last_index() + 1, &self.disk.log[terms.len()..]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// Two logs that are kept as one are the two logs, and nothing is read that a snapshot stands for.
        #[test]
        fn what_is_kept_once_is_known_twice(story in prop::collection::vec(happens(), 1..40)) {
            let mut both = Both::default();
            for one in story {
                let changed = both.meets(one);
                let Both { log, memory, disk } = &mut both;
                let anew = log.covered != memory.snapshot();
                prop_assert_eq!(log.is_covered_anew(memory.snapshot()), anew);
                prop_assert!(!log.is_covered_anew(memory.snapshot()), "it is taken note of");
                log.follow(&*memory, changed as Index, memory.log.len() as Index, |_, _, _| ());
                let (in_memory, on_disk) = (ids(&memory.log), ids(&disk.log));
                prop_assert_eq!(log.memory.last_index(), in_memory.last_index());
                prop_assert_eq!(log.last_durable(), on_disk.last_index());
                let common = memory.log.iter().zip(&disk.log).take_while(|(a, b)| a == b).count();
                prop_assert_eq!(log.agreed, common as Index);
                for index in 0..=12 {
                    prop_assert_eq!(log.memory.id(index), in_memory.id(index), "memory at {}", index);
                    prop_assert_eq!(log.durable(index), on_disk.id(index), "disk at {}", index);
                }
            }
        }
    }
}
