//! The order of one key when it is known who made every value that was found.
//!
//! A *chain* is a put, the calls that found its value, the one of them that changed it, the calls that found
//! that, and so on; what was there at first heads a chain without a put. No chain can be broken up: a found
//! value does not come back, so nothing else may change it before all that found it have come. Within a chain
//! the order is given, but for calls that find the same and change nothing, which may come as they were asked
//! for. What is left is the order of chains. One chain must come before another when one of its calls was
//! answered before one of the other's was asked for, that is, when its first answer stands before the
//! other's last question. A chain that nothing must come before may come first without loss, for the others
//! stay as they were. If there is no such chain, then there is no order (Gibbons and Korach).
//!
//! So there is one order that is legal if any is. It is walked from its start: whether it is legal is seen by
//! doing what it says, and where it is not is where the judge came furthest. This file searches nothing.

use super::told::Part;
use super::{Call, Found, Impasse};
use crate::operation::Value;

/// Orders the calls whose parts are given: all of a key that must take effect. If it finds an order, then
/// that is legal whatever the parts are; that there is none says as much as the parts.
pub(super) fn order(calls: &[Call], parts: &[Part]) -> Found {
    let mut chains = Chains::new(calls, parts);
    chains.collect(parts);
    walk(calls, &chains.in_order())
}

/// When the answer of a call came; never is later than everything.
fn answer(call: &Call) -> u64 {
    call.answered.map_or(u64::MAX, |(order, _)| order)
}

/// Calls that come one right after the other.
struct Chain {
    /// Where it stands in the line of all chains.
    from: usize,
    to: usize,
    first_answer: u64,
    last_question: u64,
}

/// All chains, and the means to collect them.
struct Chains<'a> {
    calls: &'a [Call],
    /// The calls that found a value, by what they found; those that change it come last.
    finders: Vec<Part>,
    /// Which of them stand in a chain.
    taken: Vec<bool>,
    /// The calls of one chain after the other.
    line: Vec<usize>,
    chains: Vec<Chain>,
}

impl<'a> Chains<'a> {
    fn new(calls: &'a [Call], parts: &[Part]) -> Self {
        let mut finders: Vec<Part> = parts.iter().filter(|part| part.finds.is_some()).copied().collect();
        finders.sort_by_key(|part| (part.finds, part.makes.is_some(), calls[part.position].invoked));
        let taken = vec![false; finders.len()];
        Self { calls, finders, taken, line: Vec::with_capacity(parts.len()), chains: Vec::new() }
    }

    /// What was there at first heads the first chain, and each put another one. A call that found what no
    /// chain leads to, or what another call of its chain has changed already, stands alone and has no place.
    fn collect(&mut self, parts: &[Part]) {
        self.follow(Some(0));
        self.close();
        for put in parts.iter().filter(|part| part.finds.is_none()) {
            self.line.push(put.position);
            self.follow(put.makes);
            self.close();
        }
        for row in 0..self.finders.len() {
            if !self.taken[row] {
                self.line.push(self.finders[row].position);
                self.close();
            }
        }
    }

    /// Takes the calls that found a value, then those that found what they changed it to, to the end.
    fn follow(&mut self, mut made: Option<Value>) {
        while let Some(value) = made.take() {
            let from = self.finders.partition_point(|part| part.finds < Some(value));
            for (part, taken) in self.finders[from..].iter().zip(&mut self.taken[from..]) {
                if part.finds != Some(value) || std::mem::replace(taken, true) {
                    break;
                }
                self.line.push(part.position);
                made = part.makes;
            }
        }
    }

    /// Makes a chain of what was added to the line since the last one.
    fn close(&mut self) {
        let (from, to) = (self.chains.last().map_or(0, |chain| chain.to), self.line.len());
        let calls = self.line[from..].iter().map(|&position| &self.calls[position]);
        let first_answer = calls.clone().map(answer).min().unwrap_or(u64::MAX);
        let last_question = calls.map(|call| call.invoked).max().unwrap_or(0);
        self.chains.push(Chain { from, to, first_answer, last_question });
    }

    /// The order that is legal if any is: the first chain first, then always one that no other one that is left
    /// must come before. Such a chain asks its last question before any other one is answered. If it is not the
    /// chain with the earliest answer, then it asks before that answer, and the chain with the earliest last
    /// question does so as well; so one of these two will do, and if neither does then nothing will.
    fn in_order(&self) -> Vec<usize> {
        let sorted_by = |key: fn(&Chain) -> u64| {
            let mut rows: Vec<usize> = (1..self.chains.len()).collect();
            rows.sort_by_key(|&row| key(&self.chains[row]));
            rows
        };
        let by_question = sorted_by(|chain| chain.last_question);
        let by_answer = sorted_by(|chain| chain.first_answer);
        let (mut asked, mut answered) = (by_question.iter().peekable(), by_answer.iter().peekable());
        let mut placed = vec![false; self.chains.len()];
        let mut order = Vec::with_capacity(self.line.len());
        let mut next = Some(0);
        while let Some(row) = next {
            placed[row] = true;
            order.extend_from_slice(&self.line[self.chains[row].from..self.chains[row].to]);
            while asked.next_if(|&&row| placed[row]).is_some() {}
            while answered.next_if(|&&row| placed[row]).is_some() {}
            next = asked.peek().zip(answered.peek()).map(|(&&asked, &&answered)| {
                let free = self.chains[asked].last_question <= self.chains[answered].first_answer;
                if free { asked } else { answered }
            });
        }
        order
    }
}

/// Does what an order says, until it breaks a promise: a call comes when another one that is still to come
/// was answered before it was asked for, or it does not do what it was answered.
fn walk(calls: &[Call], order: &[usize]) -> Found {
    let mut first_answers = vec![u64::MAX; order.len() + 1];
    for place in (0..order.len()).rev() {
        first_answers[place] = first_answers[place + 1].min(answer(&calls[order[place]]));
    }
    let mut stored = 0;
    for (place, &position) in order.iter().enumerate() {
        let Call { operation, invoked, answered } = calls[position];
        let applied = operation.apply(stored);
        let fits = answered.is_none_or(|(_, result)| result == applied.result);
        if !fits || invoked > first_answers[place] {
            let stuck = stuck(calls, &order[place..], first_answers[place]);
            // The call whose turn it is may have been asked for too late: then it came before its time.
            let last = place + usize::from(!stuck.contains(&position));
            let before = order[last.saturating_sub(4)..last].to_vec();
            return Found::None(Impasse { stored, before, stuck });
        }
        stored = applied.stored;
    }
    Found::Order
}

/// The answered calls that were asked for before any of them was answered, as they were asked for.
fn stuck(calls: &[Call], left: &[usize], first_answer: u64) -> Vec<usize> {
    let may_come = |&position: &usize| {
        let call = &calls[position];
        call.answered.is_some() && call.invoked <= first_answer
    };
    let mut stuck: Vec<usize> = left.iter().copied().filter(may_come).collect();
    stuck.sort_by_key(|&position| calls[position].invoked);
    stuck
}
