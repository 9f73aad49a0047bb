//! The trace as something to ask: the records of a step, the event that it began with, and where a message came
//! from or went.
//!
//! The records of one step need not stand together: it may wait for its disk while others go on.

use std::collections::{BTreeMap, VecDeque};
use whitewater_check::observe::Kind;
use whitewater_check::types::NodeId;
use whitewater_sim::trace::{Record, What};

/// A trace and its index.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    records: Vec<Record>,
    /// Step and place of every record, in this order.
    by_step: Vec<(u32, u32)>,
}

/// A message: where it was sent, and where it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The place of the record of its sending.
    pub sent: usize,
    /// The place of the record of its arrival; `None` when it was lost, or arrived where nobody was.
    pub arrived: Option<usize>,
}

impl Tape {
    /// The tape of a whole trace.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        let places = (0..).zip(&records);
        let mut by_step: Vec<(u32, u32)> = places.map(|(place, record)| (record.step, place)).collect();
        by_step.sort_unstable();
        Self { records, by_step }
    }

    /// Every record, in the order in which things happened.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What happened in a step, and to its node until the next one: places and records.
    pub fn of_step(&self, step: u32) -> impl Iterator<Item = (usize, &Record)> {
        let from = self.by_step.partition_point(|(of, _)| *of < step);
        let own = self.by_step[from..].iter().take_while(move |(of, _)| *of == step);
        own.map(|(_, place)| (*place as usize, &self.records[*place as usize]))
    }

    /// The event that a step began with.
    #[must_use]
    pub fn event(&self, step: u32) -> Option<(usize, &Record)> {
        self.of_step(step).find(|(_, record)| begins_step(record.what))
    }

    /// The last step of a node that had begun before a place of the trace; 0 for none.
    #[must_use]
    pub fn last_step(&self, node: NodeId, place: usize) -> u32 {
        let mut before = self.records[..place.min(self.records.len())].iter().rev();
        let own = |record: &&Record| record.node == node && begins_step(record.what);
        before.find(own).map_or(0, |record| record.step)
    }

    /// The place at which the message was sent whose arrival stands at another.
    #[must_use]
    pub fn sender(&self, arrival: usize) -> Option<usize> {
        let record = self.records.get(arrival)?;
        let kind = arrived(record.what)?;
        let same = |(place, sent): &(usize, &Record)| {
            *place < arrival && left(sent.what).is_some_and(|(of, _)| of == kind) && is_of(sent, record)
        };
        self.of_step(record.cause).filter(same).last().map(|(place, _)| place)
    }

    /// Every message of the run, in the order of sending. The second copy of a message is an arrow of its own.
    #[must_use]
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows: Vec<Arrow> = Vec::new();
        let mut flying: BTreeMap<Key, VecDeque<usize>> = BTreeMap::new();
        let mut seen: BTreeMap<Key, usize> = BTreeMap::new();
        for (place, record) in self.records.iter().enumerate() {
            if let Some((kind, flies)) = left(record.what) {
                if flies {
                    flying.entry(key(record, kind, true)).or_default().push_back(arrows.len());
                }
                arrows.push(Arrow { sent: place, arrived: None });
            } else if let Some(kind) = arrived(record.what) {
                let key = key(record, kind, false);
                if let Some(arrow) = flying.get_mut(&key).and_then(VecDeque::pop_front) {
                    arrows[arrow].arrived = Some(place);
                    seen.insert(key, arrows[arrow].sent);
                } else if let Some(sent) = seen.get(&key) {
                    arrows.push(Arrow { sent: *sent, arrived: Some(place) });
                }
            }
        }
        arrows.sort_by_key(|arrow| (arrow.sent, arrow.arrived));
        arrows
    }
}

/// What tells messages apart: the step that sent it, the two ends, what it is for and what it says.
type Key = (u32, NodeId, NodeId, Kind, u32, u32, u32);

fn key(record: &Record, kind: Kind, leaves: bool) -> Key {
    let Record { node, peer, step, cause, term, a, b, .. } = *record;
    match leaves {
        true => (step, node, peer, kind, term, a, b),
        false => (cause, peer, node, kind, term, a, b),
    }
}

/// Whether the message that `sent` tells of is the one that `arrival` does.
fn is_of(sent: &Record, arrival: &Record) -> bool {
    let ends = sent.node == arrival.peer && sent.peer == arrival.node;
    ends && (sent.term, sent.a, sent.b) == (arrival.term, arrival.a, arrival.b)
}

/// The kind of a message that leaves, and whether it will come anywhere.
#[must_use]
pub fn left(what: What) -> Option<(Kind, bool)> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "of many kinds of record, these are about sending")]
    match what {
        What::Sent(kind) | What::Held(kind) => Some((kind, true)),
        What::Lost(kind) | What::Cut(kind) | What::Dropped(kind) => Some((kind, false)),
        _ => None,
    }
}

/// The kind of a message that arrives at a process.
#[must_use]
pub fn arrived(what: What) -> Option<Kind> {
    if let What::Received(kind) = what { Some(kind) } else { None }
}

/// Whether a step begins with this.
#[must_use]
pub fn begins_step(what: What) -> bool {
    matches!(
        what,
        What::Started
            | What::ElectionTimeout
            | What::Interval
            | What::Received(_)
            | What::Requested
            | What::Durable
            | What::Failed
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: u32, cause: u32, node: u8, peer: u8, what: What) -> Record {
        Record { time: 0, step, cause, term: 1, a: 0, b: 1, node: NodeId(node), peer: NodeId(peer), what }
    }

    #[test]
    fn messages_are_followed_both_ways() {
        let vote = Kind::RequestVote;
        let tape = Tape::new(vec![
            record(1, 0, 0, 0, What::ElectionTimeout),
            record(1, 1, 0, 1, What::Sent(vote)),
            record(1, 1, 0, 2, What::Lost(vote)),
            record(2, 0, 1, 1, What::Interval),
            record(3, 1, 1, 0, What::Received(vote)),
            record(1, 0, 0, 0, What::Crashed),
            record(4, 1, 1, 0, What::Received(vote)),
        ]);
        assert_eq!((tape.sender(4), tape.sender(6), tape.sender(3)), (Some(1), Some(1), None));
        let arrows: Vec<_> = tape.arrows().iter().map(|arrow| (arrow.sent, arrow.arrived)).collect();
        assert_eq!(arrows, [(1, Some(4)), (1, Some(6)), (2, None)], "the message came twice");
        assert_eq!(tape.of_step(1).map(|(place, _)| place).collect::<Vec<_>>(), [0, 1, 2, 5]);
        assert_eq!(tape.event(1).map(|(place, _)| place), Some(0));
        assert_eq!((tape.last_step(NodeId(1), 4), tape.last_step(NodeId(1), 5)), (2, 3));
    }
}
