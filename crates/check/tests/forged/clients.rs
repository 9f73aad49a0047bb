//! What clients were told: each checker rejects a forged trace and accepts its honest twin.

use crate::bench::{Bench, entry, texts};
use whitewater_check::judge::Judgement;
use whitewater_check::operation::{Operation, Value};
use whitewater_check::property::Property;
use whitewater_check::types::Command;

const STEPS: u64 = 10_000;

fn get() -> Operation {
    Operation::Get { key: 2 }
}

/// The words of the first client's commands.
fn word(serial: u64) -> Value {
    Command::new(0, serial).word()
}

fn put(serial: u64) -> Operation {
    Operation::Put { key: 2, value: word(serial) }
}

/// Client 1 has put its first value to k2, at [1], and knows it.
fn written() -> Bench {
    let mut bench = Bench::new(3);
    let command = bench.ask(1, put(1));
    bench.apply_with(1, 1, command, 0, 11);
    bench.answer(1, command, 0);
    bench.assert_clean();
    bench
}

#[test]
fn linearizability_a_read_that_is_too_old() {
    let mut bench = written();
    let read = bench.ask(2, get());
    bench.answer_at(3, read, 0, 0);
    let finding = bench.assert_only(Property::Linearizability);
    assert_eq!(
        texts(finding),
        [
            "c1#1 put k2 = c1#1 was completed at [1] before it was asked, and it was read at [0]",
            "c2#1 get k2 was answered 0 by n3"
        ]
    );
    assert!(finding.facts[0].at.step < finding.facts[1].at.step);
    assert!(matches!(bench.checks.judge(STEPS), Judgement::Illegal { key: 2, .. }));
}

#[test]
fn linearizability_accepts_an_old_read_that_was_asked_for_before_the_write_was_done() {
    let mut bench = Bench::new(3);
    let (write, read) = (bench.ask(1, put(1)), bench.ask(2, get()));
    bench.apply_with(1, 1, write, 0, 11);
    bench.answer(1, write, 0);
    bench.answer_at(3, read, 0, 0);
    let read = bench.ask(2, get());
    bench.answer_at(2, read, word(1), 1);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::Linearizability));
    assert_eq!(bench.checks.judge(STEPS), Judgement::Legal);
}

#[test]
fn linearizability_a_read_behind_another_read() {
    let mut bench = Bench::new(3);
    let write = bench.ask(1, put(1));
    bench.apply_with(1, 1, write, 0, 11);
    let read = bench.ask(2, get());
    bench.answer_at(1, read, word(1), 1);
    bench.assert_clean();
    let read = bench.ask(3, get());
    bench.answer_at(2, read, 0, 0);
    let finding = bench.assert_only(Property::Linearizability);
    assert_eq!(
        texts(finding)[0],
        "c2#1 get k2 was completed at [1] before it was asked, and it was read at [0]"
    );
}

#[test]
fn log_order_a_read_that_is_too_old_for_the_log_and_right_for_its_key() {
    let mut bench = written();
    let other = bench.ask(1, Operation::Put { key: 3, value: word(2) });
    bench.apply_with(1, 2, other, 0, 12);
    bench.answer(1, other, 0);
    let read = bench.ask(2, get());
    bench.answer_at(3, read, word(1), 1);
    let finding = bench.assert_only(Property::LogOrder);
    assert_eq!(
        texts(finding),
        [
            "c1#2 put k3 = c1#2 was completed at [2] before it was asked, and it was read at [1]",
            "c2#1 get k2 was answered c1#1 by n3"
        ]
    );
    assert_eq!(bench.checks.judge(STEPS), Judgement::Legal);
}

#[test]
fn linearizability_a_lost_write_is_out_of_order_and_illegal_once_somebody_reads() {
    let mut bench = Bench::new(3);
    let write = bench.ask(1, put(1));
    bench.answer(1, write, 0);
    let finding = bench.assert_only(Property::LogOrder);
    assert_eq!(
        texts(finding),
        [
            "c1#1 put k2 = c1#1 was asked for, and no node had applied it",
            "c1#1 put k2 = c1#1 was answered 0 by n1"
        ]
    );
    let read = bench.ask(2, get());
    bench.apply_with(1, 1, read, 0, 0);
    bench.answer(1, read, 0);
    let finding = bench.assert_found(Property::Linearizability);
    assert_eq!(
        texts(finding),
        ["c1#1 put k2 = c1#1 was answered 0 by n1", "c2#1 get k2 was answered 0 by n1"]
    );
}

#[test]
fn linearizability_a_session_out_of_order() {
    let mut bench = Bench::new(3);
    let first = bench.ask(1, put(1));
    bench.answer(1, first, 0);
    let second = bench.ask(1, put(2));
    bench.apply_with(1, 1, second, 0, 12);
    bench.apply_with(1, 2, first, 0, 11);
    bench.answer(1, second, 0);
    assert_eq!(bench.checks.findings().outcome(), None);
    let read = bench.ask(1, get());
    bench.apply_with(1, 3, read, word(1), 11);
    bench.answer(1, read, word(1));
    bench.assert_found(Property::Linearizability);
}

#[test]
fn linearizability_another_result_than_the_log_gives() {
    let mut bench = written();
    let set = bench.ask(2, Operation::CompareAndSet { key: 2, expected: 0, value: word(9) });
    bench.apply_with(1, 2, set, 0, 12);
    bench.answer(1, set, 0);
    assert_eq!(
        texts(bench.assert_only(Property::Linearizability)),
        ["c2#1 cas k2 0 -> c1#9 answers c1#1 at [2]", "c2#1 cas k2 0 -> c1#9 was answered 0 by n1"]
    );
}

#[test]
fn linearizability_a_value_that_nobody_wrote() {
    let mut bench = written();
    let read = bench.ask(2, get());
    bench.answer_at(2, read, word(7), 1);
    assert_eq!(
        texts(bench.assert_only(Property::Linearizability)),
        ["k2 is c1#1 as of [1]", "c2#1 get k2 was answered c1#7 by n2"]
    );
}

#[test]
fn linearizability_a_command_that_nobody_asked_for() {
    let mut bench = written();
    bench.apply_with(2, 1, Command::new(0, 1), 0, 11);
    bench.apply_with(2, 2, Command::new(4, 1), 0, 12);
    assert_eq!(
        texts(bench.assert_only(Property::Linearizability)),
        ["no client has asked for c5#1", "n2 applied c5#1"]
    );
    let mut bench = written();
    bench.answer(2, Command::new(0, 2), 0);
    assert_eq!(texts(bench.assert_only(Property::Linearizability))[1], "n2 answered c1#2");
}

#[test]
fn linearizability_a_read_from_the_future() {
    let mut bench = written();
    let read = bench.ask(2, get());
    bench.answer_at(2, read, word(7), u64::MAX);
    assert_eq!(
        texts(bench.assert_only(Property::Linearizability))[0],
        format!("no node had applied [{}], which it was read at", u64::MAX)
    );
    let next = bench.ask(1, put(2));
    bench.apply_with(1, 2, next, 0, 12);
    bench.answer(1, next, 0);
    assert_eq!(bench.checks.history().get(next).unwrap().bound, 1, "nobody may be told about the future");
}

#[test]
fn log_order_a_write_cannot_be_answered_without_the_log() {
    let mut bench = Bench::new(3);
    let write = bench.ask(1, put(1));
    bench.answer_at(1, write, 0, 0);
    bench.assert_only(Property::LogOrder);
    assert_eq!(bench.checks.history().get(write).unwrap().answer.unwrap().read_at, None);
}

/// What became of an operation without an answer is its own business: it may take effect late, or never.
#[test]
fn linearizability_accepts_whatever_becomes_of_unanswered_operations() {
    let mut bench = written();
    let (late, never) = (bench.ask(2, put(5)), bench.ask(3, put(6)));
    for (client, index, result, hash) in [(1, 2, word(1), 11), (4, 4, word(5), 15)] {
        let read = bench.ask(client, get());
        bench.apply_with(1, index, read, result, hash);
        bench.answer(1, read, result);
        if index == 2 {
            bench.apply_with(1, 3, late, 0, 15);
        }
    }
    bench.assert_clean();
    assert_eq!(bench.checks.judge(STEPS), Judgement::Legal);
    let recorded = |command| bench.checks.history().get(command).unwrap();
    assert!(recorded(late).effect.is_some() && recorded(never).effect.is_none());
}

#[test]
fn linearizability_a_client_does_not_listen_to_a_second_answer() {
    let mut bench = written();
    bench.answer(2, Command::new(0, 1), 77);
    bench.assert_clean();
}

#[test]
fn exactly_once_a_retry_that_changes_the_state_again() {
    let mut bench = Bench::new(3);
    let append = bench.ask(1, Operation::Append { key: 2, value: 5 });
    bench.apply_with(1, 1, append, 5, 11);
    bench.assert_clean();
    bench.apply_with(2, 1, append, 5, 11);
    bench.apply_with(2, 2, append, 5, 12);
    assert_eq!(
        texts(bench.assert_only(Property::ExactlyOnce)),
        [
            "n1 applied [1] c1#1 and answers c1#5",
            "n2 applied [2] c1#1 and answers c1#5, which changed the state again"
        ]
    );
}

#[test]
fn exactly_once_a_retry_that_is_answered_otherwise() {
    let mut bench = written();
    bench.apply_with(1, 2, Command::new(0, 1), word(1), 11);
    assert_eq!(
        texts(bench.assert_only(Property::ExactlyOnce)),
        ["n1 applied [1] c1#1 and answers 0", "n1 applied [2] c1#1 and answers c1#1"]
    );
}

#[test]
fn exactly_once_accepts_retries_without_effect_and_applying_anew_after_a_crash() {
    let mut bench = Bench::new(3);
    let command = bench.ask(1, put(1));
    bench.apply_with(1, 1, command, 0, 11);
    bench.apply_with(1, 2, command, 0, 11);
    bench.crash(1);
    for index in 1..=3 {
        bench.apply_with(1, index, command, 0, 11);
    }
    bench.assert_clean();
    assert!(bench.checks.observed(Property::ExactlyOnce));
}

#[test]
fn state_machine_safety_equal_states_and_different_results() {
    let mut bench = written();
    bench.apply_with(2, 1, Command::new(0, 1), 8, 11);
    assert_eq!(
        texts(bench.assert_only(Property::StateMachineSafety)),
        ["n1 applied [1] c1#1 and answers 0", "n2 applied [1] c1#1 and answers c1#8"]
    );
}

/// n1 leads; c1#1 stands at [2], durable on `disks` and in the memory of n1 and n2, and the client knows it.
fn acknowledged(disks: &[u8], commit: bool) -> Bench {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    for n in [1, 2] {
        if disks.contains(&n) {
            bench.disk_log(n, 1, &[entry(1, 0), entry(1, 1)]);
        }
        bench.log(n, 1, &[(1, 0), (1, 1)]);
    }
    if commit {
        bench.commit(1, 2);
    }
    bench.apply(1, 1, 0, 10);
    bench.apply(1, 2, 1, 11);
    bench.answer(1, Command::new(0, 1), 0);
    bench
}

#[test]
fn acknowledged_means_kept_a_promise_that_one_disk_keeps() {
    for commit in [true, false] {
        let mut bench = acknowledged(&[2], commit);
        assert_eq!(bench.checks.findings().outcome(), None);
        bench.crash(1);
        assert_eq!(
            texts(bench.assert_found(Property::AcknowledgedMeansKept)),
            ["c1#1 was answered by n1 as of [2]", "[2] is durable on 1 of 3"]
        );
    }
}

#[test]
fn acknowledged_means_kept_a_disk_that_is_emptied_breaks_the_quorum() {
    for commit in [true, false] {
        let mut bench = acknowledged(&[1, 2], commit);
        bench.crash(1);
        bench.assert_clean();
        bench.wipe(1);
        let finding = bench.assert_found(Property::AcknowledgedMeansKept);
        assert_eq!(texts(finding)[1], "[2] is durable on 1 of 3");
    }
}

#[test]
fn acknowledged_means_kept_the_highest_promise_counts() {
    let mut bench = acknowledged(&[1, 2], true);
    bench.apply(1, 3, 2, 12);
    bench.answer(1, Command::new(0, 2), 0);
    bench.crash(3);
    assert_eq!(
        texts(bench.assert_only(Property::AcknowledgedMeansKept)),
        ["c1#2 was answered by n1 as of [3]", "[3] is durable on 0 of 3"]
    );
}

#[test]
fn acknowledged_means_kept_a_disk_that_holds_something_else_at_the_end() {
    let mut bench = acknowledged(&[1, 2], true);
    bench.disk_log(2, 2, &[entry(2, 4)]);
    assert_eq!(bench.checks.findings().outcome(), None);
    bench.audit();
    bench.assert_found(Property::AcknowledgedMeansKept);
}

#[test]
fn acknowledged_means_kept_accepts_a_quorum_of_disks_up_or_down() {
    let mut bench = acknowledged(&[1, 2], true);
    for n in [1, 2, 3] {
        bench.crash(n);
    }
    bench.wipe(3);
    bench.audit();
    bench.assert_clean();
    assert!(bench.checks.observed(Property::AcknowledgedMeansKept));
}

#[test]
fn acknowledged_means_kept_is_not_observed_before_anybody_was_told() {
    let mut bench = Bench::new(3);
    bench.log(1, 1, &[(1, 1)]);
    bench.crash(1);
    bench.audit();
    assert!(!bench.checks.observed(Property::AcknowledgedMeansKept));
}

#[test]
fn a_node_whose_disk_was_emptied_starts_from_nothing_and_is_not_blamed_for_it() {
    let mut bench = Bench::new(3);
    bench.elect(1, 4, &[2]);
    bench.log_durably(2, 1, &[(4, 0)]);
    bench.crash(2);
    bench.wipe(2);
    bench.restart(2, 0, vec![]);
    bench.audit();
    bench.assert_clean();
}
