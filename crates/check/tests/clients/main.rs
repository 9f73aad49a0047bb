//! What clients saw, judged three times: by the witness in the log's order, by the search of the judge, and
//! by trying every order.
//!
//! Random small histories are legal by construction, unless they are given a flaw. Whatever the witness
//! accepts the judge must accept, and what the judge rejects the witness must have rejected first.

mod brute;
mod cluster;

use brute::has_legal_order;
use cluster::{Cluster, Flaw, Move, Tried};
use proptest::prelude::*;
use whitewater_check::checks::Checks;
use whitewater_check::judge::{Call, Judgement, judge};
use whitewater_check::operation::Operation;
use whitewater_check::property::Property;

const STEPS: u64 = 1 << 20;

/// Three verdicts on a history: was it found illegal, is anything the matter with it, what does the judge say.
fn verdicts(checks: &Checks) -> (bool, bool, Judgement) {
    let findings = checks.findings();
    (findings.of(Property::Linearizability).is_some(), !findings.is_empty(), checks.judge(STEPS))
}

fn illegal(judgement: &Judgement) -> bool {
    matches!(judgement, Judgement::Illegal { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn histories_drawn_from_a_log_satisfy_both(
        sessions in 2..5u32,
        keys in 1..4u32,
        moves in prop::collection::vec(any::<Move>(), 0..48),
    ) {
        let cluster = Cluster::play(sessions, keys, None, &moves);
        prop_assert!(cluster.checks.findings().is_empty(), "{:?}", cluster.checks.findings());
        prop_assert_eq!(cluster.checks.judge(STEPS), Judgement::Legal);
    }

    #[test]
    fn what_the_witness_accepts_the_judge_accepts(
        sessions in 2..5u32,
        keys in 1..4u32,
        flaw in prop::sample::select(&Flaw::ALL[..]),
        moves in prop::collection::vec(any::<Move>(), 0..48),
    ) {
        let cluster = Cluster::play(sessions, keys, Some(flaw), &moves);
        let (found_illegal, found, judgement) = verdicts(&cluster.checks);
        prop_assert!(found || judgement == Judgement::Legal, "{:?}", cluster.checks.history());
        prop_assert!(judgement != Judgement::Undecided);
        // Only the first outcome is kept, and the judge does not know what nobody asked for.
        if !cluster.nobody_asked && cluster.checks.findings().of(Property::ExactlyOnce).is_none() {
            prop_assert_eq!(found_illegal, illegal(&judgement), "{:?}", cluster.checks.history());
        }
        prop_assert!(found || cluster.shown == 0, "{:?} did not show", flaw);
    }

    #[test]
    fn the_judge_agrees_with_trying_every_order(calls in prop::collection::vec(any::<Tried>(), 0..7)) {
        let calls = cluster::calls(&calls);
        let judgement = judge(&calls, STEPS);
        prop_assert_eq!(judgement == Judgement::Legal, has_legal_order(&calls), "{:?} {:?}", judgement, calls);
        if let Judgement::Illegal { key, before, stuck, .. } = judgement {
            prop_assert!(!stuck.is_empty() && before.len() <= 4);
            let on_key = |&call: &usize| calls[call].operation.key() == key;
            prop_assert!(before.iter().chain(&stuck).all(on_key));
            prop_assert!(stuck.iter().all(|&call| calls[call].answered.is_some()));
        }
    }
}

/// A comparison proves nothing if nothing was illegal: over fixed draws each flaw shows often, the witness
/// finds it each time, and the judge rejects the history often as well.
#[test]
fn every_flaw_is_caught_by_both() {
    let mut draw = 1u64;
    let mut next = || {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) as u8
    };
    for flaw in Flaw::ALL {
        let (mut shown, mut rejected) = (0, 0);
        for round in 0..600 {
            let moves: Vec<Move> = (0..48).map(|_| [next(), next(), next(), next()]).collect();
            let cluster = Cluster::play(2 + round % 3, 1 + round % 2, Some(flaw), &moves);
            let (_, found, judgement) = verdicts(&cluster.checks);
            assert!(found || cluster.shown == 0, "{flaw:?} showed in round {round} and was not found");
            shown += u32::from(cluster.shown > 0);
            rejected += u32::from(illegal(&judgement));
        }
        assert!(shown >= 100, "{flaw:?} showed in {shown} rounds only");
        assert!(rejected >= 30, "the judge rejected {flaw:?} in {rejected} rounds only");
    }
}

/// Calls of a register that three clients use at a time, one of them never answered now and then.
fn long_history(calls: u64) -> Vec<Call> {
    let (mut stored, mut history) = (0, Vec::new());
    for n in 0..calls {
        let operation = match n % 4 {
            0 => Operation::Get { key: 1 },
            1 => Operation::Put { key: 1, value: n + 1 },
            2 => Operation::Append { key: 1, value: n + 1 },
            _ => Operation::CompareAndSet { key: 1, expected: stored, value: n + 1 },
        };
        let applied = operation.apply(stored);
        stored = applied.stored;
        // Asked for two calls ahead and answered two calls later, so that five are open at a time.
        let answered = (n % 500 != 7).then_some((10 * n + 35, applied.result));
        history.push(Call { operation, invoked: (10 * n).saturating_sub(20), answered });
    }
    history
}

#[test]
fn twenty_thousand_calls_on_one_key_take_few_steps() {
    let mut history = long_history(20_000);
    assert_eq!(judge(&history, 400_000), Judgement::Legal);
    let last_read = history.len() - 4;
    assert!(history[last_read].operation.is_read());
    history[last_read].answered = history[last_read].answered.map(|(order, _)| (order, 1));
    let judgement = judge(&history, 1 << 20);
    let Judgement::Illegal { key: 1, stuck, .. } = &judgement else { panic!("{judgement:?}") };
    assert!(stuck.contains(&last_read), "{judgement:?}");
}

#[test]
fn a_budget_that_is_too_small_leaves_it_open() {
    let history = long_history(100);
    assert_eq!(judge(&history, 50), Judgement::Undecided);
    assert_eq!(judge(&history, 0), Judgement::Undecided);
    assert_eq!(judge(&[], 0), Judgement::Legal);
}

#[test]
fn an_illegal_key_is_named_whatever_happens_to_the_others() {
    let mut history = long_history(100);
    history.push(Call { operation: Operation::Get { key: 9 }, invoked: 9_000, answered: Some((9_001, 4)) });
    let stuck = vec![100];
    let illegal = Judgement::Illegal { key: 9, stored: 0, before: vec![], stuck };
    assert_eq!(judge(&history, 50), illegal);
    assert_eq!(judge(&history, 1_000), illegal);
}

#[test]
#[should_panic(expected = "answered at 3 and asked for at 5")]
fn an_answer_before_its_question_is_refused() {
    let call = Call { operation: Operation::Get { key: 1 }, invoked: 5, answered: Some((3, 0)) };
    let _ = judge(&[call], STEPS);
}
