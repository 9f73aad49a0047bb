//! The plain search: every order that may lead somewhere, after Wing and Gong, with Lowe's memory.
//!
//! It judges any history of one key, whatever its answers tell, and is the judge of `chains.rs`. Where many
//! calls overlap it takes more steps than anybody has. It knows no other key.
//!
//! Answered calls stand in a list of events, in the order in which they happened. Every call that stands
//! before the first answer may come next; the search takes one out, goes on with what is left, and puts it
//! back when that leads nowhere. It never enters the same set of calls with the same value twice. A call
//! without an answer may come at any time after it was asked for, or never; orders in which few of these come
//! in a row are tried first. Three observations keep the search short, and lose no legal order:
//!
//! - an answered get, or a compare-and-set that failed, may come as soon as its answer fits: wherever it
//!   comes it changes nothing;
//! - an unanswered call that changes nothing may as well not come;
//! - an unanswered call that is overwritten at once by a put may as well not come.

use super::{Call, Found, Impasse};
use crate::operation::{Operation, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Searches the calls of one key for a legal order.
pub(super) fn search(calls: &[Call], positions: &[usize], steps: u64) -> Found {
    Search::new(calls, positions).run(steps)
}

/// The heads of the two lists, which are their ends as well: answered calls with their answers, and calls
/// without one.
const ANSWERED: usize = 0;
const UNANSWERED: usize = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Head,
    /// The call at this position is asked for; its answer is another node of the list.
    Call {
        position: usize,
        answer: usize,
    },
    Answer {
        position: usize,
    },
    /// The call at this position is asked for and never answered.
    Unanswered {
        position: usize,
    },
}

/// An event in its list.
#[derive(Clone, Copy, Debug)]
struct Node {
    event: Event,
    order: u64,
    before: usize,
    after: usize,
}

/// A call that the search has put in its place.
#[derive(Clone, Copy, Debug)]
struct Placed {
    node: usize,
    position: usize,
    /// What was stored before it.
    before: Value,
    /// Nothing else needs to be tried in its place: its answer tells what was stored, and that is so here.
    forced: bool,
    answered: bool,
    /// How many unanswered calls come in a row and end here.
    unanswered: usize,
}

/// The search of one key.
struct Search<'a> {
    calls: &'a [Call],
    nodes: Vec<Node>,
    /// What is stored now.
    stored: Value,
    placed: Vec<Placed>,
    /// How many of the placed calls, and of all, are answered.
    placed_answered: usize,
    answered: usize,
    /// The set of placed calls, as one word.
    set: u128,
    /// Where the search has been: the set, what was stored, and how many unanswered calls came last.
    been: BTreeSet<(u128, Value, usize)>,
    /// How many unanswered calls may come in a row, and whether more would have fitted.
    row_max: usize,
    cut: bool,
    /// Where most answered calls had found a place, and how many.
    furthest: Option<(usize, Impasse)>,
}

impl<'a> Search<'a> {
    fn new(calls: &'a [Call], positions: &[usize]) -> Self {
        let head = |head| Node { event: Event::Head, order: u64::MAX, before: head, after: head };
        let mut search = Self {
            calls,
            nodes: vec![head(ANSWERED), head(UNANSWERED)],
            stored: 0,
            placed: Vec::new(),
            placed_answered: 0,
            answered: 0,
            set: 0,
            been: BTreeSet::new(),
            row_max: 0,
            cut: true,
            furthest: None,
        };
        search.list(positions);
        search
    }

    /// Puts all events into their lists, in the order in which they happened.
    fn list(&mut self, positions: &[usize]) {
        let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(2 * positions.len());
        for &position in positions {
            let Call { invoked, answered, .. } = self.calls[position];
            events.push((invoked, false, position));
            events.extend(answered.map(|(order, _)| (order, true, position)));
        }
        events.sort_unstable();
        let mut call_of: BTreeMap<usize, usize> = BTreeMap::new();
        for (order, is_answer, position) in events {
            let node = self.nodes.len();
            if is_answer {
                let call = call_of.remove(&position).expect("a call comes before its answer");
                self.nodes[call].event = Event::Call { position, answer: node };
                self.append(ANSWERED, order, Event::Answer { position });
            } else if self.calls[position].answered.is_some() {
                self.answered += 1;
                call_of.insert(position, node);
                self.append(ANSWERED, order, Event::Call { position, answer: node });
            } else {
                self.append(UNANSWERED, order, Event::Unanswered { position });
            }
        }
    }

    fn append(&mut self, head: usize, order: u64, event: Event) {
        let (node, last) = (self.nodes.len(), self.nodes[head].before);
        self.nodes.push(Node { event, order, before: last, after: head });
        (self.nodes[last].after, self.nodes[head].before) = (node, node);
    }

    /// Searches with longer and longer rows of unanswered calls, until an order is found or no row was cut.
    fn run(mut self, mut steps: u64) -> Found {
        while std::mem::take(&mut self.cut) {
            self.row_max += 1;
            self.been.clear();
            match self.pass(&mut steps) {
                Some(true) => return Found::Order,
                Some(false) => {}
                None => return Found::OutOfSteps,
            }
        }
        let (_, impasse) = self.furthest.expect("it is noted before anything is taken back");
        Found::None(impasse)
    }

    /// Whether there is an order with the rows that are allowed; `None` when no steps are left.
    fn pass(&mut self, steps: &mut u64) -> Option<bool> {
        let mut node = self.nodes[ANSWERED].after;
        while self.placed_answered < self.answered {
            *steps = steps.checked_sub(1)?;
            let next = match self.nodes[node].event {
                Event::Call { position, .. } => Some(self.try_call(node, position)),
                Event::Answer { .. } => Some(self.nodes[UNANSWERED].after),
                Event::Unanswered { position } if self.nodes[node].order < self.first_answer() => {
                    Some(self.try_call(node, position))
                }
                Event::Unanswered { .. } | Event::Head => self.back(),
            };
            match next {
                Some(next) => node = next,
                None => return Some(false),
            }
        }
        Some(true)
    }

    /// Places a call if it fits and leads to somewhere new. Gives the node to look at then.
    fn try_call(&mut self, node: usize, position: usize) -> usize {
        let Call { operation, answered, .. } = self.calls[position];
        let (applied, before) = (operation.apply(self.stored), self.stored);
        let changes = applied.stored != before;
        let row = self.placed.last().map_or(0, |placed| placed.unanswered);
        let unseen = row > 0 && matches!(operation, Operation::Put { .. });
        let fits = answered.map_or(changes, |(_, result)| result == applied.result) && !unseen;
        let answered = answered.is_some();
        let unanswered = if answered { 0 } else { row + 1 };
        self.cut |= fits && unanswered > self.row_max;
        let set = self.set ^ mark(position);
        if !fits || unanswered > self.row_max || !self.been.insert((set, applied.stored, unanswered)) {
            return self.nodes[node].after;
        }
        let told = matches!(operation, Operation::Get { .. } | Operation::CompareAndSet { .. });
        let forced = answered && told && !changes;
        self.placed.push(Placed { node, position, before, forced, answered, unanswered });
        self.placed_answered += usize::from(answered);
        (self.set, self.stored) = (set, applied.stored);
        self.take_out(node);
        self.nodes[ANSWERED].after
    }

    /// Nothing fits here: takes back what was placed last, up to a call that had an alternative. Gives the
    /// node to look at then; `None` when nothing is left to be tried.
    fn back(&mut self) -> Option<usize> {
        self.note_furthest();
        while let Some(placed) = self.placed.pop() {
            self.put_back(placed.node);
            self.placed_answered -= usize::from(placed.answered);
            self.set ^= mark(placed.position);
            self.stored = placed.before;
            if !placed.forced {
                return Some(self.nodes[placed.node].after);
            }
        }
        None
    }

    /// Whatever comes next was asked for before the first answer that is still in the list.
    fn first_answer(&self) -> u64 {
        let mut node = self.nodes[ANSWERED].after;
        while matches!(self.nodes[node].event, Event::Call { .. }) {
            node = self.nodes[node].after;
        }
        self.nodes[node].order
    }

    fn note_furthest(&mut self) {
        if self.furthest.as_ref().is_some_and(|&(answered, _)| answered >= self.placed_answered) {
            return;
        }
        let first = self.placed.len().saturating_sub(4);
        let before = self.placed[first..].iter().map(|placed| placed.position).collect();
        let mut stuck = Vec::new();
        let mut node = self.nodes[ANSWERED].after;
        while let Event::Call { position, .. } = self.nodes[node].event {
            stuck.push(position);
            node = self.nodes[node].after;
        }
        self.furthest = Some((self.placed_answered, Impasse { stored: self.stored, before, stuck }));
    }

    /// Takes a call and its answer out of their list.
    fn take_out(&mut self, node: usize) {
        self.unlink(node);
        if let Event::Call { answer, .. } = self.nodes[node].event {
            self.unlink(answer);
        }
    }

    /// Puts back what was taken out last.
    fn put_back(&mut self, node: usize) {
        if let Event::Call { answer, .. } = self.nodes[node].event {
            self.link(answer);
        }
        self.link(node);
    }

    fn unlink(&mut self, node: usize) {
        let Node { before, after, .. } = self.nodes[node];
        (self.nodes[before].after, self.nodes[after].before) = (after, before);
    }

    fn link(&mut self, node: usize) {
        let Node { before, after, .. } = self.nodes[node];
        (self.nodes[before].after, self.nodes[after].before) = (node, node);
    }
}

/// A word for a call, so that a set of calls is the exclusive or of its members' words. Two sets share one
/// with a chance of 2^-128.
fn mark(position: usize) -> u128 {
    let half = |seed: u64| {
        let mut word = (position as u64 ^ seed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ word >> 31
    };
    u128::from(half(0)) << 64 | u128::from(half(0xd6e8_feb8_6659_fd93))
}
