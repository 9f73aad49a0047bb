//! What the answers tell about one key: which value each call found, and which call made that value.
//!
//! An answered get or compare-and-set says what was stored, and what was stored before an append can be worked
//! out from what is stored after it. A value that some call is told of in this way is *found*; so is what
//! must have been there before an unanswered call made a found value. If each of them has one call that can
//! have made it, no found value ever comes back once it is left, and an unanswered call either made one, and
//! must have taken effect, or may as well never have done so: a put overwrote what it stored before anybody
//! saw it. If some have several, one of them is chosen: an order that follows is legal all the same, but if
//! none does that proves nothing. This file judges nothing; `chains.rs` does.

use super::Call;
use crate::operation::{Operation, Value, appended_to};
use std::collections::BTreeSet;

/// What a call does in every legal order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) position: usize,
    /// What is stored before it; `None` if that does not matter, which is so for puts.
    pub(super) finds: Option<Value>,
    /// What it stores, if that is something else.
    pub(super) makes: Option<Value>,
}

/// Up to so many unanswered appends, all rows of them are looked at for every value.
const APPENDS_FEW: usize = 4;

/// From rows of this length on, a table saves their first append.
const ROW_LONG: usize = 3;

/// What is told about the calls of a key that must take effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) parts: Vec<Part>,
    /// Whether no found value can have been made in another way, so that there is no order but by these parts.
    pub(super) sure: bool,
}

/// Finds out what is told; `None` when the steps run out.
pub(super) fn told(calls: &[Call], positions: &[usize], steps: &mut u64) -> Option<Told> {
    let answered = |&position: &usize| {
        let (_, result) = calls[position].answered?;
        Some(part(position, calls[position].operation, result))
    };
    let mut parts: Vec<Part> = positions.iter().filter_map(answered).collect();
    let mut makers = Makers::new(calls, positions, &parts);
    // Each value that was found, after the last answer that says so: who makes it is asked for before that.
    let found = |part: &Part| Some((calls[part.position].answered?.0, part.finds?));
    let mut wanted: BTreeSet<(u64, Value)> = parts.iter().filter_map(found).collect();
    let (mut seen, mut sure) = (BTreeSet::new(), true);
    // Short rows first, so that fewer appends are left for the long ones.
    for row_max in 1..=makers.appends.len().max(1) {
        if row_max == ROW_LONG {
            makers.look_ahead();
        }
        let mut missed = BTreeSet::new();
        while let Some((until, value)) = wanted.pop_last() {
            if seen.contains(&value) {
                continue;
            }
            let Ways { maker, all, count } = makers.ways(value, until, row_max, steps)?;
            if count == 0 && !all {
                missed.insert((until, value));
                sure = false;
                continue;
            }
            seen.insert(value);
            sure &= all && count < 2;
            if let Some(maker) = maker.filter(|maker| calls[maker.position].answered.is_none()) {
                wanted.extend(maker.finds.map(|before| (until, before)));
                makers.take(maker);
                parts.push(maker);
            }
        }
        wanted = missed;
    }
    Some(Told { parts, sure })
}

fn part(position: usize, operation: Operation, result: Value) -> Part {
    let (finds, makes) = match operation {
        Operation::Get { .. } => (Some(result), None),
        Operation::Put { value, .. } => (None, Some(value)),
        Operation::Append { value, .. } => (Some(appended_to(result, value)), Some(result)),
        Operation::CompareAndSet { expected, value, .. } => {
            (Some(result), (result == expected).then_some(value))
        }
    };
    Part { position, finds, makes: makes.filter(|_| finds != makes) }
}

/// The ways in which a value can have been made.
struct Ways {
    /// The last call of one of them; `None` if there is none, or if the value was there at first.
    maker: Option<Part>,
    /// Whether all of them were looked for, and how many were seen.
    all: bool,
    count: usize,
}

/// An append without an answer.
#[derive(Clone, Copy, Debug)]
struct Append {
    invoked: u64,
    position: usize,
    added: Value,
}

/// Who can have made which value.
#[derive(Default)]
struct Makers {
    /// The values that are known without looking at states, each with its maker, in the order of values.
    known: Vec<(Value, Part)>,
    /// The values that answered calls found.
    found: Vec<Value>,
    /// What each append makes of each of these values, in the order of what it makes; empty until a row is
    /// long enough that it pays.
    second: Vec<(Value, usize)>,
    /// The appends without an answer, which may make anything, as they were asked for.
    appends: Vec<Append>,
}

impl Makers {
    fn new(calls: &[Call], positions: &[usize], answered: &[Part]) -> Self {
        let mut found: Vec<Value> = answered.iter().filter_map(|part| part.finds).collect();
        found.sort_unstable();
        let mut makers = Self { found, ..Self::default() };
        let known = |part: Part| part.makes.map(|value| (value, part));
        makers.known.extend(answered.iter().copied().filter_map(known));
        for &position in positions.iter().filter(|&&position| calls[position].answered.is_none()) {
            let Call { operation, invoked, .. } = calls[position];
            match operation {
                Operation::Get { .. } => {}
                Operation::Append { value: added, .. } => {
                    makers.appends.push(Append { invoked, position, added });
                }
                // If it stored its value at all, it was as if it had been answered with what it expects.
                Operation::CompareAndSet { expected, .. } => {
                    makers.known.extend(known(part(position, operation, expected)));
                }
                Operation::Put { .. } => makers.known.extend(known(part(position, operation, 0))),
            }
        }
        makers.known.sort_unstable_by_key(|&(value, part)| (value, part.position));
        makers.appends.sort_unstable_by_key(|append| append.invoked);
        makers
    }

    fn known(&self, value: Value) -> &[(Value, Part)] {
        let from = self.known.partition_point(|&(known, _)| known < value);
        let many = self.known[from..].iter().take_while(|&&(known, _)| known == value).count();
        &self.known[from..from + many]
    }

    /// Fills the table of what one append makes of a value that somebody made or found.
    fn look_ahead(&mut self) {
        let known = self.known.iter().map(|&(value, _)| value);
        for value in known.chain(self.found.iter().copied()).chain([0]) {
            let made = |append: &Append| {
                let operation = Operation::Append { key: 0, value: append.added };
                (operation.apply(value).stored, append.position)
            };
            self.second.extend(self.appends.iter().map(made));
        }
        self.second.sort_unstable();
        self.second.dedup();
    }

    /// An unanswered call has made a value, and can make no other one.
    fn take(&mut self, maker: Part) {
        self.appends.retain(|append| append.position != maker.position);
    }

    /// The ways to a value that nobody found after some time. `None` when the steps run out.
    ///
    /// Among more than a few unanswered appends, there are too many rows to look at all of them: then the
    /// shortest that lead to the value will do, up to `row_max`, and none if another call made it.
    fn ways(&self, value: Value, until: u64, row_max: usize, steps: &mut u64) -> Option<Ways> {
        let known = self.known(value);
        let mut count = known.len() + usize::from(value == 0);
        let mut maker = known.first().map(|&(_, part)| part);
        let appends = &self.appends[..self.appends.partition_point(|append| append.invoked <= until)];
        let all = appends.len() <= APPENDS_FEW;
        let row_max = if all { appends.len() } else { row_max };
        for row in 0..row_max {
            if !all && count > 0 || count > 1 {
                break;
            }
            for &Append { position, added, .. } in appends {
                let before = appended_to(value, added);
                let last = maker.is_some_and(|maker| maker.position == position);
                let rows = Rows { makers: self, appends };
                if !last && before != value && rows.reach(before, row, &mut vec![position], steps)? {
                    maker = maker.or(Some(Part { position, finds: Some(before), makes: Some(value) }));
                    count += 1;
                }
            }
        }
        Some(Ways { maker, all, count })
    }
}

/// Rows of unanswered appends that come one right after the other.
struct Rows<'a> {
    makers: &'a Makers,
    appends: &'a [Append],
}

impl Rows<'_> {
    /// Whether a value is stored after some row of this many appends, none of them one of the `later` ones.
    fn reach(&self, value: Value, row: usize, later: &mut Vec<usize>, steps: &mut u64) -> Option<bool> {
        *steps = steps.checked_sub(1)?;
        if row == 0 {
            let found = || self.makers.found.binary_search(&value).is_ok();
            return Some(value == 0 || !self.makers.known(value).is_empty() || found());
        }
        if row == 1 && !self.makers.second.is_empty() {
            return Some(self.is_second(value, later));
        }
        for &Append { position, added, .. } in self.appends {
            if later.contains(&position) {
                continue;
            }
            later.push(position);
            let reached = self.reach(appended_to(value, added), row - 1, later, steps)?;
            later.pop();
            if reached {
                return Some(true);
            }
        }
        Some(false)
    }

    /// Whether one append, none of the `later` ones, makes the value of one that somebody made or found.
    fn is_second(&self, value: Value, later: &[usize]) -> bool {
        let second = &self.makers.second;
        let from = second.partition_point(|&(made, _)| made < value);
        let ways = second[from..].iter().take_while(|&&(made, _)| made == value);
        let may_come = |position| self.appends.iter().any(|append| append.position == position);
        ways.into_iter().any(|&(_, position)| !later.contains(&position) && may_come(position))
    }
}
