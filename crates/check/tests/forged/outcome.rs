//! Each checker of an outcome property rejects a forged trace and accepts its honest twin.

use crate::bench::{Bench, entries, texts};
use whitewater_check::observe::Role;
use whitewater_check::property::Property;
use whitewater_check::types::At;

/// n1 leads term 1 and has (1, no-op), (1, c1#1) on n1 and n2, durable.
fn replicated() -> Bench {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 0), (1, 1)]);
    }
    bench.assert_clean();
    bench
}

#[test]
fn election_safety_two_leaders_of_a_term() {
    let mut bench = Bench::new(3);
    bench.elect(1, 3, &[2]);
    bench.role(3, Role::Leader, 3);
    assert_eq!(texts(bench.assert_found(Property::ElectionSafety)), ["n1 leads term 3", "n3 leads term 3"]);
}

#[test]
fn election_safety_counts_leaders_that_are_long_gone() {
    let mut bench = Bench::new(5);
    bench.elect(1, 3, &[2, 4]);
    bench.crash(1);
    bench.restart(1, 3, vec![]);
    bench.elect(2, 4, &[3, 4]);
    bench.assert_clean();
    bench.role(5, Role::Leader, 3);
    bench.assert_found(Property::ElectionSafety);
}

#[test]
fn election_safety_accepts_one_leader_a_term_in_any_order() {
    let mut bench = Bench::new(3);
    bench.votes(1, 5, &[2]);
    bench.elect(3, 6, &[2]);
    bench.role(1, Role::Leader, 5);
    bench.role(1, Role::Leader, 5);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::ElectionSafety));
}

#[test]
fn leader_append_only_a_leader_removes_its_last_entry() {
    let mut bench = replicated();
    bench.log(1, 2, &[]);
    let finding = bench.assert_only(Property::LeaderAppendOnly);
    assert_eq!(
        texts(finding),
        ["n1 leads term 1 with a log up to [2]", "n1 changed its log from [2] on in the same term"]
    );
}

#[test]
fn leader_append_only_a_leader_replaces_an_entry() {
    let mut bench = replicated();
    bench.log(1, 2, &[(1, 9)]);
    bench.assert_only(Property::LeaderAppendOnly);
}

#[test]
fn leader_append_only_accepts_a_change_that_is_reported_too_low() {
    let mut bench = replicated();
    bench.log(1, 1, &[(1, 0), (1, 1), (1, 2)]);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::LeaderAppendOnly));
}

#[test]
fn leader_append_only_lets_followers_and_new_leaders_change_their_logs() {
    let mut bench = replicated();
    bench.elect(3, 2, &[2]);
    bench.log(2, 2, &[(2, 7)]);
    bench.elect(1, 3, &[2]);
    bench.assert_clean();
}

#[test]
fn log_matching_another_command_at_the_same_index_and_term() {
    let mut bench = replicated();
    bench.log(3, 1, &[(1, 0), (1, 2)]);
    let finding = bench.assert_only(Property::LogMatching);
    assert_eq!(texts(finding), ["n1 holds [2] c1#1 (term 1)", "n3 holds [2] c1#2 (term 1)"]);
    assert!(finding.facts[0].at.step < finding.facts[1].at.step);
}

#[test]
fn log_matching_the_same_entry_after_another_prefix() {
    let mut bench = Bench::new(3);
    bench.log(1, 1, &[(1, 0), (2, 1)]);
    bench.log(2, 1, &[(2, 0), (2, 1)]);
    let finding = bench.assert_only(Property::LogMatching);
    assert_eq!(
        texts(finding),
        ["n1 holds [2] c1#1 (term 2)", "n2 holds [2] c1#1 (term 2) after another prefix"]
    );
}

#[test]
fn log_matching_remembers_entries_that_were_overwritten_since() {
    let mut bench = Bench::new(3);
    bench.log(1, 1, &[(1, 1)]);
    bench.log(1, 1, &[(3, 2)]);
    bench.log(2, 1, &[(2, 3)]);
    bench.assert_clean();
    bench.log(3, 1, &[(1, 4)]);
    bench.assert_only(Property::LogMatching);
}

#[test]
fn log_matching_accepts_different_terms_at_an_index() {
    let mut bench = Bench::new(3);
    bench.log(1, 1, &[(1, 1), (1, 2)]);
    bench.log(2, 1, &[(2, 3), (2, 4)]);
    bench.log(3, 1, &[(1, 1), (3, 5)]);
    bench.log(1, 2, &[(3, 5)]);
    bench.log(2, 1, &[(1, 1), (3, 5)]);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::LogMatching));
}

#[test]
fn log_matching_looks_at_what_was_stored_and_never_shown() {
    let mut bench = replicated();
    bench.disk_log(3, 1, &entries(&[(1, 0), (1, 5)]));
    bench.crash(3);
    bench.restart(3, 0, entries(&[(1, 0), (1, 5)]));
    bench.assert_only(Property::LogMatching);
}

#[test]
fn leader_completeness_a_new_leader_lacks_a_committed_entry() {
    let mut bench = replicated();
    bench.commit(1, 2);
    bench.elect(3, 2, &[2]);
    let finding = bench.assert_only(Property::LeaderCompleteness);
    assert_eq!(texts(finding), ["n1 held [2] committed in term 1", "n3 leads term 2 with no [2]"]);
}

#[test]
fn leader_completeness_a_new_leader_holds_another_entry_there() {
    let mut bench = replicated();
    bench.commit(1, 2);
    bench.log(3, 1, &[(1, 0), (2, 4)]);
    bench.elect(3, 3, &[2]);
    let finding = bench.assert_only(Property::LeaderCompleteness);
    assert_eq!(texts(finding)[1], "n3 leads term 3 with another log up to [2]");
}

#[test]
fn leader_completeness_a_commit_of_a_lower_term_comes_after_the_election() {
    let mut bench = replicated();
    bench.elect(3, 2, &[2]);
    bench.assert_clean();
    bench.commit(1, 2);
    let finding = bench.assert_only(Property::LeaderCompleteness);
    assert_eq!(texts(finding), ["n3 leads term 2 with no [2]", "n1 held [2] committed in term 1"]);
}

#[test]
fn leader_completeness_accepts_a_leader_that_holds_everything() {
    let mut bench = replicated();
    bench.commit(1, 2);
    bench.elect(2, 2, &[3]);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::LeaderCompleteness));
}

/// A candidate of term 5 has its votes on the way and sleeps. Term 6 elects another leader, which commits.
/// The sleeper wakes, counts its votes and leads term 5 without what term 6 has committed: that is Raft.
#[test]
fn leader_completeness_accepts_a_sleeper_that_wins_an_old_term_after_a_newer_one_committed() {
    let mut bench = Bench::new(5);
    bench.votes(1, 5, &[2, 3]);
    bench.elect(4, 6, &[2, 3]);
    for n in [4, 2, 3] {
        bench.log_durably(n, 1, &[(6, 0), (6, 1)]);
    }
    bench.commit(4, 2);
    bench.role(1, Role::Leader, 5);
    bench.commit(2, 2);
    bench.assert_clean();
}

/// The twin of the sleeper: the commit is filed under term 4, and the same late winner is guilty.
#[test]
fn leader_completeness_rejects_the_sleeper_when_the_commit_is_older_than_its_term() {
    let mut bench = Bench::new(5);
    bench.elect(4, 4, &[2, 3]);
    for n in [4, 2, 3] {
        bench.log_durably(n, 1, &[(4, 0), (4, 1)]);
    }
    bench.votes(1, 5, &[2, 3]);
    bench.commit(4, 2);
    bench.role(1, Role::Leader, 5);
    bench.assert_only(Property::LeaderCompleteness);
}

/// Commits of term 6 do not hide those of term 4 from a leader of term 5, and reach leaders of term 7.
#[test]
fn leader_completeness_keeps_a_maximum_for_each_term() {
    let mut bench = Bench::new(5);
    bench.elect(4, 4, &[2, 3]);
    for n in [1, 2, 3, 4] {
        bench.log_durably(n, 1, &[(4, 0)]);
    }
    bench.commit(4, 1);
    bench.votes(1, 5, &[2, 3]);
    bench.elect(4, 6, &[2, 3]);
    for n in [2, 3, 4] {
        bench.log_durably(n, 2, &[(6, 0)]);
    }
    bench.commit(4, 2);
    bench.role(1, Role::Leader, 5);
    bench.assert_clean();
    bench.elect(1, 7, &[2, 3]);
    bench.assert_only(Property::LeaderCompleteness);
}

#[test]
fn leader_completeness_holds_leaders_to_contradicting_commits_too() {
    let mut bench = Bench::new(3);
    bench.log_durably(1, 1, &[(1, 1)]);
    bench.log_durably(2, 1, &[(2, 2)]);
    bench.commit(1, 1);
    bench.commit(2, 1);
    assert_eq!(bench.checks.findings().outcome(), None);
    bench.elect(1, 5, &[3]);
    bench.assert_found(Property::LeaderCompleteness);
}

#[test]
fn state_machine_safety_different_commands_at_an_index() {
    let mut bench = Bench::new(3);
    bench.apply(1, 1, 1, 11);
    bench.apply(1, 2, 2, 12);
    bench.apply(2, 1, 1, 11);
    bench.assert_clean();
    bench.apply(2, 2, 3, 12);
    assert_eq!(
        texts(bench.assert_only(Property::StateMachineSafety)),
        ["n1 applied [2] c1#2", "n2 applied [2] c1#3"]
    );
}

#[test]
fn state_machine_safety_equal_commands_and_different_states() {
    let mut bench = Bench::new(3);
    bench.apply(1, 1, 1, 0x11);
    bench.apply(2, 1, 1, 0x12);
    assert_eq!(
        texts(bench.assert_only(Property::StateMachineSafety)),
        [
            "n1 applied [1] c1#1, its state is 0000000000000011",
            "n2 applied [1] c1#1, its state is 0000000000000012"
        ]
    );
}

#[test]
fn state_machine_safety_a_gap() {
    let mut bench = Bench::new(3);
    bench.apply(1, 1, 1, 11);
    let next = bench.at(1);
    bench.apply(1, 3, 3, 13);
    let finding = bench.assert_only(Property::StateMachineSafety);
    assert_eq!(texts(finding), ["n1 had applied up to [1]", "n1 applied [3] c1#3"]);
    assert_eq!(finding.facts[0].at, At { time: next.time - 1000, step: next.step - 1, ..next });
}

#[test]
fn state_machine_safety_a_gap_before_what_others_have_applied() {
    let mut bench = Bench::new(3);
    (1..=4).for_each(|index| bench.apply(1, index, index, 10 + index));
    let at = bench.at(2);
    bench.checks.applied_again(at, 1..=2);
    bench.apply(2, 3, 3, 13);
    bench.assert_clean();
    let at = bench.at(3);
    bench.checks.applied_again(at, 2..=4);
    assert_eq!(
        texts(bench.assert_only(Property::StateMachineSafety)),
        ["n3 had applied up to [0]", "n3 applied [2] c1#2"]
    );
}

#[test]
fn state_machine_safety_an_entry_applied_twice() {
    let mut bench = Bench::new(3);
    bench.apply(1, 1, 1, 11);
    bench.apply(1, 1, 1, 11);
    bench.assert_only(Property::StateMachineSafety);
}

#[test]
fn state_machine_safety_accepts_applying_anew_after_a_crash() {
    let mut bench = Bench::new(3);
    for n in [1, 2] {
        bench.apply(n, 1, 0, 10);
        bench.apply(n, 2, 2, 12);
    }
    bench.crash(1);
    bench.apply(1, 1, 0, 10);
    bench.apply(1, 2, 2, 12);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::StateMachineSafety));
}

#[test]
fn the_first_outcome_is_the_one_that_is_kept() {
    let mut bench = Bench::new(3);
    bench.apply(1, 2, 1, 11);
    bench.role(1, Role::Leader, 1);
    bench.role(2, Role::Leader, 1);
    assert_eq!(bench.checks.findings().outcome().unwrap().property, Property::StateMachineSafety);
}
