//! States in snapshots: whoever restores one, or writes one down, must have that of the index that it says.

use crate::bench::texts;
use crate::snapshots::settled;
use whitewater_check::checks::State;
use whitewater_check::property::Property;
use whitewater_check::types::Index;

#[test]
fn whoever_restores_the_state_of_a_snapshot_goes_on_after_it() {
    let mut bench = settled();
    bench.restore(2, 3, 3, 103);
    bench.apply(2, 4, 4, 104);
    bench.apply(1, 4, 4, 104);
    bench.crash(2);
    bench.restore(2, 4, 4, 104);
    assert!(bench.checks.observed(Property::StateMachineSafety));
    bench.assert_clean();
}

#[test]
fn a_state_that_has_applied_less_or_more_than_its_snapshot_says() {
    for applied in [0, 2, 4, 1 << 60, Index::MAX] {
        let mut bench = settled();
        bench.restore(2, 3, applied, 100 + applied % 8);
        let finding = bench.assert_only(Property::StateMachineSafety);
        let has = format!("the state in it has applied up to [{applied}]");
        assert_eq!(texts(finding), ["n2 restores a snapshot up to [3]", &has]);
    }
}

#[test]
fn a_state_that_is_another_one_than_that_after_the_index() {
    let mut bench = settled();
    bench.restore(2, 3, 3, 7);
    let finding = bench.assert_only(Property::StateMachineSafety);
    let differs =
        "n1 applied [3], its state was 0000000000000067 and that in the snapshot is 0000000000000007";
    assert_eq!(texts(finding), [differs, "n2 restores a snapshot up to [3]"]);
}

#[test]
fn a_gap_after_a_restore_is_one_from_what_the_snapshot_stands_for() {
    for index in [1, 3, 5] {
        let mut bench = settled();
        (4..=5).for_each(|index| bench.apply(1, index, index, 100 + index));
        bench.restore(2, 3, 3, 103);
        bench.apply(2, index, index, 100 + index);
        let finding = bench.assert_only(Property::StateMachineSafety);
        assert_eq!(texts(finding)[0], "n2 had applied up to [3]");
    }
}

#[test]
fn a_crash_takes_the_restored_state_with_it() {
    let mut bench = settled();
    bench.restore(2, 3, 3, 103);
    bench.crash(2);
    bench.apply(2, 4, 4, 104);
    bench.assert_only(Property::StateMachineSafety);
}

#[test]
fn a_state_is_judged_when_it_is_written() {
    let other = "n1 applied [3], its state was 0000000000000067 and that in the snapshot is 0000000000000063";
    let less = "the state in it has applied up to [2]";
    for (applied, hash, says) in [(3, 103, None), (2, 102, Some(less)), (3, 99, Some(other))] {
        let mut bench = settled();
        let at = bench.at(2);
        bench.checks.wrote_snapshot(at, 3, State { applied, hash });
        let found = bench.checks.findings().of(Property::StateMachineSafety).map(texts).unwrap_or_default();
        let told = says.map_or(Vec::new(), |says| vec!["n2 writes a snapshot up to [3]", says]);
        assert!(found.len() == told.len() && told.iter().all(|text| found.contains(text)), "{found:?}");
        if says.is_none() {
            bench.apply(2, 1, 1, 101);
            bench.assert_clean();
        }
    }
}
