//! The audit finds what replicas hide, and restarts are compared with the disk.

use crate::bench::{Bench, entries, entry, texts};
use whitewater_check::property::Property;

/// Three nodes with the same two durable entries.
fn settled() -> Bench {
    let mut bench = Bench::new(3);
    for n in [1, 2, 3] {
        bench.log_durably(n, 1, &[(1, 1), (1, 2)]);
    }
    bench.commit(1, 2);
    bench
}

#[test]
fn an_honest_cluster_passes() {
    let mut bench = settled();
    bench.log(2, 3, &[(2, 3)]);
    bench.log(3, 3, &[(3, 4)]);
    assert!(bench.checks.observed(Property::Audit));
    bench.audit();
    bench.assert_clean();
}

#[test]
fn an_entry_that_changed_unsaid() {
    let mut bench = settled();
    bench.fake(2).log[1] = entry(2, 9);
    bench.step(2);
    bench.assert_clean();
    bench.audit();
    let finding = bench.assert_only(Property::Audit);
    assert_eq!(texts(finding), ["n2 reported another log up to [2]", "n2 holds [2] c1#9 (term 2)"]);
}

#[test]
fn a_change_that_is_reported_too_high() {
    let mut bench = settled();
    bench.fake(2).log = entries(&[(1, 1), (2, 7), (2, 8)]);
    bench.fake(2).changed = Some(3);
    bench.step(2);
    bench.audit();
    bench.assert_only(Property::Audit);
}

#[test]
fn two_logs_that_clash_behind_the_back_of_the_checks() {
    let mut bench = settled();
    bench.fake(2).log[1] = entry(1, 9);
    bench.audit();
    bench.assert_found(Property::Audit);
    assert_eq!(
        texts(bench.assert_found(Property::LogMatching)),
        ["n2 holds [2] c1#9 (term 1)", "n1 holds [2] c1#2 (term 1)"]
    );
}

#[test]
fn equal_entries_after_different_prefixes_clash_too() {
    let mut bench = settled();
    bench.fake(2).log[0] = entry(0, 1);
    bench.audit();
    bench.assert_found(Property::LogMatching);
}

#[test]
fn a_length_that_changed_unsaid_is_found_at_once() {
    for log in [&[(1, 1)][..], &[(1, 1), (1, 2), (1, 3)]] {
        let mut bench = settled();
        bench.fake(2).log = entries(log);
        bench.step(2);
        bench.assert_only(Property::Audit);
    }
}

#[test]
fn a_replica_in_the_middle_of_a_step_is_compared_up_to_its_change() {
    let mut bench = settled();
    let fake = bench.fake(2);
    (fake.log[1], fake.changed) = (entry(2, 9), Some(2));
    fake.log.push(entry(2, 10));
    bench.audit();
    bench.assert_clean();
}

#[test]
fn a_crashed_node_is_not_audited() {
    let mut bench = settled();
    bench.crash(2);
    bench.fake(2).log.clear();
    bench.audit();
    bench.assert_clean();
}

#[test]
fn the_audit_recounts_what_is_committed() {
    let mut bench = Bench::new(3);
    bench.log(1, 1, &[(1, 1)]);
    bench.commit(1, 1);
    bench.audit();
    let early = bench.checks.findings().early();
    assert_eq!((early[0].finding.property, early[0].count), (Property::CommitDurability, 2));
}

#[test]
fn a_restart_recovers_what_the_disk_holds() {
    let mut bench = settled();
    bench.log(2, 3, &[(1, 3), (1, 4)]);
    bench.disk_log(2, 3, &entries(&[(1, 3)]));
    bench.crash(2);
    bench.restart(2, 0, entries(&[(1, 1), (1, 2), (1, 3)]));
    bench.log(2, 4, &[(2, 5)]);
    bench.audit();
    bench.assert_clean();
}

#[test]
fn a_restart_that_recovers_less_more_or_something_else() {
    for log in [&[(1, 1)][..], &[(1, 1), (1, 2), (1, 3)], &[(1, 1), (1, 2), (2, 5)]] {
        let mut bench = settled();
        bench.disk_log(2, 3, &entries(&[(1, 6)]));
        bench.crash(2);
        bench.restart(2, 0, entries(log));
        bench.assert_found(Property::Audit);
    }
}

#[test]
fn a_start_may_change_the_log_if_it_says_so() {
    let mut bench = settled();
    bench.crash(2);
    bench.fake(2).log = entries(&[(1, 1), (2, 7)]);
    bench.fake(2).changed = Some(2);
    bench.start(2);
    bench.assert_clean();
}
