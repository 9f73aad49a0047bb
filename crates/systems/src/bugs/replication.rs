//! Mistakes about the log and the commit index (§5.3, §5.4.2): what a follower lets into its log, what it says
//! about it, and what a leader makes of that.
//!
//! Most of them are rules of the node's table. Where the paper leaves nothing to decide, what is wrong is what
//! the driver puts into a message or reads out of it.

use crate::bugs::{Bug, Hunt, Plant};
use crate::whitewater::Driver;
use whitewater_check::property::Property;
use whitewater_check::types::Command;
use whitewater_raft::message::{Body, Verdict};
use whitewater_raft::rules::{BackUp, Splice, View, back_up, follower_commit, previous_matches, splice};
use whitewater_raft::types::Index;

pub(super) const ACKNOWLEDGES_LOG_END: Bug = Bug {
    name: "acknowledges-log-end",
    about: "A follower acknowledges its last index, and not what the request has covered.",
    section: "figure 2",
    properties: &[
        Property::CommitDurability,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::AcknowledgedMeansKept,
    ],
    seen: &["RavenDB#9325"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::AcknowledgesLogEnd),
};

pub(super) const APPENDS_BLINDLY: Bug = Bug {
    name: "appends-blindly",
    about: "A follower appends the entries of a request at the end of its log, whether it has them or not.",
    section: "§5.3",
    properties: &[Property::LogMatching, Property::StateMachineSafety, Property::CommitDurability],
    seen: &["jgroups-raft#84"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.splice = at_the_end),
};

pub(super) const COMMIT_GOES_BACK: Bug = Bug {
    name: "commit-goes-back",
    about: "A request with a lower leaderCommit lowers the commit index.",
    section: "figure 2",
    properties: &[Property::Monotonicity],
    seen: &["PySyncObj#166"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.follower_commit = as_the_leader_says),
};

pub(super) const COMMITS_OLDER_TERM: Bug = Bug {
    name: "commits-older-term",
    about: "An entry of an earlier term is committed by counting replicas (figure 8).",
    section: "§5.4.2",
    properties: &[Property::CommittedByTheRule, Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["logcabin#44", "async-raft#108", "PySyncObj#169", "CCF#5674", "canonical/raft#336"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.commits_by_counting = |_, _| true),
};

pub(super) const COMMITS_PAST_NEW_ENTRIES: Bug = Bug {
    name: "commits-past-new-entries",
    about: "A follower commits up to leaderCommit, also what the request has not checked.",
    section: "figure 2",
    properties: &[Property::CommitDurability, Property::StateMachineSafety],
    seen: &["copycat#265", "scylladb#9965", "ra#508", "tinykv#191"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.follower_commit = up_to_the_log_end),
};

pub(super) const HALF_IS_A_MAJORITY_OF_COPIES: Bug = Bug {
    name: "half-is-a-majority-of-copies",
    about: "Half of the copies, rounded down, commit an entry.",
    section: "§5.3",
    properties: &[Property::CommitDurability, Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["openraft#1802"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.commit_quorum = |voters| voters / 2),
};

pub(super) const HEARTBEATS_SKIP_THE_CHECK: Bug = Bug {
    name: "heartbeats-skip-the-check",
    about: "A request without entries is accepted without comparing the previous entry.",
    section: "§5.3",
    properties: &[Property::CommitDurability, Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["c5#43"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.previous_matches = |view| is_heartbeat(view) || previous_matches(view)),
};

pub(super) const HEARTBEATS_TRUNCATE: Bug = Bug {
    name: "heartbeats-truncate",
    about: "A request without entries deletes what follows its previous entry.",
    section: "§5.3",
    properties: &[
        Property::CommitDurability,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::AcknowledgedMeansKept,
    ],
    seen: &["willemt/raft#37"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| {
        rules.splice = |view| if is_heartbeat(view) { after_the_previous(view) } else { splice(view) };
    }),
};

pub(super) const HEEDS_OLD_LEADERS: Bug = Bug {
    name: "heeds-old-leaders",
    about: "A follower takes entries from the leader of an earlier term.",
    section: "§5.1",
    properties: &[Property::CommitDurability, Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["nats-server#5647", "nebula#685"],
    hunted_in: Hunt::Default,
    plant: Plant::Rule(|rules| rules.heed_leader = |_| true),
};

pub(super) const KEEPS_CONFLICTING_ENTRIES: Bug = Bug {
    name: "keeps-conflicting-entries",
    about: "A follower leaves an entry that it has in its place, whatever the request has there.",
    section: "§5.3",
    properties: &[Property::LogMatching, Property::StateMachineSafety, Property::CommitDurability],
    seen: &["raft-rs#428", "camunda#5360"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.splice = beyond_the_end),
};

pub(super) const KEEPS_CONFLICTING_TAIL: Bug = Bug {
    name: "keeps-conflicting-tail",
    about: "A conflicting entry is replaced, and what follows it stays.",
    section: "§5.3",
    properties: &[Property::LogMatching],
    seen: &["mofa#1151"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| {
        rules.splice = |view| splice(view).map(|splice| Splice { keep_tail: true, ..splice });
    }),
};

pub(super) const LEADER_BACKS_UP_ITS_OWN_LOG: Bug = Bug {
    name: "leader-backs-up-its-own-log",
    about: "A leader that is rejected cuts its own log, and not only nextIndex.",
    section: "§5.3",
    properties: &[Property::LeaderAppendOnly, Property::CommitDurability],
    seen: &["canonical/raft#320"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| {
        rules.back_up = |view| {
            let back_up = back_up(view);
            BackUp { cut_log_to: Some(back_up.next_index - 1), ..back_up }
        };
    }),
};

pub(super) const MATCH_FROM_LOG_END: Bug = Bug {
    name: "match-from-log-end",
    about: "A leader takes an acknowledgement to cover its whole log as it is by then.",
    section: "figure 2",
    properties: &[Property::CommitDurability, Property::StateMachineSafety, Property::LeaderCompleteness],
    seen: &["CCF#5325"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.acknowledged = |view| view.state.log.last_index()),
};

pub(super) const NEXT_INDEX_SINKS: Bug = Bug {
    name: "next-index-sinks",
    about: "A late rejection takes nextIndex back to matchIndex or below.",
    section: "§5.3",
    properties: &[Property::Monotonicity],
    seen: &["raft-rs#557", "CCF#5630"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.back_up = to_the_hint),
};

pub(super) const RESTAMPS_ENTRIES: Bug = Bug {
    name: "restamps-entries",
    about: "AppendEntries names one term for all its entries, that of the leader who sends it.",
    section: "§5.3",
    properties: &[Property::LogMatching, Property::CommitDurability],
    seen: &["old-raft-rs#99"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::RestampsEntries),
};

pub(super) const SKIPS_PREVIOUS_CHECK: Bug = Bug {
    name: "skips-previous-check",
    about: "The term of the entry before the new ones is not compared.",
    section: "§5.3",
    properties: &[Property::LogMatching],
    seen: &["akka-raft#32"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.previous_matches = |_| true),
};

pub(super) const TRUNCATES_MATCHING: Bug = Bug {
    name: "truncates-matching",
    about: "A short or late AppendEntries deletes entries that match.",
    section: "§5.3",
    properties: &[
        Property::CommitDurability,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::AcknowledgedMeansKept,
    ],
    seen: &["raftos#26", "CCF#5991", "akka-entity-replication#152"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.splice = after_the_previous),
};

fn is_heartbeat(view: &View<'_, Command>) -> bool {
    matches!(view.message.body, Body::AppendEntries { entries: [], .. })
}

fn as_the_leader_says(view: &View<'_, Command>) -> Index {
    let Body::AppendEntries { prev_log_index, entries, leader_commit, .. } = view.message.body else {
        return 0;
    };
    leader_commit.min(prev_log_index + entries.len() as Index)
}

fn up_to_the_log_end(view: &View<'_, Command>) -> Index {
    let Body::AppendEntries { leader_commit, .. } = view.message.body else { return follower_commit(view) };
    view.state.commit_index.max(leader_commit.min(view.state.log.last_index()))
}

fn after_the_previous(view: &View<'_, Command>) -> Option<Splice> {
    let Body::AppendEntries { prev_log_index, entries, .. } = view.message.body else { return None };
    // What a snapshot stands for is out of reach.
    let covered = view.state.log.snapshot().last_index.saturating_sub(prev_log_index);
    let skip = usize::try_from(covered).unwrap_or(usize::MAX).min(entries.len());
    Some(Splice { from: prev_log_index + covered + 1, skip, keep_tail: false })
}

fn at_the_end(view: &View<'_, Command>) -> Option<Splice> {
    Some(Splice { from: view.state.log.last_index() + 1, skip: 0, keep_tail: false })
        .filter(|_| !is_heartbeat(view))
}

fn beyond_the_end(view: &View<'_, Command>) -> Option<Splice> {
    let Body::AppendEntries { prev_log_index, entries, .. } = view.message.body else { return None };
    let last = view.state.log.last_index();
    let skip = last.saturating_sub(prev_log_index) as usize;
    (skip < entries.len()).then_some(Splice { from: last + 1, skip, keep_tail: false })
}

fn to_the_hint(view: &View<'_, Command>) -> BackUp {
    let Body::AppendEntriesReply(Verdict::Rejected { prev_log_index, conflict_index, .. }) =
        view.message.body
    else {
        return back_up(view);
    };
    BackUp { next_index: conflict_index.min(prev_log_index).max(1), cut_log_to: None }
}
