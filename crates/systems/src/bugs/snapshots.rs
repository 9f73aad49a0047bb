//! Mistakes about snapshots (§7): what a snapshot stands for, what state is in it, when it is durable, and what
//! becomes of the log around it.
//!
//! What a follower does with a snapshot, and how far one reaches, are rules of the node's table. What state is
//! captured, written and restored is the driver's.

use crate::bugs::{Bug, Hunt, Plant};
use crate::whitewater::Driver;
use whitewater_check::property::Property;
use whitewater_check::types::Command;
use whitewater_raft::message::Body;
use whitewater_raft::rules::{Install, Splice, View, install, splice};

/// No promise depends on it: what a snapshot stands for was committed without this server, and the sync of the
/// entries that come after covers it. Only now and then a server that has lost one waits for a new leader.
pub(super) const ACKNOWLEDGES_SNAPSHOT_BEFORE_SYNC: Bug = Bug {
    name: "acknowledges-snapshot-before-sync",
    about: "A snapshot that a leader has sent is acknowledged before it is durable.",
    section: "figure 2",
    properties: &[Property::PersistBeforeSend],
    seen: &["ClickHouse#111339"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Driver(Driver::SnapshotsBeforeSync),
};

pub(super) const COMPACTS_BEFORE_SNAPSHOT: Bug = Bug {
    name: "compacts-before-snapshot",
    about: "Entries are deleted from the disk before the snapshot that stands for them is there.",
    section: "§7",
    properties: &[Property::StateMachineSafety],
    seen: &["nats-server#8425", "openraft#437"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Driver(Driver::CompactsBeforeSnapshot),
};

pub(super) const FORGETS_SNAPSHOT_TERM: Bug = Bug {
    name: "forgets-snapshot-term",
    about: "A log of which nothing is left but a snapshot counts as one that ends in term 0, so that any \
            candidate's is newer.",
    section: "§5.4.1",
    properties: &[Property::LeaderCompleteness, Property::StateMachineSafety],
    seen: &["RedisLabs/raft#14", "NuRaft#668"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Rule(|rules| rules.log_up_to_date = is_newer_than_what_is_left),
};

pub(super) const INSTALL_DROPS_TAIL: Bug = Bug {
    name: "install-drops-tail",
    about: "A follower that is sent a snapshot deletes the entries after it, although they follow it.",
    section: "§7",
    properties: &[
        Property::CommitDurability,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::AcknowledgedMeansKept,
    ],
    seen: &["etcd#1763", "etcd#1837", "camunda#6092"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Rule(|rules| {
        rules.install = |view| install(view).map(|_| Install { keep_tail: false });
    }),
};

pub(super) const INSTALL_KEEPS_CONFLICTING_TAIL: Bug = Bug {
    name: "install-keeps-conflicting-tail",
    about: "A follower that is sent a snapshot keeps the entries after it, whether they follow it or not.",
    section: "§7",
    properties: &[Property::LogMatching],
    seen: &["hashicorp/raft#704"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Rule(|rules| {
        rules.install = |view| install(view).map(|_| Install { keep_tail: true });
    }),
};

pub(super) const INSTALLS_OLD_SNAPSHOT: Bug = Bug {
    name: "installs-old-snapshot",
    about: "A follower installs any snapshot that it is sent, one that it is ahead of, too.",
    section: "§7",
    properties: &[
        Property::Monotonicity,
        Property::CommitDurability,
        Property::LeaderCompleteness,
        Property::StateMachineSafety,
        Property::AcknowledgedMeansKept,
    ],
    seen: &["openraft#543"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Rule(|rules| rules.install = whatever_comes),
};

pub(super) const MISPLACES_COVERED_ENTRIES: Bug = Bug {
    name: "misplaces-covered-entries",
    about: "A late request that begins with entries which a snapshot stands for is taken to begin after it.",
    section: "§5.3",
    properties: &[Property::LogMatching, Property::CommitDurability, Property::StateMachineSafety],
    seen: &["RedisLabs/raft#49"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Rule(|rules| {
        rules.splice = |view| after_the_snapshot(view).or_else(|| splice(view));
    }),
};

pub(super) const RESTORES_NOTHING_AT_START: Bug = Bug {
    name: "restores-nothing-at-start",
    about: "A server that restarts applies what its log holds after the snapshot to an empty state machine.",
    section: "§7",
    properties: &[Property::StateMachineSafety],
    seen: &["fluree/raft#6"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Driver(Driver::RestoresNothingAtStart),
};

pub(super) const SENDS_NEWER_STATE: Bug = Bug {
    name: "sends-newer-state",
    about: "A leader sends its state as it is by now under the index of its last snapshot.",
    section: "§7",
    properties: &[Property::StateMachineSafety],
    seen: &["d-engine#418"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Driver(Driver::SendsNewerState),
};

pub(super) const SNAPSHOT_COVERS_UNAPPLIED: Bug = Bug {
    name: "snapshot-covers-unapplied",
    about: "A snapshot takes the place of the whole log, also of what its state does not know yet.",
    section: "§7",
    properties: &[Property::CommitDurability, Property::StateMachineSafety],
    seen: &["etcd#8091", "raft-rs#409"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Rule(|rules| rules.snapshot_up_to = |state| state.log.last_index()),
};

pub(super) const SNAPSHOT_WITHOUT_SESSIONS: Bug = Bug {
    name: "snapshot-without-sessions",
    about: "The clients' sessions are left out of snapshots: a retry after one takes effect again.",
    section: "§8",
    properties: &[Property::ExactlyOnce, Property::StateMachineSafety, Property::Linearizability],
    seen: &["redisraft#568"],
    hunted_in: Hunt::Snapshots,
    plant: Plant::Driver(Driver::SnapshotsWithoutSessions),
};

fn whatever_comes(view: &View<'_, Command>) -> Option<Install> {
    let Body::InstallSnapshot(snapshot) = view.message.body else { return None };
    let follows = view.state.log.term_at(snapshot.last_index) == Some(snapshot.last_term);
    Some(Install { keep_tail: follows })
}

fn is_newer_than_what_is_left(view: &View<'_, Command>) -> bool {
    let Body::RequestVote { last_log_index, last_log_term } = view.message.body else { return false };
    let log = &view.state.log;
    let last_term = log.get(log.last_index()).map_or(0, |entry| entry.term);
    (last_log_term, last_log_index) >= (last_term, log.last_index())
}

fn after_the_snapshot(view: &View<'_, Command>) -> Option<Splice> {
    let Body::AppendEntries { prev_log_index, entries: [_, ..], .. } = view.message.body else { return None };
    let covered = view.state.log.snapshot().last_index;
    (prev_log_index < covered).then_some(Splice { from: covered + 1, skip: 0, keep_tail: false })
}
