//! What the crate reads of its log: a snapshot, the entries after it, and what it was started with.
//!
//! Nothing here is durable. The adapter writes to the disk of the world, and tells the store what is there.

use crate::raft_rs::{data, theirs};
use raft::eraftpb::{ConfState, Entry as TheirEntry, HardState as TheirHardState, Snapshot as TheirSnapshot};
use raft::{GetEntriesContext, INVALID_ID, RaftState, Storage, StorageError};
use whitewater_check::types::{Entry, Index, NodeId};
use whitewater_sim::replica::Boot;
use whitewater_sim::words::{Snapshot, StateName};

#[derive(Debug)]
pub(super) struct Store {
    started_with: RaftState,
    /// What stands for the log up to where `log` begins.
    pub(super) snapshot: Snapshot,
    log: Vec<TheirEntry>,
    /// The lowest index that has changed since the last look.
    pub(super) changed_from: Option<Index>,
}

impl Store {
    pub(super) fn recovered(boot: &Boot<'_>) -> Self {
        let hard_state = TheirHardState {
            term: boot.hard_state.term,
            vote: boot.hard_state.vote.map_or(INVALID_ID, theirs),
            commit: boot.snapshot.last_index,
            ..TheirHardState::default()
        };
        let voters: Vec<u64> = (0..boot.voters).map(|node| theirs(NodeId(node))).collect();
        let entry = |(index, entry): (u64, &Entry)| TheirEntry {
            term: entry.term,
            index,
            data: entry.command.map(data).unwrap_or_default().into(),
            ..TheirEntry::default()
        };
        Self {
            started_with: RaftState::new(hard_state, ConfState::from((voters, Vec::new()))),
            snapshot: boot.snapshot,
            log: (boot.snapshot.last_index + 1..).zip(boot.log).map(entry).collect(),
            changed_from: None,
        }
    }

    /// An entry that the log holds.
    pub(super) fn entry(&self, index: Index) -> Option<&TheirEntry> {
        self.log.get(self.place(index)?)
    }

    /// Where in `log` an entry is, or would be. `None` where a snapshot stands for it.
    fn place(&self, index: Index) -> Option<usize> {
        Some(index.checked_sub(self.snapshot.last_index + 1)? as usize)
    }

    /// Takes over what has just been written, in place of all that stood from its first index on.
    pub(super) fn append(&mut self, entries: Vec<TheirEntry>) {
        let Some(from) = entries.first().map(|entry| entry.index) else { return };
        self.log.truncate(self.place(from).expect("what a snapshot stands for is not sent again"));
        self.log.extend(entries);
        self.changed(from);
    }

    /// The snapshot takes the place of entries that the log holds.
    pub(super) fn compact(&mut self, snapshot: Snapshot) {
        let gone = snapshot.last_index - self.snapshot.last_index;
        self.log.drain(..gone as usize);
        self.snapshot = snapshot;
    }

    /// The snapshot takes the place of the whole log.
    pub(super) fn install(&mut self, snapshot: Snapshot) {
        self.log.clear();
        self.snapshot = snapshot;
        self.changed(snapshot.last_index + 1);
    }

    fn changed(&mut self, from: Index) {
        self.changed_from = Some(self.changed_from.map_or(from, |lowest| lowest.min(from)));
    }
}

/// The snapshot that a leader has sent, in the words of the world. `None` where it sent none.
pub(super) fn received(snapshot: &TheirSnapshot) -> Option<Snapshot> {
    let (metadata, name) = (snapshot.get_metadata(), snapshot.data.as_ref().try_into().ok()?);
    let state = StateName(u64::from_le_bytes(name));
    Some(Snapshot { last_index: metadata.index, last_term: metadata.term, state })
}

impl Storage for Store {
    fn initial_state(&self) -> raft::Result<RaftState> {
        Ok(self.started_with.clone())
    }

    fn entries(
        &self,
        low: Index,
        high: Index,
        max_size: impl Into<Option<u64>>,
        _: GetEntriesContext,
    ) -> raft::Result<Vec<TheirEntry>> {
        let max_size = max_size.into();
        // An entry takes four bytes at least, for its term and its index.
        let most = max_size.map_or(u64::MAX, |bytes| bytes / 4 + 1).min(high - low);
        let first = self.place(low).ok_or(StorageError::Compacted)?;
        let mut entries = self.log[first..first + most as usize].to_vec();
        raft::util::limit_size(&mut entries, max_size);
        Ok(entries)
    }

    fn term(&self, index: Index) -> raft::Result<u64> {
        match self.place(index) {
            Some(place) => Ok(self.log.get(place).ok_or(StorageError::Unavailable)?.term),
            None if index == self.snapshot.last_index => Ok(self.snapshot.last_term),
            None => Err(StorageError::Compacted.into()),
        }
    }

    fn first_index(&self) -> raft::Result<Index> {
        Ok(self.snapshot.last_index + 1)
    }

    fn last_index(&self) -> raft::Result<Index> {
        Ok(self.snapshot.last_index + self.log.len() as Index)
    }

    fn snapshot(&self, _: Index, _: u64) -> raft::Result<TheirSnapshot> {
        let Snapshot { last_index, last_term, state } = self.snapshot;
        let mut snapshot =
            TheirSnapshot { data: state.0.to_le_bytes().to_vec().into(), ..TheirSnapshot::default() };
        let metadata = snapshot.mut_metadata();
        (metadata.index, metadata.term) = (last_index, last_term);
        metadata.set_conf_state(self.started_with.conf_state.clone());
        Ok(snapshot)
    }
}
