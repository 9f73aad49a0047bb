//! Markers are counted when, and only when, the thing happened.

use crate::bench::{Bench, acknowledge, append, entries, granted, request};
use whitewater_check::markers::Marker;
use whitewater_check::observe::Role;

fn count(bench: &Bench, marker: Marker) -> u64 {
    bench.checks.markers().count(marker)
}

#[test]
fn elections_and_two_leaders() {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    bench.step(1);
    assert_eq!((count(&bench, Marker::LeaderElected), count(&bench, Marker::TwoLeaders)), (1, 0));
    bench.elect(3, 2, &[2]);
    assert_eq!((count(&bench, Marker::LeaderElected), count(&bench, Marker::TwoLeaders)), (2, 1));
    bench.crash(3);
    bench.role(1, Role::Follower, 2);
    bench.elect(2, 3, &[1]);
    assert_eq!((count(&bench, Marker::LeaderElected), count(&bench, Marker::TwoLeaders)), (3, 1));
}

#[test]
fn a_split_vote_needs_two_candidates_and_no_winner() {
    let mut bench = Bench::new(4);
    bench.votes(1, 1, &[2]);
    bench.votes(2, 2, &[1]);
    assert_eq!(count(&bench, Marker::SplitVote), 0, "one candidate is no split");
    bench.votes(3, 2, &[4]);
    bench.elect(3, 3, &[1, 2]);
    assert_eq!(count(&bench, Marker::SplitVote), 1);
    bench.disk(4, 3, Some(4));
    bench.send(4, 1, request(3));
    bench.elect(1, 4, &[2, 3]);
    assert_eq!(count(&bench, Marker::SplitVote), 1, "somebody won term 3");
}

#[test]
fn a_stale_candidate_is_refused_by_a_voter_that_is_free() {
    let mut bench = Bench::new(3);
    bench.votes(1, 2, &[]);
    bench.send(1, 2, request(2));
    bench.disk(2, 2, None);
    bench.send(2, 1, granted(2, false));
    assert_eq!(count(&bench, Marker::StaleCandidate), 1);
    bench.disk(3, 2, Some(3));
    bench.send(3, 2, request(2));
    bench.send(3, 1, granted(2, false));
    bench.send(2, 1, granted(5, false));
    assert_eq!(count(&bench, Marker::StaleCandidate), 1, "voted for itself; or spoke of another term");
}

#[test]
fn truncation_counts_removed_entries_only() {
    let mut bench = Bench::new(3);
    bench.log(1, 1, &[(1, 1), (1, 2)]);
    bench.log(1, 1, &[(1, 1), (1, 2), (1, 3)]);
    assert_eq!(count(&bench, Marker::Truncated), 0);
    bench.log(1, 3, &[(2, 4)]);
    bench.log(1, 2, &[]);
    assert_eq!(count(&bench, Marker::Truncated), 2);
}

#[test]
fn commits_are_counted_once_and_indirect_ones_beside() {
    let mut bench = Bench::new(3);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 1), (1, 2)]);
    }
    bench.elect(1, 1, &[2]);
    bench.commit(1, 1);
    bench.commit(2, 1);
    assert_eq!((count(&bench, Marker::Commits), count(&bench, Marker::IndirectCommit)), (1, 0));
    bench.elect(2, 2, &[1]);
    for n in [1, 2] {
        bench.log_durably(n, 3, &[(2, 0)]);
    }
    bench.commit(2, 3);
    bench.commit(1, 3);
    assert_eq!((count(&bench, Marker::Commits), count(&bench, Marker::IndirectCommit)), (3, 1));
    bench.assert_clean();
}

#[test]
fn crashes_restarts_and_what_they_cost() {
    let mut bench = Bench::new(3);
    bench.elect(1, 1, &[2]);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 1)]);
    }
    bench.commit(1, 1);
    bench.crash(3);
    assert_eq!((count(&bench, Marker::Crashes), count(&bench, Marker::LeaderLostEntries)), (1, 0));
    assert_eq!(count(&bench, Marker::Restarts), 0, "the first start is none");
    bench.restart(3, 0, vec![]);
    assert_eq!((count(&bench, Marker::Restarts), count(&bench, Marker::RestartedBehind)), (1, 1));
    bench.log(1, 2, &[(1, 2)]);
    bench.crash(1);
    assert_eq!((count(&bench, Marker::Crashes), count(&bench, Marker::LeaderLostEntries)), (2, 1));
    bench.restart(1, 1, entries(&[(1, 1)]));
    assert_eq!((count(&bench, Marker::Restarts), count(&bench, Marker::RestartedBehind)), (2, 1));
}

#[test]
fn followers_behind_and_stale_terms() {
    let mut bench = Bench::new(3);
    bench.elect(1, 2, &[2]);
    bench.log(1, 1, &[(2, 0), (2, 1), (2, 2)]);
    bench.send(1, 2, append(2, 1, 2));
    bench.send(1, 2, append(2, 0, 0));
    assert_eq!(count(&bench, Marker::FollowerBehind), 0);
    bench.send(1, 2, append(2, 0, 2));
    assert_eq!(count(&bench, Marker::FollowerBehind), 1);
    bench.receive(1, 2, acknowledge(2, 2));
    assert_eq!(count(&bench, Marker::StaleTerm), 0);
    bench.receive(1, 2, acknowledge(1, 2));
    assert_eq!(count(&bench, Marker::StaleTerm), 1);
}

#[test]
fn the_world_adds_its_own() {
    let mut bench = Bench::new(1);
    bench.checks.markers_mut().add(Marker::WriteTorn);
    assert_eq!(count(&bench, Marker::WriteTorn), 1);
}
