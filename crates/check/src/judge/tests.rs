//! Chains, the plain search and the trial of every order against each other, on random calls of one register.

use super::{Call, Found, chains, plain, told};
use crate::operation::{Operation, Value};
use proptest::prelude::*;

#[path = "../../tests/clients/brute.rs"]
mod brute;

const STEPS: u64 = 1 << 20;

/// What and with which value, how long before and after its effect it is asked for and answered, and what
/// becomes of it.
type Drawn = (u8, u8, u8, u8, u8);

/// Calls that take effect one after the other and overlap. They are legal, unless an answer is exchanged for
/// another one of `flaws` in 256, or comes before the effect. With `distinct`, no two write the same value.
fn register(distinct: bool, flaws: u8, drawn: &[Drawn]) -> Vec<Call> {
    let (mut stored, mut results) = (0, vec![0]);
    let mut history = Vec::new();
    for (n, &(kind, value, early, late, fate)) in drawn.iter().enumerate() {
        let at = 1_000 * (n as u64 + 1);
        let any = results[usize::from(value) % results.len()];
        let operation =
            operation(kind, if distinct { n as u64 + 1 } else { u64::from(value % 3) }, stored, any);
        let applied = operation.apply(stored);
        // Of the calls without an answer, every other one never takes effect.
        let unanswered = fate % 6 == 0;
        stored = if unanswered && fate % 4 == 0 { stored } else { applied.stored };
        let flawed = late.wrapping_mul(31) ^ early < flaws;
        let (result, delay) = match (flawed, fate % 3) {
            (false, _) => (applied.result, u64::from(late) * 20),
            (true, 1) => (any, u64::from(late) * 20),
            (true, _) => (applied.result, 0),
        };
        let invoked = at.saturating_sub(u64::from(early) * if flawed { 3 } else { 20 }) + n as u64;
        let answered = (at + delay + 500 + n as u64).max(invoked + 1);
        history.push(Call { operation, invoked, answered: (!unanswered).then_some((answered, result)) });
        results.extend([applied.result, applied.stored]);
    }
    history
}

fn operation(kind: u8, value: Value, stored: Value, any: Value) -> Operation {
    match kind % 8 {
        0..3 => Operation::Get { key: 1 },
        3..5 => Operation::Put { key: 1, value },
        5 => Operation::Append { key: 1, value },
        6 => Operation::CompareAndSet { key: 1, expected: stored, value },
        _ => Operation::CompareAndSet { key: 1, expected: any, value },
    }
}

/// What the chains make of a history, and whether that is sure.
fn by_chains(calls: &[Call]) -> (Found, bool) {
    let positions: Vec<_> = (0..calls.len()).collect();
    let told = told::told(calls, &positions, &mut STEPS.clone()).expect("there are few unanswered appends");
    let found = chains::order(calls, &told.parts);
    let sure = told.sure || found == Found::Order;
    (found, sure)
}

fn by_search(calls: &[Call]) -> Found {
    plain::search(calls, &(0..calls.len()).collect::<Vec<_>>(), STEPS)
}

/// Whether there is an order, by the word of the search and of the chains, and whether these were sure.
fn agreed(calls: &[Call]) -> (bool, bool) {
    let ((chains, sure), search) = (by_chains(calls), by_search(calls));
    assert_ne!(search, Found::OutOfSteps, "{calls:?}");
    if sure {
        assert_eq!(chains == Found::Order, search == Found::Order, "{chains:?} {search:?} {calls:?}");
    }
    if let Found::None(impasse) = &chains {
        let first = impasse.stuck.iter().filter_map(|&call| calls[call].answered).min();
        let (first, _) = first.expect("an answered call had to come next");
        assert!(impasse.stuck.iter().all(|&call| calls[call].invoked <= first), "{impasse:?} {calls:?}");
        assert!(impasse.before.iter().all(|call| !impasse.stuck.contains(call)), "{impasse:?}");
    }
    (search == Found::Order, sure)
}

fn calls(most: usize) -> impl Strategy<Value = Vec<Call>> {
    let drawn = prop::collection::vec(any::<Drawn>(), 0..most);
    let flaws = prop::sample::select(&[0u8, 30, 90][..]);
    (any::<bool>(), flaws, drawn).prop_map(|(distinct, flaws, drawn)| register(distinct, flaws, &drawn))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn chains_and_search_agree_with_trying_every_order(calls in calls(7)) {
        prop_assert_eq!(agreed(&calls).0, brute::has_legal_order(&calls), "{:?}", calls);
    }

    #[test]
    fn chains_agree_with_the_search(calls in calls(13)) {
        let _ = agreed(&calls);
    }
}

/// The comparison proves nothing if one side never spoke: over fixed draws there are legal and illegal
/// histories of both kinds, those whose answers tell enough and those whose answers do not.
#[test]
fn every_kind_of_history_is_compared() {
    let mut draw = 1u64;
    let mut next = || {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) as u8
    };
    let mut seen = [[0; 2]; 2];
    for round in 0..4_000 {
        let drawn: Vec<Drawn> = (0..10).map(|_| (next(), next(), next(), next(), next())).collect();
        let (legal, sure) = agreed(&register(round % 2 == 0, 30, &drawn));
        seen[usize::from(legal)][usize::from(sure)] += 1;
    }
    assert!(seen.iter().flatten().all(|&times| times >= 200), "{seen:?}");
}
