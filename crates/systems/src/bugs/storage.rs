//! Mistakes about the disk (figure 2, "persistent state"): what is durable when something is promised, and what is
//! believed after a restart.
//!
//! All but one are the driver's: the node asks for the right effects and the driver carries them out in
//! another way. Only a crash at the right moment shows them.

use crate::bugs::{Bug, Hunt, Plant};
use crate::whitewater::Driver;
use whitewater_check::property::Property;

pub(super) const ACCEPTS_TORN_RECORD: Bug = Bug {
    name: "accepts-torn-record",
    about: "At restart a record that a crash has torn is taken for a whole one.",
    section: "figure 2",
    properties: &[Property::LogMatching, Property::StateMachineSafety],
    seen: &["etcd#14093"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::AcceptsTornRecords),
};

pub(super) const APPLIES_LOG_AT_START: Bug = Bug {
    name: "applies-log-at-start",
    about: "A server that restarts applies its whole log, whether it is committed or not.",
    section: "figure 2",
    properties: &[Property::StateMachineSafety],
    seen: &["goraft#69"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::AppliesLogAtStart),
};

pub(super) const COUNTS_UNSYNCED_SELF: Bug = Bug {
    name: "counts-unsynced-self",
    about: "A leader counts its own copy of an entry before its disk has it.",
    section: "thesis §10.2.1",
    properties: &[Property::CommitDurability, Property::AcknowledgedMeansKept],
    seen: &["ra#637"],
    hunted_in: Hunt::Small,
    plant: Plant::Rule(|rules| rules.own_match_index = |state, _| state.log.last_index()),
};

pub(super) const FORGETS_LOG: Bug = Bug {
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
    seen: &["tikv#994", "yugabyte#32875", "c5#263"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::EntriesBeforeSync),
};

pub(super) const FORGETS_VOTE: Bug = Bug {
    name: "forgets-vote",
    about: "Term and vote are made durable after the reply.",
    section: "figure 2",
    properties: &[Property::PersistBeforeSend, Property::OneVoteATerm, Property::ElectionSafety],
    seen: &["robustmq#2039", "nodedb#161"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::VotesBeforeSync),
};

pub(super) const IGNORES_WRITE_ERRORS: Bug = Bug {
    name: "ignores-write-errors",
    about: "A write that has failed is taken for done.",
    section: "figure 2",
    properties: &[Property::PersistBeforeSend, Property::CommitDurability, Property::AcknowledgedMeansKept],
    seen: &["openraft#1795"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::IgnoresWriteErrors),
};

pub(super) const NEVER_STORES_VOTE: Bug = Bug {
    name: "never-stores-vote",
    about: "The term is stored and the vote is not: it is only remembered.",
    section: "figure 2",
    properties: &[Property::PersistBeforeSend, Property::OneVoteATerm, Property::ElectionSafety],
    seen: &["lu-raft-kv#33", "raft-java#57"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::NeverStoresVote),
};

pub(super) const RESURRECTS_TRUNCATED: Bug = Bug {
    name: "resurrects-truncated",
    about: "What a conflict deletes from the log is deleted in memory only, and is back after a restart.",
    section: "§5.3",
    properties: &[Property::LogMatching, Property::StateMachineSafety, Property::LeaderCompleteness],
    seen: &["etcd#22442", "qdrant#1329"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::ResurrectsTruncated),
};

pub(super) const SKIPS_REPLAY: Bug = Bug {
    name: "skips-replay",
    about: "A server that restarts takes what its log holds for applied, and begins behind it.",
    section: "figure 2",
    properties: &[Property::StateMachineSafety],
    seen: &["horizontal-scaling-convex#145"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::SkipsReplay),
};

pub(super) const SYNC_COVERS_LATER_WRITES: Bug = Bug {
    name: "sync-covers-later-writes",
    about: "When a sync comes back, what was written after it began counts as durable as well.",
    section: "thesis §10.2.1",
    properties: &[Property::CommitDurability, Property::AcknowledgedMeansKept],
    seen: &["etcd#1809"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::SyncCoversLaterWrites),
};
