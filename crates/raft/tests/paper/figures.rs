//! Figure 7 and figure 8, played by hand.

use whitewater_raft::{HardState, Role, Rules, Stored, Term};

use crate::common::cluster::Cluster;
use crate::common::{Command, Server, n, no_ops};

const LEADER: [Term; 10] = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];

/// The leader of figure 7 in term 8 against one follower; the rest of the cluster has voted and is silent.
fn follower_ends_with_the_leaders_log(follower: &[Term]) {
    let stored = |terms: &[Term]| Stored {
        hard_state: HardState { current_term: 7, voted_for: None },
        entries: no_ops(terms),
        ..Stored::default()
    };
    let mut cluster = Cluster::new(vec![stored(&LEADER), stored(follower), stored(&LEADER)], 3, Rules::PAPER);
    cluster.step(n(1), Server::timeout);
    cluster.settle(|_, _| {});
    assert_eq!(cluster.leader(), Some(n(1)));
    let leader = cluster.up(n(1)).unwrap().terms();
    assert_eq!(leader[..10], LEADER, "a leader keeps its log");
    assert_eq!(cluster.up(n(2)).unwrap().terms(), leader);
    cluster.step(n(1), Server::heartbeat);
    cluster.settle(|_, _| {});
    assert_eq!(cluster.commit_indexes(), [Some(11); 3]);
}

#[test]
fn figure_7_a_an_entry_is_missing() {
    follower_ends_with_the_leaders_log(&[1, 1, 1, 4, 4, 5, 5, 6, 6]);
}

#[test]
fn figure_7_b_many_entries_are_missing() {
    follower_ends_with_the_leaders_log(&[1, 1, 1, 4]);
}

#[test]
fn figure_7_c_an_entry_of_the_last_term_is_too_much() {
    follower_ends_with_the_leaders_log(&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]);
}

#[test]
fn figure_7_d_a_later_term_is_too_much() {
    follower_ends_with_the_leaders_log(&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]);
}

#[test]
fn figure_7_e_some_are_missing_and_others_too_much() {
    follower_ends_with_the_leaders_log(&[1, 1, 1, 4, 4, 4, 4]);
}

#[test]
fn figure_7_f_whole_terms_are_missing_and_others_too_much() {
    follower_ends_with_the_leaders_log(&[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]);
}

/// Figure 8 at (c): S1 led in term 2 and replicated its entry no further; S5 led in term 3 and replicated
/// nothing; S1 leads again in term 4 and has brought index 2 of term 2 to a majority and knows it, but all
/// copies of its new entry of term 4 are lost on the way.
fn figure_8_at_c(rules: Rules<Command>) -> Cluster {
    let disk = |terms: &[Term]| Stored {
        hard_state: HardState { current_term: 3, voted_for: None },
        entries: no_ops(terms),
        ..Stored::default()
    };
    let disks = vec![disk(&[1, 2]), disk(&[1]), disk(&[1]), disk(&[1]), disk(&[1, 3])];
    let mut cluster = Cluster::new(disks, 1, rules);
    cluster.crash(n(5), 0);
    cluster.crash(n(4), 0);
    cluster.step(n(1), Server::timeout);
    while let Some(letter) = cluster.letters.first() {
        let new_entry = letter.entries.first().is_some_and(|entry| entry.term == 4);
        if new_entry && cluster.disk(letter.to).entries.len() == 2 {
            cluster.letters.remove(0);
        } else {
            cluster.deliver(0);
        }
    }
    cluster.restart(n(4));
    let terms = |id| cluster.up(n(id)).unwrap().terms();
    assert_eq!([1, 2, 3, 4].map(terms), [vec![1, 2, 4], vec![1, 2], vec![1, 2], vec![1]]);
    let known = |id| cluster.up(n(1)).unwrap().node.progress(n(id)).unwrap().match_index;
    assert_eq!([2, 3].map(known), [2, 2], "S1 knows that a majority holds index 2");
    cluster
}

#[test]
fn figure_8_c_an_entry_of_term_2_on_a_majority_is_not_committed_in_term_4() {
    let cluster = figure_8_at_c(Rules::PAPER);
    assert_eq!(cluster.up(n(1)).unwrap().node.commit_index(), 0);
}

#[test]
fn figure_8_d_s5_may_then_overwrite_it_and_nothing_that_was_applied_is_lost() {
    let mut cluster = figure_8_at_c(Rules::PAPER);
    cluster.crash(n(1), 0);
    cluster.letters.clear();
    cluster.restart(n(5));
    cluster.step(n(5), Server::timeout);
    cluster.settle(|_, _| {});
    cluster.step(n(5), Server::timeout);
    cluster.settle(|_, _| {});
    assert_eq!(cluster.leader(), Some(n(5)), "S2, S3 and S4 may vote for a log that ends in term 3");
    cluster.step(n(5), Server::heartbeat);
    cluster.settle(|_, _| {});
    assert_eq!(cluster.up(n(3)).unwrap().terms()[..2], [1, 3]);
    assert!(cluster.commit_indexes()[4].unwrap() >= 3, "and S5 commits it with an entry of its own term");
}

#[test]
fn figure_8_e_with_an_entry_of_term_4_on_a_majority_s5_cannot_win() {
    let mut cluster = figure_8_at_c(Rules::PAPER);
    cluster.step(n(1), Server::heartbeat);
    cluster.settle(|_, _| {});
    assert_eq!(cluster.commit_indexes()[0], Some(3), "term 4 is on a majority, and commits what came before");
    cluster.crash(n(1), 0);
    cluster.restart(n(5));
    for _ in 0..3 {
        cluster.step(n(5), Server::timeout);
        cluster.settle(|_, _| {});
        assert_eq!(cluster.up(n(5)).unwrap().node.role(), Role::Candidate);
    }
}

#[test]
fn figure_8_with_the_rule_of_5_4_2_taken_away_s1_commits_what_s5_overwrites() {
    let careless = Rules { commits_by_counting: |_, _| true, ..Rules::PAPER };
    let mut cluster = figure_8_at_c(careless);
    assert_eq!(cluster.up(n(1)).unwrap().node.last_applied(), 2, "applied too early");
    cluster.crash(n(1), 0);
    cluster.letters.clear();
    cluster.restart(n(5));
    for _ in 0..2 {
        cluster.step(n(5), Server::timeout);
        cluster.settle(|_, _| {});
    }
    assert_eq!(cluster.up(n(3)).unwrap().terms()[..2], [1, 3], "and gone");
}
