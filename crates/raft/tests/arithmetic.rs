//! The pure parts against slow and obvious judges: quorums exhaustively, the log against a model, progress by
//! its own two promises.

use proptest::collection::vec;
use proptest::prelude::*;
use whitewater_raft::quorum::{has_quorum, highest_held, majority};
use whitewater_raft::{Entry, Index, Log, Mode, NodeId, Progress, Snapshot, Term};

/// All vectors of `len` indexes below `bound`.
fn all_vectors(len: u32, bound: Index) -> impl Iterator<Item = Vec<Index>> {
    (0..bound.pow(len)).map(move |number| (0..len).map(|digit| number / bound.pow(digit) % bound).collect())
}

/// Sort, and look at the place that `quorum` servers reach at least.
fn judge(held: &[Index], quorum: usize, floor: Index) -> Index {
    let mut sorted = held.to_vec();
    sorted.sort_unstable_by(|one, other| other.cmp(one));
    sorted[quorum - 1].max(floor)
}

#[test]
fn two_majorities_share_a_server_and_no_smaller_number_would_do() {
    for voters in 1..=255_usize {
        let quorum = majority(voters);
        assert!(2 * quorum > voters, "two majorities of {quorum} fit into {voters}");
        assert!(2 * (quorum - 1) <= voters, "{quorum} is more than {voters} need");
    }
}

#[test]
fn any_two_majorities_of_a_small_cluster_meet_server_by_server() {
    for voters in 1..=7_u32 {
        let reaches = |set: &u32| set.count_ones() as usize >= majority(voters as usize);
        let quorums: Vec<u32> = (0..1 << voters).filter(reaches).collect();
        assert!(!quorums.is_empty());
        for one in &quorums {
            assert!(quorums.iter().all(|other| one & other != 0), "{voters} voters: {one:b} meets not all");
        }
    }
}

#[test]
fn the_highest_held_index_is_that_of_the_sorted_list_for_all_small_clusters() {
    for voters in 1..=5_u32 {
        for held in all_vectors(voters, 5) {
            for quorum in 1..=voters as usize {
                for floor in 0..6 {
                    let found = highest_held(held.iter().copied(), quorum, floor);
                    assert_eq!(found, judge(&held, quorum, floor), "{held:?}, {quorum}, floor {floor}");
                }
            }
        }
    }
}

#[test]
fn the_order_of_servers_does_not_matter() {
    for held in all_vectors(4, 4) {
        let reversed = held.iter().rev().copied();
        assert_eq!(highest_held(held.iter().copied(), 3, 0), highest_held(reversed, 3, 0), "{held:?}");
    }
}

#[test]
fn one_more_copy_never_lowers_what_is_held() {
    for held in all_vectors(5, 4) {
        let before = highest_held(held.iter().copied(), 3, 0);
        for server in 0..5 {
            let mut more = held.clone();
            more[server] += 1;
            assert!(highest_held(more.iter().copied(), 3, 0) >= before, "{held:?} and one more for {server}");
        }
    }
}

#[test]
fn nothing_is_held_by_a_quorum_of_none() {
    assert_eq!(highest_held([1, 2].into_iter(), 0, 5), 5);
    assert_eq!(highest_held([1, 2].into_iter(), 0, 0), 2, "but what one server holds is held by somebody");
    assert_eq!(highest_held(core::iter::empty(), 0, 7), 7);
}

#[test]
fn votes_make_a_quorum_from_the_quorum_on() {
    let votes: Vec<NodeId> = (0..9).map(NodeId).collect();
    for cast in 0..9 {
        for quorum in 1..9 {
            assert_eq!(has_quorum(&votes[..cast], quorum), cast >= quorum);
        }
    }
}

fn log_of(terms: &[Term]) -> Log<u8> {
    Log::new(Snapshot::default(), entries_of(terms))
}

fn entries_of(terms: &[Term]) -> Vec<Entry<u8>> {
    terms.iter().map(|term| Entry { term: *term, command: Some(7) }).collect()
}

#[test]
fn the_place_before_the_first_entry_is_in_every_log() {
    for terms in [vec![], vec![3], vec![1, 2]] {
        let log = log_of(&terms);
        assert_eq!((log.term_at(0), log.get(0)), (Some(0), None));
        assert_eq!(log.term_at(log.last_index() + 1), None);
        assert_eq!(log.term_at(log.last_index()), Some(log.last_term()));
    }
}

#[test]
fn a_slice_beyond_the_end_is_empty_and_none_is_longer_than_its_limit() {
    let log = log_of(&[1, 1, 2]);
    assert_eq!(log.slice(2, 1), &entries_of(&[1])[..]);
    assert_eq!(log.slice(2, 9), &entries_of(&[1, 2])[..]);
    assert!(log.slice(4, 9).is_empty() && log.slice(Index::MAX, 9).is_empty());
}

#[test]
#[should_panic(expected = "a splice at 5 does not fit a log that begins at 1 and ends at 3")]
fn a_splice_beyond_the_end_is_a_programmers_mistake() {
    log_of(&[1, 1, 2]).splice(5, &entries_of(&[3]), false);
}

#[test]
fn an_observer_sees_the_lowest_change_since_its_last_look() {
    let mut log = log_of(&[1, 1, 2]);
    assert_eq!(log.changed_from(), Some(1));
    log.mark_seen();
    assert_eq!(log.changed_from(), None);
    log.append(Entry { term: 3, command: None });
    assert_eq!(log.changed_from(), Some(4));
    log.splice(2, &entries_of(&[4, 4, 4]), false);
    log.append(Entry { term: 4, command: None });
    assert_eq!(log.changed_from(), Some(2));
    log.mark_seen();
    log.truncate(9);
    assert_eq!(log.changed_from(), None, "nothing was there to take away");
    log.truncate(1);
    assert_eq!(log.changed_from(), Some(2));
}

/// What happens to a leader's knowledge of one server.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Accepted(Index),
    Rejected { prev_log_index: Index, hint: Index },
    Sent(Index),
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        (0..=10_u64).prop_map(Happens::Accepted),
        (0..=10_u64, 0..=12_u64)
            .prop_map(|(prev_log_index, hint)| Happens::Rejected { prev_log_index, hint }),
        (0..=10_u64).prop_map(Happens::Sent),
    ]
}

proptest! {
    #[test]
    fn a_splice_does_what_taking_the_list_apart_does(
        old in vec(1..5_u64, 0..8),
        new in vec(1..5_u64, 0..8),
        at in 0..8_usize,
        keep_tail in any::<bool>(),
    ) {
        let at = at.min(old.len());
        let mut log = log_of(&old);
        log.mark_seen();
        log.splice(at as Index + 1, &entries_of(&new), keep_tail);
        let tail = if keep_tail { old.get(at + new.len()..).unwrap_or_default() } else { &[] };
        let expected = [&old[..at], &new, tail].concat();
        prop_assert_eq!(log.suffix(1), &entries_of(&expected)[..]);
        prop_assert_eq!(log.changed_from(), Some(at as Index + 1));
    }

    #[test]
    fn the_ends_of_a_term_are_found_as_by_looking_at_every_entry(mut terms in vec(1..9_u64, 0..20)) {
        terms.sort_unstable();
        let log = log_of(&terms);
        for term in 0..10 {
            let first = terms.iter().position(|one| *one == term).map(|at| at as Index + 1);
            let last = terms.iter().rposition(|one| *one == term).map(|at| at as Index + 1);
            prop_assert_eq!((log.first_index_of(term), log.last_index_of(term)), (first, last));
        }
    }

    #[test]
    fn match_index_only_rises_and_next_index_stays_above_it(
        last_index in 0..10_u64,
        events in vec(happens(), 0..30),
    ) {
        let mut progress = Progress::new(last_index);
        for event in events {
            let before = progress;
            match event {
                Happens::Accepted(index) => prop_assert_eq!(progress.accept(index), index > before.match_index),
                Happens::Rejected { prev_log_index, hint } => {
                    if progress.heeds_rejection(prev_log_index) {
                        progress.back_up(hint.max(progress.match_index + 1));
                        prop_assert_eq!(progress.mode, Mode::Probe);
                    }
                }
                Happens::Sent(extra) => progress.sent(progress.prev_log_index() + extra),
            }
            prop_assert!(progress.match_index >= before.match_index, "{event:?}: {before:?} to {progress:?}");
            prop_assert!(progress.next_index > progress.match_index, "{event:?}: {before:?} to {progress:?}");
        }
    }
}
