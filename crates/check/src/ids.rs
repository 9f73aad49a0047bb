//! One word for a whole log prefix, so that prefixes are compared in one instruction.
//!
//! `id[i] = mix(id[i - 1], term, command)`: equal ids mean equal prefixes, up to the luck of 64 bits. The
//! ids are made here from the entries that a replica shows, so nothing that a system says about its own
//! log is taken on trust. This file knows no node and no property.

use crate::types::{Command, Entry, Index};

/// The identity of a log prefix.
pub(crate) type Id = u64;

/// The id of the empty prefix.
const EMPTY: Id = 0x9e37_79b9_7f4a_7c15;

/// The id of the prefix `before`, longer by one entry.
#[inline]
pub(crate) fn extended(before: Id, entry: Entry) -> Id {
    let command = entry.command.map_or(0, Command::word);
    let with_term = fold(before ^ 0xa076_1d64_78bd_642f, entry.term ^ 0xe703_7ed1_a0b4_28db);
    fold(with_term ^ command, 0x8ebc_6af0_9c88_c6e3)
}

/// A 128-bit product folded to 64 bits: each bit of the result hangs on all bits of both factors.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The ids of every prefix of one log, by index; the empty prefix stands at 0.
#[derive(Clone, Debug)]
pub(crate) struct Prefixes(Vec<Id>);

impl Default for Prefixes {
    fn default() -> Self {
        Self(vec![EMPTY])
    }
}

impl Prefixes {
    /// The index of the last entry.
    #[inline]
    pub(crate) fn last_index(&self) -> Index {
        self.0.len() as Index - 1
    }

    /// The id of the prefix that ends at `index`; `None` beyond the end.
    #[inline]
    pub(crate) fn id(&self, index: Index) -> Option<Id> {
        self.0.get(usize::try_from(index).ok()?).copied()
    }

    /// Adds an entry at the end and gives the id of the longer prefix.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) -> Id {
        let id = self.after(self.last_index(), entry);
        self.0.push(id);
        id
    }

    /// What the id at `index + 1` would be with `entry` there; `index` must not lie beyond the end.
    #[inline]
    pub(crate) fn after(&self, index: Index, entry: Entry) -> Id {
        extended(self.0[index as usize], entry)
    }

    /// Keeps the entries up to `last` and forgets those after it. Nothing happens to a shorter log.
    pub(crate) fn keep(&mut self, last: Index) {
        self.0.truncate(usize::try_from(last).map_or(usize::MAX, |last| last.saturating_add(1)));
    }

    /// Up to which index, at most `last`, which `other` has, both are the same.
    pub(crate) fn common(&self, other: &Self, last: Index) -> Index {
        let pairs = self.0.iter().zip(&other.0[..=last as usize]);
        let same = pairs.rev().position(|(own, other)| own == other).unwrap_or(0);
        last.min(self.last_index()) - same as Index
    }

    /// The ids after `from` up to `last`, which must be there.
    pub(crate) fn between(&self, from: Index, last: Index) -> &[Id] {
        &self.0[from as usize + 1..=last as usize]
    }

    /// Adds entries at the end by their ids.
    pub(crate) fn extend(&mut self, ids: impl IntoIterator<Item = Id>) {
        self.0.extend(ids);
    }

    /// Takes over the entries of `other` after our end, up to `last`, which `other` must have.
    pub(crate) fn copy_up_to(&mut self, other: &Self, last: Index) {
        for &id in &other.0[self.0.len()..=last as usize] {
            self.0.push(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn prefixes(entries: &[(u64, u64)]) -> Prefixes {
        let mut prefixes = Prefixes::default();
        for &(term, serial) in entries {
            prefixes.push(Entry { term, command: (serial > 0).then(|| Command::new(0, serial)) });
        }
        prefixes
    }

    #[test]
    fn equal_logs_have_equal_ids_and_one_early_difference_stays_for_ever() {
        let (a, b) = (prefixes(&[(1, 0), (1, 1), (2, 2)]), prefixes(&[(1, 0), (1, 3), (2, 2)]));
        assert_eq!(a.id(1), b.id(1));
        assert_ne!(a.id(2), b.id(2));
        assert_ne!(a.id(3), b.id(3));
        assert_eq!(a.id(4), None);
        assert_eq!(a.id(u64::MAX), None);
    }

    #[test]
    fn term_command_and_position_all_count() {
        let ids: Vec<_> = [&[(1, 0)][..], &[(2, 0)], &[(1, 1)], &[(1, 2)], &[(2, 1)], &[(1, 0), (1, 0)]]
            .into_iter()
            .map(|entries| prefixes(entries).id(entries.len() as Index))
            .collect();
        for (i, a) in ids.iter().enumerate() {
            assert!(!ids[..i].contains(a), "{i} has the id of an earlier one");
        }
    }

    #[test]
    fn small_numbers_do_not_collide() {
        let mut seen: Vec<_> =
            (0..64).flat_map(|term| (0..64).map(move |serial| prefixes(&[(term, serial)]).id(1))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 64 * 64);
    }

    #[test]
    fn keeping_and_copying_follow_the_source() {
        let source = prefixes(&[(1, 0), (1, 1), (2, 2)]);
        let mut log = prefixes(&[(1, 0)]);
        log.copy_up_to(&source, 3);
        assert_eq!(log.id(3), source.id(3));
        log.keep(1);
        assert_eq!((log.last_index(), log.id(1), log.id(2)), (1, source.id(1), None));
        log.keep(u64::MAX);
        assert_eq!(log.last_index(), 1);
    }

    fn log() -> impl Strategy<Value = Vec<(u64, u64)>> {
        prop::collection::vec((1..3_u64, 0..2_u64), 0..8)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        /// Two logs that begin alike, against their entries one by one; what is after that goes over by its ids.
        #[test]
        fn what_two_logs_have_in_common_and_what_is_after_it_are_found_by_ids(
            (own, other, shared) in (log(), log(), 0..8_usize),
            last in 0..9_usize,
        ) {
            let mut other = other;
            let shared = shared.min(own.len());
            other.splice(..shared.min(other.len()), own[..shared].iter().copied());
            let last = last.min(other.len());
            let common = own.iter().zip(&other[..last]).take_while(|(a, b)| a == b).count() as Index;
            let (mut prefixes, whole) = (prefixes(&own), prefixes(&other));
            prop_assert_eq!(prefixes.common(&whole, last as Index), common);
            let between: Vec<_> = (common + 1..=last as Index).map(|index| whole.id(index).unwrap()).collect();
            prop_assert_eq!(whole.between(common, last as Index), &between[..]);
            prefixes.keep(common);
            prefixes.extend(between);
            let ids = |log: &Prefixes| (0..=last as Index + 1).map(|index| log.id(index)).collect::<Vec<_>>();
            let mut cut = whole.clone();
            cut.keep(last as Index);
            prop_assert_eq!(ids(&prefixes), ids(&cut));
        }
    }
}
