//! The replicated log (§5.3): entries by indexes that begin at 1.
//!
//! It answers questions about entries and changes where it is told to. It must not know who leads, what is
//! committed or what is durable; whether a change is allowed is a rule's decision.

use alloc::vec::Vec;

use crate::types::{Entry, Index, Term};

/// The entries of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log<C> {
    entries: Vec<Entry<C>>,
    changed_from: Option<Index>,
}

impl<C> Log<C> {
    /// A log that holds `entries` from index 1 on. All of them count as not yet seen.
    #[must_use]
    pub fn new(entries: Vec<Entry<C>>) -> Self {
        let changed_from = if entries.is_empty() { None } else { Some(1) };
        Self { entries, changed_from }
    }

    /// The index of the last entry, 0 for an empty log.
    #[must_use]
    pub fn last_index(&self) -> Index {
        self.entries.len() as Index
    }

    /// The term of the last entry, 0 for an empty log.
    #[must_use]
    pub fn last_term(&self) -> Term {
        self.entries.last().map_or(0, |entry| entry.term)
    }

    /// The entry at `index`, if there is one.
    #[must_use]
    pub fn get(&self, index: Index) -> Option<&Entry<C>> {
        self.entries.get(usize::try_from(index.checked_sub(1)?).ok()?)
    }

    /// The term of the entry at `index`. The place before the first entry has term 0, and is in every log.
    #[must_use]
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == 0 { Some(0) } else { self.get(index).map(|entry| entry.term) }
    }

    /// All entries from `from` on; none if the log ends before.
    #[must_use]
    pub fn suffix(&self, from: Index) -> &[Entry<C>] {
        &self.entries[self.position(from)..]
    }

    /// At most `limit` entries from `from` on.
    #[must_use]
    pub fn slice(&self, from: Index, limit: usize) -> &[Entry<C>] {
        let suffix = self.suffix(from);
        &suffix[..limit.min(suffix.len())]
    }

    /// The first index that has `term`. Terms never fall along a log, so this is a binary search.
    #[must_use]
    pub fn first_index_of(&self, term: Term) -> Option<Index> {
        let before = self.entries.partition_point(|entry| entry.term < term) as Index;
        (self.term_at(before + 1) == Some(term)).then_some(before + 1)
    }

    /// The last index that has `term`.
    #[must_use]
    pub fn last_index_of(&self, term: Term) -> Option<Index> {
        let up_to = self.entries.partition_point(|entry| entry.term <= term) as Index;
        (up_to > 0 && self.term_at(up_to) == Some(term)).then_some(up_to)
    }

    /// The lowest index at which the log has changed since [`mark_seen`](Self::mark_seen). For observers: it
    /// may be one past the end, when entries were only taken away.
    #[must_use]
    pub fn changed_from(&self) -> Option<Index> {
        self.changed_from
    }

    /// Forget what has changed so far.
    pub fn mark_seen(&mut self) {
        self.changed_from = None;
    }

    /// Add an entry at the end and return its index.
    pub fn append(&mut self, entry: Entry<C>) -> Index {
        self.entries.push(entry);
        let index = self.last_index();
        self.mark_changed(index);
        index
    }

    /// Put `entries` at `from` and after it. What stood there is replaced; what follows them is deleted, unless
    /// `keep_tail` says otherwise, as no rule of the paper does.
    ///
    /// # Panics
    ///
    /// If `from` would leave a gap: it lies between 1 and one past the end.
    pub fn splice(&mut self, from: Index, entries: &[Entry<C>], keep_tail: bool)
    where
        C: Clone,
    {
        let last = self.last_index();
        assert!(
            (1..=last + 1).contains(&from),
            "a splice at {from} leaves a gap in a log that ends at {last}"
        );
        let position = self.position(from);
        if !keep_tail {
            self.entries.truncate(position);
        }
        let replaced = entries.len().min(self.entries.len() - position);
        self.entries[position..position + replaced].clone_from_slice(&entries[..replaced]);
        self.entries.extend_from_slice(&entries[replaced..]);
        self.mark_changed(from);
    }

    /// Delete all that follows `last`.
    pub fn truncate(&mut self, last: Index) {
        if last < self.last_index() {
            self.entries.truncate(self.position(last + 1));
            self.mark_changed(last + 1);
        }
    }

    fn position(&self, index: Index) -> usize {
        usize::try_from(index.saturating_sub(1)).unwrap_or(usize::MAX).min(self.entries.len())
    }

    fn mark_changed(&mut self, index: Index) {
        self.changed_from = Some(self.changed_from.map_or(index, |from| from.min(index)));
    }
}
