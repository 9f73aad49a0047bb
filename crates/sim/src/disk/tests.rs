//! Unit tests of the disk, and the disk against one that plays all its records again.

use super::*;
use crate::chance::Purpose;
use crate::words::StateName;
use proptest::prelude::*;
use std::collections::BTreeMap;
use whitewater_check::types::{Command, NodeId};

const fn entry(term: u64) -> Entry {
    Entry { term, command: None }
}

fn key() -> Key {
    Key::new(1, Purpose::Disk, 0)
}

fn finish(disk: &mut Disk) -> Synced {
    let synced = disk.synced().unwrap();
    for _ in 0..synced.records {
        disk.land();
    }
    synced
}

#[test]
fn nothing_is_durable_before_its_sync_is_through() {
    let mut disk = Disk::default();
    disk.write(Some(HardState { term: 3, vote: None }), Some((1, &[entry(3)])));
    let done = disk.sync(10, None, 7, &Distribution::constant(5), key());
    assert_eq!((done, disk.log.as_slice(), disk.hard_state().term), (15, &[][..], 0));
    assert_eq!(finish(&mut disk), Synced { token: None, records: 1, step: 7 });
    assert_eq!((disk.log.as_slice(), disk.hard_state().term), (&[entry(3)][..], 3));
}

#[test]
fn a_sync_covers_what_was_written_before_it_and_no_more() {
    let mut disk = Disk::default();
    disk.write(None, Some((1, &[entry(1)])));
    disk.sync(0, Some(1), 1, &Distribution::constant(5), key());
    disk.write(None, Some((2, &[entry(2)])));
    let second = disk.sync(1, Some(2), 2, &Distribution::constant(5), key());
    assert_eq!(second, 10, "syncs of one disk run one after the other");
    finish(&mut disk);
    assert_eq!(disk.log.as_slice(), [entry(1)]);
    assert_eq!(finish(&mut disk).token, Some(2));
    assert_eq!(disk.log.as_slice(), [entry(1), entry(2)]);
}

#[test]
fn the_replacement_of_a_suffix_is_one_record() {
    let mut disk = Disk::default();
    disk.write(None, Some((1, &[entry(1), entry(1), entry(1)])));
    disk.write(None, Some((2, &[entry(2)])));
    disk.land();
    assert_eq!(disk.log.len(), 3);
    disk.land();
    assert_eq!(disk.log.as_slice(), [entry(1), entry(2)]);
}

#[test]
fn syncs_that_a_crash_has_ended_keep_nobody_waiting() {
    let mut disk = Disk::default();
    disk.write(None, Some((1, &[entry(1)])));
    for _ in 0..100 {
        disk.sync(0, None, 1, &Distribution::constant(5), key());
    }
    disk.forget_unsynced();
    assert_eq!(disk.sync(10, None, 2, &Distribution::constant(5), key()), 15);
}

#[test]
#[should_panic(expected = "a write at index 3 leaves a gap: the log begins at 1 and ends before 2")]
fn a_gap_is_refused() {
    let mut disk = Disk::default();
    disk.write(None, Some((1, &[entry(1)])));
    disk.write(None, Some((3, &[entry(1)])));
}

#[test]
fn a_torn_record_is_the_first_that_is_lost_and_ends_in_half_an_entry() {
    let whole = |client| Entry { term: 4, command: Some(Command::new(client, 1)) };
    let (mut torn, mut lengths) = (0, std::collections::BTreeSet::new());
    for node in 0..200 {
        let mut disk = Disk::default();
        disk.write(None, Some((1, &[entry(1)])));
        disk.land();
        disk.write(None, Some((1, &[whole(1), whole(2), whole(3)])));
        disk.write(None, Some((4, &[whole(4)])));
        let Some(Torn { suffix: Some((1, entries)), of: 3, .. }) =
            disk.tear(Key::new(node, Purpose::Disk, 0)).cloned()
        else {
            continue;
        };
        torn += 1;
        let (last, before) = entries.split_last().unwrap();
        assert_eq!(*last, entry(4));
        assert!(before.iter().zip(1..).all(|(entry, client)| *entry == whole(client)));
        lengths.insert(entries.len());
        disk.forget_unsynced();
        assert_eq!(disk.log.as_slice(), [entry(1)], "it counts as lost");
        assert!(disk.take_torn().is_some() && disk.take_torn().is_none());
    }
    assert!((70..130).contains(&torn), "{torn}");
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn nothing_is_torn_when_nothing_is_lost() {
    for node in 0..50 {
        assert_eq!(Disk::default().tear(Key::new(node, Purpose::Disk, 0)), None);
    }
}

#[test]
fn a_wiped_disk_is_like_a_new_one() {
    let mut disk = Disk::default();
    disk.write(Some(HardState { term: 3, vote: None }), Some((1, &[entry(3)])));
    disk.land();
    disk.write(None, Some((2, &[entry(3)])));
    disk.wipe();
    assert_eq!((disk.last_index(), disk.hard_state(), disk.unsynced()), (0, HardState::default(), 0));
    disk.write(None, Some((1, &[entry(5)])));
}

#[test]
fn a_crash_leaves_any_prefix_of_the_unsynced_records() {
    let mut seen = [false; 4];
    for node in 0..100 {
        let mut disk = Disk::default();
        for term in 1..=3 {
            disk.write(None, Some((term, &[entry(term)])));
        }
        let survivors = disk.survivors(Key::new(node, Purpose::Disk, 0));
        for _ in 0..survivors {
            disk.land();
        }
        disk.forget_unsynced();
        assert_eq!((disk.log.len(), disk.unsynced()), (survivors, 0));
        seen[survivors] = true;
    }
    assert_eq!(seen, [true; 4]);
}

fn snapshot(last_index: Index) -> Snapshot {
    Snapshot { last_index, last_term: 9, state: StateName(last_index) }
}

#[test]
fn a_snapshot_takes_the_place_of_the_entries_that_it_stands_for_when_it_is_durable() {
    let mut disk = Disk::default();
    disk.write(None, Some((1, &[entry(1), entry(2), entry(3)])));
    disk.land();
    disk.write_snapshot(Some(HardState { term: 3, vote: None }), snapshot(2), None);
    assert_eq!(
        (disk.snapshot(), disk.log(), disk.unsynced()),
        (Snapshot::default(), &[entry(1), entry(2), entry(3)][..], 1)
    );
    disk.land();
    assert_eq!((disk.snapshot(), disk.log(), disk.last_index()), (snapshot(2), &[entry(3)][..], 3));
    assert_eq!(disk.hard_state().term, 3);
}

#[test]
#[should_panic(expected = "a write at index 2 leaves a gap: the log begins at 3 and ends before 4")]
fn what_a_snapshot_stands_for_is_not_written_again() {
    let mut disk = Disk::default();
    disk.write(None, Some((1, &[entry(1), entry(2), entry(3)])));
    disk.write_snapshot(None, snapshot(2), None);
    disk.write(None, Some((2, &[entry(2)])));
}

#[test]
fn nothing_can_be_read_of_a_torn_snapshot_and_what_follows_it_but_the_hard_state() {
    let mut torn = 0;
    for node in 0..50 {
        let mut disk = Disk::default();
        let hard_state = Some(HardState { term: 4, vote: Some(NodeId(1)) });
        disk.write_snapshot(hard_state, snapshot(2), Some((3, &[entry(3), entry(3)])));
        let read = disk.tear(Key::new(node, Purpose::Disk, 0));
        torn += u32::from(read.is_some());
        assert!(read.is_none_or(|read| *read == Torn { hard_state, suffix: None, of: 2 }));
        disk.forget_unsynced();
        assert_eq!((disk.snapshot(), disk.last_index()), (Snapshot::default(), 0), "it counts as lost");
    }
    assert!((10..40).contains(&torn), "{torn}");
}

/// A record as a slow disk has it: its hard state, its snapshot, and from where on the log is what.
type Plain = (Option<HardState>, Option<Snapshot>, Option<(Index, Vec<Entry>)>);

/// A disk that plays the same records again whenever it is asked.
#[derive(Clone, Debug, Default)]
struct Slow {
    durable: Vec<Plain>,
    written: Vec<Plain>,
    /// How many records each sync on its way covers, since the one before.
    syncs: Vec<usize>,
}

/// What a disk holds: an entry for each index.
#[derive(Clone, Debug, Default, PartialEq)]
struct Holds {
    hard_state: HardState,
    snapshot: Snapshot,
    log: BTreeMap<Index, Entry>,
}

impl Holds {
    fn last_index(&self) -> Index {
        self.log.last_key_value().map_or(self.snapshot.last_index, |(&last, _)| last)
    }

    fn take(&mut self, (hard_state, snapshot, suffix): &Plain) {
        self.hard_state = hard_state.unwrap_or(self.hard_state);
        if let Some(snapshot) = *snapshot {
            let reaches = (self.snapshot.last_index..=self.last_index()).contains(&snapshot.last_index);
            self.log.retain(|&index, _| reaches && index > snapshot.last_index);
            self.snapshot = snapshot;
        }
        if let Some((from, entries)) = suffix {
            self.log.retain(|index, _| index < from);
            self.log.extend((*from..).zip(entries.iter().copied()));
        }
    }
}

fn played<'a>(records: impl IntoIterator<Item = &'a Plain>) -> Holds {
    let mut holds = Holds::default();
    records.into_iter().for_each(|record| holds.take(record));
    holds
}

/// Something that is done to a disk; numbers are counted from the lowest that makes sense.
#[derive(Clone, Debug)]
enum Deed {
    Write(Option<HardState>, Option<Index>, Option<(Index, Vec<Entry>)>),
    Sync,
    Synced,
    Crash,
    Wipe,
}

fn deed() -> impl Strategy<Value = Deed> {
    let hard_state = (1..5_u64).prop_map(|term| HardState { term, vote: None });
    let entries = prop::collection::vec((1..5_u64).prop_map(entry), 0..5);
    let write = (
        prop::option::of(hard_state),
        prop::option::weighted(0.3, 0..12_u64),
        prop::option::of((0..6_u64, entries)),
    );
    prop_oneof![
        8 => write.prop_map(|(hard_state, last, suffix)| Deed::Write(hard_state, last, suffix)),
        2 => Just(Deed::Sync),
        2 => Just(Deed::Synced),
        1 => Just(Deed::Crash),
        1 => Just(Deed::Wipe),
    ]
}

/// A disk and a slow one.
#[derive(Default)]
struct Bench {
    disk: Disk,
    slow: Slow,
    snapshots: u64,
}

impl Bench {
    fn does(&mut self, deed: Deed) {
        match deed {
            Deed::Write(hard_state, last, suffix) => self.write(hard_state, last, suffix),
            Deed::Sync => {
                self.disk.sync(0, None, 0, &Distribution::constant(1), key());
                self.slow.syncs.push(self.slow.written.len() - self.slow.syncs.iter().sum::<usize>());
            }
            Deed::Synced if self.slow.syncs.is_empty() => assert_eq!(self.disk.synced(), None),
            Deed::Synced => {
                let records = self.slow.syncs.remove(0);
                assert_eq!(self.disk.synced().map(|synced| synced.records), Some(records));
                (0..records).for_each(|_| self.land());
            }
            Deed::Crash => self.crash(),
            Deed::Wipe => {
                self.disk.wipe();
                self.slow = Slow::default();
            }
        }
    }

    /// Writes from an index on that leaves no gap.
    fn write(
        &mut self,
        hard_state: Option<HardState>,
        last: Option<Index>,
        suffix: Option<(Index, Vec<Entry>)>,
    ) {
        self.snapshots += 1;
        let named =
            |last_index| Snapshot { last_index, last_term: self.snapshots, state: StateName(self.snapshots) };
        let mut record = (hard_state, last.map(named), None);
        let mut will = played(self.slow.durable.iter().chain(&self.slow.written));
        will.take(&record);
        let (first, next) = (will.snapshot.last_index + 1, will.last_index() + 1);
        record.2 = suffix.map(|(from, entries)| ((first + from).min(next), entries));
        let suffix = record.2.as_ref().map(|(from, entries)| (*from, &entries[..]));
        match record.1 {
            Some(snapshot) => self.disk.write_snapshot(hard_state, snapshot, suffix),
            None => self.disk.write(hard_state, suffix),
        }
        self.slow.written.push(record);
    }

    /// What is told of a record that lands is what makes the disk as it was the disk as it is.
    fn land(&mut self) {
        let record = self.slow.written.remove(0);
        let mut holds = played(&self.slow.durable);
        self.slow.durable.push(record);
        let told = self.disk.land();
        let snapshot = Some(self.disk.snapshot()).filter(|_| told.snapshot);
        let suffix = self.disk.replaced_by(&told).map(|(from, entries)| (from, entries.to_vec()));
        holds.take(&(told.hard_state, snapshot, suffix));
        assert_eq!(holds, played(&self.slow.durable));
    }

    fn crash(&mut self) {
        let survivors = self.disk.survivors(key());
        assert!(survivors <= self.slow.written.len());
        (0..survivors).for_each(|_| self.land());
        let lost = self.slow.written.first();
        if let Some(torn) = self.disk.tear(key()) {
            let (hard_state, snapshot, suffix) = lost.expect("something is lost");
            assert_eq!(
                (torn.hard_state, torn.of),
                (*hard_state, suffix.as_ref().map_or(0, |(_, all)| all.len()))
            );
            let shown = suffix.as_ref().filter(|_| snapshot.is_none());
            assert_eq!(torn.suffix.as_ref().map(|(from, _)| from), shown.map(|(from, _)| from));
        }
        self.disk.forget_unsynced();
        self.slow.written.clear();
        self.slow.syncs.clear();
    }

    fn compare(&self) {
        let Self { disk, slow, .. } = self;
        let holds = played(&slow.durable);
        assert_eq!((disk.hard_state(), disk.snapshot()), (holds.hard_state, holds.snapshot));
        assert_eq!(disk.log(), holds.log.values().copied().collect::<Vec<_>>());
        assert_eq!((disk.last_index(), disk.unsynced()), (holds.last_index(), slow.written.len()));
        let will = played(slow.durable.iter().chain(&slow.written));
        assert_eq!((disk.written_covered, disk.written_last), (will.snapshot.last_index, will.last_index()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Against a disk that plays all its records again.
    #[test]
    fn a_disk_is_what_its_records_make_of_it(deeds in prop::collection::vec(deed(), 1..60)) {
        let mut bench = Bench::default();
        for deed in deeds {
            bench.does(deed);
            bench.compare();
        }
    }

    /// A suffix is taken from the first index after the snapshot to the first after the log, and nowhere else.
    #[test]
    fn a_suffix_that_leaves_a_gap_is_refused(
        (length, last) in (0..6_u64, 0..9_u64),
        from in 0..12_u64,
    ) {
        let mut disk = Disk::default();
        disk.write(None, Some((1, &vec![entry(1); length as usize])));
        let end = if last <= length { length } else { last };
        let write = std::panic::AssertUnwindSafe(|| disk.write_snapshot(None, snapshot(last), Some((from, &[]))));
        let taken = std::panic::catch_unwind(write).is_ok();
        prop_assert_eq!(taken, (last + 1..=end + 1).contains(&from));
    }
}
