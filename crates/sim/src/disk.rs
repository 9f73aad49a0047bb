//! A node's disk: what is durable, what is written and not yet synced, and what may happen to it.
//!
//! The fault model, and why a cluster of honest replicas survives it. A record (hard state, a snapshot, a
//! replaced suffix of the log, or several of these) is atomic; records become durable in the order in which they
//! were written; a sync makes all earlier ones durable once its drawn latency has passed, and syncs of one disk run
//! one after the other.
//!
//! - **Power loss** keeps a drawn prefix of the records that no finished sync covers, and loses the rest.
//!   Nobody was told of what is lost: an honest replica sends nothing that depends on a record before its
//!   sync has returned.
//! - **A torn record**: the first lost record may be on the disk in part. Its checksum does not match, so
//!   the next start cuts it off; it counts as lost. The replica is shown it all the same ([`Torn`]), because
//!   a real one could read it and be wrong.
//! - **A stall** keeps syncs from coming back. The process waits, or goes on without; that is slow, not wrong.
//! - **A failing disk** answers writes and syncs with errors; what was not synced before may or may not be
//!   there. **A full disk** answers writes with errors. The replica cannot promise anything any more and
//!   stops; the others are still a majority, or nothing is acknowledged.
//! - **Damage** to synced records is found by their checksums at the next start, which does not happen: a
//!   replica that has forgotten a vote or an entry that it has promised is worse than one that is down. For
//!   the cluster it is down for good, and the nemesis never damages a majority.
//! - **A wipe** leaves an empty disk that looks like a new one. Raft does not survive that: the replica may
//!   vote twice in a term, and an entry may be left on less than a majority. It is only done where a scenario
//!   says that it goes beyond the protocol.

use crate::chance::{Key, between};
use crate::distribution::Distribution;
use crate::fifo::Fifo;
use crate::replica::TornRecord;
use crate::words::{HardState, Snapshot};
use whitewater_check::types::{Entry, Index, Nanos, Term};

/// One record as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// The hard state, if it is part of the record.
    pub hard_state: Option<HardState>,
    /// Whether it has the next of the written snapshots.
    pub snapshot: bool,
    /// From which index the log is replaced, and by how many of the written entries.
    pub suffix: Option<(Index, usize)>,
}

/// A sync on its way: how many records it covers, and what to do when it is through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sync {
    records: usize,
    token: Option<u64>,
    step: u32,
}

/// What the end of a sync means for the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Synced {
    /// The token of an asynchronous sync; `None` when the process waits for it.
    pub token: Option<u64>,
    /// How many records became durable.
    pub records: usize,
    /// The step that asked for it.
    pub step: u32,
}

/// A record that a crash has torn: what can be read of it, and must not be believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Torn {
    /// The hard state, if it was part of the record.
    pub hard_state: Option<HardState>,
    /// Where the log was to be replaced from, and the entries as they can be read: some first ones whole, and
    /// of the next one the term. Nothing can be read of a snapshot and what follows it.
    pub suffix: Option<(Index, Vec<Entry>)>,
    /// How many entries the record had.
    pub of: usize,
}

impl Torn {
    /// What a replica is shown of it.
    pub(crate) fn record(&self) -> TornRecord<'_> {
        let suffix = self.suffix.as_ref().map(|(from, entries)| (*from, entries.as_slice()));
        TornRecord { hard_state: self.hard_state, suffix }
    }
}

/// Whether a disk takes what it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Condition {
    /// It does.
    #[default]
    Works,
    /// It is full: writes fail.
    Full,
    /// Writes and syncs fail.
    Failing,
}

/// The disk of one node.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    hard_state: HardState,
    snapshot: Snapshot,
    /// The entries after those that the snapshot stands for.
    log: Vec<Entry>,
    /// Records that are written and not durable, oldest first, and their entries end to end.
    written: Fifo<Record>,
    entries: Fifo<Entry>,
    snapshots: Fifo<Snapshot>,
    syncs: Fifo<Sync>,
    /// Records before those of `written` that are covered by a sync on its way.
    covered: usize,
    /// What a snapshot will stand for, and where the log will end, once everything written is durable.
    written_covered: Index,
    written_last: Index,
    busy_until: Nanos,
    drawn: u64,
    /// Whether it takes what it is given.
    pub condition: Condition,
    /// Whether it stands still, so that no sync comes back.
    pub stalled: bool,
    /// Syncs that would have come back while it stood still.
    pub late: u32,
    /// Whether synced records are damaged.
    pub damaged: bool,
    /// Whether it was ever damaged or emptied.
    pub hurt: bool,
    /// What the last crash has torn, until the next start has seen it.
    torn: Option<Torn>,
}

impl Disk {
    /// An empty disk in the memory of an older one.
    pub(crate) fn reset(&mut self) {
        self.empty();
        self.drawn = 0;
        self.condition = Condition::Works;
        (self.stalled, self.damaged, self.hurt) = (false, false, false);
    }

    /// Empties the disk; it looks like a new one.
    pub(crate) fn wipe(&mut self) {
        self.empty();
        self.hurt = true;
    }

    fn empty(&mut self) {
        (self.hard_state, self.snapshot) = (HardState::default(), Snapshot::default());
        self.log.clear();
        self.forget_unsynced();
        self.torn = None;
    }

    /// A process begins its `life`-th life: its draws have addresses of their own.
    pub(crate) fn begin_life(&mut self, life: u32) {
        self.drawn = u64::from(life) << 32;
    }

    /// What the last crash has torn, for the start that cuts it off.
    pub(crate) fn take_torn(&mut self) -> Option<Torn> {
        self.torn.take()
    }

    /// A disk that holds something from the beginning. Returns what it holds.
    pub(crate) fn stock(&mut self, term: Term, log: &[Term]) -> &[Entry] {
        self.hard_state = HardState { term, vote: None };
        self.log.extend(log.iter().map(|&term| Entry { term, command: None }));
        self.written_last = self.last_index();
        &self.log
    }

    /// The durable hard state.
    pub(crate) fn hard_state(&self) -> HardState {
        self.hard_state
    }

    /// The durable snapshot; the default where there is none.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.snapshot
    }

    /// The durable log after what the snapshot stands for.
    pub(crate) fn log(&self) -> &[Entry] {
        &self.log
    }

    /// The durable log after what the snapshot stands for, lent to a process that starts; nothing becomes durable meanwhile.
    pub(crate) fn take_log(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.log)
    }

    /// Gives back what `take_log` lent.
    pub(crate) fn put_log_back(&mut self, log: Vec<Entry>) {
        self.log = log;
    }

    /// The last index of the durable log.
    pub(crate) fn last_index(&self) -> Index {
        self.snapshot.last_index + self.log.len() as Index
    }

    /// How many records there are that a crash could lose.
    pub(crate) fn unsynced(&self) -> usize {
        self.written.len()
    }

    /// Writes one record.
    ///
    /// # Panics
    ///
    /// When the suffix would leave a gap in the log: a mistake of the system under test.
    pub(crate) fn write(&mut self, hard_state: Option<HardState>, suffix: Option<(Index, &[Entry])>) {
        let suffix = suffix.map(|(from, entries)| {
            self.entries.extend(entries);
            self.put(from, entries.len())
        });
        self.written.push(Record { hard_state, snapshot: false, suffix });
    }

    /// Writes one record with a snapshot.
    ///
    /// # Panics
    ///
    /// As [`Disk::write`] does.
    pub(crate) fn write_snapshot(
        &mut self,
        hard_state: Option<HardState>,
        snapshot: Snapshot,
        suffix: Option<(Index, &[Entry])>,
    ) {
        let last = snapshot.last_index;
        if !(self.written_covered..=self.written_last).contains(&last) {
            self.written_last = last;
        }
        self.written_covered = last;
        self.snapshots.push(snapshot);
        let suffix = suffix.map(|(from, entries)| {
            entries.iter().for_each(|entry| self.entries.push(*entry));
            self.put(from, entries.len())
        });
        self.written.push(Record { hard_state, snapshot: true, suffix });
    }

    /// The log will be replaced from this index on by so many entries.
    #[inline(always)]
    fn put(&mut self, from: Index, count: usize) -> (Index, usize) {
        let (first, next) = (self.written_covered + 1, self.written_last + 1);
        assert!(
            (first..=next).contains(&from),
            "a write at index {from} leaves a gap: the log begins at {first} and ends before {next}"
        );
        self.written_last = from - 1 + count as Index;
        (from, count)
    }

    /// Starts a sync of everything written so far. Returns when it will be through.
    pub(crate) fn sync(
        &mut self,
        now: Nanos,
        token: Option<u64>,
        step: u32,
        latency: &Distribution,
        key: Key,
    ) -> Nanos {
        let records = self.written.len() - self.covered;
        self.covered += records;
        self.syncs.push(Sync { records, token, step });
        self.drawn += 1;
        let latency = latency.sample((key.draw(self.drawn) >> 32) as u32);
        self.busy_until = self.busy_until.max(now).saturating_add(latency);
        self.busy_until
    }

    /// The oldest sync is through: how many records `land` must now make durable, and whom to tell.
    pub(crate) fn synced(&mut self) -> Option<Synced> {
        let Sync { records, token, step } = self.syncs.pop()?;
        self.covered -= records;
        Some(Synced { token, records, step })
    }

    /// The oldest written record becomes durable. Returns it.
    pub(crate) fn land(&mut self) -> Record {
        let record = self.written.pop().unwrap_or_default();
        if let Some(hard_state) = record.hard_state {
            self.hard_state = hard_state;
        }
        if record.snapshot {
            self.begin_after();
        }
        if let Some((from, count)) = record.suffix {
            self.log.truncate((from - self.snapshot.last_index) as usize - 1);
            for _ in 0..count {
                self.log.extend(self.entries.pop());
            }
        }
        record
    }

    /// The log from an index on, which the record that has just become durable has replaced.
    pub(crate) fn replaced_by(&self, record: &Record) -> Option<(Index, &[Entry])> {
        record.suffix.map(|(from, _)| (from, &self.log[(from - self.snapshot.last_index) as usize - 1..]))
    }

    /// The oldest written snapshot stands for the log up to its last index, and the entries after that stay.
    #[inline(never)]
    fn begin_after(&mut self) {
        let snapshot = self.snapshots.pop().unwrap_or_default();
        match snapshot.last_index.checked_sub(self.snapshot.last_index) {
            Some(covered) if covered <= self.log.len() as Index => {
                self.log.drain(..covered as usize);
            }
            _ => self.log.clear(),
        }
        self.snapshot = snapshot;
    }

    /// The power fails: how many of the unsynced records survive, drawn; `land` makes them durable, and
    /// then `forget_unsynced` loses the rest.
    pub(crate) fn survivors(&mut self, key: Key) -> usize {
        self.drawn += 1;
        between(key.draw(self.drawn), 0, self.written.len() as u64) as usize
    }

    /// The power fails, and the survivors have landed: whether the first of the records that are lost is torn,
    /// drawn. Returns what was torn.
    pub(crate) fn tear(&mut self, key: Key) -> Option<&Torn> {
        self.drawn += 1;
        let luck = key.subkey(self.drawn);
        let record = *self.written.first()?;
        self.torn = (luck.draw(0) & 1 == 1).then(|| {
            let count = record.suffix.map_or(0, |(_, count)| count);
            let whole = between(luck.draw(1), 0, (count as u64).saturating_sub(1)) as usize;
            let readable = self.entries.iter().copied().take(count).enumerate().take(whole + 1);
            let half = |(n, entry): (usize, Entry)| match n < whole {
                true => entry,
                false => Entry { command: None, ..entry },
            };
            let readable = || readable.map(half).collect();
            let suffix = record.suffix.filter(|_| !record.snapshot).map(|(from, _)| (from, readable()));
            Torn { hard_state: record.hard_state, suffix, of: count }
        });
        self.torn.as_ref()
    }

    /// Loses whatever is written and not durable, and every sync on its way.
    pub(crate) fn forget_unsynced(&mut self) {
        self.written.clear();
        self.entries.clear();
        self.snapshots.clear();
        self.syncs.clear();
        self.covered = 0;
        (self.busy_until, self.late) = (0, 0);
        (self.written_covered, self.written_last) = (self.snapshot.last_index, self.last_index());
    }
}

#[cfg(test)]
mod tests;
