//! The model: what the log, replayed from the start, makes of every key.
//!
//! A state machine of the checker's own. Each key keeps its versions by index, so that a read which never
//! went through the log can be held against the state as of the index that it claims. It judges nothing and
//! knows no session: whoever calls it passes each operation once.

use crate::operation::{Operation, Value};
use crate::types::Index;
use std::collections::BTreeMap;

/// The value under a key from an index on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) index: Index,
    pub(crate) value: Value,
}

/// All keys with all their versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    keys: BTreeMap<u32, Vec<Version>>,
}

impl Model {
    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.keys.values_mut().for_each(Vec::clear);
    }

    /// Applies an operation at an index above all earlier ones, and gives its result.
    #[inline]
    pub(crate) fn apply(&mut self, index: Index, operation: Operation) -> Value {
        let versions = self.keys.entry(operation.key()).or_default();
        let before = versions.last().map_or(0, |version| version.value);
        let applied = operation.apply(before);
        if applied.stored != before {
            versions.push(Version { index, value: applied.stored });
        }
        applied.result
    }

    /// What is stored under a key as of an index: the state after that entry.
    #[inline]
    pub(crate) fn as_of(&self, key: u32, index: Index) -> Version {
        let versions = self.keys.get(&key).map_or(&[][..], Vec::as_slice);
        let known = match versions.last() {
            Some(last) if last.index <= index => versions.len(),
            Some(_) | None => versions.partition_point(|version| version.index <= index),
        };
        known.checked_sub(1).map_or(Version { index: 0, value: 0 }, |row| versions[row])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_stays_readable() {
        let mut model = Model::default();
        assert_eq!(model.apply(3, Operation::Put { key: 7, value: 30 }), 0);
        assert_eq!(model.apply(5, Operation::CompareAndSet { key: 7, expected: 1, value: 9 }), 30);
        assert_eq!(model.apply(6, Operation::CompareAndSet { key: 7, expected: 30, value: 60 }), 30);
        assert_eq!(model.apply(8, Operation::Get { key: 7 }), 60);
        let values: Vec<_> = (0..10).map(|index| model.as_of(7, index).value).collect();
        assert_eq!(values, [0, 0, 0, 30, 30, 30, 60, 60, 60, 60]);
        assert_eq!(model.as_of(u32::MAX, 5), Version { index: 0, value: 0 });
        model.clear();
        assert_eq!(model.as_of(7, 9).value, 0);
    }
}
