//! Each checker of an early property rejects a forged trace and accepts its honest twin.

use crate::bench::{Bench, acknowledge, append, entries, granted, request, texts};
use whitewater_check::observe::{Brief, Kind, Role};
use whitewater_check::property::Property;

#[test]
fn elected_by_a_quorum_one_voter_counted_twice() {
    let mut bench = Bench::new(5);
    bench.votes(1, 2, &[2]);
    bench.send(2, 1, granted(2, true));
    bench.role(1, Role::Leader, 2);
    let finding = bench.assert_only(Property::ElectedByAQuorum);
    assert_eq!(
        texts(finding),
        ["n1 has term 2 granted by n1, n2 only", "n1 leads term 2, and a quorum is 3 of 5"]
    );
}

#[test]
fn elected_by_a_quorum_votes_of_an_earlier_term() {
    let mut bench = Bench::new(3);
    bench.votes(1, 1, &[2]);
    bench.disk(1, 2, Some(1));
    bench.role(1, Role::Candidate, 2);
    bench.role(1, Role::Leader, 2);
    bench.assert_only(Property::ElectedByAQuorum);
}

#[test]
fn elected_by_a_quorum_half_of_an_even_cluster() {
    let mut bench = Bench::new(4);
    bench.elect(1, 1, &[2]);
    bench.assert_only(Property::ElectedByAQuorum);
}

#[test]
fn elected_by_a_quorum_refusals_are_no_votes() {
    let mut bench = Bench::new(3);
    bench.votes(1, 1, &[]);
    bench.disk(2, 1, None);
    bench.send(2, 1, granted(1, false));
    bench.role(1, Role::Leader, 1);
    bench.assert_only(Property::ElectedByAQuorum);
}

#[test]
fn elected_by_a_quorum_accepts_a_majority_and_a_cluster_of_one() {
    let mut bench = Bench::new(5);
    bench.elect(1, 1, &[2, 3]);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::ElectedByAQuorum));
    let mut one = Bench::new(1);
    one.elect(1, 1, &[]);
    one.assert_clean();
    assert!(one.checks.observed(Property::ElectedByAQuorum));
}

#[test]
fn elected_by_a_quorum_is_not_observed_when_the_system_does_not_tell_its_votes() {
    let mut bench = Bench::new(3);
    bench.disk(2, 1, Some(1));
    bench.send(2, 1, Brief { kind: Kind::Other, term: 1, ..Brief::default() });
    bench.role(1, Role::Leader, 1);
    bench.assert_clean();
    assert!(!bench.checks.observed(Property::ElectedByAQuorum));
    assert!(bench.checks.observed(Property::ElectionSafety));
}

#[test]
fn commit_durability_a_commit_that_only_memory_holds() {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    bench.log_durably(2, 1, &[(1, 0)]);
    bench.log(1, 1, &[(1, 0)]);
    bench.commit(1, 1);
    let finding = bench.assert_only(Property::CommitDurability);
    assert_eq!(texts(finding), ["n1 holds [1] committed", "[1] is durable on 1 of 3"]);
}

#[test]
fn commit_durability_other_entries_on_the_other_disks_do_not_count() {
    let mut bench = Bench::new(3);
    bench.elect(1, 2, &[2]);
    bench.log_durably(2, 1, &[(1, 5), (1, 6)]);
    bench.log_durably(1, 1, &[(2, 0), (2, 1)]);
    bench.commit(1, 2);
    bench.assert_only(Property::CommitDurability);
}

#[test]
fn commit_durability_a_follower_that_commits_what_nobody_else_has() {
    let mut bench = Bench::new(3);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 0)]);
    }
    bench.log_durably(3, 1, &[(2, 0)]);
    bench.commit(1, 1);
    bench.assert_clean();
    bench.commit(3, 1);
    bench.assert_only(Property::CommitDurability);
}

#[test]
fn commit_durability_a_disk_gives_up_what_was_counted() {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 0), (1, 1)]);
    }
    bench.commit(1, 2);
    bench.disk_log(2, 2, &entries(&[(1, 1), (1, 2)]));
    bench.assert_clean();
    bench.disk_log(2, 2, &[]);
    assert_eq!(
        texts(bench.assert_only(Property::CommitDurability)),
        [
            "n1 holds [2] committed and durable",
            "n2 replaced its disk's log from [2] on: [2] is durable on 1 of 3"
        ]
    );
}

#[test]
fn commit_durability_accepts_a_majority_and_late_followers() {
    let mut bench = Bench::new(5);
    bench.elect(1, 1, &[2, 3]);
    for n in [1, 2, 3] {
        bench.log_durably(n, 1, &[(1, 0), (1, 1)]);
    }
    bench.commit(1, 1);
    bench.commit(1, 2);
    bench.log(4, 1, &[(1, 0), (1, 1)]);
    bench.commit(4, 2);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::CommitDurability));
}

#[test]
fn committed_by_the_rule_an_entry_of_an_earlier_term_by_counting() {
    let mut bench = Bench::new(3);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 1)]);
    }
    bench.elect(1, 3, &[2]);
    bench.commit(1, 1);
    let finding = bench.assert_only(Property::CommittedByTheRule);
    assert_eq!(texts(finding), ["n1 held nothing committed", "n1 leads term 3 and committed [1] of term 1"]);
}

#[test]
fn committed_by_the_rule_accepts_indirect_commits_and_followers() {
    let mut bench = Bench::new(3);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 1)]);
    }
    bench.elect(1, 3, &[2]);
    for n in [1, 2] {
        bench.log_durably(n, 2, &[(3, 0)]);
    }
    bench.commit(1, 2);
    bench.commit(2, 1);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::CommittedByTheRule));
}

#[test]
fn one_vote_a_term_two_grants() {
    let mut bench = Bench::new(3);
    bench.disk(3, 2, Some(1));
    bench.send(3, 1, granted(2, true));
    bench.disk(3, 2, Some(2));
    bench.send(3, 2, granted(2, true));
    let finding = bench.assert_only(Property::OneVoteATerm);
    assert_eq!(texts(finding), ["n3 voted for n1 in term 2", "n3 voted for n2 in term 2"]);
}

/// noraft notes the leader in its vote field and then grants the leader's own late request.
#[test]
fn one_vote_a_term_accepts_a_late_grant_to_the_leader_of_the_term() {
    let mut bench = Bench::new(5);
    bench.disk(5, 2, Some(4));
    bench.send(5, 4, granted(2, true));
    bench.elect(1, 2, &[2, 3]);
    bench.disk(5, 2, Some(1));
    bench.send(5, 1, granted(2, true));
    bench.assert_clean();
    bench.send(5, 3, granted(2, true));
    bench.assert_found(Property::OneVoteATerm);
}

#[test]
fn one_vote_a_term_a_candidate_votes_for_another_after_a_restart() {
    let mut bench = Bench::new(3);
    bench.disk(1, 2, Some(1));
    bench.send(1, 2, request(2));
    bench.crash(1);
    bench.disk(1, 2, Some(3));
    bench.restart(1, 2, vec![]);
    bench.send(1, 3, granted(2, true));
    bench.assert_only(Property::OneVoteATerm);
}

#[test]
fn one_vote_a_term_accepts_repeats_refusals_and_new_terms() {
    let mut bench = Bench::new(3);
    bench.disk(3, 2, Some(1));
    bench.send(3, 1, granted(2, true));
    bench.send(3, 1, granted(2, true));
    bench.send(3, 2, granted(2, false));
    bench.disk(3, 3, Some(2));
    bench.send(3, 2, granted(3, true));
    bench.assert_clean();
    assert!(bench.checks.observed(Property::OneVoteATerm));
}

#[test]
fn terms_go_up_within_a_life() {
    let mut bench = Bench::new(3);
    bench.role(1, Role::Follower, 4);
    bench.role(1, Role::Follower, 3);
    assert_eq!(texts(bench.assert_only(Property::TermsGoUp)), ["n1 is in term 4", "n1 is in term 3"]);
}

#[test]
fn terms_go_up_a_stored_term_is_forgotten() {
    let mut bench = Bench::new(3);
    bench.disk(1, 4, None);
    bench.crash(1);
    bench.restart(1, 3, vec![]);
    assert_eq!(texts(bench.assert_only(Property::TermsGoUp)), ["n1 stored term 4", "n1 is in term 3"]);
}

#[test]
fn terms_go_up_a_sent_term_is_forgotten() {
    let mut bench = Bench::new(3);
    bench.send(1, 2, append(4, 0, 0));
    bench.crash(1);
    bench.restart(1, 0, vec![]);
    assert_eq!(texts(bench.assert_found(Property::TermsGoUp))[0], "n1 sent a message of term 4");
}

#[test]
fn terms_go_up_accepts_that_an_unsynced_term_is_lost_unless_it_was_sent() {
    let mut bench = Bench::new(3);
    bench.disk(1, 4, None);
    bench.role(1, Role::Follower, 9);
    bench.crash(1);
    bench.restart(1, 4, vec![]);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::TermsGoUp));
}

#[test]
fn persist_before_send_a_term() {
    let mut bench = Bench::new(3);
    bench.disk(1, 2, None);
    bench.send(1, 2, append(3, 0, 0));
    let finding = bench.assert_only(Property::PersistBeforeSend);
    assert_eq!(
        texts(finding),
        ["n1's disk holds term 2 and no vote", "n1 sent AppendEntries of term 3 to n2"]
    );
}

#[test]
fn persist_before_send_a_vote_and_a_candidacy() {
    for brief in [granted(2, true), request(2)] {
        let mut bench = Bench::new(3);
        bench.disk(1, 2, None);
        bench.send(1, 2, brief);
        bench.assert_only(Property::PersistBeforeSend);
    }
}

#[test]
fn persist_before_send_an_acknowledgement_before_the_sync() {
    let mut bench = Bench::new(3);
    bench.disk(2, 1, None);
    bench.send(2, 1, acknowledge(1, 1));
    bench.log_durably(2, 1, &[(1, 0)]);
    let finding = bench.assert_only(Property::PersistBeforeSend);
    assert_eq!(texts(finding), ["n2's disk does not hold [1]", "n2 acknowledged [1] to n1"]);
}

#[test]
fn persist_before_send_an_acknowledgement_of_what_the_disk_has_otherwise() {
    let mut bench = Bench::new(3);
    bench.disk(2, 2, None);
    bench.log_durably(2, 1, &[(1, 0), (1, 1)]);
    bench.send(2, 1, acknowledge(2, 2));
    bench.log(2, 2, &[(2, 5)]);
    bench.assert_only(Property::PersistBeforeSend);
}

#[test]
fn persist_before_send_accepts_sync_then_send_in_one_step() {
    let mut bench = Bench::new(3);
    bench.disk(2, 3, Some(1));
    bench.send(2, 1, granted(3, true));
    bench.disk_log(2, 1, &entries(&[(1, 0), (3, 1)]));
    bench.send(2, 1, acknowledge(3, 2));
    bench.send(2, 1, acknowledge(3, 0));
    bench.log(2, 1, &[(1, 0), (3, 1)]);
    bench.send(2, 1, acknowledge(2, 1));
    bench.disk(2, 4, None);
    bench.send(2, 1, granted(3, true));
    bench.step(2);
    bench.assert_clean();
    assert!(bench.checks.observed(Property::PersistBeforeSend));
}

#[test]
fn persist_before_send_forgets_the_step_that_a_crash_cut_short() {
    let mut bench = Bench::new(3);
    bench.disk(2, 1, None);
    bench.send(2, 1, acknowledge(1, 1));
    bench.crash(2);
    bench.restart(2, 1, vec![]);
    bench.assert_clean();
}

#[test]
fn monotonicity_commit_and_applied_go_back() {
    let mut bench = Bench::new(1);
    bench.log_durably(1, 1, &[(0, 1), (0, 2)]);
    (bench.fake(1).commit, bench.fake(1).applied) = (2, 2);
    bench.step(1);
    bench.assert_clean();
    bench.fake(1).applied = 1;
    bench.step(1);
    assert_eq!(
        texts(bench.assert_only(Property::Monotonicity)),
        ["n1 has applied up to [2]", "n1 has applied up to [1]"]
    );
    bench.commit(1, 1);
    assert_eq!(bench.checks.findings().early()[0].count, 2);
}

#[test]
fn monotonicity_applied_ahead_of_commit_and_commit_ahead_of_the_log() {
    let mut bench = Bench::new(1);
    bench.log_durably(1, 1, &[(0, 1), (0, 2)]);
    bench.fake(1).applied = 1;
    bench.step(1);
    let finding = bench.assert_only(Property::Monotonicity);
    assert_eq!(texts(finding), ["n1 has commit index 0", "n1 has applied up to [1]"]);

    let mut bench = Bench::new(1);
    bench.commit(1, 1);
    let finding = bench.assert_only(Property::Monotonicity);
    assert_eq!(texts(finding), ["n1 has a log up to [0]", "n1 has commit index 1"]);
}

#[test]
fn monotonicity_match_index_goes_back_or_meets_next_index() {
    let leader = |progress| {
        let mut bench = Bench::new(3);
        bench.elect(1, 1, &[2]);
        bench.fake(1).progress = vec![None, Some((3, 4)), None];
        bench.receive(1, 2, acknowledge(1, 3));
        bench.step(1);
        bench.assert_clean();
        bench.fake(1).progress[1] = Some(progress);
        bench
    };
    for (progress, texts_wanted) in [
        ((2, 4), ["n1 in term 1 has matchIndex 3 for n2", "n1 in term 1 has matchIndex 2 for n2"]),
        ((3, 3), ["n1 in term 1 has matchIndex 3 for n2", "n1 in term 1 has nextIndex 3 for n2"]),
    ] {
        let mut bench = leader(progress);
        bench.step(1);
        bench.assert_clean();
        bench.send(1, 2, append(1, 0, 0));
        bench.step(1);
        assert_eq!(texts(bench.assert_only(Property::Monotonicity)), texts_wanted);
        let mut audited = leader(progress);
        audited.audit();
        assert_eq!(texts(audited.assert_only(Property::Monotonicity)), texts_wanted);
    }
}

#[test]
fn monotonicity_accepts_a_new_reign_and_a_new_life() {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    bench.fake(1).progress = vec![None, Some((3, 4)), None];
    bench.receive(1, 2, acknowledge(1, 3));
    bench.step(1);
    bench.role(1, Role::Follower, 2);
    bench.fake(1).progress[1] = Some((0, 9));
    bench.elect(1, 3, &[2]);
    bench.receive(1, 2, acknowledge(3, 0));
    bench.step(1);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(3, 0)]);
    }
    bench.commit(1, 1);
    bench.crash(1);
    bench.restart(1, 3, entries(&[(3, 0)]));
    bench.assert_clean();
    assert!(bench.checks.observed(Property::Monotonicity));
}
