//! The reel of one node: what it was at every moment, kept as what changed.
//!
//! A log is kept as the suffixes that were put in its place. The latest of them that begins at or below an index
//! decides what stands there. It does not know what a log is for.

use crate::film::Moment;
use whitewater_check::observe::Role;
use whitewater_check::types::{Entry, Index, NodeId, Term};

/// All that happened to a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reel {
    /// What it was, each frame with the moment from which it was that; in order.
    pub frames: Vec<(Moment, Frame)>,
    /// Its log in memory; empty while it is down.
    pub memory: Log,
    /// Its log on the disk, what is durable of it.
    pub disk: Log,
}

/// What a node was at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Whether its process lived.
    pub up: bool,
    /// How often it had started.
    pub life: u32,
    /// The part that it played.
    pub role: Role,
    /// Its current term.
    pub term: Term,
    /// Its commit index.
    pub commit_index: Index,
    /// Up to where it had applied.
    pub last_applied: Index,
    /// The index of its last entry in memory.
    pub last_index: Index,
    /// Up to which index a snapshot stood for its log: for that in memory, or on the disk while it was down.
    pub covered: Index,
    /// The term that its disk held.
    pub stored_term: Term,
    /// The vote that its disk held.
    pub stored_vote: Option<NodeId>,
}

/// A log over time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    /// The changes, in order.
    pub changes: Vec<Change>,
}

/// A suffix of a log that was put in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The moment at which it was there.
    pub moment: Moment,
    /// The first index at which the log was another than before.
    pub from: Index,
    /// What has stood from there on.
    pub entries: Vec<Entry>,
}

impl Reel {
    /// The node at a moment.
    #[must_use]
    pub fn frame(&self, moment: Moment) -> Frame {
        let until = self.frames.partition_point(|(from, _)| *from <= moment);
        until.checked_sub(1).map_or_else(Frame::default, |row| self.frames[row].1)
    }

    /// The first moment at or after `since` at which the node was as asked for.
    pub fn first(&self, since: Moment, is: impl Fn(&Frame) -> bool) -> Option<Moment> {
        let row = self.frames.partition_point(|(from, _)| *from <= since).saturating_sub(1);
        let found = self.frames.get(row..)?.iter().find(|(_, frame)| is(frame));
        found.map(|(from, _)| (*from).max(since))
    }

    /// Since when the node had been without a break what it was at a moment, in so far as is asked for.
    pub fn since(&self, moment: Moment, is: impl Fn(&Frame) -> bool) -> Option<Moment> {
        let until = self.frames.partition_point(|(from, _)| *from <= moment);
        let held = self.frames[..until].iter().rev().take_while(|(_, frame)| is(frame));
        held.last().map(|(from, _)| *from)
    }
}

impl Log {
    /// What stood at an index at a moment.
    #[must_use]
    pub fn entry(&self, index: Index, moment: Moment) -> Option<Entry> {
        let change = self.writer(index, moment)?;
        change.entries.get(usize::try_from(index - change.from).ok()?).copied()
    }

    /// All of it at a moment, from index 1.
    #[must_use]
    pub fn whole(&self, moment: Moment) -> Vec<Entry> {
        let until = self.changes.partition_point(|change| change.moment <= moment);
        let mut whole = Vec::new();
        for change in &self.changes[..until] {
            whole.truncate(change.from as usize - 1);
            whole.extend_from_slice(&change.entries);
        }
        whole
    }

    /// The last change at or before a moment that put something at an index, or took it away.
    #[must_use]
    pub fn writer(&self, index: Index, moment: Moment) -> Option<&Change> {
        let until = self.changes.partition_point(|change| change.moment <= moment);
        self.changes[..until].iter().rev().find(|change| change.from <= index)
    }

    /// The first moment after another one at which something else stood at an index than `entry`.
    #[must_use]
    pub fn lost(&self, index: Index, entry: Entry, after: Moment) -> Option<Moment> {
        let since = self.changes.partition_point(|change| change.moment <= after);
        let other = |change: &&Change| {
            change.from <= index && change.entries.get((index - change.from) as usize) != Some(&entry)
        };
        self.changes[since..].iter().find(other).map(|change| change.moment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(term: Term) -> Entry {
        Entry { term, command: None }
    }

    fn log() -> Log {
        let change = |moment, from, terms: &[Term]| Change {
            moment,
            from,
            entries: terms.iter().map(|term| entry(*term)).collect(),
        };
        Log { changes: vec![change(1, 1, &[1, 1]), change(4, 3, &[2]), change(6, 2, &[3])] }
    }

    #[test]
    fn a_log_is_what_was_last_put_there() {
        let log = log();
        let terms =
            |moment| [1, 2, 3].map(|index| log.entry(index, moment).map_or(0, |entry: Entry| entry.term));
        assert_eq!(terms(0), [0, 0, 0]);
        assert_eq!(terms(3), [1, 1, 0]);
        assert_eq!(terms(4), [1, 1, 2]);
        assert_eq!(terms(9), [1, 3, 0], "the third entry went with the second");
        assert_eq!(log.whole(5).iter().map(|entry| entry.term).collect::<Vec<_>>(), [1, 1, 2]);
        assert_eq!(log.whole(6).iter().map(|entry| entry.term).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(log.writer(3, 5).map(|change| change.moment), Some(4));
    }

    #[test]
    fn an_entry_is_lost_when_another_one_or_none_stands_there() {
        let log = log();
        assert_eq!(log.lost(2, entry(1), 1), Some(6));
        assert_eq!(log.lost(3, entry(2), 4), Some(6));
        assert_eq!(log.lost(1, entry(1), 1), None);
    }

    #[test]
    fn frames_last_until_the_next() {
        let frame = |term| Frame { up: true, term, ..Frame::default() };
        let reel = Reel { frames: vec![(2, frame(1)), (5, frame(2)), (7, frame(2))], ..Reel::default() };
        assert_eq!([0, 2, 4, 5, 9].map(|moment| reel.frame(moment).term), [0, 1, 1, 2, 2]);
        assert_eq!(reel.first(0, |frame| frame.term == 2), Some(5));
        assert_eq!(reel.first(6, |frame| frame.term == 2), Some(6));
        assert_eq!(reel.first(0, |frame| frame.term == 3), None);
        assert_eq!(reel.since(8, |frame| frame.term == 2), Some(5));
        assert_eq!(reel.since(8, |frame| frame.term == 1), None);
    }
}
