//! Log Matching (§5.3): entries of the same index and term are the same, and so is all that precedes them.
//!
//! Witness: for each index and term the first entry that any log was seen to hold there, with the id of the
//! prefix that it ends. Nearly always one term is enough for an index; the row that stands in line is that
//! of the highest term, which is the one that lasts. The others are kept aside.

use crate::finding::{Fact, Findings};
use crate::ids::Id;
use crate::property::Property;
use crate::types::{At, Command, Entry, Index, Term};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Which entry, after which prefix, stands at each index in each term.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogMatching {
    /// One row an index, the first for index 1.
    rows: Vec<Row>,
    /// The rows of lower terms.
    aside: BTreeMap<(Index, Term), Row>,
    /// The first contradiction of the log that is being read.
    clash: Option<(Index, Row, Row)>,
}

/// An entry as it was first seen.
#[derive(Clone, Copy, Debug)]
struct Row {
    term: Term,
    command: Option<Command>,
    id: Id,
    at: At,
}

impl LogMatching {
    pub(crate) fn reset(&mut self) {
        self.rows.clear();
        self.aside.clear();
        self.clash = None;
    }

    /// The log of the node at `at` holds `entry` at `index`; indexes of one log are told in order, so that
    /// none lies more than one beyond the longest log so far, unless a made up snapshot stands before it.
    #[inline]
    pub(crate) fn holds(&mut self, at: At, index: Index, entry: Entry, id: Id) {
        let new = Row { term: entry.term, command: entry.command, id, at };
        let longest = self.rows.len();
        let Some(row) = self.rows.get_mut(index as usize - 1) else {
            if index as usize - 1 == longest {
                self.rows.push(new);
            }
            return;
        };
        let first = match new.term.cmp(&row.term) {
            Ordering::Equal => *row,
            Ordering::Less => *self.aside.entry((index, new.term)).or_insert(new),
            Ordering::Greater => {
                let lower = std::mem::replace(row, new);
                self.aside.insert((index, lower.term), lower);
                return;
            }
        };
        if first.id != id {
            self.clash.get_or_insert((index, first, new));
        }
    }

    /// The highest index that any log was seen to reach.
    pub(crate) fn last_index(&self) -> Index {
        self.rows.len() as Index
    }

    /// The id of the log that ends with the entry of this index and term; `None` if no log was seen to hold it.
    pub(crate) fn id(&self, index: Index, term: Term) -> Option<Id> {
        let row = self.rows.get(usize::try_from(index.checked_sub(1)?).ok()?)?;
        if row.term == term { Some(row.id) } else { self.aside.get(&(index, term)).map(|row| row.id) }
    }

    /// The entry at this index with which a log of this id ends; `None` if no log was seen to.
    pub(crate) fn entry(&self, index: Index, id: Id) -> Option<Entry> {
        let row = self.rows.get(usize::try_from(index.checked_sub(1)?).ok()?)?;
        let aside = || self.aside.range((index, 0)..=(index, Term::MAX)).map(|(_, row)| row);
        let row = if row.id == id { row } else { aside().find(|row| row.id == id)? };
        Some(Entry { term: row.term, command: row.command })
    }

    /// The log of a step has been read.
    #[inline]
    pub(crate) fn stepped(&mut self, at: At, findings: &mut Findings) {
        if !self.rows.is_empty() {
            findings.observe(Property::LogMatching);
        }
        if let Some((index, first, second)) = self.clash.take() {
            findings.report(Property::LogMatching, at, || facts(index, first, second));
        }
    }
}

/// The two entries, in words; where they are equal the prefixes differ.
fn facts(index: Index, first: Row, second: Row) -> Vec<Fact> {
    let after = if first.command == second.command { " after another prefix" } else { "" };
    vec![
        Fact::new(first.at, held(first.at, index, first.term, first.command)),
        Fact::new(second.at, held(second.at, index, second.term, second.command) + after),
    ]
}

/// An entry in words, such as `n1 holds [5] c1#3 (term 2)`.
pub(crate) fn held(at: At, index: Index, term: Term, command: Option<Command>) -> String {
    let node = at.node;
    match command {
        Some(command) => format!("{node} holds [{index}] {command} (term {term})"),
        None => format!("{node} holds [{index}] no-op (term {term})"),
    }
}
