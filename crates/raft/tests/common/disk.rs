//! A disk that can be cut off: it carries records out in order, and a crash takes the last of them.

use std::collections::VecDeque;

use whitewater_raft::{Entry, HardState, Index, Record, Snapshot, Stored, Suffix};

use super::Command;

/// A record that owns its entries.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) hard_state: Option<HardState>,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) suffix: Option<(Index, Vec<Entry<Command>>)>,
}

impl Written {
    pub(crate) fn new(record: Record<'_, Command>) -> Self {
        let suffix = record.suffix.map(|Suffix { from, entries }| (from, entries.to_vec()));
        Self { hard_state: record.hard_state, snapshot: record.snapshot, suffix }
    }

    /// The hard state, then the snapshot, then the end of the log.
    pub(crate) fn carry_out(&self, stored: &mut Stored<Command>) {
        stored.hard_state = self.hard_state.unwrap_or(stored.hard_state);
        if let Some(snapshot) = self.snapshot {
            begin_after(stored, snapshot);
        }
        if let Some((from, entries)) = &self.suffix {
            let (first, last) = (stored.snapshot.last_index + 1, last_index(stored));
            assert!((first..=last + 1).contains(from), "a record at {from} does not fit {first} to {last}");
            stored.entries.truncate(usize::try_from(from - first).unwrap());
            stored.entries.extend_from_slice(entries);
        }
    }
}

/// The last index of which a disk knows.
pub(crate) fn last_index(stored: &Stored<Command>) -> Index {
    stored.snapshot.last_index + stored.entries.len() as Index
}

/// A snapshot takes the place of the entries up to its last. One that is lower than the present one, or lies beyond the
/// end of the log, leaves no entry.
fn begin_after(stored: &mut Stored<Command>, snapshot: Snapshot) {
    let covered = snapshot.last_index.checked_sub(stored.snapshot.last_index);
    match covered.map(|covered| usize::try_from(covered).unwrap()) {
        Some(covered) if covered <= stored.entries.len() => drop(stored.entries.drain(..covered)),
        _ => stored.entries.clear(),
    }
    stored.snapshot = snapshot;
}

/// What the disk holds for good, what a crash may still take, and which syncs are under way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    pub(crate) durable: Stored<Command>,
    pub(crate) unsynced: VecDeque<Written>,
    written: usize,
    syncs: VecDeque<(usize, Index)>,
}

impl Disk {
    pub(crate) fn new(durable: Stored<Command>) -> Self {
        Self { durable, ..Self::default() }
    }

    pub(crate) fn write(&mut self, record: Written) {
        self.unsynced.push_back(record);
        self.written += 1;
    }

    pub(crate) fn sync(&mut self) {
        self.sync_up_to(self.written);
    }

    pub(crate) fn sync_async(&mut self, up_to: Index) {
        self.syncs.push_back((self.written, up_to));
    }

    fn sync_up_to(&mut self, record: usize) {
        while self.written - self.unsynced.len() < record {
            self.unsynced.pop_front().unwrap().carry_out(&mut self.durable);
        }
    }

    /// The oldest asynchronous sync is done.
    pub(crate) fn finish_sync(&mut self) -> Option<Index> {
        let (record, up_to) = self.syncs.pop_front()?;
        self.sync_up_to(record);
        Some(up_to)
    }

    /// Power off: of the unsynced records the first few may have reached the disk. Says how many are lost.
    pub(crate) fn crash(&mut self, survivors: usize) -> usize {
        let survivors = survivors.min(self.unsynced.len());
        self.sync_up_to(self.written - self.unsynced.len() + survivors);
        let lost = self.unsynced.len();
        *self = Self::new(self.durable.clone());
        lost
    }

    /// What the disk will hold when all that is written has reached it.
    pub(crate) fn in_the_end(&self) -> Stored<Command> {
        let mut stored = self.durable.clone();
        self.unsynced.iter().for_each(|record| record.carry_out(&mut stored));
        stored
    }
}
