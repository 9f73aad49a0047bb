//! Tables with one mistake each, and the words in which the judge objects.

use whitewater_raft::{BackUp, Body, Install, Rules, Splice, State, View, rules};

use crate::common::Command;
use crate::run;

/// Some seed makes the judge object to this table in these words.
fn is_caught(rules: Rules<Command>, complaint: &str) {
    is_caught_with_snapshots(u64::MAX, rules, complaint);
}

/// The same where a snapshot takes the place of so many entries.
fn is_caught_with_snapshots(snapshot_every: u64, rules: Rules<Command>, complaint: &str) {
    let mut objections = (0..1000).filter_map(|seed| run(seed, rules, snapshot_every).err());
    assert!(objections.any(|wrong| wrong.contains(complaint)), "1000 seeds and nobody says {complaint:?}");
}

#[test]
fn votes_by_index_only_are_caught() {
    let log_up_to_date = |view: &View<'_, Command>| {
        let Body::RequestVote { last_log_index, .. } = view.message.body else { return false };
        last_log_index >= view.state.log.last_index()
    };
    is_caught(Rules { log_up_to_date, ..Rules::PAPER }, "applied");
}

#[test]
fn votes_without_a_look_at_the_log_are_caught() {
    is_caught(Rules { log_up_to_date: |_| true, ..Rules::PAPER }, "applied");
}

#[test]
fn half_of_the_votes_are_caught() {
    is_caught(Rules { election_quorum: |voters| voters / 2, ..Rules::PAPER }, "lead in term");
}

#[test]
fn half_of_the_copies_are_caught() {
    is_caught(Rules { commit_quorum: |voters| voters / 2, ..Rules::PAPER }, "durable on");
}

#[test]
fn votes_that_count_twice_are_caught() {
    let admit_vote = |view: &View<'_, Command>| {
        let granted = matches!(view.message.body, Body::RequestVoteReply { granted: true });
        granted && view.message.term == view.state.current_term
    };
    is_caught(Rules { admit_vote, ..Rules::PAPER }, "lead in term");
}

#[test]
fn a_leader_that_counts_what_its_disk_does_not_hold_is_caught() {
    is_caught(Rules { own_match_index: |state, _| state.log.last_index(), ..Rules::PAPER }, "durable on");
}

#[test]
fn an_acknowledgement_read_off_the_leaders_own_log_is_caught() {
    is_caught(Rules { acknowledged: |view| view.state.log.last_index(), ..Rules::PAPER }, "durable on");
}

#[test]
fn a_commit_past_the_new_entries_is_caught() {
    let follower_commit = |view: &View<'_, Command>| match view.message.body {
        Body::AppendEntries { leader_commit, .. } => view.state.commit_index.max(leader_commit),
        Body::RequestVote { .. }
        | Body::RequestVoteReply { .. }
        | Body::InstallSnapshot(_)
        | Body::AppendEntriesReply(_) => 0,
    };
    is_caught(Rules { follower_commit, ..Rules::PAPER }, "applied");
}

#[test]
fn a_next_index_that_never_goes_down_is_caught() {
    let back_up = |view: &View<'_, Command>| BackUp {
        next_index: view.state.progress(view.from).unwrap().next_index,
        cut_log_to: None,
    };
    is_caught(Rules { back_up, ..Rules::PAPER }, "calm water");
}

#[test]
fn entries_of_earlier_terms_that_are_counted_are_caught() {
    is_caught(Rules { commits_by_counting: |_, _| true, ..Rules::PAPER }, "others applied");
}

#[test]
fn a_splice_that_always_cuts_is_caught() {
    let splice = |view: &View<'_, Command>| {
        let Body::AppendEntries { prev_log_index, .. } = view.message.body else { return None };
        Some(Splice { from: prev_log_index + 1, skip: 0, keep_tail: false })
    };
    is_caught(Rules { splice, ..Rules::PAPER }, "durable on");
}

#[test]
fn a_splice_that_keeps_a_conflicting_tail_is_caught() {
    let splice =
        |view: &View<'_, Command>| rules::splice(view).map(|splice| Splice { keep_tail: true, ..splice });
    is_caught(Rules { splice, ..Rules::PAPER }, "does not match");
}

#[test]
fn an_append_without_a_look_at_the_previous_entry_is_caught() {
    is_caught(Rules { previous_matches: |_| true, ..Rules::PAPER }, "others applied");
}

#[test]
fn a_leader_that_cuts_its_own_log_is_caught() {
    let back_up = |view: &View<'_, Command>| {
        let paper = rules::back_up(view);
        BackUp { cut_log_to: Some(paper.next_index - 1), ..paper }
    };
    is_caught(Rules { back_up, ..Rules::PAPER }, "durable on");
}

#[test]
fn a_term_that_is_adopted_whatever_it_is_is_caught() {
    let adopt_term = |view: &View<'_, Command>| view.message.term != view.state.current_term;
    is_caught(Rules { adopt_term, ..Rules::PAPER }, "lead in term");
}

#[test]
fn a_vote_that_is_forgotten_on_stepping_down_is_caught() {
    is_caught(Rules { remembered_vote: |_, _| None, ..Rules::PAPER }, "lead in term");
}

#[test]
fn votes_of_earlier_terms_that_are_counted_are_caught() {
    let admit_vote = |view: &View<'_, Command>| {
        let granted = matches!(view.message.body, Body::RequestVoteReply { granted: true });
        granted && !view.state.votes.contains(&view.from)
    };
    is_caught(Rules { admit_vote, ..Rules::PAPER }, "lead in term");
}

#[test]
fn a_snapshot_of_what_is_not_applied_is_caught() {
    let snapshot_up_to = |state: &State<Command>| state.log.last_index();
    is_caught_with_snapshots(
        2,
        Rules { snapshot_up_to, ..Rules::PAPER },
        "does not stand for what was applied",
    );
}

#[test]
fn a_snapshot_that_takes_the_place_of_acknowledged_entries_is_caught() {
    let install = |view: &View<'_, Command>| rules::install(view).map(|_| Install { keep_tail: false });
    is_caught_with_snapshots(1, Rules { install, ..Rules::PAPER }, "durable on");
}

#[test]
fn a_snapshot_that_keeps_a_conflicting_tail_is_caught() {
    let install = |view: &View<'_, Command>| rules::install(view).map(|_| Install { keep_tail: true });
    is_caught_with_snapshots(1, Rules { install, ..Rules::PAPER }, "does not match");
}

#[test]
fn a_snapshot_that_is_installed_late_is_caught() {
    let install = |_: &View<'_, Command>| Some(Install { keep_tail: true });
    is_caught_with_snapshots(1, Rules { install, ..Rules::PAPER }, "goes back");
}

/// Already the sink objects.
#[test]
#[should_panic(expected = "acknowledges")]
fn a_snapshot_that_is_acknowledged_and_not_installed_is_caught() {
    is_caught_with_snapshots(1, Rules { install: |_| None, ..Rules::PAPER }, "never said");
}
