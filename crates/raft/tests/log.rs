//! The log against a slow and obvious model: a list of entries, each with its index, and what stands for those before.

use proptest::collection::vec;
use proptest::prelude::*;
use whitewater_raft::{Entry, Index, Log, Snapshot, Term};

/// What happens to a log. Indexes are brought into range where they must be in it, and terms rise from that before.
#[derive(Clone, Debug)]
enum Happens {
    Append(Term),
    Splice { at: Index, rises: Vec<Term>, keep_tail: bool },
    Truncate(Index),
    BeginAfter { last_index: Index, rise: Term, keep_tail: bool },
    Seen,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        3 => (0..3_u64).prop_map(Happens::Append),
        3 => (0..8_u64, vec(0..3_u64, 0..5), any::<bool>())
            .prop_map(|(at, rises, keep_tail)| Happens::Splice { at, rises, keep_tail }),
        1 => (0..16_u64).prop_map(Happens::Truncate),
        2 => (0..16_u64, 0..3_u64, any::<bool>())
            .prop_map(|(last_index, rise, keep_tail)| Happens::BeginAfter { last_index, rise, keep_tail }),
        1 => Just(Happens::Seen),
    ]
}

#[derive(Clone, Debug)]
struct Model {
    snapshot: Snapshot,
    entries: Vec<(Index, Entry<u8>)>,
    /// All that has changed since the last look.
    changed: Vec<Index>,
    /// Every entry has its own command.
    command: u8,
}

impl Model {
    fn last(&self) -> (Index, Term) {
        let before = (self.snapshot.last_index, self.snapshot.last_term);
        self.entries.last().map_or(before, |(index, entry)| (*index, entry.term))
    }

    fn get(&self, index: Index) -> Option<&Entry<u8>> {
        self.entries.iter().find(|(at, _)| *at == index).map(|(_, entry)| entry)
    }

    fn term_at(&self, index: Index) -> Option<Term> {
        let last_of_snapshot = (index == self.snapshot.last_index).then_some(self.snapshot.last_term);
        last_of_snapshot.or_else(|| self.get(index).map(|entry| entry.term))
    }

    fn from(&self, index: Index) -> Vec<Entry<u8>> {
        self.entries.iter().filter(|(at, _)| *at >= index).map(|(_, entry)| *entry).collect()
    }

    fn entries(&mut self, before: Term, rises: &[Term]) -> Vec<Entry<u8>> {
        let mut term = before;
        let entry = |rise: &Term| {
            term += rise;
            self.command = self.command.wrapping_add(1);
            Entry { term, command: Some(self.command) }
        };
        rises.iter().map(entry).collect()
    }

    fn splice(&mut self, from: Index, entries: &[Entry<u8>], keep_tail: bool) {
        let end = from + entries.len() as Index;
        self.entries.retain(|(at, _)| *at < from || keep_tail && *at >= end);
        self.entries.extend((from..).zip(entries.iter().cloned()));
        self.entries.sort_by_key(|(at, _)| *at);
        self.changed.push(from);
    }

    fn truncate(&mut self, last: Index) {
        if last < self.last().0 {
            self.entries.retain(|(at, _)| *at <= last);
            self.changed.push(last + 1);
        }
    }

    /// The tail stays only if nothing is missing between the snapshot and the tail.
    fn begin_after(&mut self, snapshot: Snapshot, keep_tail: bool) {
        let follows = (self.snapshot.last_index..=self.last().0).contains(&snapshot.last_index);
        self.entries.retain(|(at, _)| *at > snapshot.last_index && keep_tail && follows);
        if !(keep_tail && follows) {
            self.changed.push(snapshot.last_index + 1);
        }
        self.snapshot = snapshot;
    }

    fn changed_from(&self) -> Option<Index> {
        self.changed.iter().min().map(|index| *index.max(&(self.snapshot.last_index + 1)))
    }

    fn is_sorted(&self) -> bool {
        let terms = self.entries.iter().map(|(_, entry)| entry.term);
        std::iter::once(self.snapshot.last_term).chain(terms).is_sorted()
    }
}

/// Let it happen to both.
fn happen(log: &mut Log<u8>, model: &mut Model, event: Happens) {
    let (last_index, last_term) = model.last();
    match event {
        Happens::Append(rise) => {
            let entry = model.entries(last_term, &[rise]).remove(0);
            model.splice(last_index + 1, std::slice::from_ref(&entry), false);
            assert_eq!(log.append(entry), last_index + 1);
        }
        Happens::Splice { at, rises, keep_tail } => {
            let first = model.snapshot.last_index + 1;
            let from = first + at % (last_index + 2 - first);
            let entries = model.entries(model.term_at(from - 1).unwrap_or_default(), &rises);
            model.splice(from, &entries, keep_tail);
            log.splice(from, &entries, keep_tail);
        }
        Happens::Truncate(last) => {
            let last = last.max(model.snapshot.last_index);
            model.truncate(last);
            log.truncate(last);
        }
        Happens::BeginAfter { last_index, rise, keep_tail } => {
            let last_term = model.term_at(last_index).unwrap_or(last_term + rise);
            let snapshot = Snapshot { last_index, last_term, state: last_index };
            model.begin_after(snapshot, keep_tail);
            log.begin_after(snapshot, keep_tail);
        }
        Happens::Seen => {
            model.changed.clear();
            log.mark_seen();
        }
    }
}

/// Ask both about all there is and a little more.
fn agree(log: &Log<u8>, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(log.snapshot(), &model.snapshot);
    prop_assert_eq!((log.last_index(), log.last_term()), model.last());
    prop_assert_eq!(log.changed_from(), model.changed_from());
    for index in (0..model.last().0 + 3).chain([Index::MAX]) {
        prop_assert_eq!(log.get(index), model.get(index));
        prop_assert_eq!(log.term_at(index), model.term_at(index));
        prop_assert_eq!(log.suffix(index), model.from(index));
        for limit in [0, 1, 2, 9] {
            let limited: Vec<_> = model.from(index).into_iter().take(limit).collect();
            prop_assert_eq!(log.slice(index, limit), limited);
        }
        for term in 0..model.last().1 + 2 {
            let holds = index < model.snapshot.last_index || model.term_at(index) == Some(term);
            prop_assert_eq!(log.holds(index, term), holds, "{} in {}", index, term);
        }
    }
    Ok(())
}

/// The ends of every term, in a log whose terms never fall.
fn agree_on_terms(log: &Log<u8>, model: &Model) -> Result<(), TestCaseError> {
    for term in 0..model.last().1 + 2 {
        let has_it = |index: &Index| model.term_at(*index) == Some(term);
        let (first, last) = (model.snapshot.last_index, model.last().0);
        prop_assert_eq!(log.first_index_of(term), (first + 1..=last).find(has_it));
        prop_assert_eq!(log.last_index_of(term), (first.max(1)..=last).rfind(has_it));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_log_does_what_a_list_of_entries_with_their_indexes_does(
        last_index in 0..4_u64,
        rises in vec(0..3_u64, 0..8),
        events in vec(happens(), 0..20),
    ) {
        let snapshot = Snapshot { last_index, last_term: last_index.min(1), state: last_index };
        let mut model = Model { snapshot, entries: Vec::new(), changed: Vec::new(), command: 0 };
        let entries = model.entries(snapshot.last_term, &rises);
        let mut log = Log::new(snapshot, entries.clone());
        model.entries = (last_index + 1..).zip(entries).collect();
        model.changed.extend(model.entries.first().map(|(index, _)| *index));
        agree(&log, &model)?;
        for event in events {
            happen(&mut log, &mut model, event);
            agree(&log, &model)?;
            if model.is_sorted() {
                agree_on_terms(&log, &model)?;
            }
        }
    }
}

/// A log with entries at 4, 5 and 6, of the terms 2, 2 and 3.
fn log_after_3() -> Log<u8> {
    let snapshot = Snapshot { last_index: 3, last_term: 1, state: 0 };
    Log::new(snapshot, [2, 2, 3].map(|term| Entry { term, command: None }).to_vec())
}

#[test]
fn of_what_a_snapshot_stands_for_only_the_last_term_is_known() {
    let log = log_after_3();
    assert_eq!([0, 2, 3, 4].map(|index| log.term_at(index)), [None, None, Some(1), Some(2)]);
    assert_eq!([2, 3, 4].map(|index| log.get(index).is_some()), [false, false, true]);
    assert!(log.holds(2, 7) && log.holds(3, 1) && !log.holds(3, 7));
}

#[test]
fn the_last_index_of_a_term_may_be_that_of_the_snapshot_and_the_first_is_after_it() {
    let log = log_after_3();
    assert_eq!((log.first_index_of(1), log.last_index_of(1)), (None, Some(3)));
    assert_eq!((log.first_index_of(2), log.last_index_of(2)), (Some(4), Some(5)));
}

#[test]
#[should_panic(expected = "a splice at 3 does not fit a log that begins at 4 and ends at 6")]
fn a_splice_into_a_snapshot_is_a_programmers_mistake() {
    log_after_3().splice(3, &[], false);
}
