//! The trace: what happened, in records of 32 bytes.
//!
//! A record is written for every event and effect, whoever watches; text is made only when somebody looks.
//! By default the last few thousand records are kept in a ring, on request all of them.

use crate::plan::Direction;
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{At, Index, NodeId, Term};

/// How many records the ring keeps.
const RING: usize = 1 << 12;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The process started from what its disk held: a log up to index `a`, for the first `b` entries of which a snapshot
    /// stood.
    Started,
    /// The election timer ran out.
    ElectionTimeout,
    /// The interval timer ran out.
    Interval,
    /// A message of `kind` arrived from `peer`.
    Received(Kind),
    /// A client asked for request `b` of client `a`.
    Requested,
    /// An asynchronous sync came back.
    Durable,
    /// A message of `kind` left for `peer` and will arrive.
    Sent(Kind),
    /// A message to `peer` was lost by chance.
    Lost(Kind),
    /// A message to `peer` was lost to a cut link.
    Cut(Kind),
    /// A message from `peer` was on its way when its link was cut.
    Severed(Kind),
    /// A message to `peer` was dropped by an act.
    Dropped(Kind),
    /// A message to `peer` is held back by an act.
    Held(Kind),
    /// A message from `peer` arrived at a process that is down, and is gone.
    Missed(Kind),
    /// `b` entries from index `a` on went to the disk, not durable yet.
    Wrote,
    /// A snapshot of the log up to index `a`, whose entry was of this term, with a state that has applied up to `b`, went to
    /// the disk, not durable yet.
    WroteSnapshot,
    /// The state machine was put into the state of a snapshot of the log up to index `a`, which has applied up to `b`.
    Restored,
    /// A blocking sync was started.
    Syncing,
    /// `a` records became durable.
    Synced,
    /// Index `a` was applied.
    Applied,
    /// The client of request `b` of client `a` was told that it is done.
    Replied,
    /// Request `b` of client `a` was refused.
    Refused,
    /// The role became this one.
    Became(Role),
    /// The commit index went from `a` to `b`.
    Committed,
    /// The log was cut after index `a`; it had `b` entries.
    Truncated,
    /// The process crashed.
    Crashed,
    /// The process stands still.
    Paused,
    /// The process goes on.
    Resumed,
    /// Links were cut in this shape; `a` and `b` are the nodes that it names, as the low and high bits.
    Partitioned(Shape),
    /// Links were mended.
    Healed,
    /// What was held back went on its way: `a` messages.
    Released,
    /// Act `a` of the timeline, counted from 1, was done.
    Act,
    /// The settle phase began.
    Settling,
    /// The crash tore a record: `a` of its `b` entries can be read, the last of them in part.
    Torn,
    /// A write or a sync came back as an error.
    Failed,
    /// The process gave up by itself.
    Halted,
    /// The process did not start: its disk holds damaged records.
    DidNotStart,
    /// The disk of the node came into this state.
    Disk(DiskState),
    /// What the node sends and receives is held, in this direction.
    Clogged(Direction),
    /// It is held no longer.
    Unclogged,
    /// The clock goes at `a` parts per million of virtual time from here on.
    ClockRate,
    /// Client `a` asked for its request `b` for the first time; the message goes to the node.
    Asked,
    /// Client `a` asked the node for its request `b` again.
    AskedAgain,
    /// Client `a` asked the node for its request `b`, and that was lost on its way.
    RequestLost,
    /// The node answered request `b` of client `a`, and that was lost on its way.
    AnswerLost,
    /// Client `a` got the answer to its request `b` from the node.
    Answered,
}

/// How a disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskState {
    /// It works.
    Works,
    /// It stands still.
    Stalled,
    /// Writes and syncs fail.
    Failing,
    /// Writes fail for lack of room.
    Full,
    /// Synced records are damaged.
    Damaged,
    /// It was emptied.
    Wiped,
}

/// The shape of a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The nodes are cut off, each for itself.
    Isolated,
    /// The nodes hear nobody.
    Deaf,
    /// The nodes are heard by nobody.
    Mute,
    /// The nodes are those that groups name; only members of one group reach each other.
    Groups,
    /// Two halves see each other only through this node.
    Bridge,
    /// Every node sees its neighbours only.
    Ring,
}

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Virtual time in nanoseconds.
    pub time: u64,
    /// The step in which it happened, or after which.
    pub step: u32,
    /// The step that caused it: the one that sent the message or set the timer; 0 for none.
    pub cause: u32,
    /// The term of the message or of the node.
    pub term: u32,
    /// A first detail, as [`What`] says.
    pub a: u32,
    /// A second detail.
    pub b: u32,
    /// The node to which it happened.
    pub node: NodeId,
    /// The other end of a message.
    pub peer: NodeId,
    /// What happened.
    pub what: What,
}

impl Record {
    /// What stands where nothing was noted yet.
    const BLANK: Self = Self {
        time: 0,
        step: 0,
        cause: 0,
        term: 0,
        a: 0,
        b: 0,
        node: NodeId(0),
        peer: NodeId(0),
        what: What::Started,
    };
}

/// How much of a run is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// The last records, in a ring.
    #[default]
    Last,
    /// Everything.
    All,
}

/// The trace of one run.
#[derive(Debug)]
pub(crate) struct Trace {
    keep: Keep,
    /// Everything, where that is kept.
    all: Vec<Record>,
    /// The last records otherwise, each at its number modulo the size.
    ring: Box<[Record; RING]>,
    /// How many records there ever were.
    noted: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Self { keep: Keep::default(), all: Vec::new(), ring: Box::new([Record::BLANK; RING]), noted: 0 }
    }
}

impl Trace {
    /// An empty trace in the memory of an older one.
    pub(crate) fn reset(&mut self, keep: Keep) {
        self.keep = keep;
        self.all.clear();
        self.noted = 0;
    }

    /// Notes one thing that happened at `at`.
    #[inline(always)]
    pub(crate) fn note(&mut self, at: At, what: What, detail: Detail) {
        if self.keep == Keep::Nothing {
            return;
        }
        let Detail { cause, peer, term, a, b } = detail;
        let record = Record {
            time: at.time,
            step: at.step,
            cause,
            term: narrow(term),
            a: narrow(a),
            b: narrow(b),
            node: at.node,
            peer,
            what,
        };
        match self.keep {
            Keep::All => self.all.push(record),
            Keep::Last | Keep::Nothing => self.ring[self.noted % RING] = record,
        }
        self.noted += 1;
    }

    /// How many records there ever were.
    pub(crate) fn noted(&self) -> usize {
        self.noted
    }

    /// The records that are kept, oldest first.
    pub(crate) fn records(&self) -> Vec<Record> {
        if self.keep == Keep::All {
            return self.all.clone();
        }
        if self.noted <= RING {
            return self.ring[..self.noted].to_vec();
        }
        let (newer, older) = self.ring.split_at(self.noted % RING);
        [older, newer].concat()
    }
}

/// The details of a record that most kinds leave empty.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Detail {
    pub cause: u32,
    pub peer: NodeId,
    pub term: Term,
    pub a: Index,
    pub b: Index,
}

fn narrow(value: u64) -> u32 {
    value.min(u64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(trace: &mut Trace, step: u32) {
        trace.note(At { time: 0, step, node: NodeId(0) }, What::Applied, Detail::default());
    }

    #[test]
    fn a_record_is_32_bytes() {
        assert_eq!(size_of::<Record>(), 32);
    }

    #[test]
    fn the_ring_keeps_the_last_records_in_order() {
        let mut trace = Trace::default();
        trace.reset(Keep::Last);
        (1..=RING as u32 + 10).for_each(|step| note(&mut trace, step));
        let steps: Vec<u32> = trace.records().iter().map(|record| record.step).collect();
        assert_eq!(steps, (11..=RING as u32 + 10).collect::<Vec<_>>());
    }

    #[test]
    fn a_full_trace_keeps_everything_and_an_empty_one_nothing() {
        let mut trace = Trace::default();
        for (keep, kept) in [(Keep::All, RING + 1), (Keep::Nothing, 0)] {
            trace.reset(keep);
            (0..=RING as u32).for_each(|step| note(&mut trace, step));
            assert_eq!(trace.records().len(), kept);
        }
    }
}
