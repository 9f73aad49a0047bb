//! Snapshots: what stands for a log must stand for one that somebody holds.

use crate::bench::{Bench, acknowledge, entries, entry, texts};
use whitewater_check::markers::Marker;
use whitewater_check::observe::{Observe, Role};
use whitewater_check::operation::Operation;
use whitewater_check::property::Property;
use whitewater_check::types::{Entry, Index, NodeId, Term};

const LOG: [(Term, u64); 4] = [(1, 1), (1, 2), (1, 3), (1, 4)];

/// A snapshot's last index and term, and a log.
type Held = ((Index, Term), &'static [(Term, u64)]);

/// The first two of three nodes have the same four durable entries; n1 has applied three of them and holds three
/// committed.
pub(crate) fn settled() -> Bench {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    for n in [1, 2] {
        bench.log_durably(n, 1, &LOG);
    }
    (1..=3).for_each(|index| bench.apply(1, index, index, 100 + index));
    (bench.fake(1).commit, bench.fake(1).applied) = (3, 3);
    bench.step(1);
    bench
}

/// What the checks know to stand on a disk and in memory, as far as they know anything.
fn known(bench: &Bench, n: u8) -> [Vec<Entry>; 2] {
    let node = NodeId(n - 1);
    [
        (1..).map_while(|index| bench.checks.entry_on_disk(node, index)).collect(),
        (1..).map_while(|index| bench.checks.entry_in_memory(node, index)).collect(),
    ]
}

#[test]
fn a_node_may_forget_what_it_has_a_snapshot_of_and_what_it_is_from_is_still_known() {
    let mut bench = settled();
    bench.compact(1, 3);
    bench.disk_snapshot(1, (3, 1), &LOG[3..]);
    bench.log_durably(1, 5, &[(1, 5)]);
    bench.fake(1).changed = Some(1);
    bench.step(1);
    bench.audit();
    assert_eq!(bench.checks.markers().count(Marker::Truncated), 0);
    assert_eq!(known(&bench, 1), [(); 2].map(|()| entries(&[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)])));
    bench.assert_clean();
}

#[test]
fn what_stands_on_a_disk_and_in_memory_is_known_apart() {
    let mut bench = settled();
    bench.log(2, 4, &[(2, 9)]);
    bench.disk_snapshot(3, (4, 1), &[]);
    assert_eq!(known(&bench, 2), [entries(&LOG), entries(&[(1, 1), (1, 2), (1, 3), (2, 9)])]);
    assert_eq!(known(&bench, 3), [entries(&LOG), vec![]]);
    assert_eq!(bench.checks.entry_on_disk(NodeId(2), 0), None);
    bench.assert_clean();
}

#[test]
fn a_snapshot_takes_the_place_of_a_log_that_is_shorter_or_conflicts() {
    for (own, cut) in [(&[(1, 1)][..], 0), (&[(1, 1), (1, 2), (0, 8), (0, 9), (0, 10)], 1)] {
        let mut bench = settled();
        bench.log_durably(3, 1, own);
        bench.disk_snapshot(3, (4, 1), &[]);
        bench.install(3, &LOG);
        bench.log_durably(3, 5, &[(1, 5)]);
        bench.log(1, 5, &[(1, 5)]);
        bench.audit();
        assert_eq!(bench.checks.markers().count(Marker::Truncated), cut);
        assert_eq!(known(&bench, 3), [(); 2].map(|()| entries(&[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)])));
        bench.assert_clean();
    }
}

#[test]
fn what_follows_an_installed_snapshot_follows_the_log_that_it_stands_for() {
    let mut bench = settled();
    bench.log(3, 1, &[(0, 9)]);
    bench.install(3, &LOG[..2]);
    bench.log(3, 3, &[(1, 3), (1, 9)]);
    let finding = bench.assert_only(Property::LogMatching);
    assert_eq!(texts(finding), ["n1 holds [4] c1#4 (term 1)", "n3 holds [4] c1#9 (term 1)"]);
}

#[test]
fn a_leader_that_installs_another_log_has_not_only_appended() {
    let mut bench = settled();
    bench.log(3, 1, &LOG);
    bench.log(2, 5, &[(1, 5)]);
    bench.elect(3, 2, &[2]);
    bench.log(3, 5, &[(2, 9)]);
    bench.install(3, &[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]);
    let finding = bench.assert_only(Property::LeaderAppendOnly);
    assert_eq!(texts(finding)[1], "n3 changed its log from [5] on in the same term");
}

#[test]
fn a_snapshot_in_memory_that_stands_for_no_known_log() {
    for last in [(4, 2), (5, 1), (1, 0), (2, 9)] {
        let mut bench = settled();
        bench.fake(3).log = vec![entry(0, 0); last.0 as usize];
        (bench.fake(3).snapshot, bench.fake(3).changed) = (last, Some(1));
        bench.step(3);
        let finding = bench.assert_only(Property::Audit);
        let says = format!("n3 has a snapshot up to [{}] of term {}", last.0, last.1);
        assert_eq!(texts(finding), [&says, "no log has such an entry"]);
        assert_eq!(known(&bench, 3)[1], [], "what is in it nobody knows");
        bench.log(3, last.0 + 1, &[(2, 8), (2, 9)]);
        bench.commit(3, last.0 + 1);
        bench.audit();
    }
}

#[test]
fn a_snapshot_on_a_disk_that_stands_for_no_known_log_is_found_and_not_believed() {
    for last in [(4, 2), (5, 1), (1, 0), (2, 9)] {
        let mut bench = settled();
        bench.disk_snapshot(2, last, &[(1, 9)]);
        let finding = bench.assert_only(Property::Audit);
        assert_eq!(texts(finding)[0], format!("n2 has a snapshot up to [{}] of term {}", last.0, last.1));
        assert_eq!(known(&bench, 2)[0], entries(&LOG));
    }
}

#[test]
fn what_everybody_has_replaced_is_no_known_log_any_more() {
    let mut bench = settled();
    bench.log(1, 4, &[(2, 9)]);
    bench.disk_snapshot(3, (4, 1), &[]);
    bench.assert_found(Property::LeaderAppendOnly);
    assert!(bench.checks.findings().early().is_empty(), "n2 has it");
    bench.log(2, 4, &[(2, 9)]);
    bench.disk_snapshot(3, (4, 1), &[]);
    bench.assert_found(Property::Audit);
}

#[test]
fn a_snapshot_that_goes_back_stands_for_the_log_that_it_names() {
    for (last, held) in [((2, 1), true), ((0, 0), true), ((2, 7), false)] {
        let mut bench = settled();
        bench.compact(1, 3);
        (bench.fake(1).snapshot, bench.fake(1).changed) = (last, Some(last.0 + 1));
        bench.step(1);
        bench.audit();
        match held {
            true => bench.assert_clean(),
            false => drop(bench.assert_only(Property::Audit)),
        }
    }
}

#[test]
fn another_snapshot_up_to_the_same_index_is_another_log() {
    let mut bench = settled();
    bench.log(2, 3, &[(2, 8)]);
    bench.compact(1, 3);
    (bench.fake(1).snapshot, bench.fake(1).changed) = ((3, 2), Some(4));
    bench.step(1);
    bench.assert_found(Property::LeaderAppendOnly);
}

#[test]
fn a_snapshot_on_a_disk_keeps_what_is_committed_after_it() {
    for (tail, kept) in [(&LOG[3..], true), (&[], false), (&[(1, 9)], false), (&[(1, 9), (1, 5)], false)] {
        let mut bench = settled();
        bench.commit(1, 4);
        bench.assert_clean();
        bench.disk_snapshot(2, (3, 1), tail);
        match kept {
            true => bench.assert_clean(),
            false => assert_eq!(
                texts(bench.assert_only(Property::CommitDurability))[1],
                "n2 replaced its disk's log from [4] on: [4] is durable on 1 of 3"
            ),
        }
    }
}

#[test]
fn a_snapshot_on_a_disk_keeps_what_a_client_was_told() {
    for (tail, kept) in [(&LOG[3..], true), (&[], false)] {
        let mut bench = settled();
        let command = bench.ask(1, Operation::Put { key: 1, value: 4 });
        bench.apply_with(1, 4, command, 0, 104);
        bench.answer(1, command, 0);
        bench.disk_snapshot(2, (3, 1), tail);
        bench.crash(2);
        match kept {
            true => bench.assert_clean(),
            false => drop(bench.assert_only(Property::AcknowledgedMeansKept)),
        }
    }
}

/// Nothing was written after the snapshot, and yet what stood there is gone.
#[test]
fn what_is_no_longer_there_after_a_snapshot_is_lost_whoever_has_written_what() {
    let mut bench = settled();
    let at = bench.at(2);
    bench.checks.durable_snapshot(at, (2, 1), None, &entries(&LOG[2..]));
    bench.assert_clean();
    bench.checks.durable_snapshot(at, (2, 1), None, &[]);
    bench.assert_only(Property::CommitDurability);
}

#[test]
fn a_durable_snapshot_counts_for_all_that_it_stands_for() {
    let mut bench = settled();
    bench.wipe(2);
    bench.assert_only(Property::CommitDurability);
    let mut bench = settled();
    bench.disk_snapshot(3, (4, 1), &[]);
    bench.wipe(2);
    bench.commit(1, 4);
    bench.assert_clean();
}

#[test]
fn an_installed_snapshot_is_acknowledged_when_it_is_durable() {
    for durable in [true, false] {
        let mut bench = settled();
        bench.disk(3, 1, None);
        if durable {
            bench.disk_snapshot(3, (4, 1), &[]);
        }
        bench.send(3, 1, acknowledge(1, 4));
        bench.install(3, &LOG);
        match durable {
            true => bench.assert_clean(),
            false => drop(bench.assert_only(Property::PersistBeforeSend)),
        }
    }
}

#[test]
fn a_leader_whose_log_is_nothing_but_a_snapshot_is_complete_if_that_is() {
    for (index, complete) in [(4, true), (3, true), (2, false)] {
        let mut bench = settled();
        bench.disk_snapshot(3, (index, 1), &[]);
        bench.install(3, &LOG[..index as usize]);
        bench.elect(3, 2, &[2]);
        assert_eq!(bench.fake(3).snapshot(), (bench.fake(3).look().last_index, 1));
        match complete {
            true => bench.assert_clean(),
            false => {
                let finding = bench.assert_only(Property::LeaderCompleteness);
                assert_eq!(texts(finding)[1], "n3 leads term 2 with no [3]");
            }
        }
    }
}

#[test]
fn a_leader_whose_snapshot_stands_for_another_log_is_not_complete() {
    let mut bench = settled();
    bench.log(2, 3, &[(2, 8)]);
    bench.install(3, &[(1, 1), (1, 2), (2, 8)]);
    bench.elect(3, 3, &[2]);
    let finding = bench.assert_only(Property::LeaderCompleteness);
    assert_eq!(texts(finding)[1], "n3 leads term 3 with another log up to [3]");
}

#[test]
fn a_leader_may_commit_and_forget_in_one_step_and_the_rule_holds_for_the_last_entry() {
    for (term, held) in [(1, true), (2, false)] {
        let mut bench = settled();
        bench.role(1, Role::Follower, 1);
        bench.elect(1, 2, &[3]);
        bench.role(1, Role::Leader, term);
        bench.fake(1).commit = 4;
        bench.compact(1, 4);
        let found = bench.checks.findings().of(Property::CommittedByTheRule).map(texts);
        let facts = vec!["n1 held [3] committed", "n1 leads term 2 and committed [4] of term 1"];
        assert_eq!(found, (!held).then_some(facts));
    }
}

#[test]
fn a_made_up_snapshot_that_nobody_told_of_is_found_by_the_audit() {
    for (term, honest) in [(1, true), (7, false)] {
        let mut bench = settled();
        bench.fake(1).snapshot = (3, term);
        bench.step(1);
        bench.assert_clean();
        bench.audit();
        assert_eq!(bench.checks.findings().of(Property::Audit).is_none(), honest);
    }
}

#[test]
fn what_a_snapshot_stands_for_is_committed_whatever_the_commit_index_says() {
    for (snapshot, honest) in [((3, 1), true), ((2, 1), false)] {
        let mut bench = settled();
        bench.disk_snapshot(2, snapshot, &LOG[snapshot.0 as usize..]);
        bench.crash(2);
        bench.fake(2).log = entries(&LOG);
        bench.restore(2, 3, 3, 103);
        let fake = bench.fake(2);
        (fake.snapshot, fake.applied, fake.commit) = (snapshot, 3, 0);
        bench.start(2);
        assert_eq!(bench.checks.findings().of(Property::Monotonicity).is_none(), honest);
    }
}

#[test]
fn who_is_alone_may_lose_an_entry_and_forget_another_one_in_one_step() {
    let mut bench = Bench::new(1);
    bench.elect(1, 1, &[]);
    bench.log(1, 1, &[(1, 1)]);
    bench.crash(1);
    bench.restart(1, 1, Vec::new());
    bench.elect(1, 2, &[]);
    let log = entries(&[(2, 2)]);
    bench.disk_log(1, 1, &log);
    bench.apply(1, 1, 2, 101);
    bench.disk_snapshot(1, (1, 2), &[]);
    let alone = bench.fake(1);
    (alone.log, alone.changed, alone.snapshot) = (log, Some(2), (1, 2));
    (alone.commit, alone.applied) = (1, 1);
    bench.step(1);
    bench.assert_clean();
}

#[test]
fn who_is_alone_may_write_commit_and_forget_in_one_step() {
    for (written, honest) in [(2, true), (1, false)] {
        let log = entries(&[(1, 1), (1, 2)]);
        let mut bench = Bench::new(1);
        bench.elect(1, 1, &[]);
        bench.disk_log(1, 1, &log[..written]);
        (1..=2).for_each(|index| bench.apply(1, index, index, 100 + index));
        bench.disk_snapshot(1, (2, 1), &[]);
        let alone = bench.fake(1);
        (alone.log, alone.changed, alone.snapshot) = (log, Some(3), (2, 1));
        (alone.commit, alone.applied) = (2, 2);
        bench.step(1);
        assert_eq!(bench.checks.findings().of(Property::Audit).is_none(), honest);
        if honest {
            bench.log_durably(1, 3, &[(1, 3)]);
            bench.crash(1);
            bench.fake(1).commit = 2;
            bench.restore(1, 2, 2, 102);
            bench.start(1);
            bench.commit(1, 3);
            bench.assert_clean();
        }
    }
}

#[test]
fn a_start_recovers_the_snapshot_of_the_disk_and_the_log_after_it() {
    let mut bench = settled();
    bench.disk_snapshot(3, (3, 1), &[(1, 4), (1, 5)]);
    bench.crash(3);
    bench.fake(3).log = entries(&[(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]);
    bench.fake(3).snapshot = (3, 1);
    bench.start(3);
    bench.assert_clean();
    assert_eq!(known(&bench, 3)[0], known(&bench, 3)[1]);
}

#[test]
fn a_start_that_makes_less_more_or_something_else_of_a_snapshot() {
    let cases: [Held; 5] = [
        ((0, 0), &[]),
        ((2, 1), &LOG[..2]),
        ((4, 1), &LOG),
        ((3, 2), &[(1, 1), (1, 2), (2, 3)]),
        ((3, 1), &[(1, 1), (1, 2), (1, 3), (2, 4)]),
    ];
    for (snapshot, log) in cases {
        let mut bench = settled();
        bench.log(2, 3, &[(2, 3)]);
        bench.disk_snapshot(3, (3, 1), &[]);
        bench.crash(3);
        (bench.fake(3).snapshot, bench.fake(3).log) = (snapshot, entries(log));
        bench.start(3);
        bench.assert_found(Property::Audit);
    }
}

#[test]
fn an_index_beyond_belief_is_found_and_not_followed() {
    for index in [1 << 23, 1 << 60, Index::MAX - 1, Index::MAX] {
        for (claimed, changed) in [(4, None), (4, Some(1)), (index, None), (index, Some(index))] {
            let mut bench = settled();
            bench.disk_snapshot(2, (index, 1), &LOG);
            bench.assert_only(Property::Audit);
            let fake = bench.fake(2);
            (fake.snapshot, fake.claimed_last, fake.changed) = ((index, 1), Some(claimed), changed);
            fake.commit = 1;
            bench.step(2);
            bench.audit();
            bench.crash(2);
            bench.start(2);
            bench.restore(2, index, index, 1);
            bench.apply(2, 1, 1, 101);
            bench.audit();
            assert_eq!(known(&bench, 2)[0], entries(&LOG), "and its disk is what it was");
        }
    }
}

#[test]
fn a_change_below_what_a_snapshot_stands_for_is_slow_and_no_lie() {
    for changed in [0, 1, 3] {
        let mut bench = settled();
        bench.compact(1, 3);
        bench.log(1, 4, &[(1, 4), (1, 5)]);
        bench.fake(1).changed = Some(changed);
        bench.step(1);
        bench.audit();
        bench.assert_clean();
    }
}

#[test]
fn a_log_that_ends_before_its_snapshot_does_is_found() {
    for (claimed, changed) in [(0, None), (2, None), (2, Some(1)), (2, Some(3)), (0, Some(0))] {
        let mut bench = settled();
        bench.fake(2).claimed_last = Some(claimed);
        (bench.fake(2).snapshot, bench.fake(2).changed) = ((3, 1), changed);
        bench.step(2);
        bench.audit();
        bench.assert_only(Property::Audit);
    }
}
