//! The ways of a driver: one that is honest, and those that get wrong what drivers have got wrong.
//!
//! What is dishonest about each is done where the effect passes, in `desk`. What such a driver has to remember to
//! do wrong, which an honest one need not, is here. It must not know the node or the world.

use std::collections::BTreeMap;
use whitewater_check::types::{Command, Entry, Index, Nanos, Term};
use whitewater_raft::types::NodeId;
use whitewater_sim::words::StateName;

/// How the driver passes effects and events on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Driver {
    /// As they come.
    #[default]
    Honest,
    /// What a step writes of term and vote alone is written when the step is over, after its messages.
    VotesBeforeSync,
    /// Messages of a step leave before its blocking sync.
    EntriesBeforeSync,
    /// Snapshots are synced when the step is over, after its messages.
    SnapshotsBeforeSync,
    /// Two records are written for a snapshot: one that takes the place of the log and still has the state of the
    /// snapshot before, and then the right one.
    CompactsBeforeSnapshot,
    /// The state machine is not told to restore the snapshot that a restart finds.
    RestoresNothingAtStart,
    /// A snapshot that is sent bears the name of the state as it is by then.
    SendsNewerState,
    /// A record that a crash has torn is taken for a whole one.
    AcceptsTornRecords,
    /// What a restart finds in the log is applied at once.
    AppliesLogAtStart,
    /// What a restart finds in the log is never applied.
    SkipsReplay,
    /// The vote is left out of what is written.
    NeverStoresVote,
    /// Where a write replaces entries, those that it does not cover stay on the disk.
    ResurrectsTruncated,
    /// A sync that comes back is taken to cover all that was written by then.
    SyncCoversLaterWrites,
    /// A write that has failed is taken for done.
    IgnoresWriteErrors,
    /// An acknowledgement names the end of the log.
    AcknowledgesLogEnd,
    /// Entries travel with the term of the message.
    RestampsEntries,
    /// The state machine is told to apply a command whatever its session says.
    AppliesRetriesTwice,
    /// The state machine is told to apply a command unless it was applied in the same term.
    ForgetsSessions,
    /// The state machine is told to apply a command unless it was applied since the last restored snapshot.
    SnapshotsWithoutSessions,
    /// A leader answers reads from its own state machine, without asking anybody.
    ReadsLocally,
    /// Any node answers reads from its own state machine.
    ReadsFromFollowers,
    /// A leader answers reads from its own state machine for a while after a majority has answered it.
    TrustsItsLease,
    /// A leader answers writes as soon as they are in its log.
    AnswersBeforeCommit,
    /// A node that does not lead refers clients to itself.
    RedirectsToItself,
    /// An election timeout is always the same.
    SameTimeout,
    /// A candidate has no election timeout.
    CandidateWaits,
    /// Heartbeats are further apart than any election timeout is long.
    SlowHeartbeats,
    /// After many unanswered messages to a node nothing is sent to it any more.
    GivesUpOnFollowers,
}

/// How many requests in a row may stay unanswered before a driver gives up on a node.
const PATIENCE: u32 = 10;

/// What a dishonest driver remembers. All of it stays empty for an honest one.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The log as its disk has it.
    pub(super) stored: Vec<Entry>,
    /// The last index that was written.
    pub(super) last_written: Index,
    /// The state in the last snapshot that was written or restored.
    pub(super) snapshot: Option<StateName>,
    /// Whether the process has started; what the node does before that belongs to its start.
    pub(super) started: bool,
    /// Up to where the state machine is taken to be without having been told.
    pub(super) applied: Index,
    /// The latest request of each session that was applied in `term`, or since a snapshot was restored.
    sessions: BTreeMap<u32, u64>,
    term: Term,
    /// When each node was last heard, by this node's clock.
    heard: BTreeMap<NodeId, Nanos>,
    /// How many requests each node has left unanswered.
    unanswered: BTreeMap<NodeId, u32>,
}

impl Notes {
    /// Takes note of a write that replaces the log from `from` on, and returns what is to be written instead so
    /// that whatever the entries do not cover stays.
    pub(super) fn keep_tail(&mut self, from: Index, entries: &mut Vec<Entry>) {
        let begin = from as usize - 1;
        let tail = self.stored.get(begin + entries.len()..).unwrap_or_default();
        entries.extend_from_slice(tail);
        self.stored.truncate(begin);
        self.stored.extend_from_slice(entries);
    }

    /// Whether a command was applied before in this term. It counts as applied from now on.
    pub(super) fn applies_again(&mut self, term: Term, command: Command) -> bool {
        if term != self.term {
            self.sessions.clear();
            self.term = term;
        }
        let before = self.sessions.insert(command.client(), command.serial());
        before.is_some_and(|serial| serial >= command.serial())
    }

    /// Nothing is known of any session from now on.
    pub(super) fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    /// A node has answered a request.
    pub(super) fn answered(&mut self, from: NodeId, now: Nanos) {
        self.heard.insert(from, now);
        if let Some(count) = self.unanswered.get_mut(&from).filter(|count| **count < PATIENCE) {
            *count = 0;
        }
    }

    /// The node leads from now on: what it has heard before was said to another leader.
    pub(super) fn leads(&mut self) {
        self.heard.clear();
    }

    /// How many nodes have answered since.
    pub(super) fn heard_since(&self, since: Nanos) -> usize {
        self.heard.values().filter(|heard| **heard >= since).count()
    }

    /// Whether it is worth while to send a request to a node; that counts as sending one.
    pub(super) fn hopes_for(&mut self, to: NodeId) -> bool {
        let count = self.unanswered.entry(to).or_default();
        *count = (*count + 1).min(PATIENCE);
        *count < PATIENCE
    }
}
