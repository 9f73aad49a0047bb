//! The slowest judge: tries every order of every choice of unanswered calls.

use super::Call;
use std::collections::BTreeMap;

/// Whether any order of the calls is legal, all keys together.
pub(crate) fn has_legal_order(calls: &[Call]) -> bool {
    extends(calls, &mut Vec::new())
}

/// Whether the order so far is legal and complete, or becomes so with any call next.
fn extends(calls: &[Call], order: &mut Vec<usize>) -> bool {
    if !is_legal(calls, order) {
        return false;
    }
    let left = |call: &usize| !order.contains(call);
    let left: Vec<_> = (0..calls.len()).filter(left).collect();
    if left.iter().all(|&call| calls[call].answered.is_none()) {
        return true;
    }
    left.into_iter().any(|call| {
        order.push(call);
        let found = extends(calls, order);
        order.pop();
        found
    })
}

/// Whether each call of the order gives its answer, and none that was answered before another one was asked
/// for comes after that one or is missing.
fn is_legal(calls: &[Call], order: &[usize]) -> bool {
    let mut stored = BTreeMap::new();
    for (place, &call) in order.iter().enumerate() {
        let Call { operation, invoked, answered } = calls[call];
        let applied = operation.apply(stored.get(&operation.key()).copied().unwrap_or(0));
        stored.insert(operation.key(), applied.stored);
        let before = &order[..place];
        let was_done = |other: &Call| other.answered.is_some_and(|(answered, _)| answered < invoked);
        let missing = (0..calls.len()).any(|other| was_done(&calls[other]) && !before.contains(&other));
        if missing || answered.is_some_and(|(_, result)| result != applied.result) {
            return false;
        }
    }
    true
}
