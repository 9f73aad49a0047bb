//! What the cluster does with snapshots: it takes, stores, sends, installs and restores them.

use crate::cluster::{Cluster, Flaw, common};
use crate::history::Event;
use whitewater_check::observe::Role;
use whitewater_check::types::Entry;

/// What stands for a log up to an index: the hash of the state after it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) index: usize,
    pub(super) hash: u64,
}

impl Cluster {
    /// The snapshot that a node must be sent in place of the entries of `source` up to a length, if the leader
    /// does not have those any more.
    pub(super) fn lacks(
        &self,
        n: usize,
        source: &[Entry],
        length: usize,
        snapshot: Snapshot,
    ) -> Option<Snapshot> {
        let state = &self.nodes[n].state;
        let gone = common(&state.log, source).min(length) < snapshot.index;
        Some(snapshot).filter(|_| gone && snapshot.index > state.covered)
    }

    pub(super) fn install(&mut self, n: usize, log: &[Entry], snapshot: Snapshot) {
        let state = &mut self.nodes[n].state;
        if !state.log.starts_with(log) {
            (state.log, state.changed) = (log.to_vec(), Some(log.len() + 1));
        }
        (state.covered, state.commit) = (snapshot.index, state.commit.max(snapshot.index));
        self.nodes[n].snapshot = snapshot;
        if self.nodes[n].state.applied < snapshot.index {
            self.restore(n, snapshot);
        }
        if !self.has(Flaw::AcknowledgesUnsynced) {
            self.store_snapshot(n);
        }
    }

    pub(super) fn restore(&mut self, n: usize, Snapshot { index, hash }: Snapshot) {
        let hash = hash ^ u64::from(self.has(Flaw::RestoresOtherState)) << 40;
        let applied = index - usize::from(self.has(Flaw::RestoresOtherIndex));
        self.history.push(Event::Restored { node: n, index, applied, hash });
        (self.nodes[n].state.applied, self.nodes[n].hash) = (index, hash);
    }

    /// A snapshot takes the place of what the node has applied, in memory and perhaps on its disk, too.
    pub(super) fn compact(&mut self, n: usize, durable: bool) {
        let node = &mut self.nodes[n];
        let index = node.state.applied;
        if index > node.state.covered && index <= node.state.log.len() {
            (node.snapshot, node.state.covered) = (Snapshot { index, hash: node.hash }, index);
            if durable {
                self.store_snapshot(n);
            }
            self.step(n);
        }
    }

    /// The disk gets the snapshot that memory has. What it had after that stays if it had what is before.
    pub(super) fn store_snapshot(&mut self, n: usize) {
        let drops = self.has(Flaw::SnapshotDropsTail);
        let node = &mut self.nodes[n];
        let log = node.state.log[..node.state.covered].to_vec();
        let kept = node.disk.strip_prefix(&log[..]).filter(|_| !drops);
        let tail = kept.unwrap_or_default().to_vec();
        // Half of it is written anew with every other snapshot.
        let from =
            if kept.is_none() || tail.len() % 2 == 1 { Some(log.len() + 1 + tail.len() / 2) } else { None };
        node.disk = [&log[..], &tail].concat();
        node.disk_snapshot = node.snapshot;
        self.history.push(Event::DiskSnapshot { node: n, log, tail, from });
    }

    /// A follower has a snapshot that stands for a log of nobody.
    pub(super) fn make_up(&mut self, n: usize) {
        let state = &mut self.nodes[n].state;
        if state.role == Role::Leader || state.log.is_empty() {
            return;
        }
        let (mut log, in_memory) = (state.log.clone(), state.term.is_multiple_of(2));
        log.last_mut().expect("it has one").term += 1000;
        if in_memory {
            (state.covered, state.changed, state.log) = (log.len(), Some(log.len() + 1), log);
        } else {
            self.history.push(Event::DiskSnapshot { node: n, log, tail: vec![], from: None });
        }
    }
}
