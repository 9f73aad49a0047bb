//! The bug zoo: mistakes that real implementations have made, each planted as a value.
//!
//! A bug is the paper's table with one rule replaced, or a driver that is not honest. It names the section that
//! it breaks, the properties of which one must catch it, where it was seen, and the campaign that is to find it.
//! The node knows nothing of any of this.
//!
//! | what is wrong | file |
//! |---|---|
//! | terms and votes | `elections` |
//! | the log and the commit index | `replication` |
//! | what is on the disk | `storage` |
//! | what stands for the log | `snapshots` |
//! | what clients are told | `clients` |
//! | nothing but that the cluster does not get on | `progress` |

mod clients;
mod elections;
mod progress;
mod replication;
mod snapshots;
mod storage;

use crate::Listed;
use crate::whitewater::Driver;
use whitewater_check::property::Property;
use whitewater_check::types::Command;
use whitewater_raft::rules::Rules;

/// The system that they are planted in.
pub const SYSTEM: &str = "whitewater";

/// The bugs that can be planted in one of these systems: none where ours is not among them.
#[must_use]
pub fn planted_in(systems: &[Listed]) -> &'static [Bug] {
    if systems.iter().any(|system| system.name == SYSTEM) { BUGS } else { &[] }
}

/// A mistake that can be planted.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Its name on the command line and in scenario files.
    pub name: &'static str,
    /// What is wrong, in one sentence.
    pub about: &'static str,
    /// The rule that it breaks.
    pub section: &'static str,
    /// The properties of which any counts as having caught it.
    pub properties: &'static [Property],
    /// Where it was seen in the wild: a repository and the number of an issue or a change.
    pub seen: &'static [&'static str],
    /// The campaign that is to find it.
    pub hunted_in: Hunt,
    /// How it is planted.
    pub plant: Plant,
}

/// A campaign that hunts for bugs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hunt {
    /// Three nodes, short runs.
    Small,
    /// Three nodes whose logs are short, because a snapshot soon takes the place of what is applied.
    Snapshots,
    /// Mostly five nodes: what needs more servers than three, or more time.
    Default,
    /// What breaks no promise, and shows over many runs as stalls and bounds that are not kept.
    Liveness,
}

impl Hunt {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Small, Self::Snapshots, Self::Default, Self::Liveness];

    /// The name of the campaign, which is that of its scenario file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Snapshots => "snapshots",
            Self::Default => "default",
            Self::Liveness => "liveness",
        }
    }
}

/// How a bug is planted.
#[derive(Clone, Copy, Debug)]
pub enum Plant {
    /// One rule of the paper's table is replaced.
    Rule(fn(&mut Rules<Command>)),
    /// The driver is not honest.
    Driver(Driver),
}

/// The bug of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Bug> {
    BUGS.iter().find(|bug| bug.name == name)
}

/// Every bug that can be planted, by name.
pub const BUGS: &[Bug] = &[
    storage::ACCEPTS_TORN_RECORD,
    replication::ACKNOWLEDGES_LOG_END,
    snapshots::ACKNOWLEDGES_SNAPSHOT_BEFORE_SYNC,
    clients::ANSWERS_BEFORE_COMMIT,
    replication::APPENDS_BLINDLY,
    storage::APPLIES_LOG_AT_START,
    clients::APPLIES_RETRY_TWICE,
    progress::CANDIDATE_IGNORES_LEADER,
    progress::CANDIDATE_WAITS_FOR_EVER,
    elections::CLEARS_VOTE_ON_STEP_DOWN,
    replication::COMMIT_GOES_BACK,
    replication::COMMITS_OLDER_TERM,
    replication::COMMITS_PAST_NEW_ENTRIES,
    snapshots::COMPACTS_BEFORE_SNAPSHOT,
    elections::COUNTS_DUPLICATE_VOTES,
    elections::COUNTS_REFUSALS,
    elections::COUNTS_STALE_VOTES,
    storage::COUNTS_UNSYNCED_SELF,
    storage::FORGETS_LOG,
    clients::FORGETS_SESSIONS_WITH_THE_LEADER,
    snapshots::FORGETS_SNAPSHOT_TERM,
    storage::FORGETS_VOTE,
    progress::GIVES_UP_ON_FOLLOWERS,
    replication::HALF_IS_A_MAJORITY_OF_COPIES,
    elections::HALF_IS_A_MAJORITY_OF_VOTES,
    replication::HEARTBEATS_SKIP_THE_CHECK,
    progress::HEARTBEATS_TOO_SLOW,
    replication::HEARTBEATS_TRUNCATE,
    replication::HEEDS_OLD_LEADERS,
    progress::IGNORES_HIGHER_TERM_REPLY,
    storage::IGNORES_WRITE_ERRORS,
    snapshots::INSTALL_DROPS_TAIL,
    snapshots::INSTALL_KEEPS_CONFLICTING_TAIL,
    snapshots::INSTALLS_OLD_SNAPSHOT,
    replication::KEEPS_CONFLICTING_ENTRIES,
    replication::KEEPS_CONFLICTING_TAIL,
    replication::LEADER_BACKS_UP_ITS_OWN_LOG,
    progress::LEADS_ON_IN_ITS_TERM,
    replication::MATCH_FROM_LOG_END,
    snapshots::MISPLACES_COVERED_ENTRIES,
    storage::NEVER_STORES_VOTE,
    replication::NEXT_INDEX_SINKS,
    progress::NEXT_INDEX_STUCK,
    clients::READS_FROM_FOLLOWERS,
    clients::READS_LOCALLY,
    progress::REDIRECTS_TO_ITSELF,
    progress::REFUSES_SHORTER_NEWER_LOG,
    progress::RESETS_TIMER_ON_ANY_RPC,
    replication::RESTAMPS_ENTRIES,
    snapshots::RESTORES_NOTHING_AT_START,
    storage::RESURRECTS_TRUNCATED,
    progress::SAME_TIMEOUT_FOR_ALL,
    snapshots::SENDS_NEWER_STATE,
    replication::SKIPS_PREVIOUS_CHECK,
    storage::SKIPS_REPLAY,
    snapshots::SNAPSHOT_COVERS_UNAPPLIED,
    snapshots::SNAPSHOT_WITHOUT_SESSIONS,
    storage::SYNC_COVERS_LATER_WRITES,
    elections::TAKES_ANY_TERM,
    replication::TRUNCATES_MATCHING,
    clients::TRUSTS_ITS_LEASE,
    elections::VOTES_BY_INDEX_ONLY,
    elections::VOTES_BY_TERM_ONLY,
    progress::VOTES_ONCE_AND_FOR_ALL,
    elections::VOTES_TWICE,
    elections::VOTES_UNLESS_NEWER_AND_LONGER,
    elections::VOTES_WITHOUT_LOG_CHECK,
    progress::WAITS_FOR_EVERYBODY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bugs_are_in_order_and_name_what_must_catch_them() {
        assert!(BUGS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(BUGS.len() >= 35, "{} bugs", BUGS.len());
        for Bug { name, about, section, properties, .. } in BUGS {
            assert!(!properties.is_empty() && about.ends_with('.'), "{name}");
            assert!(["§", "figure ", "thesis §"].iter().any(|begin| section.starts_with(begin)), "{name}");
        }
        assert_eq!(find("commits-older-term").map(|bug| bug.section), Some("§5.4.2"));
        assert!(find("no-such-bug").is_none());
    }

    #[test]
    fn every_bug_was_seen_somewhere() {
        let is_source = |seen: &str| {
            let (place, number) = seen.split_once('#').unwrap_or_default();
            !place.is_empty() && number.starts_with(|first: char| first.is_ascii_digit())
        };
        for bug in BUGS {
            assert!(!bug.seen.is_empty() && bug.seen.iter().all(|seen| is_source(seen)), "{:?}", bug.seen);
        }
    }

    #[test]
    fn only_what_keeps_the_cluster_from_its_work_is_hunted_for_with_bounds() {
        let bounded = |bug: &&Bug| bug.hunted_in == Hunt::Liveness;
        assert!(BUGS.iter().filter(bounded).all(|bug| bug.properties == [Property::Progress]));
    }
}
