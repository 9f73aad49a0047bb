//! Mistakes about terms and votes (§5.1, §5.2, §5.4.1): each of them can give a term two leaders, or a cluster a
//! leader that lacks what is committed.
//!
//! All of them are rules of the node's table. What a server writes down of its vote is in `storage`.

use crate::bugs::{Bug, Hunt, Plant};
use whitewater_check::property::Property;
use whitewater_check::types::Command;
use whitewater_raft::message::Body;
use whitewater_raft::rules::View;
use whitewater_raft::types::Role;

pub(super) const CLEARS_VOTE_ON_STEP_DOWN: Bug = Bug {
    name: "clears-vote-on-step-down",
    about: "A server that is confirmed as a follower forgets its vote, although the term is the same.",
    section: "§5.2",
    properties: &[Property::OneVoteATerm, Property::ElectionSafety],
    seen: &["akka-raft#56", "camunda#5356", "hazelcast#16643", "etcd#2461", "CCF#5891", "CCF#8094"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.remembered_vote = |_, _| None),
};

pub(super) const COUNTS_DUPLICATE_VOTES: Bug = Bug {
    name: "counts-duplicate-votes",
    about: "Votes are counted, not voters: a vote that arrives twice counts twice.",
    section: "§5.2",
    properties: &[Property::ElectedByAQuorum, Property::ElectionSafety],
    seen: &["akka-raft#45", "xraft#27"],
    hunted_in: Hunt::Default,
    plant: Plant::Rule(|rules| {
        rules.admit_vote = |view| is_granted(view) && view.message.term == view.state.current_term;
    }),
};

pub(super) const COUNTS_REFUSALS: Bug = Bug {
    name: "counts-refusals",
    about: "Answers to RequestVote are counted without a look at whether the vote was granted.",
    section: "§5.2",
    properties: &[Property::ElectedByAQuorum, Property::ElectionSafety],
    seen: &["jgroups-raft#65"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| {
        rules.admit_vote = |view| is_news(view) && view.message.term == view.state.current_term;
    }),
};

pub(super) const COUNTS_STALE_VOTES: Bug = Bug {
    name: "counts-stale-votes",
    about: "A candidate counts votes that it was given in an earlier term.",
    section: "§5.2",
    properties: &[Property::ElectedByAQuorum, Property::ElectionSafety],
    seen: &["little-raft#44", "akka-raft#46", "eatonphil/raft-rs#3"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.admit_vote = |view| is_granted(view) && is_news(view)),
};

pub(super) const HALF_IS_A_MAJORITY_OF_VOTES: Bug = Bug {
    name: "half-is-a-majority-of-votes",
    about: "Half of the votes, rounded down, elect a leader.",
    section: "§5.2",
    properties: &[Property::ElectedByAQuorum, Property::ElectionSafety],
    seen: &["openraft#1802"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.election_quorum = |voters| voters / 2),
};

pub(super) const TAKES_ANY_TERM: Bug = Bug {
    name: "takes-any-term",
    about: "The term of any message is adopted, a lower one too.",
    section: "§5.1",
    properties: &[Property::TermsGoUp, Property::ElectionSafety],
    seen: &["nebula#2405", "eliben/raft#14"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| {
        rules.adopt_term = |view| view.message.term != view.state.current_term;
    }),
};

pub(super) const VOTES_BY_INDEX_ONLY: Bug = Bug {
    name: "votes-by-index-only",
    about: "A log counts as up-to-date when it is as long; the term of its last entry is not compared.",
    section: "§5.4.1",
    properties: &[Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["noraft#22 (raftbare 0.2.2)", "simpleRaft#10"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.log_up_to_date = is_as_long),
};

pub(super) const VOTES_BY_TERM_ONLY: Bug = Bug {
    name: "votes-by-term-only",
    about: "Of two logs that end in the same term the shorter one counts as up-to-date, too.",
    section: "§5.4.1",
    properties: &[Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["RavenDB#9325"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.log_up_to_date = is_as_new),
};

pub(super) const VOTES_TWICE: Bug = Bug {
    name: "votes-twice",
    about: "A server votes for whoever asks in its term, whatever it has voted before.",
    section: "§5.2",
    properties: &[Property::OneVoteATerm, Property::ElectionSafety],
    seen: &["RavenDB#4383"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| {
        rules.grant_vote =
            |view| view.state.role == Role::Follower && view.message.term == view.state.current_term;
    }),
};

pub(super) const VOTES_UNLESS_NEWER_AND_LONGER: Bug = Bug {
    name: "votes-unless-newer-and-longer",
    about: "A vote is refused only if the server's own log is both newer and longer.",
    section: "§5.4.1",
    properties: &[Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["liferaft#8"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.log_up_to_date = |view| is_as_new(view) || is_as_long(view)),
};

pub(super) const VOTES_WITHOUT_LOG_CHECK: Bug = Bug {
    name: "votes-without-log-check",
    about: "A vote is given without comparing the logs.",
    section: "§5.4.1",
    properties: &[Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["akka-raft#51", "valkey#3887"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.log_up_to_date = |_| true),
};

fn is_granted(view: &View<'_, Command>) -> bool {
    matches!(view.message.body, Body::RequestVoteReply { granted: true })
}

/// Whether a candidate hears from this voter for the first time.
fn is_news(view: &View<'_, Command>) -> bool {
    view.state.role == Role::Candidate && !view.state.votes.contains(&view.from)
}

fn is_as_new(view: &View<'_, Command>) -> bool {
    let term = view.state.log.last_term();
    matches!(view.message.body, Body::RequestVote { last_log_term, .. } if last_log_term >= term)
}

fn is_as_long(view: &View<'_, Command>) -> bool {
    let length = view.state.log.last_index();
    matches!(view.message.body, Body::RequestVote { last_log_index, .. } if last_log_index >= length)
}
