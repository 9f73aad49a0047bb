//! The bug zoo: mistakes that real implementations have made, each planted as a value.
//!
//! A bug is the paper's table with one rule replaced, or a driver that gets the order of effects wrong. It
//! names the section that it breaks and the properties of which one must catch it. The node knows nothing
//! of any of this.

use whitewater_check::property::Property;
use whitewater_check::types::Command;
use whitewater_raft::message::Body;
use whitewater_raft::rules::{Rules, Splice, View};
use whitewater_raft::state::State;
use whitewater_raft::types::Index;

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
    /// Where it was seen in the wild.
    pub seen: &'static [&'static str],
    /// How it is planted.
    pub plant: Plant,
}

/// How a bug is planted.
#[derive(Clone, Copy, Debug)]
pub enum Plant {
    /// One rule of the paper's table is replaced.
    Rule(fn(&mut Rules<Command>)),
    /// The driver is not honest.
    Driver(Driver),
}

/// How the driver passes effects on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// As they come.
    #[default]
    Honest,
    /// What a step writes of term and vote alone is written when the step is over, after its messages.
    VotesBeforeSync,
    /// Messages of a step leave before its blocking sync.
    EntriesBeforeSync,
    /// A record that a crash has torn is taken for a whole one.
    AcceptsTornRecords,
    /// The state machine is told to apply a command whatever its session says.
    AppliesRetriesTwice,
    /// A leader answers reads from its own state machine, without asking anybody.
    ReadsLocally,
    /// A write that has failed is taken for done.
    IgnoresWriteErrors,
}

/// The bug of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Bug> {
    BUGS.iter().find(|bug| bug.name == name)
}

/// Every bug that can be planted, by name.
pub const BUGS: &[Bug] = &[
    Bug {
        name: "accepts-torn-record",
        about: "At restart a record that a crash has torn is taken for a whole one.",
        section: "figure 2",
        properties: &[Property::LogMatching, Property::StateMachineSafety, Property::OneVoteATerm],
        seen: &["etcd#14093"],
        plant: Plant::Driver(Driver::AcceptsTornRecords),
    },
    Bug {
        name: "applies-retry-twice",
        about: "A request that was retried and stands in the log twice takes effect twice.",
        section: "§8",
        properties: &[Property::ExactlyOnce, Property::Linearizability],
        seen: &["etcd#18424", "ra#145"],
        plant: Plant::Driver(Driver::AppliesRetriesTwice),
    },
    Bug {
        name: "commits-older-term",
        about: "An entry of an earlier term is committed by counting replicas (figure 8).",
        section: "§5.4.2",
        properties: &[
            Property::CommittedByTheRule,
            Property::LeaderCompleteness,
            Property::StateMachineSafety,
        ],
        seen: &["logcabin#44", "async-raft#108", "PySyncObj#169", "CCF#5674"],
        plant: Plant::Rule(|rules| rules.commits_by_counting = commits_any_term),
    },
    Bug {
        name: "counts-duplicate-votes",
        about: "Votes are counted, not voters: a vote that arrives twice counts twice.",
        section: "§5.2",
        properties: &[Property::ElectedByAQuorum, Property::ElectionSafety],
        seen: &["akka-raft#45", "xraft#27"],
        plant: Plant::Rule(|rules| rules.admit_vote = admits_vote_again),
    },
    Bug {
        name: "forgets-log",
        about: "Entries are acknowledged before they are durable.",
        section: "figure 2",
        properties: &[
            Property::PersistBeforeSend,
            Property::CommitDurability,
            Property::LeaderCompleteness,
            Property::StateMachineSafety,
            Property::AcknowledgedMeansKept,
        ],
        seen: &["tikv#994", "yugabyte#32875"],
        plant: Plant::Driver(Driver::EntriesBeforeSync),
    },
    Bug {
        name: "forgets-vote",
        about: "Term and vote are made durable after the reply.",
        section: "figure 2",
        properties: &[Property::PersistBeforeSend, Property::OneVoteATerm, Property::ElectionSafety],
        seen: &["robustmq#2039", "nodedb#161"],
        plant: Plant::Driver(Driver::VotesBeforeSync),
    },
    Bug {
        name: "ignores-write-errors",
        about: "A write that has failed is taken for done.",
        section: "figure 2",
        properties: &[
            Property::PersistBeforeSend,
            Property::CommitDurability,
            Property::AcknowledgedMeansKept,
        ],
        seen: &["openraft#1795"],
        plant: Plant::Driver(Driver::IgnoresWriteErrors),
    },
    Bug {
        name: "reads-locally",
        about: "A leader answers a read from its own state without hearing a majority.",
        section: "§8",
        properties: &[Property::Linearizability, Property::LogOrder],
        seen: &["etcd#7331", "consul#54"],
        plant: Plant::Driver(Driver::ReadsLocally),
    },
    Bug {
        name: "truncates-matching",
        about: "A short or late AppendEntries deletes entries that match.",
        section: "§5.3",
        properties: &[Property::CommitDurability, Property::LeaderCompleteness, Property::StateMachineSafety],
        seen: &["raftos#26", "CCF#5991"],
        plant: Plant::Rule(|rules| rules.splice = cuts_after_previous),
    },
    Bug {
        name: "votes-by-index-only",
        about: "A log counts as up-to-date when it is as long; the term of its last entry is not compared.",
        section: "§5.4.1",
        properties: &[Property::LeaderCompleteness, Property::StateMachineSafety],
        seen: &["noraft#22 (raftbare 0.2.2)", "akka-raft#51"],
        plant: Plant::Rule(|rules| rules.log_up_to_date = compares_lengths),
    },
];

fn commits_any_term(_: &State<Command>, _: Index) -> bool {
    true
}

fn admits_vote_again(view: &View<'_, Command>) -> bool {
    matches!(view.message.body, Body::RequestVoteReply { granted: true })
        && view.message.term == view.state.current_term
}

fn cuts_after_previous(view: &View<'_, Command>) -> Option<Splice> {
    let Body::AppendEntries { prev_log_index, .. } = view.message.body else { return None };
    Some(Splice { from: prev_log_index + 1, skip: 0, keep_tail: false })
}

fn compares_lengths(view: &View<'_, Command>) -> bool {
    matches!(view.message.body, Body::RequestVote { last_log_index, .. } if last_log_index >= view.state.log.last_index())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bugs_are_in_order_and_name_what_must_catch_them() {
        assert!(BUGS.windows(2).all(|pair| pair[0].name < pair[1].name));
        assert!(BUGS.iter().all(|bug| !bug.properties.is_empty() && !bug.seen.is_empty()));
        assert_eq!(find("commits-older-term").map(|bug| bug.section), Some("§5.4.2"));
        assert!(find("no-such-bug").is_none());
    }
}
