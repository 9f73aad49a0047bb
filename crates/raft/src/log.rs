//! The replicated log (§5.3): entries by indexes that begin at 1, or after what a snapshot stands for (§7).
//!
//! It answers questions about entries and changes where it is told to. It must not know who leads, what is
//! committed or what is durable; whether a change is allowed is a rule's decision.

use alloc::vec::Vec;

use crate::types::{Entry, Index, Snapshot, Term};

/// The entries of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log<C> {
    snapshot: Snapshot,
    entries: Vec<Entry<C>>,
    changed_from: Option<Index>,
}

impl<C> Log<C> {
    /// A log that holds `entries` after what `snapshot` stands for. All of them count as not yet seen.
    #[must_use]
    pub fn new(snapshot: Snapshot, entries: Vec<Entry<C>>) -> Self {
        let changed_from = if entries.is_empty() { None } else { Some(snapshot.last_index + 1) };
        Self { snapshot, entries, changed_from }
    }

    /// What stands for the entries before the first; the default if the log begins at 1.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The index of the last entry, or of the last that the snapshot stands for; 0 for an empty log.
    #[must_use]
    pub fn last_index(&self) -> Index {
        self.snapshot.last_index + self.entries.len() as Index
    }

    /// The term of the last entry, or of the last that the snapshot stands for; 0 for an empty log.
    #[must_use]
    pub fn last_term(&self) -> Term {
        self.entries.last().map_or(self.snapshot.last_term, |entry| entry.term)
    }

    /// The entry at `index`, if it is there and no snapshot stands for it.
    #[must_use]
    pub fn get(&self, index: Index) -> Option<&Entry<C>> {
        // What lies before the first entry becomes a place that no vector has.
        let place = index.wrapping_sub(self.snapshot.last_index).wrapping_sub(1);
        self.entries.get(usize::try_from(place).ok()?)
    }

    /// The term of the entry at `index`, as far as it is known: that of the last entry which the snapshot stands for
    /// is, and those before it are not. The place before the first entry of all has term 0, and is in every log.
    #[must_use]
    pub fn term_at(&self, index: Index) -> Option<Term> {
        if index == self.snapshot.last_index {
            Some(self.snapshot.last_term)
        } else {
            self.get(index).map(|entry| entry.term)
        }
    }

    /// Whether a leader's entry at `index`, which has `term`, is in this log. What a snapshot stands for is committed,
    /// and in every later leader's log as it is in this one (§5.4, §7).
    #[must_use]
    pub fn holds(&self, index: Index, term: Term) -> bool {
        index < self.snapshot.last_index || self.term_at(index) == Some(term)
    }

    /// All entries from `from` on; none if the log ends before. Those that a snapshot stands for are left out.
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

    /// The first index after the snapshot that has `term`. Terms never fall along a log, so this is a binary search.
    #[must_use]
    pub fn first_index_of(&self, term: Term) -> Option<Index> {
        let before = self.entries.partition_point(|entry| entry.term < term) as Index;
        let first = self.snapshot.last_index + before + 1;
        (self.term_at(first) == Some(term)).then_some(first)
    }

    /// The last index that has `term`, the last of the snapshot included.
    #[must_use]
    pub fn last_index_of(&self, term: Term) -> Option<Index> {
        let up_to = self.entries.partition_point(|entry| entry.term <= term) as Index;
        let last = self.snapshot.last_index + up_to;
        (last > 0 && self.term_at(last) == Some(term)).then_some(last)
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
    /// If `from` would leave a gap, or change what a snapshot stands for: it lies after that and at most one past the end.
    pub fn splice(&mut self, from: Index, entries: &[Entry<C>], keep_tail: bool)
    where
        C: Clone,
    {
        let last = self.last_index();
        let first = self.snapshot.last_index + 1;
        assert!(
            (first..=last + 1).contains(&from),
            "a splice at {from} does not fit a log that begins at {first} and ends at {last}"
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

    /// `snapshot` stands for all entries up to its last from now on. Those after it stay if there are any and `keep_tail`
    /// says so; where another entry stood at its last index, what follows counts as changed.
    pub fn begin_after(&mut self, snapshot: Snapshot, keep_tail: bool) {
        let covered = snapshot.last_index.checked_sub(self.snapshot.last_index);
        match covered.and_then(|covered| usize::try_from(covered).ok()) {
            Some(covered) if keep_tail && covered <= self.entries.len() => {
                if self.term_at(snapshot.last_index) != Some(snapshot.last_term) {
                    self.mark_changed(snapshot.last_index + 1);
                }
                self.entries.drain(..covered);
            }
            _ => {
                self.entries.clear();
                self.mark_changed(snapshot.last_index.saturating_add(1));
            }
        }
        self.snapshot = snapshot;
        self.changed_from = self.changed_from.map(|from| from.max(snapshot.last_index.saturating_add(1)));
    }

    fn position(&self, index: Index) -> usize {
        let place = index.saturating_sub(self.snapshot.last_index).saturating_sub(1);
        usize::try_from(place).unwrap_or(usize::MAX).min(self.entries.len())
    }

    fn mark_changed(&mut self, index: Index) {
        self.changed_from = Some(self.changed_from.map_or(index, |from| from.min(index)));
    }
}
