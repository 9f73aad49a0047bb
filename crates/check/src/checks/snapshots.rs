//! Snapshots (§7): what takes the place of a log's first entries, in memory and on disk.
//!
//! To the checks a log is whole for ever. The last index and term of a snapshot name the log that it stands for (§5.3),
//! and the witness of Log Matching knows which one that is; whoever holds the snapshot holds that log. A snapshot
//! that names a log which nobody has is made up, and the audit says so. What state is in it, State
//! Machine Safety judges.

use crate::checks::{Checks, State};
use crate::finding::Fact;
use crate::ids::Prefixes;
use crate::logs::Change;
use crate::observe::Observe;
use crate::property::Property;
use crate::types::{At, Entry, Index, NodeId, Term};

impl Checks {
    /// The node's disk now holds a snapshot that stands for the log up to this index, whose entry had this term. After
    /// that the log from an index on is replaced by entries, if any were written with the snapshot; `tail` is all that the
    /// disk then holds after the snapshot.
    #[inline(never)]
    pub fn durable_snapshot(
        &mut self,
        at: At,
        (index, term): (Index, Term),
        suffix: Option<(Index, &[Entry])>,
        tail: &[Entry],
    ) {
        let Some(log) = self.named(index, term) else {
            if !self.came_and_went(at.node, index) {
                return self.made_up(at, index, term);
            }
            self.logs[at.node.slot()].became_durable(index + 1, tail);
            return;
        };
        let disk = &self.logs[at.node.slot()];
        if disk.durable(index) == log.id(index) && disk.becomes(suffix, index + tail.len() as Index) {
            return self.durable(at, None, suffix);
        }
        let from = disk.memory.common(log, index);
        let ids = log.between(from, index).to_vec();
        let disk = &mut self.logs[at.node.slot()];
        disk.disk_becomes(from, &ids);
        disk.became_durable(index + 1, tail);
        self.disk_replaced(at, from + 1);
    }

    /// The node writes a snapshot with this state in it, which says that it stands for the log up to `index`.
    pub fn wrote_snapshot(&mut self, at: At, index: Index, state: State) {
        self.state_machine_safety.snapshot(at, "writes", (index, state), &mut self.findings);
    }

    /// The node puts its state machine into a state that was taken with a snapshot, which says that it stands for the log
    /// up to `index`.
    pub fn restored(&mut self, at: At, index: Index, state: State) {
        self.state_machine_safety.restored(at, index, state, &mut self.findings);
    }

    /// What stands, or stood before a snapshot was taken after it, at an index of a node's log at its last look; `None`
    /// where nothing does, and where nobody has seen it.
    #[must_use]
    pub fn entry_in_memory(&self, node: NodeId, index: Index) -> Option<Entry> {
        self.log_matching.entry(index, self.logs[node.slot()].memory.id(index)?)
    }

    /// The same of what its disk holds.
    #[must_use]
    pub fn entry_on_disk(&self, node: NodeId, index: Index) -> Option<Entry> {
        self.log_matching.entry(index, self.logs[node.slot()].durable(index)?)
    }

    /// Up to where the log of a node was followed at its last look: an absurd index is not.
    #[must_use]
    pub fn followed(&self, node: NodeId) -> Index {
        self.logs[node.slot()].memory.last_index()
    }

    /// A snapshot stands for another part of a log in memory than before. How that changed the log, if it did.
    #[inline(never)]
    pub(crate) fn follow_snapshot(&mut self, at: At, replica: &(impl Observe + ?Sized)) -> Option<Change> {
        let (index, term) = replica.snapshot();
        let own = &self.logs[at.node.slot()].memory;
        let Some(log) = self.named(index, term) else {
            if !self.came_and_went(at.node, index) {
                self.made_up(at, index, term);
                return None;
            }
            let last_before = own.last_index();
            self.logs[at.node.slot()].recover((index, term));
            return Some(Change { from: last_before + 1, last_before });
        };
        if own.id(index) == log.id(index) {
            return None;
        }
        let (from, last_before) = (own.common(log, index), own.last_index());
        let ids = log.between(from, index).to_vec();
        self.logs[at.node.slot()].memory_becomes(from, &ids);
        Some(Change { from: from + 1, last_before })
    }

    /// A log that has, at this index, an entry of this term: the committed one, or that of a node.
    fn named(&self, index: Index, term: Term) -> Option<&Prefixes> {
        let id = match index {
            0 => self.commits.log().id(0),
            _ => self.log_matching.id(index, term),
        }?;
        let logs = self.logs.iter().map(|log| &log.memory);
        std::iter::once(self.commits.log()).chain(logs).find(|log| log.id(index) == Some(id))
    }

    /// The node's disk has an entry at this index that no log was ever seen to have: who needs nobody else to commit may
    /// write an entry, apply it and take a snapshot in one step. Then the disk says which log it is.
    fn came_and_went(&self, node: NodeId, index: Index) -> bool {
        let on_disk = self.logs[node.slot()].durable(index);
        on_disk.is_some_and(|id| self.log_matching.entry(index, id).is_none())
    }

    /// A live replica with a snapshot that names a log which nobody has, whatever it told of it. In the middle of a step
    /// it may be ahead of everything that was seen.
    pub(super) fn audit_snapshot(&mut self, at: At, replica: &(impl Observe + ?Sized)) {
        let (index, term) = replica.snapshot();
        let seen = (1..=self.log_matching.last_index()).contains(&index);
        if seen && self.log_matching.id(index, term).is_none() && !self.came_and_went(at.node, index) {
            self.made_up(at, index, term);
        }
    }

    /// A snapshot names a log that nobody holds.
    #[cold]
    fn made_up(&mut self, at: At, index: Index, term: Term) {
        self.findings.report(Property::Audit, at, || {
            let says = format!("{} has a snapshot up to [{index}] of term {term}", at.node);
            vec![Fact::new(at, says), Fact::new(at, "no log has such an entry".to_owned())]
        });
    }
}
