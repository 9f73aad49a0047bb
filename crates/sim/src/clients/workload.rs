//! What a client asks for next: which key, and what to do with it.
//!
//! Everything is drawn at an address made of the client and the number of the operation, so that no other
//! client and no delay moves anybody's luck. Values are those of the commands that write them, so that no two
//! writes are alike; a compare-and-set builds on what its client knows.

use crate::chance::{Key, between};
use crate::plan::{Ask, ClientPlan};
use whitewater_check::operation::{Operation, Value};
use whitewater_check::types::Command;

/// What was drawn for an operation, beside its number.
const WHAT: u64 = 0;
const WHICH_KEY: u64 = 1;

/// The ways of writing, out of eight: puts, then appends, then compare-and-sets.
const PUTS: u64 = 4;
const APPENDS: u64 = 2;

/// What a client knows of the store, if anything: a key and the value.
pub(super) type Known = Option<(u32, Value)>;

/// The `nth` operation of a client.
pub(super) fn operation(plan: &ClientPlan, key: Key, nth: u64, command: Command, known: Known) -> Operation {
    let luck = key.subkey(nth);
    let what = luck.draw(WHAT);
    let (which, value) = (which_key(plan, luck.draw(WHICH_KEY)), command.word());
    if plan.reads.happens(what >> 32, 32) {
        return Operation::Get { key: which };
    }
    match what & 7 {
        way if way < PUTS => Operation::Put { key: which, value },
        way if way < PUTS + APPENDS => Operation::Append { key: which, value },
        _ => {
            let (key, expected) = known.unwrap_or((which, 0));
            Operation::CompareAndSet { key, expected, value }
        }
    }
}

/// The operation that a client is told to ask for, which writes `value` if it writes; `None` if it is to ask for
/// the same again.
pub(super) fn told(ask: Ask, value: Value, known: Known) -> Option<Operation> {
    Some(match ask {
        Ask::Get(key) => Operation::Get { key },
        Ask::Put(key) => Operation::Put { key, value },
        Ask::Append(key) => Operation::Append { key, value },
        Ask::CompareAndSet(key) => {
            let expected = known.filter(|(of, _)| *of == key).map_or(0, |(_, value)| value);
            Operation::CompareAndSet { key, expected, value }
        }
        Ask::Again => return None,
    })
}

/// What a client knows to be stored once an operation is answered.
pub(super) fn leaves(operation: Operation, result: Value) -> Value {
    match operation {
        Operation::Get { .. } | Operation::Append { .. } => result,
        Operation::Put { value, .. } => value,
        Operation::CompareAndSet { expected, value, .. } => {
            if result == expected {
                value
            } else {
                result
            }
        }
    }
}

fn which_key(plan: &ClientPlan, draw: u64) -> u32 {
    let skewed = plan.skew.happens(draw & 0xffff, 16);
    if skewed { 0 } else { between(draw, 0, u64::from(plan.keys.max(1)) - 1) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Chance, Purpose};

    fn many(plan: &ClientPlan) -> Vec<Operation> {
        let key = Key::new(1, Purpose::Client, 0);
        (1..=4_000).map(|nth| operation(plan, key, nth, Command::new(0, nth), Some((9, 5)))).collect()
    }

    fn share(operations: &[Operation], of: impl Fn(&Operation) -> bool) -> usize {
        operations.iter().filter(|operation| of(operation)).count() * 100 / operations.len()
    }

    #[test]
    fn reads_and_keys_come_as_often_as_the_plan_says() {
        let plan = ClientPlan {
            reads: Chance::per_billion(300_000_000),
            skew: Chance::per_billion(500_000_000),
            ..ClientPlan::writers(1, 1)
        };
        let operations = many(&plan);
        assert!((27..=33).contains(&share(&operations, |operation| operation.is_read())));
        let gets: Vec<Operation> = operations.into_iter().filter(|operation| operation.is_read()).collect();
        // Half go to the first key by skew, and a quarter of the other half by chance.
        assert!((57..=68).contains(&share(&gets, |operation| operation.key() == 0)));
        assert!(gets.iter().all(|operation| operation.key() < 4));
    }

    #[test]
    fn writes_are_puts_appends_and_sets_of_what_was_read() {
        let operations = many(&ClientPlan::writers(1, 1));
        assert!((46..=54).contains(&share(&operations, |one| matches!(one, Operation::Put { .. }))));
        assert!((21..=29).contains(&share(&operations, |one| matches!(one, Operation::Append { .. }))));
        let sets = |one: &Operation| matches!(one, Operation::CompareAndSet { key: 9, expected: 5, .. });
        assert!((21..=29).contains(&share(&operations, sets)));
    }
}
